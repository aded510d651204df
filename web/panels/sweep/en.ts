/** The words of the sweep; loaded with its panel. */
export const en = {
  lead: 'Each recipe is a point: the further left the smaller, the lower the better. The line joins those that no other beats in both.',
  choose: 'Recipes',
  selections: {
    affine: 'Integers in groups',
    ggml: 'llama.cpp formats',
    all: 'Every format',
    own: 'Your own list',
  },
  ownLabel: 'Recipes, between spaces or lines',
  start: (n: string) => `Measure ${n} recipes`,
  stop: 'Stop',
  running: (done: string, total: string) => `${done} of ${total} recipes`,
  before:
    'Weight errors and sizes come at once; the text is then read under one recipe after another.',
  noText: 'This model has no tokenizer here, so only weights can be measured.',
  measure: 'Loss',
  measures: {
    kl: 'KL divergence',
    ppl: 'Perplexity',
    ratio: 'Rise of perplexity',
    error: 'Weight error',
  },
  axes: {
    bits: 'bits per weight →',
    kl: '↑ KL divergence (nats, log scale)',
    ppl: '↑ perplexity (log scale)',
    ratio: '↑ ln(perplexity / that of the full model), log scale',
    error: '↑ RMSE of the weights (log scale)',
  },
  chartLabel: (measure: string, n: string) =>
    `${measure} against bits per weight, ${n} recipes. Tab moves from point to point; the table below has the same figures.`,
  pictureLabel: (measure: string, model: string) => `${measure} against bits per weight, ${model}`,
  point: (recipe: string, bits: string, size: string) =>
    `${recipe}: ${bits} bits per weight, ${size}`,
  pointKl: (kl: string) => `KL divergence ${kl}`,
  pointPpl: (ppl: string) => `perplexity ${ppl}`,
  pointRatio: (ratio: string) => `ln of its ratio to the full model’s ${ratio}`,
  pointError: (rmse: string, snr: string) => `weight RMSE ${rmse}, SNR ${snr} dB`,
  pointLane: (lane: string) => `this is ${lane}`,
  pointFront: 'on the front',
  series: { group: (group: string) => `group ${group}`, other: 'mixed by hand' },
  frontLegend: 'front: nothing is both smaller and better',
  barLegend: 'bar: 95% interval',
  notDrawn: (recipes: string) => `Not in the picture, as there is no loss to draw: ${recipes}.`,
  ghosts: 'Beside published tables',
  ghostPoint: (model: string, recipe: string, bits: string) =>
    `${model}, ${recipe}: ${bits} bits per weight, published`,
  ghostLegend: (model: string) => `${model}, published`,
  ghostCaution:
    'These are other models, read on other texts: only how steeply the loss rises with fewer bits can be compared, not one point with another.',
  ghostTable: 'Their figures',
  ghostColumns: {
    recipe: 'Format',
    bits: 'Bits per weight',
    ratio: 'ln of the perplexity’s ratio',
    kl: 'KL divergence',
  },
  family: {
    heading: 'A larger model at fewer bits, or a smaller one at more?',
    lead: (names: string) =>
      `${names}: the same world, tokenizer and training, in other sizes. Each is measured here at seven widths, by the bytes that it takes.`,
    start: 'Measure the family',
    ask: 'Ask them questions too',
    before: (size: string, nReadings: string) =>
      `Nothing is measured until you say so: ${size} of models are fetched, and the text is read ${nReadings} times. Questions take a few minutes more.`,
    running: 'Measuring the family',
    stop: 'Stop',
    measure: 'Loss',
    measures: { ppl: 'Perplexity', wrong: 'Wrong answers' },
    axes: {
      bytes: 'bytes (log scale) →',
      ppl: '↑ perplexity (log scale)',
      wrong: '↑ wrong answers',
    },
    chartLabel: (measure: string) =>
      `${measure} against bytes, a line for each model. Tab moves from point to point; the table below has the same figures.`,
    front: 'front: nothing is both smaller and better',
    bar: 'bar: 95% interval',
    offScale: (names: string) => `Off the scale, in the table alone: ${names}.`,
    name: (model: string, bits: number) => `${model} at ${bits} bits`,
    pplOf: (ppl: string) => `perplexity ${ppl}`,
    wrongOf: (share: string) => `${share} wrong`,
    rival: {
      better: (small: string, large: string) =>
        `In the bytes of ${small} fits ${large}: the larger one at fewer bits is better.`,
      worse: (small: string, large: string) =>
        `In the bytes of ${small} fits ${large}: the smaller one at more bits is better.`,
      unclear: (small: string, large: string) =>
        `In the bytes of ${small} fits ${large}: too close to tell.`,
    },
    tableLabel: 'All figures of the family',
    columns: {
      model: 'Model',
      bits: 'Bits',
      size: 'Size',
      ppl: 'Perplexity',
      wrong: 'Wrong answers',
      front: 'Front',
    },
    conditions: (text: string) =>
      `Measured in this page just now, on the beginning of: ${text}. 16 bits is as stored, the others are affine in groups of 64.`,
    reading:
      '± is one standard error, brackets hold 95% intervals. These models are tiny, and were trained on one small world: large ones lose less at few bits.',
  },
  tableLabel: 'All figures of the sweep',
  front: 'Front',
  onFrontMark: '●',
  failed: 'failed',
  openLane: 'Open as lane',
  openLaneOf: (recipe: string) => `Open ${recipe} as a lane`,
  opened: (recipe: string) => `${recipe} is a lane now.`,
  conditions: (model: string, text: string | null, nTokens: string, nScored: string | null) =>
    text === null || nScored === null
      ? `Model: ${model}. Weights only.`
      : `Model: ${model}. Text: ${text}, ${nTokens} tokens, ${nScored} of them scored.`,
  referencePpl: (ppl: string) => `Perplexity of the reference: ${ppl}.`,
  reading:
    '± is one standard error. KL divergence is from the reference, in nats per token. ● marks what no other recipe beats in both size and loss.',
};

export type SweepWords = typeof en;
