/** A tensor's weights from afar. */
import { whole } from './check.ts';
import { pause, type Watch } from './measure.ts';
import type { Model } from './model.ts';

/** Weights that are decoded together. */
const CHUNK = 1 << 18;

/** A tensor, which is at least one weight, in (rows, columns) cells: its own rows lie from left to right, one
 * beside another, and its columns from the top down. Each cell is the weight furthest from 0 of those that it
 * stands for; item i of n is in cell floor(i cells / n). There are at most as many cells as items either way. */
export async function weightMap(
  model: Model,
  tensor: number,
  columns: number,
  rows: number,
  watch: Watch = {},
): Promise<Float32Array<ArrayBuffer>> {
  const tensors = model.tensors();
  const { nRows, nCols } = tensors[whole('tensor', tensor, 0, tensors.length - 1)]!;
  whole('columns', columns, 1, nRows);
  whole('rows', rows, 1, nCols);
  const cells = new Float32Array(columns * rows);
  const down = Int32Array.from(
    { length: nCols },
    (_, i) => Math.floor((i * rows) / nCols) * columns,
  );
  const together = Math.max(1, Math.floor(CHUNK / nCols));
  for (let first = 0; first < nRows; first += together) {
    await pause(watch);
    const n = Math.min(together, nRows - first);
    const weights = model.decodeRows(tensor, first, n);
    for (let row = 0, at = 0; row < n; row++) {
      const column = Math.floor(((first + row) * columns) / nRows);
      for (let i = 0; i < nCols; i++, at++) {
        const cell = down[i]! + column;
        if (Math.abs(weights[at]!) > Math.abs(cells[cell]!)) cells[cell] = weights[at]!;
      }
    }
  }
  return cells;
}
