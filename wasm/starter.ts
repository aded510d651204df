/** A worker's engine: started once, replaced when it has a fault, and on the full module from the moment a
 * model needs what the first one lacks. */
import { Engine, type Model, type WasmSource } from './engine.ts';
import { compile } from './loader.ts';
import { BitlossError, type LoadOptions, type ModelInput } from './types.ts';

export class Starter {
  readonly #wasm: () => Promise<WasmSource | undefined>;
  readonly #onLost: () => void;
  #engine: Promise<Engine> | null = null;
  #full: Promise<Engine> | null = null;

  /** `wasm` gives the module to start on; undefined for the best build there is. `onLost` is told when an
   * engine, and so each of its models, is no more. */
  constructor(wasm: () => Promise<WasmSource | undefined>, onLost: () => void) {
    this.#wasm = wasm;
    this.#onLost = onLost;
  }

  /** The engine, or a new one in place of one that has a fault or did not start. */
  async engine(): Promise<Engine> {
    const starting = (this.#engine ??= this.#wasm().then((wasm) => Engine.create(wasm)));
    const engine = await starting.catch((error) => {
      if (this.#engine === starting) this.#engine = null;
      throw error;
    });
    if (!engine.fault) return engine;
    if (this.#engine === starting) {
      this.#engine = null;
      this.#onLost();
    }
    return this.engine();
  }

  /** What `use` makes of the engine, or, where its module lacks what that needs, of the full one, which is
   * kept beside it for such questions. */
  async ask<T>(use: (engine: Engine) => T): Promise<T> {
    try {
      return use(await this.engine());
    } catch (error) {
      if (!(error instanceof BitlossError && error.code === 'elsewhere')) throw error;
    }
    const starting = (this.#full ??= compile(undefined, true).then((wasm) => Engine.create(wasm)));
    const full = await starting.catch((error) => {
      if (this.#full === starting) this.#full = null;
      throw error;
    });
    if (full.fault) this.#full = null;
    return use(full);
  }

  /** Loads a model as Engine.load does, and has `use` make of it what is wanted. Where the engine's module
   * lacks what the model needs it is loaded on the full one, which takes the place of the first and of all its
   * models once `use` is done; when that throws, nothing is left of the new model. */
  async load<T>(
    files: readonly ModelInput[],
    options: LoadOptions,
    use: (model: Model, engine: Engine) => T,
  ): Promise<T> {
    const engine = await this.engine();
    try {
      return await loadInto(engine, files, options, use);
    } catch (error) {
      if (!(error instanceof BitlossError && error.code === 'elsewhere')) throw error;
    }
    const full = await Engine.create(await compile(undefined, true));
    const made = await loadInto(full, files, options, use);
    this.#engine = Promise.resolve(full);
    this.#onLost();
    return made;
  }
}

async function loadInto<T>(
  engine: Engine,
  files: readonly ModelInput[],
  options: LoadOptions,
  use: (model: Model, engine: Engine) => T,
): Promise<T> {
  const model = await engine.load(files, options);
  try {
    return use(model, engine);
  } catch (error) {
    model.free();
    throw error;
  }
}
