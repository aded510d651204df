/** What a classifier under quantization is called over it, also before its code is there. */
export const heading = {
  en: 'A classifier, quantized: reviews',
  ko: '분류 모델 양자화: 후기',
};
