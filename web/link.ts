/** The page's settings as URL parameters: a link reproduces what its sender saw. What arrives in a
 * link is checked; a setting that cannot be used is named, and the rest still works. */
import { MAX_RECIPE_CHARS } from './recipe.ts';
import type { Problem } from './problem.ts';
import {
  DEFAULT_PANELS,
  DEFAULT_PROMPT,
  DEFAULT_RECIPES,
  DEFAULT_SAMPLING,
  MAX_PROMPT_CHARS,
  MAX_SEED,
  MAX_TEMPERATURE,
  MAX_TOKENS_LIMIT,
  PANEL_IDS,
  TEXT_IDS,
  VARIANT_IDS,
  type AppState,
  type Lang,
  type ModelAddress,
  type PanelId,
  type Sampling,
  type TextId,
  type Theme,
} from './state.ts';

export interface LinkSettings {
  model: ModelAddress | null;
  recipes: readonly string[];
  prompt: string;
  promptIsOwn: boolean;
  sampling: Sampling;
  /** null: the text that suits the model. */
  chosenText: TextId | null;
  openPanels: readonly PanelId[];
  lang: Lang;
  theme: Theme;
  problems: Problem[];
}

/** "owner/name" is a Hugging Face repository, "https://…" a file, "local:name" a file that only its
 * owner has, and anything else an entry of the list of models. null when it is none of these. */
export function parseAddress(text: string): ModelAddress | null {
  text = text.trim();
  if (text.startsWith('local:')) return { kind: 'local', name: text.slice('local:'.length, 200) };
  if (/^https?:\/\//i.test(text)) {
    if (!URL.canParse(text)) return null;
    const url = new URL(text);
    const isHub = url.hostname === 'huggingface.co' || url.hostname === 'hf.co';
    const [owner, name, verb] = url.pathname.split('/').filter(Boolean);
    if (isHub && owner && name && (verb === undefined || verb === 'tree'))
      return { kind: 'hub', repo: `${owner}/${name}` };
    if (isHub && verb === 'blob') url.pathname = url.pathname.replace('/blob/', '/resolve/');
    return /\.(gguf|safetensors)$/i.test(url.pathname) ? { kind: 'url', url: url.href } : null;
  }
  if (/^[\w.-]{1,96}\/[\w.-]{1,96}$/.test(text)) return { kind: 'hub', repo: text };
  if (/^[\w.-]{1,96}$/.test(text)) return { kind: 'listed', id: text };
  return null;
}

export function printAddress(address: ModelAddress): string {
  switch (address.kind) {
    case 'listed':
      return address.id;
    case 'hub':
      return address.repo;
    case 'url':
      return address.url;
    case 'local':
      return `local:${address.name}`;
  }
}

/** How an address is named in a sentence. */
export function addressName(address: ModelAddress): string {
  return address.kind === 'local' ? address.name : printAddress(address);
}

export function readLink(search: string, navigatorLang: string): LinkSettings {
  const params = new URLSearchParams(search);
  const problems: Problem[] = [];

  function refuse(name: string): void {
    problems.push({ kind: 'link-setting', name, value: (params.get(name) ?? '').slice(0, 60) });
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
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max && (!integer || Number.isInteger(value)))
      return value;
    refuse(name);
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
    if (!choice) refuse(name);
    return choice ?? fallback;
  }

  const modelText = params.get('model');
  const model = modelText ? parseAddress(modelText) : null;
  if (modelText && !model) refuse('model');

  const asked = (params.get('lanes') ?? '').split(',').filter((recipe) => recipe !== '');
  if (asked.length > VARIANT_IDS.length) refuse('lanes');
  const recipes = asked
    .slice(0, VARIANT_IDS.length)
    .map((recipe) => recipe.slice(0, MAX_RECIPE_CHARS));

  // The reader's own text is not in the link: it may be long, and it may be private.
  const texts = TEXT_IDS.filter((id) => id !== 'own');
  const asWritten = params.get('panels');
  const panels =
    asWritten === null
      ? DEFAULT_PANELS
      : PANEL_IDS.filter((id) => asWritten.split(',').includes(id));
  if (asWritten !== null && panels.length !== asWritten.split(',').filter(Boolean).length)
    refuse('panels');

  const prompt = params.get('prompt');
  if (prompt !== null && prompt.length > MAX_PROMPT_CHARS) refuse('prompt');

  return {
    model,
    recipes: recipes.length > 0 ? recipes : DEFAULT_RECIPES,
    prompt: (prompt ?? DEFAULT_PROMPT).slice(0, MAX_PROMPT_CHARS),
    promptIsOwn: prompt !== null,
    sampling: {
      maxTokens: readNumber('max', 1, MAX_TOKENS_LIMIT, true, DEFAULT_SAMPLING.maxTokens),
      temperature: readNumber('temp', 0, MAX_TEMPERATURE, false, DEFAULT_SAMPLING.temperature),
      seed: readNumber('seed', 0, MAX_SEED, true, DEFAULT_SAMPLING.seed),
    },
    chosenText: params.has('text') ? readChoice<TextId | null>('text', texts, null) : null,
    openPanels: panels,
    lang: readChoice(
      'lang',
      ['en', 'ko'],
      navigatorLang.toLowerCase().startsWith('ko') ? 'ko' : 'en',
    ),
    theme: readChoice('theme', ['auto', 'light', 'dark'], 'auto'),
    problems,
  };
}

/** The query text for a state. Settings at their defaults are left out, except the language: the
 * reader's browser may prefer another than the sender's. */
export function writeLink(state: AppState): string {
  const parts: string[] = [];
  // What is legal in a query stays as it is and keeps the link readable.
  const add = (name: string, value: string) =>
    parts.push(
      `${name}=${encodeURIComponent(value).replace(/%(?:3A|2C|2F|3D|40)/g, decodeURIComponent)}`,
    );

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
  if (PANEL_IDS.some((id) => state.openPanels.includes(id) !== DEFAULT_PANELS.includes(id))) {
    add('panels', PANEL_IDS.filter((id) => state.openPanels.includes(id)).join(','));
  }
  add('lang', state.lang);
  if (state.theme !== 'auto') add('theme', state.theme);
  return `?${parts.join('&')}`;
}
