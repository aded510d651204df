/** What the table is called over it, also before its code is there. */
export const heading = {
  en: 'Table of everything measured',
  ko: '측정한 것 모두',
};
