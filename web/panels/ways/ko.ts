/** 비트를 줄이는 길 패널의 글, 한국어. */
import type { WaysWords } from './en.ts';

export const ko: WaysWords = {
  lead: '같은 모델을 점점 더 힘이 드는 방법으로 줄이고, 어느 것도 본 적 없는 같은 글과 질문으로 영어와 한국어에서 잽니다.',
  predict: '무엇이 가장 덜 잃을까요?',
  predictHint: '예상을 고르면 시작합니다. 하나씩 차례로, 모두 몇 분 걸리고 대부분은 학습입니다.',
  guess: (name) => `${name} 쪽이 가장 덜 잃는다고 예상하고 시작`,
  runOne: (name) => `${name} 재기`,
  measure: '재기',
  running: (name) => `재는 중: ${name}`,
  stop: '멈추기',
  names: {
    rounded: '반올림, 4비트',
    dynamic: '동적 int8',
    search: '격자 탐색, 4비트',
    gptq: 'GPTQ 방법, 4비트',
    best: '알려진 최선의 조합, 4비트',
    trained: '양자화 인식 학습(QAT), 4비트',
  },
  notes: {
    rounded: '가중치마다 가장 가까운 코드로. 읽는 글은 없습니다.',
    dynamic: '가중치는 8비트, 활성화도 실행 중에 8비트로. 읽는 글은 없습니다.',
    search: '그룹마다 여러 스케일을 시험합니다. 읽는 글은 없습니다.',
    gptq: '열을 정할 때마다 생긴 오차를, 글에서 본 대로 뒤의 열이 메웁니다.',
    best: '중요도, GPTQ, 그리고 스케일과 코드를 함께 다듬기.',
    trained: '반올림을 거치면서도 같은 말을 하도록 50걸음 배웁니다.',
  },
  columns: {
    way: '방법',
    effort: '들인 것',
    size: '크기',
    kl: 'KL, 나트',
    right: '맞힌 답 [95%]',
  },
  langs: { en: '영어', ko: '한국어' },
  seconds: (s) => `${s}초`,
  read: (n) => `${n}토큰 읽음`,
  nothingRead: '읽은 글 없음',
  truth: (best, kl, isRight) =>
    `${isRight ? '맞았습니다' : '이번에는 아니었습니다'}. 가장 덜 잃은 것: ${best}, ${kl}나트.`,
  order: (list) => `적게 잃은 순서: ${list}.`,
  agrees:
    '4비트로 가는 방법 가운데 더 오래 걸리고도 확실히 더 잃은 것은 없습니다. 수업의 말대로, 들인 만큼 덜 잃었습니다.',
  contradicts: (pairs) => `수업의 말과 달리, 더 들인다고 늘 덜 잃지는 않았습니다. ${pairs}.`,
  pair: (slower, better) => `${slower}: ${better}보다 오래 걸리고 더 잃음`,
  bits: (dynamic, four) =>
    `동적 int8은 가중치마다 ${dynamic}비트, 나머지는 ${four}비트를 씁니다. 덜 잃는 만큼 크기로 치릅니다.`,
  chart: (points) => `들인 시간(초)에 따른 KL 발산: ${points}.`,
  chartTitle: '들인 것과 잃은 것',
  chartAxis: '세로는 KL 발산(나트), 가로는 들인 시간(초, 한 칸에 열 배)',
  notTrainable: '여기서는 파라미터 50만 개와 200만 개 모델만 학습합니다.',
  languages: '글은 누구를 지키는가',
  languagesLead: (recipe) =>
    `같은 조합(${recipe})이 영어만, 한국어만, 둘 다를 같은 분량으로 보고 코드를 고릅니다. 그 옆은 언어마다 잃은 것입니다.`,
  bitsOf: '비트',
  tryLanguages: '해 보기',
  calibrated: {
    rounded: '반올림, 글 없음',
    en: '영어만',
    ko: '한국어만',
    both: '둘 다, 반씩',
  },
  goneBy: '보고 고른 글',
  verdicts: {
    less: '반올림보다 덜 잃습니다',
    same: '우연의 범위 안에서 반올림만큼 잃습니다',
    more: '반올림보다 더 잃습니다',
  },
  protects: (lang, other, own, otherLoss) =>
    `${lang}만 보고 고르면 ${lang} 쪽은 ${own}. ${other} 쪽은 ${otherLoss}.`,
  noText: '이 모델에는 방법이 보고 고를 글이 없습니다. 먼저 비교군에서 글을 고르세요.',
  limits:
    '솔직한 한계: 언어마다 2,048토큰과 능력마다 질문 몇 개입니다. ± 뒤는 표준 오차 하나이고, 그 안의 차이는 우연일 수 있습니다. 시간은 지금 이 기기의 것입니다.',
};
