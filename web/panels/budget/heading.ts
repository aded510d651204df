/** What the memory calculator is called over it, also before its code is there. */
export const heading = {
  en: 'How much memory would it take?',
  ko: '메모리는 얼마나 필요할까?',
};
