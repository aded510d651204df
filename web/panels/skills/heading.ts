/** What the skills is called over it, also before its code is there. */
export const heading = {
  en: 'Skills',
  ko: '능력',
};
