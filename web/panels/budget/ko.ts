/** The words of the memory calculator, in Korean. */
import type { BudgetWords } from './en.ts';

export const ko: BudgetWords = {
  lead: '모델의 모양만으로 계산하므로 내려받을 것이 없습니다. 스케일과 바이어스까지 빠짐없이 셉니다.',
  source: '모델',
  sources: { size: '크기로', open: '지금 연 모델', config: 'config.json' },
  size: '크기',
  otherSize: '직접 적기',
  config: 'config.json의 내용을 붙여 넣으세요',
  recipe: '레시피',
  context: '컨텍스트 토큰 수',
  kvType: 'KV 캐시 형식',
  total: (recipe, size) => `${recipe} 적용: ${size}`,
  shape: (architecture, nParams, bits) =>
    `${architecture}, 파라미터 ${nParams}개, 딸린 것까지 합쳐 가중치당 ${bits}비트`,
  overhead: (bits, bare, size, more) =>
    `정확히 ${bits}비트라면 가중치는 ${bare}입니다. 스케일, 바이어스, 부동소수점으로 남는 텐서까지 더하면 ${size}로 ${more} 더 큽니다.`,
  limited: (n) => `이 모델이 한 번에 읽는 토큰은 최대 ${n}개이므로 그만큼만 계산했습니다.`,
  compare: '어디에 들어갈까',
  standards: { f16: 'fp16', 'affine:8:64': 'Q8 (affine:8:64)', 'affine:4:64': 'Q4 (affine:4:64)' },
  parts: { weights: '가중치', kv: 'KV 캐시', activations: '작업 공간' },
  fits: (memories) => `${memories}에 들어갑니다.`,
  fitsNowhere: '8, 16, 24, 64 GB 어디에도 들어가지 않습니다.',
  memoryNote:
    '점선은 8, 16, 24, 64 GB 메모리이며 1 GB를 2³⁰바이트로 셌습니다. 크기는 10⁹바이트 단위입니다. 운영체제와 다른 프로그램이 쓰는 몫은 넣지 않았습니다.',
  parameters: '파라미터가 있는 곳',
  kinds: {
    ffn: '피드포워드',
    attention: '어텐션',
    embedding: '임베딩',
    output: '출력 행렬',
    outputTied: '출력 행렬(임베딩과 공유)',
    other: '정규화와 나머지',
  },
};
