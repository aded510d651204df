/** How far two lanes' texts agree, token by token. */
import type { Run } from './state.ts';

export type Agreement =
  /** Every token that both have written so far is the same. */
  | { kind: 'same'; nTokens: number; finished: boolean }
  /** Token `index` (from 0) is the first that differs; one of the two may have ended there. */
  | { kind: 'differs'; index: number };

/** Compares by token id, not by text: two tokens may look alike. A run that was cut short (by the
 * token limit or by the reader) says nothing about what would have come next. */
export function compareRuns(reference: Run, other: Run): Agreement {
  const nCommon = Math.min(reference.tokens.length, other.tokens.length);
  for (let i = 0; i < nCommon; i++) {
    if (reference.tokens[i]!.id !== other.tokens[i]!.id) return { kind: 'differs', index: i };
  }
  const [shorter, longer] =
    reference.tokens.length < other.tokens.length ? [reference, other] : [other, reference];
  if (shorter.stop === 'end' && longer.tokens.length > nCommon)
    return { kind: 'differs', index: nCommon };
  return {
    kind: 'same',
    nTokens: nCommon,
    finished: reference.stop !== null && other.stop !== null,
  };
}

/** The text that becomes visible at token `index`, and the token after it, or the run's tail where
 * the text ends first. A token may be a part of a character, or white space and a part of one (most
 * Korean words begin so): then the tokens up to the one that shows something belong together. */
export function textAt(run: Run, index: number): { text: string; end: number; isTail: boolean } {
  let text = '';
  let end = index;
  while (end < run.tokens.length && text.trim() === '') text += run.tokens[end++]!.text;
  if (text.trim() !== '') return { text, end, isTail: false };
  return { text: text + run.tail, end, isTail: true };
}

/** Without a character that the text ends within. */
export function whole(text: string): string {
  return text.replace(/\ufffd+$/, '');
}

/** The same, with white space made visible, for labels. */
export function visibleToken(run: Run, index: number, endLabel: string): string {
  const token = run.tokens[index];
  if (!token) return endLabel;
  const text = whole(textAt(run, index).text) || `#${token.id}`;
  return text.replace(/ /g, '␣').replace(/\n/g, '⏎').replace(/\t/g, '⇥');
}
