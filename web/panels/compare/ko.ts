/** The words of size against error, in Korean. */
import { nth } from '../../i18n/ko.ts';
import type { CompareWords } from './en.ts';

export const ko: CompareWords = {
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
  agree: (n) => (n === '0' ? '둘 다 아무것도 쓰지 않았습니다.' : `두 글이 ${n}토큰 모두 같습니다.`),
  agreeSoFar: (n) => `지금까지 ${n}토큰이 같습니다.`,
  differ: (position, left, right) =>
    `${nth(position)} 토큰에서 갈라집니다: 왼쪽은 ${left}, 오른쪽은 ${right}.`,
};
