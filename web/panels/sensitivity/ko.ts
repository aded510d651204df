/** The words of the sensitivity panel, in Korean. */
import type { SensitivityWords } from './en.ts';

export const ko: SensitivityWords = {
  lead: '모델의 한 부분만 양자화하고 나머지는 그대로 둔 채 글을 읽힙니다. 예측이 얼마나 달라질까요?',
  noText: '이 모델에는 토크나이저가 없어 글을 읽힐 수 없습니다.',
  each: '하나씩 바꿀 단위',
  by: { tensor: '행렬', layer: '층', kind: '종류' },
  recipe: '적용할 레시피',
  start: '측정',
  stop: '멈추기',
  running: (done, total) => `${total}개 중 ${done}개`,
  pictureLabel: (model, recipe) => `어디가 가장 민감한가: ${model}, 하나씩만 ${recipe}`,
  mapLabel:
    '그 행렬만 양자화했을 때의 KL 발산. 왼쪽에서 오른쪽으로 층, 위에서 아래로 종류입니다. 화살표 키로 옮기면 아래 줄에 설명이 나오고, 같은 수치가 순위 목록에 있습니다.',
  scale: 'KL 발산, 로그 눈금',
  layersAcross: '왼쪽에서 오른쪽으로 층이 이어집니다. 숫자는 순위이며 1이 가장 민감합니다.',
  cell: (name, kl, rank, n) => `${name}: KL 발산 ${kl}, ${n}개 중 ${rank}위`,
  notYet: (name) => `${name}: 아직 측정하지 않음`,
  ranking: 'KL 발산 순위',
  showAll: (n) => `${n}개 모두 보기`,
  showFewer: '줄여 보기',
  half: (n, total) => `${total}개 중 상위 ${n}개가 전체 KL 발산 합의 절반을 차지합니다.`,
  conditions: (recipe, text, nTokens) =>
    `한 번에 한 부분만 ${recipe} 적용, 나머지는 원래대로. 글: ${text}, 토큰 ${nTokens}개. KL 발산은 기준 모델과의 차이로 단위는 토큰당 nat, ± 뒤의 값은 표준오차 하나입니다.`,
  mixHeading: '이 순위로 만드는 혼합 레시피',
  mixLead: (formats) =>
    `민감한 곳에는 비트를 더 쓰고, 둔감한 곳에서는 아낍니다. 고를 수 있는 형식: ${formats}.`,
  target: '가중치당 비트 상한',
  make: '만들어 측정하기',
  mixing: '혼합 레시피와 균일한 레시피를 재는 중',
  expected: (bits, kl) =>
    `행렬의 가중치당 ${bits}비트. 부분별 손실이 그대로 더해진다면 예상되는 KL 발산은 ${kl}입니다.`,
  columns: ['레시피', '가중치당 비트', 'KL 발산', '퍼플렉시티'],
  mixedRow: '혼합',
  verdicts: {
    better: (share, other) => `혼합 레시피의 KL 발산이 ${other}보다 ${share} 작습니다.`,
    worse: (share, other) =>
      `혼합 레시피의 KL 발산이 ${other}보다 ${share} 큽니다. 부분별 손실이 예상대로 더해지지 않았습니다.`,
    unclear: (other) => `이 글에서는 혼합 레시피와 ${other}의 차이가 뚜렷하지 않습니다.`,
  },
  mixConditions: (n, isOther) =>
    isOther
      ? `순위를 매길 때 쓰지 않은 부분의 토큰 ${n}개로 채점했습니다.`
      : `순위를 매긴 바로 그 토큰 ${n}개로 채점했습니다. 따로 남겨 둘 글이 모자라 혼합 레시피에 유리한 수치입니다.`,
  openLane: '비교군으로 열기',
  opened: '비교군으로 열었습니다.',
};
