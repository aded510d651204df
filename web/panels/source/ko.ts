/** The words of choosing a model, in Korean. */
import type { SourceWords } from './en.ts';

export const ko: SourceWords = {
  heading: '모델 고르기',
  dropTitle: '여기에 모델을 놓으세요',
  dropHint: '.gguf 파일 하나, 또는 .safetensors · config.json · tokenizer.json이 든 폴더.',
  dropNow: '놓으면 열립니다',
  chooseFiles: '파일 선택',
  chooseFolder: '폴더 선택',
  addressLabel: 'Hugging Face 저장소 이름(@리비전도 가능), 또는 .gguf · .safetensors 파일의 URL',
  addressPlaceholder: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  load: '불러오기',
  look: '살펴보기',
  lookHint: '내려받기 전에 어떤 모델이고 무엇이 필요한지 봅니다',
  looking: (name) => `${name} 살펴보는 중`,
  listHeading: '바로 써 보기',
  listEmpty: '이 사이트에는 아직 준비된 모델이 없습니다. 가진 모델을 놓거나 이름을 적어 주세요.',
  listLoading: '모델 목록을 찾는 중…',
  cancel: '취소',
  fetching: (name) => `${name} 내려받는 중`,
  streaming: (name) => `${name} 내려받으면서 양자화하는 중`,
  reading: (name) => `${name} 읽는 중`,
  bytes: (done, total) => (total ? `${total} 중 ${done}` : done),
  rate: (bytes) => `초당 ${bytes}`,
  come: (come, taken) => `${come} 도착, ${taken} 양자화됨`,
  stalled: (seconds) =>
    `${seconds}초 동안 아무것도 오지 않았습니다. 서버가 다시 보내면 저절로 이어집니다. 그대로라면 취소하고 다시 시도해 주세요.`,
  notKept: {
    refused:
      '이 브라우저는 이 페이지의 파일을 보관하지 않습니다. 받은 것은 메모리에만 있고, 다음에 오면 다시 받습니다.',
    quota: (room) =>
      `이 브라우저가 모델 보관에 내주는 공간이 ${room}뿐입니다. 받은 것은 메모리에만 있고, 다음에 오면 다시 받습니다.`,
    busy: '다른 페이지가 같은 모델을 받고 있습니다. 여기서 받은 것은 메모리에만 있고 보관되지 않습니다.',
  },
  kept: {
    heading: '이 브라우저에 보관된 모델',
    open: '열기',
    goOn: '이어 받기',
    delete: '삭제',
    deleteAll: '모두 삭제',
    openName: (name) => `${name} 열기`,
    goOnName: (name) => `${name} 이어 받기`,
    deleteName: (name) => `${name} 삭제`,
    part: (done, total) => (total ? `${total} 중 ${done}` : `${done}, 일부`),
    total: (kept, room) =>
      room === null ? `모두 ${kept}` : `모두 ${kept}. 이 브라우저에서 ${room} 더 쓸 수 있습니다`,
    inUse: (name) => `${name} 모델이 열려 있습니다. 거기서 다른 모델을 연 다음 삭제해 주세요.`,
  },
  askTitle: '이 링크가 가리키는 모델',
  askHub: (name) => `huggingface.co의 ${name}. 확인하시면 내려받습니다.`,
  askUnlisted: (name) =>
    `이 사이트 목록에는 “${name}” 모델이 없습니다. huggingface.co에 그런 이름의 저장소가 있다면, 확인하시는 대로 내려받습니다.`,
  askUrl: (name) => `${name}. 확인하시면 내려받습니다.`,
  askLocal: (name) =>
    `보낸 사람이 쓴 것은 자기 컴퓨터의 파일 “${name}”입니다. 같은 파일을 여기에 놓으면 같은 화면을 볼 수 있습니다.`,
  askLook: '먼저 살펴보기',
  askLoad: '내려받아 열기',
  chooseTitle: (name) => `${name} 저장소에는 모델이 여러 개 있습니다`,
  chooseHint: '4비트 이상 중 가장 작은 것부터입니다. 손실이 가장 큰 4비트 미만은 맨 뒤에 있습니다.',
  token: {
    heading: '액세스 토큰',
    about:
      '내 계정으로만 읽을 수 있는 저장소에 씁니다. 토큰은 페이지를 닫거나 새로 고칠 때까지 이 페이지의 메모리에만 있고 huggingface.co에만 보냅니다. 링크나 저장 공간, 기록에는 남지 않습니다.',
    label: '읽기 권한이 있는 Hugging Face 토큰',
    use: '사용',
    remove: '지우기',
    held: '토큰을 쓰고 있습니다.',
    wrong: '토큰이 아닙니다. 토큰에 없는 글자가 있습니다.',
    tooOld:
      '오래된 브라우저라서 토큰이 huggingface.co에만 간다고 보장할 수 없습니다. Chrome 119, Firefox 121, Safari 17.4 이상이 필요합니다.',
  },
};
