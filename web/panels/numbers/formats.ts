/** Number formats as their bits: what a code means and which code a number rounds to. The arithmetic is
 * that of the core (core/base/number.h, core/quant/fp_codes.h, uniform.c, nf4.c), which the test beside
 * this compares, code by code. e5m2, which the core does not have, is the upper half of an f16. */
import { withMinus } from '../../format.ts';

export type FormatId =
  | 'fp32'
  | 'fp16'
  | 'bf16'
  | 'e4m3'
  | 'e5m2'
  | 'e2m1'
  | 'int8'
  | 'int4'
  | 'nf4';

/** As they are called in every language. */
export const NAMES: Record<FormatId, string> = {
  fp32: 'fp32',
  fp16: 'fp16',
  bf16: 'bf16',
  e4m3: 'fp8 e4m3',
  e5m2: 'fp8 e5m2',
  e2m1: 'fp4 e2m1',
  int8: 'int8',
  int4: 'int4',
  nf4: 'nf4',
};

/** A sign, an exponent and a fraction. */
export interface FloatFormat {
  id: FormatId;
  kind: 'float';
  exponentBits: number;
  fractionBits: number;
  /** Which codes of the highest exponent are no numbers: all of them, as in IEEE 754, where the fraction 0
   * is infinity; the last one; none. */
  special: 'ieee' | 'last' | 'none';
}

/** A whole number of steps; the step is the scale of its group. */
export interface IntegerFormat {
  id: FormatId;
  kind: 'integer';
  bits: number;
}

/** One of 16 values between -1 and 1, times the scale of its group. */
export interface TableFormat {
  id: FormatId;
  kind: 'table';
  bits: 4;
  values: readonly number[];
}

export type NumberFormat = FloatFormat | IntegerFormat | TableFormat;

const float = (
  id: FormatId,
  exponentBits: number,
  fractionBits: number,
  special: FloatFormat['special'],
): FloatFormat => ({ id, kind: 'float', exponentBits, fractionBits, special });

/** Quantiles of a normal distribution, as float32: core/quant/nf4.c. */
const NF4 = [
  -1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
  -0.18477343022823334, -0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725,
  0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
  0.7229568362236023, 1,
];

export const NUMBER_FORMATS: readonly NumberFormat[] = [
  float('fp32', 8, 23, 'ieee'),
  float('fp16', 5, 10, 'ieee'),
  float('bf16', 8, 7, 'ieee'),
  float('e4m3', 4, 3, 'last'),
  float('e5m2', 5, 2, 'ieee'),
  float('e2m1', 2, 1, 'none'),
  { id: 'int8', kind: 'integer', bits: 8 },
  { id: 'int4', kind: 'integer', bits: 4 },
  { id: 'nf4', kind: 'table', bits: 4, values: NF4 },
];

export function formatNamed(id: FormatId): NumberFormat {
  return NUMBER_FORMATS.find((format) => format.id === id)!;
}

export function bitsOf(format: NumberFormat): number {
  return format.kind === 'float' ? 1 + format.exponentBits + format.fractionBits : format.bits;
}

const biasOf = ({ exponentBits }: FloatFormat) => 2 ** (exponentBits - 1) - 1;

/** The fields of a float's code. */
export function fieldsOf(format: FloatFormat, code: number) {
  const { exponentBits, fractionBits } = format;
  return {
    sign: Math.floor(code / 2 ** (exponentBits + fractionBits)),
    exponent: Math.floor(code / 2 ** fractionBits) % 2 ** exponentBits,
    fraction: code % 2 ** fractionBits,
    bias: biasOf(format),
  };
}

function decodeFloat(format: FloatFormat, code: number): number {
  const { sign, exponent, fraction, bias } = fieldsOf(format, code);
  const { exponentBits, fractionBits, special } = format;
  const part = fraction / 2 ** fractionBits;
  const isHighest = exponent === 2 ** exponentBits - 1;
  if (isHighest && special === 'last' && fraction === 2 ** fractionBits - 1) return NaN;
  if (isHighest && special === 'ieee') {
    if (fraction > 0) return NaN;
    return sign ? -Infinity : Infinity;
  }
  const magnitude = exponent === 0 ? part * 2 ** (1 - bias) : (1 + part) * 2 ** (exponent - bias);
  return sign ? -magnitude : magnitude;
}

/** A format's largest finite number. */
export function largestOf(format: FloatFormat): number {
  const { exponentBits, fractionBits, special } = format;
  const end = 2 ** (exponentBits + fractionBits);
  const last = { ieee: end - 2 ** fractionBits - 1, last: end - 2, none: end - 1 }[special];
  return decodeFloat(format, last);
}

/** To the nearest whole number; of two, the even one. */
function roundEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return below + (rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? 1 : 0);
}

/** The nearest number, ties to the even code. Beyond the largest IEEE formats have infinity, the others
 * stay at it. e2m1 rounds ties toward 0 and has no use for -0, as MLX writes it. */
function encodeFloat(format: FloatFormat, value: number): number {
  const { exponentBits, fractionBits, special } = format;
  const isNegative = value < 0 || Object.is(value, -0);
  const signed = (code: number) => code + (isNegative ? 2 ** (exponentBits + fractionBits) : 0);
  const isIeee = special === 'ieee';
  const end = 2 ** (exponentBits + fractionBits);
  const infinity = end - 2 ** fractionBits;
  if (Number.isNaN(value)) return isIeee ? infinity + 2 ** (fractionBits - 1) : end - 1;
  const magnitude = isIeee ? Math.abs(value) : Math.min(Math.abs(value), largestOf(format));
  if (magnitude === Infinity) return signed(infinity);
  const lowest = 1 - biasOf(format);
  // log2 may be off by an ulp just below a power of two.
  let exponent = magnitude > 0 ? Math.max(lowest, Math.floor(Math.log2(magnitude))) : lowest;
  if (2 ** exponent > magnitude && exponent > lowest) exponent--;
  if (2 ** (exponent + 1) <= magnitude) exponent++;
  const steps = magnitude / 2 ** (exponent - fractionBits);
  const rounded = special === 'none' ? Math.ceil(steps - 0.5) : roundEven(steps);
  // A fraction that is full carries into the exponent: the codes are in order.
  const code = rounded + (exponent - lowest) * 2 ** fractionBits;
  if (special === 'none') return code === 0 ? 0 : signed(code);
  return signed(isIeee ? Math.min(code, infinity) : code);
}

/** What a step of the format is worth when `absmax` is the largest magnitude of its group. */
export function scaleOf(format: NumberFormat, absmax: number): number {
  if (format.kind === 'float') return 1;
  return Math.fround(format.kind === 'table' ? absmax : absmax / (2 ** (format.bits - 1) - 1));
}

/** The number that a code stands for. Integers are in two's complement. */
export function decode(format: NumberFormat, code: number, absmax: number): number {
  if (format.kind === 'float') return decodeFloat(format, code);
  const scale = scaleOf(format, absmax);
  if (format.kind === 'table') return Math.fround(format.values[code]! * scale);
  return Math.fround((code < 2 ** (format.bits - 1) ? code : code - 2 ** format.bits) * scale);
}

/** The code of the number that a value, as a float32, rounds to. Integers leave the lowest code alone, so
 * that their grid is as long on either side of 0. */
export function encode(format: NumberFormat, value: number, absmax: number): number {
  const weight = Math.fround(value);
  if (format.kind === 'float') return encodeFloat(format, weight);
  const scale = scaleOf(format, absmax);
  const steps = Math.fround(
    format.kind === 'table' ? weight * Math.fround(1 / scale) : weight / scale,
  );
  if (format.kind === 'table') {
    const { values } = format;
    // How many midpoints lie below: the nearest value, the lower of two.
    const isAbove = (upper: number, i: number) => !(steps <= Math.fround((upper + values[i]!) / 2));
    return values.slice(1).filter(isAbove).length;
  }
  if (Number.isNaN(steps)) return 0;
  const end = 2 ** (format.bits - 1) - 1;
  const whole = Math.sign(steps) * roundEven(Math.min(end, Math.abs(steps)));
  return whole < 0 ? whole + 2 ** format.bits : whole + 0;
}

/** What each of a code's bits is for, the highest first. */
export type BitRole = 'sign' | 'exponent' | 'fraction' | 'code';

export function rolesOf(format: NumberFormat): { role: BitRole; n: number }[] {
  if (format.kind === 'table') return [{ role: 'code', n: 4 }];
  if (format.kind === 'integer')
    return [
      { role: 'sign', n: 1 },
      { role: 'code', n: format.bits - 1 },
    ];
  return [
    { role: 'sign', n: 1 },
    { role: 'exponent', n: format.exponentBits },
    { role: 'fraction', n: format.fractionBits },
  ];
}

/** The bit at `place`, 0 for the lowest. */
export function bitAt(code: number, place: number): 0 | 1 {
  return Math.floor(code / 2 ** place) % 2 === 1 ? 1 : 0;
}

export function flip(code: number, place: number): number {
  return code + (bitAt(code, place) ? -1 : 1) * 2 ** place;
}

/** All finite numbers of a small format, in order, each once. */
export function valuesOf(format: NumberFormat, absmax: number): number[] {
  const codes = Array.from({ length: 2 ** bitsOf(format) }, (_, code) => code);
  const used = format.kind === 'integer' ? codes.filter((c) => c !== codes.length / 2) : codes;
  const values = used.map((code) => decode(format, code, absmax) + 0).filter(Number.isFinite);
  return [...new Set(values)].sort((a, b) => a - b);
}

/** A number as it was typed; null where it is none. A decimal comma is one too. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replaceAll('−', '-').replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** Up to nine digits: as many as tell any two float32 apart. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  if (Object.is(value, -0)) return '−0';
  return withMinus(String(Number(value.toPrecision(9))));
}
