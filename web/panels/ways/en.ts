/** The words of the panel of ways to fewer bits, in English. */
import type { Calibrated, WayId } from './run.ts';

const names: Record<WayId, string> = {
  rounded: 'Rounded, 4 bits',
  dynamic: 'Dynamic int8',
  search: 'Searched grids, 4 bits',
  gptq: 'GPTQ, 4 bits',
  best: 'Best known chain, 4 bits',
  trained: 'Trained through it (QAT), 4 bits',
};
const notes: Record<WayId, string> = {
  rounded: 'Each weight to the nearest code. Nothing is read.',
  dynamic: '8 bits for weights, and for activations as the model runs. Nothing is read.',
  search: 'Many scales tried for each group. Nothing is read.',
  gptq: 'Each error made up for by the columns that follow, as a text shows them to go together.',
  best: 'By importance, GPTQ, then scales and codes improved together.',
  trained: '50 steps in which the model learns to say the same through its rounding.',
};
const calibrated: Record<Calibrated | 'rounded', string> = {
  rounded: 'Rounded, no text',
  en: 'English alone',
  ko: 'Korean alone',
  both: 'Both, half each',
};

export const en = {
  lead: 'The same model made smaller in ways that take more and more effort, all judged by the same text and questions in English and Korean, which none of them has seen.',
  predict: 'Which of these loses least?',
  predictHint:
    'Your guess starts it: one after another, some minutes in all, most of them for the training.',
  guess: (name: string) => `Start, guessing that least is lost by: ${name}`,
  runOne: (name: string) => `Measure: ${name}`,
  measure: 'Measure',
  running: (name: string) => `Measuring: ${name}`,
  stop: 'Stop',
  names,
  notes,
  columns: {
    way: 'Way',
    effort: 'Effort',
    size: 'Size',
    kl: 'KL, nats',
    right: 'Right answers [95%]',
  },
  langs: { en: 'English', ko: 'Korean' },
  seconds: (s: string) => `${s} s`,
  read: (n: string) => `${n} tokens read`,
  nothingRead: 'nothing read',
  truth: (best: string, kl: string, isRight: boolean) =>
    `${isRight ? 'You were right' : 'Not this time'}: ${best} loses least, ${kl} nats.`,
  order: (list: string) => `From the least loss to the most: ${list}.`,
  agrees:
    'Of the ways to 4 bits, none that took longer lost more beyond doubt: here more effort bought less loss, as the lesson says.',
  contradicts: (pairs: string) =>
    `More effort did not always buy less loss, as the lesson has it: ${pairs}.`,
  pair: (slower: string, better: string) => `${slower} took longer than ${better} and lost more`,
  bits: (dynamic: string, four: string) =>
    `Dynamic int8 keeps ${dynamic} bits for each weight where the others keep ${four}: what it saves in loss it pays in size.`,
  chart: (points: string) => `KL divergence against seconds of effort: ${points}.`,
  chartTitle: 'Loss against effort',
  chartAxis:
    'KL divergence, nats, over seconds of effort (each step to the right is ten times more)',
  notTrainable: 'Only the models of 0.5 and 2 million parameters are trained here.',
  languages: 'Whom does the text protect?',
  languagesLead: (recipe: string) =>
    `The same chain, ${recipe}, goes by English alone, by Korean alone, and by both, each time as much text. Beside each, what is lost in each language.`,
  bitsOf: 'Bits',
  tryLanguages: 'Try it',
  calibrated,
  goneBy: 'Goes by',
  verdicts: {
    less: 'less than rounding',
    same: 'as much as rounding, within chance',
    more: 'more than rounding',
  },
  protects: (lang: string, other: string, own: string, otherLoss: string) =>
    `Going by ${lang} alone, ${lang} loses ${own}, and ${other} ${otherLoss}.`,
  noText: 'No text comes with this model for methods to go by: choose one in a lane first.',
  limits:
    'Honest limits: 2,048 tokens in each language and a few questions of each skill; what stands behind ± is one standard error, and differences within it may be chance. Seconds are of this machine, now.',
};

export type WaysWords = typeof en;
