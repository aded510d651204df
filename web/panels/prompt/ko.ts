/** The words of the prompt, in Korean. */
import type { PromptWords } from './en.ts';

export const ko: PromptWords = {
  label: '프롬프트',
  run: '실행',
  stop: '멈추기',
  shortcut: 'Ctrl + Enter',
  maxTokens: '쓸 토큰 수',
  sampling: '샘플링',
  temperature: '온도',
  temperatureNote: '0이면 그리디: 늘 가장 그럴듯한 토큰을 고릅니다. 가장 공정한 비교입니다.',
  seed: '시드',
};
