// The held-out test sets: 200 items for each skill and language (all 288 facts for the facts).
import { drawScene, promptFor } from './documents.mjs';
import { skills } from './mixture.mjs';
import { Random } from './world/random.mjs';

const itemsPerSet = 200;

/** Tokens between a fact and its question in long recall: at least, and at most to keep files small. */
const gap = { least: 150, most: { en: 175, ko: 270 } };

/** The most items of a set with one answer, where a skill has few answers. */
const mostAlike = {
  sentiment: 100,
  counting: 25,
  addition: 12,
  recall: 11,
  long_recall: 11,
  chain2: 11,
  chain3: 11,
};

/** A story as an item: its first two sentences, and how it goes on for about `length` characters. */
function storyItem({ text }, length) {
  const part = text.slice(0, text.search(new RegExp(`(?<=^[^]{${length},}[.!?]"?)\\s|$`)));
  const opening = /^(?:[^.!?\n]*[.!?]+"? ){2}/.exec(part);
  return opening && { prompt: opening[0].trimEnd(), answer: part.slice(opening[0].length) };
}

function questionItem({ text, questions }, lang) {
  const [{ ask, answer, choices }] = questions;
  return { prompt: promptFor(text, ask, lang), answer, ...(choices && { choices }) };
}

/** The items of a skill in a language. `encoder` measures how far back a fact is. */
export function testSet(skill, lang, encoder) {
  const label = (id, item) => ({
    id: `${skill.name}-${lang}-${id}`,
    skill: skill.name,
    lang,
    ...item,
  });
  if (skill.test) {
    return skill.test(lang).map(({ id, ...question }) => {
      return label(id, questionItem({ text: '', questions: [question] }, lang));
    });
  }
  const rng = new Random(`tests/${skill.name}/${lang}`);
  const most = mostAlike[skill.name] ?? itemsPerSet;
  const used = new Set();
  const answers = new Map();
  const items = [];
  while (items.length < itemsPerSet) {
    const scene = drawScene(skill, lang, rng, true);
    const told = skill.tell(scene, lang, rng, { single: true });
    const between = told.between && encoder.count(told.between);
    if (between < gap.least || between > gap.most[lang]) continue;
    const item = told.questions.length
      ? questionItem(told, lang)
      : storyItem(told, lang === 'en' ? 300 : 140);
    const key = scene.keys.join('|');
    const seen = answers.get(item?.answer) ?? 0;
    if (!item || used.has(key) || seen >= most) continue;
    used.add(key);
    answers.set(item.answer, seen + 1);
    items.push(label(String(items.length + 1).padStart(3, '0'), item));
  }
  return items;
}

/** Every test set, as [file name, items]. */
export function allTestSets(encoder) {
  return skills.flatMap((skill) =>
    ['en', 'ko'].map((lang) => [`${skill.name}.${lang}.jsonl`, testSet(skill, lang, encoder)]),
  );
}
