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
  size: '이 형식으로는 모델이 메모리에 들어가지 않습니다.',
  elsewhere: '이 모델에 필요한 부분이 아직 준비되지 않았습니다.',
  browser: '이 브라우저에서는 실행할 수 없습니다.',
};

/** "첫 번째", "3번째" */
export const nth = (n: string) => (n === '1' ? '첫 번째' : `${n}번째`);

export const ko: Messages = {
  unsupported: {
    title: '이 브라우저에서는 bitloss를 실행할 수 없습니다',
    sentence: 'SIMD를 지원하는 WebAssembly가 필요합니다: Chrome 91, Firefox 89, Safari 16.4 이상.',
  },
  model: {
    heading: '모델',
    another: '다른 모델',
    keep: '이 모델 그대로',
  },
  element: {
    start: '실험 시작',
    needs: {
      tokenizer: '토크나이저가 있는 모델이 필요합니다.',
      questions: '물어볼 문제가 준비된 모델이 필요합니다.',
    },
  },
  bench: {
    heading: '더 깊이: 형식, 비교군, 측정',
    lead: '같은 모델을 원하는 만큼 여러 형식으로 나란히 놓고, 모든 수치와 그 출처를 봅니다.',
  },
  cut: {
    sentence:
      '페이지의 일부를 불러오지 못했습니다. 연결이 끊겼을 수 있습니다. 열려 있는 것은 그대로 쓸 수 있습니다.',
    retry: '다시 시도',
  },
  timeLeft: (seconds) =>
    seconds < 90
      ? `약 ${Math.max(1, Math.round(seconds))}초 남음`
      : `약 ${Math.round(seconds / 60)}분 남음`,
  lane: {
    reference: '기준',
    variant: (letter) => `비교군 ${letter}`,
    exactBytes: (bytes) => `${bytes}바이트`,
    noErrorNote: '모든 가중치가 정확히 같음',
    differsHere: '첫 번째로 다른 토큰',
    endOfText: '글의 끝',
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
    nats: 'nat',
    measuring: '손실 측정 중',
    estimate: (time) => `${time} 걸림`,
    seconds: (s) => `약 ${s}초`,
    minutes: (min) => `약 ${min}분`,
    stop: '멈추기',
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
  problems: {
    dismiss: '닫기',
    core: (code, detail, korean) => korean ?? `${LEADS[code]} (${detail})`,
    recipe: (recipe, detail, korean) =>
      `“${recipe}” 설정은 여기서 쓸 수 없습니다. ${korean ?? `(${detail})`}`,
    save: (detail, korean) => `모델을 저장하지 못했습니다. ${korean ?? `(${detail})`}`,
    saveCrash: (detail) =>
      `모델을 저장하지 못했습니다. 파일을 쓰던 엔진이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}. 비교 중인 모델은 괜찮습니다.`,
    crash: (detail) =>
      `이 모델이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}. 나머지는 괜찮습니다.`,
    openCrash: (detail) =>
      `모델을 열지 못했습니다. 엔진이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}.`,
    measureCrash: (detail) =>
      `측정이 예기치 않게 멈췄습니다${detail ? ` (${detail})` : ''}. 기준과 비교군은 괜찮습니다.`,
    noCalibration:
      '이 레시피의 방법은 모델이 글을 읽으며 계산하는 것을 보고 코드를 고르는데, 이 모델에 딸린 글이 없습니다. 모델을 쓸 곳의 글 파일을 골라 주세요.',
    stopped: '코드를 고르기 전에 멈췄습니다.',
    textEmpty: '글이 비어 있습니다. 글을 쓰거나 붙여 넣어 주세요. 한두 쪽이면 좋습니다.',
    textShort: (n, needed) =>
      `글이 너무 짧아 잴 수 없습니다: ${n}토큰인데, 적어도 ${needed}토큰이 필요합니다. 한두 쪽이면 좋습니다.`,
    browser: (detail) => `이 브라우저에서는 모델을 실행할 수 없습니다: ${detail}`,
    memory:
      '이 탭의 메모리로는 이 모델을 열 수 없습니다. 다른 비교군을 지우거나 더 작은 모델을 고르세요.',
    address: (text) =>
      `“${text}”: owner/name 또는 owner/name@revision 형식의 저장소 이름도, .gguf · .safetensors 파일의 https 주소도 아닙니다.`,
    notFound: (address) => `${address} 에 아무것도 없습니다(404).`,
    noRepository: (address, hasToken) =>
      hasToken
        ? `${address} 에 이 액세스 토큰으로 볼 수 있는 저장소가 없거나, 저장소에 그 리비전이 없습니다.`
        : `${address} 에 공개된 저장소가 없거나, 저장소에 그 리비전이 없습니다.`,
    gated: (address, hasToken) =>
      hasToken
        ? `액세스 토큰의 계정이 아직 허락을 받지 못했습니다. ${address} 에 로그인해 약관에 동의하고 승인을 기다려 주세요. 토큰에는 제한된(gated) 저장소를 읽는 권한이 있어야 합니다.`
        : `약관에 동의한 사람만 받을 수 있는 모델입니다. ${address} 에 로그인해 약관에 동의한 뒤, 그 계정의 토큰을 “액세스 토큰”에 적어 주세요. 직접 내려받은 폴더를 여기에 놓아도 됩니다.`,
    badToken: (host) =>
      `${host} 에서 모르는 액세스 토큰입니다. 잘못 적었거나 폐기된 토큰일 수 있습니다. 다른 토큰을 적거나 지워 주세요.`,
    noWeights: (address, found) =>
      `${address} 에 .safetensors 파일도 .gguf 파일도 없습니다${found && `(있는 것: ${found})`}. bitloss는 다른 형식을 읽지 못합니다.`,
    noLook: (address) =>
      `${address} 파일은 내려받기 전에 살펴볼 수 없습니다. 서버가 크기를 알려 주지 않거나, 헤더가 128 MB를 넘습니다.`,
    noShard: (address, name) => `${address} 색인에 적힌 ${name} 파일이 없습니다.`,
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
    cut: (address, done, total, isKept) =>
      (total
        ? `${address} 파일이 알려진 것과 다르게 왔습니다: ${total}바이트여야 하는데 ${done}바이트가 왔습니다. `
        : `${address} 내려받기가 ${done}바이트에서 끊겼습니다. `) +
      (isKept
        ? '받은 만큼은 이 브라우저에 남아 있습니다. 다시 시도하면 그다음부터 이어 받습니다.'
        : '받은 것은 쓰지 않습니다. 다시 시도하거나, 직접 내려받아 여기에 놓아 주세요.'),
    checksum: (address) =>
      `${address} 파일이 서버에 있는 것과 다르게 왔습니다: SHA-256이 맞지 않습니다. 받은 것은 쓰거나 남기지 않습니다. 다시 시도해 주세요.`,
    changed: (address) =>
      `${address} 파일이 받는 사이에 서버에서 바뀌었습니다. 받은 것은 쓰지 않습니다. 다시 시도하면 새 파일을 받습니다.`,
    webPage: (address) =>
      `${address} 내용이 모델 파일이 아니라 웹 페이지입니다. 로그인이 필요하거나, 파일을 소개하는 페이지의 주소일 수 있습니다.`,
    places: { link: '링크', element: '요소' },
    linkSetting: (place, name, value, expected, used) =>
      `${place}의 ${name}=${value} 값은 쓸 수 없습니다${expected && ` (쓸 수 있는 값: ${expected})`}. 대신 쓰는 값: ${used || '기본값'}.`,
    linkRepeated: (name, value) =>
      `링크에 ${name} 설정이 여러 번 있어 첫 번째 값(${name}=${value})을 씁니다.`,
    linkUnknown: (place, name) => `${place}에 이 페이지에 없는 설정이 있습니다: ${name}.`,
    linkPrompt: (place, n, limit) => `${place}의 프롬프트가 ${n}자라서 앞의 ${limit}자만 씁니다.`,
    linkLanes: (place, n, limit) => `${place}에 비교군이 ${n}개라서 앞의 ${limit}개만 보여 줍니다.`,
    linkRecipe: (place, nBytes, limit) =>
      `${place}의 레시피 하나가 ${nBytes}바이트입니다. 레시피는 ${limit}바이트까지라서 그 비교군은 뺐습니다.`,
    linkPanels: (place, unknown) => `${place}에 이 페이지에 없는 패널이 있습니다: ${unknown}.`,
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
};
