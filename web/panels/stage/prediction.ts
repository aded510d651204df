/** What the learner's guess is held against. */
import { allPoints, type StageMeasuring } from './measuring.ts';
import type { Width } from './widths.ts';

/** What `bitloss-predict` tells as the truth. */
export interface Prediction {
  /** The first width that breaks, in bits; null when none does. */
  bits: number | null;
  isRight: boolean;
  /** What was measured: of 100 questions and of 100 tokens, null where that is not known. */
  points: readonly { bits: number; rightOf100: number | null; sameOf100: number | null }[];
}

/** `bits` is the first width that breaks. */
export function predictionOf(
  measures: StageMeasuring,
  guess: Width,
  bits: Width | null,
): Prediction {
  return {
    bits,
    isRight: guess === bits,
    points: allPoints(measures).map(({ width, text, answers }) => ({
      bits: width,
      rightOf100: answers ? 100 * answers.share.value : null,
      sameOf100: text?.sameTop.value == null ? null : 100 * text.sameTop.value,
    })),
  };
}

/** Waits; rejects when the signal is given. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('stopped'));
    });
  });
}
