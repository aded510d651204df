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
  measures: { kl: 'KL 발산', ppl: '퍼플렉시티', ratio: '퍼플렉시티 증가', error: '가중치 오차' },
  axes: {
    bits: '가중치당 비트 →',
    kl: '↑ 기준 모델과의 KL 발산 (nat, 로그 눈금)',
    ppl: '↑ 퍼플렉시티 (로그 눈금)',
    ratio: '↑ ln(퍼플렉시티 / 원래 모델의 퍼플렉시티), 로그 눈금',
    error: '↑ 가중치 RMSE (로그 눈금)',
  },
  chartLabel: (measure, n) =>
    `가중치당 비트에 따른 ${measure}, 레시피 ${n}개. Tab 키로 점 사이를 옮겨 다닐 수 있고, 같은 수치가 아래 표에 있습니다.`,
  pictureLabel: (measure, model) => `가중치당 비트에 따른 ${measure}, ${model}`,
  point: (recipe, bits, size) => `${recipe}: 가중치당 ${bits}비트, ${size}`,
  pointKl: (kl) => `KL 발산 ${kl}`,
  pointPpl: (ppl) => `퍼플렉시티 ${ppl}`,
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
    ratio: '퍼플렉시티 비의 ln',
    kl: 'KL 발산',
  },
  family: {
    heading: '큰 모델을 적은 비트로, 아니면 작은 모델을 많은 비트로?',
    lead: (names) =>
      `${names}: 같은 세계, 같은 토크나이저, 같은 학습으로 크기만 다른 모델들입니다. 저마다 일곱 가지 비트 폭으로 재어 바이트 수에 따라 늘어놓습니다.`,
    start: '크기별로 모두 측정',
    ask: '문제도 묻기',
    before: (size, nReadings) =>
      `버튼을 누르면 그때부터 측정합니다. 모델 ${size}를 내려받고 글을 ${nReadings}번 읽습니다. 문제까지 물으면 몇 분 더 걸립니다.`,
    running: '크기별로 측정 중',
    stop: '멈추기',
    measure: '손실',
    measures: { ppl: '퍼플렉시티', wrong: '오답률' },
    axes: { bytes: '바이트 (로그 눈금) →', ppl: '↑ 퍼플렉시티 (로그 눈금)', wrong: '↑ 오답률' },
    chartLabel: (measure) =>
      `바이트 수에 따른 ${measure}, 모델마다 선 하나. Tab 키로 점 사이를 옮겨 다닐 수 있고, 같은 수치가 아래 표에 있습니다.`,
    front: '경계선: 더 작으면서 더 나은 것이 없음',
    bar: '막대: 95% 구간',
    offScale: (names) => `눈금을 벗어나 표에만 있는 것: ${names}.`,
    name: (model, bits) => `${model} ${bits}비트`,
    pplOf: (ppl) => `퍼플렉시티 ${ppl}`,
    wrongOf: (share) => `오답 ${share}`,
    rival: {
      better: (small, large) =>
        `같은 바이트에 들어가는 둘: ${small}, ${large}. 큰 모델을 적은 비트로 쓰는 쪽이 낫습니다.`,
      worse: (small, large) =>
        `같은 바이트에 들어가는 둘: ${small}, ${large}. 작은 모델을 많은 비트로 쓰는 쪽이 낫습니다.`,
      unclear: (small, large) =>
        `같은 바이트에 들어가는 둘: ${small}, ${large}. 차이가 작아 판단할 수 없습니다.`,
    },
    tableLabel: '크기별 수치 전체',
    columns: {
      model: '모델',
      bits: '비트',
      size: '크기',
      ppl: '퍼플렉시티',
      wrong: '오답률',
      front: '경계선',
    },
    conditions: (text) =>
      `방금 이 페이지에서 다음 글의 앞부분으로 쟀습니다: ${text}. 16비트는 저장된 그대로, 나머지는 그룹 크기 64의 affine입니다.`,
    reading:
      '± 뒤의 값은 표준오차 하나, 대괄호는 95% 구간입니다. 작은 세계 하나로 학습한 아주 작은 모델들이라, 큰 모델은 적은 비트에서 이보다 덜 잃습니다.',
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
  referencePpl: (ppl) => `기준 모델의 퍼플렉시티: ${ppl}.`,
  reading:
    '± 뒤의 값은 표준오차 하나입니다. KL 발산은 기준 모델과의 차이로, 단위는 토큰당 nat입니다. ●는 크기와 손실 모두에서 더 나은 레시피가 없다는 표시입니다.',
};
