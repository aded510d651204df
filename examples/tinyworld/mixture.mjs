// The mixture of the training text, in one place.
import addition from './skills/addition.mjs';
import { chain2, chain3, steps2, steps3 } from './skills/chain.mjs';
import copying from './skills/copying.mjs';
import counting from './skills/counting.mjs';
import facts from './skills/facts.mjs';
import format from './skills/format.mjs';
import { chainLeaps, leaps, relay, wordLeaps } from './skills/leaps.mjs';
import longRecall from './skills/long_recall.mjs';
import order, { comparisons, pairs } from './skills/order.mjs';
import practice from './skills/practice.mjs';
import recall from './skills/recall.mjs';
import sentiment, { notes } from './skills/sentiment.mjs';
import stories from './skills/stories.mjs';

/** Each skill with its share of documents. Stories and long recall are several times longer. */
const looking = [
  [stories, 15],
  [recall, 12],
  [longRecall, 7],
  [practice, 22],
  [chain2, 9],
  [chain3, 9],
  [facts, 12],
  [counting, 6],
  [addition, 10],
  [order, 8],
  [sentiment, 6],
  [copying, 8],
  [format, 5],
];
const composing = [
  [stories, 14],
  [recall, 8],
  [longRecall, 5],
  [practice, 6],
  [chain2, 18],
  [chain3, 12],
  [facts, 12],
  [counting, 12],
  [addition, 22],
  [order, 22],
  [sentiment, 12],
  [copying, 8],
  [format, 4],
];
const reasoning = [
  [stories, 13],
  [recall, 7],
  [longRecall, 4],
  [practice, 3],
  [relay, 14],
  [chain2, 10],
  [chain3, 5],
  [steps2, 16],
  [steps3, 12],
  [facts, 12],
  [counting, 12],
  [addition, 16],
  [order, 26],
  [sentiment, 18],
  [notes, 16],
  [copying, 9],
  [format, 3],
];

const leaping = [
  [leaps, 14],
  [chainLeaps, 16],
  [chain2, 26],
  [chain3, 6],
  [steps2, 14],
  [steps3, 12],
  [relay, 4],
  [stories, 13],
  [recall, 8],
  [longRecall, 4],
  [practice, 2],
  [facts, 13],
  [counting, 14],
  [addition, 14],
  [order, 20],
  [sentiment, 12],
  [notes, 10],
  [copying, 9],
  [format, 3],
];

/** What a training text is drawn from: [documents, mixture], one after another. The first stage begins with
 * practice: once a model looks back, the rest teaches it what to look for, and without this that takes it
 * tens of millions of tokens to find. The second has more of what takes several steps; the third
 * answers chains step by step and practises what a negation does. Two steps in one leap are the fourth's, of
 * single words, the fifth's, of phrases and sentences, and the sixth's, among all the rest; the seventh gives back what
 * that cost. The eighth is for a model that has not found out what a comparison says. */
export const stages = {
  1: [
    [80_000, [[practice, 250], ...looking]],
    [Infinity, looking],
  ],
  2: [[Infinity, composing]],
  3: [[Infinity, reasoning]],
  4: [[Infinity, [[wordLeaps, 1]]]],
  5: [[Infinity, [[leaps, 380], [chainLeaps, 255], [chain2, 160], ...reasoning]]],
  6: [[Infinity, leaping]],
  7: [[Infinity, [[pairs, 40], ...leaping]]],
  8: [[Infinity, [[comparisons, 160], [pairs, 60], [order, 60], ...leaping]]],
};

/** Those with a test; the others only help to learn. */
export const skills = reasoning.map(([skill]) => skill).filter((skill) => !skill.onlyTraining);

/** Documents in Korean, per thousand: what makes nearly 10% of the tokens Korean. */
export const koreanPerMille = 55;
