/** One lane's model in a worker of its own, so that a crash stays in its lane, and ending a worker gives
 * back all of its memory. A large model is quantized while it is read, and another recipe needs a new
 * worker, beside which the earlier one goes on until the new one is ready. A small model is kept as its files
 * hold it, and another recipe is made of that. */
import * as Comlink from 'comlink';
import type { LaneApi, LoadedModel } from '../../wasm/lane.ts';
import type { Chosen } from '../../wasm/measure_types.ts';
import { totalSize } from '../../wasm/source.ts';
import type {
  Formats,
  GenerateOptions,
  GenerationEvent,
  ModelInput,
  TensorInfo,
} from '../../wasm/types.ts';
import { RemoteWorker } from './remote_worker.ts';
import type { Figures } from './state.ts';

/** Files of up to this size together are kept. Six lanes then keep 150 MB at most of what they do not run. */
const MAX_KEPT_BYTES = 25_000_000;

export class LaneWorker {
  readonly #remote: RemoteWorker<LaneApi>;
  /** What the worker keeps as the files hold it. */
  #kept: readonly ModelInput[] | null = null;
  #onLoaded = () => {};

  /** Takes over a worker that has just been started. */
  constructor(worker: Worker) {
    this.#remote = new RemoteWorker<LaneApi>(worker);
  }

  get isDead(): boolean {
    return this.#remote.isDead;
  }

  /** Calls back once its first model is there, or refused. */
  whenLoaded(onLoaded: () => void): void {
    this.#onLoaded = onLoaded;
  }

  /** Reads the files, quantizing on arrival. `report` gets 0 to 1; `chosen` are the recipe's codes where methods have
   * chosen them. Throws a PageError. */
  async load(
    files: readonly ModelInput[],
    recipe: string,
    report: (fraction: number) => void,
    chosen?: Chosen,
  ): Promise<Figures> {
    const started = performance.now();
    const keep = chosen !== undefined || totalSize(files) <= MAX_KEPT_BYTES;
    const loaded = await this.#remote
      .callLoading(report, (onProgress) =>
        this.#remote.api.load([...files], recipe, keep, onProgress, chosen),
      )
      .finally(this.#onLoaded);
    if (keep) this.#kept = files;
    return figuresOf(recipe, loaded, started);
  }

  /** Does it have all that another recipe for these files needs? */
  keeps(files: readonly ModelInput[]): boolean {
    return this.#kept === files;
  }

  /** Puts what it keeps under another recipe; what it writes meanwhile ends as cancelled when that is done.
   * Throws a PageError, and is then as it was before, unless it has crashed. */
  async requantize(recipe: string, chosen?: Chosen): Promise<Figures> {
    const started = performance.now();
    const made = await this.#remote.call(() => this.#remote.api.requantize(recipe, chosen));
    return figuresOf(recipe, made, started);
  }

  async generate(
    prompt: string,
    options: GenerateOptions,
    onEvent: (event: GenerationEvent) => void,
  ): Promise<void> {
    const { api } = this.#remote;
    await this.#remote.call(() => api.generate(prompt, options, Comlink.proxy(onEvent)));
  }

  stop(): void {
    void this.#remote.api.stop();
  }

  async formats(): Promise<Formats> {
    return this.#remote.call(() => this.#remote.api.formats());
  }

  /** A recipe's canonical spelling. */
  async parseRecipe(text: string): Promise<string> {
    return this.#remote.call(() => this.#remote.api.parseRecipe(text));
  }

  end(): void {
    this.#remote.end();
  }
}

function figuresOf(
  recipe: string,
  { info, error, tensors, chat }: LoadedModel,
  started: number,
): Figures {
  const loadMs = performance.now() - started;
  return { recipe, info, error, tensors, chat, storedAs: mainFormat(tensors), loadMs };
}

function mainFormat(tensors: readonly TensorInfo[]): string {
  const weights = new Map<string, number>();
  for (const { sourceFormat, nRows, nCols } of tensors) {
    weights.set(sourceFormat, (weights.get(sourceFormat) ?? 0) + nRows * nCols);
  }
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
