/** The words of the map of the matrices, in Korean. */
import type { TensorsWords } from './en.ts';

export const ko: TensorsWords = {
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
};
