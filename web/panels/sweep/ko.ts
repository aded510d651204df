/** The words of the sweep, in Korean. */
import type { SweepWords } from './en.ts';

export const ko: SweepWords = {
  lead: '점 하나가 레시피 하나입니다. 왼쪽일수록 작고, 아래일수록 손실이 적습니다. 크기와 손실 모두에서 더 나은 것이 없는 점들을 선으로 이었습니다.',
  choose: '레시피',
  selections: {
    affine: '그룹별 정수',
    ggml: 'llama.cpp 형식',
    all: '모든 형식',
    own: '직접 고르기',
  },
  ownLabel: '레시피를 빈칸이나 줄바꿈으로 나누어 적어 주세요',
  start: (n) => `레시피 ${n}개 측정`,
  stop: '멈추기',
  running: (done, total) => `레시피 ${total}개 중 ${done}개`,
  before: '가중치 오차와 크기는 바로 나옵니다. 그다음 레시피를 하나씩 바꿔 가며 글을 읽힙니다.',
  noText: '이 모델에는 토크나이저가 없어 가중치만 잴 수 있습니다.',
  measure: '손실',
  measures: { kl: 'KL 발산', ppl: '퍼플렉서티', ratio: '퍼플렉서티 증가', error: '가중치 오차' },
  axes: {
    bits: '가중치당 비트 →',
    kl: '↑ 기준 모델과의 KL 발산 (nat, 로그 눈금)',
    ppl: '↑ 퍼플렉서티 (로그 눈금)',
    ratio: '↑ ln(퍼플렉서티 / 원래 모델의 퍼플렉서티), 로그 눈금',
    error: '↑ 가중치 RMSE (로그 눈금)',
  },
  chartLabel: (measure, n) =>
    `가중치당 비트에 따른 ${measure}, 레시피 ${n}개. Tab 키로 점 사이를 옮겨 다닐 수 있고, 같은 수치가 아래 표에 있습니다.`,
  pictureLabel: (measure, model) => `가중치당 비트에 따른 ${measure}, ${model}`,
  point: (recipe, bits, size) => `${recipe}: 가중치당 ${bits}비트, ${size}`,
  pointKl: (kl) => `KL 발산 ${kl}`,
  pointPpl: (ppl) => `퍼플렉서티 ${ppl}`,
  pointRatio: (ratio) => `원래 모델과의 비의 ln ${ratio}`,
  pointError: (rmse, snr) => `가중치 RMSE ${rmse}, SNR ${snr} dB`,
  pointLane: (lane) => `지금의 ${lane}`,
  pointFront: '경계선 위',
  series: { group: (group) => `그룹 ${group}`, other: '직접 섞은 것' },
  frontLegend: '경계선: 더 작으면서 더 나은 것이 없음',
  barLegend: '막대: 95% 구간',
  notDrawn: (recipes) => `그릴 손실이 없어 그림에서 빠진 것: ${recipes}.`,
  ghosts: '공개된 표와 나란히',
  ghostPoint: (model, recipe, bits) => `${model}, ${recipe}: 가중치당 ${bits}비트, 공개된 값`,
  ghostLegend: (model) => `${model}, 공개된 값`,
  ghostCaution:
    '다른 모델을 다른 글로 잰 값입니다. 비트가 줄 때 손실이 얼마나 가파르게 느는지만 견줄 수 있고, 점과 점을 바로 견줄 수는 없습니다.',
  ghostTable: '공개된 수치',
  ghostColumns: {
    recipe: '형식',
    bits: '가중치당 비트',
    ratio: '퍼플렉서티 비의 ln',
    kl: 'KL 발산',
  },
  tableLabel: '측정한 수치 전체',
  front: '경계선',
  onFrontMark: '●',
  failed: '실패',
  openLane: '비교군으로 열기',
  openLaneOf: (recipe) => `${recipe} 레시피를 비교군으로 열기`,
  opened: (recipe) => `${recipe} 레시피를 비교군으로 열었습니다.`,
  conditions: (model, text, nTokens, nScored) =>
    text === null || nScored === null
      ? `모델: ${model}. 가중치만 측정.`
      : `모델: ${model}. 글: ${text}, 토큰 ${nTokens}개 중 ${nScored}개를 채점.`,
  referencePpl: (ppl) => `기준 모델의 퍼플렉서티: ${ppl}.`,
  reading:
    '± 뒤의 값은 표준오차 하나입니다. KL 발산은 기준 모델과의 차이로, 단위는 토큰당 nat입니다. ●는 크기와 손실 모두에서 더 나은 레시피가 없다는 표시입니다.',
};
