/** The words of a look at a model, in English; loaded with the first. */
const under = (recipe: string) => (recipe === 'reference' ? 'as stored' : `under ${recipe}`);

export const en = {
  nothingYet: 'Nothing has been downloaded yet.',
  family: 'Family',
  parameters: 'Parameters',
  storedAs: 'Stored as',
  size: 'Size',
  files: 'To download',
  filesValue: (n: string, size: string) => (n === '1' ? `1 file, ${size}` : `${n} files, ${size}`),
  context: 'Context',
  contextValue: (n: string) => `${n} tokens`,
  opens: (recipe: string, need: string) =>
    `It can be opened here: ${under(recipe)} it needs ${need} of the 4 GB that a page can have for one lane.`,
  tight: (recipe: string, need: string) =>
    `With this context it needs ${need} ${under(recipe)}, more than the 4 GB that a page can have for one lane: it may open, and stop when it writes long texts.`,
  tooLarge: (recipe: string, weights: string) =>
    `It cannot be opened here: ${under(recipe)} its weights alone have ${weights}, and a page can have 4 GB for one lane. The command bitloss, which runs outside the browser, has no such limit.`,
  encoder:
    'It is an encoder, which reads whole texts and continues none: this page cannot run it. The command’s “bitloss classify” and “bitloss embed” do.',
  cannotRun: (why: string) => `It can be converted, but not run: ${why}.`,
  recipe: 'Recipe',
  bits: 'Bits per weight',
  weights: 'Size',
  memory: 'Memory',
  memoryParts: (weights: string, kv: string, work: string) =>
    `${weights} weights, ${kv} key-value cache, ${work} work space`,
  runsIn: 'Runs in',
  page: 'this page',
  computer: (gigabytes: string) => `${gigabytes} GB`,
  nowhere: 'over 64 GB',
  asStored: 'as stored',
  note: (tokens: string) =>
    `Memory is for ${tokens} tokens of context, keys and values in 16 bits, on one thread. Computers are those of 8, 16, 24 and 64 GB; what the system and other programs need is not counted.`,
  read: (bytes: string, seconds: string) =>
    `All of this is from the headers of the weight files: ${bytes} were read, in ${seconds} s.`,
  download: (size: string) => `Download and open (${size})`,
  close: 'Close',
};

export type LookWords = typeof en;
