/** The words of the weights panel; loaded with it. */
export const en = {
  lead: 'What the weights were and what they became, which codes carry them, and where the bytes go.',
  waiting: 'This appears when a lane is quantized.',
  lane: 'Lane',
  tensor: 'Tensor',
  looking: 'Looking at the weights',
  exact: 'Every weight is exact.',
  error: (rmse: string, snr: string, maxAbs: string) =>
    `RMSE ${rmse}, SNR ${snr} dB, largest error ${maxAbs}.`,
  outliers: (share: string) =>
    `${share} of the original weights are outliers: more than four standard deviations from the mean.`,
  histogram: 'Weights before and after',
  originals: 'before',
  converted: 'after',
  rootScale: 'How many weights have each value, on a square-root scale.',
  codes: 'Codes in use',
  noCodes: 'Plain floats: there are no codes.',
  ends: (first: string, last: string) =>
    `the ends: ${first} of the weights have the lowest code, ${last} the highest.`,
  used: (n: string, total: string) => `${n} of ${total} codes occur.`,
  rows: 'Error of each row',
  rowFigures: (median: string, worst: string, index: string) =>
    `RMSE: median ${median}, greatest ${worst} in row ${index}. Rows from left to right; deeper colour, more error.`,
  bytes: 'Where the bytes go',
  bytesTensor: (size: string) => `This tensor: ${size}`,
  bytesModel: (recipe: string, size: string) => `The whole model under ${recipe}: ${size}`,
  parts: { codes: 'codes', scales: 'scales', biases: 'biases', untouched: 'plain floats' },
  asTable: 'The histogram as a table',
  from: 'From',
};

export type WeightsWords = typeof en;
