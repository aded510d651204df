/* The languages that the world is told in, and what every skill needs of them. */
import { English } from './en/grammar.mjs';
import * as english from './en/story.mjs';
import { Korean } from './ko/grammar.mjs';
import * as korean from './ko/story.mjs';

/** Each language: who tells sentences in it, how a story is told, how a question is marked, how the steps to an
 * answer are asked for, and [no, yes]. */
export const languages = {
  en: {
    Teller: English,
    story: english,
    question: 'Q:',
    answer: 'A:',
    stepwise: 'Step by step.',
    noYes: ['no', 'yes'],
  },
  ko: {
    Teller: Korean,
    story: korean,
    question: '질문:',
    answer: '답:',
    stepwise: '차근차근.',
    noYes: ['아니요', '네'],
  },
};

/** An entry as the answer to a question: "in the barn", "the red ball"; 헛간, 빨간 공. */
export function asAnswer(entry, lang) {
  if (lang === 'ko')
    return entry.type === 'thing' ? `${entry.colour.ko} ${entry.kind.ko}` : entry.ko;
  if (entry.type === 'thing') return `the ${entry.colour.en} ${entry.kind.en}`;
  return entry.type === 'place' ? `${entry.prep} the ${entry.en}` : entry.en;
}

/** A story's events, told in a language; paragraphs are lines. */
export function tellStory(story, lang, rng) {
  const { Teller, story: book } = languages[lang];
  const teller = new Teller(rng);
  const paragraphs = [[]];
  for (const { kind, roles } of story.events) {
    if (kind === 'pause') {
      paragraphs.push([]);
      continue;
    }
    const said = {};
    for (const [role, lines] of Object.entries(book.sayings)) said[role] = rng.pick(lines);
    paragraphs.at(-1).push(teller.say(rng.pick(book.sentences[kind]), { ...roles, ...said }));
  }
  return paragraphs.map((sentences) => sentences.join(' ')).join('\n');
}

/** A question about a story with its answer, in a language. */
export function tellQuestion({ kind, roles, answer }, lang, rng) {
  const { Teller, story: book } = languages[lang];
  const ask = new Teller(rng).say(rng.pick(book.questions[kind]), roles);
  return { ask, answer: asAnswer(answer, lang) };
}
