/** What is known of the lanes, as the page around is told it: one object that JSON can hold. */
import type { Estimate, Loss } from '../../wasm/measure_types.ts';
import { nameOf, printAddress } from '../experiment/address.ts';
import type { AppState, LaneId } from '../experiment/state.ts';
import { relativeError } from '../format.ts';
import { rowsOf, scoreOf, type ReportRow } from '../report/rows.ts';

export interface LaneRow {
  lane: LaneId;
  recipe: string;
  sizeBytes: number;
  /** Of the reference's size, 0 to 1. */
  sizeShare: number;
  bitsPerWeight: number;
  /** RMS error of the weights as a share of the RMS weight; 0 where every weight is exact. */
  weightError: number;
  /** What it wrote; null where nothing was asked. */
  text: string | null;
  /** In the words of `bitloss compare`; null for the reference. */
  verdict: Loss | null;
  /** With one standard error; null where it was not measured. KL divergence is in nats per token. */
  perplexity: Estimate | null;
  klDivergence: Estimate | null;
  /** Of all tokens, 0 to 1. */
  sameTop: Estimate | null;
  /** Tokens that it writes in a second, here, with one standard error; null where that was not timed. */
  tokensPerSecond: Estimate | null;
  /** Of `n` questions, 0 to 1, with a 95% interval. */
  answers: { share: number; low: number; high: number; n: number } | null;
}

export interface Table {
  /** As a link names it. */
  model: string;
  /** As the site's list or the model's own files call it, else by where it came from. */
  name: string;
  lanes: LaneRow[];
}

/** null while there is no model. Lanes that are not ready are left out. */
export function tableOf(state: AppState): Table | null {
  const { model } = state;
  const rows = rowsOf(state).filter(({ lane }) => lane !== null);
  if (!model || rows.length === 0) return null;
  return {
    model: printAddress(model.address),
    name: nameOf(state),
    lanes: rows.map(laneRowOf),
  };
}

function laneRowOf(row: ReportRow): LaneRow {
  const { lane, recipe, isReference, stats, written } = row;
  const { sizeBytes, bitsPerWeight, referenceBytes, error } = row.weights!;
  const score = scoreOf(row);
  return {
    lane: lane!,
    recipe,
    sizeBytes,
    sizeShare: sizeBytes / referenceBytes,
    bitsPerWeight,
    weightError: relativeError(error.snrDb),
    text: written?.text ?? null,
    verdict: isReference ? null : (row.loss ?? 'not measured'),
    perplexity: stats?.ppl ?? null,
    klDivergence: isReference ? null : (stats?.klMean ?? null),
    sameTop: isReference ? null : (stats?.sameTop ?? null),
    tokensPerSecond: written?.speed ?? null,
    answers: score ? { ...score.share, share: score.share.value, n: score.n } : null,
  };
}
