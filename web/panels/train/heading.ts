/** What quantization-aware training is called over its panel, also before its code is there. */
export const heading = {
  en: 'Learn with fewer bits: training through the rounding',
  ko: '적은 비트로 다시 배우기: 양자화 인식 학습',
};
