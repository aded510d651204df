/** The settings as a link's parameters: a link reproduces what its sender saw. */
import type { Problem } from '../experiment/problem.ts';
import { LANGS, type AppState, type Settings } from '../experiment/state.ts';
import { readSettings, settingWords, shorten, THEMES, wellFormed } from './settings.ts';
import { isForeign, languageOf, SETTINGS, wordsOfLink, type SettingName } from './words.ts';

/** Reads "?…" and "#…", one after the other; `remembered` is what the reader chose at an earlier visit. */
export function readLink(
  link: string,
  navigatorLang: string,
  remembered: { lang?: string | null; theme?: string | null } = {},
): Settings {
  const params = wordsOfLink(...splitLink(link));
  const problems: Problem[] = [];
  for (const name of new Set(params.keys())) {
    const [value, ...others] = params.getAll(name);
    if (!SETTINGS.includes(name as SettingName)) {
      if (!isForeign(name)) problems.push({ kind: 'link-unknown', name: shorten(name) });
    } else if (others.length > 0) {
      problems.push({ kind: 'link-repeated', name, value: shorten(value!) });
    }
  }
  const among = <T extends string>(choices: readonly T[], text: string | null | undefined) =>
    choices.find((choice) => choice === text);
  const fallback = {
    lang: among(LANGS, remembered.lang) ?? languageOf(navigatorLang),
    theme: among(THEMES, remembered.theme) ?? 'auto',
  };
  const settings = readSettings((name) => params.get(name), fallback, 'link');
  return { ...settings, problems: [...problems, ...settings.problems] };
}

function splitLink(link: string): [query: string, hash: string] {
  const at = link.indexOf('#');
  return at < 0 ? [link, ''] : [link.slice(0, at), link.slice(at)];
}

/** A setting of more bytes than this goes after `#`, which no server sees: many refuse a long query.
 * The others together stay well below what is taken everywhere. */
const MAX_QUERY_SETTING = 1500;

/** The query for a state, and what is too long for it after `#`. */
export function writeLink(state: AppState): string {
  const query: string[] = [];
  const hash: string[] = [];
  for (const [name, value] of settingWords(state)) {
    // What is legal in a query stays as it is and keeps the link readable.
    const encoded = encodeURIComponent(wellFormed(value));
    const setting = `${name}=${encoded.replace(/%(?:3A|2C|2F|3D|40)/g, decodeURIComponent)}`;
    (setting.length > MAX_QUERY_SETTING ? hash : query).push(setting);
  }
  return `?${query.join('&')}${hash.length > 0 ? `#${hash.join('&')}` : ''}`;
}
