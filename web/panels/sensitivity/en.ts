/** The words of the sensitivity panel; loaded with it. */
export const en = {
  lead: 'One part of the model at a time is quantized, all else stays exact, and the text is read: how far do the predictions move?',
  noText: 'This model has no tokenizer here, so no text can be read with it.',
  each: 'One at a time',
  by: { tensor: 'Matrix', layer: 'Layer', kind: 'Kind' },
  recipe: 'Quantized to',
  start: 'Measure',
  stop: 'Stop',
  running: (done: string, total: string) => `${done} of ${total} parts`,
  pictureLabel: (model: string, recipe: string) =>
    `Which part hurts most: ${model}, each alone in ${recipe}`,
  mapLabel:
    'KL divergence when only this matrix is quantized: layers from left to right, kinds from top to bottom. Arrow keys move, the line below tells; the ranking has the same figures.',
  scale: 'KL divergence, log scale',
  layersAcross: 'Layers from left to right. Numbers are ranks: 1 hurts most.',
  cell: (name: string, kl: string, rank: string, n: string) =>
    `${name}: KL divergence ${kl}, rank ${rank} of ${n}`,
  notYet: (name: string) => `${name}: not measured yet`,
  ranking: 'Ranking by KL divergence',
  showAll: (n: string) => `Show all ${n}`,
  showFewer: 'Show fewer',
  half: (n: string, total: string) =>
    `The first ${n} of ${total} make up half of the summed divergence.`,
  conditions: (recipe: string, text: string, nTokens: string) =>
    `Each part at ${recipe}, the rest as stored. Text: ${text}, ${nTokens} tokens. KL divergence from the reference in nats per token, ± one standard error.`,
  mixHeading: 'A mixed recipe from this ranking',
  mixLead: (formats: string) =>
    `More bits where it hurts, fewer where it does not. It chooses from ${formats}.`,
  target: 'Bits per weight, at most',
  make: 'Make and measure it',
  mixing: 'Measuring the mixed recipe and a uniform one',
  expected: (bits: string, kl: string) =>
    `${bits} bits per weight in the matrices. Expected KL divergence ${kl}, if the parts’ losses added up.`,
  columns: ['Recipe', 'Bits per weight', 'KL divergence', 'Perplexity'],
  mixedRow: 'Mixed',
  verdicts: {
    better: (share: string, other: string) =>
      `The mixed recipe diverges ${share} less than ${other}.`,
    worse: (share: string, other: string) =>
      `The mixed recipe diverges ${share} more than ${other}: here the losses did not add up as expected.`,
    unclear: (other: string) =>
      `Between the mixed recipe and ${other} there is no clear difference on this text.`,
  },
  mixConditions: (n: string, isOther: boolean) =>
    isOther
      ? `Measured on ${n} scored tokens that the ranking had not seen.`
      : `Measured on the ${n} scored tokens of the ranking: the text is too short to hold any back, which flatters the mixed recipe.`,
  openLane: 'Open as lane',
  opened: 'It is a lane now.',
};

export type SensitivityWords = typeof en;
