/** The stage's words in English; their shape is the contract for the other language. */
const tokens = (n: string) => (n === '0' ? 'fewer than one' : n);

export const en = {
  slider: 'Bits for each weight',
  bits: (n: string) => (n === '1' ? '1 bit' : `${n} bits`),
  asStored: 'full size',
  full: 'Full model',
  /** What a screen reader says of the slider's place. */
  valueText: (bits: string, share: string) => `${bits}, ${share} of the size`,
  sizeOf: (size: string, full: string) => `${size} of ${full}`,
  sizeBar: (share: string) => `Size: ${share} of the full model`,

  whole: (size: string) =>
    `The full model: ${size}. Every number in it has all its bits; take some away, and see what that costs.`,
  size: (bits: string, share: string) => `${bits}: ${share} of the size.`,
  changes: (n: string) => `Of 100 tokens the prediction changes at ${tokens(n)}.`,
  /** Goes on with one of the clauses below. */
  changesAnd: (n: string) => `Of 100 tokens the prediction changes at ${tokens(n)}, and `,
  noNumbers: 'Its predictions are no numbers any more.',
  worse: (n: string, from: string, to: string) =>
    `of 100 questions it gets ${n} more wrong (${from} to ${to}).`,
  better: (n: string) => `of 100 questions it gets ${n} more right.`,
  same: 'it gets as many questions right as before.',
  unclear: (most: string) => `of 100 questions it gets at most ${most} more wrong, maybe none.`,
  measuring: 'Measuring what that costs…',
  measure: 'Measure what that costs',
  notMeasured: 'Measuring a model of this size takes a while.',
  asleep: (size: string) =>
    `The full model is not loaded beside this one: it takes ${size} of memory. This one was made from all of its weights.`,
  wake: 'Load the full model',
  noTokenizer: 'These files hold no tokenizer: the model cannot write or be asked here.',
  stop: 'Stop',
  retry: 'Try again',

  predict: 'From how many bits on does it break?',
  predictHint: 'Guess, then watch.',
  guess: (n: string) => `I guess it breaks at ${n} bits`,
  sweeping: (bits: string) => `You said ${bits}. Taking the bits away…`,
  right: (bits: string) => `Right: it breaks at ${bits}.`,
  wrong: (guess: string, truth: string) => `You said ${guess}, but it breaks at ${truth}.`,
  never: (guess: string) => `You said ${guess}. It does not break, not even at 2 bits.`,
  again: 'Once more',
  breaksHere: 'breaks',
  yourGuess: 'your guess',
  broken: 'broken',

  chart: (points: string) => `Out of 100, by bits. ${points}`,
  chartRight: (n: string) => `${n} questions right`,
  chartSame: (n: string) => `${n} predictions unchanged`,
  legendRight: 'questions right of 100',
  legendSame: 'predictions kept',
  empty: 'The curve appears as you take bits away.',

  showReference: 'Show the full model’s text',
  variant: (bits: string) => `At ${bits}`,
  firstDifference: 'first word that differs',
  sameText: 'word for word the same',
  otherText: 'different, which is not yet worse',

  questions: 'What it still can do',
  right1: 'right',
  wrong1: 'wrong',
  notAsked: 'not asked yet',
  kinds: {
    long_recall: 'Recall',
    counting: 'Count',
    addition: 'Add',
    facts: 'Know',
    copying: 'Copy',
    steps2: 'Reason',
  },
  answer: 'Right answer',
  wrote: 'It wrote',
  wroteNothing: 'nothing',
  noQuestions: 'There are questions with one right answer for the TinyWorld models alone.',

  why: 'Why?',
  deeper: {
    words: 'Which words suffer',
    microscope: 'What happens to the numbers',
    skills: 'Every skill',
    sweep: 'Other formats',
  },
  method: 'How this is measured',
  methodText: (first: string, all: string) =>
    `Bits are those of MLX’s integers in groups of 64. Predictions: the beginning of the text that is chosen below, and how often another next token is the likeliest. Questions: of six kinds, the same at every width; ${first} for the curve, ${all} after a while. Recall: where a thing was put, a story ago. Know: facts from training. Reason: where a thing is, in two steps. “Breaks”: at least 10 of 100 are lost, and fewer are right beyond doubt (McNemar’s test, p < 0.05); for a model without questions, when perplexity doubles or KL divergence passes 1, beyond doubt. Ranges are 95% intervals. The question shown of each kind is chosen by rule: of those that TinyWorld 2M gets right at 16 bits, a quarter break before it, three quarters after it.`,
};

export type StageWords = typeof en;
