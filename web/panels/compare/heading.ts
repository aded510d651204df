/** What size against error is called over it, also before its code is there. */
export const heading = {
  en: 'Size against error',
  ko: '크기 대 오차',
};
