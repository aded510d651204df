/** Made-up weights that show why groups exist: a matrix of one shape of distribution, rounded to 4 bits with
 * one scale for all of it, for each row, or for groups. */
/** An even grid from the smallest to the largest. */
function gridOfRange(weights: Float32Array, nLevels: number) {
  const low = weights.reduce((a, b) => Math.min(a, b));
  const high = weights.reduce((a, b) => Math.max(a, b));
  return { low, step: (high - low) / (nLevels - 1) };
}

export type Shape = 'normal' | 'heavy' | 'outlier';
export const SHAPES: readonly Shape[] = ['normal', 'heavy', 'outlier'];

const N_ROWS = 32;
const N_COLS = 256;

/** How many weights share a scale, from all of them down. */
export const SHARED: readonly number[] = [N_ROWS * N_COLS, N_COLS, 128, 64, 32];

/** Numbers from 0 to 1, always the same: mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Weights with a standard deviation near 1; of shape 'outlier' one in the middle has the size `outlier`. */
export function generate(shape: Shape, outlier: number): Float32Array {
  const next = random(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const weights = Float32Array.from({ length: N_ROWS * N_COLS }, () => {
    const x = normal();
    // Student's t with 4 degrees of freedom, brought to a variance of 1.
    if (shape !== 'heavy') return x;
    const chi = Array.from({ length: 4 }, normal).reduce((sum, one) => sum + one * one, 0);
    return x / Math.sqrt(chi / 2);
  });
  if (shape === 'outlier') weights[(N_ROWS * N_COLS) / 2 + 77] = outlier;
  return weights;
}

/** The RMS error where so many neighbours share an even grid of 16 points from their smallest to their
 * largest. */
export function errorOf(weights: Float32Array, nShared: number): number {
  let sum = 0;
  for (let from = 0; from < weights.length; from += nShared) {
    const group = weights.subarray(from, from + nShared);
    const { low, step } = gridOfRange(group, 16);
    for (const w of group) {
      const error = w - (low + step * Math.round((w - low) / step));
      sum += error * error;
    }
  }
  return Math.sqrt(sum / weights.length);
}
