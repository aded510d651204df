/** The grid that a format lays over one group of weights: w' = scale * level + bias, with the levels
 * numbered by the codes. Which rule a format follows is not read from its name: each is tried, and the one
 * that gives exactly what the core made of the group is the one. Formats whose scales are themselves
 * quantized, or chosen by a search, follow none of these. */
import { decode, encode, formatNamed, NUMBER_FORMATS } from '../numbers/formats.ts';

/** Where the bits of a code lie: in one stream from each byte's lowest bit up, the first of two in the
 * upper half, or the first half of the group in the lower halves. */
export type Packing = 'stream' | 'high-first' | 'halves';

export interface Grid {
  /** By code. */
  levels: readonly number[];
  bits: number;
  scale: number;
  bias: number;
  codes: readonly number[];
  packing: Packing;
}

const { fround, abs } = Math;

const stored = {
  f32: fround,
  bf16: (x: number) => decode(formatNamed('bf16'), encode(formatNamed('bf16'), x, 1), 1),
  f16: (x: number) => decode(formatNamed('fp16'), encode(formatNamed('fp16'), x, 1), 1),
};

/** To a whole number, ties to the even one. */
function rint(x: number): number {
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));
const upTo = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);

type Fit = Omit<Grid, 'bits'>;

/** MLX affine, as mlx 0.32: one end of the range is exact, and 0 too where it is in range. */
function affine(weights: readonly number[], nCodes: number, store: (x: number) => number): Fit {
  const last = nCodes - 1;
  const low = Math.min(...weights);
  const high = Math.max(...weights);
  let scale = Math.max(fround(fround(high - low) / last), fround(1e-7));
  const isLow = abs(low) > abs(high);
  const edge = isLow ? low : high;
  if (!isLow) scale = -scale;
  const q0 = rint(fround(edge / scale));
  if (q0 !== 0) scale = fround(edge / q0);
  const bias = q0 === 0 ? 0 : edge;
  const codes = weights.map((w) => clamp(rint(fround(fround(w - bias) / scale)), 0, last));
  return {
    levels: upTo(nCodes),
    scale: store(scale),
    bias: store(bias),
    codes,
    packing: 'stream',
  };
}

/** One scale for the largest magnitude, 0 in the middle. */
function symmetric(weights: readonly number[], nCodes: number): Fit {
  const end = nCodes / 2 - 1;
  const scale = fround(Math.max(...weights.map(abs)) / end);
  const codes = weights.map((w) => clamp(rint(fround(w / scale)), -end, end) + end + 1);
  return { levels: upTo(nCodes, -end - 1), scale, bias: 0, codes, packing: 'stream' };
}

/** The 16 values of nf4. */
function nf4(weights: readonly number[]): Fit {
  const format = NUMBER_FORMATS.find(({ id }) => id === 'nf4')!;
  const scale = Math.max(...weights.map(abs));
  const codes = weights.map((w) => encode(format, w, scale));
  const levels = format.kind === 'table' ? format.values : [];
  return { levels, scale, bias: 0, codes, packing: 'high-first' };
}

/** GGML's q4_0: the weight of the largest magnitude, with its sign, lies on the lowest code. */
function q40(weights: readonly number[]): Fit {
  const extreme = weights.reduce((best, w) => (abs(w) > abs(best) ? w : best), 0);
  const scale = fround(extreme / -8);
  const inverse = scale === 0 ? 0 : fround(1 / scale);
  const codes = weights.map((w) => clamp(Math.trunc(fround(fround(w * inverse) + 8.5)), 0, 15));
  return { levels: upTo(16, -8), scale: stored.f16(scale), bias: 0, codes, packing: 'halves' };
}

/** GGML's q8_0. Its codes are signed bytes: numbered here from the lowest. */
function q80(weights: readonly number[]): Fit {
  const scale = fround(Math.max(...weights.map(abs)) / 127);
  const inverse = scale === 0 ? 0 : fround(1 / scale);
  const round = (x: number) => Math.sign(x) * Math.floor(abs(x) + 0.5);
  const codes = weights.map((w) => round(fround(w * inverse)) + 128);
  return { levels: upTo(256, -128), scale: stored.f16(scale), bias: 0, codes, packing: 'stream' };
}

/** What the codes mean on a grid, in float32. */
export function reconstruct(
  { levels, codes }: Pick<Grid, 'levels' | 'codes'>,
  scale: number,
  bias: number,
): number[] {
  return codes.map((code) => fround(fround(levels[code]! * scale) + bias));
}

/** The grid by which the core made `converted` of `weights`, where `nCodes` codes can occur; null where
 * it is none of these. */
export function gridOf(
  weights: readonly number[],
  converted: readonly number[],
  nCodes: number,
): Grid | null {
  if (nCodes < 2) return null;
  const fits = [
    () => affine(weights, nCodes, stored.bf16),
    () => affine(weights, nCodes, stored.f16),
    () => affine(weights, nCodes, stored.f32),
    () => symmetric(weights, nCodes),
    ...(nCodes === 16 ? [() => nf4(weights), () => q40(weights)] : []),
    ...(nCodes === 256 ? [() => q80(weights)] : []),
  ];
  for (const fit of fits) {
    const found = fit();
    const own = reconstruct(found, found.scale, found.bias);
    if (own.every((value, i) => value === converted[i] || value + 0 === converted[i]! + 0))
      return { ...found, bits: Math.round(Math.log2(nCodes)) };
  }
  return null;
}

/** The same levels under another scale and bias: each weight takes the nearest. */
export function moved(weights: readonly number[], grid: Grid, scale: number, bias: number): Grid {
  const { levels } = grid;
  const codes = weights.map((w) => {
    const at = (w - bias) / scale;
    let best = 0;
    for (let code = 1; code < levels.length; code++)
      if (abs(levels[code]! - at) < abs(levels[best]! - at)) best = code;
    return best;
  });
  return { ...grid, scale, bias, codes };
}

export function rmse(weights: readonly number[], converted: readonly number[]): number {
  const sum = weights.reduce((total, w, i) => total + (w - converted[i]!) ** 2, 0);
  return Math.sqrt(sum / weights.length);
}

/** For each byte of the packed group, from its highest bit to its lowest, the weight that the bit is of
 * and its value. */
export function packed({ codes, bits, packing }: Grid): { owner: number; bit: number }[][] {
  const n = codes.length;
  const bitOf = (owner: number, place: number) => ({ owner, bit: (codes[owner]! >> place) & 1 });
  return upTo(Math.ceil((n * bits) / 8)).map((byte) =>
    upTo(8).map((i) => {
      const place = 7 - i;
      if (packing === 'stream') {
        const at = byte * 8 + place;
        return bitOf(Math.min(n - 1, Math.floor(at / bits)), at % bits);
      }
      const isHigh = place >= 4;
      const owner =
        packing === 'halves' ? byte + (isHigh ? n / 2 : 0) : 2 * byte + (isHigh ? 0 : 1);
      return bitOf(owner, place % 4);
    }),
  );
}
