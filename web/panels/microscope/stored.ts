/** Numbers in a row's bytes: where each bit of one is, and what the bits say. */
import type { StoredRow } from '../../../wasm/measure_types.ts';
import { decode, formatNamed } from '../numbers/formats.ts';

/** How bits are read. Floats with fewer than 8 bits, and codes that stand for something, are 'unsigned'. */
export type Reading = 'unsigned' | 'signed' | 'f16' | 'bf16' | 'f32' | 'f64' | 'e4m3' | 'e8m0';

/** A number's bits, the lowest first, each by its number in the part: 8 for the lowest of the second byte. */
export interface Place {
  part: number;
  bits: readonly number[];
  as: Reading;
}

const SIZES: Partial<Record<Reading, number>> = { f16: 2, bf16: 2, f32: 4, f64: 8 };

/** How many bytes a number of this type has. */
export const sizeOf = (as: Reading): number => SIZES[as] ?? 1;

/** `n` bits from bit `from` of the part on. */
export const run = (from: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => from + i);

/** A number that begins at a byte of the part, and has as many whole bytes as its type. */
export const wholeAt = (part: number, byte: number, as: Reading): Place => ({
  part,
  bits: run(8 * byte, 8 * sizeOf(as)),
  as,
});

/** Bits of a part as a whole number without a sign. */
export function rawAt({ parts }: StoredRow, { part, bits }: Place): number {
  const { bytes } = parts[part]!;
  return bits.reduce((sum, at, i) => sum + ((bytes[at >> 3]! >> (at & 7)) & 1) * 2 ** i, 0);
}

export function bitText(row: StoredRow, place: Place): string {
  return rawAt(row, place).toString(2).padStart(place.bits.length, '0');
}

const FLOATS = { f16: 'fp16', bf16: 'bf16', f32: 'fp32', e4m3: 'e4m3' } as const;

/** What a number says. */
export function valueAt(row: StoredRow, place: Place): number {
  const { as, bits, part } = place;
  if (as === 'f64') {
    const { buffer, byteOffset } = row.parts[part]!.bytes;
    return new DataView(buffer, byteOffset).getFloat64(bits[0]! / 8, true);
  }
  const raw = rawAt(row, place);
  if (as === 'unsigned') return raw;
  if (as === 'signed') return raw < 2 ** (bits.length - 1) ? raw : raw - 2 ** bits.length;
  if (as === 'e8m0') return 2 ** (raw - 127);
  return decode(formatNamed(FLOATS[as]), raw, 1);
}
