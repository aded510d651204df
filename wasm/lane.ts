/** What a lane's worker does: one engine and the lane's model. Where the weights are kept as the files hold
 * them, another recipe costs the quantization alone. */
import type { Engine, Model, WasmSource } from './engine.ts';
import { makeVariant } from './measure.ts';
import type { Chosen } from './measure_types.ts';
import { Starter } from './starter.ts';
import {
  BitlossError,
  type ChatTemplate,
  type Formats,
  type GenerateOptions,
  type GenerationEvent,
  type LoadProgress,
  type ModelInput,
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
  /** null where the model has no chat template, or was made of one that is kept. */
  chat: ChatTemplate | null;
}

export class LaneApi {
  readonly #starter: Starter;
  /** What the files hold, where it is kept to make other recipes of; it may be the lane's model. */
  #reference: Model | null = null;
  #model: Model | null = null;
  /** What stop() stops: the loading or the generation that runs. */
  #running: AbortController | null = null;

  /** `wasm` gives the module to start engines on; undefined for the best build there is. */
  constructor(wasm: () => Promise<WasmSource | undefined> = async () => undefined) {
    this.#starter = new Starter(wasm, () => {
      this.#model = this.#reference = null;
    });
  }

  /** Has the engine ready before there is a model. */
  async warm(): Promise<void> {
    await this.#starter.engine();
  }

  /** Loads a model in place of the one before, which stays when this fails or is stopped. With `keep` the
   * weights as the files hold them are kept too: requantize() then needs no files. A recipe with methods comes with the
   * codes that they have chosen, and is made of what is kept. */
  async load(
    files: ModelInput[],
    recipe: string,
    keep: boolean,
    onProgress?: (progress: LoadProgress) => void,
    chosen?: Chosen,
  ): Promise<LoadedModel> {
    const { signal } = this.#begin();
    const read = keep ? 'reference' : recipe;
    const [loaded, model] = await this.#starter.load(
      files,
      { recipe: read, onProgress, signal },
      (loaded, engine) =>
        [loaded, keep ? variantOf(engine, loaded, recipe, chosen) : loaded] as const,
    );
    this.#drop();
    this.#reference = keep ? loaded : null;
    this.#model = model;
    return { ...told(model, this.#reference, chosen), chat: loaded.chatTemplate() };
  }

  /** Puts what was kept under another recipe; the present model stays, and goes on writing, until that is
   * done. One that is no longer there stops writing. */
  async requantize(recipe: string, chosen?: Chosen): Promise<LoadedModel> {
    const reference = this.#reference;
    if (!reference) throw new BitlossError('argument', 'No model has been kept.');
    const model = variantOf(await this.#starter.engine(), reference, recipe, chosen);
    if (this.#model !== reference) this.#model?.free();
    this.#model = model;
    return told(model, reference, chosen);
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
    return (await this.#starter.engine()).formats();
  }

  /** A recipe's canonical spelling; throws a sentence when it has none. */
  async parseRecipe(text: string): Promise<string> {
    return (await this.#starter.engine()).parseRecipe(text).text;
  }

  /** Frees the model; the worker can load another. */
  free(): void {
    this.stop();
    this.#drop();
  }

  /** A variant goes before the reference whose tensors it shares. */
  #drop(): void {
    if (this.#model !== this.#reference) this.#model?.free();
    this.#reference?.free();
    this.#model = this.#reference = null;
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

/** The kept weights under a recipe. */
function variantOf(engine: Engine, reference: Model, recipe: string, chosen?: Chosen): Model {
  if (chosen) return makeVariant(reference, chosen.plain, chosen);
  return engine.parseRecipe(recipe).text === 'reference'
    ? reference
    : makeVariant(reference, recipe);
}

/** A variant knows what its recipe did; how the files were read is known of its reference. */
function told(model: Model, reference: Model | null, chosen?: Chosen): LoadedModel {
  const { error } = model;
  const info = chosen ? { ...model.info, recipe: chosen.recipe } : model.info;
  const ofFiles = reference && reference !== model ? reference.info.notes : [];
  return {
    info: { ...info, notes: [...ofFiles, ...info.notes] },
    error,
    tensors: model.tensors(),
    // Of one that is as its files hold it: the texts may be long, and no variant has others.
    chat: model.info.recipe === 'reference' ? model.chatTemplate() : null,
  };
}
