/** The words of the text token by token, in Korean. */
import type { WordsWords } from './en.ts';

export const ko: WordsWords = {
  lead: '같은 글을 토큰 하나하나 살펴봅니다. 빨간색은 예측이 나빠졌다는 뜻이고, 색이 진하고 밑줄이 굵을수록 많이 나빠진 것입니다.',
  lane: '비교군',
  by: '색의 기준',
  byKl: 'KL 발산',
  byProbability: '정답 토큰의 확률',
  measure: '토큰마다 재기',
  scope: (n, isDivided) =>
    isDivided
      ? `처음 ${n}토큰입니다. 글 하나하나를 따로 읽습니다.`
      : `처음 ${n}토큰입니다. 여기서는 거의 모든 토큰을 채점합니다. 위의 수치는 llama.cpp처럼, 문맥이 짧은 조각 앞쪽 절반을 뺍니다.`,
  textLabel: '토큰 단위로 나눈 글. 화살표 키로 움직이면 아래 줄이 알려 줍니다.',
  hint: '토큰을 가리키거나 화살표 키로 움직여 보세요.',
  probability: '이 토큰의 확률',
  reference: '기준',
  kl: 'KL',
  prediction: '1순위 예측',
  topSame: '그대로',
  topChanged: '바뀜',
  notScored: '채점하지 않음: 앞에 아무것도 없습니다.',
  nTokens: (n) => `토큰 ${n}개가 글자 하나를 이룸`,
  legendLess: '나빠지지 않음',
  legendMore: '많이 나빠짐',
  legendGain: '확률이 오름',
  points: (n) => `${n}%포인트`,
  summary: (lane, n, share, changed, worst) =>
    `${lane}: ${n}토큰 중 ${share}에 색이 있고, 1순위 예측은 ${changed}에서 바뀌었습니다. 가장 많이 나빠진 곳: ${worst}.`,
  summaryNone: (lane, n, changed) =>
    `${lane}: ${n}토큰 중 색이 있는 것은 없고, 1순위 예측은 ${changed}에서 바뀌었습니다.`,
  waiting: '비교군이 양자화되면 글이 나타납니다.',
};
