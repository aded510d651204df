/** The words of what saves a chart, in English. */
export const en = {
  save: 'Save this picture as',
  saved: (file: string) => `${file} saved.`,
  failed: 'The browser could not make this picture.',
};

export type PictureWords = typeof en;
