/** The words of the panel of number formats; loaded with it. */
import type { BitRole, FormatId } from './formats.ts';

export const en = {
  lead: 'One number in nine formats. Type it, or press a bit to flip it: every other format then shows what it makes of the result.',
  number: 'Number',
  notNumber: 'This is not a number. Write it as 0.1, −3.5 or 1e-3.',
  examples: 'Examples',
  absmax: 'Largest weight of the group',
  absmaxNote:
    'int8, int4 and nf4 hold only steps. What a step is worth follows from the largest weight among those that share a scale.',
  notPositive: 'This is not a number above 0.',
  rows: 'Bits of each format',
  roles: {
    sign: 'sign',
    exponent: 'exponent',
    fraction: 'fraction',
    code: 'code',
  } satisfies Record<BitRole, string>,
  about: {
    fp32: 'what training counts in',
    fp16: 'finer than bf16, and ends at 65,504',
    bf16: 'the range of fp32, with 2 to 3 digits',
    e4m3: 'ends at 448, no infinity',
    e5m2: 'the upper half of an fp16: wide and coarse',
    e2m1: 'fifteen values from −6 to 6',
    int8: 'even steps of the scale',
    int4: 'even steps: fifteen in use',
    nf4: 'dense near 0, where weights are',
  } satisfies Record<FormatId, string>,
  nBits: (n: string) => `${n} bits`,
  bitsOf: (name: string) => `Bits of ${name}: arrow keys move, Enter or Space flips`,
  bit: (role: string, place: string, value: string) => `${role}, bit ${place}: ${value}`,
  exact: 'exact',
  error: (difference: string, share: string) => `off by ${difference} (${share})`,
  errorPlain: (difference: string) => `off by ${difference}`,
  notNumberHere: 'no number',
  beyond: 'beyond its range',
  line: 'Their values on one line',
  lineLead:
    'Each tick is a number that the format has; the dot is the one that yours rounds to. Floats crowd about 0, integers are even, and nf4 follows the bell curve.',
  shown: 'On the line',
  from: 'Range',
  count: (within: string, total: string) => `${within} of ${total} in this range`,
  yours: 'your number',
};

export type NumbersWords = typeof en;
