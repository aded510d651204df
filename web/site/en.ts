/** The words around the experiment on the site's own page, in English. */
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
  footer: {
    lessons: 'Two lessons on quantization, each claim an experiment',
    embed: 'Put this experiment into a page of your own',
    method:
      'Formats of MLX, llama.cpp, PyTorch and bitsandbytes have, byte for byte, the codes, scales and sizes that those libraries write; the textbook formats are this page’s own. Activations stay float, so that what you see is the loss from the weights alone, except in recipes with @int8, whose figures include the rounding of activations.',
  },
};

export type SiteWords = typeof en;
