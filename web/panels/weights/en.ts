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
  map: 'Error of each group: choose one',
  mapLead:
    'Each cell is a group of weights that share a scale; the deeper the colour, the greater its error. Press one, or give its row and number.',
  row: 'Row',
  group: 'Group in the row',
  groupHeading: (row: string, from: string, to: string) => `Row ${row}, weights ${from} to ${to}`,
  bars: 'The group’s weights: the line is what each was, the bar is what it became.',
  scale: 'Scale',
  zero: 'Zero point',
  zeroValue: (zero: string) => `code ${zero}`,
  offset: 'Shift',
  ownGrid: 'Back to the format’s own',
  rmseNow: (now: string, own: string, times: string) =>
    `RMSE ${now}; with the format’s own grid ${own}: ${times} times as much.`,
  rmseOwn: (own: string) => `RMSE ${own}: this is where the format puts its grid.`,
  noGrid:
    'The scales of this format are quantized themselves, or chosen by a search, so that there is no single scale to move here.',
  weight: 'Weight',
  formula: 'From weight to code and back',
  packed: 'The codes in memory',
  packedLead: (bits: string, nBytes: string) =>
    `${bits} bits for each weight make ${nBytes} bytes, shown from the highest bit down. Bits of the chosen weight are framed; neighbours alternate in colour.`,
  steps: { divide: 'divided by the scale', round: 'to a code', back: 'back', off: 'off by' },
  madeUp: {
    heading: 'Why groups exist',
    lead: 'Made-up weights with a standard deviation σ = 1, rounded to 4 bits: the fewer share a scale, the fewer suffer from one that is far out.',
    shape: 'Distribution',
    shapes: { normal: 'normal', heavy: 'heavy tails', outlier: 'one outlier' },
    outlier: 'Size of the outlier',
    shared: [
      'one scale for the tensor',
      'one for each row (channel)',
      'groups of 128',
      'groups of 64',
      'groups of 32',
    ],
  },
  bytes: 'Where the bytes go',
  bytesTensor: (size: string) => `This tensor: ${size}`,
  bytesModel: (recipe: string, size: string) => `The whole model under ${recipe}: ${size}`,
  parts: { codes: 'codes', scales: 'scales', biases: 'biases', untouched: 'plain floats' },
  asTable: 'The histogram as a table',
  from: 'From',
};

export type WeightsWords = typeof en;
