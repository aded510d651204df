/** The words of the open model, in Korean. */
import type { ModelWords } from './en.ts';

export const ko: ModelWords = {
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
};
