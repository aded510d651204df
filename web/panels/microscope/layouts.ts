/** What the bytes of each number format say: a row of LAYOUTS for every row of the core's codec table
 * (core/quant/codec.c), under the same name. The test beside this decodes by it and compares with the core. */
import type { StoredRow } from '../../../wasm/measure_types.ts';
import { decode, formatNamed, valuesOf } from '../numbers/formats.ts';
import type { Described, Layout, NumberName, StoredNumber } from './described.ts';
import { run, sizeOf, valueAt, wholeAt, type Place, type Reading } from './stored.ts';

const { fround } = Math;
const upTo = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i);
/** A whole number with its sign. */
const whole = (value: number) => String(value).replace('-', '−');
const NOTHING = () => ({ scale: '', bias: '' });

/** Codes in two's complement, or counted from one that stands for 0. */
const signed = (bits: number) =>
  upTo(2 ** bits).map((c) => (c < 2 ** (bits - 1) ? c : c - 2 ** bits));
const around = (bits: number, zero: number) => upTo(2 ** bits, -zero);
const E2M1 = upTo(16).map((code) => decode(formatNamed('e2m1'), code, 1));
const E4M3 = upTo(256).map((code) => decode(formatNamed('e4m3'), code, 1));
const NF4 = valuesOf(formatNamed('nf4'), 1);
/** core/quant/ggml_iq4_nl.c */
const IQ4_NL = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

const unsigned = (bits: readonly number[], part = 0): Place => ({ part, bits, as: 'unsigned' });

/* ---- where the codes of a group of n weights are ---------------------------------------------- */

/** One stream of bits, from bit `from` of part 0 on. */
const stream = (n: number, bits: number, from: number) =>
  upTo(n).map((i) => unsigned(run(from + i * bits, bits)));
/** Two to a byte from `byte` on, the first in the upper half. */
const highFirst = (n: number, byte: number) =>
  upTo(n).map((i) => unsigned(run(8 * byte + 4 * (i ^ 1), 4)));
/** The lower halves of the bytes are the first half of the group; `fifth`, where there is one, is the byte from
 * which on each has another bit. */
const halves = (n: number, byte: number, fifth: number | null = null) =>
  upTo(n).map((i) =>
    unsigned([
      ...run(8 * (byte + (i % (n / 2))) + (i < n / 2 ? 0 : 4), 4),
      ...(fifth === null ? [] : [8 * fifth + i]),
    ]),
  );

/* ---- formats whose group is a block of GGML's -------------------------------------------------- */

const BLOCK = 32;

interface BlockLayout {
  bytes: number;
  levels: readonly number[];
  codes: (byte: number) => Place[];
  scale: [NumberName, Reading];
  hasMin?: boolean;
}

/** A scale first, maybe a minimum, then the codes. */
function block({ bytes, levels, codes, scale: [name, as], hasMin }: BlockLayout): Layout {
  return {
    nShared: () => BLOCK,
    describe: (row, _, from) => {
      const at = (from / BLOCK) * bytes;
      const number = (name: NumberName, place: Place) => ({
        name,
        place,
        value: valueAt(row, place),
      });
      const scale = number(name, wholeAt(0, at, as));
      const min = hasMin ? number('min', wholeAt(0, at + sizeOf(as), as)) : null;
      return {
        codes: codes(at),
        levels,
        numbers: min ? [scale, min] : [scale],
        scale: scale.value,
        bias: min?.value ?? 0,
        made: NOTHING,
        shift: min ? 'min' : 'zero',
      };
    },
  };
}

/* ---- GGML's K formats: scales in units of the block's d ---------------------------------------- */

const SUPER = 256;

interface NestedLayout {
  bytes: number;
  /** Weights with one small scale. */
  n: number;
  levels: readonly number[];
  /** Of weight i of the block, bits by their number in the block. */
  code: (i: number) => number[];
  d: number;
  /** Bits of small scale j, and what is taken off it. */
  scale: (j: number) => number[];
  scaleAs?: Reading;
  zero?: number;
  dmin?: number;
  min?: (j: number) => number[];
}

function nested(layout: NestedLayout): Layout {
  const { bytes, n, zero = 0, scaleAs = 'unsigned' } = layout;
  return {
    nShared: () => n,
    describe: (row, _, from) => {
      const start = 8 * bytes * Math.floor(from / SUPER);
      const first = from % SUPER;
      const j = first / n;
      const inBlock = (name: NumberName, bits: readonly number[], as: Reading): StoredNumber => {
        const place = { part: 0, bits: bits.map((bit) => start + bit), as };
        return { name, place, value: valueAt(row, place) };
      };
      const d = inBlock('d', run(8 * layout.d, 16), 'f16');
      const small = inBlock('subScale', layout.scale(j), scaleAs);
      const scale = fround(d.value * (small.value - zero));
      const numbers = [d, small];
      let bias = 0;
      if (layout.dmin !== undefined && layout.min) {
        const dmin = inBlock('dmin', run(8 * layout.dmin, 16), 'f16');
        const min = inBlock('subMin', layout.min(j), 'unsigned');
        numbers.push(dmin, min);
        bias = -fround(dmin.value * min.value);
      }
      const [, , dmin, min] = numbers;
      return {
        codes: upTo(n, first).map((i) => unsigned(layout.code(i).map((bit) => start + bit))),
        levels: layout.levels,
        numbers,
        scale,
        bias,
        made: (show) => ({
          scale: `${show(d.value)} × ${zero ? `(${small.value} − ${zero})` : whole(small.value)}`,
          bias: dmin && min ? `−${show(dmin.value)} × ${min.value}` : '',
        }),
        shift: min ? 'min' : 'zero',
      };
    },
  };
}

/** core/quant/ggml_k.h: 2 bits of each weight from `byte` on, and 4. */
const twoBits = (byte: number, i: number) =>
  run(8 * (byte + 32 * (i >> 7) + (i % 32)) + 2 * ((i >> 5) % 4), 2);
const fourBits = (byte: number, i: number) =>
  run(8 * (byte + 32 * (i >> 6) + (i % 32)) + 4 * ((i >> 5) % 2), 4);
/** One bit of each, those of 32 neighbours in the same place of 32 bytes. */
const oneBit = (byte: number, i: number) => [8 * (byte + (i % 32)) + (i >> 5)];
/** The head of q4_k and q5_k: 6 bits, of the last four groups in two pieces. */
const headScale = (j: number) =>
  j < 4 ? run(8 * (4 + j), 6) : [...run(8 * (8 + j), 4), ...run(8 * j + 6, 2)];
const headMin = (j: number) =>
  j < 4 ? run(8 * (8 + j), 6) : [...run(8 * (8 + j) + 4, 4), ...run(8 * (4 + j) + 6, 2)];

/* ---- formats in parts: codes, then numbers for each group, row or tensor ------------------------ */

interface PartLayout {
  /** Weights that share a scale; null: all of the row. */
  group: ((row: StoredRow) => number) | null;
  levels: (row: StoredRow) => readonly number[];
  codes: (row: StoredRow, n: number, from: number) => Place[];
  /** The scale of group g, and the bias or zero point, made of numbers that `read` finds. */
  parameters: (
    row: StoredRow,
    read: (name: NumberName, place: Place) => StoredNumber,
    g: number,
    nGroups: number,
  ) => Partial<Described> & Pick<Described, 'numbers' | 'scale'>;
}

function inParts({ group, levels, codes, parameters }: PartLayout): Layout {
  const nShared = (row: StoredRow, nCols: number) => group?.(row) ?? nCols;
  return {
    nShared,
    describe: (row, nCols, from) => {
      const n = nShared(row, nCols);
      const read = (name: NumberName, place: Place) => ({
        name,
        place,
        value: valueAt(row, place),
      });
      return {
        codes: codes(row, n, from),
        levels: levels(row),
        bias: 0,
        made: NOTHING,
        shift: 'zero',
        ...parameters(row, read, from / n, nCols / n),
      };
    },
  };
}

const ofGroup = ({ group }: StoredRow) => group;
const dtypeOf = ({ dtype }: StoredRow) => dtype as Reading;
const streamOf = ({ bits }: StoredRow, n: number, from: number) => stream(n, bits, from * bits);
const bytesOf = (_: StoredRow, n: number, from: number) => stream(n, 8, 8 * from);

/** A line for each group: the scale in part 1, where code 0 lies in part 2, both in the weights' own type. */
const line = (levels: PartLayout['levels'], name: 'bias' | 'zero'): Layout =>
  inParts({
    group: ofGroup,
    levels,
    codes: streamOf,
    parameters: (row, read, g) => {
      const as = dtypeOf(row);
      const at = g * sizeOf(as);
      const scale = read('scale', wholeAt(1, at, as));
      const bias = read('bias', wholeAt(2, at, as));
      return { numbers: [scale, bias], scale: scale.value, bias: bias.value, shift: name };
    },
  });

/** 16 or 256 small floats, and a scale in a byte of part 1. */
const floats = (
  levels: readonly number[],
  codes: PartLayout['codes'],
  [name, as]: [NumberName, Reading],
): Layout =>
  inParts({
    group: ofGroup,
    levels: () => levels,
    codes,
    parameters: (_, read, g) => {
      const scale = read(name, wholeAt(1, g, as));
      return { numbers: [scale], scale: scale.value };
    },
  });

/** Of core/quant/nvfp4.c: the largest e4m3 times the largest e2m1. */
const LARGEST_PRODUCT = 448 * 6;

const nvfp4Tensor = inParts({
  group: ofGroup,
  levels: () => E2M1,
  codes: streamOf,
  parameters: (_, read, g) => {
    const scale = read('scale', wholeAt(1, g, 'e4m3'));
    const ofTensor = read('tensorScale', wholeAt(2, 0, 'f32'));
    return {
      numbers: [scale, ofTensor],
      scale: fround(scale.value * fround(ofTensor.value / LARGEST_PRODUCT)),
      made: (show) => ({
        scale: `${show(scale.value)} × (${show(ofTensor.value)} ÷ ${LARGEST_PRODUCT})`,
        bias: '',
      }),
    };
  },
});

/** A signed byte for each weight, and one scale for the row or the tensor. */
const int8 = (as: Reading): Layout =>
  inParts({
    group: null,
    levels: () => signed(8),
    codes: bytesOf,
    parameters: (_, read) => {
      const scale = read('scale', wholeAt(1, 0, as));
      return { numbers: [scale], scale: fround(scale.value) };
    },
  });

/** core/quant/uniform.c: an even grid for a row or the tensor. */
function uniform(hasZero: boolean): Layout {
  const zeroOf = (row: StoredRow) =>
    hasZero ? valueAt(row, wholeAt(2, 0, 'unsigned')) : 2 ** (row.bits - 1);
  return inParts({
    group: null,
    levels: (row) => around(row.bits, zeroOf(row)),
    codes: streamOf,
    parameters: (_, read) => {
      const scale = read('scale', wholeAt(1, 0, 'f32'));
      const zero = hasZero ? [read('zero', wholeAt(2, 0, 'unsigned'))] : [];
      return { numbers: [scale, ...zero], scale: scale.value };
    },
  });
}

const nf4Codes = (_: StoredRow, n: number, from: number) => highFirst(n, from / 2);

const nf4 = inParts({
  group: ofGroup,
  levels: () => NF4,
  codes: nf4Codes,
  parameters: (_, read, g) => {
    const absmax = read('absmax', wholeAt(1, 4 * g, 'f32'));
    return { numbers: [absmax], scale: absmax.value };
  },
});

/** The value of a scale's code: core/quant/nf4_double.c, in float32. */
export function dynamicValue(code: number): number {
  if (code === 127) return 0;
  if (code === 255) return 1;
  const rank = Math.abs(code - 127);
  const decade = Math.floor(Math.log2(rank));
  const n = 2 ** decade;
  const step = fround(fround(1 - fround(0.1)) / n);
  const start = (k: number) =>
    fround(k < Math.floor((n + 1) / 2) ? fround(0.1) + step * k : 1 - step * (n - k));
  const middle = fround(fround(start(rank - n) + start(rank - n + 1)) / 2);
  const value = fround(fround(10 ** (decade - 6)) * middle);
  return code > 127 ? value : -value;
}

/** Blocks of a tensor, row after row, that share a nested scale. */
const NESTED_BLOCKS = 256;

const nf4Double = inParts({
  group: ofGroup,
  levels: () => NF4,
  codes: nf4Codes,
  parameters: (row, read, g, nGroups) => {
    const code = read('absmaxCode', wholeAt(1, g, 'unsigned'));
    const nth = Math.floor((row.row * nGroups + g) / NESTED_BLOCKS);
    const scale = read('nested', wholeAt(2, 4 * nth, 'f32'));
    const offset = read('offset', wholeAt(3, 0, 'f32'));
    const value = dynamicValue(code.value);
    return {
      numbers: [code, scale, offset],
      scale: fround(fround(value * scale.value) + offset.value),
      made: (show) => ({
        scale: `${show(value)} × ${show(scale.value)} + ${show(offset.value)}`,
        bias: '',
      }),
    };
  },
});

/** Every weight is a float of its own. */
const plain = (as: Reading): Layout =>
  inParts({
    group: null,
    levels: () => [],
    codes: (_, n) => upTo(n).map((i) => wholeAt(0, i * sizeOf(as), as)),
    parameters: () => ({ numbers: [], scale: 1 }),
  });

export const LAYOUTS: Readonly<Record<string, Layout>> = {
  affine: line(({ bits }) => upTo(2 ** bits), 'bias'),
  f32: plain('f32'),
  f16: plain('f16'),
  bf16: plain('bf16'),
  q4_0: block({
    bytes: 18,
    levels: around(4, 8),
    codes: (at) => halves(BLOCK, at + 2),
    scale: ['scale', 'f16'],
  }),
  q4_1: block({
    bytes: 20,
    levels: upTo(16),
    codes: (at) => halves(BLOCK, at + 4),
    scale: ['scale', 'f16'],
    hasMin: true,
  }),
  q5_0: block({
    bytes: 22,
    levels: around(5, 16),
    codes: (at) => halves(BLOCK, at + 6, at + 2),
    scale: ['scale', 'f16'],
  }),
  q5_1: block({
    bytes: 24,
    levels: upTo(32),
    codes: (at) => halves(BLOCK, at + 8, at + 4),
    scale: ['scale', 'f16'],
    hasMin: true,
  }),
  q8_0: block({
    bytes: 34,
    levels: signed(8),
    codes: (at) => stream(BLOCK, 8, 8 * (at + 2)),
    scale: ['scale', 'f16'],
  }),
  iq4_nl: block({
    bytes: 18,
    levels: IQ4_NL,
    codes: (at) => halves(BLOCK, at + 2),
    scale: ['scale', 'f16'],
  }),
  mxfp4_ggml: block({
    bytes: 17,
    levels: E2M1,
    codes: (at) => halves(BLOCK, at + 1),
    scale: ['exponent', 'e8m0'],
  }),
  q2_k: nested({
    bytes: 84,
    n: 16,
    levels: upTo(4),
    code: (i) => twoBits(16, i),
    d: 80,
    scale: (j) => run(8 * j, 4),
    dmin: 82,
    min: (j) => run(8 * j + 4, 4),
  }),
  q3_k: nested({
    bytes: 110,
    n: 16,
    levels: around(3, 4),
    code: (i) => [...twoBits(32, i), ...oneBit(0, i)],
    d: 108,
    scale: (j) => [
      ...run(8 * (96 + (j % 8)) + 4 * (j >> 3), 4),
      ...run(8 * (104 + (j % 4)) + 2 * (j >> 2), 2),
    ],
    zero: 32,
  }),
  q4_k: nested({
    bytes: 144,
    n: 32,
    levels: upTo(16),
    code: (i) => fourBits(16, i),
    d: 0,
    scale: headScale,
    dmin: 2,
    min: headMin,
  }),
  q5_k: nested({
    bytes: 176,
    n: 32,
    levels: upTo(32),
    code: (i) => [...fourBits(48, i), ...oneBit(16, i)],
    d: 0,
    scale: headScale,
    dmin: 2,
    min: headMin,
  }),
  q6_k: nested({
    bytes: 210,
    n: 16,
    levels: around(6, 32),
    code: (i) => [
      ...run(8 * (64 * (i >> 7) + (i % 64)) + 4 * ((i >> 6) % 2), 4),
      ...twoBits(128, i),
    ],
    d: 208,
    scale: (j) => run(8 * (192 + j), 8),
    scaleAs: 'signed',
  }),
  mxfp4: floats(E2M1, streamOf, ['exponent', 'e8m0']),
  mxfp8: floats(E4M3, streamOf, ['exponent', 'e8m0']),
  nvfp4: floats(E2M1, streamOf, ['scale', 'e4m3']),
  nvfp4_tensor: nvfp4Tensor,
  int8: int8('f32'),
  qint8: int8('f64'),
  int4: line(() => signed(4), 'bias'),
  nf4,
  nf4_double: nf4Double,
  tensor: uniform(false),
  tensor_asym: uniform(true),
  channel: uniform(false),
  channel_asym: uniform(true),
};

/** What the codes of a group stand for, in float32. */
export function reconstruct(row: StoredRow, { codes, levels, scale, bias }: Described): number[] {
  return codes.map((place) => {
    const level = levels.length > 0 ? levels[valueAt(row, place)]! : valueAt(row, place);
    return fround(fround(level * scale) + bias);
  });
}
