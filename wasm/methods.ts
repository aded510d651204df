/** Methods that choose a model's codes, and the text that they go by. Needs the full module
 * (wasm/exports_methods.c); what is made goes to any other as codes (makeVariant in measure.ts). */
import { whole } from './check.ts';
import type { Engine } from './engine.ts';
import type { Progress } from './loader.ts';
import type { Chosen } from './measure_types.ts';
import { Model } from './model.ts';
import { BitlossError } from './types.ts';

/** Tokens of the text that are read, as by the command unless it is told otherwise. */
export const CALIBRATION_TOKENS = 65_536;

/** A text that methods go by; the name is for whoever is told how codes were chosen. */
export interface CalibrationText {
  name: string;
  content: string;
}

/** A recipe with methods, as the core reads it. */
export interface MethodRecipe {
  /** The canonical spelling; and without its methods. */
  text: string;
  plain: string;
  /** What the methods must know of the matrices' inputs: 0 is nothing, and more contains less. */
  needs: number;
}

function coreOf({ core }: Pick<Engine, 'core'>): Engine['core'] {
  if (core.has('bw_fit')) return core;
  throw new BitlossError('elsewhere', 'This module has no methods.');
}

export function parseMethods(engine: Engine, recipe: string): MethodRecipe {
  const core = coreOf(engine);
  return core.json(core.withText(recipe, (text) => core.call('bw_recipe_methods', text)));
}

/** What a model's matrices are multiplied with while it reads a text. */
export class Calibration {
  readonly nTokens: number;
  readonly #core: Engine['core'];
  #address: number;

  /** Lets the model read so many tokens, half of the text's documents each by itself and half joined, and gathers
   * what methods of these `needs` go by. Progress is in tokens; work ends as 'cancelled' where it says false. */
  constructor(
    model: Model,
    texts: readonly CalibrationText[],
    readonly needs: number,
    onProgress: Progress,
    nTokens = CALIBRATION_TOKENS,
  ) {
    const core = (this.#core = coreOf(model));
    whole('nTokens', nTokens, 16);
    const text = core.address(core.call('bw_calibration_new', model.address));
    try {
      for (const { name, content } of texts)
        core.withText(name, (nameAt) =>
          core.withText(content, (at, size) =>
            core.check(core.call('bw_calibration_add', text, nameAt, at, size)),
          ),
        );
      this.#address = core.watched(onProgress, () =>
        core.address(core.call('bw_calibrate', model.address, text, needs, nTokens)),
      );
    } finally {
      core.release('bw_calibration_free', text);
    }
    this.nTokens = core.call('bw_statistics_tokens', this.#address);
  }

  get address(): number {
    if (this.#address === 0) throw new BitlossError('argument', 'The calibration has been freed.');
    return this.#address;
  }

  free(): void {
    this.#core.release('bw_statistics_free', this.#address);
    this.#address = 0;
  }
}

/** Has a recipe's methods choose codes; `calibration` may be null where they need none, `words` say what it is of.
 * Progress is in weights. */
export function chooseCodes(
  model: Model,
  recipe: MethodRecipe,
  calibration: Calibration | null,
  words: string,
  onProgress: Progress,
): Chosen {
  const core = coreOf(model);
  const made = core.withTexts([recipe.text, words], ([text, wordsAt]) =>
    core.watched(onProgress, () =>
      core.call('bw_fit', model.address, text!, calibration?.address ?? 0, wordsAt!),
    ),
  );
  const variant = new Model(core, core.address(made));
  try {
    const nBytes = core.call('bw_variant_bytes', variant.address);
    const codes = core.withBytes(nBytes, (at) => {
      core.call('bw_variant_write', variant.address, at);
      return core.bytes(at, nBytes).slice();
    });
    return { recipe: recipe.text, plain: recipe.plain, codes, calibration: words };
  } finally {
    variant.free();
  }
}
