/** The words that an element's attributes, a link and a kept state share. Nothing is imported here: an
 * embedding page loads these before anything else. */

/** Settings of the experiment, in the order in which they are written. */
export const SETTINGS = [
  'model',
  'lanes',
  'prompt',
  'raw',
  'system',
  'max',
  'temp',
  'seed',
  'text',
  'panels',
  'lang',
  'theme',
] as const;
export type SettingName = (typeof SETTINGS)[number];

/** How an element is shown, and when it begins. */
export const LAYOUT = ['view', 'loading', 'reveal', 'height'] as const;
export type LayoutName = (typeof LAYOUT)[number];

/** How far below the part of the page that is seen an element begins to work. */
export const NEAR = '300px';

/** "560" is so many pixels; any length of CSS will do. null where there is none that could be used. */
export function heightOf(height: string | null): string | null {
  const text = height?.trim() ?? '';
  const length = /^\d+(\.\d+)?$/.test(text) ? `${text}px` : text;
  return length !== '' && CSS.supports('height', length) ? length : null;
}

/** Of the two languages, the one that suits who prefers this: "ko-KR" is Korean. */
export function languageOf(preferred: string): 'en' | 'ko' {
  return preferred.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

/** What those who pass links on hang on them: not meant for the page, and no misspelt setting. */
const FOREIGN = /^(utm_|mtm_|mc_|fbclid$|gclid$|dclid$|msclkid$|twclid$|igshid$|ref$|source$)/i;
export const isForeign = (name: string): boolean => FOREIGN.test(name);

/** Is a link's part after `#` written by the page? Any other names a place in the page around it. */
export function isOwnHash(hash: string): boolean {
  return new RegExp(`^#(.*&)?(${SETTINGS.join('|')})=`).test(hash);
}

/** All words of a link: its "?…", then its "#…" where that is the page's own. */
export function wordsOfLink(query: string, hash: string): URLSearchParams {
  const words = new URLSearchParams(query);
  for (const [name, value] of new URLSearchParams(isOwnHash(hash) ? hash.slice(1) : ''))
    words.append(name, value);
  return words;
}
