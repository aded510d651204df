/** One sentence about a width, without a code: what is left of the size, at how many tokens the prediction
 * changes, and how many more questions it gets wrong. What is worse, beyond doubt, is marked as such. */
import type { Format } from '../../format.ts';
import { compare, nChanged, type Point } from './findings.ts';
import type { StageWords } from './words.ts';

export interface Part {
  text: string;
  isWorse: boolean;
}

/** `share` is of the full size. Clauses whose figures are not there yet are left out. */
export function sentence(
  words: StageWords,
  format: Format,
  bits: string,
  share: number,
  { text, answers }: Pick<Point, 'text' | 'answers'>,
): Part[] {
  const parts: Part[] = [{ text: words.size(bits, percent(share)), isWorse: false }];
  const add = (clause: string, isWorse = false) => parts.push({ text: clause, isWorse });
  const changed = text && nChanged(text);
  if (text && changed === null) add(` ${words.noNumbers}`, true);
  const count = (n: number) => format.integer(n);
  const compared = answers?.paired ? compare(answers.paired) : null;
  if (changed !== null) {
    const n = count(Math.round(changed));
    add(` ${compared ? words.changesAnd(n) : words.changes(n)}`);
  }
  if (compared) {
    if (changed === null) add(' ');
    switch (compared.kind) {
      case 'worse':
        add(words.worse(count(compared.n), count(compared.from), count(compared.to)), true);
        break;
      case 'better':
        add(words.better(count(compared.n)));
        break;
      case 'same':
        add(words.same);
        break;
      case 'unclear':
        add(words.unclear(count(compared.most)));
    }
  }
  return parts;
}

/** Of sizes, whole per cent are enough. */
export function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
