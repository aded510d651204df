/** What the text token by token is called over it, also before its code is there. */
export const heading = {
  en: 'Where it hurts',
  ko: '예측이 나빠진 곳',
};
