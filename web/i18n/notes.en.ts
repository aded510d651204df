/** What the core's remarks are about, by their kind; the core's own sentence follows. */
export type NoteWords = (subject: string, count: string) => string;

export const kinds = {
  'not-finite': () => 'Weights that are not finite',
  'lost-weights': () => 'Weights that the format cannot hold',
  'nothing-quantized': () => 'Nothing was quantized',
  'left-alone': () => 'Left as it is',
  untied: () => 'Two output matrices',
  rope: () => 'Rotary positions',
  'added-token': () => 'Added tokens',
  'end-token': () => 'End of text',
  'generation-config': () => 'Generation settings',
  'special-token': () => 'Special token',
  'special-id': () => 'Special token',
  'template-id': () => 'Special token',
  'gguf-array': () => 'Vocabulary',
  'text-too-long': () => 'Left out',
  'pointer-left-out': () => 'Left out',
  'text-unreadable': () => 'Not read',
  'chat-templates-differ': () => 'Two chat templates',
  'chat-template-left-out': () => 'Chat template left out',
  'metadata-left-out': () => 'Metadata left out',
  'generation-settings-left-out': () => 'Generation settings left out',
  'no-tokenizer': () => 'No tokenizer',
  'normalizer-left-out': () => 'Tokenizer',
  'window-ignored': () => 'Sliding window',
  'more-notes': () => 'And more',
} satisfies Record<string, NoteWords>;
