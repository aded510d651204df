/** The words of the text token by token, in English. */
export const en = {
  lead: 'The same text, token by token. Red means worse: the deeper the colour and the thicker the line, the more a token’s prediction suffered.',
  lane: 'Lane',
  by: 'Colour by',
  byKl: 'KL divergence',
  byProbability: 'right token’s probability',
  measure: 'Measure each token',
  scope: (n: string, isDivided: boolean) =>
    isDivided
      ? `The first ${n} tokens, each document read by itself.`
      : `The first ${n} tokens. Nearly every one is scored here; the figures in the lanes leave out the first half of each chunk, where there is little context, as llama.cpp does.`,
  textLabel: 'The text, token by token. Arrow keys move, the line below tells.',
  hint: 'Point at a token, or move with the arrow keys.',
  probability: 'Probability of this token',
  reference: 'reference',
  kl: 'KL',
  prediction: 'Top prediction',
  topSame: 'unchanged',
  topChanged: 'changed',
  notScored: 'Not scored: nothing stands before it.',
  nTokens: (n: string) => `${n} tokens that make one character`,
  legendLess: 'unharmed',
  legendMore: 'much worse',
  legendGain: 'became likelier',
  points: (n: string) => `${n} points`,
  summary: (lane: string, n: string, share: string, changed: string, worst: string) =>
    `${lane}: ${share} of ${n} tokens are coloured; the top prediction changed at ${changed}. Hurt most: ${worst}.`,
  summaryNone: (lane: string, n: string, changed: string) =>
    `${lane}: none of ${n} tokens is coloured; the top prediction changed at ${changed}.`,
  waiting: 'The text appears when a lane is quantized.',
};

export type WordsWords = typeof en;
