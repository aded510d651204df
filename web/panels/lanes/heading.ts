/** What the lanes is called over it, also before its code is there. */
export const heading = {
  en: 'Side by side',
  ko: '나란히 보기',
};
