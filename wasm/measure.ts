/**
 * What is measured of models: the functions of core/measure for TypeScript. Long work is cut into
 * slices with a pause after each, in which a cancel is seen and progress told.
 */
import { finite, oneOf, tokenIds, whole } from './check.ts';
import { nextTask, type Core } from './core.ts';
import type { Engine } from './engine.ts';
import { HISTOGRAM_BINS, TASK_SPARE_TOKENS, TEXT_CONTEXT } from './measure_types.ts';
import type {
  Budget,
  BudgetOptions,
  ByteSplit,
  Chosen,
  Cost,
  Loss,
  Mix,
  OnFraction,
  Paired,
  Share,
  Task,
  TextOptions,
  TextResult,
  TextStats,
  TokenizedText,
  TokenScores,
  Unit,
  UnitBy,
  WeightDetail,
} from './measure_types.ts';
import { Model } from './model.ts';
import { BitlossError, DOCUMENTS, type Documents } from './types.ts';

export type * from './measure_types.ts';

/** Long work may be watched and stopped. */
export interface Watch {
  onFraction?: OnFraction;
  signal?: AbortSignal;
}

/** bl_loss, bl_verdict, bl_unit_by, bl_documents. */
const LOSSES: Loss[] = [
  'not measured',
  'none',
  'unclear',
  'small',
  'large',
  'broken',
  'not quantized',
];
const VERDICTS = ['unclear', 'same', 'better', 'worse'] as const;
const UNITS: UnitBy[] = ['tensor', 'layer', 'kind'];

/** Tasks that are answered between two pauses. */
const TASKS_PER_SLICE = 4;
/** Runs of which the median counts, as in bl_cost_options. */
const COST_RUNS = 3;

const SCORE_WORDS = 6;
const TASK_BYTES = 20;
const UNIT_BYTES = 88;

/** Lets waiting messages through; then throws if the work has been stopped. */
export async function pause({ signal }: Watch): Promise<void> {
  await nextTask();
  if (signal?.aborted) throw new BitlossError('cancelled', 'Measuring was stopped.');
}

/** Models are addresses in their engine's memory: another engine's mean nothing to it. */
export function sameEngine({ core }: Model, models: readonly Model[]): void {
  if (models.every((model) => model.core === core)) return;
  throw new BitlossError('argument', 'The models belong to different engines.');
}

const orNull = (x: number): number | null => (Number.isFinite(x) ? x : null);

/** Reads an array of doubles that a call returned, one after another. */
function reader(core: Core, address: number, n: number) {
  const values = core.doubles(core.address(address), n);
  let at = 0;
  const next = () => values[at++];
  return {
    next,
    nullable: () => orNull(next()),
    estimate: () => ({ value: orNull(next()), error: orNull(next()) }),
    share: (): Share => ({ value: next(), low: next(), high: next() }),
    list: (count: number) => Array.from(values.subarray(at, (at += count))),
  };
}

/* ---- variants and weights ------------------------------------------------------------------ */

/** The reference under a recipe. Tensors that the recipe leaves alone are the reference's own, which
 * must stay until the variant is freed. `chosen` are its codes where methods have chosen them (methods.ts):
 * a module that has no methods makes the variant under `chosen.plain`. */
export function makeVariant(reference: Model, recipe: string, chosen?: Chosen): Model {
  const { core, address } = reference;
  if (!chosen) {
    const made = core.withText(recipe, (text) =>
      core.call('bw_model_variant', address, text, 0, 0, 0),
    );
    return new Model(core, core.address(made));
  }
  const { codes, calibration } = chosen;
  const made = core.withTexts([recipe, calibration], ([text, words]) =>
    core.withBytes(codes.length, (at) => {
      core.bytes(at, codes.length).set(codes);
      return core.call('bw_model_variant', address, text!, at, codes.length, words!);
    }),
  );
  return new Model(core, core.address(made));
}

export function byteSplit({ core, address }: Model): ByteSplit {
  const { next } = reader(core, core.call('bw_model_bytes', address), 4);
  return { codes: next(), scales: next(), biases: next(), untouched: next() };
}

/** One tensor of a variant, by its index in tensors(), against the reference's. */
export function weightDetail(reference: Model, variant: Model, tensor: number): WeightDetail {
  const core = variant.core;
  sameEngine(reference, [variant]);
  const tensors = variant.tensors();
  const info = tensors[whole('tensor', tensor, 0, tensors.length - 1)];
  const { nRows, nCols } = info;
  const groupsPerRow = Math.ceil(nCols / core.call('bw_scale_group', variant.address, tensor));
  const nGroups = nRows * groupsPerRow;
  return core.withBytes(4 * (nRows + nGroups), (rows) => {
    const groups = rows + 4 * nRows;
    const [from, to] = [reference.address, variant.address];
    const found = core.call('bw_weight_detail', from, to, tensor, rows, groups);
    const { next, list } = reader(core, found, 9 + 2 * HISTOGRAM_BINS + 256);
    const [n, rmse, snrDb, maxAbs, cosine, low, high, outliers, nCodes] = list(9);
    return {
      error: { n, rmse, snrDb, maxAbs, cosine },
      low,
      high,
      outliers,
      originals: list(HISTOGRAM_BINS),
      converted: list(HISTOGRAM_BINS),
      codes: Array.from({ length: nCodes }, next),
      rowRmse: core.floats(rows, nRows),
      groupRmse: core.floats(groups, nGroups),
      groupsPerRow,
    };
  });
}

/* ---- predictions on a text ----------------------------------------------------------------- */

/** Cuts a text into tokens. What the tokenizer puts around every text stands for no text. */
function tokenizeDocument(model: Model, text: string): { ids: number[]; pieces: string[] } {
  const ids = model.tokenize(text);
  const own = model.tokenize(text, { addSpecial: false });
  const nBefore = ids.findIndex((_, at) => own.every((id, i) => ids[at + i] === id));
  const pieces = ids.map(() => '');
  const ownPieces = model.pieces(own);
  // Without any token in common the tokenizer does more than put tokens around a text.
  if (nBefore >= 0) ownPieces.forEach((piece, i) => (pieces[nBefore + i] = piece));
  return { ids, pieces };
}

/** Where the documents of a text begin and end, in bytes of UTF-8. */
function divide({ core }: Model, text: string, by: Documents): [start: number, end: number][] {
  return core.withTexts([text], ([address], [size]) => {
    const found: [number, number][] = [];
    for (let at = 0; ; ) {
      const next = core.call('bw_text_next_document', DOCUMENTS.indexOf(by), address, size, at);
      if (next === 0) return found;
      const [start, end, behind] = core.doubles(core.address(next), 3);
      found.push([start, end]);
      at = behind;
    }
  });
}

/** Cuts a text, or each document of it by itself, into tokens. */
export function tokenizeText(
  model: Model,
  text: string,
  documents: Documents = 'whole',
): TokenizedText {
  if (oneOf('documents', documents, DOCUMENTS) === 'whole') {
    const { ids, pieces } = tokenizeDocument(model, text);
    return { ids: Int32Array.from(ids), pieces };
  }
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const textOf = (from: number, to?: number) => decoder.decode(bytes.subarray(from, to));
  const ids: number[] = [];
  const pieces: string[] = [];
  const ends: number[] = [];
  // The text between two documents: with what was before it, or else with what comes after.
  let between = '';
  let shown = 0;
  for (const [start, end] of divide(model, text, documents)) {
    between += textOf(shown, start);
    const own = tokenizeDocument(model, textOf(start, end));
    if (pieces.length > 0) pieces[pieces.length - 1] += between;
    else if (own.pieces.length > 0) own.pieces[0] = between + own.pieces[0];
    for (const id of own.ids) ids.push(id);
    for (const piece of own.pieces) pieces.push(piece);
    ends.push(ids.length);
    [between, shown] = ['', end];
  }
  if (pieces.length > 0) pieces[pieces.length - 1] += textOf(shown);
  return { ids: Int32Array.from(ids), pieces, ends };
}

/** A part of a text that is run between two pauses. With `ends`, counted from `from`, it is whole
 * documents, or one's beginning. */
interface Slice {
  from: number;
  n: number;
  ends: readonly number[];
}

/** Cuts a text as bl_text_run cuts it into chunks. Short documents go together. */
function slicesOf(n: number, chunk: number, documents?: readonly number[]): Slice[] {
  if (!documents) {
    // A text too short for one chunk goes to the core as it is, which knows what to do with it.
    const size = Math.min(chunk, n);
    const count = Math.max(1, Math.floor(n / chunk));
    return Array.from({ length: count }, (_, i) => ({ from: i * size, n: size, ends: [] }));
  }
  const slices: Slice[] = [];
  let group: { from: number; n: number; ends: number[] } | null = null;
  let start = 0;
  for (const end of documents) {
    const size = Math.min(chunk, end - start);
    if (!group || group.n + size > chunk) slices.push((group = { from: start, n: 0, ends: [] }));
    group.n += size;
    group.ends.push(group.n);
    let at = start + size;
    for (; end - at >= chunk; at += chunk) slices.push({ from: at, n: chunk, ends: [] });
    // What is left over of a long one belongs to none.
    if (size < end - start) group = null;
    start = end;
  }
  return slices;
}

/** The reference's logits on one text, slice by slice, so that it is run once for all variants that come
 * one after another. They are of the reference, the ids and the options with which it was first used, and
 * of no others. `free` gives the memory back. */
export class ReferenceLogits {
  readonly #core: Core;
  /** Addresses, by the slice's first token. */
  readonly #slices = new Map<number, number>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Runs `use` with the address for a slice of so many bytes, and whether they are there already. Where
   * there is no memory for them the address is 0: the reference is then run each time. */
  with<T>(from: number, nBytes: number, use: (address: number, isThere: boolean) => T): T {
    const known = this.#slices.get(from);
    if (known) return use(known, true);
    const address = this.#core.call('bw_alloc', nBytes) >>> 0;
    try {
      const result = use(address, false);
      if (address) this.#slices.set(from, address);
      return result;
    } finally {
      if (!this.#slices.has(from)) this.#core.release('bw_free', address);
    }
  }

  free(): void {
    for (const address of this.#slices.values()) this.#core.release('bw_free', address);
    this.#slices.clear();
  }
}

/**
 * Runs a text through the reference and through variants of it, slice by slice. One result for each
 * of the models, in their order. With `kept` the reference is run only where it has not been.
 */
export async function measureText(
  reference: Model,
  models: readonly Model[],
  ids: ArrayLike<number>,
  options: TextOptions = {},
  watch: Watch = {},
  kept?: ReferenceLogits,
): Promise<TextResult[]> {
  const core = reference.core;
  const { nContext = 0, first = 0, ends } = options;
  sameEngine(reference, models);
  whole('nContext', nContext);
  whole('first', first);
  const all = Int32Array.from(tokenIds(Array.from(ids)));
  ends?.forEach((end, i) => whole(`ends[${i}]`, end, i > 0 ? ends[i - 1] : 0, all.length));
  const chunk = nContext || Math.min(TEXT_CONTEXT, reference.info.maxContext);
  const { length } = models;
  /** Scores of each model, (n, SCORE_WORDS). */
  const runSlice = ({ from, n, ends: documents }: Slice) =>
    core.withBytes(4 * (documents.length + length + n), (handles) => {
      const tokens = handles + 4 * length;
      const list = documents.length > 0 ? tokens + 4 * n : 0;
      core.setInts(
        handles,
        models.map((model) => model.address),
      );
      core.setInts(tokens, all.subarray(from, from + n));
      if (list) core.setInts(list, documents);
      const cut = [n, list, documents.length, nContext, first] as const;
      const nScored = core.call('bw_text_n_scored', reference.address, ...cut);
      const scoreWords = SCORE_WORDS * nScored;
      // Documents of one token each: nothing is predicted here.
      if (nScored === 0 && list && all.length > n) return null;
      const run = (logits: number, isThere: boolean) =>
        core.withBytes(4 * scoreWords * length, (scores) => {
          const rest = [...cut, logits, Number(isThere), scores] as const;
          core.check(core.call('bw_text_run', reference.address, handles, length, tokens, ...rest));
          return models.map((_, i) => {
            const words = core.ints(scores + 4 * scoreWords * i, scoreWords);
            for (let at = 0; at < words.length; at += SCORE_WORDS) words[at] += from;
            return words;
          });
        });
      return kept && nScored > 0
        ? kept.with(from, 4 * nScored * reference.info.vocabSize, run)
        : run(0, false);
    });
  const slices = slicesOf(all.length, chunk, ends);
  const parts: Int32Array[][] = models.map(() => []);
  for (const [i, slice] of slices.entries()) {
    await pause(watch);
    runSlice(slice)?.forEach((words, m) => parts[m].push(words));
    watch.onFraction?.((i + 1) / slices.length);
  }
  // Nothing was scored: the core says why.
  if (parts[0]?.length === 0) runSlice({ from: 0, n: all.length, ends: ends ?? [] });
  return parts.map(joined).map((part) => ({
    stats: summarize(core, part),
    tokens: tokenScores(part),
  }));
}

function joined(parts: readonly Int32Array[]): Int32Array<ArrayBuffer> {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Figures over scores, (n, SCORE_WORDS). */
function summarize(core: Core, scores: Int32Array<ArrayBuffer>): TextStats {
  return core.withBytes(scores.byteLength, (address) => {
    core.setInts(address, scores);
    const n = scores.length / SCORE_WORDS;
    const { next, nullable, estimate } = reader(
      core,
      core.call('bw_text_summarize', address, n),
      25,
    );
    return {
      n: next(),
      ppl: estimate(),
      refPpl: estimate(),
      lnRatio: estimate(),
      correlation: nullable(),
      klMean: estimate(),
      klMedian: nullable(),
      kl90: nullable(),
      kl95: nullable(),
      kl99: nullable(),
      kl999: nullable(),
      klMax: nullable(),
      deltaP: estimate(),
      deltaPRms: estimate(),
      sameTop: estimate(),
      logitDiff: estimate(),
      loss: LOSSES[next()],
    };
  });
}

/** Takes scores apart, (n, SCORE_WORDS) in the order of bl_token_score. */
function tokenScores(scores: Int32Array<ArrayBuffer>): TokenScores {
  const n = scores.length / SCORE_WORDS;
  const asFloats = new Float32Array(scores.buffer);
  const ints = (word: number) =>
    Int32Array.from({ length: n }, (_, i) => scores[SCORE_WORDS * i + word]);
  const floats = (word: number) =>
    Float32Array.from({ length: n }, (_, i) => asFloats[SCORE_WORDS * i + word]);
  return {
    index: ints(0),
    logP: floats(1),
    refLogP: floats(2),
    kl: floats(3),
    logitDiff: floats(4),
    isSameTop: ints(5),
  };
}

/* ---- tasks --------------------------------------------------------------------------------- */

/** For each task, does the model write the right answer? */
export async function answerTasks(
  model: Model,
  tasks: readonly Task[],
  watch: Watch = {},
): Promise<boolean[]> {
  const isRight: boolean[] = [];
  for (let at = 0; at < tasks.length; at += TASKS_PER_SLICE) {
    await pause(watch);
    isRight.push(...answerSlice(model, tasks.slice(at, at + TASKS_PER_SLICE)));
    watch.onFraction?.(isRight.length / tasks.length);
  }
  return isRight;
}

function answerSlice({ core, address }: Model, tasks: readonly Task[]): boolean[] {
  const texts = tasks.map(({ id, prompt, answer }) => [id, prompt, answer]);
  return core.withTexts(texts.flat(), (at, sizes) =>
    core.withBytes((TASK_BYTES + 1) * tasks.length, (list) => {
      const words = tasks.flatMap((_, i) => {
        const [id, prompt, answer] = [3 * i, 3 * i + 1, 3 * i + 2];
        return [at[id], at[prompt], at[answer], sizes[prompt], sizes[answer]];
      });
      core.setInts(list, words);
      const isRight = list + TASK_BYTES * tasks.length;
      core.check(core.call('bw_tasks_run', address, list, tasks.length, isRight));
      return Array.from(core.bytes(isRight, tasks.length), Boolean);
    }),
  );
}

/** What the model writes where the answer belongs: by the rule of answerTasks, up to its first newline and
 * without white space around it. A right answer is the same text; a wrong one is written out, where
 * answerTasks stops at the first token that cannot be right. */
export async function writtenAnswer(
  model: Model,
  { prompt, answer }: Task,
  { signal }: Watch = {},
): Promise<string> {
  const maxTokens = model.tokenize(answer, { addSpecial: false }).length + TASK_SPARE_TOKENS;
  let line = '';
  for await (const event of model.generate(prompt, { maxTokens, signal })) {
    if (event.kind === 'done' && event.stop === 'cancelled')
      throw new BitlossError('cancelled', 'Measuring was stopped.');
    if (event.kind === 'token') line += event.text;
    if (event.kind === 'done') line = event.text;
    if (line.includes('\n')) break;
  }
  return line.split('\n', 1)[0].trim();
}

/** nRight of n with its interval. */
export function shareOf(engine: Engine, nRight: number, n: number): Share {
  whole('n', n, 0, Number.MAX_SAFE_INTEGER);
  whole('nRight', nRight, 0, n);
  return reader(engine.core, engine.core.call('bw_share', nRight, n), 3).share();
}

/** Two models on the same tasks: the first is the reference. */
export function comparePaired(
  { core }: Engine,
  first: readonly boolean[],
  second: readonly boolean[],
): Paired {
  const n = first.length;
  if (second.length !== n) {
    throw new BitlossError('argument', `${n} results were to be compared with ${second.length}.`);
  }
  return core.withBytes(2 * n + 1, (address) => {
    core.bytes(address, 2 * n).set([...first, ...second].map(Number));
    const found = core.call('bw_paired', address, address + n, n);
    const { next, share } = reader(core, found, 9);
    return {
      n: next(),
      nGained: next(),
      nLost: next(),
      difference: share(),
      p: next(),
      verdict: VERDICTS[next()],
      loss: LOSSES[next()],
    };
  });
}

/* ---- sensitivity and sweeps ---------------------------------------------------------------- */

/** The parts of a model that can be quantized alone. */
export function listUnits({ core, address }: Model, by: UnitBy): Unit[] {
  return core.json<Unit[]>(core.call('bw_units', address, UNITS.indexOf(oneOf('by', by, UNITS))));
}

/** A mixed recipe for a target size, from what each unit lost (kl) when it alone was `measured`. */
export function makeMix(
  { core, address }: Model,
  units: readonly Unit[],
  kl: readonly number[],
  measured: string,
  formats: readonly string[],
  targetBits: number,
): Mix {
  const n = units.length;
  if (kl.length !== n) {
    throw new BitlossError('argument', `${n} units came with ${kl.length} divergences.`);
  }
  kl.forEach((x, i) => finite(`kl[${i}]`, x));
  finite('targetBits', targetBits, 0);
  units.forEach(({ layer, nParams }, i) => {
    whole(`units[${i}].layer`, layer, -1);
    whole(`units[${i}].nParams`, nParams, 0, Number.MAX_SAFE_INTEGER);
  });
  return core.withBytes((UNIT_BYTES + 8) * n + 1, (list) => {
    const divergences = list + UNIT_BYTES * n;
    units.forEach((unit, i) => writeUnit(core, list + UNIT_BYTES * i, unit));
    core.setDoubles(divergences, kl);
    return core.withTexts([measured, formats.join('\0')], ([from, to]) =>
      core.json<Mix>(
        core.call('bw_mix', address, list, n, divergences, from, to, formats.length, targetBits),
      ),
    );
  });
}

/** A bl_unit, see wasm/exports_measure.c. */
function writeUnit(core: Core, address: number, { pattern, layer, kind, nParams }: Unit): void {
  const bytes = core.bytes(address, UNIT_BYTES).fill(0);
  new TextEncoder().encodeInto(pattern, bytes.subarray(0, 47));
  new TextEncoder().encodeInto(kind, bytes.subarray(52, 75));
  const words = core.words(address, UNIT_BYTES / 4);
  words.setInt32(48, layer, true);
  words.setBigInt64(80, BigInt(nParams), true);
}

/** For each point, is no other both as small and as good? One without a loss never counts. */
export function paretoFront(
  { core }: Engine,
  sizes: readonly number[],
  losses: readonly (number | null)[],
): boolean[] {
  const n = sizes.length;
  if (losses.length !== n) {
    throw new BitlossError('argument', `${n} sizes came with ${losses.length} losses.`);
  }
  return core.withBytes(17 * n + 1, (address) => {
    const [loss, flags] = [address + 8 * n, address + 16 * n];
    core.setDoubles(address, sizes);
    core.setDoubles(
      loss,
      losses.map((x) => x ?? NaN),
    );
    core.call('bw_pareto_front', address, loss, n, flags);
    return Array.from(core.bytes(flags, n), Boolean);
  });
}

/* ---- cost and budget ----------------------------------------------------------------------- */

/** What running the model costs on this machine, now: of several runs, the median by total time. */
export async function measureCost(model: Model, watch: Watch = {}): Promise<Cost> {
  const runs: Cost[] = [];
  while (runs.length < COST_RUNS) {
    await pause(watch);
    runs.push(costOfRun(model));
    watch.onFraction?.(runs.length / COST_RUNS);
  }
  const total = (cost: Cost) => cost.promptSeconds + cost.writtenSeconds;
  return runs.sort((a, b) => total(a) - total(b))[COST_RUNS >> 1];
}

function costOfRun({ core, address }: Model): Cost {
  const kinds = workNames(core);
  const { next } = reader(core, core.call('bw_cost_run', address), 6 + 2 * kinds.length);
  const [nPrompt, nWritten, promptSeconds, writtenSeconds] = [next(), next(), next(), next()];
  const [modelBytes, sessionBytes] = [next(), next()];
  const work = () => Object.fromEntries(kinds.map((kind) => [kind, next()]));
  const [promptWork, writtenWork] = [work(), work()];
  return {
    nPrompt,
    nWritten,
    promptSeconds,
    writtenSeconds,
    promptWork,
    writtenWork,
    modelBytes,
    sessionBytes,
  };
}

/** The names of bl_work. */
function workNames(core: Core): string[] {
  const n = core.call('bw_n_work');
  return Array.from({ length: n }, (_, i) => core.string(core.call('bw_work_name', i)));
}

/** The text of a config.json for a size in everyday words, "7B". */
export function budgetConfig({ core }: Engine, size: string): string {
  return core.withText(size, (text) =>
    core.string(core.address(core.call('bw_budget_config', text))),
  );
}

/** What a model needs, from its config.json alone. */
export function budgetOf({ core }: Engine, config: string, options: BudgetOptions = {}): Budget {
  const { recipe = '', dtype = '', kvDtype = '', nContext = 0 } = options;
  whole('nContext', nContext, 0, Number.MAX_SAFE_INTEGER);
  return core.withTexts([config, recipe, dtype, kvDtype], ([json, ...settings], [size]) =>
    core.json<Budget>(
      core.call('bw_budget', json, size, settings[0], settings[1], settings[2], nContext),
    ),
  );
}
