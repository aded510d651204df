/** Keeps one lane's worker in step with what the state asks of it: the model, the recipe, the
 * request. Calls may come at any time; only the latest of each kind counts. */
import type { Container, GenerationEvent, ModelInput } from '../../wasm/types.ts';
import type { Engines, Host } from './host.ts';
import { LaneSaver } from './lane_saver.ts';
import type { LaneWorker } from './lane_worker.ts';
import { isEnough, nextLength, speedOf, type Sample, type Speed } from './measure/speed.ts';
import { mayHaveMethods, type Chosen, type Methods } from './methods.ts';
import { PageError, type Problem } from './problem.ts';
import type { SaveSource } from './save_worker.ts';
import type { AppState, Figures, Lane, LaneId, Run, RunRequest, Store, Token } from './state.ts';

/** Streamed tokens reach the page at most this often. */
const FLUSH_MS = 40;
/** Timing ends after this, enough or not. */
const MAX_TIMING_MS = 10_000;
/** Of the prompt that is read again for each sample. */
const MAX_TIMED_PROMPT = 200;

/** A model that can run: one for each recipe, also where the worker is the same. */
interface Ready {
  worker: LaneWorker;
}

/** A model on its way; `worker` is its own, which nothing else needs. */
interface Loading {
  worker: LaneWorker | null;
  /** Of its codes, where methods choose them. */
  choosing: AbortController;
}

export class LaneRunner {
  #ready: Ready | null = null;
  #loading: Loading | null = null;
  /** Resolves when no other recipe is being made of what the ready worker keeps. */
  #requantized: Promise<unknown> = Promise.resolve();
  #writing = false;
  /** Resolves when the text that is being written has ended in the worker too. */
  #written: Promise<void> = Promise.resolve();
  #wanted: RunRequest | null = null;
  readonly #saver: LaneSaver;

  constructor(
    readonly id: LaneId,
    private readonly store: Store<AppState>,
    private readonly engines: Pick<Engines, 'laneWorker'>,
    private readonly methods: Methods,
    openSink: Host['openSink'],
  ) {
    this.#saver = new LaneSaver(openSink, (saving) => this.#set({ saving }));
  }

  get lane(): Lane | undefined {
    return this.store.state.lanes.find((lane) => lane.id === this.id);
  }

  #set(patch: Partial<Lane>): void {
    this.store.update({
      lanes: this.store.state.lanes.map((lane) =>
        lane.id === this.id ? { ...lane, ...patch } : lane,
      ),
    });
  }

  /** Does the lane have all that another recipe for these files needs? */
  keeps(files: readonly ModelInput[]): boolean {
    return this.#ready?.worker.keeps(files) ?? false;
  }

  /** Quantizes with the lane's present recipe; the model in use goes on until the new one is ready. */
  async load(files: readonly ModelInput[]): Promise<void> {
    const recipe = this.lane?.recipe;
    if (recipe === undefined) return;
    this.cancelLoad();
    const loading: Loading = { worker: null, choosing: new AbortController() };
    this.#loading = loading;
    this.#set({ progress: 0, choosing: null, problem: null });
    try {
      const chosen = mayHaveMethods(recipe) ? await this.#choose(recipe, loading) : undefined;
      if (this.#loading !== loading) return;
      if (await this.#requantize(files, recipe, loading, chosen)) return;
      if (this.#loading === loading) await this.#read(files, recipe, loading, chosen);
    } catch (error) {
      loading.worker?.end();
      if (this.#loading !== loading) return;
      this.#loading = null;
      const problem = recipeProblem(problemOf(error), recipe);
      this.#set({ progress: null, choosing: null, problem });
    }
  }

  /** Has methods choose the recipe's codes; the lane goes on as it is meanwhile. */
  async #choose(recipe: string, loading: Loading): Promise<Chosen> {
    const { signal } = loading.choosing;
    const report = (choosing: Lane['choosing']) => {
      if (this.#loading === loading) this.#set({ choosing });
    };
    const { chosen } = await this.methods.choose(recipe, report, signal);
    return chosen;
  }

  /** Gives up the recipe that is on its way; the lane keeps the model that it has, whose recipe is returned. */
  stopLoad(): string | null {
    this.cancelLoad();
    const recipe = this.lane?.figures?.info.recipe ?? null;
    this.#set({ progress: null, choosing: null, problem: recipe ? null : { kind: 'stopped' } });
    return recipe;
  }

  /** Makes the recipe of what the worker in use keeps; false when it keeps nothing of these files, or
   * failed: not where the recipe is at fault, which is then thrown. */
  async #requantize(
    files: readonly ModelInput[],
    recipe: string,
    loading: Loading,
    chosen?: Chosen,
  ): Promise<boolean> {
    const worker = this.#ready?.worker;
    if (!worker?.keeps(files)) return false;
    // One after another: of those that wait only the last is made.
    await this.#requantized;
    if (this.#loading !== loading || this.#ready?.worker !== worker) return false;
    const made = worker.requantize(recipe, chosen);
    this.#requantized = made.catch(() => {});
    try {
      const figures = await made;
      if (this.#ready?.worker !== worker) return false;
      const isWanted = this.#loading === loading;
      // The worker has this model now, whatever is wanted next.
      this.#use({ worker }, figures, isWanted);
      return true;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'core' && problem.code === 'recipe') throw error;
      // A new worker has all memory for itself.
      if (this.#ready?.worker === worker) this.#retire();
      return false;
    }
  }

  /** Quantizes while the files are read, in a new worker. */
  async #read(
    files: readonly ModelInput[],
    recipe: string,
    loading: Loading,
    chosen?: Chosen,
  ): Promise<void> {
    const worker = this.engines.laneWorker();
    loading.worker = worker;
    let reportedAt = 0;
    const report = (fraction: number) => {
      const now = performance.now();
      if (this.#loading !== loading || now - reportedAt < FLUSH_MS) return;
      reportedAt = now;
      this.#set({ progress: fraction });
    };
    const figures = await worker.load(files, recipe, report, chosen);
    if (this.#loading === loading) this.#take(worker, figures);
  }

  /** Takes over a worker that has loaded its model, and ends the one before it. */
  adopt(worker: LaneWorker, figures: Figures): void {
    this.cancelLoad();
    this.#take(worker, figures);
  }

  #take(worker: LaneWorker, figures: Figures): void {
    this.#retire();
    this.#use({ worker }, figures, true);
  }

  /** Goes on with this model; `isLatest` unless another recipe is on its way already. */
  #use(ready: Ready, figures: Figures, isLatest: boolean): void {
    if (isLatest) this.#loading = null;
    this.#ready = ready;
    this.#writing = false;
    if (!this.#saver.busy) this.#set({ saving: null });
    // From here on the recipe is spelt as the core spells it.
    const { recipe } = figures.info;
    this.#set({
      ...(this.lane?.recipe === figures.recipe && { recipe }),
      figures: { ...figures, recipe },
      run: null,
      ...(isLatest && { progress: null, choosing: null, problem: null }),
    });
    void this.#write();
  }

  cancelLoad(): void {
    this.#loading?.choosing.abort();
    this.#loading?.worker?.end();
    this.#loading = null;
  }

  /** Answers the request as soon as the lane can; null stops what is being written. */
  answer(request: RunRequest | null): void {
    this.#wanted = request;
    if (this.#writing) this.#ready?.worker.stop();
    else void this.#write();
  }

  /** Writes the lane's model, which these files under this recipe are, to the reader's disk. */
  async save(source: SaveSource, container: Container, name: string): Promise<void> {
    await this.#saver.save(source, container, name);
  }

  cancelSave(): void {
    this.#saver.cancel();
  }

  /** A recipe's canonical spelling; any lane's engine knows it. */
  async parseRecipe(text: string): Promise<string> {
    return (await this.#ready?.worker.parseRecipe(text)) ?? text;
  }

  /** Ends both workers; a file that is being written is finished. The runner can be used again
   * afterwards. */
  end(): void {
    this.cancelLoad();
    this.#retire();
    this.#wanted = null;
  }

  /** Parts with the worker in use. */
  #retire(): void {
    this.#ready?.worker.end();
    this.#ready = null;
    this.#writing = false;
  }

  async #write(): Promise<void> {
    const ready = this.#ready;
    const request = this.#wanted;
    const lane = this.lane;
    if (
      !ready ||
      !request ||
      request.given === null ||
      this.#writing ||
      !lane?.figures?.info.hasTokenizer
    )
      return;
    if (lane.run?.serial === request.serial) return;
    this.#writing = true;
    this.#written = this.#answer(ready, request);
    await this.#written;
  }

  async #answer(ready: Ready, request: RunRequest): Promise<void> {
    const { maxTokens, temperature, seed } = request.sampling;
    const recorder = new RunRecorder(request.serial, (run) => {
      if (this.#ready === ready) this.#set({ run });
    });
    try {
      const { given, isChat } = request;
      const options = { maxTokens, temperature, seed, isChat };
      await ready.worker.generate(given ?? '', options, (event) => recorder.take(event));
    } catch (error) {
      const problem = problemOf(error);
      if (this.#hasCrashed(ready, problem)) return;
      recorder.fail(problem);
    }
    if (this.#ready !== ready) return;
    this.#writing = false;
    // Another request may have come while this one was being stopped.
    if (this.#wanted && this.#wanted.serial !== request.serial) void this.#write();
  }

  #hasCrashed(ready: Ready, problem: Problem): boolean {
    if (problem.kind !== 'crash' || this.#ready !== ready) return false;
    this.#retire();
    this.#set({ problem, run: null });
    return true;
  }

  /** Goes on from the prompt again and again, for the time alone. null when there is too little to
   * tell, undefined when another request came. */
  async time(prompt: string): Promise<Speed | null | undefined> {
    // The last token reaches the page before the word that it was the last.
    await this.#written;
    const ready = this.#ready;
    const request = this.#wanted;
    if (!ready || this.#writing) return undefined;
    this.#writing = true;
    const beginning = [...prompt].slice(0, MAX_TIMED_PROMPT).join('');
    const samples: Sample[] = [];
    const started = performance.now();
    const isWanted = () => this.#ready === ready && this.#wanted === request;
    try {
      while (!isEnough(samples) && isWanted() && performance.now() - started < MAX_TIMING_MS) {
        const sample = await timeOnce(ready.worker, beginning, nextLength(samples.at(-1)));
        if (!sample) break;
        samples.push(sample);
      }
    } catch (error) {
      if (this.#hasCrashed(ready, problemOf(error))) return undefined;
    }
    if (this.#ready === ready) this.#writing = false;
    if (isWanted()) return speedOf(samples);
    if (this.#wanted) void this.#write();
    return undefined;
  }
}

/** null when nothing was written that says how fast, or it was stopped. */
async function timeOnce(
  worker: LaneWorker,
  prompt: string,
  maxTokens: number,
): Promise<Sample | null> {
  // Events come through a port of their own, the last maybe after the result.
  let take: (event: GenerationEvent) => void = () => {};
  const done = new Promise<GenerationEvent>((resolve) => (take = resolve));
  await worker.generate(prompt, { maxTokens, temperature: 0 }, (event) => {
    if (event.kind === 'done') take(event);
  });
  const event = await done;
  if (event.kind !== 'done' || event.stop === 'cancelled' || !event.decodeSpeed) return null;
  // The first token comes out of the prompt.
  const nTokens = event.nTokens - 1;
  return { nTokens, ms: (1000 * nTokens) / event.decodeSpeed };
}

/** Gathers a run's events and shows them a few times a second. */
class RunRecorder {
  #tokens: Token[] = [];
  #run: Run;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    serial: number,
    private readonly show: (run: Run) => void,
  ) {
    this.#run = {
      serial,
      tokens: [],
      tail: '',
      promptDone: 0,
      promptTotal: 0,
      stop: null,
      promptSpeed: null,
      problem: null,
    };
    this.show(this.#run);
  }

  take(event: GenerationEvent): void {
    if (event.kind === 'prompt') {
      this.#run = { ...this.#run, promptDone: event.done, promptTotal: event.total };
      this.#showSoon();
    } else if (event.kind === 'token') {
      this.#tokens.push({ id: event.id, text: event.text, probability: event.probability });
      this.#showSoon();
    } else {
      const text = this.#tokens.map((token) => token.text).join('');
      const { stop, promptSpeed } = event;
      this.#run = { ...this.#run, stop, promptSpeed, tail: event.text.slice(text.length) };
      this.#showNow();
    }
  }

  fail(problem: Problem): void {
    this.#run = { ...this.#run, stop: 'cancelled', problem };
    this.#showNow();
  }

  #showSoon(): void {
    this.#timer ??= setTimeout(() => this.#showNow(), FLUSH_MS);
  }

  #showNow(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#run = { ...this.#run, tokens: [...this.#tokens] };
    this.show(this.#run);
  }
}

/** The core's sentences about a recipe begin with that word, and maybe the recipe itself: it is not
 * the files that are at fault, and to try again would not help. */
function recipeProblem(problem: Problem, recipe: string): Problem {
  if (problem.kind !== 'core' || problem.code !== 'recipe') return problem;
  const rest = (sentence: string) => sentence.replace(/^(?:recipe|레시피)(?: '.*?')?: /, '');
  const { detail, korean } = problem;
  return { kind: 'recipe', recipe, detail: rest(detail), korean: korean && rest(korean) };
}

export function problemOf(error: unknown): Problem {
  return error instanceof PageError
    ? error.problem
    : { kind: 'crash', detail: error instanceof Error ? error.message : String(error) };
}
