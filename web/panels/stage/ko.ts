/** 무대의 한국어 문구. The stage's words in Korean. */
import type { StageWords } from './en.ts';

const tokens = (n: string) => (n === '0' ? '1개 미만' : `${n}개`);

export const ko: StageWords = {
  slider: '가중치 하나의 비트 수',
  bits: (n) => `${n}비트`,
  asStored: '원본 크기',
  full: '원본 모델',
  valueText: (bits, share) => `${bits}, 크기 ${share}`,
  sizeOf: (size, full) => `${full} 중 ${size}`,
  sizeBar: (share) => `크기: 원본의 ${share}`,

  whole: (size) =>
    `원본 모델: ${size}. 숫자마다 비트가 모두 그대로입니다. 비트를 덜어 내고 무엇을 잃는지 보세요.`,
  size: (bits, share) => `${bits}: 크기 ${share}.`,
  changes: (n) => `토큰 100개 중 ${tokens(n)}에서 예측이 바뀝니다.`,
  changesAnd: (n) => `토큰 100개 중 ${tokens(n)}에서 예측이 바뀌고, `,
  noNumbers: '예측이 더는 숫자가 아닙니다.',
  worse: (n, from, to) => `질문 100개 중 ${n}개를 더 틀립니다(${from}~${to}개).`,
  better: (n) => `질문 100개 중 ${n}개를 더 맞힙니다.`,
  same: '질문은 전과 똑같이 맞힙니다.',
  unclear: (most) => `질문은 100개 중 더 틀려도 많아야 ${most}개입니다.`,
  measuring: '무엇을 잃는지 재는 중…',
  measure: '무엇을 잃는지 재기',
  notMeasured: '이만한 모델은 재는 데 시간이 걸립니다.',
  asleep: (size) =>
    `원래 모델은 메모리를 ${size} 쓰므로 함께 올리지 않았습니다. 이 모델은 원래 가중치 전부로 만든 것입니다.`,
  wake: '원래 모델 올리기',
  noTokenizer: '파일에 토크나이저가 없어 글을 쓰게 하거나 질문할 수 없습니다.',
  stop: '멈추기',
  retry: '다시 시도',

  predict: '몇 비트부터 망가질까?',
  predictHint: '먼저 맞혀 보세요.',
  guess: (n) => `${n} 비트부터 망가진다고 예측`,
  sweeping: (bits) => `예측: ${bits}. 비트를 덜어 내는 중…`,
  right: (bits) => `맞았습니다. ${bits}부터 망가집니다.`,
  wrong: (guess, truth) => `예측은 ${guess}, 실제는 ${truth}부터입니다.`,
  never: (guess) => `예측은 ${guess}, 하지만 2비트에서도 망가지지 않습니다.`,
  again: '다시 하기',
  breaksHere: '망가짐',
  yourGuess: '내 예측',
  broken: '망가짐',

  chart: (points) => `비트 수에 따라 100개 중 몇 개인지. ${points}`,
  chartRight: (n) => `맞힌 질문 ${n}개`,
  chartSame: (n) => `그대로인 예측 ${n}개`,
  legendRight: '100개 중 맞힌 질문',
  legendSame: '그대로인 예측',
  empty: '비트를 덜어 내면 곡선이 나타납니다.',

  showReference: '원본 모델의 글 보기',
  variant: (bits) => `${bits} 모델`,
  firstDifference: '처음으로 달라진 낱말',
  sameText: '한 글자도 다르지 않음',
  otherText: '다르지만 나쁜 것은 아님',

  questions: '아직 할 수 있는 것',
  right1: '맞음',
  wrong1: '틀림',
  notAsked: '아직 묻지 않음',
  kinds: {
    long_recall: '기억하기',
    counting: '세기',
    addition: '더하기',
    facts: '외운 지식',
    copying: '베끼기',
    steps2: '추론하기',
  },
  answer: '정답',
  wrote: '모델이 쓴 답',
  wroteNothing: '아무것도 쓰지 않음',
  noQuestions: '정답이 하나뿐인 질문은 TinyWorld 모델에만 있습니다.',

  why: '왜 그럴까?',
  deeper: {
    words: '어떤 낱말이 흔들리는지',
    microscope: '숫자에 무슨 일이 생기는지',
    skills: '모든 능력',
    sweep: '다른 형식들',
  },
  method: '어떻게 재는지',
  methodText: (first, all) =>
    `비트 수는 64개씩 묶은 MLX 정수 형식의 것입니다. 예측: 아래에서 고른 글의 앞부분에서, 가장 그럴듯한 다음 토큰이 다른 것으로 바뀐 비율. 질문: 여섯 종류, 비트 수마다 같은 질문입니다. 곡선은 ${first}개로 그리고, 조금 뒤에는 ${all}개로 셉니다. 기억하기: 이야기 하나가 지난 뒤 물건이 어디 있는지. 외운 지식: 학습에서 배운 사실. 추론하기: 물건이 어디 있는지 두 걸음으로. “망가짐”: 질문 100개 중 10개 이상을 더 틀리고, 맞힌 수가 줄어든 것이 확실할 때(맥니마 검정, p < 0.05). 질문이 없는 모델에서는 퍼플렉시티가 확실히 두 배를 넘거나 KL 발산이 확실히 1을 넘을 때. 범위는 95% 구간입니다. 종류마다 보여 주는 질문은 규칙으로 골랐습니다. TinyWorld 2M이 16비트에서 맞히는 질문 가운데 4분의 1은 그보다 먼저, 4분의 3은 나중에 틀리기 시작합니다.`,
};
