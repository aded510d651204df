/** Settings in words: those of a link's parameters, of an element's attributes, and of a state that a
 * page keeps. What arrives in them is checked; one that cannot be used is named, and the rest works. */
import { parseAddress, printAddress } from '../experiment/address.ts';
import type { Place, Problem } from '../experiment/problem.ts';
import { MAX_RECIPE_BYTES } from '../experiment/recipe.ts';
import {
  DEFAULT_PROMPT,
  DEFAULT_RECIPES,
  DEFAULT_SAMPLING,
  LANGS,
  MAX_PROMPT_CHARS,
  MAX_SEED,
  MAX_TEMPERATURE,
  MAX_TOKENS_LIMIT,
  TEXT_IDS,
  VARIANT_IDS,
  type AppState,
  type ModelAddress,
  type Settings,
  type TextId,
  type Theme,
} from '../experiment/state.ts';
import { presentId } from '../panels/ids.ts';
import { BENCH, FOLDS, OPEN_AT_FIRST } from '../panels/index.ts';
import type { SettingName } from './words.ts';

export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

export const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** `get` gives a setting's words, null where it is not set; `fallback` stands in for two of them. */
export function readSettings(
  get: (name: SettingName) => string | null,
  fallback: Pick<Settings, 'lang' | 'theme'>,
  on: Place,
): Settings {
  const problems: Problem[] = [];
  /** '' for what has no words that all languages share. */
  function refuse(name: SettingName, expected = '', used = ''): void {
    const value = shorten(get(name) ?? '');
    problems.push({ kind: 'link-setting', on, name, value, expected, used });
  }
  function readNumber(
    name: SettingName,
    min: number,
    max: number,
    integer: boolean,
    fallback: number,
  ): number {
    const text = get(name);
    if (text === null) return fallback;
    const value = /^\s*[+-]?[\d.]+(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
    refuse(name, `${min}–${max}`, String(fallback));
    return fallback;
  }
  function readChoice<T extends string | null>(
    name: SettingName,
    choices: readonly T[],
    fallback: T,
  ): T {
    const text = get(name);
    if (text === null) return fallback;
    const choice = choices.find((c) => c === text);
    if (!choice) refuse(name, choices.join(', '), fallback ?? '');
    return choice ?? fallback;
  }
  function readModel(): ModelAddress | null {
    const text = get('model');
    const model = text === null ? null : parseAddress(text);
    if (text !== null && !model) refuse('model');
    return model;
  }
  function readRecipes(): readonly string[] {
    const text = get('lanes');
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
        on,
        name: 'lanes',
        nBytes: longest,
        limit: MAX_RECIPE_BYTES,
      });
    }
    if (asked.length > VARIANT_IDS.length)
      problems.push({
        kind: 'link-lanes',
        on,
        name: 'lanes',
        n: asked.length,
        limit: recipes.length,
      });
    return recipes.length > 0 ? recipes : DEFAULT_RECIPES;
  }
  function readPanels(): readonly string[] {
    const text = get('panels');
    if (text === null) return OPEN_AT_FIRST;
    const asked = new Set(text.split(',').filter(Boolean).map(presentId));
    const unknown = [...asked].filter((name) => !FOLDS.some((id) => id === name));
    if (unknown.length > 0)
      problems.push({
        kind: 'link-panels',
        on,
        name: 'panels',
        unknown: shorten(unknown.join(', ')),
      });
    // Who names panels wants to see them.
    if (asked.size > 0) asked.add(BENCH);
    return FOLDS.filter((id) => asked.has(id));
  }
  function readPrompt(name: 'prompt' | 'system', otherwise: string): string {
    const prompt = get(name) ?? otherwise;
    if (prompt.length <= MAX_PROMPT_CHARS) return prompt;
    const cut = wellFormed(prompt.slice(0, MAX_PROMPT_CHARS)).replace(/\ufffd$/, '');
    const [n, limit] = [prompt.length, MAX_PROMPT_CHARS];
    problems.push({ kind: 'link-prompt', on, name, n, limit });
    return cut;
  }

  // The reader's own text is not in the link: it may be long, and it may be private.
  const texts = TEXT_IDS.filter((id) => id !== 'own');
  return {
    model: readModel(),
    recipes: readRecipes(),
    prompt: readPrompt('prompt', DEFAULT_PROMPT),
    promptIsOwn: get('prompt') !== null,
    isRaw: readChoice('raw', ['0', '1'], '0') === '1',
    system: readPrompt('system', ''),
    sampling: {
      maxTokens: readNumber('max', 1, MAX_TOKENS_LIMIT, true, DEFAULT_SAMPLING.maxTokens),
      temperature: readNumber('temp', 0, MAX_TEMPERATURE, false, DEFAULT_SAMPLING.temperature),
      seed: readNumber('seed', 0, MAX_SEED, true, DEFAULT_SAMPLING.seed),
    },
    chosenText: readChoice<TextId | null>('text', texts, null),
    openPanels: readPanels(),
    lang: readChoice('lang', LANGS, fallback.lang),
    theme: readChoice('theme', THEMES, fallback.theme),
    problems,
  };
}

const nBytes = (text: string) => new TextEncoder().encode(text).length;

/** Half of a pair of surrogates, which no link can hold, becomes a replacement character. */
export const wellFormed = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** A state's settings in words, in their order. Those at their defaults are left out, except the lanes
 * and the language: the reader's browser may prefer another than the sender's. */
export function settingWords(state: AppState): [SettingName, string][] {
  const words: [SettingName, string][] = [];
  const add = (name: SettingName, value: string) => words.push([name, value]);
  if (state.model) add('model', printAddress(state.model.address));
  else if ('address' in state.opening) add('model', printAddress(state.opening.address));
  add(
    'lanes',
    state.lanes
      .slice(1)
      .map((lane) => lane.recipe)
      .join(','),
  );
  if (state.promptIsOwn) add('prompt', state.prompt);
  if (state.isRaw) add('raw', '1');
  if (state.system !== '') add('system', state.system);
  const { maxTokens, temperature, seed } = state.sampling;
  if (maxTokens !== DEFAULT_SAMPLING.maxTokens) add('max', String(maxTokens));
  if (temperature !== DEFAULT_SAMPLING.temperature) add('temp', String(temperature));
  if (seed !== DEFAULT_SAMPLING.seed) add('seed', String(seed));
  if (state.chosenText !== null && state.chosenText !== 'own') add('text', state.chosenText);
  // Which are folded away in the bench is not seen while the bench itself is.
  if (state.openPanels.includes(BENCH) || state.openPanels.length === 0)
    add('panels', FOLDS.filter((id) => state.openPanels.includes(id)).join(','));
  add('lang', state.lang);
  if (state.theme !== 'auto') add('theme', state.theme);
  return words;
}

/** Of settings that were read, what the names stand for; of the sampling the rest stays as it is. */
export function pickSettings(
  settings: Settings,
  names: readonly SettingName[],
  present: AppState,
): Partial<Settings> {
  const picked: Partial<Settings> = { problems: settings.problems };
  const { sampling, prompt, promptIsOwn } = settings;
  for (const name of names) {
    if (name === 'model') picked.model = settings.model;
    else if (name === 'lanes') picked.recipes = settings.recipes;
    else if (name === 'prompt') Object.assign(picked, { prompt, promptIsOwn });
    else if (name === 'raw') picked.isRaw = settings.isRaw;
    else if (name === 'system') picked.system = settings.system;
    else if (name === 'text') picked.chosenText = settings.chosenText;
    else if (name === 'panels') picked.openPanels = settings.openPanels;
    else if (name === 'lang') picked.lang = settings.lang;
    else if (name === 'theme') picked.theme = settings.theme;
    else {
      const field = ({ max: 'maxTokens', temp: 'temperature', seed: 'seed' } as const)[name];
      picked.sampling = { ...(picked.sampling ?? present.sampling), [field]: sampling[field] };
    }
  }
  return picked;
}
