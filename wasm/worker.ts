/** A lane's worker: one engine and the lane's model, called from the page through Comlink. */
import * as Comlink from 'comlink';
import { Engine, type Model } from './engine.ts';
import {
  BitlossError,
  type GenerateOptions,
  type GenerationEvent,
  type LoadProgress,
  type ModelFile,
  type ModelInfo,
  type TensorInfo,
  type WeightError,
} from './types.ts';

/** What load() tells of a model. */
export interface LoadedModel {
  info: ModelInfo;
  /** Over all tensors that the recipe changed. */
  error: WeightError;
  tensors: TensorInfo[];
}

export class LaneApi {
  #engine: Engine | null = null;
  #model: Model | null = null;
  /** What stop() stops: the loading or the generation that runs. */
  #running: AbortController | null = null;

  /** Loads a model in place of the one before, which stays when this fails or is stopped. */
  async load(
    files: ModelFile[],
    recipe: string,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<LoadedModel> {
    const { signal } = this.#begin();
    if (this.#engine?.fault) {
      this.#model = null;
      this.#engine = null;
    }
    this.#engine ??= await Engine.create();
    const model = await this.#engine.load(files, { recipe, onProgress, signal });
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

  /** The files of the model as an MLX directory. */
  exportFiles(): { name: string; size: number }[] {
    return this.#loaded()
      .exportFiles()
      .map(({ name, size }) => ({ name, size }));
  }

  /** One of them. A Blob is a handle: the browser keeps its bytes, on disk when they are many. */
  async exportFile(index: number): Promise<Blob> {
    const file = this.#loaded().exportFiles()[index];
    if (!file) throw new BitlossError('argument', `There is no file ${index} in the export.`);
    let blob = new Blob();
    const reader = file.stream().getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return blob;
      blob = new Blob([blob, value]);
    }
  }

  /** Frees the model; the worker can load another. */
  free(): void {
    this.stop();
    this.#model?.free();
    this.#model = null;
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

/** Errors that leave this worker keep their code: Comlink on the page's side gives the error all
 * fields that are in `value`, but on this side it would send only the usual three. */
function sendErrorCodes(): void {
  const standard = Comlink.transferHandlers.get('throw');
  if (!standard) return;
  Comlink.transferHandlers.set('throw', {
    ...standard,
    serialize: (thrown: unknown) => {
      const { value } = thrown as { value: unknown };
      if (!(value instanceof BitlossError)) return standard.serialize(thrown);
      const { code, message, name } = value;
      return [{ isError: true, value: { code, message, name } }, []];
    },
  });
}

sendErrorCodes();
Comlink.expose(new LaneApi());
