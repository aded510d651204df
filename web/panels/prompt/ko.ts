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
  chat: '모델의 채팅 템플릿에 담아 묻기',
  system: '시스템 프롬프트',
  systemNote: '채팅 템플릿이 있는 모델에 프롬프트보다 먼저 일러 두는 말입니다.',
  given: '모델이 읽는 글',
  chatFailed: (sentence) => `${sentence} 템플릿 없이는 프롬프트를 그대로 이어 씁니다.`,
};
