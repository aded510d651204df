/** Every word on the page, in English. */
import type { ErrorCode } from '../../wasm/types.ts';
import { families, kinds } from './formats.en.ts';
import { kinds as noteKinds, type NoteWords } from './notes.en.ts';

/** The core's messages start with a file or a field, and end without a full stop. */
const sentence = (text: string) => text + (/[.!?]$/.test(text) ? '' : '.');

export const tokens = (n: string) => (n === '1' ? '1 token' : `${n} tokens`);

/** Every word on the page, in English. The shape of this object is the contract for all languages:
 * a key that another language lacks does not compile. */
export const en = {
  unsupported: {
    title: 'This browser cannot run bitloss',
    sentence: 'It needs WebAssembly with SIMD: Chrome 91, Firefox 89, Safari 16.4, or later.',
  },
  model: {
    heading: 'Model',
    another: 'Another model',
    keep: 'Keep this one',
  },
  element: {
    start: 'Start the experiment',
    needs: {
      tokenizer: 'This needs a model with a tokenizer.',
      questions: 'This needs a model that there are questions for.',
    },
  },
  bench: {
    heading: 'More: formats, lanes, measurements',
    lead: 'The same model in as many formats as you like, side by side, with every figure and where it comes from.',
  },
  cut: {
    sentence:
      'A part of the page could not be loaded: the connection may be down. What is open goes on working.',
    retry: 'Try again',
  },
  timeLeft: (seconds: number) =>
    seconds < 90
      ? `about ${Math.max(1, Math.round(seconds))} s left`
      : `about ${Math.round(seconds / 60)} min left`,
  lane: {
    reference: 'Reference',
    variant: (letter: string) => `Lane ${letter}`,
    exactBytes: (bytes: string) => `${bytes} bytes`,
    noErrorNote: 'every weight is exact',
    differsHere: 'first token that differs',
    endOfText: 'the end of the text',
  },
  losses: {
    'not measured': 'not measured yet',
    none: 'no measurable loss',
    unclear: 'too little to tell',
    small: 'measurable, small',
    large: 'measurable, large',
    broken: 'broken',
    'not quantized': 'nothing was quantized',
  },
  measure: {
    nats: 'nats',
    measuring: 'Measuring what is lost',
    estimate: (time: string) => `takes ${time}`,
    seconds: (s: string) => `about ${s} s`,
    minutes: (min: string) => `about ${min} min`,
    stop: 'Stop',
    texts: {
      'world-en': 'TinyWorld stories, English',
      'world-ko': 'TinyWorld stories, Korean',
      'stories-en': 'Children’s stories, English',
      'stories-ko': 'Children’s stories, Korean',
      'plain-en': 'Plain explanations, English',
      'plain-ko': 'Plain explanations, Korean',
      own: 'Your own text',
    },
  },
  problems: {
    dismiss: 'Dismiss',
    /** `korean` is the same sentence in Korean, where there is one. */
    core: (_code: ErrorCode, detail: string, _korean?: string) => sentence(detail),
    recipe: (recipe: string, detail: string, _korean?: string) =>
      `“${recipe}” cannot be used here: ${sentence(detail)}`,
    save: (detail: string, _korean?: string) => `The model was not saved: ${sentence(detail)}`,
    saveCrash: (detail: string) =>
      `The model was not saved: the engine that wrote it stopped unexpectedly${detail ? ` (${detail})` : ''}. The lane is not affected.`,
    crash: (detail: string) =>
      `This lane stopped unexpectedly${detail ? ` (${detail})` : ''}. The others are not affected.`,
    openCrash: (detail: string) =>
      `The model could not be opened: the engine stopped unexpectedly${detail ? ` (${detail})` : ''}.`,
    measureCrash: (detail: string) =>
      `Measuring stopped unexpectedly${detail ? ` (${detail})` : ''}. The lanes are not affected.`,
    noCalibration:
      'This recipe’s methods choose codes by what the model computes on a text, and none comes with this model: choose a text file of what it is used for.',
    stopped: 'It was stopped before anything was chosen.',
    textEmpty: 'The text is empty: write or paste some, a page or two is best.',
    textShort: (n: string, needed: string) =>
      `The text is too short to measure anything: ${tokens(n)}, and at least ${needed} are needed. A page or two is best.`,
    browser: (detail: string) => `This browser cannot run the model: ${detail}`,
    memory:
      'Not enough memory for this model in this tab. Close other lanes, or choose a smaller model.',
    address: (text: string) =>
      `“${text}” is neither a repository such as owner/name or owner/name@revision nor the https address of a .gguf or .safetensors file.`,
    notFound: (address: string) => `Nothing found at ${address} (404).`,
    noRepository: (address: string, hasToken: boolean) =>
      hasToken
        ? `There is no repository, or no such revision of it, at ${address} that your access token may see.`
        : `There is no public repository, or no such revision of it, at ${address}.`,
    gated: (address: string, hasToken: boolean) =>
      hasToken
        ? `The account of your access token has not been let in yet: sign in at ${address}, accept the terms and wait until they are granted. The token must be one that may read gated repositories.`
        : `This model is for those who have accepted its terms: sign in at ${address}, accept them, then give an access token of your account under “Access token”. Or download it yourself, then drop the folder here.`,
    badToken: (host: string) =>
      `${host} does not know the access token that you gave: it may be misspelt, or have been revoked. Give another, or remove it.`,
    noWeights: (address: string, found: string) =>
      `${address} has no .safetensors and no .gguf files${found && `, only ${found}`}: bitloss reads no others.`,
    noLook: (address: string) =>
      `${address} cannot be looked at before it is downloaded: its server does not tell its size, or its header has more than 128 MB.`,
    noShard: (address: string, name: string) =>
      `The index at ${address} names ${name}, which is not there.`,
    noConfig: (address: string) =>
      `${address} has no config.json, so no model as .safetensors files. If it has .gguf files, give the address of one.`,
    forbidden: (address: string) =>
      `${address} asks for an account or a licence agreement. Download it yourself, then drop the folder here.`,
    http: (status: number, address: string) => `The server answered ${status} for ${address}.`,
    network: (host: string) =>
      `${host} could not be reached, or it does not let other pages read its files. Download the model yourself, then drop it here.`,
    offline:
      'This computer is offline. What is open goes on working; a model on your disk can be dropped here.',
    tooMany: (host: string, seconds: number) =>
      `${host} has had too many requests (429). Try again in ${seconds ? `${seconds} s` : 'a few minutes'}.`,
    server: (host: string, status: number) =>
      `${host} has a fault of its own at the moment (${status}). Try again later.`,
    cut: (address: string, done: string, total: string, isKept: boolean) =>
      (total
        ? `${address} came otherwise than announced: ${done} bytes in place of ${total}. `
        : `The download of ${address} broke off after ${done} bytes. `) +
      (isKept
        ? 'What came is kept in this browser: try again, and the download goes on from there.'
        : 'Nothing of it is used; try again, or download it yourself and drop it here.'),
    checksum: (address: string) =>
      `${address} did not come as its server has it: its SHA-256 is another one. Nothing of it is used or kept; try again.`,
    changed: (address: string) =>
      `${address} has changed on its server since its first bytes came. Nothing of it is used; try again for the new one.`,
    webPage: (address: string) =>
      `${address} is a web page, not a file of a model: it may ask you to sign in, or the address may lead to a page about the file.`,
    places: { link: 'link', element: 'element' },
    linkSetting: (place: string, name: string, value: string, expected: string, used: string) =>
      `The ${place}’s ${name}=${value} cannot be used${expected && `, expected ${expected}`}; ${used || 'the default'} stands in for it.`,
    linkRepeated: (name: string, value: string) =>
      `The link sets ${name} more than once; the first, ${name}=${value}, counts.`,
    linkUnknown: (place: string, name: string) =>
      `The ${place}’s setting ${name} is not one of this page’s.`,
    linkPrompt: (place: string, n: number, limit: number) =>
      `The ${place}’s prompt has ${n} characters; the first ${limit} are used.`,
    linkLanes: (place: string, n: number, limit: number) =>
      `The ${place} has ${n} lanes; the first ${limit} are shown.`,
    linkRecipe: (place: string, nBytes: number, limit: number) =>
      `A recipe in the ${place} is ${nBytes} bytes long, where at most ${limit} make a recipe: its lane is left out.`,
    linkPanels: (place: string, unknown: string) =>
      `The ${place} opens panels that this page does not have: ${unknown}.`,
  },
  live: {
    modelOpen: (name: string) => `${name} is open.`,
    laneReady: (lane: string, size: string, share: string, error: string) =>
      `${lane}: ${size}, ${share} of the reference, weight error ${error}.`,
    runDone: (summary: string) => `All lanes have written. ${summary}`,
    laneDiffers: (lane: string, position: string) => `${lane} differs at token ${position}.`,
    laneSame: (lane: string) => `${lane} wrote the same text.`,
    measured: (summary: string) => `Measured what is lost. ${summary}`,
    laneLoss: (lane: string, loss: string) => `${lane}, ${loss}.`,
  },
  notes: {
    sentence: (about: string, message: string) => `${about}: ${sentence(message)}`,
    more: (n: string) => `${n} more remarks`,
    kinds: noteKinds as Record<keyof typeof noteKinds, NoteWords>,
  },
  formats: { families, kinds },
};

export type Messages = typeof en;
