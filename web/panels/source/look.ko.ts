/** The words of a look at a model, in Korean; loaded with the first. */
import type { LookWords } from './look.en.ts';

const under = (recipe: string) =>
  recipe === 'reference' ? '저장된 그대로면' : `${recipe} 적용 시`;

export const ko: LookWords = {
  nothingYet: '아직 아무것도 내려받지 않았습니다.',
  family: '계열',
  parameters: '파라미터',
  storedAs: '저장 형식',
  size: '크기',
  files: '내려받을 것',
  filesValue: (n, size) => `파일 ${n}개, ${size}`,
  context: '컨텍스트',
  contextValue: (n) => `${n}토큰`,
  opens: (recipe, need) =>
    `여기서 열 수 있습니다. ${under(recipe)} ${need}가 필요하고, 페이지는 모델 하나에 4 GB까지 쓸 수 있습니다.`,
  tight: (recipe, need) =>
    `${under(recipe)} 이 컨텍스트에서 ${need}가 필요해, 페이지가 모델 하나에 쓸 수 있는 4 GB를 넘습니다. 열리더라도 긴 글을 쓰다 멈출 수 있습니다.`,
  tooLarge: (recipe, weights) =>
    `여기서는 열 수 없습니다. ${under(recipe)} 가중치만 ${weights}인데 페이지는 모델 하나에 4 GB까지 쓸 수 있습니다. 브라우저 밖에서 도는 bitloss 명령에는 이런 한계가 없습니다.`,
  encoder:
    '글 전체를 읽을 뿐 이어 쓰지 않는 인코더라서 이 페이지에서는 실행할 수 없습니다. 명령 “bitloss classify”와 “bitloss embed”로는 됩니다.',
  cannotRun: (why) => `변환할 수는 있지만 실행할 수는 없습니다(${why}).`,
  recipe: '레시피',
  bits: '가중치당 비트',
  weights: '크기',
  memory: '메모리',
  memoryParts: (weights, kv, work) => `가중치 ${weights}, KV 캐시 ${kv}, 작업 공간 ${work}`,
  runsIn: '실행할 곳',
  page: '이 페이지',
  computer: (gigabytes) => `${gigabytes} GB`,
  nowhere: '64 GB 초과',
  asStored: '저장된 그대로',
  note: (tokens) =>
    `메모리는 컨텍스트 ${tokens}토큰, 16비트 키와 값, 스레드 하나일 때입니다. 컴퓨터는 8, 16, 24, 64 GB를 놓고 보았고, 운영체제와 다른 프로그램의 몫은 넣지 않았습니다.`,
  read: (bytes, seconds) =>
    `모두 가중치 파일의 헤더에서 읽은 값입니다. ${bytes}를 ${seconds}초 만에 읽었습니다.`,
  download: (size) => `내려받아 열기(${size})`,
  close: '닫기',
};
