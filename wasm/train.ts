/** Quantization-aware training: a model learns, through the rounding of a format, to predict what it predicted
 * before it was rounded. Needs the trainer's module (wasm/exports_train.c). */
import { finite, whole } from './check.ts';
import { pause, type Watch } from './measure.ts';
import type { Model } from './model.ts';
import { BitlossError } from './types.ts';

/** What is set of a training; `bitloss train` has each under the same name in its recipe. */
export interface TrainSettings {
  /** What weights are rounded by at each step, such as "affine:3:64". */
  recipe: string;
  nSteps: number;
  /** The highest, reached at the end of the warm-up; it falls to 0 along half a cosine. */
  learningRate: number;
  /** Tokens of a sequence, and of a step. */
  context?: number;
  batchTokens?: number;
  warmupSteps?: number;
  beta1?: number;
  beta2?: number;
  maxNorm?: number;
  /** Of the order of the documents. */
  seed?: number;
}

/** Where a training stands. */
export interface TrainReport {
  /** Done so far; the figures below are of the last one. */
  step: number;
  /** Mean KL(before || now) over the tokens that the step read, in nats. */
  loss: number;
  gradientNorm: number;
  learningRate: number;
  /** Read since the beginning. */
  nTokens: number;
}

/** A training under way. It keeps nothing of the model; what ends a document in the text is the token that
 * config.json calls eos_token_id, written out, such as <|end|>. The last twentieth of the documents is held out. */
export class Training {
  readonly #core: Model['core'];
  #address: number;

  /** `model` as its files hold it, `config` the text of its config.json. Throws 'unsupported' where the module has
   * no trainer or the format no grid to learn on. */
  constructor(model: Model, config: string, text: string, settings: TrainSettings) {
    const { core, address } = model;
    if (!core.has('bw_training_new'))
      throw new BitlossError('unsupported', 'This module has nothing to train with.');
    this.#core = core;
    const numbers = [
      whole('context', settings.context ?? 256, 1),
      whole('batchTokens', settings.batchTokens ?? 2048, 1),
      whole('nSteps', settings.nSteps, 1),
      whole('warmupSteps', settings.warmupSteps ?? 10),
      finite('learningRate', settings.learningRate, 0),
      finite('beta1', settings.beta1 ?? 0.9, 0),
      finite('beta2', settings.beta2 ?? 0.98, 0),
      finite('maxNorm', settings.maxNorm ?? 1, 0),
      whole('seed', settings.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    ];
    const end = endOf(config);
    const ids = model.tokenize(text, { addSpecial: false });
    this.#address = core.withText(config, (configText, configSize) =>
      core.withText(settings.recipe, (recipe) =>
        core.withBytes(8 * numbers.length + 4 * ids.length, (memory) => {
          const idsAt = memory + 8 * numbers.length;
          core.setDoubles(memory, numbers);
          core.setInts(idsAt, ids);
          const [n, at] = [ids.length, address];
          return core.address(
            core.call('bw_training_new', at, configText, configSize, recipe, idsAt, n, end, memory),
          );
        }),
      ),
    );
  }

  free(): void {
    this.#core.release('bw_training_free', this.#address);
    this.#address = 0;
  }

  /** Reads one more sequence: an eighth of a step, with settings left alone. True when a step is done with it. */
  advance(): boolean {
    const done = this.#core.call('bw_training_advance', this.#open);
    if (done < 0) throw this.#core.error();
    return done === 1;
  }

  get report(): TrainReport {
    const core = this.#core;
    const found = core.address(core.call('bw_training_report', this.#open));
    const [step, loss, , gradientNorm, learningRate, nTokens] = core.doubles(found, 6);
    return { step, loss, gradientNorm, learningRate, nTokens };
  }

  /** Mean KL(before || now) over the tokens of the documents that are held out, in nats. A sequence is read between
   * two pauses. */
  async heldOut(watch: Watch = {}): Promise<number> {
    const core = this.#core;
    const nSequences = core.call('bw_training_n_held_out', this.#open);
    let sum = 0;
    let nTokens = 0;
    for (let at = 0; at < nSequences; at++) {
      await pause(watch);
      const found = core.address(core.call('bw_training_held_out', this.#open, at));
      const [loss, n] = core.doubles(found, 2);
      sum += loss;
      nTokens += n;
    }
    return sum / nTokens;
  }

  /** The weights as they are: a model.safetensors in bf16, which under the recipe becomes what was trained, to the
   * bit. */
  weights(): Uint8Array<ArrayBuffer> {
    const core = this.#core;
    return core.withBytes(4, (sizeAt) => {
      const file = core.address(core.call('bw_training_export', this.#open, sizeAt));
      try {
        return core.bytes(file, core.words(sizeAt, 1).getUint32(0, true)).slice();
      } finally {
        core.release('bw_free', file);
      }
    });
  }

  get #open(): number {
    if (this.#address === 0) throw new BitlossError('argument', 'The training has been freed.');
    return this.#address;
  }
}

function endOf(config: string): number {
  let end: unknown;
  try {
    ({ eos_token_id: end } = JSON.parse(config) as { eos_token_id?: unknown });
  } catch {
    end = undefined;
  }
  if (typeof end === 'number' && Number.isSafeInteger(end) && end >= 0) return end;
  throw new BitlossError(
    'input',
    "config.json: field 'eos_token_id' is not the number of the token that ends a document.",
  );
}
