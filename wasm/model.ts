/** A loaded model: its figures, its tokenizer, the text it writes, and its files. */
import { finite, oneOf, tokenIds, whole } from './check.ts';
import { nextTask, type Core } from './core.ts';
import { Export } from './export.ts';
import {
  BitlossError,
  type ChatTemplate,
  type Container,
  type GenerateOptions,
  type GenerationEvent,
  type ModelInfo,
  type TensorInfo,
  type WeightError,
} from './types.ts';

/** bl_step_kind, bl_stop_reason. */
const STEP_PROMPT = 0;
const STEP_TOKEN = 1;
const STOPS = ['end', 'end', 'length', 'context'] as const;

/** What bw_tokenize puts around a text. */
const AROUND = { nothing: 0, special: 1, prompt: 2 };

/** Prompt tokens that go through together: few enough that a cancel is seen soon. */
const BATCH = 16;
const DEFAULT_MAX_TOKENS = 128;
const CONTAINERS: readonly Container[] = ['mlx', 'gguf', 'torch'];

/** JSON has no infinity, which is the SNR where there is no error, and no NaN. */
type JsonError = { [key in keyof WeightError]: number | null };

function fromJson({ n, rmse, snrDb, maxAbs, cosine }: JsonError): WeightError {
  return {
    n: n ?? 0,
    rmse: rmse ?? NaN,
    snrDb: snrDb ?? (rmse === 0 ? Infinity : NaN),
    maxAbs: maxAbs ?? NaN,
    cosine: cosine ?? NaN,
  };
}

/** Work in progress that reads the model, ended when the model is freed under it. */
interface Run {
  release: () => void;
}

export class Model {
  readonly info: ModelInfo;
  /** Over all tensors that the recipe changed. */
  readonly error: WeightError;
  /** For the other parts of the engine: the module, which holds the model at `address`. */
  readonly core: Core;
  #address: number;
  #tensors: TensorInfo[] | null = null;
  readonly #runs = new Set<Run>();

  /** Takes over the bl_model at this address. */
  constructor(core: Core, address: number) {
    this.core = core;
    this.#address = address;
    const { error, ...info } = core.json<ModelInfo & { error: JsonError }>(
      core.call('bw_model_info', address),
    );
    this.info = info;
    this.error = fromJson(error);
  }

  /** Gives the model's memory back; generations and exports that still run end. */
  free(): void {
    for (const run of this.#runs) run.release();
    this.#runs.clear();
    this.core.release('bw_model_free', this.#address);
    this.#address = 0;
  }

  get address(): number {
    if (this.#address === 0) throw new BitlossError('argument', 'The model has been freed.');
    return this.#address;
  }

  tensors(): TensorInfo[] {
    if (!this.#tensors) {
      const json = this.core.call('bw_model_tensors', this.address);
      const list = this.core.json<(TensorInfo & { error: JsonError })[]>(json);
      this.#tensors = list.map((tensor) => ({ ...tensor, error: fromJson(tensor.error) }));
    }
    return this.#tensors;
  }

  /** Rows of a tensor as float32, (nRows, nCols), from its index in tensors(). */
  decodeRows(tensor: number, firstRow: number, nRows: number): Float32Array<ArrayBuffer> {
    const core = this.core;
    const tensors = this.tensors();
    const info = tensors[whole('tensor', tensor, 0, tensors.length - 1)];
    whole('firstRow', firstRow, 0, info.nRows);
    const n = whole('nRows', nRows, 0, info.nRows - firstRow) * info.nCols;
    return core.withBytes(4 * n, (values) => {
      core.check(core.call('bw_model_decode_rows', this.address, tensor, firstRow, nRows, values));
      return core.floats(values, n);
    });
  }

  /** What renderChat (chat.ts) needs; null where the model has no chat template. */
  chatTemplate(): ChatTemplate | null {
    const core = this.core;
    const [source, config, map] = [
      'chat_template',
      'tokenizer_config.json',
      'special_tokens_map.json',
    ].map((name) =>
      core.withText(name, (at) => {
        const address = core.call('bw_model_text', this.address, at);
        return address === 0 ? null : core.string(address);
      }),
    );
    return source == null ? null : { source, config: config ?? null, map: map ?? null };
  }

  /** Token ids of a text; special tokens such as BOS are put around it unless addSpecial is false. */
  tokenize(text: string, { addSpecial = true } = {}): number[] {
    return this.#encode(text, addSpecial ? AROUND.special : AROUND.nothing);
  }

  /** A text's tokens as `generate` reads a prompt: nothing is added to one that is written out from the
   * token that begins texts. */
  tokenizePrompt(text: string): number[] {
    return this.#encode(text, AROUND.prompt);
  }

  #encode(text: string, around: number): number[] {
    const core = this.core;
    return core.withText(text, (address, size) => {
      const encode = (ids: number, capacity: number): number => {
        const n = core.call('bw_tokenize', this.address, address, size, around, ids, capacity);
        if (n < 0) throw core.error();
        return n;
      };
      const capacity = size + 16;
      return core.withBytes(4 * capacity, (ids) => {
        const n = encode(ids, capacity);
        if (n <= capacity) return [...core.ints(ids, n)];
        return core.withBytes(4 * n, (more) => [...core.ints(more, encode(more, n))]);
      });
    });
  }

  /** The text that each of the ids completes, special tokens as they are written; joined they are the
   * whole text. */
  pieces(ids: readonly number[]): string[] {
    const pieces: string[] = [];
    const rest = this.#decode(tokenIds(ids), true, (text) => pieces.push(text));
    if (rest !== '') pieces.push((pieces.pop() ?? '') + rest);
    return pieces;
  }

  /** The text of token ids; special tokens are left out unless keepSpecial is true. */
  decode(ids: Iterable<number>, { keepSpecial = false } = {}): string {
    let text = '';
    const rest = this.#decode(tokenIds(ids), keepSpecial, (piece) => (text += piece));
    return text + rest;
  }

  /** Gives out the text that each id completes; returns what was left unfinished at the end. */
  #decode(ids: Iterable<number>, keepSpecial: boolean, give: (text: string) => void): string {
    const core = this.core;
    const decoder = core.address(core.call('bw_decoder_new', this.address, keepSpecial ? 1 : 0));
    const read = (view: number): string => {
      const words = core.words(core.address(view), 2);
      return core.text(words.getUint32(0, true), words.getUint32(4, true));
    };
    try {
      for (const id of ids) give(read(core.call('bw_decoder_push', decoder, id)));
      return read(core.call('bw_decoder_flush', decoder));
    } finally {
      core.release('bw_decoder_free', decoder);
    }
  }

  /**
   * Continues a prompt, a step at a time. Ends with one 'done' event, also when it was cancelled by
   * the signal or by freeing the model.
   */
  async *generate(prompt: string, options: GenerateOptions = {}): AsyncGenerator<GenerationEvent> {
    const core = this.core;
    const { maxTokens = DEFAULT_MAX_TOKENS, signal } = options;
    whole('maxTokens', maxTokens);
    const ids = options.isChat
      ? this.tokenize(prompt, { addSpecial: false })
      : this.tokenizePrompt(prompt);
    const nPrompt = ids.length;
    const nContext = Math.min(this.info.maxContext, Math.max(1, nPrompt + maxTokens));
    const run = this.#begin(nContext);
    const figures = { nPrompt, nTokens: 0, promptMs: 0, decodeMs: 0 };
    let written = '';
    try {
      const generation = this.#beginGeneration(run, ids, options, maxTokens);
      for (;;) {
        // The caller may have taken its time: look for a cancel after each pause.
        await nextTask();
        if (signal?.aborted || run.ended) {
          yield { kind: 'done', text: written, stop: 'cancelled', ...speeds(figures) };
          return;
        }
        const started = performance.now();
        const step = this.#readStep(core.call('bw_generation_step', generation));
        const elapsed = performance.now() - started;
        if (step.kind === STEP_PROMPT) {
          figures.promptMs += elapsed;
          yield { kind: 'prompt', done: step.nDone, total: step.nTotal };
        } else if (step.kind === STEP_TOKEN) {
          // The first token comes out of the prompt's logits: it says nothing of the speed.
          if (++figures.nTokens > 1) figures.decodeMs += elapsed;
          const { id, text, probability } = step;
          written += text;
          yield { kind: 'token', id, text, probability, nTokens: figures.nTokens };
        } else {
          written += step.text;
          yield { kind: 'done', text: written, stop: STOPS[step.stop], ...speeds(figures) };
          return;
        }
      }
    } finally {
      run.release();
    }
  }

  /** Logits after each of the ids, (n, vocabSize). */
  async logits(
    ids: readonly number[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Float32Array<ArrayBuffer>> {
    const core = this.core;
    const { vocabSize } = this.info;
    const all = tokenIds(ids);
    whole('ids.length * vocabSize', all.length * vocabSize, 0, 2 ** 30);
    const run = this.#begin(Math.max(1, all.length));
    try {
      const logits = new Float32Array(all.length * vocabSize);
      for (let at = 0; at < all.length; at += BATCH) {
        await nextTask();
        if (signal?.aborted || run.ended) throw new BitlossError('cancelled', 'Cancelled.');
        const batch = all.slice(at, at + BATCH);
        const n = batch.length;
        const bytes = 4 * n * (1 + vocabSize);
        core.withBytes(bytes, (address) => {
          const rows = address + 4 * n;
          const words = core.words(address, n);
          batch.forEach((id, i) => words.setInt32(4 * i, id, true));
          core.check(core.call('bw_session_eval', run.session, address, n, rows, vocabSize));
          logits.set(core.floats(rows, n * vocabSize), at * vocabSize);
        });
      }
      return logits;
    } finally {
      run.release();
    }
  }

  /** The model as files: a directory as mlx_lm.convert or transformers writes it, or one GGUF file.
   * Throws 'unsupported' when the engine runs on the small module. */
  export(container: Container): Export {
    const core = this.core;
    oneOf('container', container, CONTAINERS);
    const begin = `bw_export_${container}_new` as const;
    if (!core.has(begin)) {
      throw new BitlossError(
        'unsupported',
        'This module cannot write files: expected the full one, Engine.create(undefined, { full: true }).',
      );
    }
    const address = core.address(core.call(begin, this.address));
    const run = new Export(core, address, () => this.#runs.delete(run));
    this.#runs.add(run);
    return run;
  }

  /** A session of its own for one piece of work. */
  #begin(nContext: number): SessionRun {
    const core = this.core;
    const session = core.address(core.call('bw_session_new', this.address, nContext, BATCH));
    const run = new SessionRun(core, session, () => this.#runs.delete(run));
    this.#runs.add(run);
    return run;
  }

  #beginGeneration(
    run: SessionRun,
    ids: readonly number[],
    options: GenerateOptions,
    maxTokens: number,
  ): number {
    const { temperature = 0, topK = 0, topP = 0, minP = 0, seed = 0 } = options;
    finite('temperature', temperature, 0);
    whole('topK', topK);
    finite('topP', topP, 0, 1);
    finite('minP', minP, 0, 1);
    whole('seed', seed, 0, Number.MAX_SAFE_INTEGER);
    const core = this.core;
    run.generation = core.withBytes(4 * ids.length, (at) => {
      core.setInts(at, ids);
      const sampling = [temperature, topK, topP, minP, seed] as const;
      const { length } = ids;
      return core.address(
        core.call('bw_generation_new', run.session, at, length, ...sampling, maxTokens),
      );
    });
    return run.generation;
  }

  /** The bl_step at an address: eight words, see wasm/exports.c. */
  #readStep(address: number): Step {
    const core = this.core;
    const words = core.words(core.address(address), 8);
    const int = (i: number) => words.getInt32(4 * i, true);
    return {
      kind: int(0),
      nDone: int(1),
      nTotal: int(2),
      id: int(3),
      probability: words.getFloat32(16, true),
      text: core.text(words.getUint32(20, true), words.getUint32(24, true)),
      stop: int(7),
    };
  }
}

interface Step {
  kind: number;
  nDone: number;
  nTotal: number;
  id: number;
  probability: number;
  text: string;
  stop: number;
}

class SessionRun implements Run {
  generation = 0;
  ended = false;
  readonly #core: Core;
  readonly #onEnd: () => void;

  constructor(
    core: Core,
    readonly session: number,
    onEnd: () => void,
  ) {
    this.#core = core;
    this.#onEnd = onEnd;
  }

  release(): void {
    if (this.ended) return;
    this.ended = true;
    this.#core.release('bw_generation_free', this.generation);
    this.#core.release('bw_session_free', this.session);
    this.#onEnd();
  }
}

interface Figures {
  nPrompt: number;
  nTokens: number;
  promptMs: number;
  decodeMs: number;
}

/** Tokens per second over the time spent in the model alone. */
function speeds({ nPrompt, nTokens, promptMs, decodeMs }: Figures) {
  const rate = (n: number, ms: number) => (n > 0 && ms > 0 ? (1000 * n) / ms : null);
  const promptSpeed = rate(nPrompt, promptMs);
  const decodeSpeed = rate(nTokens - 1, decodeMs);
  return { promptSpeed, decodeSpeed, nPrompt, nTokens };
}
