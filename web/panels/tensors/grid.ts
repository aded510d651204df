/** Arranges a model's matrices as a grid: a row per kind, a column per layer. */
import type { TensorInfo } from '../../../wasm/types.ts';

export interface Row {
  /** "q", "gate", "embed", "head": what stands before the row. */
  kind: string;
  /** By layer; one cell only for what the model has once. */
  cells: (TensorInfo | null)[];
}

export interface Grid {
  nLayers: number;
  rows: Row[];
}

/** The layer number in a Hugging Face tensor name ("model.layers.3.mlp.up_proj.weight",
 * "transformer.h.3.attn.c_attn.weight"), and the name of the matrix within the layer. */
function place(name: string): { layer: number | null; kind: string } {
  const match = /(?:^|\.)(?:layers?|h|blocks?)\.(\d+)\.(.+)$/.exec(name);
  const path = (match?.[2] ?? name).replace(/\.weight$/, '').split('.');
  const kind = path.at(-1)!.replace(/_proj$/, '');
  if (match) return { layer: Number(match[1]), kind };
  if (/embed|wte|wpe/.test(name)) return { layer: null, kind: 'embed' };
  return { layer: null, kind: /lm_head|output/.test(name) ? 'head' : kind };
}

/** Only converted tensors are shown: the others have no error to show. */
export function toGrid(tensors: readonly TensorInfo[]): Grid {
  const rows = new Map<string, Row>();
  let nLayers = 0;
  for (const tensor of tensors) {
    if (!tensor.converted) continue;
    const { layer, kind } = place(tensor.name);
    const key = layer === null ? tensor.name : kind;
    let row = rows.get(key);
    if (!row) rows.set(key, (row = { kind, cells: [] }));
    if (layer === null) row.cells = [tensor];
    else {
      // A file that skips layer numbers leaves holes, not missing entries.
      while (row.cells.length <= layer && row.cells.length < 1000) row.cells.push(null);
      if (layer < row.cells.length) row.cells[layer] = tensor;
      nLayers = Math.max(nLayers, row.cells.length);
    }
  }
  const order = ['embed', 'q', 'k', 'v', 'o', 'gate', 'up', 'down'];
  const rank = (row: Row) =>
    row.kind === 'head' ? 99 : order.includes(row.kind) ? order.indexOf(row.kind) : 50;
  return { nLayers, rows: [...rows.values()].sort((a, b) => rank(a) - rank(b)) };
}
