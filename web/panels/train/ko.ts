/** 양자화 인식 학습 패널의 말. */
import type { TrainWords } from './en.ts';

export const ko: TrainWords = {
  lead: '반올림하면 모델은 배운 것을 잃습니다. 양자화 인식 학습(QAT)에서는 단계마다 가중치를 반올림한 채로 계속 배워, 적은 비트로도 원래와 같은 예측을 하게 됩니다. 이 탭 안에서, 모델이 배웠던 것과 같은 종류의 글로 학습합니다.',
  model: 'TinyWorld의 크기',
  format: '형식',
  formats: { 'affine:2:64': '2비트', 'affine:3:64': '3비트', 'affine:4:64': '4비트' },
  steps: '단계',
  predict: '반올림으로 잃은 것 가운데 얼마나 되찾을까요?',
  predictHint: '예상을 고르면 시작합니다.',
  guesses: '예상',
  guess: (percent) => `${percent}를 되찾는다고 예상하고 시작`,
  opening: '모델과 글을 읽는 중',
  asking: (isAfter) => (isAfter ? '학습한 모델에 묻는 중' : '학습 전 모델에 묻는 중'),
  training: '반올림한 채로 배우는 중',
  step: (step, total) => `${total}단계 중 ${step}단계`,
  effort: (tokens, seconds) => `${seconds}초 동안 토큰 ${tokens}개를 읽음`,
  stop: '여기서 멈춤',
  stopping: '멈추고, 여기까지의 결과를 재는 중',
  again: '다시 해 보기',
  retry: '다시 시도',
  outcome: (won, guess) => `반올림으로 잃은 것의 ${won}를 되찾았습니다. 예상은 ${guess}였습니다.`,
  outcomeNone: (guess) => `평가용 글에서는 되찾은 것이 없습니다. 예상은 ${guess}였습니다.`,
  outcomeNote: (kept) => `평가용 글에서 원본의 예측과의 KL 발산으로 잰 값입니다: ${kept}.`,
  stoppedAt: (step, total) => `${total}단계 중 ${step}단계 뒤에 멈췄습니다.`,
  chartTitle: '원본의 예측에서 얼마나 먼가',
  chartAxis: '단계에 따른 KL 발산(nat)',
  legendRounded: '반올림만',
  legendHeldOut: '학습 중, 평가용 글',
  legendLoss: '각 단계가 읽은 글',
  chartEmpty: '모델이 배우는 동안 여기에 곡선이 그려집니다.',
  chart: (rounded, now, step) =>
    `평가용 글의 KL 발산: 반올림만 하면 ${rounded}, ${step}단계 뒤 ${now}. 0이면 원본과 같습니다.`,
  table: '학습 전과 후',
  columns: {
    version: '버전',
    kl: 'KL, 평가용 글',
    right: (n) => `질문 ${n}개 정답률 [95%]`,
    text: '이어 쓴 글',
  },
  versions: { original: '원본', rounded: '반올림만', trained: '학습 뒤 반올림' },
  prompt: '모두 다음 글에 이어 씁니다.',
  sameSize: (size) =>
    `반올림한 두 버전은 모두 ${size}입니다. 학습은 저장되는 코드를 바꿀 뿐, 그 수를 늘리지 않습니다.`,
  save: '학습한 가중치 내려받기',
  saveNote: (recipe) =>
    `모델 폴더에 넣는 bf16 model.safetensors입니다. bitloss convert로 ${recipe} 변환을 하면 여기서 잰 것과 비트까지 같은 모델이 됩니다.`,
  limits:
    '한계: 아주 작은 모델이고, 무엇을 되찾을지는 읽은 글이 정합니다. 글의 반은 영어, 반은 한국어이며, 모델이 배운 작은 세계의 글 65,000토큰입니다. 문서의 20분의 1은 평가용으로 떼어 두고 학습하지 않습니다. 질문이 적으므로 구간 안의 차이는 우연일 수 있습니다.',
  gone: '사이트의 목록에 여기서 학습할 수 있는 모델이 없습니다.',
};
