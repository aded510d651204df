/** The values that a weight may take before it is scaled, for the formats in which they are the same
 * for every weight, as places on a line from 0 to 1. */

/** How many evenly spaced values; those whose bits the reader chooses are worked out from these. */
const EVEN_BITS: Record<string, number> = {
  q4_0: 4,
  q4_1: 4,
  q5_0: 5,
  q5_1: 5,
  q8_0: 8,
  int4: 4,
  int8: 8,
  qint8: 8,
};

const E2M1 = [-6, -4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 6];

/** 8-bit floats, 4 bits of exponent and 3 of fraction: all that are finite. */
const E4M3 = Array.from({ length: 127 }, (_, code) => {
  const exponent = code >> 3;
  const fraction = (code & 7) / 8;
  return exponent === 0 ? fraction * 2 ** -6 : (1 + fraction) * 2 ** (exponent - 7);
}).flatMap((value) => (value === 0 ? [0] : [-value, value]));

/** In bitsandbytes the quantiles of a normal distribution; rounded, as they are only drawn. */
const NF4 = [
  -1, -0.6962, -0.5251, -0.3949, -0.2844, -0.1848, -0.0911, 0, 0.0796, 0.1609, 0.2461, 0.3379,
  0.4407, 0.5626, 0.723, 1,
];
const IQ4_NL = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

const UNEVEN: Record<string, readonly number[]> = {
  mxfp4: E2M1,
  mxfp4_ggml: E2M1,
  nvfp4: E2M1,
  nvfp4_tensor: E2M1,
  mxfp8: E4M3,
  nf4: NF4,
  nf4_double: NF4,
  iq4_nl: IQ4_NL,
};

/** null where there is no such picture: floats, mixtures, and formats whose scales have scales. */
export function levelsOf(format: string, chosenBits: number | null): number[] | null {
  const values = UNEVEN[format];
  if (values) {
    const low = Math.min(...values);
    const span = Math.max(...values) - low;
    return values.map((value) => (value - low) / span);
  }
  const bits = EVEN_BITS[format] ?? chosenBits;
  if (bits === null) return null;
  const n = 2 ** bits - (format === 'tensor' || format === 'channel' ? 1 : 0);
  return Array.from({ length: n }, (_, i) => i / (n - 1));
}
