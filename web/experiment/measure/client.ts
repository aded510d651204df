/** The page's side of the measuring worker: one for the open model, started by the first request.
 *
 * A panel takes a session of its own, `client.session()`, and calls it as if it were the worker: each
 * call waits for its turn, calls of an urgent session first. `stop()` ends only that session's calls;
 * these, and all calls when another model is opened, reject with a PageError for which `isCancelled`
 * says true. Every other rejection is a PageError to be shown (problem.ts). Results of `text` and
 * `tokenize` are kept and shared, also while they are under way: what one panel has measured, or is
 * measuring, costs the next one nothing.
 *
 * The worker answers one call at a time. One that is not urgent gives way to an urgent one: it is stopped
 * after the slice that it is at, and begins anew afterwards. Questions are asked a few at a time, so that
 * those which have been answered stay so. A panel with much to do makes many short calls all the same:
 * what is not urgent waits for what came before. Only calls of `text` on the same ids go together, up to
 * four, because the reference is then run once for all of them: make these at once, not one after
 * another.
 *
 * What only the full module has is answered by a worker on that one, which takes the first one's place with
 * the first such call, and stays: so nobody fetches it who does not want it, and the model is held once. */
import { N_TOGETHER } from '../../../wasm/measure_types.ts';
import type { Documents } from '../../../wasm/types.ts';
import type {
  Chosen,
  Measurer,
  OnFraction,
  Task,
  TextOptions,
  TextResult,
  TokenizedText,
} from '../../../wasm/measure_types.ts';
import { mayHaveMethods, type Methods } from '../methods.ts';
import { PageError } from '../problem.ts';
import type { OpenModel } from '../state.ts';
import { Cache, textKey } from './cache.ts';
import type { MeasureWorker } from './worker.ts';

/** What a panel may ask for. */
export type Session = Omit<Measurer, 'open' | 'take'>;

/** Calls that answer at once, from their arguments alone; all others need the model, and their turn. */
type Sum = 'share' | 'paired' | 'paretoFront' | 'budgetConfig' | 'budget';
type Name = Exclude<keyof Session, 'stop' | Sum>;
/** Of this many texts and recipes the figures of every token are kept: about 25 KB each. */
const N_TEXT_RESULTS = 256;
const N_TOKENIZED = 8;
/** Questions that are asked before another call may come between: as many as the worker answers in one
 * slice (TASKS_PER_SLICE in wasm/measure.ts). */
const N_QUESTIONS = 4;

/** Who asked. */
interface Caller {
  isUrgent: boolean;
  /** Counts its calls of stop(). */
  nStops: number;
}

interface Job {
  caller: Caller;
  /** Only a worker on the full module can answer it. */
  needsFull: boolean;
  /** Jobs for which this is the same go together. */
  together: string | null;
  /** Its caller has been told that it was cancelled. */
  isDropped: boolean;
  /** Its result, or UNFINISHED: then it has its turn again, after what is urgent. */
  call: (measurer: Measurer) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: PageError) => void;
}

/** Calls that only the full module can answer. */
const NEEDS_FULL: ReadonlySet<Name> = new Set<Name>(['layers']);

const UNFINISHED = Symbol('unfinished');

/** A text that is being measured, or waits for it, and all who want it. */
interface SharedText {
  /** In whose name the worker is asked: as urgent as the most urgent of those who wait. */
  owner: Caller;
  waiting: Waiter[];
}

interface Waiter {
  caller: Caller;
  onFraction: OnFraction;
  resolve: (result: TextResult) => void;
  reject: (error: PageError) => void;
}

export class MeasureClient {
  #model: OpenModel | null = null;
  #worker: Promise<MeasureWorker> | null = null;
  /** Workers are started on the full module: something needed it once. */
  #isFull = false;
  /** The worker holds the model. */
  #isOpen = false;
  /** The worker was told to stop what runs. */
  #isStopping = false;
  #queue: Job[] = [];
  /** One job, or several that go together. */
  #running: readonly Job[] = [];
  readonly #texts = new Cache<TextResult>(N_TEXT_RESULTS);
  /** By the same keys, what has no result yet. */
  readonly #sharedTexts = new Map<string, SharedText>();
  readonly #tokenized = new Cache<Promise<TokenizedText>>(N_TOKENIZED);
  /** Told when nothing is under way any more. */
  #waiting: (() => void)[] = [];
  /** For what no single session may stop. */
  readonly #shared: Caller = { isUrgent: true, nStops: 0 };

  /** Codes that methods have chosen, of recipes that were asked for; and those of them that the worker has. */
  readonly #chosen = new Map<string, Chosen>();
  readonly #given = new Set<Chosen>();

  /** `methods` choose codes of the same model; without them there are no recipes with any. */
  constructor(
    private readonly startWorker: (isFull: boolean) => Promise<MeasureWorker>,
    readonly methods: Methods | null = null,
  ) {
    if (methods) methods.onForgotten = () => this.#forgetChosen();
  }

  #forgetChosen(): void {
    if (this.#chosen.size === 0) return;
    this.#chosen.clear();
    this.#texts.clear();
    this.#sharedTexts.clear();
  }

  /** All that follows is about this model. What is known of another one is forgotten. */
  use(model: OpenModel | null): void {
    if (model?.serial === this.#model?.serial) return;
    this.#model = model;
    this.#endWorker();
    this.#texts.clear();
    this.#tokenized.clear();
    this.#chosen.clear();
    this.#sharedTexts.clear();
    const dropped = [...this.#running, ...this.#queue];
    this.#running = [];
    this.#queue = [];
    dropped.forEach(drop);
    this.#tellIdle();
  }

  /** Another one, with a worker of its own, for a model beside the open one, or for methods that go by another text;
   * `use(null)` ends it. */
  apart(methods: Methods | null = null): MeasureClient {
    return new MeasureClient(this.startWorker, methods);
  }

  /** Resolves once nothing is under way and nothing waits. */
  whenIdle(): Promise<void> {
    if (this.#running.length === 0 && this.#queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tellIdle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** `isUrgent` is for what the reader asked for, or looks at. */
  session({ isUrgent = false } = {}): Session {
    const caller: Caller = { isUrgent, nStops: 0 };
    const ask =
      <N extends Name>(name: N): Measurer[N] =>
      (...args: unknown[]) =>
        this.#ask(caller, name, args) as never;
    const ofRecipe =
      <N extends Name>(name: N): Measurer[N] =>
      (...[recipe, ...rest]: unknown[]) =>
        this.#withCodes(caller, recipe as string, (spelt) =>
          this.#ask(caller, name, [spelt, ...rest]),
        ) as never;
    const sum =
      <N extends Sum>(name: N): Measurer[N] =>
      (...args: unknown[]) =>
        this.#sum(name, args) as never;
    return {
      stop: async () => this.#stop(caller),
      tokenize: (text, documents) => this.#tokenize(caller, text, documents),
      text: (recipe, ...args) =>
        this.#withCodes(caller, recipe, (spelt) => this.#text(caller, spelt, ...args)),
      weights: ofRecipe('weights'),
      weightDetail: ofRecipe('weightDetail'),
      weightRow: ofRecipe('weightRow'),
      weightMap: ofRecipe('weightMap'),
      bytes: ofRecipe('bytes'),
      tasks: (recipe, ...args) =>
        this.#withCodes(caller, recipe, (spelt) => this.#tasks(caller, spelt, ...args)),
      units: ask('units'),
      mix: ask('mix'),
      written: ofRecipe('written'),
      cost: ofRecipe('cost'),
      layers: ofRecipe('layers'),
      share: sum('share'),
      paired: sum('paired'),
      paretoFront: sum('paretoFront'),
      budgetConfig: sum('budgetConfig'),
      budget: sum('budget'),
    };
  }

  /** Asks `work` for a recipe as the core spells it, once its codes are chosen where methods choose them. */
  #withCodes<T>(caller: Caller, recipe: string, work: (recipe: string) => Promise<T>): Promise<T> {
    if (!this.methods || !mayHaveMethods(recipe)) return work(recipe);
    const model = this.#model;
    const { nStops } = caller;
    return this.methods.choose(recipe).then(({ chosen }) => {
      if (caller.nStops !== nStops || this.#model !== model) throw cancelled();
      this.#chosen.set(chosen.recipe, chosen);
      return work(chosen.recipe);
    });
  }

  async #sum(name: Sum, args: unknown[]): Promise<unknown> {
    const model = this.#model;
    const isFull = this.#isFull;
    const worker = this.#started();
    try {
      const { measurer } = await worker;
      return await (measurer[name] as (...args: unknown[]) => Promise<unknown>).apply(
        measurer,
        args,
      );
    } catch (error) {
      const thrown = this.#thrown(error, worker);
      // Another worker has taken its place.
      const isEnded = this.#worker !== worker && this.#model === model;
      if (isEnded && (isCancelled(thrown) || (isFull && isMissing(thrown))))
        return this.#sum(name, args);
      throw thrown;
    }
  }

  /** One text is cut up once, whoever asks; a caller that stops meanwhile need not know. */
  async #tokenize(
    caller: Caller,
    text: string,
    documents: Documents = 'whole',
  ): Promise<TokenizedText> {
    const key = `${documents} ${text}`;
    let tokenized = this.#tokenized.get(key);
    if (!tokenized) {
      const asked = this.#ask(this.#shared, 'tokenize', [
        text,
        documents,
      ]) as Promise<TokenizedText>;
      asked.catch(() => this.#tokenized.delete(key));
      this.#tokenized.set(key, (tokenized = asked));
    }
    const { nStops } = caller;
    const result = await tokenized;
    if (caller.nStops !== nStops) throw cancelled();
    return result;
  }

  async #text(caller: Caller, ...args: Parameters<Measurer['text']>): Promise<TextResult> {
    const [recipe, ids, options, onFraction] = args;
    const key = textKey(recipe, ids, options);
    const known = this.#texts.get(key);
    if (known) return known;
    return new Promise((resolve, reject) => {
      const waiter = { caller, onFraction, resolve, reject };
      const shared = this.#sharedTexts.get(key);
      if (!shared) return this.#askText(key, waiter, recipe, ids, options);
      shared.waiting.push(waiter);
      if (!caller.isUrgent || shared.owner.isUrgent) return;
      shared.owner.isUrgent = true;
      this.#giveWay();
    });
  }

  /** Is the result there, or on its way? Then asking for it takes nothing from anyone. */
  hasText(recipe: string, ids: Int32Array, options: TextOptions): boolean {
    const key = textKey(recipe, ids, options);
    return this.#texts.get(key) !== undefined || this.#sharedTexts.has(key);
  }

  #askText(
    key: string,
    first: Waiter,
    recipe: string,
    ids: Int32Array,
    options: TextOptions,
  ): void {
    const owner = { isUrgent: first.caller.isUrgent, nStops: 0 };
    const shared: SharedText = { owner, waiting: [first] };
    this.#sharedTexts.set(key, shared);
    const report: OnFraction = (fraction) => {
      for (const { onFraction } of shared.waiting) onFraction(fraction);
    };
    const end = () => {
      if (this.#sharedTexts.get(key) === shared) this.#sharedTexts.delete(key);
      return shared.waiting.splice(0);
    };
    this.#ask(owner, 'text', [recipe, ids, options, report]).then(
      (result) => {
        // Of a model that is still the open one.
        if (this.#sharedTexts.get(key) === shared) this.#texts.set(key, result as TextResult);
        for (const { resolve } of end()) resolve(result as TextResult);
      },
      (error: PageError) => {
        for (const { reject } of end()) reject(error);
      },
    );
  }

  /** A few questions a turn; what was answered before a turn that had to give way is kept. */
  #tasks(
    caller: Caller,
    recipe: string,
    tasks: readonly Task[],
    onFraction: OnFraction,
  ): Promise<boolean[]> {
    const isRight: boolean[] = [];
    const call = async (measurer: Measurer) => {
      const some = tasks.slice(isRight.length, isRight.length + N_QUESTIONS);
      isRight.push(...(await measurer.tasks(recipe, some, () => {})));
      onFraction(tasks.length > 0 ? isRight.length / tasks.length : 1);
      return isRight.length < tasks.length ? UNFINISHED : isRight;
    };
    return this.#push({ caller, together: null, needsFull: false, call }) as Promise<boolean[]>;
  }

  #ask(caller: Caller, name: Name, args: unknown[]): Promise<unknown> {
    const together =
      name === 'text' ? textKey('', args[1] as Int32Array, args[2] as TextOptions) : null;
    const call: Job['call'] = (measurer) =>
      (measurer[name] as (...args: unknown[]) => Promise<unknown>).apply(measurer, args);
    return this.#push({ caller, together, needsFull: NEEDS_FULL.has(name), call });
  }

  #push(asked: Pick<Job, 'caller' | 'together' | 'needsFull' | 'call'>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...asked, isDropped: false, resolve, reject });
      // Calls that are made at once are there together when the first of them has its turn.
      if (this.#queue.length === 1) queueMicrotask(() => this.#next());
      if (asked.caller.isUrgent) this.#giveWay();
    });
  }

  /** Does something urgent wait for these, of which none is? */
  #isAwaited(jobs: readonly Job[]): boolean {
    const isUrgent = ({ caller }: Job) => caller.isUrgent;
    return this.#queue.some(isUrgent) && !jobs.some(isUrgent);
  }

  /** What runs while something urgent waits is stopped, and will have its turn again. */
  #giveWay(): void {
    const wanted = this.#running.filter(({ isDropped }) => !isDropped);
    if (wanted.length > 0 && this.#isAwaited(wanted)) this.#stopWorker();
  }

  /** A model that is being opened is opened to the end: the next call needs it too. */
  #stopWorker(): void {
    if (!this.#isOpen || this.#isStopping) return;
    this.#isStopping = true;
    void this.#worker?.then(({ measurer }) => measurer.stop()).catch(() => {});
  }

  #stop(caller: Caller): void {
    caller.nStops++;
    for (const [key, { owner, waiting }] of this.#sharedTexts) {
      const others = waiting.filter((waiter) => waiter.caller !== caller);
      const own = waiting.filter((waiter) => waiter.caller === caller);
      waiting.splice(0, Infinity, ...others);
      for (const { reject } of own) reject(cancelled());
      owner.isUrgent = others.some((waiter) => waiter.caller.isUrgent);
      if (others.length > 0) continue;
      this.#sharedTexts.delete(key);
      this.#stop(owner);
    }
    const isOwn = (job: Job) => job.caller === caller;
    this.#queue.filter(isOwn).forEach(drop);
    this.#queue = this.#queue.filter((job) => !isOwn(job));
    if (this.#running.length === 0 && this.#queue.length === 0) this.#tellIdle();
    const running = this.#running.filter((job) => isOwn(job) && !job.isDropped);
    // The callers hear at once; the worker is free again when its slice is done.
    running.forEach(drop);
    if (running.length > 0) this.#stopWorker();
    // What ran for this one was perhaps urgent for no other.
    this.#giveWay();
  }

  #next(): void {
    if (this.#running.length > 0) return;
    const first = this.#queue.find((job) => job.caller.isUrgent) ?? this.#queue[0];
    if (!first) return this.#tellIdle();
    // What is urgent waits for nobody who is not.
    const goesAlong = ({ together, caller }: Job) =>
      together !== null && together === first.together && caller.isUrgent === first.caller.isUrgent;
    const others = this.#queue
      .filter((job) => job !== first && goesAlong(job))
      .slice(0, N_TOGETHER - 1);
    this.#running = [first, ...others];
    this.#queue = this.#queue.filter((job) => !this.#running.includes(job));
    this.#isStopping = false;
    void this.#run(this.#running);
  }

  async #run(jobs: readonly Job[]): Promise<void> {
    if (!this.#isFull && jobs.some(({ needsFull }) => needsFull)) {
      this.#isFull = true;
      this.#endWorker();
    }
    const isFull = this.#isFull;
    const worker = this.#started();
    try {
      const { measurer } = await worker;
      if (!this.#isOpen && this.#running === jobs) {
        if (!this.#model) throw cancelled();
        await measurer.open(this.#model.files, () => {});
        if (this.#running === jobs) this.#isOpen = true;
      }
      for (const chosen of this.#chosen.values()) {
        if (this.#given.has(chosen)) continue;
        this.#given.add(chosen);
        await measurer.take(chosen);
      }
      // While the model was opened, calls were stopped, and urgent ones came.
      const left = jobs.filter((job) => !job.isDropped);
      const wanted = this.#isAwaited(left) ? [] : left;
      if (wanted !== left) for (const job of left.reverse()) this.#again(job, jobs);
      await Promise.all(
        wanted.map((job) =>
          job.call(measurer).then(
            (value) => (value === UNFINISHED ? this.#again(job, jobs) : job.resolve(value)),
            (error) => this.#fail(job, jobs, this.#thrown(error, worker)),
          ),
        ),
      );
    } catch (error) {
      const thrown = this.#thrown(error, worker);
      for (const job of jobs) {
        // The small module may be there where the full one is not.
        if (isFull && !job.needsFull && isMissing(thrown)) this.#again(job, jobs);
        else this.#fail(job, jobs, thrown);
      }
    }
    // Another model may have been opened meanwhile: then this is no longer the queue's affair.
    if (this.#running !== jobs) return;
    this.#running = [];
    this.#next();
  }

  #fail(job: Job, jobs: readonly Job[], error: PageError): void {
    if (job.isDropped) return;
    // Stopped because of another, which went along with it, was more urgent, or went before it: a stop may
    // reach the worker when that one has just ended.
    if (isCancelled(error) && this.#running === jobs && this.#model) this.#again(job, jobs);
    else job.reject(error);
  }

  /** It has its turn again, before others that are no more urgent. */
  #again(job: Job, jobs: readonly Job[]): void {
    if (!job.isDropped && this.#running === jobs) this.#queue.unshift(job);
  }

  #started(): Promise<MeasureWorker> {
    return (this.#worker ??= this.startWorker(this.#isFull));
  }

  #endWorker(): void {
    void this.#worker?.then((worker) => worker.end()).catch(() => {});
    this.#worker = null;
    this.#isOpen = false;
    this.#given.clear();
  }

  /** What a worker's call threw. One that has crashed, or has no module, answers nothing more: the next call
   * gets another, on the full module only if it needs that. */
  #thrown(error: unknown, worker: Promise<MeasureWorker>): PageError {
    const thrown =
      error instanceof PageError
        ? error
        : new PageError({ kind: 'measure-crash', detail: String(error) });
    const isOver = thrown.problem.kind === 'measure-crash' || isMissing(thrown);
    if (isOver && this.#worker === worker) {
      if (isMissing(thrown)) this.#isFull = false;
      this.#endWorker();
    }
    return thrown;
  }
}

/** The worker's module could not be had. */
function isMissing({ problem }: PageError): boolean {
  return problem.kind === 'browser';
}

function drop(job: Job): void {
  job.isDropped = true;
  job.reject(cancelled());
}

function cancelled(): PageError {
  return new PageError({ kind: 'core', code: 'cancelled', detail: 'Measuring was cancelled.' });
}

/** The call was ended on purpose: there is nothing to show. */
export function isCancelled(error: unknown): boolean {
  return (
    error instanceof PageError &&
    error.problem.kind === 'core' &&
    error.problem.code === 'cancelled'
  );
}
