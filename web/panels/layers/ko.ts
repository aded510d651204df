/** The words of the way through the layers, in Korean. */
import type { LayersWords } from './en.ts';

export const ko: LayersWords = {
  lead: '모델은 토큰마다 벡터 하나, 곧 은닉 상태를 지니고, 층마다 이것을 읽어 값을 더합니다. 여기서는 같은 프롬프트가 기준과 각 비교군을 층별로 지나갑니다. 층을 하나씩 지날 때 비교군의 벡터는 기준에서 얼마나 멀어졌을까요? 모델이 그 층에서 끝난다면 다음 토큰으로 무엇을 말할까요?',
  read: (end, n) => `“${end}”: ${n}토큰. 그중 마지막 토큰을 들여다봅니다.`,
  noPrompt: '프롬프트를 써 보세요. 그 글이 층을 지나갑니다.',
  waiting: '비교군이 양자화되면 층이 나타납니다.',
  noLanes: '비교군을 추가하면 그 층을 기준과 견줍니다.',
  running: (lane) => `${lane}: 프롬프트를 따라가는 중`,
  stop: '멈추기',
  again: '층 들여다보기',
  never: (lane) => `${lane}: 모든 층에서 기준과 같은 토큰을 말합니다.`,
  fromStart: (lane) => `${lane}: 임베딩부터 기준과 다른 토큰을 말합니다`,
  afterEmbedding: (lane) =>
    `${lane}: 임베딩까지는 기준과 같은 토큰을, 1층 뒤에는 다른 토큰을 말합니다`,
  upTo: (lane, layer, next) =>
    `${lane}: ${layer}층까지는 기준과 같은 토큰을, ${next}층 뒤에는 다른 토큰을 말합니다`,
  endsSame: '. 하지만 마지막에는 같은 토큰을 말합니다.',
  broken: (lane) => `${lane}: 은닉 상태가 숫자가 아닙니다.`,
  distanceOf: '거리를 재는 곳',
  ofLast: '마지막 토큰',
  ofAll: '모든 토큰',
  chartLabel: (lanes) =>
    `층마다 기준에서 떨어진 거리: ${lanes}. 화살표 키로 층을 옮기면 아래 줄이 알려 줍니다.`,
  chartHint: '층을 가리키거나 화살표 키로 움직여 보세요.',
  distanceAxis: '기준에서 떨어진 거리',
  filled: '같은 토큰을 말함',
  hollow: '다른 토큰을 말함',
  embedding: '임베딩',
  layer: (n) => `${n}층`,
  after: '층',
  distance: '거리',
  referenceSays: '기준의 다음 토큰',
  laneSays: (lane) => `${lane}의 다음 토큰`,
  caption: (lane) => `${lane}: 층마다 읽은 다음 토큰`,
  prediction: '예측',
  other: '다른 토큰',
  notNumbers: '숫자가 아님',
  likeliest: '확률이 높은 토큰',
  bytes:
    '토큰 속의 <EC>는 1바이트입니다. 토큰 여러 개가 모여 글자 하나를 이루는 경우, 그 글자의 한 부분입니다.',
  cosine: (value) => `코사인 ${value}`,
  kl: (value) => `KL 발산 ${value} nats`,
  allDistance: (value) => `모든 토큰의 거리 ${value}`,
  lastDistance: (value) => `마지막 토큰의 거리 ${value}`,
  ofReferenceToken: (lane, token, p) => `${lane}에서 “${token}”의 확률 ${p}`,
  aboutHeading: '무엇을 보여 주며, 어디까지 맞는 말인가',
  about: [
    '층마다 값이 더해지며 모델을 관통하는 이 흐름을 잔차 스트림(residual stream)이라고 합니다. 거리는 두 벡터의 차이의 길이를 기준 벡터의 길이로 나눈 값입니다. 0이면 차이가 없고, 1이면 기준 벡터의 길이만큼 떨어져 있습니다. 모든 토큰의 거리는 제곱 평균의 제곱근입니다.',
    '층마다의 다음 토큰은 로짓 렌즈(logit lens)로 읽습니다. 모델의 마지막 정규화와 출력 행렬을 마지막 층이 아니라 그 층의 상태에 적용하는 것입니다. 마지막 층 뒤에서는 이것이 곧 모델의 예측입니다. 그 앞에서는 한 가지 읽는 방법일 뿐입니다. 어떤 층도 이렇게 읽히도록 학습하지 않았고, 많은 모델에서 앞쪽 층은 뜻 없는 말로 읽힙니다. 입력과 출력이 한 행렬인 모델은 임베딩 뒤에서 방금 읽은 토큰을 말합니다.',
    '멀다고 꼭 틀린 것도, 가깝다고 꼭 맞는 것도 아닙니다. 뒤의 층이 보지 않는 쪽으로 움직였을 수도 있고, 작은 차이가 아슬아슬한 선택을 뒤집을 수도 있습니다. 아주 작은 모델의 층 세 개는 원리를 보여 줄 뿐, 큰 모델의 층 여든 개에서 일어나는 일은 아닙니다. 그리고 이것은 프롬프트 하나입니다. 글 전체에서 잃은 것은 비교군의 수치에 있습니다.',
  ],
};
