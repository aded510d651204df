/** What the stage is called, also before its code is there. */
export const heading = {
  en: 'How few bits will do?',
  ko: '몇 비트면 충분할까?',
};
