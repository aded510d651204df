/** The words of the histogram and codes of a matrix, in Korean. */
import type { WeightsWords } from './en.ts';

export const ko: WeightsWords = {
  lead: '가중치가 무엇이었다가 무엇이 되었는지, 어떤 코드로 담겼는지, 바이트는 어디에 쓰이는지.',
  waiting: '비교군이 양자화되면 나타납니다.',
  lane: '비교군',
  tensor: '텐서',
  looking: '가중치를 살펴보는 중',
  exact: '모든 가중치가 그대로입니다.',
  error: (rmse, snr, maxAbs) => `RMSE ${rmse}, SNR ${snr} dB, 최대 오차 ${maxAbs}.`,
  outliers: (share) =>
    `원래 가중치의 ${share}는 이상치입니다. 평균에서 표준편차의 네 배 넘게 떨어져 있습니다.`,
  histogram: '양자화 전후의 가중치',
  originals: '전',
  converted: '후',
  rootScale: '값마다 가중치가 몇 개인지를 제곱근 눈금으로 나타냈습니다.',
  codes: '쓰인 코드',
  noCodes: '부동소수점 그대로라서 코드가 없습니다.',
  ends: (first, last) =>
    `양 끝: 가중치의 ${first}가 가장 낮은 코드, ${last}가 가장 높은 코드입니다.`,
  used: (n, total) => `코드 ${total}개 중 ${n}개가 쓰였습니다.`,
  rows: '행마다의 오차',
  rowFigures: (median, worst, index) =>
    `RMSE 중앙값 ${median}, 최댓값 ${worst} (${index}번 행). 왼쪽부터 차례로 행이며, 색이 짙을수록 오차가 큽니다.`,
  map: '그룹마다의 오차: 하나를 골라 보세요',
  mapLead:
    '칸 하나가 스케일을 함께 쓰는 가중치 그룹입니다. 색이 짙을수록 오차가 큽니다. 칸을 누르거나 행과 그룹 번호를 입력하세요.',
  row: '행',
  group: '행 안의 그룹',
  groupHeading: (row, from, to) => `${row}번 행, 가중치 ${from}~${to}`,
  bars: '그룹의 가중치입니다. 가로줄이 원래 값, 막대가 복원된 값입니다.',
  scale: '스케일',
  zero: '영점',
  zeroValue: (zero) => `코드 ${zero}`,
  offset: '이동',
  ownGrid: '형식이 정한 값으로 되돌리기',
  rmseNow: (now, own, times) =>
    `RMSE ${now}. 형식이 정한 격자에서는 ${own}이므로 ${times}배입니다.`,
  rmseOwn: (own) => `RMSE ${own}. 형식이 정한 격자 그대로입니다.`,
  noGrid:
    '이 형식은 스케일까지 양자화하거나 탐색으로 정하므로, 여기서 움직일 스케일이 하나로 정해져 있지 않습니다.',
  weight: '가중치',
  formula: '가중치에서 코드로, 다시 값으로',
  packed: '메모리에 담긴 코드',
  packedLead: (bits, nBytes) =>
    `가중치마다 ${bits}비트씩 모두 ${nBytes}바이트입니다. 높은 비트부터 적었고, 고른 가중치의 비트에는 테두리가 있으며, 이웃한 가중치는 색이 번갈아 바뀝니다.`,
  steps: { divide: '스케일로 나누면', round: '코드로', back: '되돌리면', off: '오차' },
  madeUp: {
    heading: '그룹으로 나누는 까닭',
    lead: '표준편차 σ가 1인 가상의 가중치를 4비트로 양자화합니다. 스케일을 함께 쓰는 가중치가 적을수록, 멀리 떨어진 값 하나가 망치는 가중치도 적습니다.',
    shape: '분포',
    shapes: { normal: '정규분포', heavy: '두꺼운 꼬리', outlier: '이상치 하나' },
    outlier: '이상치의 크기',
    shared: [
      '텐서 전체에 스케일 하나',
      '행(채널)마다 하나',
      '그룹 크기 128',
      '그룹 크기 64',
      '그룹 크기 32',
    ],
  },
  bytes: '바이트가 쓰이는 곳',
  bytesTensor: (size) => `이 텐서: ${size}`,
  bytesModel: (recipe, size) => `모델 전체(${recipe}): ${size}`,
  parts: { codes: '코드', scales: '스케일', biases: '바이어스', untouched: '부동소수점 그대로' },
  asTable: '분포를 표로 보기',
  from: '시작값',
};
