/** What the way through the layers is called over it, also before its code is there. */
export const heading = {
  en: 'Where the lanes part',
  ko: '비교군이 갈라지는 층',
};
