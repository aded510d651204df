/** The words of the panel of number formats, in Korean. */
import type { NumbersWords } from './en.ts';

export const ko: NumbersWords = {
  lead: '같은 수를 아홉 가지 형식으로 적어 봅니다. 수를 입력하거나 비트를 눌러 뒤집으면, 나머지 형식이 그 수를 어떻게 담는지 바로 보입니다.',
  number: '수',
  notNumber: '수가 아닙니다. 0.1, −3.5, 1e-3처럼 적어 주세요.',
  examples: '예',
  absmax: '그룹에서 가장 큰 가중치',
  absmaxNote:
    'int8, int4, nf4에는 몇 번째 칸인지만 담깁니다. 한 칸의 크기는 같은 스케일을 쓰는 가중치 가운데 절댓값이 가장 큰 것에 따라 정해집니다.',
  notPositive: '0보다 큰 수가 아닙니다.',
  rows: '형식별 비트',
  roles: { sign: '부호', exponent: '지수', fraction: '가수', code: '코드' },
  about: {
    fp32: '학습할 때 쓰는 기준 형식',
    fp16: 'bf16보다 촘촘하지만 65,504까지',
    bf16: '범위는 fp32와 같고 유효숫자는 2~3자리',
    e4m3: '448까지, 무한대 없음',
    e5m2: 'fp16의 앞 절반: 넓고 성김',
    e2m1: '−6부터 6까지 열다섯 값',
    int8: '스케일의 정수배, 고른 간격',
    int4: '고른 간격, 열다섯 칸 사용',
    nf4: '가중치가 몰린 0 근처가 촘촘함',
  },
  nBits: (n) => `${n}비트`,
  bitsOf: (name) => `${name}의 비트: 화살표 키로 옮기고 Enter나 Space로 뒤집기`,
  bit: (role, place, value) => `${role}, ${place}번 비트: ${value}`,
  exact: '오차 없음',
  error: (difference, share) => `오차 ${difference} (${share})`,
  errorPlain: (difference) => `오차 ${difference}`,
  notNumberHere: '수가 아님',
  beyond: '범위를 벗어남',
  line: '한 직선 위에 놓은 값들',
  lineLead:
    '눈금 하나가 그 형식에 있는 수 하나이고, 점은 입력한 수가 반올림된 자리입니다. 부동소수점은 0 근처에 몰리고, 정수는 간격이 고르며, nf4는 종 모양 분포를 따릅니다.',
  shown: '직선에 놓을 형식',
  from: '범위',
  count: (within, total) => `${total}개 중 이 범위에 ${within}개`,
  yours: '입력한 수',
};
