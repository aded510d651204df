/** Picks the build of the wasm module that this browser takes, and starts it. */
import { bulkMemory, saturatedFloatToInt, signExtensions, simd } from 'wasm-feature-detect';
import { relaxedDot } from './relaxed.ts';
import { BitlossError } from './types.ts';

/** The functions of wasm/exports*.c; those that the page seldom needs (wasm/build.mjs) only the full
 * module has, and those of training only the trainer's.
 * Addresses and sizes are 32-bit numbers. */
export interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  bw_error_code(): number;
  bw_error_message(): number;
  bw_error_format(): number;
  bw_error_fields(): number;
  bw_alloc(nBytes: number): number;
  bw_free(address: number): void;
  bw_model_info(model: number): number;
  bw_export_notes(ex: number): number;
  bw_model_tensors(model: number): number;
  bw_recipe(text: number): number;
  bw_recipe_kinds(): number;
  bw_loader_new(recipe: number, cast: number, name: number): number;
  bw_loader_free(loader: number): void;
  bw_loader_add_text(loader: number, name: number, text: number, size: number): number;
  bw_vocab_begin(): void;
  bw_vocab_file(name: number, bytes: number, size: number): void;
  bw_loader_add_vocab(loader: number): number;
  bw_loader_show_header(
    loader: number,
    name: number,
    bytes: number,
    nBytes: number,
    size: number,
  ): number;
  bw_loader_check(loader: number): number;
  bw_loader_begin_file(loader: number, name: number, size: number): number;
  bw_loader_push(loader: number, bytes: number, nBytes: number): number;
  bw_loader_end_file(loader: number): number;
  bw_loader_tensor_name(loader: number): number;
  bw_loader_finish(loader: number): number;
  bw_model_free(model: number): void;
  bw_model_decode_rows(
    model: number,
    tensor: number,
    firstRow: number,
    nRows: number,
    values: number,
  ): number;
  bw_tokenize(
    model: number,
    text: number,
    size: number,
    around: number,
    ids: number,
    capacity: number,
  ): number;
  bw_decoder_new(model: number, keepSpecial: number): number;
  bw_decoder_free(decoder: number): void;
  bw_decoder_push(decoder: number, id: number): number;
  bw_model_text(model: number, name: number): number;
  bw_decoder_flush(decoder: number): number;
  bw_session_new(model: number, nContext: number, nBatch: number): number;
  bw_session_free(session: number): void;
  bw_session_kernels(session: number): number;
  bw_session_eval(
    session: number,
    ids: number,
    nIds: number,
    logits: number,
    vocabSize: number,
  ): number;
  bw_generation_new(
    session: number,
    ids: number,
    nIds: number,
    temperature: number,
    topK: number,
    topP: number,
    minP: number,
    seed: number,
    maxTokens: number,
  ): number;
  bw_generation_free(generation: number): void;
  bw_generation_step(generation: number): number;
  bw_model_variant(
    reference: number,
    recipe: number,
    codes: number,
    nCodes: number,
    calibration: number,
  ): number;
  bw_model_bytes(model: number): number;
  bw_scale_group(model: number, tensor: number): number;
  bw_tensor_layout(model: number, tensor: number): number;
  bw_weight_detail(
    reference: number,
    variant: number,
    tensor: number,
    rowRmse: number,
    groupRmse: number,
  ): number;
  bw_text_next_document(by: number, text: number, size: number, at: number): number;
  bw_text_n_scored(
    model: number,
    nIds: number,
    ends: number,
    nDocuments: number,
    nContext: number,
    first: number,
  ): number;
  bw_text_run(
    reference: number,
    models: number,
    nModels: number,
    ids: number,
    nIds: number,
    ends: number,
    nDocuments: number,
    nContext: number,
    first: number,
    refLogits: number,
    hasRefLogits: number,
    scores: number,
  ): number;
  bw_text_summarize(scores: number, n: number): number;
  bw_tasks_run(model: number, tasks: number, nTasks: number, isRight: number): number;
  bw_share(nRight: number, n: number): number;
  bw_paired(first: number, second: number, n: number): number;
  bw_units(model: number, by: number): number;
  bw_mix(
    reference: number,
    units: number,
    nUnits: number,
    kl: number,
    measured: number,
    formats: number,
    nFormats: number,
    targetBits: number,
  ): number;
  bw_pareto_front(sizes: number, losses: number, n: number, onFront: number): void;
  bw_n_work(): number;
  bw_work_name(work: number): number;
  bw_cost_run(model: number): number;
  bw_budget_config(size: number): number;
  bw_budget(
    config: number,
    configSize: number,
    recipe: number,
    dtype: number,
    kvDtype: number,
    nContext: number,
  ): number;
  bw_layers_new(reference: number, variant: number, ids: number, nIds: number): number;
  bw_layers_free(layers: number): void;
  bw_layers_step(layers: number): number;
  bw_layers_figures(layers: number, reference: number): number;
  bw_loader_outline(loader: number): number;
  bw_outline_cannot_run(outline: number): number;
  bw_outline_is_encoder(outline: number): number;
  bw_outline_budget(outline: number, recipe: number, nContext: number): number;
  bw_chat_render(
    source: number,
    config: number,
    map: number,
    system: number,
    systemSize: number,
    prompt: number,
    promptSize: number,
    year: number,
    month: number,
    day: number,
    hour: number,
    minute: number,
    second: number,
  ): number;
  bw_encoder_new(model: number): number;
  bw_encoder_free(encoder: number): void;
  bw_encoder_classify(encoder: number, ids: number, nIds: number, logits: number): number;
  bw_model_labels(model: number): number;
  bw_recipe_methods(text: number): number;
  bw_calibration_new(model: number): number;
  bw_calibration_free(text: number): void;
  bw_calibration_add(text: number, name: number, bytes: number, size: number): number;
  bw_calibrate(model: number, text: number, needs: number, nTokens: number): number;
  bw_statistics_free(statistics: number): void;
  bw_statistics_tokens(statistics: number): number;
  bw_fit(model: number, recipe: number, statistics: number, calibration: number): number;
  bw_variant_bytes(variant: number): number;
  bw_variant_write(variant: number, bytes: number): void;
  bw_training_new(
    model: number,
    config: number,
    configSize: number,
    recipe: number,
    ids: number,
    nIds: number,
    end: number,
    settings: number,
  ): number;
  bw_training_free(training: number): void;
  bw_training_advance(training: number): number;
  bw_training_report(training: number): number;
  bw_training_n_held_out(training: number): number;
  bw_training_held_out(training: number, sequence: number): number;
  bw_training_export(training: number, size: number): number;
  bw_export_mlx_new(model: number): number;
  bw_export_torch_new(model: number): number;
  bw_export_gguf_new(model: number): number;
  bw_export_free(ex: number): void;
  bw_export_n_files(ex: number): number;
  bw_export_file_name(ex: number, file: number): number;
  bw_export_file_size(ex: number, file: number): number;
  bw_export_read(ex: number, file: number, offset: number, bytes: number, nBytes: number): number;
}

/** A compiled module (which can be sent to a worker), its bytes, or where to fetch it. */
export type WasmSource = WebAssembly.Module | BufferSource | URL;

interface Build {
  /** Of the full module, which Node reads. */
  file: string;
  /** The bundler replaces these expressions with the addresses at which it serves the files. */
  bundled: { small: URL; full: URL };
  needs: { name: string; supported: () => Promise<boolean> }[];
}

const needed = [
  { name: 'WebAssembly SIMD', supported: simd },
  { name: 'WebAssembly bulk memory', supported: bulkMemory },
  { name: 'WebAssembly saturating conversions', supported: saturatedFloatToInt },
  { name: 'WebAssembly sign extension', supported: signExtensions },
];

/** The best build first. */
const builds: Build[] = [
  {
    file: 'bitloss-full-relaxed.wasm',
    bundled: {
      small: new URL('../build/wasm/bitloss-relaxed.wasm', import.meta.url),
      full: new URL('../build/wasm/bitloss-full-relaxed.wasm', import.meta.url),
    },
    needs: [{ name: 'WebAssembly relaxed SIMD', supported: relaxedDot }, ...needed],
  },
  {
    file: 'bitloss-full-simd128.wasm',
    bundled: {
      small: new URL('../build/wasm/bitloss-simd128.wasm', import.meta.url),
      full: new URL('../build/wasm/bitloss-full-simd128.wasm', import.meta.url),
    },
    needs: needed,
  },
];

const versions = 'Chrome or Edge 91, Firefox 89 or Safari 16.4, or newer';

/** The first build whose needs are met. Throws a sentence that names what the last one lacked. */
async function chooseBuild(): Promise<Build> {
  let missing = 'WebAssembly';
  if (typeof WebAssembly === 'object') {
    for (const build of builds) {
      const supported = await Promise.all(build.needs.map((need) => need.supported()));
      const lacking = build.needs.filter((_, i) => !supported[i]);
      if (lacking.length === 0) return build;
      missing = lacking.map((need) => need.name).join(', ');
    }
  }
  throw new BitlossError('browser', `This browser has no ${missing}: bitloss needs ${versions}.`);
}

/** Node's modules, without an import that a bundler would follow; undefined in a browser. */
function nodeBuiltin<T>(name: string): T | undefined {
  if (typeof process === 'undefined' || !process.versions?.node) return undefined;
  return process.getBuiltinModule(name) as T;
}

async function fetchModule(url: URL): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    throw new BitlossError('browser', `The engine could not be fetched from ${url.href}.`);
  }
  if (!response.ok) {
    throw new BitlossError(
      'browser',
      `The engine is not at ${url.href}: status ${response.status}.`,
    );
  }
  // A server that gives another type can still be used, only not while the bytes arrive.
  const streams = response.headers.get('Content-Type')?.startsWith('application/wasm');
  if (streams) return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Compiles the best build for this browser, or the one given. `full` is for a browser, which else
 * fetches the smaller module. */
export async function compile(source?: WasmSource, full = false): Promise<WebAssembly.Module> {
  const build = await chooseBuild();
  if (source instanceof WebAssembly.Module) return source;
  if (source && !(source instanceof URL)) return WebAssembly.compile(source);
  const fs = nodeBuiltin<typeof import('node:fs/promises')>('node:fs/promises');
  if (!fs) return fetchModule(source ?? build.bundled[full ? 'full' : 'small']);
  // Compiled for Node this file lies in build/js, beside build/wasm.
  const here = import.meta.url;
  return WebAssembly.compile(await fs.readFile(source ?? new URL(`../wasm/${build.file}`, here)));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Told how far long work is, of so much in all; false stops it. */
export type Progress = (done: number, total: number) => boolean;

/** Starts an instance with its own memory. */
export async function instantiate(
  module: WebAssembly.Module,
  onProgress: Progress,
): Promise<Exports> {
  // Memory that grows has another buffer; an address above 2 GB comes as a negative number.
  const bytes = (address: number, n: number) =>
    new Uint8Array(exports.memory.buffer, address >>> 0, n);
  // wasm/imports.h says what these promise.
  const env = {
    bw_now: () => performance.now() / 1000,
    bw_progress: (done: number, total: number) => (onProgress(done, total) ? 1 : 0),
    bw_write_digits: (x: number, address: number) => {
      const [digits, exponent] = x.toExponential(100).split('e');
      encoder.encodeInto(digits.replace('.', ''), bytes(address, 101));
      return Number(exponent);
    },
    bw_read_number: (address: number, n: number) => Number(decoder.decode(bytes(address, n))),
  };
  let instance: WebAssembly.Instance;
  try {
    instance = await WebAssembly.instantiate(module, { env });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BitlossError('memory', `The browser gave no memory to the engine: ${error.message}.`);
  }
  const exports = instance.exports as unknown as Exports;
  exports._initialize();
  return exports;
}
