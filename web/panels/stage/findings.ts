/** What the figures of one bit width come to, before it is put into words: counts out of a hundred, and
 * whether something broke. Nothing here asks or draws. */
import type { Paired, Share, TextStats } from '../../../wasm/measure_types.ts';
import type { Kind } from './questions.ts';
import type { Width } from './widths.ts';

/** Right answers to the questions that both the reference and this width were asked. */
export interface Answers {
  share: Share;
  /** Against the reference; null for the reference itself. */
  paired: Paired | null;
  kinds: ReadonlyMap<Kind, { nRight: number; n: number }>;
}

/** What is known of a width; null is not measured (yet), or cannot be. */
export interface Point {
  width: Width;
  text: TextStats | null;
  answers: Answers | null;
  /** Of the six questions that are shown, by their ids. */
  shown: ReadonlyMap<string, boolean>;
}

/** So many of 100 questions lost, and fewer right beyond doubt, is what the stage calls broken. */
export const BROKEN_AT = 10;

/** Does it break at this width? By the questions: `BROKEN_AT` or more of 100 lost, with fewer right beyond
 * doubt (McNemar's exact test on the same questions, p < 0.05). Where a model has no questions, by the
 * text: "broken" in the core's words, that is perplexity doubled, or KL divergence over 1, beyond doubt.
 * null while that is not known. */
export function isBroken({ text, answers }: Point, hasQuestions: boolean): boolean | null {
  if (!hasQuestions) return text && text.loss === 'broken';
  const paired = answers?.paired;
  return paired ? paired.verdict === 'worse' && 100 * paired.difference.value <= -BROKEN_AT : null;
}

/** The first width, from the most bits down, at which it breaks: null where none does, undefined while
 * one that comes before is not known. */
export function breaksAt(
  points: readonly Point[],
  hasQuestions: boolean,
): Width | null | undefined {
  for (const point of [...points].sort((a, b) => b.width - a.width)) {
    const broken = isBroken(point, hasQuestions);
    if (broken === null) return undefined;
    if (broken) return point.width;
  }
  return null;
}

/** Of 100 tokens, at how many is another one the likeliest? null when the figures are no numbers. */
export function nChanged({ sameTop }: TextStats): number | null {
  return sameTop.value === null ? null : 100 * (1 - sameTop.value);
}

/** How the answers compare with the reference's, in counts out of 100. */
export type Comparison =
  | { kind: 'worse'; n: number; from: number; to: number }
  | { kind: 'better'; n: number }
  | { kind: 'same' }
  /** Too close to tell: so many more wrong at the most. */
  | { kind: 'unclear'; most: number };

export function compare({ verdict, difference }: Paired): Comparison {
  const of100 = (share: number) => Math.round(100 * share);
  switch (verdict) {
    case 'worse':
      return {
        kind: 'worse',
        n: of100(-difference.value),
        from: Math.max(0, of100(-difference.high)),
        to: of100(-difference.low),
      };
    case 'better':
      return { kind: 'better', n: of100(difference.value) };
    case 'same':
      return { kind: 'same' };
    case 'unclear':
      return { kind: 'unclear', most: Math.max(1, Math.ceil(-100 * difference.low)) };
  }
}
