/** The words of the open model, in English. */
export const en = {
  architecture: 'Architecture',
  parameters: 'Parameters',
  shape: 'Shape',
  shapeValue: (layers: string, dim: string) => `${layers} layers × ${dim}`,
  storedAs: 'Stored as',
  size: 'Size',
  noTokenizer:
    'These files hold no tokenizer, so the model cannot write text here; sizes and errors are still exact.',
  alreadyQuantized: (bits: number, format: string) =>
    `This reference is already ${bits}-bit (${format}): the loss of that step is invisible here. 8 bits on top of it are nearly free, and 4 bits say little about quantizing the original.`,
  parametersExact: (n: string) => `${n} parameters`,
};

export type ModelWords = typeof en;
