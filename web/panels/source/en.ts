/** The words of choosing a model, in English. */
export const en = {
  heading: 'Choose a model',
  dropTitle: 'Drop a model here',
  dropHint: 'One .gguf file, or a folder with .safetensors, config.json and tokenizer.json.',
  dropNow: 'Drop to open',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose a folder',
  addressLabel: 'Hugging Face repository, or the URL of a .gguf or .safetensors file',
  addressPlaceholder: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  load: 'Load',
  listHeading: 'Ready to try',
  listEmpty: 'This site carries no models of its own yet: bring one, or name one.',
  listLoading: 'Looking for models…',
  cancel: 'Cancel',
  fetching: (name: string) => `Downloading ${name}`,
  reading: (name: string) => `Reading ${name}`,
  bytes: (done: string, total: string | null) => (total ? `${done} of ${total}` : done),
  stalled: (seconds: number) =>
    `Nothing has come for ${seconds} s. The download goes on by itself when the server sends again; if it does not, cancel and try again.`,
  askTitle: 'This link names a model',
  askHub: (name: string) => `${name}, from huggingface.co. It is downloaded once you say so.`,
  askUnlisted: (name: string) =>
    `“${name}” is not on this site’s list. If huggingface.co has a repository of that name, it is downloaded once you say so.`,
  askUrl: (name: string) => `${name}. It is downloaded once you say so.`,
  askLocal: (name: string) =>
    `The sender used a file of their own, “${name}”. Drop the same file here to see what they saw.`,
  askLoad: 'Download and open',
};

export type SourceWords = typeof en;
