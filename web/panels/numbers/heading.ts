/** What the bits of number formats are called over them, also before their code is there. */
export const heading = {
  en: 'Number formats, bit by bit',
  ko: '숫자 형식을 비트로 보기',
};
