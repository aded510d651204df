/** What the map of the matrices is called over it, also before its code is there. */
export const heading = {
  en: 'Where the loss sits',
  ko: '손실이 생긴 곳',
};
