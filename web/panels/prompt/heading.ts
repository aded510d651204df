/** What the prompt is called over it, also before its code is there. */
export const heading = {
  en: 'One prompt for all lanes',
  ko: '모두에게 같은 프롬프트',
};
