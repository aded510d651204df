/** What is measured of a variant, as wasm/measure.ts and wasm/measure_worker.ts give it. Figures that
 * are not finite are null: JSON has no NaN, and a page must say so in words. */
import type { Documents, Note, WeightError } from './types.ts';

/** So many standard errors to either side make a 95% interval (BL_Z95). */
export const Z95 = 1.959963984540054;
/** Tokens of a chunk unless the model or the text has fewer (BL_TEXT_CONTEXT). */
export const TEXT_CONTEXT = 512;
/** Tokens that a model may write beyond the length of a task's answer (BL_TASK_SPARE_TOKENS). */
export const TASK_SPARE_TOKENS = 8;
/** Bars of a histogram of weights (BL_HISTOGRAM_BINS). */
export const HISTOGRAM_BINS = 64;
/** Variants that are taken through a text together, so that the reference is run once. */
export const N_TOGETHER = 4;

/** A value with one standard error. */
export interface Estimate {
  value: number | null;
  error: number | null;
}

/** `bl_loss`: what the figures allow to say. */
export type Loss =
  | 'not measured'
  | 'none'
  | 'unclear'
  | 'small'
  | 'large'
  | 'broken'
  | 'not quantized';

/** `bl_text_stats`. Logarithms are natural, divergences in nats. */
export interface TextStats {
  n: number;
  ppl: Estimate;
  refPpl: Estimate;
  lnRatio: Estimate;
  correlation: number | null;
  klMean: Estimate;
  klMedian: number | null;
  kl90: number | null;
  kl95: number | null;
  kl99: number | null;
  kl999: number | null;
  klMax: number | null;
  deltaP: Estimate;
  deltaPRms: Estimate;
  sameTop: Estimate;
  logitDiff: Estimate;
  loss: Loss;
}

/** One array per field of `bl_token_score`, over the tokens that were scored. */
export interface TokenScores {
  /** Of the token in the text's ids. */
  index: Int32Array;
  logP: Float32Array;
  refLogP: Float32Array;
  kl: Float32Array;
  logitDiff: Float32Array;
  isSameTop: Int32Array;
}

export interface TextResult {
  stats: TextStats;
  tokens: TokenScores;
}

export interface TextOptions {
  /** Tokens of a chunk; left out: 512, the model's limit or the text, whichever is less. */
  nContext?: number;
  /** The first token of a chunk that is predicted; left out: half of it plus one, as llama.cpp does. */
  first?: number;
  /** Where each document ends in the ids, rising: each is read by itself, and all of its tokens but the
   * first are predicted (see `bl_text_options`). Left out: the text is one. */
  ends?: readonly number[];
}

/** A text cut into the model's tokens; pieces joined give the text back. A piece is what a token
 * completed, so it may be empty within a character. */
export interface TokenizedText {
  ids: Int32Array;
  pieces: string[];
  /** Where each document ends in the ids; left out where the text is one. */
  ends?: number[];
}

/** A question with one right answer, as a line of a task file. */
export interface Task {
  id: string;
  skill: string;
  lang: string;
  prompt: string;
  answer: string;
}

/** `bl_share`: with its 95% interval. */
export interface Share {
  value: number;
  low: number;
  high: number;
}

/** `bl_paired` with its verdict. */
export interface Paired {
  n: number;
  nGained: number;
  nLost: number;
  difference: Share;
  p: number;
  verdict: 'unclear' | 'same' | 'better' | 'worse';
  loss: Loss;
}

/** What a recipe makes of the model, weights alone. */
export interface VariantFigures {
  recipe: string;
  sizeBytes: number;
  bitsPerWeight: number;
  error: WeightError;
  notes: readonly Note[];
}

/** `bl_byte_split`. */
export interface ByteSplit {
  codes: number;
  scales: number;
  biases: number;
  untouched: number;
}

/** `bl_weight_detail` with the errors of rows and groups. */
export interface WeightDetail {
  error: WeightError;
  low: number;
  high: number;
  originals: number[];
  converted: number[];
  /** How often each code occurs, from the lowest on; empty for plain floats. */
  codes: number[];
  outliers: number;
  /** (nRows) and (nRows, groupsPerRow). */
  rowRmse: Float32Array;
  groupRmse: Float32Array;
  groupsPerRow: number;
}

/** `bl_lens_token`. */
export interface LensToken {
  id: number;
  /** As a reader is shown it: a byte that is a part of a character only is "<EC>". */
  text: string;
  p: number;
}

/** `bl_layer_figures`: null where it is not a number; a distance is Infinity where only the reference's state
 * is 0. */
export interface LayerFigures {
  distance: number | null;
  lastDistance: number | null;
  cosine: number | null;
  lastCosine: number | null;
  /** nats */
  kl: number | null;
  pOfReferenceTop: number | null;
  /** The likeliest first; none where the logits are not numbers. */
  referenceTop: LensToken[];
  top: LensToken[];
}

/** A prompt followed through the layers of a variant. */
export interface LayersResult {
  nTokens: number;
  /** The embedding, then each layer. */
  layers: LayerFigures[];
}

/** A row's own bytes, as its format lays them out (core/quant): a part for codes, others for scales. */
export interface StoredRow {
  /** The format's name without its settings, which follow. */
  codec: string;
  bits: number;
  group: number;
  /** Of scales and biases, "f32", "f16" or "bf16", where the format leaves that open. */
  dtype: string;
  row: number;
  /** Of what all rows share, the whole is in every row's. */
  parts: { name: string; bytes: Uint8Array }[];
}

/** A row of a tensor as it was, what it became, and as what it is stored. */
export interface WeightRow {
  original: Float32Array;
  converted: Float32Array;
  stored: StoredRow;
}

/** `bl_unit`. */
export interface Unit {
  pattern: string;
  /** -1 outside the layers, and by kind. */
  layer: number;
  kind: string;
  nParams: number;
}
export type UnitBy = 'tensor' | 'layer' | 'kind';

/** A mixed recipe that was made from a sensitivity ranking. */
export interface Mix {
  recipe: string;
  bitsPerWeight: number;
  expectedKl: number;
}

export interface BudgetOptions {
  recipe?: string;
  /** "f32", "f16" or "bf16". */
  dtype?: string;
  kvDtype?: string;
  nContext?: number;
}

/** `bl_budget`. */
export interface Budget {
  architecture: string;
  nParams: number;
  nEmbedding: number;
  nOutput: number;
  nAttention: number;
  nFfn: number;
  nOther: number;
  weightBytes: number;
  kvBytes: number;
  activationBytes: number;
  bitsPerWeight: number;
}

/** `bl_cost`: seconds by kind of work, of all tokens together. */
export interface Cost {
  nPrompt: number;
  nWritten: number;
  promptSeconds: number;
  writtenSeconds: number;
  promptWork: Record<string, number>;
  writtenWork: Record<string, number>;
  modelBytes: number;
  sessionBytes: number;
}

/** Codes that methods have chosen for a model, of which any module makes the variant. */
export interface Chosen {
  /** The canonical recipe, methods and all; and without them, which is what the codes are. */
  recipe: string;
  plain: string;
  codes: Uint8Array<ArrayBuffer>;
  /** What they were chosen by, "65,536 tokens of calibration.txt"; "" where no text was read. */
  calibration: string;
}

/** 0 to 1. */
export type OnFraction = (fraction: number) => void;

/** What the measuring worker does for the page, through Comlink. It holds the reference of one model
 * and makes variants of it as they are asked for, keeping the last few. Requests are answered one
 * after another. A refused or failed one rejects with an error as the lanes' worker's do. */
export interface Measurer {
  /** Reads a model as it is stored; a later call replaces it. */
  open(files: readonly import('./types.ts').ModelInput[], onFraction: OnFraction): Promise<void>;
  /** Ends what is under way, and what waits, as soon as a slice of it is done; each of these rejects
   * with code 'cancelled'. */
  stop(): Promise<void>;
  /** Each document by itself. What is between two of them is in the last piece of the first. */
  tokenize(text: string, documents?: Documents): Promise<TokenizedText>;
  /** From now on `chosen.recipe` is a recipe as any other, of the model that is open. */
  take(chosen: Chosen): Promise<void>;
  weights(recipe: string): Promise<VariantFigures>;
  weightDetail(recipe: string, tensor: number): Promise<WeightDetail>;
  weightRow(recipe: string, tensor: number, row: number): Promise<WeightRow>;
  /** A tensor's weights from afar (weight_map.ts), as it is stored under the recipe. */
  weightMap(recipe: string, tensor: number, columns: number, rows: number): Promise<Float32Array>;
  bytes(recipe: string): Promise<ByteSplit>;
  text(
    recipe: string,
    ids: Int32Array,
    options: TextOptions,
    onFraction: OnFraction,
  ): Promise<TextResult>;
  /** For each task, was the answer right? */
  tasks(recipe: string, tasks: readonly Task[], onFraction: OnFraction): Promise<boolean[]>;
  /** What the model writes where the answer belongs, by which `tasks` judges it: one line, without white
   * space around it, maybe empty. */
  written(recipe: string, task: Task): Promise<string>;
  /** Only by a worker that was started on the full module. */
  layers(recipe: string, prompt: string, onFraction: OnFraction): Promise<LayersResult>;
  share(nRight: number, n: number): Promise<Share>;
  paired(first: readonly boolean[], second: readonly boolean[]): Promise<Paired>;
  units(by: UnitBy): Promise<Unit[]>;
  mix(
    units: readonly Unit[],
    kl: readonly number[],
    measured: string,
    formats: readonly string[],
    targetBits: number,
  ): Promise<Mix>;
  paretoFront(sizes: readonly number[], losses: readonly (number | null)[]): Promise<boolean[]>;
  cost(recipe: string, onFraction: OnFraction): Promise<Cost>;
  /** The text of a config.json for "7B", "70B", "135M". */
  budgetConfig(size: string): Promise<string>;
  budget(config: string, options: BudgetOptions): Promise<Budget>;
}
