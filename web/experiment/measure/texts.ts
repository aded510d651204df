/** The texts that predictions are measured on. */
import { PageError } from '../problem.ts';
import { request } from '../../source/download.ts';
import type { Lang, ModelAddress, TextId } from '../state.ts';

/** Fewer say nothing. */
export const MIN_TOKENS = 16;

/** A model that knows TinyWorld, and nothing else. */
export function isTinyWorld(address: ModelAddress): boolean {
  return address.kind === 'listed' && /^tinyworld\b/i.test(address.id);
}

/** TinyWorld's models get its stories in the reader's language, all others plain English, which
 * nearly every model knows best. */
export function suitableText(address: ModelAddress | null, lang: Lang): TextId {
  return address && isTinyWorld(address) ? `world-${lang}` : 'plain-en';
}

/** The built-in texts in the order of the menu; TinyWorld's stories are for its own models. */
export function textsFor(address: ModelAddress): TextId[] {
  const general: TextId[] = ['plain-en', 'plain-ko', 'stories-en', 'stories-ko'];
  return isTinyWorld(address) ? ['world-en', 'world-ko', ...general, 'own'] : [...general, 'own'];
}

/** Throws a PageError when the site does not have it. */
export async function fetchText(
  id: Exclude<TextId, 'own'>,
  base: string,
  signal: AbortSignal,
): Promise<string> {
  const [kind, lang] = id.split('-') as [string, Lang];
  if (kind !== 'world') return (await get(`texts/${kind}.${lang}.txt`, base, signal)).trim();
  // A story to be continued, and how it went on. A line for each: TinyWorld's models know no blank lines
  // between paragraphs, and would be measured on these.
  return readLines<{ prompt: string; answer: string }>(
    await get(`tests/stories.${lang}.jsonl`, base, signal),
  )
    .map(({ prompt, answer }) => `${prompt} ${answer}`)
    .join('\n');
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

/** The first `nTokens` of a text; throws a PageError when there are too few to say anything. */
export function beginning(ids: Int32Array, nTokens: number): Int32Array {
  if (ids.length < MIN_TOKENS) {
    throw new PageError({ kind: 'text-short', nTokens: ids.length, nNeeded: MIN_TOKENS });
  }
  return ids.slice(0, Math.min(ids.length, nTokens));
}
