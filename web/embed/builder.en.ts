/** The words of the page that writes snippets, in English. A table is rows of a name and what it means. */
export type Row = readonly [name: string, meaning: string];

export const en = {
  title: 'bitloss in a page of your own',
  lead: 'Choose what your readers see, look at it, and copy one of three snippets. Nothing is uploaded, and no account is needed.',
  home: 'To the experiment',
  choose: 'Choose',
  model: 'Model',
  modelHint: 'One of the list, a Hugging Face repository such as owner/name, or an address.',
  lanes: 'Bits per weight',
  recipes: 'Further recipes, between commas',
  view: 'What is shown',
  everything: 'Everything',
  language: 'Language of the experiment',
  readers: 'The reader’s',
  theme: 'Theme',
  themes: { '': 'The reader’s', light: 'Light', dark: 'Dark' },
  height: 'Height in pixels',
  manual: 'Starts at a press of a button',
  pageLanguage: 'Language of this page',
  preview: 'Preview',
  copyHeading: 'Copy',
  copy: 'Copy',
  copied: (name: string) => `Copied: ${name}`,
  notCopied: 'The browser did not let this page copy: select the text, and copy it by hand.',
  ways: {
    tag: [
      'Script and tag',
      'An element of your page: it takes your colours, and tells your scripts what happens.',
    ],
    frame: ['Frame', 'A page in your page: where scripts of other sites are not allowed.'],
    link: ['Link', 'For a mail, a slide, a page that allows nothing else.'],
  },
  reference: 'Reference',
  tables: [
    {
      heading: 'Attributes',
      rows: [
        [
          'model',
          'An id of the list, owner/name on huggingface.co, or an address. What comes from another site waits for the reader’s word.',
        ],
        ['lanes', 'Recipes between commas: affine:8:64,affine:4:64'],
        [
          'prompt, raw, system, max, temp, seed',
          'What is written on; 1 where no chat template is to be used; what the model is told before it; how many tokens at most, the temperature, the seed',
        ],
        ['text, panels', 'The text that loss is measured on; the panels that are unfolded'],
        ['lang, theme', 'en or ko; auto, light or dark'],
        [
          'view',
          'The panels that are shown, between commas: lanes,text. Each is a tag too: <bitloss-lanes>',
        ],
        ['loading', 'lazy, as without: starts near the part that is seen; eager: at once'],
        ['reveal', 'manual: starts at a press of its button, or at start()'],
        ['height', 'In pixels, or a length; 560 without; auto grows with what is in it'],
      ],
    },
    {
      heading: 'Properties and methods',
      rows: [
        ['model, lanes, …', 'Every attribute, reflected'],
        ['getState()', 'The settings as an object of the words above'],
        [
          'setState(words)',
          'Takes settings over, also before the experiment is there; what is left out stays',
        ],
        ['start()', 'Begins now'],
      ],
    },
    {
      heading: 'Events, which bubble through shadow roots',
      rows: [
        ['bitloss-ready', 'A model is open; detail: the settings in words'],
        [
          'bitloss-progress',
          'detail: {work, fraction}; work is download, read, quantize, measure or idle',
        ],
        [
          'bitloss-result',
          'The table as JSON: for each lane size, bits per weight, error, text, perplexity, KL divergence, share of right answers, verdict',
        ],
        ['bitloss-predict', 'detail: {guess, truth}'],
        ['bitloss-error', 'detail: {code, message, lane}; the message is in the reader’s language'],
      ],
    },
    {
      heading: 'Messages of the frame',
      rows: [
        ['bitloss-height', 'To your page: {type, height}, in pixels'],
        [
          'bitloss-ready, …',
          'To your page: {type, detail}, the events above; to the origin alone that the parameter origin names, or else the referrer',
        ],
        [
          'bitloss-set',
          'From your page: {type, state}, as in setState. Taken from window.parent of that origin alone; of another it is refused with bitloss-error, code origin',
        ],
      ],
    },
    {
      heading: 'Parts, for ::part()',
      rows: [
        ['stage', 'All of it'],
        ['bits, size, verdict, text', 'A lane’s choice of bits, its size, its verdict, its text'],
        ['reference', 'The lane of the model as it is'],
      ],
    },
    {
      heading: 'Content security policy that your page needs, if it has one',
      rows: [
        [
          'Site copied to your server',
          "script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'",
        ],
        [
          'Script from this site',
          "script-src SITE 'wasm-unsafe-eval'; connect-src SITE; worker-src blob: SITE",
        ],
        ['Frame', 'frame-src SITE'],
        [
          'Models from huggingface.co',
          'connect-src https://huggingface.co https://*.hf.co besides',
        ],
        [
          'The snippet’s style attribute',
          'Is refused without unsafe-inline: give the tag its min-height in your style sheet',
        ],
      ],
    },
  ] as { heading: string; rows: readonly Row[] }[],
  properties: 'Custom properties, for colours, corners and typefaces',
};

export type BuilderWords = typeof en;
