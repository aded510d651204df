/** The words of the budget panel; loaded with it. */
export const en = {
  lead: 'For any model, from its shape alone: nothing is downloaded. Every scale and bias is counted.',
  source: 'Model',
  sources: { size: 'By size', open: 'The open one', config: 'A config.json' },
  size: 'Size',
  otherSize: 'Or write one',
  config: 'Paste the text of a config.json',
  recipe: 'Recipe',
  context: 'Context, tokens',
  kvType: 'Key-value cache in',
  total: (recipe: string, size: string) => `Under ${recipe}: ${size}`,
  shape: (architecture: string, nParams: string, bits: string) =>
    `${architecture}, ${nParams} parameters, ${bits} bits per weight with all that goes with them`,
  overhead: (bits: string, bare: string, size: string, more: string) =>
    `At exactly ${bits} bits the weights would take ${bare}. With scales, biases and what stays in floats it is ${size}: ${more} more.`,
  limited: (n: string) => `This model reads at most ${n} tokens: that context is counted.`,
  compare: 'What fits where',
  standards: {
    f16: 'fp16',
    'affine:8:64': 'Q8 (affine:8:64)',
    'affine:4:64': 'Q4 (affine:4:64)',
  } as Record<string, string>,
  parts: { weights: 'weights', kv: 'key-value cache', activations: 'work space' },
  fits: (memories: string) => `Fits into ${memories}.`,
  fitsNowhere: 'Fits into none of 8, 16, 24 and 64 GB.',
  memoryNote:
    'The dashed lines are memories of 8, 16, 24 and 64 GB, at 2³⁰ bytes each; sizes are in units of 10⁹. The system and other programs need their share, which is not counted here.',
  parameters: 'Where the parameters are',
  kinds: {
    ffn: 'feed-forward',
    attention: 'attention',
    embedding: 'embedding',
    output: 'output matrix',
    outputTied: 'output matrix, shared with the embedding',
    other: 'norms and the rest',
  },
};

export type BudgetWords = typeof en;
