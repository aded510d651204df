/** The words of the lanes, in English. */
import { tokens } from '../../i18n/en.ts';

export const en = {
  lead: 'The same weights, the same prompt; only the bits differ.',
  summary: (lane: string, share: string, error: string) =>
    `${lane} takes ${share} of the space, and its weights are off by ${error}.`,
  summaryExact: (lane: string, share: string) =>
    `${lane} takes ${share} of the space, and every weight is exact.`,
  summaryDiffers: (n: string) =>
    n === '0'
      ? 'Its text differs from the first token on.'
      : `Its text is the reference's for ${tokens(n)}, then goes its own way.`,
  summarySame: (n: string) =>
    n === '0'
      ? 'Neither it nor the reference wrote anything.'
      : `Its text is the reference's, all ${tokens(n)}.`,
  referenceNote:
    'The model as its files hold it. Every lane beside it holds the same weights in fewer bits.',
  asleep: (size: string) =>
    `It is not loaded beside the others: it takes ${size} of memory. Without it texts are not compared.`,
  wake: 'Load the full model',
  remove: (letter: string) => `Remove lane ${letter}`,
  add: 'Add a lane',
  format: 'Format',
  bits: 'Bits',
  group: 'Group',
  codes: 'Codes',
  rounding: { name: 'Rounded', about: 'Each weight becomes the nearest value: no data, no time.' },
  chains: {
    search: {
      name: 'Searched grids',
      about: 'Tries many scales for each group and keeps the best. No text is read; a second.',
    },
    imatrix: {
      name: 'Searched, by importance',
      about:
        'The same, each weight counting as much as what it is multiplied with on a text. Some ten seconds, to read it.',
    },
    gptq: {
      name: 'GPTQ',
      about:
        'Column by column, each error made up for by the columns that follow, as a text shows them to go together. Some ten seconds, to read it.',
    },
    best: {
      name: 'Best known chain',
      about:
        'Importance, then GPTQ, then scales and codes improved together: what loses least of all without training. Some ten seconds.',
    },
  },
  calibratedOn: (name: string) => (name ? `Goes by ${name}.` : 'No text comes with this model.'),
  chooseText: 'Choose a text of your own',
  choosing: {
    label: 'Choosing codes',
    waiting: 'Waiting for its turn',
    reading: (done: string, total: string) => `Reading the text: ${done} of ${total} tokens`,
    choosing: 'Choosing codes',
    stop: 'Stop',
  },
  activations: 'Activations',
  activationModes: { float: 'float', int8: 'int8' },
  activationNotes: {
    float: 'Only the weights are rounded: what flows through the model stays in floats.',
    int8: 'What flows through the model is rounded to 8 bits too, as it runs: the text, perplexity and answers show that loss as well.',
  },
  custom: 'A recipe of its own',
  customNote:
    'Written by hand, or come with the link: a format with exceptions for some tensors. Choosing a format replaces it.',
  unusable: 'Not a usable recipe',
  costs: (bits: string) => `${bits} bits per weight`,
  costsHere: (bits: string) => `${bits} bits per weight in this model’s matrices`,
  costsUnknown: 'bits per weight as the model’s matrices make it',
  leftAlone: (n: string, total: string) =>
    `${n} of ${total} matrices stay as they are: their rows are not whole numbers of blocks.`,
  levels: (levels: string, group: number) => `${levels} levels, shared scale per ${group} weights`,
  levelsOnly: (levels: string) => `${levels} values to choose from, before scaling`,
  advanced: 'Recipe as text',
  recipeHint: 'A format, then exceptions: affine:4:64/down_proj=affine:6:64/layers.0=reference',
  apply: 'Apply',
  size: 'Size',
  ofReference: (percent: string) => `${percent} of the reference`,
  bitsPerWeight: 'Bits per weight',
  error: 'Weight error',
  noError: 'none',
  speed: 'Speed',
  decode: 'tokens/s',
  prompt: (speed: string) => `prompt ${speed} tokens/s`,
  here: 'on this machine',
  timing: 'measuring',
  notTimed: 'too little written to time it',
  notRun: 'not run yet',
  waiting: 'Waiting for a model',
  quantizing: 'Quantizing',
  help: {
    heading: 'What these numbers mean',
    size: 'All tensors of the model as they are held here: codes, scales, biases, and the small tensors that stay as they are.',
    bitsPerWeight:
      'That size, in bits, divided by the number of weights. 4-bit codes in groups of 64 cost 4.5: each group adds a 16-bit scale and a 16-bit bias. The small tensors that stay as they are add the rest.',
    error:
      'The root mean square error of the quantized weights, as a share of the root mean square weight. SNR is the same fact in decibels: 20 dB is 10%, 40 dB is 1%.',
    speed:
      'Tokens per second that the lane writes in this tab on this machine, timed by itself over at least half a second. Another machine, and a busy one, has other figures.',
    perplexity:
      'How surprised the model is by a text, per token: at 10 it is as unsure as between ten equally likely tokens. Lower is better. Beside the choice of the text it says how that is read: as one, in chunks of which the second half is scored, as in llama.cpp; or each document by itself.',
    kl: 'How far the predicted probabilities have moved from the reference’s, over the whole vocabulary, in nats per token. It sees changes that perplexity averages away: 0 is no change.',
    sameTop:
      'How often the most likely next token is the one that the reference finds most likely.',
    answers: 'Questions with one right answer about TinyWorld, answered word for word.',
    verdict:
      'The worse of two judgements, by the rules of “bitloss compare”; one that cannot tell gives way to the other. On the text: no measurable loss when perplexity does not rise beyond doubt and its 95% interval ends below +1%, and that of the KL divergence below 0.01 nats; small when perplexity rises beyond doubt, or the divergence is beyond doubt over 0.01; large when that rise is over 5%, or that divergence over 0.1; broken when perplexity has, beyond doubt, doubled, the divergence is over 1, or one of them is not a number. On the questions: no measurable loss when the difference lies, beyond doubt, within 2 points, or more are right than before; small when fewer are right beyond doubt (McNemar’s test on the same questions, p < 0.05); large when over 5 in 100 are lost; broken when more than half of the reference’s right answers are. What is left is too little to tell. What follows a ± is one standard error; ranges are 95% intervals.',
    text: 'One token decided differently changes all that follows: after the first difference the texts can no longer be compared token by token.',
  },
  tookMs: (ms: string) => `quantized in ${ms} ms`,
  tookS: (s: string) => `quantized in ${s} s`,
  retry: 'Try again',
  download: 'Download',
  downloadAs: (lane: string, container: string) => `Download ${lane} as ${container}`,
  containers: { mlx: 'MLX folder (.zip)', gguf: 'GGUF', torch: 'transformers folder (.zip)' },
  noContainer: 'No download: no MLX folder, GGUF file or transformers folder can hold this.',
  preparing: (name: string) => `Preparing ${name}`,
  preparingShort: 'preparing',
  saving: (name: string) => `Saving ${name}`,
  savedBytes: (done: string, total: string) => `${done} of ${total}`,
  saved: (name: string, size: string) => `Saved ${name}, ${size}.`,
  cancel: 'Cancel',
  text: 'Text',
  textEmpty: 'Press Run to let this lane write.',
  reading: (done: string, total: string) => `reading the prompt, ${done} of ${total} tokens`,
  firstDifference: (position: string) => `Differs from the reference at token ${position}`,
  differenceTokens: (own: string, reference: string) => `${own} instead of ${reference}`,
  sameSoFar: (n: string) => `Same as the reference so far: ${tokens(n)}`,
  sameAll: (n: string) =>
    n === '0' ? 'Like the reference, it wrote nothing' : `Same as the reference: all ${tokens(n)}`,
  partial: 'ends within a character',
  stops: {
    end: 'ended by itself',
    length: 'token limit',
    context: 'context full',
    cancelled: 'stopped',
  },
  tokens,
  loss: {
    verdict: 'Verdict',
    perplexity: 'Perplexity',
    ofReference: (value: string) => `reference ${value}`,
    kl: 'KL divergence',
    sameTop: 'Same top token',
    answers: 'Right answers',
    answersOf: (low: string, high: string, n: string) => `${low} to ${high}, ${n} questions`,
    notANumber: 'not a number',
    measure: 'Measure what is lost',
    again: 'Measure again',
  },
};

export type LanesWords = typeof en;
