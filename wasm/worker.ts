/** A lane's worker: one engine and the lane's model, called from the page through Comlink. */
import * as Comlink from 'comlink';
import { asOneFile } from './archive.ts';
import { Engine, type Export, type Model } from './engine.ts';
import { expose } from './expose.ts';
import {
  BitlossError,
  type Container,
  type Formats,
  type GenerateOptions,
  type GenerationEvent,
  type LoadProgress,
  type ModelFile,
  type ModelInfo,
  type Note,
  type TensorInfo,
  type WeightError,
} from './types.ts';

/** Pieces of a saved file from this size on are handed over to the page. */
const HANDED_OVER_BYTES = 64 << 10;

/** What load() tells of a model. */
export interface LoadedModel {
  info: ModelInfo;
  /** Over all tensors that the recipe changed. */
  error: WeightError;
  tensors: TensorInfo[];
}

/** What beginSave() tells of a file. */
export interface BegunSave {
  size: number;
  /** What of the model the container does not hold, or holds otherwise. */
  notes: readonly Note[];
}

export class LaneApi {
  #engine: Engine | null = null;
  #model: Model | null = null;
  /** What stop() stops: the loading or the generation that runs. */
  #running: AbortController | null = null;
  /** The file that is being read out. */
  #saving: { ex: Export; reader: ReadableStreamDefaultReader<Uint8Array> } | null = null;

  /** Loads a model in place of the one before, which stays when this fails or is stopped. */
  async load(
    files: ModelFile[],
    recipe: string,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<LoadedModel> {
    const { signal } = this.#begin();
    const model = await (await this.#start()).load(files, { recipe, onProgress, signal });
    this.#model?.free();
    this.#model = model;
    return { info: model.info, error: model.error, tensors: model.tensors() };
  }

  /** Continues a prompt with the lane's model; resolves after the 'done' event. */
  async generate(
    prompt: string,
    options: Omit<GenerateOptions, 'signal'>,
    onEvent: (event: GenerationEvent) => void,
  ): Promise<void> {
    const { signal } = this.#begin();
    const events = this.#loaded().generate(prompt, { ...options, signal });
    for await (const event of events) onEvent(event);
  }

  /** Stops a loading (which then throws 'cancelled') or a generation (which ends 'cancelled'). */
  stop(): void {
    this.#running?.abort();
  }

  /** What recipes can be made of. */
  async formats(): Promise<Formats> {
    return (await this.#start()).formats();
  }

  /** A recipe's canonical spelling; throws a sentence when it has none. */
  async parseRecipe(text: string): Promise<string> {
    return (await this.#start()).parseRecipe(text).text;
  }

  /** Begins to write the model as one file: a GGUF file, or a ZIP archive of an MLX directory with
   * this name. The bytes are then read one after another. */
  beginSave(container: Container, folder: string): BegunSave {
    this.endSave();
    const ex = this.#loaded().export(container);
    const { size, stream } = asOneFile(ex, folder);
    this.#saving = { ex, reader: stream.getReader() };
    return { size, notes: ex.notes };
  }

  /** The next bytes of the file, null after the last. */
  async readSave(): Promise<Uint8Array | null> {
    if (!this.#saving) throw new BitlossError('cancelled', 'Saving was cancelled.');
    const { done, value } = await this.#saving.reader.read();
    if (done) return null;
    // Handed over, not copied; but the archive's writer goes on using its own small headers.
    return value.length < HANDED_OVER_BYTES ? value : Comlink.transfer(value, [value.buffer]);
  }

  /** Ends the writing, whether it is complete or not. */
  endSave(): void {
    this.#saving?.ex.release();
    this.#saving = null;
  }

  /** Frees the model; the worker can load another. */
  free(): void {
    this.stop();
    this.endSave();
    this.#model?.free();
    this.#model = null;
  }

  /** The engine, or a new one in place of one that has a fault. */
  async #start(): Promise<Engine> {
    if (this.#engine?.fault) {
      this.#model = null;
      this.#engine = null;
    }
    return (this.#engine ??= await Engine.create());
  }

  #begin(): AbortController {
    this.stop();
    this.#running = new AbortController();
    return this.#running;
  }

  #loaded(): Model {
    if (!this.#model) throw new BitlossError('argument', 'No model has been loaded.');
    return this.#model;
  }
}

expose(new LaneApi());
