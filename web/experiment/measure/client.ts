/** The page's side of the measuring worker: one for the open model, started by the first request.
 *
 * A panel takes a session of its own, `client.session()`, and calls it as if it were the worker: each
 * call waits for its turn, calls of an urgent session first. `stop()` ends only that session's calls;
 * these, and all calls when another model is opened, reject with a PageError for which `isCancelled`
 * says true. Every other rejection is a PageError to be shown (problem.ts). Results of `text` and
 * `tokenize` are kept, so what one panel has measured costs the next one nothing.
 *
 * The worker answers one call at a time: a panel with much to do makes many short calls, so that
 * others come between. Only calls of `text` on the same ids go together, up to four, because the
 * reference is then run once for all of them: make these at once, not one after another. */
import { N_TOGETHER } from '../../../wasm/measure_types.ts';
import type { Documents } from '../../../wasm/types.ts';
import type {
  Measurer,
  TextOptions,
  TextResult,
  TokenizedText,
} from '../../../wasm/measure_types.ts';
import { PageError } from '../problem.ts';
import type { OpenModel } from '../state.ts';
import { Cache, textKey } from './cache.ts';
import type { MeasureWorker } from './worker.ts';

/** What a panel may ask for. */
export type Session = Omit<Measurer, 'open'>;

/** Calls that answer at once, from their arguments alone; all others need the model, and their turn. */
type Sum = 'share' | 'paired' | 'paretoFront' | 'budgetConfig' | 'budget';
type Name = Exclude<keyof Session, 'stop' | Sum>;

/** Of this many texts and recipes the figures of every token are kept: about 25 KB each. */
const N_TEXT_RESULTS = 256;
const N_TOKENIZED = 8;

/** Who asked. */
interface Caller {
  isUrgent: boolean;
  /** Counts its calls of stop(). */
  nStops: number;
}

interface Job {
  caller: Caller;
  /** Jobs for which this is the same go together. */
  together: string | null;
  /** Its caller has been told that it was cancelled. */
  isDropped: boolean;
  call: (measurer: Measurer) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: PageError) => void;
}

export class MeasureClient {
  #model: OpenModel | null = null;
  #worker: Promise<MeasureWorker> | null = null;
  /** The worker holds the model. */
  #isOpen = false;
  #queue: Job[] = [];
  /** One job, or several that go together. */
  #running: readonly Job[] = [];
  readonly #texts = new Cache<TextResult>(N_TEXT_RESULTS);
  readonly #tokenized = new Cache<Promise<TokenizedText>>(N_TOKENIZED);
  /** Told when nothing is under way any more. */
  #waiting: (() => void)[] = [];
  /** For what no single session may stop. */
  readonly #shared: Caller = { isUrgent: true, nStops: 0 };

  constructor(private readonly startWorker: () => Promise<MeasureWorker>) {}

  /** All that follows is about this model. What is known of another one is forgotten. */
  use(model: OpenModel | null): void {
    if (model?.serial === this.#model?.serial) return;
    this.#model = model;
    this.#endWorker();
    this.#texts.clear();
    this.#tokenized.clear();
    const dropped = [...this.#running, ...this.#queue];
    this.#running = [];
    this.#queue = [];
    dropped.forEach(drop);
    this.#tellIdle();
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
    const sum =
      <N extends Sum>(name: N): Measurer[N] =>
      (...args: unknown[]) =>
        this.#sum(name, args) as never;
    return {
      stop: async () => this.#stop(caller),
      tokenize: (text, documents) => this.#tokenize(caller, text, documents),
      text: (recipe, ids, options, onFraction) =>
        this.#text(recipe, ids, options, onFraction, ask('text')),
      weights: ask('weights'),
      weightDetail: ask('weightDetail'),
      weightRow: ask('weightRow'),
      bytes: ask('bytes'),
      tasks: ask('tasks'),
      units: ask('units'),
      mix: ask('mix'),
      cost: ask('cost'),
      share: sum('share'),
      paired: sum('paired'),
      paretoFront: sum('paretoFront'),
      budgetConfig: sum('budgetConfig'),
      budget: sum('budget'),
    };
  }

  async #sum(name: Sum, args: unknown[]): Promise<unknown> {
    const worker = this.#started();
    try {
      const { measurer } = await worker;
      return await (measurer[name] as (...args: unknown[]) => Promise<unknown>).apply(
        measurer,
        args,
      );
    } catch (error) {
      throw this.#thrown(error, worker);
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

  async #text(
    recipe: string,
    ids: Int32Array,
    options: TextOptions,
    onFraction: (fraction: number) => void,
    ask: Measurer['text'],
  ): Promise<TextResult> {
    const key = textKey(recipe, ids, options);
    const known = this.#texts.get(key);
    if (known) return known;
    const result = await ask(recipe, ids, options, onFraction);
    this.#texts.set(key, result);
    return result;
  }

  #ask(caller: Caller, name: Name, args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const call = (measurer: Measurer) =>
        (measurer[name] as (...args: unknown[]) => Promise<unknown>).apply(measurer, args);
      const together =
        name === 'text' ? textKey('', args[1] as Int32Array, args[2] as TextOptions) : null;
      this.#queue.push({ caller, together, isDropped: false, call, resolve, reject });
      // Calls that are made at once are there together when the first of them has its turn.
      if (this.#queue.length === 1) queueMicrotask(() => this.#next());
    });
  }

  #stop(caller: Caller): void {
    caller.nStops++;
    const isOwn = (job: Job) => job.caller === caller;
    this.#queue.filter(isOwn).forEach(drop);
    this.#queue = this.#queue.filter((job) => !isOwn(job));
    if (this.#running.length === 0 && this.#queue.length === 0) this.#tellIdle();
    const running = this.#running.filter((job) => isOwn(job) && !job.isDropped);
    // The callers hear at once; the worker is free again when its slice is done. A model that is being
    // opened is opened to the end: the next call needs it too.
    running.forEach(drop);
    if (running.length > 0 && this.#isOpen)
      void this.#worker?.then(({ measurer }) => measurer.stop()).catch(() => {});
  }

  #next(): void {
    if (this.#running.length > 0) return;
    const first = this.#queue.find((job) => job.caller.isUrgent) ?? this.#queue[0];
    if (!first) return this.#tellIdle();
    const goesAlong = ({ together }: Job) => together !== null && together === first.together;
    const others = this.#queue
      .filter((job) => job !== first && goesAlong(job))
      .slice(0, N_TOGETHER - 1);
    this.#running = [first, ...others];
    this.#queue = this.#queue.filter((job) => !this.#running.includes(job));
    void this.#run(this.#running);
  }

  async #run(jobs: readonly Job[]): Promise<void> {
    const worker = this.#started();
    try {
      const { measurer } = await worker;
      if (!this.#isOpen && this.#running === jobs) {
        if (!this.#model) throw cancelled();
        await measurer.open(this.#model.files, () => {});
        if (this.#running === jobs) this.#isOpen = true;
      }
      const wanted = jobs.filter((job) => !job.isDropped);
      await Promise.all(
        wanted.map((job) =>
          job
            .call(measurer)
            .then(job.resolve, (error) => this.#fail(job, jobs, this.#thrown(error, worker))),
        ),
      );
    } catch (error) {
      const thrown = this.#thrown(error, worker);
      for (const job of jobs) this.#fail(job, jobs, thrown);
    }
    // Another model may have been opened meanwhile: then this is no longer the queue's affair.
    if (this.#running !== jobs) return;
    this.#running = [];
    this.#next();
  }

  #fail(job: Job, jobs: readonly Job[], error: PageError): void {
    if (job.isDropped) return;
    // Stopped because of another, which went along with it or before it: a stop may reach the worker when
    // that one has just ended. It has its turn again.
    if (isCancelled(error) && this.#running === jobs && this.#model) this.#queue.unshift(job);
    else job.reject(error);
  }

  #started(): Promise<MeasureWorker> {
    return (this.#worker ??= this.startWorker());
  }

  #endWorker(): void {
    void this.#worker?.then((worker) => worker.end()).catch(() => {});
    this.#worker = null;
    this.#isOpen = false;
  }

  /** What a worker's call threw. One that has crashed answers nothing more: the next call gets another. */
  #thrown(error: unknown, worker: Promise<MeasureWorker>): PageError {
    const thrown =
      error instanceof PageError
        ? error
        : new PageError({ kind: 'measure-crash', detail: String(error) });
    if (thrown.problem.kind === 'measure-crash' && this.#worker === worker) this.#endWorker();
    return thrown;
  }
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
