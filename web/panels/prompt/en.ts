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
};

export type PromptWords = typeof en;
