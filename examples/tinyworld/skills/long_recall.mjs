/* Long recall: where a thing was put, with a story between the telling and the question. */
import { languages, tellStory } from '../render/languages.mjs';
import { askWhere, factKey, putAway, tellPut } from './recall.mjs';
import { play } from './stories.mjs';

export default {
  name: 'long_recall',
  scene(rng) {
    const events = putAway(rng, rng.between(2, 3));
    const reserved = events.map((event) => event.o.kind.id);
    const { story, keys } = play(rng, { reserved });
    return { events, story, keys: [`${events.map(factKey).sort().join(',')}/${keys[0]}`] };
  },
  /** `before` and `between` let a reader measure how far the question is from the fact. */
  tell({ events, story }, lang, rng, { single }) {
    const teller = new languages[lang].Teller(rng);
    const before = events.map((event) => tellPut(teller, event, rng)).join(' ');
    const between = tellStory(story, lang, rng);
    const asked = rng.sample(events, single ? 1 : events.length);
    return {
      before,
      between,
      text: `${before}\n${between}`,
      questions: asked.map((event) => askWhere(event.o, event.p, lang, rng)),
    };
  },
};
