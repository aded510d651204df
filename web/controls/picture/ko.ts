/** The words of what saves a chart, in Korean. */
import type { PictureWords } from './en.ts';

export const ko: PictureWords = {
  save: '그림 저장',
  saved: (file) => `${file} 파일을 저장했습니다.`,
  failed: '브라우저가 이 그림을 만들지 못했습니다.',
};
