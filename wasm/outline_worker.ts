/** Tells models by the headers of their files: an engine on the full module. Called from the page through Comlink. */
import { Engine } from './engine.ts';
import { expose } from './expose.ts';
import { outlineOf, type Head, type HeadText, type Outlined } from './outline.ts';

export class OutlineApi {
  /** It starts before there is anything to read. */
  readonly #engine = Engine.create(undefined, { full: true });

  constructor() {
    // Told by the first call.
    this.#engine.catch(() => {});
  }

  async outline(
    texts: readonly HeadText[],
    heads: readonly Head[],
    recipes: readonly string[],
  ): Promise<Outlined> {
    return outlineOf(await this.#engine, texts, heads, recipes);
  }
}

expose(new OutlineApi());
