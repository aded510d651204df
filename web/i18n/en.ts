/** Every word on the page, in English. */
import type { ErrorCode } from '../../wasm/types.ts';
import { families, kinds } from './formats.en.ts';
import { kinds as noteKinds, type NoteWords } from './notes.en.ts';

/** The core's messages start with a file or a field, and end without a full stop. */
const sentence = (text: string) => text + (/[.!?]$/.test(text) ? '' : '.');

const tokens = (n: string) => (n === '1' ? '1 token' : `${n} tokens`);

/** Every word on the page, in English. The shape of this object is the contract for all languages:
 * a key that another language lacks does not compile. */
export const en = {
  title: 'bitloss: see what quantization loses',
  header: {
    tagline: 'See what quantization loses',
    lead: 'Quantize a small language model in front of you, side by side: its size, its error, and the text each version writes.',
    privacy: 'It all happens in this tab. Nothing is uploaded.',
    language: 'Language',
    theme: 'Theme',
    themes: { auto: 'System', light: 'Light', dark: 'Dark' },
  },
  unsupported: {
    title: 'This browser cannot run bitloss',
    sentence: 'It needs WebAssembly with SIMD: Chrome 91, Firefox 89, Safari 16.4, or later.',
  },
  source: {
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
    another: 'Another model',
    keep: 'Keep this one',
    fetching: (name: string) => `Downloading ${name}`,
    reading: (name: string) => `Reading ${name}`,
    bytes: (done: string, total: string | null) => (total ? `${done} of ${total}` : done),
    timeLeft: (seconds: number) =>
      seconds < 90
        ? `about ${Math.max(1, Math.round(seconds))} s left`
        : `about ${Math.round(seconds / 60)} min left`,
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
  },
  model: {
    heading: 'Model',
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
  },
  lanes: {
    heading: 'Side by side',
    lead: 'The same weights, the same prompt; only the bits differ.',
    summary: (lane: string, share: string, error: string) =>
      `${lane} takes ${share} of the space, and its weights are off by ${error}.`,
    summaryExact: (lane: string, share: string) =>
      `${lane} takes ${share} of the space, and every weight is exact.`,
    summaryDiffers: (n: string) =>
      n === '0'
        ? 'Its text differs from the first token on.'
        : `Its text is the reference's for ${tokens(n)}, then goes its own way.`,
    summarySame: (n: string) =>
      n === '0'
        ? 'Neither it nor the reference wrote anything.'
        : `Its text is the reference's, all ${tokens(n)}.`,
    reference: 'Reference',
    referenceNote:
      'The model as its files hold it. Every lane beside it holds the same weights in fewer bits.',
    variant: (letter: string) => `Lane ${letter}`,
    remove: (letter: string) => `Remove lane ${letter}`,
    add: 'Add a lane',
    format: 'Format',
    bits: 'Bits',
    group: 'Group',
    activations: 'Activations',
    activationModes: { float: 'float', int8: 'int8' },
    activationNotes: {
      float: 'Only the weights are rounded: what flows through the model stays in floats.',
      int8: 'What flows through the model is rounded to 8 bits too, as it runs: the text, perplexity and answers show that loss as well.',
    },
    custom: 'A recipe of its own',
    customNote:
      'Written by hand, or come with the link: a format with exceptions for some tensors. Choosing a format replaces it.',
    unusable: 'Not a usable recipe',
    costs: (bits: string) => `${bits} bits per weight`,
    costsHere: (bits: string) => `${bits} bits per weight in this model’s matrices`,
    costsUnknown: 'bits per weight as the model’s matrices make it',
    leftAlone: (n: string, total: string) =>
      `${n} of ${total} matrices stay as they are: their rows are not whole numbers of blocks.`,
    levels: (levels: string, group: number) =>
      `${levels} levels, shared scale per ${group} weights`,
    levelsOnly: (levels: string) => `${levels} values to choose from, before scaling`,
    advanced: 'Recipe as text',
    recipeHint: 'A format, then exceptions: affine:4:64/down_proj=affine:6:64/layers.0=reference',
    apply: 'Apply',
    size: 'Size',
    ofReference: (percent: string) => `${percent} of the reference`,
    exactBytes: (bytes: string) => `${bytes} bytes`,
    bitsPerWeight: 'Bits per weight',
    error: 'Weight error',
    noError: 'none',
    noErrorNote: 'every weight is exact',
    speed: 'Speed',
    decode: 'tokens/s',
    prompt: (speed: string) => `prompt ${speed} tokens/s`,
    here: 'on this machine',
    timing: 'measuring',
    notTimed: 'too little written to time it',
    notRun: 'not run yet',
    waiting: 'Waiting for a model',
    quantizing: 'Quantizing',
    help: {
      heading: 'What these numbers mean',
      size: 'All tensors of the model as they are held here: codes, scales, biases, and the small tensors that stay as they are.',
      bitsPerWeight:
        'That size, in bits, divided by the number of weights. 4-bit codes in groups of 64 cost 4.5: each group adds a 16-bit scale and a 16-bit bias. The small tensors that stay as they are add the rest.',
      error:
        'The root mean square error of the quantized weights, as a share of the root mean square weight. SNR is the same fact in decibels: 20 dB is 10%, 40 dB is 1%.',
      speed:
        'Tokens per second that the lane writes in this tab on this machine, timed by itself over at least half a second. Another machine, and a busy one, has other figures.',
      perplexity:
        'How surprised the model is by a text, per token: at 10 it is as unsure as between ten equally likely tokens. Lower is better. As in llama.cpp, a text is read in chunks, and the second half of each is scored.',
      kl: 'How far the predicted probabilities have moved from the reference’s, over the whole vocabulary, in nats per token. It sees changes that perplexity averages away: 0 is no change.',
      sameTop:
        'How often the most likely next token is the one that the reference finds most likely.',
      answers: 'Questions with one right answer about TinyWorld, answered word for word.',
      verdict:
        'The worse of two judgements, by the rules of “bitloss compare”; one that cannot tell gives way to the other. On the text: no measurable loss when perplexity does not rise beyond doubt and its 95% interval ends below +1%, and that of the KL divergence below 0.01 nats; small when perplexity rises beyond doubt, or the divergence is beyond doubt over 0.01; large when that rise is over 5%, or that divergence over 0.1; broken when perplexity has, beyond doubt, doubled, the divergence is over 1, or one of them is not a number. On the questions: no measurable loss when the difference lies, beyond doubt, within 2 points, or more are right than before; small when fewer are right beyond doubt (McNemar’s test on the same questions, p < 0.05); large when over 5 in 100 are lost; broken when more than half of the reference’s right answers are. What is left is too little to tell. What follows a ± is one standard error; ranges are 95% intervals.',
      text: 'One token decided differently changes all that follows: after the first difference the texts can no longer be compared token by token.',
    },
    tookMs: (ms: string) => `quantized in ${ms} ms`,
    tookS: (s: string) => `quantized in ${s} s`,
    retry: 'Try again',
    download: 'Download',
    downloadAs: (lane: string, container: string) => `Download ${lane} as ${container}`,
    containers: { mlx: 'MLX folder (.zip)', gguf: 'GGUF', torch: 'transformers folder (.zip)' },
    noContainer: 'No download: no MLX folder, GGUF file or transformers folder can hold this.',
    preparing: (name: string) => `Preparing ${name}`,
    preparingShort: 'preparing',
    saving: (name: string) => `Saving ${name}`,
    savedBytes: (done: string, total: string) => `${done} of ${total}`,
    saved: (name: string, size: string) => `Saved ${name}, ${size}.`,
    cancel: 'Cancel',
    text: 'Text',
    textEmpty: 'Press Run to let this lane write.',
    reading: (done: string, total: string) => `reading the prompt, ${done} of ${total} tokens`,
    firstDifference: (position: string) => `Differs from the reference at token ${position}`,
    differenceTokens: (own: string, reference: string) => `${own} instead of ${reference}`,
    differsHere: 'first token that differs',
    sameSoFar: (n: string) => `Same as the reference so far: ${tokens(n)}`,
    sameAll: (n: string) =>
      n === '0'
        ? 'Like the reference, it wrote nothing'
        : `Same as the reference: all ${tokens(n)}`,
    endOfText: 'the end of the text',
    partial: 'ends within a character',
    stops: {
      end: 'ended by itself',
      length: 'token limit',
      context: 'context full',
      cancelled: 'stopped',
    },
    tokens,
  },
  prompt: {
    heading: 'One prompt for all lanes',
    label: 'Prompt',
    run: 'Run',
    stop: 'Stop',
    shortcut: 'Ctrl + Enter',
    maxTokens: 'Tokens to write',
    sampling: 'Sampling',
    temperature: 'Temperature',
    temperatureNote: '0 is greedy: always the most likely token. The fairest comparison.',
    seed: 'Seed',
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
    verdict: 'Verdict',
    perplexity: 'Perplexity',
    ofReference: (value: string) => `reference ${value}`,
    kl: 'KL divergence',
    nats: 'nats',
    sameTop: 'Same top token',
    answers: 'Right answers',
    answersOf: (low: string, high: string, n: string) => `${low} to ${high}, ${n} questions`,
    notANumber: 'not a number',
    measuring: 'Measuring what is lost',
    measure: 'Measure what is lost',
    again: 'Measure again',
    estimate: (time: string) => `takes ${time}`,
    seconds: (s: string) => `about ${s} s`,
    minutes: (min: string) => `about ${min} min`,
    stop: 'Stop',
    on: 'What is lost is measured on',
    length: 'Length',
    beginning: (n: string) => `first ${n} tokens`,
    whole: 'whole text',
    scored: (n: string) => `${n} tokens scored, the second half of each chunk as in llama.cpp.`,
    own: 'Your own text',
    ownHint:
      'A page or two of the kind of text that you will use the model for. It stays in this tab, and out of the link.',
    ownUse: 'Use this text',
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
  words: {
    heading: 'Where it hurts',
    lead: 'The same text, token by token. Red means worse: the deeper the colour and the thicker the line, the more a token’s prediction suffered.',
    lane: 'Lane',
    by: 'Colour by',
    byKl: 'KL divergence',
    byProbability: 'right token’s probability',
    measure: 'Measure each token',
    scope: (n: string) =>
      `The first ${n} tokens. Nearly every one is scored here; the figures in the lanes leave out the first half of each chunk, where there is little context, as llama.cpp does.`,
    textLabel: 'The text, token by token. Arrow keys move, the line below tells.',
    hint: 'Point at a token, or move with the arrow keys.',
    probability: 'Probability of this token',
    reference: 'reference',
    kl: 'KL',
    prediction: 'Top prediction',
    topSame: 'unchanged',
    topChanged: 'changed',
    notScored: 'Not scored: nothing stands before it.',
    nTokens: (n: string) => `${n} tokens that make one character`,
    legendLess: 'unharmed',
    legendMore: 'much worse',
    legendGain: 'became likelier',
    points: (n: string) => `${n} points`,
    summary: (lane: string, n: string, share: string, changed: string, worst: string) =>
      `${lane}: ${share} of ${n} tokens are coloured; the top prediction changed at ${changed}. Hurt most: ${worst}.`,
    summaryNone: (lane: string, n: string, changed: string) =>
      `${lane}: none of ${n} tokens is coloured; the top prediction changed at ${changed}.`,
    waiting: 'The text appears when a lane is quantized.',
  },
  skills: {
    heading: 'Skills',
    lead: 'TinyWorld is made up by a program, so every question has one right answer. What survives the missing bits, and what goes first?',
    skill: 'Skill',
    all: 'All skills',
    languages: { all: 'Both languages', en: 'English', ko: 'Korean' },
    language: 'Language of the questions',
    names: {
      copying: 'Copying',
      format: 'Format',
      recall: 'Recall',
      long_recall: 'Long recall',
      facts: 'Facts',
      sentiment: 'Sentiment',
      order: 'Order',
      chain2: 'Chain of two',
      chain3: 'Chain of three',
      steps2: 'Two, step by step',
      steps3: 'Three, step by step',
      counting: 'Counting',
      addition: 'Addition',
    },
    about: {
      copying: 'Repeat an invented word that stands in the text.',
      format: 'Write the things of a list in the form asked for.',
      recall: 'Say where a thing is, told a few sentences before.',
      long_recall: 'The same, with a story of 150 tokens or more in between.',
      facts: 'Know invented creatures from training alone.',
      sentiment: 'Tell from a mixed review whether somebody liked it.',
      order: 'Put people in order from comparisons of two.',
      chain2: 'Join two statements in one leap: the flute is in the box, the box in the tower.',
      chain3: 'Join three statements in one leap.',
      steps2: 'The same, each step said on the way: in the box, in the tower.',
      steps3: 'The same with three steps.',
      counting: 'Count the things of one kind in a list.',
      addition: 'Add two numbers, bare or in a story.',
    },
    example: 'Example',
    exampleOf: (skill: string) => `Example: ${skill}`,
    rightAnswer: 'Right answer',
    verdicts: { same: 'same', worse: 'worse', better: 'better', unclear: 'too few to tell' },
    verdictNote:
      '“Same”: the difference from the reference lies within 2 points. “Worse” and “better”: McNemar’s test on the same questions, p < 0.05. Whiskers are 95% intervals.',
    range: (low: string, high: string) => `${low} to ${high}`,
    cell: (value: string, low: string, high: string, n: string) =>
      `${value}, 95% interval ${low} to ${high}, ${n} questions`,
    quick: (n: string) => `Ask ${n} of each`,
    everything: (n: string) => (n ? `Ask all ${n}` : 'Ask all'),
    stop: 'Stop',
    asked: (n: string) => `Compared on ${n} questions, the same for every lane.`,
    waiting:
      'Nothing is asked until you say so: the lanes then answer in turn, which takes from half a minute to some minutes. The table fills as they do.',
  },
  compare: {
    heading: 'Size against error',
    lead: 'Up is more exact, left is smaller. One more bit halves the rounding step: about +6 dB.',
    xAxis: 'bits per weight',
    yAxis: 'SNR (dB)',
    plotLabel: 'Signal-to-noise ratio against bits per weight, one point per lane',
    point: (lane: string, bits: string, snr: string) =>
      `${lane}: ${bits} bits per weight, SNR ${snr} dB`,
    exact: (lane: string, bits: string) => `${lane}: ${bits} bits per weight, no error`,
    referenceLine: (bits: string) => `reference, ${bits} bits`,
    noError: 'no error',
    sizes: 'Size of all tensors',
    twoTexts: 'Two texts',
    left: 'Left',
    right: 'Right',
    noText: 'No text yet.',
    agree: (n: string) =>
      n === '0' ? 'Neither wrote anything.' : `The two agree on all ${tokens(n)}.`,
    agreeSoFar: (n: string) => `The two agree so far: ${tokens(n)}.`,
    differ: (position: string, left: string, right: string) =>
      `They part at token ${position}: ${left} on the left, ${right} on the right.`,
  },
  tensors: {
    heading: 'Where the loss sits',
    lead: 'One square per weight matrix: layers from left to right, kinds from top to bottom. Deeper colour, more error.',
    scaleLabel: 'SNR',
    mapLabel: (lane: string) =>
      `Signal-to-noise ratio of each matrix in ${lane}. Arrow keys move, the line below tells.`,
    cell: (name: string, format: string, snr: string, share: string) =>
      `${name} · ${format} · SNR ${snr} dB · error ${share}`,
    cellExact: (name: string, format: string) => `${name} · ${format} · no error`,
    kinds: {
      embed: 'embedding',
      head: 'output',
      other: 'other',
    },
    worst: (name: string, snr: string) => `Least exact: ${name}, ${snr} dB`,
    details: 'All tensors as a table',
    lane: 'Lane',
    columns: {
      name: 'Tensor',
      shape: 'Shape',
      format: 'Format',
      size: 'Bytes',
      snr: 'SNR (dB)',
      rmse: 'RMSE',
      maxAbs: 'Largest error',
    },
    unchanged: 'unchanged',
    sortHint: 'Column headings sort; a name opens the matrix.',
    look: (tensor: string) => `Look inside ${tensor}`,
    waiting: 'The map appears when a lane is quantized.',
  },
  problems: {
    dismiss: 'Dismiss',
    core: (_code: ErrorCode, detail: string) => sentence(detail),
    recipe: (recipe: string, detail: string) =>
      `“${recipe}” cannot be used here: ${sentence(detail)}`,
    save: (detail: string) => `The model was not saved: ${sentence(detail)}`,
    saveCrash: (detail: string) =>
      `The model was not saved: the engine that wrote it stopped unexpectedly${detail ? ` (${detail})` : ''}. The lane is not affected.`,
    crash: (detail: string) =>
      `This lane stopped unexpectedly${detail ? ` (${detail})` : ''}. The others are not affected.`,
    openCrash: (detail: string) =>
      `The model could not be opened: the engine stopped unexpectedly${detail ? ` (${detail})` : ''}.`,
    measureCrash: (detail: string) =>
      `Measuring stopped unexpectedly${detail ? ` (${detail})` : ''}. The lanes are not affected.`,
    textEmpty: 'The text is empty: write or paste some, a page or two is best.',
    textShort: (n: string, needed: string) =>
      `The text is too short to measure anything: ${tokens(n)}, and at least ${needed} are needed. A page or two is best.`,
    browser: (detail: string) => `This browser cannot run the model: ${detail}`,
    memory:
      'Not enough memory for this model in this tab. Close other lanes, or choose a smaller model.',
    address: (text: string) =>
      `“${text}” is neither a repository such as owner/name nor the https address of a .gguf or .safetensors file.`,
    notFound: (address: string) => `Nothing found at ${address} (404).`,
    noRepository: (address: string) =>
      `There is no public repository, or no such revision of it, at ${address}.`,
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
    cut: (address: string, done: string, total: string) =>
      total
        ? `${address} came otherwise than announced: ${done} bytes in place of ${total}. Nothing of it is used; try again, or download it yourself and drop it here.`
        : `The download of ${address} broke off after ${done} bytes. Nothing of it is used; try again, or download it yourself and drop it here.`,
    webPage: (address: string) =>
      `${address} is a web page, not a file of a model: it may ask you to sign in, or the address may lead to a page about the file.`,
    linkSetting: (name: string, value: string, expected: string, used: string) =>
      `The link’s ${name}=${value} cannot be used${expected && `, expected ${expected}`}; ${used || 'the default'} stands in for it.`,
    linkRepeated: (name: string, value: string) =>
      `The link sets ${name} more than once; the first, ${name}=${value}, counts.`,
    linkUnknown: (name: string) => `The link’s setting ${name} is not one of this page’s.`,
    linkPrompt: (n: number, limit: number) =>
      `The link’s prompt has ${n} characters; the first ${limit} are used.`,
    linkLanes: (n: number, limit: number) =>
      `The link has ${n} lanes; the first ${limit} are shown.`,
    linkRecipe: (nBytes: number, limit: number) =>
      `A recipe in the link is ${nBytes} bytes long, where at most ${limit} make a recipe: its lane is left out.`,
    linkPanels: (unknown: string) =>
      `The link opens panels that this page does not have: ${unknown}.`,
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
  footer: {
    method:
      'Formats of MLX, llama.cpp, PyTorch and bitsandbytes have, byte for byte, the codes, scales and sizes that those libraries write; the textbook formats are this page’s own. Activations stay float, so that what you see is the loss from the weights alone, except in recipes with @int8, whose figures include the rounding of activations.',
  },
};

export type Messages = typeof en;
