/** Every word on the page, in Korean. */
import type { ErrorCode } from '../../wasm/types.ts';
import type { Messages } from './en.ts';
import { families, kinds } from './formats.ko.ts';
import { kinds as noteKinds } from './notes.ko.ts';

/** The core speaks English: what kind of error it is comes first, its own words in brackets. */
const LEADS: Record<ErrorCode, string> = {
  memory: '메모리가 모자랍니다.',
  input:
    '모델로 읽을 수 없는 파일입니다. .gguf 파일 하나, 또는 .safetensors · config.json · tokenizer.json이 든 폴더가 필요합니다.',
  unsupported: '아직 다루지 못하는 모델입니다.',
  argument: '요청한 대로 할 수 없습니다.',
  cancelled: '취소했습니다.',
  recipe: '쓸 수 없는 레시피입니다.',
  browser: '이 브라우저에서는 실행할 수 없습니다.',
};

/** "첫 번째", "3번째" */
const nth = (n: string) => (n === '1' ? '첫 번째' : `${n}번째`);

export const ko: Messages = {
  title: 'bitloss: 양자화가 잃는 것을 눈으로',
  header: {
    tagline: '양자화가 잃는 것을 눈으로',
    lead: '작은 언어 모델을 눈앞에서 양자화해 나란히 비교합니다. 크기, 오차, 그리고 각 버전이 쓰는 글까지.',
    privacy: '모든 일이 이 탭 안에서 일어납니다. 아무것도 업로드하지 않습니다.',
    language: '언어',
    theme: '테마',
    themes: { auto: '시스템', light: '밝게', dark: '어둡게' },
  },
  unsupported: {
    title: '이 브라우저에서는 bitloss를 실행할 수 없습니다',
    sentence: 'SIMD를 지원하는 WebAssembly가 필요합니다: Chrome 91, Firefox 89, Safari 16.4 이상.',
  },
  source: {
    heading: '모델 고르기',
    dropTitle: '여기에 모델을 놓으세요',
    dropHint: '.gguf 파일 하나, 또는 .safetensors · config.json · tokenizer.json이 든 폴더.',
    dropNow: '놓으면 열립니다',
    chooseFiles: '파일 선택',
    chooseFolder: '폴더 선택',
    addressLabel: 'Hugging Face 저장소 이름, 또는 .gguf · .safetensors 파일의 URL',
    addressPlaceholder: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    load: '불러오기',
    listHeading: '바로 써 보기',
    listEmpty: '이 사이트에는 아직 준비된 모델이 없습니다. 가진 모델을 놓거나 이름을 적어 주세요.',
    listLoading: '모델 목록을 찾는 중…',
    cancel: '취소',
    another: '다른 모델',
    keep: '이 모델 그대로',
    fetching: (name) => `${name} 내려받는 중`,
    reading: (name) => `${name} 읽는 중`,
    bytes: (done, total) => (total ? `${total} 중 ${done}` : done),
    timeLeft: (seconds) =>
      seconds < 90
        ? `약 ${Math.max(1, Math.round(seconds))}초 남음`
        : `약 ${Math.round(seconds / 60)}분 남음`,
    stalled: (seconds) =>
      `${seconds}초 동안 아무것도 오지 않았습니다. 서버가 다시 보내면 저절로 이어집니다. 그대로라면 취소하고 다시 시도해 주세요.`,
    askTitle: '이 링크가 가리키는 모델',
    askHub: (name) => `huggingface.co의 ${name}. 확인하시면 내려받습니다.`,
    askUnlisted: (name) =>
      `이 사이트 목록에는 “${name}” 모델이 없습니다. huggingface.co에 그런 이름의 저장소가 있다면, 확인하시는 대로 내려받습니다.`,
    askUrl: (name) => `${name}. 확인하시면 내려받습니다.`,
    askLocal: (name) =>
      `보낸 사람이 쓴 것은 자기 컴퓨터의 파일 “${name}”입니다. 같은 파일을 여기에 놓으면 같은 화면을 볼 수 있습니다.`,
    askLoad: '내려받아 열기',
  },
  model: {
    heading: '모델',
    architecture: '구조',
    parameters: '파라미터',
    shape: '모양',
    shapeValue: (layers, dim) => `${layers}층 × ${dim}`,
    storedAs: '저장 형식',
    size: '크기',
    noTokenizer:
      '이 파일에는 토크나이저가 없어 글을 쓸 수 없습니다. 크기와 오차는 그대로 정확합니다.',
    alreadyQuantized: (bits, format) =>
      `이 기준 모델은 이미 ${bits}비트(${format})입니다. 그때 생긴 손실은 여기서 보이지 않습니다. 그 위에 8비트를 씌우는 것은 거의 공짜이고, 4비트 결과는 원본을 양자화했을 때를 대표하지 못합니다.`,
    parametersExact: (n) => `파라미터 ${n}개`,
  },
  lanes: {
    heading: '나란히 보기',
    lead: '같은 가중치, 같은 프롬프트. 다른 것은 비트뿐입니다.',
    summary: (lane, share, error) => `${lane}: 공간은 기준의 ${share}, 가중치 오차는 ${error}.`,
    summaryExact: (lane, share) =>
      `${lane}: 공간은 기준의 ${share}, 모든 가중치가 정확히 같습니다.`,
    summaryDiffers: (n) =>
      n === '0'
        ? '글은 첫 번째 토큰부터 다릅니다.'
        : `글은 ${n}토큰까지 기준과 같고 그 뒤로 달라집니다.`,
    summarySame: (n) =>
      n === '0' ? '기준도 아무것도 쓰지 않았습니다.' : `글은 ${n}토큰 모두 기준과 같습니다.`,
    reference: '기준',
    referenceNote:
      '파일에 담긴 그대로의 모델. 옆의 비교군은 같은 가중치를 더 적은 비트로 담습니다.',
    variant: (letter) => `비교군 ${letter}`,
    remove: (letter) => `비교군 ${letter} 지우기`,
    add: '비교군 추가',
    format: '형식',
    bits: '비트',
    group: '그룹',
    activations: '활성화 값',
    activationModes: { float: '부동소수점', int8: '8비트 정수' },
    activationNotes: {
      float: '가중치만 반올림합니다. 모델 안을 흐르는 값은 부동소수점 그대로 둡니다.',
      int8: '모델 안을 흐르는 값도 돌릴 때마다 8비트로 반올림합니다. 글, 퍼플렉서티, 정답률에 그 손실까지 나타납니다.',
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
    exactBytes: (bytes) => `${bytes}바이트`,
    bitsPerWeight: '가중치당 비트',
    error: '가중치 오차',
    noError: '없음',
    noErrorNote: '모든 가중치가 정확히 같음',
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
        '모델이 글의 다음 토큰을 얼마나 헷갈려 하는지. 10이면 똑같이 그럴듯한 토큰 열 개를 놓고 망설이는 것과 같습니다. 낮을수록 좋습니다. llama.cpp처럼 글을 조각으로 나눠 읽고 조각마다 뒤쪽 절반을 채점합니다.',
      kl: '예측한 확률이 기준에서 얼마나 멀어졌는지를 어휘 전체에 걸쳐 토큰당 nat으로 잰 값. 퍼플렉서티에서는 상쇄되어 보이지 않는 변화까지 드러납니다. 0이면 변화가 없습니다.',
      sameTop: '가장 그럴듯하다고 본 다음 토큰이 기준과 같은 비율.',
      answers: '정답이 하나뿐인 TinyWorld 문제를 글자 하나까지 맞힌 비율.',
      verdict:
        '글에서 내린 판정과 문제에서 내린 판정 중 나쁜 쪽입니다. 한쪽이 판단하기에 부족하면 다른 쪽을 따르며, 규칙은 bitloss compare의 표와 같습니다. 글: 퍼플렉서티가 확실히 늘었다고 할 수 없고 그 95% 구간이 +1%보다 아래에서, KL 발산의 95% 구간이 0.01 nat보다 아래에서 끝나면 손실 없음. 퍼플렉서티가 확실히 늘거나 KL 발산이 확실히 0.01을 넘으면 작은 손실, 그때 늘어난 폭이 5%를 넘거나 KL 발산이 0.1을 넘으면 큰 손실, 퍼플렉서티가 확실히 두 배를 넘거나 KL 발산이 확실히 1을 넘거나 어느 하나가 숫자가 아니면 망가짐. 문제: 차이가 확실히 2%포인트 안이거나 오히려 더 맞히면 손실 없음, 맞힌 수가 확실히 줄면(같은 문제로 한 맥니마 검정, p < 0.05) 작은 손실, 100문제에 5문제 넘게 잃으면 큰 손실, 기준이 맞힌 것의 절반을 넘게 잃으면 망가짐. 어디에도 들지 않으면 판단하기에 부족한 것입니다. ± 뒤의 값은 표준오차 하나, 범위는 95% 구간입니다.',
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
    differsHere: '첫 번째로 다른 토큰',
    sameSoFar: (n) => `지금까지 ${n}토큰이 기준과 같음`,
    sameAll: (n) => (n === '0' ? '기준처럼 아무것도 쓰지 않음' : `${n}토큰 모두 기준과 같음`),
    endOfText: '글의 끝',
    partial: '글자 중간에서 끝남',
    stops: {
      end: '스스로 끝냄',
      length: '토큰 수 한도',
      context: '문맥 가득 참',
      cancelled: '멈춤',
    },
    tokens: (n) => `${n}토큰`,
  },
  prompt: {
    heading: '모두에게 같은 프롬프트',
    label: '프롬프트',
    run: '실행',
    stop: '멈추기',
    shortcut: 'Ctrl + Enter',
    maxTokens: '쓸 토큰 수',
    sampling: '샘플링',
    temperature: '온도',
    temperatureNote: '0이면 그리디: 늘 가장 그럴듯한 토큰을 고릅니다. 가장 공정한 비교입니다.',
    seed: '시드',
  },
  losses: {
    'not measured': '아직 측정하지 않음',
    none: '측정되는 손실 없음',
    unclear: '판단하기엔 부족함',
    small: '작은 손실이 측정됨',
    large: '큰 손실이 측정됨',
    broken: '망가짐',
    'not quantized': '양자화된 것이 없음',
  },
  measure: {
    verdict: '판정',
    perplexity: '퍼플렉서티',
    ofReference: (value) => `기준 ${value}`,
    kl: 'KL 발산',
    nats: 'nat',
    sameTop: '1순위 토큰 일치',
    answers: '정답률',
    answersOf: (low, high, n) => `${low} ~ ${high}, ${n}문제`,
    notANumber: '숫자가 아님',
    measuring: '손실 측정 중',
    measure: '손실 재기',
    again: '다시 재기',
    estimate: (time) => `${time} 걸림`,
    seconds: (s) => `약 ${s}초`,
    minutes: (min) => `약 ${min}분`,
    stop: '멈추기',
    on: '손실을 재는 글',
    length: '길이',
    beginning: (n) => `처음 ${n}토큰`,
    whole: '글 전체',
    scored: (n) => `${n}토큰을 채점했습니다. llama.cpp처럼 조각마다 뒤쪽 절반만 셉니다.`,
    own: '내 글',
    ownHint:
      '모델에게 맡길 글과 비슷한 글을 한두 쪽 넣어 보세요. 글은 이 탭에만 남고 링크에는 담기지 않습니다.',
    ownUse: '이 글로 재기',
    texts: {
      'world-en': 'TinyWorld 이야기, 영어',
      'world-ko': 'TinyWorld 이야기, 한국어',
      'stories-en': '동화, 영어',
      'stories-ko': '동화, 한국어',
      'plain-en': '쉬운 설명문, 영어',
      'plain-ko': '쉬운 설명문, 한국어',
      own: '내 글',
    },
  },
  words: {
    heading: '예측이 나빠진 곳',
    lead: '같은 글을 토큰 하나하나 살펴봅니다. 빨간색은 예측이 나빠졌다는 뜻이고, 색이 진하고 밑줄이 굵을수록 많이 나빠진 것입니다.',
    lane: '비교군',
    by: '색의 기준',
    byKl: 'KL 발산',
    byProbability: '정답 토큰의 확률',
    measure: '토큰마다 재기',
    scope: (n) =>
      `처음 ${n}토큰입니다. 여기서는 거의 모든 토큰을 채점합니다. 위의 수치는 llama.cpp처럼, 문맥이 짧은 조각 앞쪽 절반을 뺍니다.`,
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
  },
  skills: {
    heading: '능력',
    lead: 'TinyWorld는 프로그램이 지어낸 세계라서 모든 문제에 정답이 하나뿐입니다. 비트가 줄면 무엇이 남고 무엇이 먼저 사라질까요?',
    skill: '능력',
    all: '전체',
    languages: { all: '두 언어 모두', en: '영어', ko: '한국어' },
    language: '문제의 언어',
    names: {
      copying: '따라 쓰기',
      format: '형식 맞추기',
      recall: '기억하기',
      long_recall: '오래 기억하기',
      facts: '지식',
      sentiment: '감정 읽기',
      order: '순서 정하기',
      chain2: '두 단계 추론',
      chain3: '세 단계 추론',
      steps2: '두 단계, 차근차근',
      steps3: '세 단계, 차근차근',
      counting: '개수 세기',
      addition: '덧셈',
    },
    about: {
      copying: '글에 나온 지어낸 낱말을 그대로 씁니다.',
      format: '늘어놓은 물건들을 시킨 형식대로 씁니다.',
      recall: '몇 문장 앞에서 말한 물건의 자리를 답합니다.',
      long_recall: '같은 문제인데, 사이에 150토큰이 넘는 이야기가 끼어 있습니다.',
      facts: '지어낸 동물들에 대해, 배운 것만으로 답합니다.',
      sentiment: '칭찬과 불평이 섞인 후기를 읽고 좋아했는지 답합니다.',
      order: '둘씩 견준 말을 듣고 사람들의 순서를 정합니다.',
      chain2: '두 문장을 단번에 잇습니다: 피리는 상자에, 상자는 탑에.',
      chain3: '세 문장을 단번에 이어 자리를 찾습니다.',
      steps2: '같은 추론을 한 단계씩 말하며 합니다: 상자 안, 탑.',
      steps3: '같은 것을 세 단계로 합니다.',
      counting: '늘어놓은 것 중 한 가지의 개수를 셉니다.',
      addition: '두 수를 더합니다. 식으로도, 이야기로도 나옵니다.',
    },
    example: '예시',
    exampleOf: (skill) => `예시: ${skill}`,
    rightAnswer: '정답',
    verdicts: { same: '같음', worse: '나쁨', better: '좋음', unclear: '문제가 모자람' },
    verdictNote:
      '“같음”은 기준과의 차이가 2%포인트 안이라는 뜻, “나쁨”과 “좋음”은 같은 문제로 한 맥니마 검정에서 p < 0.05라는 뜻입니다. 가로선은 95% 구간입니다.',
    range: (low, high) => `${low}에서 ${high}까지`,
    cell: (value, low, high, n) => `${value}, 95% 구간 ${low} ~ ${high}, ${n}문제`,
    quick: (n) => `${n}문제씩 묻기`,
    everything: (n) => (n ? `${n}문제 모두 묻기` : '모두 묻기'),
    stop: '멈추기',
    asked: (n) => `모두 같은 ${n}문제로 비교했습니다.`,
    waiting:
      '버튼을 누르면 그때부터 차례로 묻습니다. 30초에서 몇 분쯤 걸리고, 답하는 대로 표가 채워집니다.',
  },
  compare: {
    heading: '크기 대 오차',
    lead: '위로 갈수록 정확하고, 왼쪽으로 갈수록 작습니다. 1비트를 더하면 반올림 간격이 절반이 되어 약 +6 dB.',
    xAxis: '가중치당 비트',
    yAxis: 'SNR (dB)',
    plotLabel: '가중치당 비트에 따른 신호 대 잡음비, 기준과 비교군마다 점 하나',
    point: (lane, bits, snr) => `${lane}: 가중치당 ${bits}비트, SNR ${snr} dB`,
    exact: (lane, bits) => `${lane}: 가중치당 ${bits}비트, 오차 없음`,
    referenceLine: (bits) => `기준, ${bits}비트`,
    noError: '오차 없음',
    sizes: '모든 텐서의 크기',
    twoTexts: '두 글',
    left: '왼쪽',
    right: '오른쪽',
    noText: '아직 글이 없습니다.',
    agree: (n) =>
      n === '0' ? '둘 다 아무것도 쓰지 않았습니다.' : `두 글이 ${n}토큰 모두 같습니다.`,
    agreeSoFar: (n) => `지금까지 ${n}토큰이 같습니다.`,
    differ: (position, left, right) =>
      `${nth(position)} 토큰에서 갈라집니다: 왼쪽은 ${left}, 오른쪽은 ${right}.`,
  },
  tensors: {
    heading: '손실이 생긴 곳',
    lead: '가중치 행렬 하나가 네모 하나입니다. 왼쪽에서 오른쪽으로 층, 위에서 아래로 종류. 색이 진할수록 오차가 큽니다.',
    scaleLabel: 'SNR',
    mapLabel: (lane) =>
      `${lane}의 행렬별 신호 대 잡음비. 화살표 키로 움직이면 아래 줄이 알려 줍니다.`,
    cell: (name, format, snr, share) => `${name} · ${format} · SNR ${snr} dB · 오차 ${share}`,
    cellExact: (name, format) => `${name} · ${format} · 오차 없음`,
    kinds: {
      embed: '임베딩',
      head: '출력',
      other: '기타',
    },
    worst: (name, snr) => `가장 부정확한 곳: ${name}, ${snr} dB`,
    details: '모든 텐서를 표로',
    lane: '비교군',
    columns: {
      name: '텐서',
      shape: '모양',
      format: '형식',
      size: '바이트',
      snr: 'SNR (dB)',
      rmse: 'RMSE',
      maxAbs: '최대 오차',
    },
    look: (tensor) => `${tensor} 들여다보기`,
    unchanged: '그대로',
    sortHint: '열 제목을 누르면 정렬되고, 이름을 누르면 그 행렬이 열립니다.',
    waiting: '비교군이 양자화되면 지도가 나타납니다.',
  },
  problems: {
    dismiss: '닫기',
    core: (code, detail) => `${LEADS[code]} (${detail})`,
    recipe: (recipe, detail) => `“${recipe}” 설정은 여기서 쓸 수 없습니다. (${detail})`,
    save: (detail) => `모델을 저장하지 못했습니다. (${detail})`,
    saveCrash: (detail) =>
      `모델을 저장하지 못했습니다. 파일을 쓰던 엔진이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}. 비교 중인 모델은 괜찮습니다.`,
    crash: (detail) =>
      `이 모델이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}. 나머지는 괜찮습니다.`,
    openCrash: (detail) =>
      `모델을 열지 못했습니다. 엔진이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}.`,
    measureCrash: (detail) =>
      `측정이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}. 기준과 비교군은 괜찮습니다.`,
    textEmpty: '글이 비어 있습니다. 글을 쓰거나 붙여 넣어 주세요. 한두 쪽이면 좋습니다.',
    textShort: (n, needed) =>
      `글이 너무 짧아 잴 수 없습니다: ${n}토큰인데, 적어도 ${needed}토큰이 필요합니다. 한두 쪽이면 좋습니다.`,
    browser: (detail) => `이 브라우저에서는 모델을 실행할 수 없습니다: ${detail}`,
    memory:
      '이 탭의 메모리로는 이 모델을 열 수 없습니다. 다른 비교군을 지우거나 더 작은 모델을 고르세요.',
    address: (text) =>
      `“${text}”: owner/name 형식의 저장소 이름도, .gguf · .safetensors 파일의 https 주소도 아닙니다.`,
    notFound: (address) => `${address} 에 아무것도 없습니다(404).`,
    noRepository: (address) =>
      `${address} 에 공개된 저장소가 없거나, 저장소에 그 리비전이 없습니다.`,
    noConfig: (address) =>
      `${address} 에 config.json이 없어 .safetensors 모델로 열 수 없습니다. .gguf 파일이 있다면 그 파일의 주소를 적어 주세요.`,
    forbidden: (address) =>
      `${address}: 계정이나 라이선스 동의가 필요합니다. 직접 내려받은 뒤 폴더를 여기에 놓아 주세요.`,
    http: (status, address) => `서버가 ${address} 에 ${status} 응답을 보냈습니다.`,
    network: (host) =>
      `${host} 에 닿을 수 없거나, 다른 페이지가 파일을 읽도록 허락하지 않습니다. 직접 내려받은 뒤 여기에 놓아 주세요.`,
    offline:
      '인터넷에 연결되어 있지 않습니다. 열어 둔 모델은 그대로 쓸 수 있고, 디스크에 있는 모델은 여기에 놓으면 열립니다.',
    tooMany: (host, seconds) =>
      `${host} 서버가 요청이 너무 많다고 합니다(429). ${seconds ? `${seconds}초 뒤에` : '몇 분 뒤에'} 다시 시도해 주세요.`,
    server: (host, status) =>
      `${host} 서버에 지금 문제가 있습니다(${status}). 나중에 다시 시도해 주세요.`,
    cut: (address, done, total) =>
      total
        ? `${address} 파일이 알려진 것과 다르게 왔습니다: ${total}바이트여야 하는데 ${done}바이트가 왔습니다. 받은 것은 쓰지 않습니다. 다시 시도하거나, 직접 내려받아 여기에 놓아 주세요.`
        : `${address} 내려받기가 ${done}바이트에서 끊겼습니다. 받은 것은 쓰지 않습니다. 다시 시도하거나, 직접 내려받아 여기에 놓아 주세요.`,
    webPage: (address) =>
      `${address} 내용이 모델 파일이 아니라 웹 페이지입니다. 로그인이 필요하거나, 파일을 소개하는 페이지의 주소일 수 있습니다.`,
    linkSetting: (name, value, expected, used) =>
      `링크의 ${name}=${value} 값은 쓸 수 없습니다${expected && ` (쓸 수 있는 값: ${expected})`}. 대신 쓰는 값: ${used || '기본값'}.`,
    linkRepeated: (name, value) =>
      `링크에 ${name} 설정이 여러 번 있어 첫 번째 값(${name}=${value})을 씁니다.`,
    linkUnknown: (name) => `링크에 이 페이지에 없는 설정이 있습니다: ${name}.`,
    linkPrompt: (n, limit) => `링크의 프롬프트가 ${n}자라서 앞의 ${limit}자만 씁니다.`,
    linkLanes: (n, limit) => `링크에 비교군이 ${n}개라서 앞의 ${limit}개만 보여 줍니다.`,
    linkRecipe: (nBytes, limit) =>
      `링크의 레시피 하나가 ${nBytes}바이트입니다. 레시피는 ${limit}바이트까지라서 그 비교군은 뺐습니다.`,
    linkPanels: (unknown) => `링크에 이 페이지에 없는 패널이 있습니다: ${unknown}.`,
  },
  live: {
    modelOpen: (name) => `${name} 모델을 열었습니다.`,
    laneReady: (lane, size, share, error) =>
      `${lane}: ${size}, 기준의 ${share}, 가중치 오차 ${error}.`,
    runDone: (summary) => `모두 글을 썼습니다. ${summary}`,
    laneDiffers: (lane, position) => `${lane}: ${nth(position)} 토큰에서 달라짐.`,
    laneSame: (lane) => `${lane}: 같은 글.`,
    measured: (summary) => `손실을 쟀습니다. ${summary}`,
    laneLoss: (lane, loss) => `${lane} 판정, ${loss}.`,
  },
  notes: {
    sentence: (about, message) => `${about} (${message})`,
    more: (n) => `알림 ${n}개 더`,
    kinds: noteKinds,
  },
  formats: { families, kinds },
  footer: {
    method:
      'MLX, llama.cpp, PyTorch, bitsandbytes 형식의 코드, 스케일, 크기는 그 라이브러리들이 쓰는 것과 바이트까지 같고, 교과서 형식은 이 페이지가 만든 것입니다. 활성화 값은 부동소수점 그대로 두므로 여기 보이는 것은 가중치에서 생긴 손실뿐이며, @int8이 붙은 레시피만은 활성화 값을 반올림한 손실까지 함께 보입니다.',
  },
};
