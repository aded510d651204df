/** What is known of each lane and of each recipe that a sweep went through: one row for each, from which
 * the page's table, what is copied of it and what the page around is told are made. */
import type { Loss, Paired, TextStats } from '../../wasm/measure_types.ts';
import type { WeightError } from '../../wasm/types.ts';
import { compareRuns } from '../experiment/agreement.ts';
import { isUntouched, lossOf } from '../experiment/measure/verdict.ts';
import {
  factsOf,
  isStale,
  scoreKey,
  type AppState,
  type Figures,
  type Lane,
  type LaneId,
  type Score,
  type SkillScores,
} from '../experiment/state.ts';
import type { Speed } from '../experiment/measure/speed.ts';

/** What a lane wrote, and how it went. */
export interface Written {
  text: string;
  /** Tokens per second; null where that was too short to tell, or not timed. */
  promptSpeed: number | null;
  speed: Speed | null;
  /** Index of the first token that differs from the reference's; null where none does. */
  firstDifference: number | null;
}

/** null: not measured. */
export interface ReportRow {
  /** null for a recipe that only a sweep went through. */
  lane: LaneId | null;
  recipe: string;
  isReference: boolean;
  weights: {
    sizeBytes: number;
    bitsPerWeight: number;
    /** The reference's. */
    referenceBytes: number;
    error: WeightError;
  } | null;
  stats: TextStats | null;
  /** It was measured on a text, but on another than the lanes are. */
  isOtherText: boolean;
  scores: SkillScores | null;
  written: Written | null;
  /** null for the reference, and where nothing was measured. */
  loss: Loss | null;
}

/** Lanes that are not ready are left out; empty while there is no model. */
export function rowsOf(state: AppState): ReportRow[] {
  const { model, lanes, swept, text } = state;
  const reference = lanes[0];
  const facts = factsOf(lanes);
  if (!model || !reference || !facts) return [];
  const ready = lanes.filter((lane) => lane.figures && !isStale(lane) && !lane.problem);
  const rows = ready.map((lane) => rowOf(lane, reference, ready));
  const referenceBytes = referenceBytesOf(reference, facts);
  const recipes = new Set(ready.map(({ figures }) => figures!.info.recipe));
  // The beginning that a sweep reads is all of a text that is no longer.
  const n = rows.find(({ stats }) => stats)?.stats?.n;
  const others = swept
    .filter(({ figures }) => !recipes.has(figures.recipe))
    .map(({ figures, stats, textSerial }): ReportRow => {
      const isOther = stats !== null && (textSerial !== text.serial || (n ?? stats.n) !== stats.n);
      const known = isOther ? null : stats;
      return {
        lane: null,
        recipe: figures.recipe,
        isReference: false,
        weights: { ...figures, referenceBytes },
        stats: known,
        isOtherText: isOther,
        scores: null,
        written: null,
        loss: isUntouched(figures.notes) ? 'not quantized' : (known?.loss ?? null),
      };
    });
  return [...rows, ...others];
}

function rowOf(lane: Lane, reference: Lane, lanes: readonly Lane[]): ReportRow {
  const { info, error } = lane.figures!;
  const isReference = lane.id === 'reference';
  // The reference's perplexity is in every variant's figures.
  const measured = isReference ? lanes.find(({ text }) => text.isFresh)?.text : lane.text;
  const stats = measured?.isFresh ? measured.value : null;
  const loss = isReference ? null : lossOf(lane);
  return {
    lane: lane.id,
    recipe: info.recipe,
    isReference,
    weights: {
      sizeBytes: info.sizeBytes,
      bitsPerWeight: info.bitsPerWeight,
      referenceBytes: referenceBytesOf(reference, lane.figures!),
      error,
    },
    stats: stats && isReference ? statsOfReference(stats) : stats,
    isOtherText: false,
    scores: lane.skills.isFresh ? lane.skills.value : null,
    written: writtenBy(lane, reference),
    loss: loss === 'not measured' ? null : loss,
  };
}

/** Those of a reference that sleeps are what its tensors have in the files. */
const referenceBytesOf = ({ figures }: Lane, facts: Figures): number =>
  figures?.info.sizeBytes ?? facts.info.sourceBytes;

function writtenBy(lane: Lane, reference: Lane): Written | null {
  const { run, speed } = lane;
  if (!run) return null;
  const agreement = reference.run ? compareRuns(reference.run, run) : null;
  return {
    text: run.tokens.map(({ text }) => text).join('') + run.tail,
    promptSpeed: run.promptSpeed,
    speed: speed.isFresh ? speed.value : null,
    firstDifference: agreement?.kind === 'differs' ? agreement.index : null,
  };
}

const ZERO = { value: 0, error: 0 };

/** The reference against itself: it loses nothing. */
function statsOfReference({ n, refPpl }: TextStats): TextStats {
  return {
    n,
    ppl: refPpl,
    refPpl,
    lnRatio: ZERO,
    correlation: 1,
    klMean: ZERO,
    klMedian: 0,
    kl90: 0,
    kl95: 0,
    kl99: 0,
    kl999: 0,
    klMax: 0,
    deltaP: ZERO,
    deltaPRms: ZERO,
    sameTop: { value: 1, error: 0 },
    logitDiff: ZERO,
    loss: 'none',
  };
}

/** Of all questions, or of one skill in one language. */
export function scoreOf({ scores }: ReportRow, key = scoreKey('all', 'all')): Score | null {
  return scores?.get(key) ?? null;
}

/** Against the reference, over all questions. */
export const pairedOf = (row: ReportRow): Paired | null => scoreOf(row)?.paired ?? null;
