/** The worker that writes one file: a model read again under a lane's recipe, so that the engine that
 * every lane starts with need not be able to write, and a crash leaves the lane alone. */
import type { BegunSave, SaveApi } from '../../wasm/save_worker.ts';
import type { Chosen } from '../../wasm/measure_types.ts';
import type { Container, ModelInput } from '../../wasm/types.ts';
import { RemoteWorker } from './remote_worker.ts';
import { Worker } from './worker_anywhere.ts';

/** What is written. */
export interface SaveSource {
  files: readonly ModelInput[];
  recipe: string;
  /** Its codes, where methods have chosen them. */
  chosen?: Chosen | undefined;
  /** What the model is called where its files do not say; '' when the page does not know either. */
  name: string;
}

/** Its calls reject with a PageError. */
export class SaveWorker {
  readonly #remote = new RemoteWorker<SaveApi>(
    new Worker(new URL('../../wasm/save_worker.ts', import.meta.url), { type: 'module' }),
  );

  /** Reads the model and begins the file; resolves to its size and what is to be said of it. `report`
   * gets 0 to 1. */
  async begin(
    { files, recipe, chosen, name }: SaveSource,
    container: Container,
    folder: string,
    report: (fraction: number) => void,
  ): Promise<BegunSave> {
    return this.#remote.callLoading(report, (onProgress) =>
      this.#remote.api.begin([...files], recipe, name, container, folder, onProgress, chosen),
    );
  }

  /** The file's next bytes, null after the last. */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#remote.call(
      async () => (await this.#remote.api.read()) as Uint8Array<ArrayBuffer> | null,
    );
  }

  /** What was asked of it is answered with 'cancelled'. */
  end(): void {
    this.#remote.end({ kind: 'core', code: 'cancelled', detail: 'Saving was cancelled.' });
  }
}
