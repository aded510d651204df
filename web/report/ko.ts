/** What the columns of the tables are called, and how they are copied, in Korean. */
import type { TableWords } from './en.ts';

export const ko: TableWords = {
  headings: {
    recipe: '레시피',
    size: '크기',
    bits: '가중치당 비트',
    rmse: '가중치 오차 (RMSE)',
    snr: '가중치 SNR',
    speed: '초당 토큰',
    ppl: '퍼플렉시티',
    lnRatio: '퍼플렉시티 비의 ln',
    kl: 'KL 발산',
    kl99: 'KL, 99%',
    sameTop: '1순위 토큰 일치',
    logitDiff: '평균 |Δ 로짓|',
    right: '정답률',
    points: '기준과의 차이 (%p)',
    verdict: '판정',
  },
  exact: '오차 없음',
  copy: '복사 형식',
  copied: (what) => `${what} 형식으로 복사했습니다.`,
  notCopied: '브라우저가 복사를 허락하지 않았습니다. 아래 내용을 직접 복사해 주세요.',
};
