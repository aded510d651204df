/** The page's settings as URL parameters: a link reproduces what its sender saw. What arrives in a
 * link is checked; a setting that cannot be used is named, and the rest still works. */
import { MAX_RECIPE_BYTES } from './recipe.ts';
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

/** An owner or a name on huggingface.co, or an id in the list of models. */
const NAME = /^(?!.*\.\.)\w[\w.-]{0,95}$/;
/** First parts of paths on huggingface.co that are no owner of models. */
const NO_OWNERS = [
  'api',
  'blog',
  'collections',
  'datasets',
  'docs',
  'join',
  'login',
  'models',
].concat(['organizations', 'papers', 'pricing', 'search', 'settings', 'spaces', 'tasks']);
const MAX_ADDRESS_CHARS = 2000;

/** "owner/name" is a Hugging Face repository, "https://…" a file or a repository's page, "local:name" a
 * file that only its owner has, and any other word an entry of the list of models, or a repository
 * without an owner. null when it is none of these. */
export function parseAddress(text: string): ModelAddress | null {
  text = text.trim();
  if (text.startsWith('local:')) {
    const name = text.slice('local:'.length, 200);
    return name === '' ? null : { kind: 'local', name };
  }
  if (/^(www\.)?(huggingface\.co|hf\.co)\//i.test(text)) text = `https://${text}`;
  if (/^https?:\/\//i.test(text)) return parseUrl(text);
  const [owner, name, ...more] = text.split('/');
  if (more.length > 0 || !NAME.test(owner!)) return null;
  if (name === undefined) return { kind: 'listed', id: text };
  return NAME.test(name) ? { kind: 'hub', repo: text } : null;
}

function parseUrl(text: string): ModelAddress | null {
  if (text.length > MAX_ADDRESS_CHARS || !URL.canParse(text)) return null;
  const url = new URL(text);
  // A link is no place for a password, and pages may not send one.
  if (url.username || url.password) return null;
  const isWeights = /\.(gguf|safetensors)$/i.test(url.pathname);
  if (!/^(www\.)?(huggingface\.co|hf\.co)$/.test(url.hostname))
    return isWeights ? { kind: 'url', url: url.href } : null;
  const page = parseHubPath(url.pathname);
  if (!page || !isWeights) return page;
  url.protocol = 'https:';
  url.pathname = url.pathname.replace(/\/(blob|raw)\//, '/resolve/');
  return { kind: 'url', url: url.href };
}

/** /owner/name/tree/revision/folder, /blob/revision/file, /resolve/…; "main" is what is meant without
 * one. A revision's own slashes are written as %2F. */
function parseHubPath(pathname: string): ModelAddress | null {
  const parts = pathname.split('/').filter(Boolean);
  const at = parts.findIndex((part) => /^(tree|blob|raw|resolve|commit)$/.test(part));
  const names = at < 0 ? parts : parts.slice(0, at);
  const isName = names.every((name) => NAME.test(name)) && !NO_OWNERS.includes(names[0] ?? '');
  if (names.length < 1 || names.length > 2 || !isName) return null;
  const address: ModelAddress = { kind: 'hub', repo: names.join('/') };
  if (at < 0) return address;
  try {
    const [revision, ...folder] = parts.slice(at + 1).map(decodeURIComponent);
    if (parts[at] !== 'tree') folder.pop();
    if (revision === undefined || [revision, ...folder].some((part) => /^\.+$/.test(part)))
      return null;
    if (revision !== 'main' || folder.length > 0) address.revision = revision;
    if (folder.length > 0) address.folder = folder.join('/');
    return address;
  } catch {
    return null;
  }
}

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** Where a repository's files are, or, with the verb "tree", its page. */
export function hubUrl(
  { repo, revision = 'main', folder }: Extract<ModelAddress, { kind: 'hub' }>,
  verb: 'resolve' | 'tree' = 'resolve',
): string {
  const inside = folder === undefined ? '' : `/${encodePath(folder)}`;
  return `https://huggingface.co/${repo}/${verb}/${encodeURIComponent(revision)}${inside}`;
}

export function printAddress(address: ModelAddress): string {
  switch (address.kind) {
    case 'listed':
      return address.id;
    case 'hub':
      if (address.revision !== undefined) return hubUrl(address, 'tree');
      // A word alone is an entry of the list.
      return address.repo.includes('/') ? address.repo : `https://huggingface.co/${address.repo}`;
    case 'url':
      return address.url;
    case 'local':
      return `local:${address.name}`;
  }
}

/** How an address is named in a sentence. */
export function addressName(address: ModelAddress): string {
  if (address.kind === 'local') return address.name;
  if (address.kind !== 'hub') return printAddress(address);
  const { repo, revision, folder } = address;
  const inside = folder === undefined ? '' : `/${folder}`;
  return `${repo}${inside}${revision === undefined ? '' : ` (${revision})`}`;
}

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
): LinkSettings {
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
  function readPanels(): readonly PanelId[] {
    const text = params.get('panels');
    if (text === null) return DEFAULT_PANELS;
    const asked = new Set(text.split(',').filter(Boolean));
    const unknown = [...asked].filter((name) => !PANEL_IDS.some((id) => id === name));
    if (unknown.length > 0)
      problems.push({ kind: 'link-panels', name: 'panels', unknown: shorten(unknown.join(', ')) });
    return PANEL_IDS.filter((id) => asked.has(id));
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
  if (PANEL_IDS.some((id) => state.openPanels.includes(id) !== DEFAULT_PANELS.includes(id))) {
    add('panels', PANEL_IDS.filter((id) => state.openPanels.includes(id)).join(','));
  }
  add('lang', state.lang);
  if (state.theme !== 'auto') add('theme', state.theme);
  return `?${query.join('&')}${hash.length > 0 ? `#${hash.join('&')}` : ''}`;
}
