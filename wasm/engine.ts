/**
 * The engine: one instance of the wasm module with its own memory.
 *
 *     const engine = await Engine.create();
 *     const model = await engine.load(files, { recipe: 'affine:4:64' });
 *     for await (const event of model.generate('Once upon a time')) …
 *     model.free();
 */
import { whole } from './check.ts';
import { Core, nextTask } from './core.ts';
import { BESIDE_VOCAB, arrange, readBytes, readText, tooLarge, type Arranged } from './files.ts';
import { compile, instantiate, type WasmSource } from './loader.ts';
import { Model } from './model.ts';
import { totalSize } from './source.ts';
import {
  BitlossError,
  type BitsPerWeight,
  type Formats,
  type LoadOptions,
  type LoadProgress,
  type ModelInput,
  type ModelSource,
  type PlainRecipe,
  type RecipeKind,
} from './types.ts';

export { compile, type WasmSource } from './loader.ts';
export type { Export, ExportFile } from './export.ts';
export { Model } from './model.ts';
export * from './types.ts';

export interface Recipe {
  /** The canonical spelling. */
  text: string;
  /** With scales and biases counted; 0 for "reference", a mixture and a recipe with rules. */
  bitsPerWeight: BitsPerWeight;
}

/** Bytes of a weight file that are read and converted together. */
const CHUNK_BYTES = 4 << 20;
/** Of a weight file's beginning, in which most headers end. */
const HEADER_BYTES = 1 << 16;
const PROGRESS_MS = 33;
/** Of a model whose files have more bytes it is looked up in their headers whether it fits. */
const CHECKED_BYTES = 1_000_000_000;
/** Of weights; the rest of the 4 GB that 32 bits address is for all else. */
const MAX_WEIGHT_BYTES = 4_000_000_000;

/** What a loader is fed with. */
interface Feeding {
  core: Core;
  loader: number;
  signal: AbortSignal | undefined;
  progress: (nBytes: number) => void;
}

interface Loading extends Feeding {
  /** Memory for one chunk. */
  buffer: number;
  chunkBytes: number;
}

export class Engine {
  /** For the other parts of the engine: the running module. */
  readonly core: Core;
  readonly #chunkBytes: number;

  private constructor(core: Core, chunkBytes: number) {
    this.core = core;
    this.#chunkBytes = chunkBytes;
  }

  /** Starts an engine on the best build for this browser, or on the module given. In a browser only
   * the `full` module, which is larger, has what Model.export needs; in Node it is the only one. */
  static async create(
    wasm?: WasmSource,
    { chunkBytes = CHUNK_BYTES, full = false } = {},
  ): Promise<Engine> {
    whole('chunkBytes', chunkBytes, 1);
    const module = await compile(wasm, full);
    const core = await Core.start((onProgress) => instantiate(module, onProgress));
    return new Engine(core, chunkBytes);
  }

  /** Why the engine can no longer be used (memory ran out in a place that could not be undone, or it
   * has a fault); null while it can. */
  get fault(): BitlossError | null {
    return this.core.fault;
  }

  get memoryBytes(): number {
    return this.core.memoryBytes;
  }

  /** Checks a recipe's spelling; a wrong one gives a sentence that says what is possible. */
  parseRecipe(text: string): Recipe {
    const core = this.core;
    const json = core.withText(text, (address) => core.address(core.call('bw_recipe', address)));
    const { text: canonical, ...bitsPerWeight } = core.json<BitsPerWeight & { text: string }>(json);
    return { text: canonical, bitsPerWeight };
  }

  /** The formats and mixtures that recipes are made of, "reference" apart. */
  formats(): Formats {
    const core = this.core;
    const kinds = core.json<Omit<RecipeKind, 'recipes'>[]>(core.call('bw_recipe_kinds'));
    const spelt = ({ text, ...settings }: Setting) => ({ ...settings, ...this.parseRecipe(text) });
    return { kinds: kinds.map((kind) => ({ ...kind, recipes: allSettings(kind).map(spelt) })) };
  }

  /**
   * Reads a model from its files, given in any order, and converts it on the way: of sources (ModelSource) the
   * texts first, then the beginning of each weight file, then these from end to end, in the order of their
   * names. On an error or a
   * cancel all that was loaded is freed; other models of this engine are not touched.
   */
  async load(files: readonly ModelInput[], options: LoadOptions = {}): Promise<Model> {
    const { recipe = 'reference', cast = '', name = '', onProgress, signal } = options;
    const core = this.core;
    const { texts, vocab, weights } = await arrange(files);
    const total = totalSize([...texts, ...vocab, ...weights]);
    if (vocab.length > 0 && !core.has('bw_loader_add_vocab'))
      throw new BitlossError('elsewhere', 'This module makes no tokenizers of older files.');
    if (total > CHECKED_BYTES) await this.#checkSize({ texts, vocab, weights }, options);
    const nameText = name === '' ? 0 : core.copyText(name);
    let loader = 0;
    let buffer = 0;
    try {
      loader = this.#begin(recipe, cast, nameText);
      const largest = Math.max(...weights.map((file) => file.size), 1);
      const chunkBytes = Math.min(this.#chunkBytes, largest);
      buffer = core.alloc(chunkBytes);
      const report = reporter(core, loader, total, onProgress);
      const loading = { core, loader, buffer, chunkBytes, signal, progress: report.add };
      for (const file of texts) await loadText(loading, file);
      if (vocab.length > 0) await loadVocab(loading, texts, vocab);
      if (weights.length > 1) for (const file of weights) await showHeader(loading, file);
      for (const file of weights) await loadWeights(loading, file);
      const model = core.address(core.call('bw_loader_finish', loader));
      report.end();
      return new Model(core, model);
    } finally {
      core.release('bw_free', buffer);
      core.release('bw_loader_free', loader);
      core.release('bw_free', nameText);
    }
  }

  #begin(recipe: string, cast: string, nameText: number): number {
    const core = this.core;
    return core.withText(recipe, (recipeText) =>
      core.withText(cast, (castText) =>
        core.address(core.call('bw_loader_new', recipeText, castText, nameText)),
      ),
    );
  }

  /** Throws a sentence, before weights are read, where headers tell that they do not fit or cannot be loaded. */
  async #checkSize({ texts, weights }: Arranged, options: LoadOptions): Promise<void> {
    const { recipe = 'reference', cast = '', signal } = options;
    const core = this.core;
    const loader = this.#begin(recipe, cast, 0);
    try {
      const loading = { core, loader, signal, progress: () => {} };
      for (const file of texts) await loadText(loading, file);
      for (const file of weights) await showHeader(loading, file);
      const nBytes = core.call('bw_loader_check', loader);
      if (nBytes < 0) throw core.error();
      if (nBytes > MAX_WEIGHT_BYTES) throw tooLarge(nBytes, recipe);
    } finally {
      core.release('bw_loader_free', loader);
    }
  }
}

type Setting = Omit<PlainRecipe, 'bitsPerWeight'>;

/** The recipes of a kind, in each of its settings. */
function allSettings(kind: Omit<RecipeKind, 'recipes'>): Setting[] {
  const choices = (values: readonly number[]) => (values.length > 0 ? values : [null]);
  const after = (value: number | null) => (value === null ? '' : `:${value}`);
  const settings = choices(kind.bits).flatMap((bits) =>
    choices(kind.groups).map((group) => {
      const text = kind.name + after(bits) + after(group);
      return { text, bits, group, isInt8: false };
    }),
  );
  const int8 = (one: Setting) => ({ ...one, text: `${one.text}@int8`, isInt8: true });
  return kind.int8Activations ? [...settings, ...settings.map(int8)] : settings;
}

function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new BitlossError('cancelled', 'Loading was cancelled.');
}

/** Progress for the caller, at most 30 times a second, and once at the end. */
function reporter(
  core: Core,
  loader: number,
  bytesTotal: number,
  onProgress: ((progress: LoadProgress) => void) | undefined,
) {
  let bytesDone = 0;
  let reportedAt = -Infinity;
  const add = (nBytes: number): void => {
    bytesDone += nBytes;
    const now = performance.now();
    if (!onProgress || now - reportedAt < PROGRESS_MS) return;
    reportedAt = now;
    const tensor = core.string(core.call('bw_loader_tensor_name', loader));
    onProgress({ bytesDone, bytesTotal, tensor });
  };
  return { add, end: () => onProgress?.({ bytesDone, bytesTotal, tensor: '' }) };
}

async function loadText(
  { core, loader, signal, progress }: Feeding,
  file: ModelSource,
): Promise<void> {
  const bytes = await readText(file);
  checkCancelled(signal);
  core.withText(file.name, (name) =>
    core.withBytes(bytes.length + 1, (address) => {
      core.bytes(address, bytes.length).set(bytes);
      core.check(core.call('bw_loader_add_text', loader, name, address, bytes.length));
    }),
  );
  progress(bytes.length);
}

/** Gives the loader the tokenizer that older files make. */
async function loadVocab(
  { core, loader, signal, progress }: Feeding,
  texts: readonly ModelSource[],
  vocab: readonly ModelSource[],
): Promise<void> {
  const beside = texts.filter(({ name }) => BESIDE_VOCAB.includes(name));
  const addresses: number[] = [];
  const given = [];
  for (const file of [...beside, ...vocab]) given.push({ file, bytes: await readText(file) });
  checkCancelled(signal);
  core.call('bw_vocab_begin');
  try {
    for (const { file, bytes } of given) {
      const address = core.alloc(bytes.length + 1);
      addresses.push(address);
      core.bytes(address, bytes.length).set(bytes);
      core.withText(file.name, (name) => core.call('bw_vocab_file', name, address, bytes.length));
      if (vocab.includes(file)) progress(bytes.length);
    }
    core.check(core.call('bw_loader_add_vocab', loader));
  } finally {
    for (const address of addresses) core.release('bw_free', address);
  }
}

/** Shows the loader a file's header: of a model in several files it must know all of them first. */
async function showHeader({ core, loader, signal }: Feeding, file: ModelSource): Promise<void> {
  const { size } = file;
  for (let nNeeded = Math.min(HEADER_BYTES, size); nNeeded > 0; ) {
    const bytes = new Uint8Array(await readBytes(file, 0, nNeeded));
    checkCancelled(signal);
    nNeeded = core.withText(file.name, (name) =>
      core.withBytes(bytes.length, (address) => {
        core.bytes(address, bytes.length).set(bytes);
        return core.call('bw_loader_show_header', loader, name, address, bytes.length, size);
      }),
    );
    if (nNeeded < 0) throw core.error();
  }
}

/** Pushes a weight file chunk by chunk; the next one is being read while one is converted. */
async function loadWeights(loading: Loading, file: ModelSource): Promise<void> {
  const { core, loader, buffer, chunkBytes, signal, progress } = loading;
  const { size } = file;
  core.withText(file.name, (name) =>
    core.check(core.call('bw_loader_begin_file', loader, name, size)),
  );
  const read = (start: number) => readBytes(file, start, Math.min(start + chunkBytes, size));
  let next = read(0);
  for (let at = 0; at < size; ) {
    const bytes = new Uint8Array(await next);
    next = read(at + bytes.length);
    next.catch(() => {}); // Seen when it is awaited, unless the loading ends before.
    await nextTask();
    checkCancelled(signal);
    core.bytes(buffer, bytes.length).set(bytes);
    core.check(core.call('bw_loader_push', loader, buffer, bytes.length));
    at += bytes.length;
    progress(bytes.length);
  }
  core.check(core.call('bw_loader_end_file', loader));
}
