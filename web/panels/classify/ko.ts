/** 분류 모델 패널의 말. */
import type { ClassifyWords } from './en.ts';

export const ko: ClassifyWords = {
  lead: 'DistilBERT 구조의 작은 모델이 후기를 읽고, 글쓴이가 질문에 나온 것을 좋아했는지 판단합니다. 이 탭 안에서 여러 방식으로 양자화해, 먼저 직접 쓴 후기로, 다음으로 모델이 본 적 없는 후기 천 개로 비교합니다.',
  opening: '분류 모델을 읽는 중',
  review: '후기와 그에 대한 질문',
  reviewNote:
    'TinyWorld 후기에 나오는 낱말을 영어와 한국어로 압니다. 다른 낱말은 뜻을 잘 모르는 조각으로 잘립니다.',
  another: '다른 후기',
  right: (label) => `정답: ${label}.`,
  empty: '후기를 쓰거나 다른 후기를 불러오세요.',
  answers: '버전별 판단',
  labels: { NEGATIVE: '좋아하지 않음', POSITIVE: '좋아함' },
  bar: (label) => `막대는 ‘${label}’의 확률입니다.`,
  logits: (values) => `로짓 ${values}`,
  changed: '원본과 다른 판단',
  reference: '원본',
  recipe: '버전 추가',
  add: '추가',
  recipeNote: 'affine:3:32나 nf4 같은 레시피입니다. 형식@int8은 활성화 값도 반올림합니다.',
  measuring: (recipe, done, total) => `평가용 후기, ${total}개 버전 중 ${done}번째: ${recipe}`,
  stop: '멈춤',
  goOn: '나머지 측정',
  table: '평가용 후기',
  columns: {
    recipe: '버전',
    size: '크기',
    bits: '가중치당 비트',
    accuracy: '정답률 [95%]',
    points: '정답률 변화, %p [95%]',
    logits: '|로짓 차이|',
    times: ['글 1개', '글 4개', '글 8개'],
    verdict: '판정',
  },
  reading: (n) =>
    `학습에 나오지 않은 장면의 후기 ${n}개입니다. 크기, 정답률, 로짓 차이는 bitloss compare --labels가 같은 줄에서 출력하는 값이며, 커널마다 더하는 순서가 달라 로짓의 끝자리가 다를 수 있습니다. 시간은 이 브라우저에서 스레드 하나로 글 1개, 4개, 8개에 차례로 답하기까지 걸린 시간이며, 31번 잰 값의 중앙값입니다.`,
};
