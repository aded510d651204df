/** What the look inside a matrix is called over it, also before its code is there. */
export const heading = {
  en: 'Inside one matrix',
  ko: '행렬 하나 들여다보기',
};
