/* Stories: a plot played to its end, and a question about what happened. */
import { plots } from '../world/plots.mjs';
import { Story } from '../world/story.mjs';
import { tellQuestion, tellStory } from '../render/languages.mjs';

const names = Object.keys(plots);

/** Plays a plot from beginning to end. */
export function play(rng, options) {
  const story = new Story(rng, options);
  const plot = rng.pick(names);
  plots[plot](story);
  story.close();
  return { story, plot, keys: [`${plot}/${story.key()}`] };
}

export default {
  name: 'stories',
  scene: (rng) => play(rng),
  tell({ story }, lang, rng, { single }) {
    const asked = !single && rng.chance(60) ? rng.sample(story.questions, rng.between(1, 2)) : [];
    return {
      text: tellStory(story, lang, rng),
      questions: asked.map((question) => tellQuestion(question, lang, rng)),
    };
  },
};
