/** A lane's worker: one engine and the lane's model, called from the page through Comlink. */
import { Engine, type Model } from './engine.ts';
import { expose } from './expose.ts';
import {
  BitlossError,
  type Formats,
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

  /** Frees the model; the worker can load another. */
  free(): void {
    this.stop();
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
