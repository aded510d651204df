/** A classifier's versions, as the panel shows them and as the page around is told of them. */
import type { Classified, LabelRow, VariantOfClassifier } from '../../../wasm/classify_worker.ts';
import type { Loss } from '../../../wasm/measure_types.ts';
import type { Problem } from '../../experiment/problem.ts';

/** A version of the classifier; what is not known yet is null. */
export interface VersionRow {
  /** As it was asked for; canonical once `made` is there. */
  recipe: string;
  made: VariantOfClassifier | null;
  /** What it makes of the review that stands in the field. */
  said: Classified | null;
  figures: LabelRow | null;
  problem: Problem | null;
}

/** The exercise's: dynamic int8 as torch has it, then fewer and fewer bits, at last with one scale for a matrix. */
export const FIRST_RECIPES = [
  'reference',
  'qint8@int8/*embeddings=f16',
  'affine:4:128',
  'affine:3:128',
  'affine:2:128',
  'tensor:2',
];
export const MOST_VERSIONS = 8;

export const newRow = (recipe: string): VersionRow => ({
  recipe,
  made: null,
  said: null,
  figures: null,
  problem: null,
});

/** One version on the held-out reviews; shares are 0 to 1. */
export interface LabelledLane {
  recipe: string;
  sizeBytes: number;
  bitsPerWeight: number;
  accuracy: { share: number; low: number; high: number; n: number };
  /** In the words of `bitloss compare`; null for the original. */
  verdict: Loss | null;
  /** Right answers beside the original's, -1 to 1; null for the original. */
  difference: number | null;
  /** Mean |logit - the original's| and its standard error; null for the original. */
  logitDiff: { value: number | null; error: number | null } | null;
  /** Milliseconds until 1, 4 and 8 texts are answered. */
  batchMs: readonly number[];
}

/** The versions that were measured. */
export function labelledLanes(rows: readonly VersionRow[]): LabelledLane[] {
  return rows.flatMap(({ made, figures }) => {
    if (!made || !figures) return [];
    const { n, accuracy, paired, logitDiff, batchMs } = figures;
    const { value, low, high } = accuracy;
    const lane: LabelledLane = {
      ...made,
      accuracy: { share: value, low, high, n },
      verdict: paired?.loss ?? null,
      difference: paired?.difference.value ?? null,
      logitDiff,
      batchMs,
    };
    return [lane];
  });
}
