/** The words of choosing a model, in English. */
export const en = {
  heading: 'Choose a model',
  dropTitle: 'Drop a model here',
  dropHint: 'One .gguf file, or a folder with .safetensors, config.json and tokenizer.json.',
  dropNow: 'Drop to open',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose a folder',
  addressLabel:
    'Hugging Face repository, also with @revision, or the URL of a .gguf or .safetensors file',
  addressPlaceholder: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  load: 'Load',
  look: 'Look',
  lookHint: 'What it is and what it would need, before anything is downloaded',
  looking: (name: string) => `Looking at ${name}`,
  listHeading: 'Ready to try',
  listEmpty: 'This site carries no models of its own yet: bring one, or name one.',
  listLoading: 'Looking for models…',
  cancel: 'Cancel',
  fetching: (name: string) => `Downloading ${name}`,
  streaming: (name: string) => `Downloading ${name}, and quantizing what has come`,
  reading: (name: string) => `Reading ${name}`,
  bytes: (done: string, total: string | null) => (total ? `${done} of ${total}` : done),
  rate: (bytes: string) => `${bytes}/s`,
  come: (come: string, taken: string) => `${come} here, ${taken} quantized`,
  stalled: (seconds: number) =>
    `Nothing has come for ${seconds} s. The download goes on by itself when the server sends again; if it does not, cancel and try again.`,
  notKept: {
    refused:
      'This browser keeps no files for this page: the download is held in memory, and comes anew on the next visit.',
    quota: (room: string) =>
      `This browser offers no more than ${room} for keeping models: the download is held in memory, and comes anew on the next visit.`,
    busy: 'Another page is downloading the same model: this download is held in memory, and is not kept.',
  },
  kept: {
    heading: 'Kept in this browser',
    open: 'Open',
    goOn: 'Go on',
    delete: 'Delete',
    deleteAll: 'Delete all',
    openName: (name: string) => `Open ${name}`,
    goOnName: (name: string) => `Go on with ${name}`,
    deleteName: (name: string) => `Delete ${name}`,
    part: (done: string, total: string | null) =>
      total ? `${done} of ${total}` : `${done}, not all`,
    total: (kept: string, room: string | null) =>
      room === null ? `${kept} in all` : `${kept} in all; this browser offers ${room} more`,
    inUse: (name: string) => `${name} is open in a page. Open another model there, then delete it.`,
  },
  askTitle: 'This link names a model',
  askHub: (name: string) => `${name}, from huggingface.co. It is downloaded once you say so.`,
  askUnlisted: (name: string) =>
    `“${name}” is not on this site’s list. If huggingface.co has a repository of that name, it is downloaded once you say so.`,
  askUrl: (name: string) => `${name}. It is downloaded once you say so.`,
  askLocal: (name: string) =>
    `The sender used a file of their own, “${name}”. Drop the same file here to see what they saw.`,
  askLook: 'Look first',
  askLoad: 'Download and open',
  chooseTitle: (name: string) => `${name} holds several models`,
  chooseHint:
    'The smallest of at least 4 bits comes first; those below 4 bits, which lose the most, come last.',
  token: {
    heading: 'Access token',
    about:
      'For repositories that only your account may read. The token is kept in this page’s memory until you close or reload it, and is sent to huggingface.co only: it is in no link, no storage and no log.',
    label: 'Token of your Hugging Face account, with the right to read',
    use: 'Use it',
    remove: 'Remove it',
    held: 'A token is in use.',
    wrong: 'This is not a token: it has characters that no token has.',
    tooOld:
      'This browser is too old to be sure that a token stays with huggingface.co: it needs Chrome 119, Firefox 121 or Safari 17.4, or newer.',
  },
};

export type SourceWords = typeof en;
