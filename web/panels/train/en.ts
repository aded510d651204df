/** The words of the panel of quantization-aware training; loaded with it. */
export const en = {
  lead: 'Rounding makes a model forget. In quantization-aware training (QAT) it goes on learning while every step rounds its weights, until it predicts with few bits what it predicted with all of them. Here it happens in this tab, on the model’s own kind of text.',
  model: 'Size of TinyWorld',
  format: 'Format',
  formats: { 'affine:2:64': '2 bits', 'affine:3:64': '3 bits', 'affine:4:64': '4 bits' } as Record<
    string,
    string
  >,
  steps: 'Steps',
  predict: 'How much of what rounding loses will training win back?',
  predictHint: 'Your guess starts it.',
  guesses: 'Your guess',
  guess: (percent: string) => `Start, guessing that ${percent} is won back`,
  opening: 'Reading the model and the text',
  asking: (isAfter: boolean): string =>
    isAfter ? 'Asking the trained model' : 'Asking the model before training',
  training: 'Learning through the rounding',
  step: (step: string, total: string) => `Step ${step} of ${total}`,
  effort: (tokens: string, seconds: string) => `${tokens} tokens read in ${seconds} s`,
  stop: 'Stop here',
  stopping: 'Stopping; what was reached is measured',
  again: 'Another try',
  retry: 'Try again',
  outcome: (won: string, guess: string) =>
    `Training won back ${won} of what rounding lost; you guessed ${guess}.`,
  outcomeNone: (guess: string) =>
    `Training won nothing back on text that is held out; you guessed ${guess}.`,
  outcomeNote: (kept: string) =>
    `Measured as KL divergence from the original’s predictions on held-out text: ${kept}.`,
  stoppedAt: (step: string, total: string) => `Stopped after step ${step} of ${total}.`,
  chartTitle: 'How far it predicts from the original',
  chartAxis: 'KL divergence, nats, over steps',
  legendRounded: 'only rounded',
  legendHeldOut: 'in training, on held-out text',
  legendLoss: 'each step’s own text',
  chartEmpty: 'The curve appears here while the model learns.',
  chart: (rounded: string, now: string, step: string) =>
    `KL divergence on held-out text: ${rounded} when only rounded, ${now} after step ${step}; 0 would be the original.`,
  table: 'Before and after',
  columns: {
    version: 'Version',
    kl: 'KL, held out',
    right: (n: string) => `Right of ${n} questions [95%]`,
    text: 'What it writes',
  },
  versions: { original: 'Original', rounded: 'Only rounded', trained: 'Rounded, after training' },
  prompt: 'All go on from:',
  sameSize: (size: string) =>
    `Rounded, both take ${size}: training changes which codes are stored, not how many.`,
  save: 'Download the trained weights',
  saveNote: (recipe: string) =>
    `A model.safetensors in bf16 for the model’s folder; bitloss convert under ${recipe} makes of it, to the bit, what was measured here.`,
  limits:
    'Honest limits: this is a tiny model, and the text it sees decides what comes back. Half of it is English and half Korean, 65,000 tokens of the little world that the model was made for; a twentieth of the documents is held out and never learned from. With so few questions, differences within the intervals may be chance.',
  gone: 'The site’s list has no model that can be trained here.',
};

export type TrainWords = typeof en;
