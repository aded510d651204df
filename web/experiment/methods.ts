/** Recipes with methods: their codes are chosen once, by a worker on the full module, and then handed to every
 * engine that runs or measures the model. */
import type { Chosen } from '../../wasm/measure_types.ts';
import type { CalibrationText } from '../../wasm/methods.ts';
import type { Choosing, ChoosingProgress, MethodApi } from '../../wasm/method_worker.ts';
import type { ModelInput } from '../../wasm/types.ts';
import { get, LIST_FOLDER } from './measure/texts.ts';
import { PageError } from './problem.ts';
import { RemoteWorker } from './remote_worker.ts';
import { entryOf, type AppState } from './state.ts';
import { Worker } from './worker_anywhere.ts';

/** May the recipe have methods? They stand after a plus; which they are the core says. */
export const mayHaveMethods = (recipe: string): boolean => recipe.includes('+');

/** Where the choosing of a recipe's codes is: it waits for another's, or is under way. */
export type MethodProgress = { kind: 'waiting' } | ChoosingProgress;

interface Job {
  result: Promise<Choosing>;
  listeners: Set<(progress: MethodProgress) => void>;
  /** The worker is at it. */
  isRunning: boolean;
  isStopped: boolean;
}

/** What one model's recipes are chosen by: they wait for each other, and what was chosen is kept. */
export class Methods {
  #files: readonly ModelInput[] | null = null;
  #remote: RemoteWorker<MethodApi> | null = null;
  #opened: Promise<void> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  readonly #jobs = new Map<string, Job>();

  /** Told when what was chosen no longer holds. */
  onForgotten = () => {};

  /** `text` fetches what the open model is calibrated on; null where there is none. */
  constructor(private readonly text: () => Promise<CalibrationText | null>) {}

  /** All that follows is about this model. */
  use(files: readonly ModelInput[] | null): void {
    if (files === this.#files) return;
    this.forget();
    this.#files = files;
    this.#end();
  }

  /** What was chosen no longer holds, as by another text; what is under way is stopped. */
  forget(): void {
    for (const job of new Set(this.#jobs.values())) this.#stop(job);
    this.#jobs.clear();
    this.onForgotten();
  }

  /** What was chosen for a recipe, if it was. */
  async known(recipe: string): Promise<Chosen | undefined> {
    return (await this.#jobs.get(recipe)?.result)?.chosen;
  }

  /** A recipe's canonical spelling; rejects with the core's sentence. */
  async parse(recipe: string): Promise<string> {
    const remote = await this.#open();
    return (await remote.call(() => remote.api.parse(recipe))).text;
  }

  /** Has the codes of a recipe chosen, or takes what was chosen before. Rejects with a PageError; as cancelled when
   * `signal` says so, and then no more is done for it unless another wants the same. */
  async choose(
    recipe: string,
    report: (progress: MethodProgress) => void = () => {},
    signal?: AbortSignal,
  ): Promise<Choosing> {
    const job = this.#jobs.get(recipe) ?? this.#begin(recipe);
    const leave = () => {
      job.listeners.delete(report);
      if (job.listeners.size === 0) this.#stop(job);
    };
    job.listeners.add(report);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      return await job.result;
    } finally {
      job.listeners.delete(report);
      signal?.removeEventListener('abort', leave);
    }
  }

  #begin(recipe: string): Job {
    let start = (_: Job) => {};
    const started = new Promise<Job>((resolve) => (start = resolve));
    const result = started.then((job) => this.#inTurn(recipe, job));
    const job: Job = { result, listeners: new Set(), isRunning: false, isStopped: false };
    this.#jobs.set(recipe, job);
    start(job);
    result.then(
      ({ chosen }) => {
        // Under the core's own spelling too.
        if (this.#jobs.get(recipe) === job) this.#jobs.set(chosen.recipe, job);
      },
      () => {
        if (this.#jobs.get(recipe) === job) this.#jobs.delete(recipe);
      },
    );
    return job;
  }

  /** A worker that is at work sees no message: it is ended. */
  #stop(job: Job): void {
    job.isStopped = true;
    if (job.isRunning) this.#end();
  }

  #end(): void {
    this.#remote?.end({ kind: 'core', code: 'cancelled', detail: 'It was stopped.' });
    this.#remote = this.#opened = null;
  }

  async #inTurn(recipe: string, job: Job): Promise<Choosing> {
    const before = this.#last;
    let end = () => {};
    this.#last = new Promise<void>((resolve) => (end = resolve));
    tell(job, { kind: 'waiting' });
    try {
      await before;
      if (job.isStopped) throw cancelled();
      job.isRunning = true;
      return await this.#run(recipe, job);
    } finally {
      job.isRunning = false;
      end();
    }
  }

  async #run(recipe: string, job: Job): Promise<Choosing> {
    const remote = await this.#open();
    const { needsText } = await remote.call(() => remote.api.parse(recipe));
    const text = needsText ? await this.text() : null;
    if (needsText && !text) throw new PageError({ kind: 'no-calibration' });
    if (job.isStopped) throw cancelled();
    return remote.callReporting<ChoosingProgress, Choosing>(
      (progress) => tell(job, progress),
      (onProgress) => remote.api.choose(recipe, text, onProgress),
    );
  }

  async #open(): Promise<RemoteWorker<MethodApi>> {
    const files = this.#files;
    if (!files) throw cancelled();
    if (this.#remote?.isDead) this.#end();
    const remote = (this.#remote ??= new RemoteWorker<MethodApi>(
      new Worker(new URL('../../wasm/method_worker.ts', import.meta.url), { type: 'module' }),
    ));
    this.#opened ??= remote.call(() => remote.api.open([...files]));
    try {
      await this.#opened;
    } catch (error) {
      if (this.#remote === remote) this.#end();
      throw error;
    }
    return remote;
  }
}

function tell({ listeners }: Job, progress: MethodProgress): void {
  for (const listener of listeners) listener(progress);
}

/** What methods go by: the reader's own text, or what the site's list names for the model; null where there is none. */
export async function calibrationText(
  state: AppState,
  base: string,
): Promise<CalibrationText | null> {
  if (state.calibration) return state.calibration;
  const name = entryOf(state)?.calibration;
  if (name === undefined) return null;
  const content = await get(LIST_FOLDER + name, base, new AbortController().signal);
  return { name, content };
}

/** How much of the choosing is done, 0 to 1: reading and choosing are taken for halves. */
export function fractionOf(progress: MethodProgress): number {
  if (progress.kind === 'waiting') return 0;
  const part = progress.total > 0 ? progress.done / progress.total : 1;
  return progress.kind === 'reading' ? part / 2 : (1 + part) / 2;
}

/** Seconds until this kind of work is done; null while that cannot be told. */
export function secondsLeft(progress: MethodProgress): number | null {
  if (progress.kind === 'waiting' || progress.seconds < 0.5 || progress.done === 0) return null;
  return (progress.seconds * (progress.total - progress.done)) / progress.done;
}

export type { Chosen, Choosing };

function cancelled(): PageError {
  return new PageError({ kind: 'core', code: 'cancelled', detail: 'It was stopped.' });
}
