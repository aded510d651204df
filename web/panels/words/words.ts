/** Tokens as a reader sees them: each with its text, and with what its prediction suffered. */
import type { TokenScores } from '../../../wasm/measure_types.ts';

export interface Suffering {
  /** Probability of what is written there, under the lane and under the reference. */
  p: number;
  refP: number;
  /** nats */
  kl: number;
  isSameTop: boolean;
}

export interface Word {
  text: string;
  nTokens: number;
  /** null where nothing stood before it in its chunk. */
  suffered: Suffering | null;
}

/** Nothing of a character yet, or only the space before one: most Korean words begin with a token that
 * is a space and the first byte of a syllable. */
function isUnfinished(pieces: readonly string[], i: number): boolean {
  return pieces[i] === '' || (pieces[i] === ' ' && /^[^\x00-\x7f]/.test(pieces[i + 1] || '\uffff'));
}

/** One word for each token; those that only together make a character are one. Their divergences add
 * up and their probabilities multiply (chain rule). */
export function toWords(pieces: readonly string[], tokens: TokenScores): Word[] {
  const scoreOf = new Map<number, number>();
  tokens.index.forEach((index, i) => scoreOf.set(index, i));
  const last = tokens.index.length > 0 ? Math.max(...tokens.index) : -1;
  const words: Word[] = [];
  let start = 0;
  for (let i = 0; i <= last; i++) {
    if (i < last && isUnfinished(pieces, i)) continue;
    const scores: number[] = [];
    for (let j = start; j <= i; j++) {
      const score = scoreOf.get(j);
      if (score !== undefined) scores.push(score);
    }
    const isScored = scores.length === i - start + 1;
    words.push({
      text: pieces.slice(start, i + 1).join(''),
      nTokens: i - start + 1,
      suffered: isScored ? suffering(tokens, scores) : null,
    });
    start = i + 1;
  }
  return words;
}

function suffering(
  { logP, refLogP, kl, isSameTop }: TokenScores,
  scores: readonly number[],
): Suffering {
  const sum = (values: Float32Array) => scores.reduce((total, i) => total + values[i]!, 0);
  return {
    p: Math.exp(sum(logP)),
    refP: Math.exp(sum(refLogP)),
    kl: sum(kl),
    isSameTop: scores.every((i) => isSameTop[i] === 1),
  };
}

export type Colouring = 'kl' | 'probability';

/** From here on a token has the next colour: nats, and change of a probability. */
export const STEPS: Record<Colouring, readonly number[]> = {
  kl: [0.01, 0.05, 0.2, 1],
  probability: [0.01, 0.05, 0.15, 0.4],
};

/** 0: unharmed, 1 to 4: harmed more and more, -1: its text became likelier. */
export function levelOf({ p, refP, kl }: Suffering, by: Colouring): number {
  const harm = by === 'kl' ? kl : refP - p;
  if (by === 'probability' && -harm >= STEPS.probability[0]!) return -1;
  // What is not a number has suffered all there is.
  return Number.isNaN(harm) ? STEPS[by].length : STEPS[by].filter((step) => harm >= step).length;
}

export interface Summary {
  nTokens: number;
  nColoured: number;
  nChanged: number;
  /** Those that suffered most, the worst first. */
  worst: readonly Word[];
}

export function summarize(words: readonly Word[], by: Colouring): Summary {
  const scored = words.filter((word) => word.suffered !== null);
  const harm = ({ suffered }: Word) => (by === 'kl' ? suffered!.kl : suffered!.refP - suffered!.p);
  const coloured = scored.filter(({ suffered }) => levelOf(suffered!, by) > 0);
  const count = (some: readonly Word[]) => some.reduce((sum, { nTokens }) => sum + nTokens, 0);
  return {
    nTokens: count(scored),
    nColoured: count(coloured),
    nChanged: scored.filter(({ suffered }) => !suffered!.isSameTop).length,
    worst: coloured
      .filter(({ text }) => text.trim() !== '')
      .sort((a, b) => harm(b) - harm(a))
      .slice(0, 3),
  };
}
