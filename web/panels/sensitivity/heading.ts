/** What the sensitivity of the parts is called over it, also before its code is there. */
export const heading = {
  en: 'Which part hurts most',
  ko: '어디가 가장 민감한가',
};
