/** What a model is, and what it would need under recipes, told from the headers of its weight files: before it is
 * loaded, or downloaded. Needs the full module in a browser (wasm/exports_outline.c). */
import type { Engine } from './engine.ts';
import { BitlossError, type ModelInfo, type Said } from './types.ts';

/** The beginning of a weight file. */
export interface Head {
  name: string;
  /** Of the whole file, in bytes. */
  size: number;
  bytes: Uint8Array;
}

/** config.json, model.safetensors.index.json: what the headers are read with. */
export interface HeadText {
  name: string;
  bytes: Uint8Array;
}

/** Of a file: so many bytes of its beginning suffice, or bring it closer. */
export interface MoreNeeded {
  name: string;
  nBytes: number;
}

/** Bytes under a recipe: exactly those that the model has when it is loaded so; of keys and values in 16 bits, and
 * of the work space of one thread, for this context. */
export interface RecipeNeed {
  recipe: string;
  weightBytes: number;
  kvBytes: number;
  activationBytes: number;
  bitsPerWeight: number;
  /** Tokens: 4096, or the model's limit where that is less. */
  nContext: number;
}

/** A recipe that this model, or no model, can be put under. */
export interface RefusedRecipe {
  recipe: string;
  message: string;
  said: Said | null;
}

export interface Outline {
  /** Without a recipe; its `error` and tokenizer are not known. */
  info: ModelInfo;
  /** Why it can't be run, though it can be converted, in English; "" where it can. */
  cannotRun: string;
  isEncoder: boolean;
  needs: readonly RecipeNeed[];
  refused: readonly RefusedRecipe[];
}

/** null until no more is needed. */
export interface Outlined {
  outline: Outline | null;
  needed: readonly MoreNeeded[];
}

/** Throws the error that loading these files would end with, as far as headers tell, and 'unsupported' when the
 * engine runs on the small module. */
export function outlineOf(
  { core }: Engine,
  texts: readonly HeadText[],
  heads: readonly Head[],
  recipes: readonly string[],
): Outlined {
  if (!core.has('bw_loader_outline'))
    throw new BitlossError(
      'unsupported',
      'This module has nothing to tell models by headers with.',
    );
  const withNamed = (name: string, bytes: Uint8Array, use: (name: number, at: number) => number) =>
    core.withText(name, (nameAt) =>
      core.withBytes(bytes.length + 1, (at) => {
        core.bytes(at, bytes.length).set(bytes);
        return use(nameAt, at);
      }),
    );
  const loader = core.withText('reference', (recipe) =>
    core.withText('', (cast) => core.address(core.call('bw_loader_new', recipe, cast, 0))),
  );
  try {
    for (const { name, bytes } of texts)
      core.check(
        withNamed(name, bytes, (nameAt, at) =>
          core.call('bw_loader_add_text', loader, nameAt, at, bytes.length),
        ),
      );
    const needed: MoreNeeded[] = [];
    for (const { name, bytes, size } of heads) {
      const nBytes = withNamed(name, bytes, (nameAt, at) =>
        core.call('bw_loader_show_header', loader, nameAt, at, bytes.length, size),
      );
      if (nBytes < 0) throw core.error();
      if (nBytes > bytes.length) needed.push({ name, nBytes });
    }
    if (needed.length > 0) return { outline: null, needed };
    const model = core.address(core.call('bw_loader_outline', loader));
    const info = core.json<ModelInfo>(core.call('bw_model_info', model));
    const cannotRun = core.string(core.call('bw_outline_cannot_run', model));
    const isEncoder = core.call('bw_outline_is_encoder', model) !== 0;
    return { outline: { info, cannotRun, isEncoder, ...needsOf(core, model, recipes) }, needed };
  } finally {
    core.release('bw_loader_free', loader);
  }
}

function needsOf(core: Engine['core'], model: number, recipes: readonly string[]) {
  const needs: RecipeNeed[] = [];
  const refused: RefusedRecipe[] = [];
  for (const recipe of recipes) {
    try {
      const at = core.withText(recipe, (text) =>
        core.address(core.call('bw_outline_budget', model, text, 0)),
      );
      const [weightBytes, kvBytes, activationBytes, bitsPerWeight, nContext] = core.doubles(at, 5);
      needs.push({ recipe, weightBytes, kvBytes, activationBytes, bitsPerWeight, nContext });
    } catch (error) {
      if (!(error instanceof BitlossError) || core.fault) throw error;
      refused.push({ recipe, message: error.message, said: error.said });
    }
  }
  return { needs, refused };
}
