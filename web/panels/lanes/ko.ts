/** The words of the lanes, in Korean. */
import { nth } from '../../i18n/ko.ts';
import type { LanesWords } from './en.ts';

export const ko: LanesWords = {
  lead: '같은 가중치, 같은 프롬프트. 다른 것은 비트뿐입니다.',
  summary: (lane, share, error) => `${lane}: 공간은 기준의 ${share}, 가중치 오차는 ${error}.`,
  summaryExact: (lane, share) => `${lane}: 공간은 기준의 ${share}, 모든 가중치가 정확히 같습니다.`,
  summaryDiffers: (n) =>
    n === '0'
      ? '글은 첫 번째 토큰부터 다릅니다.'
      : `글은 ${n}토큰까지 기준과 같고 그 뒤로 달라집니다.`,
  summarySame: (n) =>
    n === '0' ? '기준도 아무것도 쓰지 않았습니다.' : `글은 ${n}토큰 모두 기준과 같습니다.`,
  referenceNote: '파일에 담긴 그대로의 모델. 옆의 비교군은 같은 가중치를 더 적은 비트로 담습니다.',
  asleep: (size) =>
    `메모리를 ${size} 쓰므로 비교군과 함께 올리지 않았습니다. 올리지 않으면 글을 비교하지 않습니다.`,
  wake: '원래 모델 올리기',
  remove: (letter) => `비교군 ${letter} 지우기`,
  add: '비교군 추가',
  format: '형식',
  bits: '비트',
  group: '그룹',
  codes: '코드',
  rounding: {
    name: '반올림',
    about: '가중치마다 가장 가까운 값을 고릅니다. 글도 시간도 들지 않습니다.',
  },
  chains: {
    search: {
      name: '격자 탐색',
      about:
        '그룹마다 여러 스케일을 시험해 가장 좋은 것을 남깁니다. 글은 읽지 않으며 1초쯤 걸립니다.',
    },
    imatrix: {
      name: '중요도로 탐색',
      about:
        '같은 탐색이지만, 글을 읽을 때 곱해지는 입력만큼 가중치의 무게를 달리 봅니다. 글을 읽느라 10초쯤 걸립니다.',
    },
    gptq: {
      name: 'GPTQ 방법',
      about:
        '열을 차례로 정하면서, 생긴 오차를 뒤의 열이 메우게 합니다. 어떤 입력이 함께 움직이는지는 글에서 봅니다. 글을 읽느라 10초쯤 걸립니다.',
    },
    best: {
      name: '알려진 최선의 조합',
      about:
        '중요도, GPTQ, 그리고 스케일과 코드를 함께 다듬기. 학습 없이 가장 덜 잃는 방법입니다. 10초쯤 걸립니다.',
    },
  },
  calibratedOn: (name) =>
    name ? `${name}: 이 글을 보고 고릅니다.` : '이 모델에는 딸린 글이 없습니다.',
  chooseText: '다른 글 고르기',
  choosing: {
    label: '코드 고르기',
    waiting: '차례를 기다리는 중',
    reading: (done, total) => `글을 읽는 중: ${total}토큰 중 ${done}토큰`,
    choosing: '코드를 고르는 중',
    stop: '멈추기',
  },
  activations: '활성화 값',
  activationModes: { float: '부동소수점', int8: '8비트 정수' },
  activationNotes: {
    float: '가중치만 반올림합니다. 모델 안을 흐르는 값은 부동소수점 그대로 둡니다.',
    int8: '모델 안을 흐르는 값도 돌릴 때마다 8비트로 반올림합니다. 글, 퍼플렉시티, 정답률에 그 손실까지 나타납니다.',
  },
  custom: '직접 쓴 레시피',
  customNote:
    '손으로 썼거나 링크에 담겨 온 레시피로, 몇몇 텐서에 예외를 둡니다. 형식을 고르면 그것으로 바뀝니다.',
  unusable: '쓸 수 없는 레시피',
  costs: (bits) => `가중치당 ${bits}비트`,
  costsHere: (bits) => `이 모델의 행렬에서 가중치당 ${bits}비트`,
  costsUnknown: '가중치당 비트는 모델의 행렬에 따라 정해집니다',
  leftAlone: (n, total) =>
    `행렬 ${total}개 중 ${n}개는 그대로입니다. 행의 길이가 블록으로 나누어떨어지지 않기 때문입니다.`,
  levels: (levels, group) => `${levels}단계, 가중치 ${group}개가 스케일 하나를 공유`,
  levelsOnly: (levels) => `고를 수 있는 값 ${levels}개, 스케일을 곱하기 전`,
  advanced: '레시피를 글로',
  recipeHint: '형식 하나, 그다음 예외들: affine:4:64/down_proj=affine:6:64/layers.0=reference',
  apply: '적용',
  size: '크기',
  ofReference: (percent) => `기준의 ${percent}`,
  bitsPerWeight: '가중치당 비트',
  error: '가중치 오차',
  noError: '없음',
  speed: '속도',
  decode: '토큰/초',
  prompt: (speed) => `프롬프트 ${speed} 토큰/초`,
  here: '이 기기에서',
  timing: '측정 중',
  notTimed: '쓴 글이 짧아 잴 수 없음',
  notRun: '아직 실행 전',
  waiting: '모델을 기다리는 중',
  quantizing: '양자화 중',
  help: {
    heading: '이 숫자들의 뜻',
    size: '여기 담긴 모델의 모든 텐서: 코드, 스케일, 바이어스, 그리고 그대로 둔 작은 텐서까지.',
    bitsPerWeight:
      '그 크기를 비트로 바꿔 가중치 수로 나눈 값. 64개가 한 그룹인 4비트 코드는 4.5비트입니다. 그룹마다 16비트 스케일과 16비트 바이어스가 하나씩 붙기 때문입니다. 그대로 둔 작은 텐서가 나머지를 더합니다.',
    error:
      '양자화한 가중치의 제곱평균제곱근 오차를 가중치의 제곱평균제곱근으로 나눈 비율. SNR은 같은 사실을 데시벨로 적은 것: 20 dB는 10%, 40 dB는 1%.',
    speed:
      '이 기기의 이 탭에서 모델 하나가 혼자 쓸 때의 초당 토큰 수. 0.5초 이상 잽니다. 다른 기기나 바쁜 기기에서는 다르게 나옵니다.',
    perplexity:
      '모델이 글의 다음 토큰을 얼마나 헷갈려 하는지. 10이면 똑같이 그럴듯한 토큰 열 개를 놓고 망설이는 것과 같습니다. 낮을수록 좋습니다. 글을 어떻게 읽는지는 글을 고르는 곳 옆에 적혀 있습니다. llama.cpp처럼 통째로 이어서 조각마다 뒤쪽 절반을 채점하거나, 글 하나하나를 따로 읽습니다.',
    kl: '예측한 확률이 기준에서 얼마나 멀어졌는지를 어휘 전체에 걸쳐 토큰당 nat으로 잰 값. 퍼플렉시티에서는 상쇄되어 보이지 않는 변화까지 드러납니다. 0이면 변화가 없습니다.',
    sameTop: '가장 그럴듯하다고 본 다음 토큰이 기준과 같은 비율.',
    answers: '정답이 하나뿐인 TinyWorld 문제를 글자 하나까지 맞힌 비율.',
    verdict:
      '글에서 내린 판정과 문제에서 내린 판정 중 나쁜 쪽입니다. 한쪽이 판단하기에 부족하면 다른 쪽을 따르며, 규칙은 bitloss compare의 표와 같습니다. 글: 퍼플렉시티가 확실히 늘었다고 할 수 없고 그 95% 구간이 +1%보다 아래에서, KL 발산의 95% 구간이 0.01 nat보다 아래에서 끝나면 손실 없음. 퍼플렉시티가 확실히 늘거나 KL 발산이 확실히 0.01을 넘으면 작은 손실, 그때 늘어난 폭이 5%를 넘거나 KL 발산이 0.1을 넘으면 큰 손실, 퍼플렉시티가 확실히 두 배를 넘거나 KL 발산이 확실히 1을 넘거나 어느 하나가 숫자가 아니면 망가짐. 문제: 차이가 확실히 2%포인트 안이거나 오히려 더 맞히면 손실 없음, 맞힌 수가 확실히 줄면(같은 문제로 한 맥니마 검정, p < 0.05) 작은 손실, 100문제에 5문제 넘게 잃으면 큰 손실, 기준이 맞힌 것의 절반을 넘게 잃으면 망가짐. 어디에도 들지 않으면 판단하기에 부족한 것입니다. ± 뒤의 값은 표준오차 하나, 범위는 95% 구간입니다.',
    text: '토큰 하나가 달라지면 그 뒤가 모두 달라집니다. 첫 번째로 다른 곳 뒤로는 토큰끼리 비교할 수 없습니다.',
  },
  tookMs: (ms) => `${ms} ms 만에 양자화`,
  tookS: (s) => `${s}초 만에 양자화`,
  retry: '다시 시도',
  download: '내려받기',
  downloadAs: (lane, container) => `${lane} 내려받기: ${container}`,
  containers: { mlx: 'MLX 폴더 (.zip)', gguf: 'GGUF 파일', torch: 'transformers 폴더 (.zip)' },
  noContainer:
    '내려받을 수 없음: MLX 폴더에도, GGUF 파일에도, transformers 폴더에도 담기지 않는 형식입니다.',
  preparing: (name) => `${name} 준비 중`,
  preparingShort: '준비 중',
  saving: (name) => `${name} 저장 중`,
  savedBytes: (done, total) => `${total} 중 ${done}`,
  saved: (name, size) => `${name} 저장됨, ${size}.`,
  cancel: '취소',
  text: '글',
  textEmpty: '실행을 누르면 이 모델이 글을 씁니다.',
  reading: (done, total) => `프롬프트 읽는 중, ${total}토큰 중 ${done}`,
  firstDifference: (position) => `${nth(position)} 토큰에서 기준과 달라짐`,
  differenceTokens: (own, reference) => `${reference} 대신 ${own}`,
  sameSoFar: (n) => `지금까지 ${n}토큰이 기준과 같음`,
  sameAll: (n) => (n === '0' ? '기준처럼 아무것도 쓰지 않음' : `${n}토큰 모두 기준과 같음`),
  partial: '글자 중간에서 끝남',
  stops: {
    end: '스스로 끝냄',
    length: '토큰 수 한도',
    context: '문맥 가득 참',
    cancelled: '멈춤',
  },
  tokens: (n) => `${n}토큰`,
  loss: {
    verdict: '판정',
    perplexity: '퍼플렉시티',
    ofReference: (value) => `기준 ${value}`,
    kl: 'KL 발산',
    sameTop: '1순위 토큰 일치',
    answers: '정답률',
    answersOf: (low, high, n) => `${low} ~ ${high}, ${n}문제`,
    notANumber: '숫자가 아님',
    measure: '손실 재기',
    again: '다시 재기',
  },
};
