/** What the choice of the text is called where panels are listed. */
export const heading = {
  en: 'Text that the loss is measured on',
  ko: '손실을 재는 글 고르기',
};
