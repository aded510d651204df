/** What the sweep is called over it, also before its code is there. */
export const heading = {
  en: 'Recipe by recipe: size against loss',
  ko: '레시피별 크기와 손실',
};
