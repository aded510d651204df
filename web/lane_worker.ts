/** One model under one recipe in a worker of its own. A lane that is given another recipe gets a new
 * worker, so the earlier model can go on until the new one is ready, a crash stays in its lane, and
 * ending a worker gives back all of its memory. */
import * as Comlink from 'comlink';
import type {
  Container,
  ErrorCode,
  Formats,
  GenerateOptions,
  GenerationEvent,
  LoadProgress,
  ModelFile,
  TensorInfo,
} from '../wasm/types.ts';
import type { BegunSave, LaneApi } from '../wasm/worker.ts';
import { PageError, type Problem } from './problem.ts';
import type { Figures } from './state.ts';

export class LaneWorker {
  readonly #worker: Worker;
  readonly #api: Comlink.Remote<LaneApi>;
  /** Rejects when the worker dies; calls race against it, since their answers will not come. */
  readonly #died: Promise<never>;

  constructor() {
    this.#worker = new Worker(new URL('../wasm/worker.ts', import.meta.url), { type: 'module' });
    this.#api = Comlink.wrap<LaneApi>(this.#worker);
    this.#died = new Promise((_, reject) => {
      this.#worker.onerror = (event) => {
        event.preventDefault();
        reject(new PageError({ kind: 'crash', detail: event.message ?? '' }));
      };
      // A message that cannot be read is an answer that will not come.
      this.#worker.onmessageerror = () => reject(new PageError({ kind: 'crash', detail: '' }));
    });
    this.#died.catch(() => {});
  }

  /** Reads the files, quantizing on arrival. `report` gets 0 to 1. Throws a PageError. */
  async load(
    files: readonly ModelFile[],
    recipe: string,
    report: (fraction: number) => void,
  ): Promise<Figures> {
    const started = performance.now();
    return this.#call(async () => {
      // Progress comes through a port of its own, and may arrive after the result.
      let loading = true;
      const onProgress = Comlink.proxy(({ bytesDone, bytesTotal }: LoadProgress) => {
        if (loading) report(bytesTotal > 0 ? bytesDone / bytesTotal : 0);
      });
      const { info, error, tensors } = await this.#api.load([...files], recipe, onProgress);
      loading = false;
      return {
        recipe,
        info,
        error,
        tensors,
        storedAs: mainFormat(tensors),
        loadMs: performance.now() - started,
      };
    });
  }

  async generate(
    prompt: string,
    options: GenerateOptions,
    onEvent: (event: GenerationEvent) => void,
  ): Promise<void> {
    await this.#call(() => this.#api.generate(prompt, options, Comlink.proxy(onEvent)));
  }

  stop(): void {
    void this.#api.stop();
  }

  async formats(): Promise<Formats> {
    return this.#call(() => this.#api.formats());
  }

  /** A recipe's canonical spelling. */
  async parseRecipe(text: string): Promise<string> {
    return this.#call(() => this.#api.parseRecipe(text));
  }

  /** Begins to write the model as one file; resolves to its size and what is to be said of it. */
  async beginSave(container: Container, folder: string): Promise<BegunSave> {
    return this.#call(() => this.#api.beginSave(container, folder));
  }

  /** The file's next bytes, null after the last. */
  async readSave(): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#call(async () => (await this.#api.readSave()) as Uint8Array<ArrayBuffer> | null);
  }

  endSave(): void {
    void this.#api.endSave();
  }

  end(): void {
    this.#api[Comlink.releaseProxy]();
    this.#worker.terminate();
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await Promise.race([work(), this.#died]);
    } catch (error) {
      throw error instanceof PageError ? error : new PageError(toProblem(error));
    }
  }
}

function mainFormat(tensors: readonly TensorInfo[]): string {
  const weights = new Map<string, number>();
  for (const { sourceFormat, nRows, nCols } of tensors) {
    weights.set(sourceFormat, (weights.get(sourceFormat) ?? 0) + nRows * nCols);
  }
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

/** The engine's errors carry a sentence; anything else is a defect or a trap in the module. */
export function toProblem(error: unknown): Problem {
  const { name, message, code } = error as { name?: string; message?: string; code?: ErrorCode };
  if (name !== 'BitlossError') return { kind: 'crash', detail: message ?? String(error) };
  if (code === 'memory') return { kind: 'memory' };
  if (code === 'browser') return { kind: 'browser', detail: message ?? '' };
  return { kind: 'core', code: code ?? 'input', detail: message ?? '' };
}
