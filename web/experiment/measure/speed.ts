/** How fast a lane writes, from several short pieces of writing. */

/** Some tokens, and the time that they took. */
export interface Sample {
  nTokens: number;
  ms: number;
}

/** Tokens per second with one standard error. */
export interface Speed {
  value: number;
  error: number;
}

/** A machine does other things too, and its clocks move: less says little. */
export const MIN_MS = 500;
const MIN_SAMPLES = 4;

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

export function isEnough(samples: readonly Sample[]): boolean {
  return samples.length >= MIN_SAMPLES && sum(samples.map(({ ms }) => ms)) >= MIN_MS;
}

/** All tokens over all time, with the standard error of such a ratio (Cochran, Sampling Techniques,
 * 2.46); null while there is too little to tell. */
export function speedOf(samples: readonly Sample[]): Speed | null {
  if (!isEnough(samples)) return null;
  const n = samples.length;
  const ms = sum(samples.map((sample) => sample.ms));
  const rate = sum(samples.map((sample) => sample.nTokens)) / ms;
  const squares = sum(samples.map((sample) => (sample.nTokens - rate * sample.ms) ** 2));
  return { value: 1000 * rate, error: (1000 * Math.sqrt((squares * n) / (n - 1))) / ms };
}

/** Tokens of the next sample: about a tenth of a second of them. */
export function nextLength(last: Sample | undefined): number {
  if (!last) return 16;
  return Math.min(64, Math.max(8, Math.round((100 * last.nTokens) / last.ms)));
}
