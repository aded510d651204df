/** What is said of weights that share a scale: where their codes and numbers are, and what these mean. */
import type { StoredRow } from '../../../wasm/measure_types.ts';
import type { Place } from './stored.ts';

/** The numbers that make a group's scale and bias, as the words call them. */
export type NumberName =
  | 'scale'
  | 'bias'
  | 'min'
  | 'zero'
  | 'exponent'
  | 'absmax'
  | 'd'
  | 'dmin'
  | 'subScale'
  | 'subMin'
  | 'tensorScale'
  | 'absmaxCode'
  | 'nested'
  | 'offset';

export interface StoredNumber {
  name: NumberName;
  place: Place;
  value: number;
}

/** Weights that share a scale: w' = scale * level + bias, each operation rounded to float32. */
export interface Described {
  /** Each weight's code. */
  codes: readonly Place[];
  /** What each code stands for; empty where every code is a number by itself. */
  levels: readonly number[];
  /** In the order in which the formula has them. */
  numbers: readonly StoredNumber[];
  scale: number;
  bias: number;
  /** How the scale and the bias are made of these numbers; `show` writes one. Empty where they are one. */
  made: (show: (value: number) => string) => { scale: string; bias: string };
  /** What a bias is called here; 'zero' where 0 is a code. */
  shift: 'bias' | 'min' | 'zero';
}

export interface Layout {
  /** So many neighbours share a scale of their own. In formats with nested scales, these are parts of a group. */
  nShared: (row: StoredRow, nCols: number) => number;
  /** Of those from weight `from` of the row on, a multiple of nShared. */
  describe: (row: StoredRow, nCols: number, from: number) => Described;
}
