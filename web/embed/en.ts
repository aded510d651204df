/** What an element says before the experiment itself is there, in English. */
export const en = {
  title: 'What does quantization lose?',
  caption: (model: string) => `${model}, measured beforehand`,
  weights: 'Weights',
  size: 'Size',
  right: 'Questions right',
  unrounded: 'as trained',
  bits: (n: string) => `${n} bits`,
  fact: (weights: string, size: string, share: string) =>
    `${weights} ${size}, ${share} of the questions right`,
  other: (model: string) =>
    `${model} is quantized here, in your browser: its size, its error, and the text each version writes.`,
  start: 'Start the experiment',
  loading: 'The experiment is loading.',
  waiting: 'The experiment starts here.',
  cut: 'The experiment could not be loaded: the connection may be down.',
  retry: 'Try again',
};

export type ShellWords = typeof en;
