// The mixture of the training text, in one place.
import addition from './skills/addition.mjs';
import { chain2, chain3 } from './skills/chain.mjs';
import copying from './skills/copying.mjs';
import counting from './skills/counting.mjs';
import facts from './skills/facts.mjs';
import format from './skills/format.mjs';
import longRecall from './skills/long_recall.mjs';
import order from './skills/order.mjs';
import recall from './skills/recall.mjs';
import sentiment from './skills/sentiment.mjs';
import stories from './skills/stories.mjs';

/** Each skill with its share of documents. Stories and long recall are several times longer. */
export const mixture = [
  [stories, 21],
  [recall, 11],
  [longRecall, 8],
  [chain2, 9],
  [chain3, 9],
  [facts, 12],
  [counting, 6],
  [addition, 9],
  [order, 8],
  [sentiment, 6],
  [copying, 6],
  [format, 5],
];
export const skills = mixture.map(([skill]) => skill);

/** Documents in Korean, per thousand: what makes 10% of the tokens Korean. */
export const koreanPerMille = 55;
