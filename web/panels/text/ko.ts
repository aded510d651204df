/** The words of choosing the text, in Korean. */
import type { TextWords } from './en.ts';

export const ko: TextWords = {
  on: '손실을 재는 글',
  length: '길이',
  beginning: (n) => `처음 ${n}토큰`,
  whole: '글 전체',
  scored: {
    whole: (n) => `${n}토큰을 채점했습니다. llama.cpp처럼 조각마다 뒤쪽 절반만 셉니다.`,
    lines: (n) => `${n}토큰을 채점했습니다. 한 줄씩 따로 읽습니다.`,
    blank: (n) => `${n}토큰을 채점했습니다. 빈 줄로 나뉜 글을 하나씩 따로 읽습니다.`,
  },
  own: '내 글',
  ownHint:
    '모델에게 맡길 글과 비슷한 글을 한두 쪽 넣어 보세요. 글은 이 탭에만 남고 링크에는 담기지 않습니다.',
  ownUse: '이 글로 재기',
};
