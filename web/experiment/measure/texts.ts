/** The texts that predictions are measured on. */
import type { TokenizedText } from '../../../wasm/measure_types.ts';
import { PageError } from '../problem.ts';
import { request } from '../../source/request.ts';
import type { ListedModel } from '../../source/listed.ts';
import type { Lang, TextId } from '../state.ts';

/** Where the list of the site's models lies, to which its paths are relative. */
export const LIST_FOLDER = 'models/';
/** Fewer say nothing. */
export const MIN_TOKENS = 16;

/** A model of the list may have a text in the reader's language; all others get plain English, which
 * nearly every model knows best. */
export function suitableText(entry: ListedModel | undefined, lang: Lang): TextId {
  return entry?.texts?.find((text) => text.lang === lang)?.id ?? 'plain-en';
}

/** The texts in the order of the menu: first the model's own. */
export function textsFor(entry: ListedModel | undefined): TextId[] {
  const general: TextId[] = ['plain-en', 'plain-ko', 'stories-en', 'stories-ko'];
  const own = (entry?.texts ?? []).map(({ id }) => id).filter((id) => !general.includes(id));
  return [...own, ...general, 'own'];
}

/** Throws a PageError when the site does not have it. */
export async function fetchText(
  id: Exclude<TextId, 'own'>,
  entry: ListedModel | undefined,
  base: string,
  signal: AbortSignal,
): Promise<string> {
  const listed = entry?.texts?.find((text) => text.id === id);
  if (!listed) return (await get(`texts/${id.replace('-', '.')}.txt`, base, signal)).trim();
  const text = await get(LIST_FOLDER + listed.file, base, signal);
  if (!listed.file.endsWith('.jsonl')) return text.trim();
  // A story to be continued, and how it went on. A blank line parts two of them, as the list says:
  // TinyWorld's models have read every story by itself.
  return readLines<{ prompt: string; answer: string }>(text)
    .map(({ prompt, answer }) => `${prompt} ${answer}`)
    .join('\n\n');
}

/** A file of the site's. */
export async function get(path: string, base: string, signal: AbortSignal): Promise<string> {
  return (await request(new URL(path, base).href, signal)).text();
}

/** JSON, one value a line. */
export function readLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);
}

/** Tokens of a text, and where each document ends in them; without `ends` the text is one. */
export type Tokens = Pick<TokenizedText, 'ids' | 'ends'>;

/** The first `nTokens` of a text; throws a PageError when there are too few to say anything. */
export function beginning({ ids, ends }: Tokens, nTokens: number): Tokens {
  if (ids.length < MIN_TOKENS) {
    throw new PageError({ kind: 'text-short', nTokens: ids.length, nNeeded: MIN_TOKENS });
  }
  return cut({ ids, ends }, 0, Math.min(ids.length, nTokens));
}

/** What comes after `from` tokens: a document that has begun there is left out. */
export function rest({ ids, ends }: Tokens, from: number): Tokens {
  const start = ends?.find((end) => end >= from) ?? from;
  return cut({ ids, ends }, start, ids.length);
}

function cut({ ids, ends }: Tokens, from: number, to: number): Tokens {
  const part = ids.slice(from, to);
  if (!ends) return { ids: part };
  const before = ends.filter((end) => end > from && end < to).map((end) => end - from);
  return { ids: part, ends: [...before, part.length] };
}
