// Documents for training and items for the tests, and the line between the two.
import { languages } from './render/languages.mjs';
import { hash32 } from './world/random.mjs';

/** Separates documents; a single token. */
export const endToken = '<|end|>';

/** One scene in this many belongs to the tests and is never trained on. */
const testShare = 16;

/** Whether a scene belongs to the tests. The key names what is so, not how it is told. */
export const isTestKey = (skill, key) => hash32(`split/${skill}/${key}`) % testShare === 0;

/** The name under which a skill's scenes are split: two that ask about the same scenes share one. */
export const splitOf = (skill) => skill.split ?? skill.name;

/** A scene of the skill whose every key lies on the wanted side of the line. */
export function drawScene(skill, lang, rng, forTest) {
  for (;;) {
    const scene = skill.scene(rng, lang);
    if (scene.keys.every((key) => isTestKey(splitOf(skill), key) === forTest)) return scene;
  }
}

/** "…\n\nQ: …\nA:": what stands before an answer. The answer follows after a space. */
export function promptFor(text, ask, lang) {
  const { question, answer } = languages[lang];
  return `${text ? `${text}\n\n` : ''}${question} ${ask}\n${answer}`;
}

/** A whole document: the text, then each question with its answer on lines of their own. */
export function writeDocument({ text, questions }, lang) {
  const { question, answer } = languages[lang];
  const asked = questions.map((q) => `${question} ${q.ask}\n${answer} ${q.answer}\n`).join('');
  if (!asked) return `${text}\n`;
  return text ? `${text}\n\n${asked}` : asked;
}
