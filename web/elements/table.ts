/** What is known of the lanes, as the page around is told it: one object that JSON can hold. */
import type { Estimate, Loss } from '../../wasm/measure_types.ts';
import { printAddress } from '../experiment/address.ts';
import { lossOf } from '../experiment/measure/verdict.ts';
import { isStale, scoreKey, type AppState, type Lane, type LaneId } from '../experiment/state.ts';
import { relativeError } from '../format.ts';

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
  /** As the site's list or the model's own files call it. */
  name: string;
  lanes: LaneRow[];
}

/** null while there is no model. Lanes that are not ready are left out. */
export function tableOf({ model, lanes, listed }: AppState): Table | null {
  const reference = lanes[0]?.figures;
  if (!model || !reference) return null;
  const address = printAddress(model.address);
  const rows = lanes.filter((lane) => lane.figures && !isStale(lane) && !lane.problem);
  return {
    model: address,
    name: listed?.find(({ id }) => id === address)?.name || reference.info.name || address,
    lanes: rows.map((lane) => rowOf(lane, reference.info.sizeBytes, rows)),
  };
}

function rowOf(lane: Lane, referenceBytes: number, lanes: readonly Lane[]): LaneRow {
  const { info, error } = lane.figures!;
  const isReference = lane.id === 'reference';
  // The reference's perplexity is in every variant's figures.
  const measured = isReference ? lanes.find(({ text }) => text.isFresh)?.text : lane.text;
  const stats = measured?.isFresh ? measured.value : null;
  const score = lane.skills.isFresh ? lane.skills.value?.get(scoreKey('all', 'all')) : undefined;
  return {
    lane: lane.id,
    recipe: lane.recipe,
    sizeBytes: info.sizeBytes,
    sizeShare: info.sizeBytes / referenceBytes,
    bitsPerWeight: info.bitsPerWeight,
    weightError: relativeError(error.snrDb),
    text: lane.run ? lane.run.tokens.map(({ text }) => text).join('') + lane.run.tail : null,
    verdict: isReference ? null : lossOf(lane),
    perplexity: (isReference ? stats?.refPpl : stats?.ppl) ?? null,
    klDivergence: isReference ? null : (stats?.klMean ?? null),
    sameTop: isReference ? null : (stats?.sameTop ?? null),
    tokensPerSecond: lane.speed.isFresh ? lane.speed.value : null,
    answers: score ? { ...score.share, share: score.share.value, n: score.n } : null,
  };
}
