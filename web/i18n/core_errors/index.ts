/** The core's errors in Korean. Its sentence comes apart (wasm/types.ts: Said): the format, in which each conversion
 * counts as "%", leads to a sentence in which {1} is the first of the fields. What many sentences begin with, a
 * file's name and the like, is taken off first. Loaded when there is an error to say. */
import type { Said } from '../../../wasm/types.ts';
import { chat } from './chat.ko.ts';
import { engine } from './engine.ko.ts';
import { files } from './files.ko.ts';
import { tokenizer } from './tokenizer.ko.ts';
import { training } from './training.ko.ts';
import { AT_BYTE, PHRASES, WORDS } from './words.ko.ts';
import { work } from './work.ko.ts';

export const SENTENCES: Readonly<Record<string, string>> = {
  ...files,
  ...tokenizer,
  ...work,
  ...chat,
  ...engine,
  ...training,
};

const BEGINNINGS: readonly (readonly [string, string])[] = [
  ['%: ', '{1}: '],
  ["tensor '%': ", "'{1}' 텐서: "],
  ["recipe '%': ", "레시피 '{1}': "],
  ['recipe: ', '레시피: '],
  ['task %: ', '문제 {1}: '],
  ['chat template, line %: ', '채팅 템플릿 {1}행: '],
];

const CONVERSION = /%[-+ #0-9.*]*(?:ll|l|z|h)*[diouxXeEfFgGaAcsp]/g;
const nFields = (text: string) => text.split('%').length - 1;

/** What a format begins with, in Korean, and the key of the rest. */
export function keyOf(format: string): { beginnings: readonly string[]; key: string } {
  let key = format.replace(CONVERSION, '%');
  const beginnings: string[] = [];
  for (;;) {
    const found = BEGINNINGS.find(([english]) => key.startsWith(english));
    if (!found) return { beginnings, key };
    beginnings.push(found[1]);
    key = key.slice(found[0].length);
  }
}

/** Sentences that may stand within another, the longest first, with what finds them. Those that begin with a field
 * would be found everywhere. */
const NESTED = Object.entries(SENTENCES)
  .filter(([key]) => !key.startsWith('%'))
  .sort(([a], [b]) => b.length - a.length)
  .map(([key, korean]) => {
    const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('%', '(.*)');
    return { pattern: new RegExp(`^([^:]+): ${escaped}$`, 's'), key, korean };
  });

/** A whole sentence about a file, which the core has put into another; null where it is none. */
function nested(plain: string): string | null {
  for (const { pattern, key, korean } of NESTED) {
    const found = pattern.exec(plain);
    if (found) return `${found[1]}: ${fill(korean, wordsOf(key, found.slice(2)))}`;
  }
  return null;
}

const fill = (text: string, fields: readonly string[]) =>
  text.replace(/\{(\d)\}/g, (_, n: string) => fields[Number(n) - 1]!);

/** A field as it may be shown: controls would break the sentence. */
const shown = (field: string) => field.replace(/\p{Cc}/gu, '?');

/** A field that the core may have put into words. */
function word(field: string): string {
  const plain = shown(field);
  if (Object.hasOwn(WORDS, plain)) return WORDS[plain]!;
  const at = AT_BYTE.exec(plain);
  if (at) {
    const [byte, size, found, expected] = at.slice(1) as [string, string, string, string];
    return `${size}바이트 가운데 ${byte}번째 바이트에 있는 것: ${word(found)}, 있어야 할 것: ${word(expected)}`;
  }
  const phrase = PHRASES.find(([pattern]) => pattern.test(plain));
  return phrase ? plain.replace(phrase[0], phrase[1]) : (nested(plain) ?? plain);
}

/** The fields of a key. What it puts between quotes is a file's or a reader's own, and stays as it is. */
function wordsOf(key: string, fields: readonly string[]): string[] {
  const before = key.split('%');
  return fields.map((field, i) => {
    // The quote may be a field itself, where there is not always something to quote.
    const start = before[i] === '' ? (fields[i - 1] ?? '') : before[i]!;
    return start.endsWith("'") ? shown(field) : word(field);
  });
}

/** What stands before the colon: a name, or a sentence. */
function beginningOf(field: string): string {
  const plain = shown(field);
  return nested(plain) ?? plain;
}

/** The sentence; null where there is none, or where fields are missing: the English one is whole. */
export function inKorean({ format, fields }: Said): string | null {
  const { beginnings, key } = keyOf(format);
  const sentence = SENTENCES[key];
  const nBefore = beginnings.filter((text) => text.includes('{1}')).length;
  if (sentence === undefined || fields.length !== nBefore + nFields(key)) return null;
  const left = fields.slice(0, nBefore).map(beginningOf);
  const start = beginnings.map((text) => fill(text, text.includes('{1}') ? left.splice(0, 1) : []));
  // What stands before the colon may be a sentence, too.
  return (
    start.join('').replace(/\.: $/, '. ') + fill(sentence, wordsOf(key, fields.slice(nBefore)))
  );
}
