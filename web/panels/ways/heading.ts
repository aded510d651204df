/** What the ways to fewer bits are called over their panel, also before its code is there. */
export const heading = {
  en: 'Ways to fewer bits: what more effort buys',
  ko: '비트를 줄이는 여러 길: 들인 만큼 덜 잃을까',
};
