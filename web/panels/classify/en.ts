/** The words of the panel of a classifier; loaded with it. */
export const en = {
  lead: 'A small model of DistilBERT’s architecture reads a review and says whether the writer liked what is asked about. Here it is quantized in several ways, in this tab: first on a review of your own, then on a thousand that it has never seen.',
  opening: 'Reading the classifier',
  review: 'A review, and a question about it',
  reviewNote:
    'It knows the words of TinyWorld’s reviews, in English and Korean; others are cut into pieces that mean little to it.',
  another: 'Another review',
  right: (label: string) => `Rightly labelled: ${label}.`,
  empty: 'Write a review, or take another one.',
  answers: 'What each version says of it',
  labels: { NEGATIVE: 'not liked', POSITIVE: 'liked' } as Record<string, string>,
  bar: (label: string) => `The bar is the probability of “${label}”.`,
  logits: (values: string) => `logits ${values}`,
  changed: 'another label than the original’s',
  reference: 'original',
  recipe: 'One more version',
  add: 'Add',
  recipeNote: 'A recipe, such as affine:3:32 or nf4. Format@int8 also rounds activations.',
  measuring: (recipe: string, done: string, total: string) =>
    `The held-out reviews, version ${done} of ${total}: ${recipe}`,
  stop: 'Stop',
  goOn: 'Measure the rest',
  table: 'Held-out reviews',
  columns: {
    recipe: 'Version',
    size: 'Size',
    bits: 'Bits per weight',
    accuracy: 'Right [95%]',
    points: 'Points lost or won [95%]',
    logits: '|logit difference|',
    times: ['1 text', '4 texts', '8 texts'],
    verdict: 'Verdict',
  },
  reading: (n: string) =>
    `${n} reviews of scenes that training never showed. Sizes, accuracies and logit differences are what bitloss compare --labels prints of the same lines; where kernels add in another order, a logit may differ in its last digits. Times are of this browser, on one thread: until 1, 4 and 8 texts are answered, one after another, the median of 31 runs.`,
};

export type ClassifyWords = typeof en;
