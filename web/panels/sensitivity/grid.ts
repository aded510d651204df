/** Arranges measured matrices as a grid: a row per kind, a column per layer. */
import type { UnitResult } from './run.ts';

export interface GridRow {
  kind: string;
  /** By layer; one cell only for what the model has once. */
  cells: (UnitResult | null)[];
}

export interface UnitGrid {
  nLayers: number;
  rows: GridRow[];
}

export function toGrid(results: readonly UnitResult[]): UnitGrid {
  const rows = new Map<string, GridRow>();
  const nLayers = Math.max(0, ...results.map(({ unit }) => unit.layer + 1));
  for (const result of results) {
    const { kind, layer } = result.unit;
    const row = rows.get(kind) ?? {
      kind,
      cells: layer < 0 ? [] : Array<UnitResult | null>(nLayers).fill(null),
    };
    rows.set(kind, row);
    row.cells[Math.max(0, layer)] = result;
  }
  return { nLayers, rows: [...rows.values()] };
}

/** 0 to 1: where a divergence lies between the least and the greatest, on a log scale. */
export function shadeOf(kl: number, least: number, greatest: number): number {
  if (!(kl > 0)) return 0;
  if (greatest <= least) return 1;
  return 0.06 + 0.94 * (Math.log(kl / least) / Math.log(greatest / least));
}
