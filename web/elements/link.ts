/** The page's settings as URL parameters: a link reproduces what its sender saw. What arrives in a
 * link is checked; a setting that cannot be used is named, and the rest still works. */
import { parseAddress, printAddress } from '../experiment/address.ts';
import { MAX_RECIPE_BYTES } from '../experiment/recipe.ts';
import type { Problem } from '../experiment/problem.ts';
import {
  DEFAULT_PROMPT,
  DEFAULT_RECIPES,
  DEFAULT_SAMPLING,
  MAX_PROMPT_CHARS,
  MAX_SEED,
  MAX_TEMPERATURE,
  MAX_TOKENS_LIMIT,
  TEXT_IDS,
  VARIANT_IDS,
  type AppState,
  type Lang,
  type ModelAddress,
  type Settings,
  type TextId,
  type Theme,
} from '../experiment/state.ts';
import { FOLDS, OPEN_AT_FIRST } from '../panels/index.ts';

/** The settings that a link can have, in the order in which they are written. */
const NAMES = [
  'model',
  'lanes',
  'prompt',
  'max',
  'temp',
  'seed',
  'text',
  'panels',
  'lang',
  'theme',
];
/** What those who pass links on hang on them: not meant for the page, and no misspelt setting. */
const FOREIGN = /^(utm_|mtm_|mc_|fbclid$|gclid$|dclid$|msclkid$|twclid$|igshid$|ref$|source$)/i;

/** Is a link's part after `#` written by the page? Any other names a place in the page around it. */
export function isOwnHash(hash: string): boolean {
  return new RegExp(`^#(.*&)?(${NAMES.join('|')})=`).test(hash);
}

/** Reads "?…" and "#…", one after the other; `remembered` is what the reader chose at an earlier visit. */
export function readLink(
  link: string,
  navigatorLang: string,
  remembered: { lang?: string | null; theme?: string | null } = {},
): Settings {
  const [query, hash] = splitLink(link);
  const params = new URLSearchParams(query);
  for (const [name, value] of new URLSearchParams(isOwnHash(hash) ? hash.slice(1) : ''))
    params.append(name, value);
  const problems: Problem[] = [];

  const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
  for (const name of new Set(params.keys())) {
    const [value, ...others] = params.getAll(name);
    if (!NAMES.includes(name)) {
      if (!FOREIGN.test(name)) problems.push({ kind: 'link-unknown', name: shorten(name) });
    } else if (others.length > 0) {
      problems.push({ kind: 'link-repeated', name, value: shorten(value!) });
    }
  }
  /** '' for what has no words that all languages share. */
  function refuse(name: string, expected = '', used = ''): void {
    const value = shorten(params.get(name) ?? '');
    problems.push({ kind: 'link-setting', name, value, expected, used });
  }
  function readNumber(
    name: string,
    min: number,
    max: number,
    integer: boolean,
    fallback: number,
  ): number {
    const text = params.get(name);
    if (text === null) return fallback;
    const value = /^\s*[+-]?[\d.]+(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
    refuse(name, `${min}–${max}`, String(fallback));
    return fallback;
  }
  function readChoice<T extends string | null>(
    name: string,
    choices: readonly T[],
    fallback: T,
  ): T {
    const text = params.get(name);
    if (text === null) return fallback;
    const choice = choices.find((c) => c === text);
    if (!choice) refuse(name, choices.join(', '), fallback ?? '');
    return choice ?? fallback;
  }
  function readModel(): ModelAddress | null {
    const text = params.get('model');
    const model = text === null ? null : parseAddress(text);
    if (text !== null && !model) refuse('model');
    return model;
  }
  function readRecipes(): readonly string[] {
    const text = params.get('lanes');
    if (text === null) return DEFAULT_RECIPES;
    const asked = text
      .split(',')
      .map((recipe) => recipe.trim())
      .filter((recipe) => recipe !== '');
    const isLong = (recipe: string) => nBytes(recipe) > MAX_RECIPE_BYTES;
    const recipes = asked.filter((recipe) => !isLong(recipe)).slice(0, VARIANT_IDS.length);
    if (recipes.length === 0) refuse('lanes', '', DEFAULT_RECIPES.join(','));
    if (recipes.length > 0 && asked.some(isLong)) {
      const longest = Math.max(...asked.map(nBytes));
      problems.push({
        kind: 'link-recipe',
        name: 'lanes',
        nBytes: longest,
        limit: MAX_RECIPE_BYTES,
      });
    }
    if (asked.length > VARIANT_IDS.length)
      problems.push({ kind: 'link-lanes', name: 'lanes', n: asked.length, limit: recipes.length });
    return recipes.length > 0 ? recipes : DEFAULT_RECIPES;
  }
  function readPanels(): readonly string[] {
    const text = params.get('panels');
    if (text === null) return OPEN_AT_FIRST;
    const asked = new Set(text.split(',').filter(Boolean));
    const unknown = [...asked].filter((name) => !FOLDS.some((id) => id === name));
    if (unknown.length > 0)
      problems.push({ kind: 'link-panels', name: 'panels', unknown: shorten(unknown.join(', ')) });
    return FOLDS.filter((id) => asked.has(id));
  }
  function readPrompt(): string {
    const prompt = params.get('prompt') ?? DEFAULT_PROMPT;
    if (prompt.length <= MAX_PROMPT_CHARS) return prompt;
    const cut = wellFormed(prompt.slice(0, MAX_PROMPT_CHARS)).replace(/\ufffd$/, '');
    const [n, limit] = [prompt.length, MAX_PROMPT_CHARS];
    problems.push({ kind: 'link-prompt', name: 'prompt', n, limit });
    return cut;
  }

  // The reader's own text is not in the link: it may be long, and it may be private.
  const texts = TEXT_IDS.filter((id) => id !== 'own');
  const among = <T extends string>(choices: readonly T[], text: string | null | undefined) =>
    choices.find((choice) => choice === text);
  const browserLang = navigatorLang.toLowerCase().startsWith('ko') ? 'ko' : 'en';
  return {
    model: readModel(),
    recipes: readRecipes(),
    prompt: readPrompt(),
    promptIsOwn: params.has('prompt'),
    sampling: {
      maxTokens: readNumber('max', 1, MAX_TOKENS_LIMIT, true, DEFAULT_SAMPLING.maxTokens),
      temperature: readNumber('temp', 0, MAX_TEMPERATURE, false, DEFAULT_SAMPLING.temperature),
      seed: readNumber('seed', 0, MAX_SEED, true, DEFAULT_SAMPLING.seed),
    },
    chosenText: readChoice<TextId | null>('text', texts, null),
    openPanels: readPanels(),
    lang: readChoice('lang', LANGS, among(LANGS, remembered.lang) ?? browserLang),
    theme: readChoice('theme', THEMES, among(THEMES, remembered.theme) ?? 'auto'),
    problems,
  };
}

const LANGS: readonly Lang[] = ['en', 'ko'];
const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

function splitLink(link: string): [query: string, hash: string] {
  const at = link.indexOf('#');
  return at < 0 ? [link, ''] : [link.slice(0, at), link.slice(at)];
}

const nBytes = (text: string) => new TextEncoder().encode(text).length;

/** Half of a pair of surrogates, which no link can hold, becomes a replacement character. */
const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** A setting of more bytes than this goes after `#`, which no server sees: many refuse a long query.
 * The others together stay well below what is taken everywhere. */
const MAX_QUERY_SETTING = 1500;

/** The query for a state, and what is too long for it after `#`. Settings at their defaults are left
 * out, except the language: the reader's browser may prefer another than the sender's. */
export function writeLink(state: AppState): string {
  const query: string[] = [];
  const hash: string[] = [];
  // What is legal in a query stays as it is and keeps the link readable.
  const add = (name: string, value: string) => {
    const encoded = encodeURIComponent(wellFormed(value));
    const setting = `${name}=${encoded.replace(/%(?:3A|2C|2F|3D|40)/g, decodeURIComponent)}`;
    (setting.length > MAX_QUERY_SETTING ? hash : query).push(setting);
  };

  if (state.model) add('model', printAddress(state.model.address));
  else if (state.opening.kind === 'asking') add('model', printAddress(state.opening.address));
  add(
    'lanes',
    state.lanes
      .slice(1)
      .map((lane) => lane.recipe)
      .join(','),
  );
  if (state.promptIsOwn) add('prompt', state.prompt);
  const { maxTokens, temperature, seed } = state.sampling;
  if (maxTokens !== DEFAULT_SAMPLING.maxTokens) add('max', String(maxTokens));
  if (temperature !== DEFAULT_SAMPLING.temperature) add('temp', String(temperature));
  if (seed !== DEFAULT_SAMPLING.seed) add('seed', String(seed));
  if (state.chosenText !== null && state.chosenText !== 'own') add('text', state.chosenText);
  if (FOLDS.some((id) => state.openPanels.includes(id) !== OPEN_AT_FIRST.includes(id))) {
    add('panels', FOLDS.filter((id) => state.openPanels.includes(id)).join(','));
  }
  add('lang', state.lang);
  if (state.theme !== 'auto') add('theme', state.theme);
  return `?${query.join('&')}${hash.length > 0 ? `#${hash.join('&')}` : ''}`;
}
