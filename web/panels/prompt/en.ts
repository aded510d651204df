/** The words of the prompt, in English. */
export const en = {
  label: 'Prompt',
  run: 'Run',
  stop: 'Stop',
  shortcut: 'Ctrl + Enter',
  maxTokens: 'Tokens to write',
  sampling: 'Sampling',
  temperature: 'Temperature',
  temperatureNote: '0 is greedy: always the most likely token. The fairest comparison.',
  seed: 'Seed',
  chat: 'Ask in the model’s chat template',
  system: 'System prompt',
  systemNote: 'What the model is told before the prompt, where it has a chat template.',
  given: 'What the model reads',
  chatFailed: (sentence: string) =>
    `${sentence} Without the template the prompt is continued as it is.`,
};

export type PromptWords = typeof en;
