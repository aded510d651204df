/** The words of choosing the text, in English. */
export const en = {
  on: 'What is lost is measured on',
  length: 'Length',
  beginning: (n: string) => `first ${n} tokens`,
  whole: 'whole text',
  scored: {
    whole: (n: string) => `${n} tokens scored, the second half of each chunk as in llama.cpp.`,
    lines: (n: string) => `${n} tokens scored, each line read by itself.`,
    blank: (n: string) => `${n} tokens scored, each text between blank lines read by itself.`,
  },
  own: 'Your own text',
  ownHint:
    'A page or two of the kind of text that you will use the model for. It stays in this tab, and out of the link.',
  ownUse: 'Use this text',
};

export type TextWords = typeof en;
