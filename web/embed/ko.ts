/** What an element says before the experiment itself is there, in Korean. */
import type { ShellWords } from './en.ts';

export const ko: ShellWords = {
  title: '양자화하면 무엇을 잃을까요?',
  caption: (model) => `${model}, 미리 측정한 값`,
  weights: '가중치',
  size: '크기',
  right: '맞힌 문제',
  unrounded: '학습한 그대로',
  bits: (n) => `${n}비트`,
  fact: (weights, size, share) => `${weights} ${size}, 문제의 ${share}를 맞힘`,
  other: (model) =>
    `${model} 모델을 브라우저 안에서 양자화해 크기, 오차, 각 버전이 쓰는 글을 나란히 봅니다.`,
  start: '실험 시작',
  loading: '실험을 불러오는 중입니다.',
  waiting: '여기에서 실험이 시작됩니다.',
  cut: '실험을 불러오지 못했습니다. 연결이 끊겼을 수 있습니다.',
  retry: '다시 시도',
};
