/** One model under one recipe in a worker of its own. A lane that is given another recipe gets a new
 * worker, so the earlier model can go on until the new one is ready, a crash stays in its lane, and
 * ending a worker gives back all of its memory. */
import * as Comlink from 'comlink';
import type {
  Formats,
  GenerateOptions,
  GenerationEvent,
  ModelFile,
  TensorInfo,
} from '../../wasm/types.ts';
import type { LaneApi } from '../../wasm/worker.ts';
import { RemoteWorker } from './remote_worker.ts';
import type { Figures } from './state.ts';

export class LaneWorker {
  readonly #remote = new RemoteWorker<LaneApi>(
    new Worker(new URL('../../wasm/worker.ts', import.meta.url), { type: 'module' }),
  );

  /** Reads the files, quantizing on arrival. `report` gets 0 to 1. Throws a PageError. */
  async load(
    files: readonly ModelFile[],
    recipe: string,
    report: (fraction: number) => void,
  ): Promise<Figures> {
    const started = performance.now();
    const { info, error, tensors } = await this.#remote.callLoading(report, (onProgress) =>
      this.#remote.api.load([...files], recipe, onProgress),
    );
    const loadMs = performance.now() - started;
    return { recipe, info, error, tensors, storedAs: mainFormat(tensors), loadMs };
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

function mainFormat(tensors: readonly TensorInfo[]): string {
  const weights = new Map<string, number>();
  for (const { sourceFormat, nRows, nCols } of tensors) {
    weights.set(sourceFormat, (weights.get(sourceFormat) ?? 0) + nRows * nCols);
  }
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
