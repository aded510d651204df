/** Keeps one lane's worker in step with what the state asks of it: the model, the recipe, the
 * request. Calls may come at any time; only the latest of each kind counts. */
import type { Container, GenerationEvent, ModelFile } from '../wasm/types.ts';
import { LaneSaver } from './lane_saver.ts';
import { LaneWorker } from './lane_worker.ts';
import { PageError, type Problem } from './problem.ts';
import type { AppState, Figures, Lane, LaneId, Run, RunRequest, Store, Token } from './state.ts';

/** Streamed tokens reach the page at most this often. */
const FLUSH_MS = 40;

export class LaneRunner {
  #ready: LaneWorker | null = null;
  #loading: LaneWorker | null = null;
  #writing = false;
  #wanted: RunRequest | null = null;
  readonly #saver = new LaneSaver((saving) => this.#set({ saving }));

  constructor(
    readonly id: LaneId,
    private readonly store: Store<AppState>,
  ) {}

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

  /** Quantizes with the lane's present recipe; the model in use goes on until the new one is ready. */
  async load(files: readonly ModelFile[]): Promise<void> {
    const recipe = this.lane?.recipe;
    if (recipe === undefined) return;
    this.cancelLoad();
    const worker = new LaneWorker();
    this.#loading = worker;
    this.#set({ progress: 0, problem: null });
    let reportedAt = 0;
    try {
      const figures = await worker.load(files, recipe, (fraction) => {
        const now = performance.now();
        if (this.#loading !== worker || now - reportedAt < FLUSH_MS) return;
        reportedAt = now;
        this.#set({ progress: fraction });
      });
      if (this.#loading === worker) this.adopt(worker, figures);
    } catch (error) {
      worker.end();
      if (this.#loading !== worker) return;
      this.#loading = null;
      this.#set({ progress: null, problem: recipeProblem(problemOf(error), recipe) });
    }
  }

  /** Takes over a worker that has loaded its model, and ends the one before it. */
  adopt(worker: LaneWorker, figures: Figures): void {
    if (this.#loading !== worker) this.#loading?.end();
    this.#loading = null;
    this.#retire();
    this.#ready = worker;
    this.#writing = false;
    if (!this.#saver.busy) this.#set({ saving: null });
    this.#set({ figures, progress: null, problem: null, run: null });
    void this.#write();
  }

  cancelLoad(): void {
    this.#loading?.end();
    this.#loading = null;
  }

  /** Answers the request as soon as the lane can; null stops what is being written. */
  answer(request: RunRequest | null): void {
    this.#wanted = request;
    if (this.#writing) this.#ready?.stop();
    else void this.#write();
  }

  /** Writes the lane's model to the reader's disk, as one file. */
  async save(container: Container, name: string): Promise<void> {
    if (this.#ready) await this.#saver.save(this.#ready, container, name);
  }

  cancelSave(): void {
    this.#saver.cancel();
  }

  /** A recipe's canonical spelling; any lane's engine knows it. */
  async parseRecipe(text: string): Promise<string> {
    return (await this.#ready?.parseRecipe(text)) ?? text;
  }

  /** Ends both workers, or lets one finish the file that it is writing; the runner can be used again
   * afterwards. */
  end(): void {
    this.cancelLoad();
    this.#retire();
    this.#writing = false;
    this.#wanted = null;
  }

  /** Parts with the worker in use. */
  #retire(): void {
    if (this.#ready) this.#saver.endWorker(this.#ready);
    this.#ready = null;
  }

  async #write(): Promise<void> {
    const worker = this.#ready;
    const request = this.#wanted;
    const lane = this.lane;
    if (!worker || !request || this.#writing || !lane?.figures?.info.hasTokenizer) return;
    if (lane.run?.serial === request.serial) return;
    this.#writing = true;
    const { maxTokens, temperature, seed } = request.sampling;
    const recorder = new RunRecorder(request.serial, (run) => {
      if (this.#ready === worker) this.#set({ run });
    });
    try {
      await worker.generate(request.prompt, { maxTokens, temperature, seed }, (event) =>
        recorder.take(event),
      );
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'crash' && this.#ready === worker) {
        worker.end();
        this.#ready = null;
        this.#writing = false;
        this.#set({ problem, run: null });
        return;
      }
      recorder.fail(problem);
    }
    if (this.#ready !== worker) return;
    this.#writing = false;
    // Another request may have come while this one was being stopped.
    if (this.#wanted && this.#wanted.serial !== request.serial) void this.#write();
  }
}

/** Gathers a run's events and shows them a few times a second. */
class RunRecorder {
  #tokens: Token[] = [];
  #run: Run;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #firstTokenAt = 0;

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
      decodeSpeed: null,
      problem: null,
    };
    this.show(this.#run);
  }

  take(event: GenerationEvent): void {
    if (event.kind === 'prompt') {
      this.#run = { ...this.#run, promptDone: event.done, promptTotal: event.total };
      this.#showSoon();
    } else if (event.kind === 'token') {
      if (this.#tokens.length === 0) this.#firstTokenAt = performance.now();
      this.#tokens.push({ id: event.id, text: event.text, probability: event.probability });
      this.#showSoon();
    } else {
      const text = this.#tokens.map((token) => token.text).join('');
      const { stop, promptSpeed, decodeSpeed } = event;
      this.#run = {
        ...this.#run,
        stop,
        promptSpeed,
        decodeSpeed,
        tail: event.text.slice(text.length),
      };
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
    const nTokens = this.#tokens.length;
    const seconds = (performance.now() - this.#firstTokenAt) / 1000;
    // The final figure is the engine's own; until then, what this clock says.
    const decodeSpeed =
      this.#run.stop === null && nTokens > 4 ? (nTokens - 1) / seconds : this.#run.decodeSpeed;
    this.#run = { ...this.#run, tokens: [...this.#tokens], decodeSpeed };
    this.show(this.#run);
  }
}

/** The core's sentences about a recipe begin with that word, and maybe the recipe itself: it is not
 * the files that are at fault, and to try again would not help. */
function recipeProblem(problem: Problem, recipe: string): Problem {
  const aboutRecipe = /^recipe(?: '.*?')?: /;
  if (problem.kind !== 'core' || !aboutRecipe.test(problem.detail)) return problem;
  return { kind: 'recipe', recipe, detail: problem.detail.replace(aboutRecipe, '') };
}

export function problemOf(error: unknown): Problem {
  return error instanceof PageError
    ? error.problem
    : { kind: 'crash', detail: error instanceof Error ? error.message : String(error) };
}
