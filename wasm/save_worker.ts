/** Writes one model to one file, and is then ended: an engine on the full module, which the page needs
 * for nothing else. Called from the page through Comlink. */
import * as Comlink from 'comlink';
import { asOneFile } from './archive.ts';
import { Engine } from './engine.ts';
import { expose } from './expose.ts';
import { makeVariant } from './measure.ts';
import type { Chosen } from './measure_types.ts';
import {
  BitlossError,
  type Container,
  type LoadProgress,
  type ModelInput,
  type Note,
} from './types.ts';

/** Pieces of a file from this size on are handed over to the page. */
const HANDED_OVER_BYTES = 64 << 10;

/** What begin() tells of a file. */
export interface BegunSave {
  size: number;
  /** What of the model the container does not hold, or holds otherwise. */
  notes: readonly Note[];
}

export class SaveApi {
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  /** Reads a model under a recipe, called `name` where its files do not say, and begins to write it as one file: a GGUF file, or a ZIP archive of
   * a directory with this name. The bytes are then read one after another. `chosen` are the recipe's codes where
   * methods have chosen them. */
  async begin(
    files: ModelInput[],
    recipe: string,
    name: string,
    container: Container,
    folder: string,
    onProgress: (progress: LoadProgress) => void,
    chosen?: Chosen,
  ): Promise<BegunSave> {
    const engine = await Engine.create(undefined, { full: true });
    const loading = { recipe: chosen ? 'reference' : recipe, name, onProgress };
    const loaded = await engine.load(files, loading);
    const model = chosen ? makeVariant(loaded, chosen.recipe, chosen) : loaded;
    const ex = model.export(container);
    const { size, stream } = asOneFile(ex, folder);
    this.#reader = stream.getReader();
    return { size, notes: ex.notes };
  }

  /** The next bytes of the file, null after the last. */
  async read(): Promise<Uint8Array | null> {
    if (!this.#reader) throw new BitlossError('argument', 'No file has been begun.');
    const { done, value } = await this.#reader.read();
    if (done) return null;
    // Handed over, not copied; but the archive's writer goes on using its own small headers.
    return value.length < HANDED_OVER_BYTES ? value : Comlink.transfer(value, [value.buffer]);
  }
}

expose(new SaveApi());
