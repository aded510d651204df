/** A Measurer: one engine, the reference of one model, the last few variants of it, and a queue. */
import type { Engine, WasmSource } from './engine.ts';
import { followLayers } from './layers.ts';
import * as measure from './measure.ts';
import { N_TOGETHER } from './measure_types.ts';
import type {
  Budget,
  BudgetOptions,
  ByteSplit,
  Chosen,
  Cost,
  LayersResult,
  Measurer,
  Mix,
  OnFraction,
  Paired,
  Share,
  Task,
  TextOptions,
  TextResult,
  TokenizedText,
  Unit,
  UnitBy,
  VariantFigures,
  WeightDetail,
  WeightRow,
} from './measure_types.ts';
import type { Watch } from './measure.ts';
import type { Model } from './model.ts';
import { Starter } from './starter.ts';
import { storedRow } from './stored_row.ts';
import { BitlossError, type Documents, type LoadProgress, type ModelInput } from './types.ts';
import { weightMap } from './weight_map.ts';

/** Variants that are kept: so many, and so large together; one more while it is measured. */
const KEPT_VARIANTS = 4;
const KEPT_BYTES = 512 << 20;
/** The reference's logits on the latest text are kept up to so many bytes: those of 2,000 tokens of a
 * vocabulary of 4,000. */
const KEPT_LOGIT_BYTES = 32 << 20;
const PROGRESS_MS = 33;

interface Open {
  engine: Engine;
  reference: Model;
}

/** A request that waits or is under way. */
interface Request {
  /** Answers it, and maybe some of those that wait behind it. */
  answer: (signal: AbortSignal) => Promise<void>;
  reject: (error: unknown) => void;
  text?: TextRequest;
}

interface TextRequest {
  recipe: string;
  ids: Int32Array;
  options: TextOptions;
  onFraction: OnFraction;
  resolve: (result: TextResult) => void;
  reject: (error: unknown) => void;
}

export class QueuedMeasurer implements Measurer {
  readonly #starter: Starter;
  /** Of the model that is open: read again when the engine had to be replaced. */
  #files: readonly ModelInput[] | null = null;
  #reference: Model | null = null;
  /** Codes that methods have chosen, by canonical recipe. */
  readonly #chosen = new Map<string, Chosen>();
  /** By canonical recipe, the one used last at the end. */
  readonly #variants = new Map<string, Model>();
  /** The reference's logits on the text that was run last. */
  #logits: { ids: Int32Array; options: TextOptions; of: measure.ReferenceLogits } | null = null;
  readonly #waiting: Request[] = [];
  /** What stop() ends: the request under way. */
  #running: AbortController | null = null;

  /** `wasm` gives the module to start engines on; undefined for the best build there is. */
  constructor(wasm: () => Promise<WasmSource | undefined> = async () => undefined) {
    this.#starter = new Starter(wasm, () => {
      this.#reference = null;
      this.#logits = null;
      this.#variants.clear();
    });
  }

  open(files: readonly ModelInput[], onFraction: OnFraction): Promise<void> {
    return this.#enqueue(async (signal) => {
      this.#close();
      await this.#read(files, signal, throttled(onFraction));
      this.#files = files;
    });
  }

  async stop(): Promise<void> {
    this.#running?.abort();
    const stopped = new BitlossError('cancelled', 'Measuring was stopped.');
    for (const { reject } of this.#waiting.splice(0)) reject(stopped);
  }

  tokenize(text: string, documents?: Documents): Promise<TokenizedText> {
    return this.#withModel(({ reference }) => measure.tokenizeText(reference, text, documents));
  }

  take(chosen: Chosen): Promise<void> {
    return this.#enqueue(() => {
      this.#variants.get(chosen.recipe)?.free();
      this.#variants.delete(chosen.recipe);
      this.#chosen.set(chosen.recipe, chosen);
    });
  }

  weights(recipe: string): Promise<VariantFigures> {
    return this.#withVariant(recipe, ({ info, error }) => {
      const { sizeBytes, bitsPerWeight, notes } = info;
      const canonical = this.#chosen.has(recipe) ? recipe : info.recipe;
      return { recipe: canonical, sizeBytes, bitsPerWeight, error, notes };
    });
  }

  weightDetail(recipe: string, tensor: number): Promise<WeightDetail> {
    return this.#withVariant(recipe, (variant, { reference }) =>
      measure.weightDetail(reference, variant, tensor),
    );
  }

  weightRow(recipe: string, tensor: number, row: number): Promise<WeightRow> {
    return this.#withVariant(recipe, (variant, { reference }) => ({
      original: reference.decodeRows(tensor, row, 1),
      converted: variant.decodeRows(tensor, row, 1),
      stored: storedRow(variant, tensor, row),
    }));
  }

  weightMap(recipe: string, tensor: number, columns: number, rows: number): Promise<Float32Array> {
    return this.#withVariant(recipe, (variant, _, signal) =>
      weightMap(variant, tensor, columns, rows, { signal }),
    );
  }

  bytes(recipe: string): Promise<ByteSplit> {
    return this.#withVariant(recipe, measure.byteSplit);
  }

  text(
    recipe: string,
    ids: Int32Array,
    options: TextOptions,
    onFraction: OnFraction,
  ): Promise<TextResult> {
    return new Promise((resolve, reject) => {
      const text = { recipe, ids, options, onFraction: throttled(onFraction), resolve, reject };
      this.#push({ answer: (signal) => this.#answerTexts(text, signal), reject, text });
    });
  }

  tasks(recipe: string, tasks: readonly Task[], onFraction: OnFraction): Promise<boolean[]> {
    return this.#withVariant(recipe, (variant, _, signal) =>
      measure.answerTasks(variant, tasks, { signal, onFraction: throttled(onFraction) }),
    );
  }

  written(recipe: string, task: Task): Promise<string> {
    return this.#withVariant(recipe, (variant, _, signal) =>
      measure.writtenAnswer(variant, task, { signal }),
    );
  }

  layers(recipe: string, prompt: string, onFraction: OnFraction): Promise<LayersResult> {
    return this.#withVariant(recipe, (variant, { reference }, signal) =>
      followLayers(reference, variant, prompt, { signal, onFraction: throttled(onFraction) }),
    );
  }

  units(by: UnitBy): Promise<Unit[]> {
    return this.#withModel(({ reference }) => measure.listUnits(reference, by));
  }

  mix(
    units: readonly Unit[],
    kl: readonly number[],
    measured: string,
    formats: readonly string[],
    targetBits: number,
  ): Promise<Mix> {
    return this.#withModel(({ reference }) =>
      measure.makeMix(reference, units, kl, measured, formats, targetBits),
    );
  }

  cost(recipe: string, onFraction: OnFraction): Promise<Cost> {
    return this.#withVariant(recipe, (variant, _, signal) =>
      measure.measureCost(variant, { signal, onFraction: throttled(onFraction) }),
    );
  }

  /* What needs no model is answered at once: it takes no time, and what waits may take minutes. */

  async share(nRight: number, n: number): Promise<Share> {
    return measure.shareOf(await this.#starter.engine(), nRight, n);
  }

  async paired(first: readonly boolean[], second: readonly boolean[]): Promise<Paired> {
    return measure.comparePaired(await this.#starter.engine(), first, second);
  }

  async paretoFront(
    sizes: readonly number[],
    losses: readonly (number | null)[],
  ): Promise<boolean[]> {
    return measure.paretoFront(await this.#starter.engine(), sizes, losses);
  }

  async budgetConfig(size: string): Promise<string> {
    return measure.budgetConfig(await this.#starter.engine(), size);
  }

  async budget(config: string, options: BudgetOptions): Promise<Budget> {
    return this.#starter.ask((engine) => measure.budgetOf(engine, config, options));
  }

  /** Memory that the engine has taken. */
  async memoryBytes(): Promise<number> {
    return (await this.#starter.engine()).memoryBytes;
  }

  /* ---- the queue --------------------------------------------------------------------------- */

  #push(request: Request): void {
    this.#waiting.push(request);
    if (!this.#running) void this.#run();
  }

  #enqueue<T>(work: (signal: AbortSignal) => Promise<T> | T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#push({ answer: async (signal) => resolve(await work(signal)), reject });
    });
  }

  /** Answers all that waits, one after another. */
  async #run(): Promise<void> {
    for (let request: Request | undefined; (request = this.#waiting.shift()); ) {
      this.#running = new AbortController();
      await request.answer(this.#running.signal).catch(request.reject);
    }
    this.#running = null;
  }

  #withModel<T>(work: (open: Open, signal: AbortSignal) => Promise<T> | T): Promise<T> {
    return this.#enqueue(async (signal) => work(await this.#opened(signal), signal));
  }

  #withVariant<T>(
    recipe: string,
    work: (variant: Model, open: Open, signal: AbortSignal) => Promise<T> | T,
  ): Promise<T> {
    return this.#withModel((open, signal) => work(this.#variant(open, recipe, []), open, signal));
  }

  /** Answers a text and those of the same tokens that wait right behind it: the reference is run once
   * for all. */
  async #answerTexts(first: TextRequest, signal: AbortSignal): Promise<void> {
    const open = await this.#opened(signal);
    const requests = [first];
    const variants = [this.#variant(open, first.recipe, [])];
    while (requests.length < N_TOGETHER) {
      const next = this.#waiting[0]?.text;
      if (!next || !sameText(first, next)) break;
      try {
        variants.push(this.#variant(open, next.recipe, variants));
      } catch (error) {
        // Alone it may fit.
        if (error instanceof BitlossError && error.code === 'memory') break;
        next.reject(error);
        this.#waiting.shift();
        continue;
      }
      this.#waiting.shift();
      requests.push(next);
    }
    const onFraction = (fraction: number) => requests.forEach((each) => each.onFraction(fraction));
    const watch: Watch = { signal, onFraction };
    // Two may want the same of one variant.
    const models = [...new Set(variants)];
    const { ids, options } = first;
    try {
      const results = await measure.measureText(
        open.reference,
        models,
        ids,
        options,
        watch,
        this.#logitsFor(open, first),
      );
      requests.forEach((request, i) => request.resolve(results[models.indexOf(variants[i])]));
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }

  /** Where the reference's logits on this text are kept; undefined where they would take too much. */
  #logitsFor({ reference }: Open, text: TextRequest): measure.ReferenceLogits | undefined {
    if (this.#logits && sameText(this.#logits, text)) return this.#logits.of;
    this.#dropLogits();
    const { ids, options } = text;
    if (4 * ids.length * reference.info.vocabSize > KEPT_LOGIT_BYTES) return undefined;
    this.#logits = { ids, options, of: new measure.ReferenceLogits(reference.core) };
    return this.#logits.of;
  }

  #dropLogits(): void {
    this.#logits?.of.free();
    this.#logits = null;
  }

  /* ---- models ------------------------------------------------------------------------------ */

  async #opened(signal: AbortSignal): Promise<Open> {
    const engine = await this.#starter.engine();
    if (!this.#reference && this.#files) await this.#read(this.#files, signal);
    if (!this.#reference) throw new BitlossError('argument', 'No model has been opened.');
    return { engine, reference: this.#reference };
  }

  async #read(
    files: readonly ModelInput[],
    signal: AbortSignal,
    onFraction?: OnFraction,
  ): Promise<void> {
    const onProgress = ({ bytesDone, bytesTotal }: LoadProgress) =>
      onFraction?.(bytesDone / Math.max(1, bytesTotal));
    this.#reference = await this.#starter.load(files, { signal, onProgress }, (model) => model);
  }

  #close(): void {
    this.#dropVariants([]);
    this.#dropLogits();
    this.#reference?.free();
    this.#reference = null;
    this.#files = null;
    this.#chosen.clear();
  }

  /** The reference under a recipe, made unless it was kept. Those of `inUse` are not dropped. */
  #variant({ engine, reference }: Open, recipe: string, inUse: readonly Model[]): Model {
    const text = this.#chosen.has(recipe) ? recipe : engine.parseRecipe(recipe).text;
    if (text === 'reference') return reference;
    const variant = this.#variants.get(text) ?? this.#make(reference, text, inUse);
    this.#variants.delete(text);
    this.#variants.set(text, variant);
    this.#dropVariants([...inUse, variant], KEPT_VARIANTS, KEPT_BYTES);
    return variant;
  }

  /** When memory runs out, once more without what was kept. */
  #make(reference: Model, recipe: string, inUse: readonly Model[]): Model {
    const chosen = this.#chosen.get(recipe);
    const make = () => measure.makeVariant(reference, chosen?.plain ?? recipe, chosen);
    try {
      return make();
    } catch (error) {
      if (!(error instanceof BitlossError && error.code === 'memory')) throw error;
      if (reference.core.fault) throw error;
      this.#dropVariants(inUse);
      this.#dropLogits();
      return make();
    }
  }

  /** Frees variants, those used longest ago first, until so many of so many bytes are left. */
  #dropVariants(inUse: readonly Model[], maxCount = 0, maxBytes = 0): void {
    const total = () =>
      [...this.#variants.values()].reduce((sum, { info }) => sum + info.sizeBytes, 0);
    for (const [recipe, variant] of this.#variants) {
      if (this.#variants.size <= maxCount && total() <= maxBytes) return;
      if (inUse.includes(variant)) continue;
      this.#variants.delete(recipe);
      variant.free();
    }
  }
}

type Text = Pick<TextRequest, 'ids' | 'options'>;

function sameText(a: Text, b: Text): boolean {
  return (
    a.options.nContext === b.options.nContext &&
    a.options.first === b.options.first &&
    a.ids.length === b.ids.length &&
    a.ids.every((id, i) => id === b.ids[i]) &&
    a.options.ends?.length === b.options.ends?.length &&
    (a.options.ends ?? []).every((end, i) => end === b.options.ends![i])
  );
}

/** Tells fractions at most 30 times a second, and always the last. */
function throttled(onFraction: OnFraction | undefined): OnFraction {
  let toldAt = -Infinity;
  return (fraction) => {
    const now = performance.now();
    if (!onFraction || (fraction < 1 && now - toldAt < PROGRESS_MS)) return;
    toldAt = now;
    onFraction(fraction);
  };
}
