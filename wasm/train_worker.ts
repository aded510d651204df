/** A model that learns through its rounding, and what it can before and after: an engine on the trainer's module,
 * which has all that the first one has. Called from the page through Comlink. */
import { Engine } from './engine.ts';
import { expose } from './expose.ts';
import { compile } from './loader.ts';
import { answerTasks, makeVariant, measureText, pause, shareOf } from './measure.ts';
import type { Share, Task, TextOptions, TextStats } from './measure_types.ts';
import type { Model } from './model.ts';
import { Training } from './train.ts';
import { BitlossError, type ModelFile } from './types.ts';

/** What is asked for. */
export interface TrainOrder {
  recipe: string;
  nSteps: number;
  learningRate: number;
  /** What each version goes on writing from. */
  prompt: string;
}

/** What a version of the model can. */
export interface TrainedVersion {
  /** Of the questions. */
  right: Share;
  text: string;
}

export type TrainEvent =
  /** The questions are being answered, by the version before (the original, the rounded one) or after. */
  | { kind: 'asking'; fraction: number; isAfter: boolean }
  | { kind: 'original'; version: TrainedVersion }
  /** Step 0; held out: mean KL(original || rounded) on text that is not learned from. */
  | { kind: 'rounded'; version: TrainedVersion; heldOut: number; sizeBytes: number }
  /** `loss` is that of the step's own text; `heldOut` null where it was not measured after this step. */
  | { kind: 'step'; step: number; loss: number; heldOut: number | null; at: TrainEffort };

export interface TrainEffort {
  nTokens: number;
  /** Since the first step began, of training alone. */
  seconds: number;
}

export interface TrainResult {
  step: number;
  heldOut: number;
  version: TrainedVersion;
  effort: TrainEffort;
}

/** What a trained version loses: on each text, and which answers are right of each list of questions. */
export interface TrainedLoss {
  stats: TextStats[];
  right: boolean[][];
  sizeBytes: number;
  bitsPerWeight: number;
}

/** Measurements of the held-out text on the way, besides those at both ends. */
const N_HELD_OUT = 20;
const TEXT_TOKENS = 48;

export class TrainApi {
  #engine: Engine | null = null;
  #model: Model | null = null;
  #files: readonly ModelFile[] = [];
  #config = '';
  #text = '';
  #tasks: readonly Task[] = [];
  #original: { prompt: string; version: TrainedVersion } | null = null;
  #stopping: AbortController | null = null;
  #weights: Uint8Array<ArrayBuffer> | null = null;

  /** The model, the text that it learns from and what it is asked. Once, and before all else. */
  async open(files: readonly ModelFile[], text: string, tasks: readonly Task[]): Promise<void> {
    const module = new URL('../build/wasm/bitloss-train-simd128.wasm', import.meta.url);
    this.#engine = await Engine.create(await compile(module));
    this.#model = await this.#engine.load(files);
    this.#files = files;
    this.#config = await files.find(({ name }) => name === 'config.json')!.blob.text();
    this.#text = text;
    this.#tasks = tasks;
  }

  /** Runs to the last step or to stop(), which keeps what was reached. */
  async train(order: TrainOrder, tell: (event: TrainEvent) => void): Promise<TrainResult> {
    const model = this.#model;
    if (!model) throw new BitlossError('argument', 'No model is open.');
    const { signal } = (this.#stopping = new AbortController());
    this.#weights = null;
    const training = new Training(model, this.#config, this.#text, order);
    try {
      await this.#before(model, training, order, tell);
      const effort = await follow(training, order.nSteps, signal, tell);
      const heldOut = await training.heldOut();
      const { step } = training.report;
      this.#weights = training.weights();
      const version = await this.#after(order, this.#weights, tell);
      return { step, heldOut, version, effort };
    } finally {
      training.free();
    }
  }

  /** Ends the steps; the training is then measured as it stands. */
  stop(): void {
    this.#stopping?.abort();
  }

  /** The last trained version, as the recipe rounds it, against the original: on texts, and on questions. */
  async judge(
    recipe: string,
    texts: readonly { ids: Int32Array; options: TextOptions }[],
    questions: readonly (readonly Task[])[],
  ): Promise<TrainedLoss> {
    const weights = this.weights();
    const trained = await this.#engine!.load(this.#filesWith(weights), { recipe });
    try {
      const stats: TextStats[] = [];
      for (const { ids, options } of texts) {
        const [result] = await measureText(this.#model!, [trained], ids, options);
        stats.push(result!.stats);
      }
      const right: boolean[][] = [];
      for (const tasks of questions) right.push(await answerTasks(trained, tasks));
      const { sizeBytes, bitsPerWeight } = trained.info;
      return { stats, right, sizeBytes, bitsPerWeight };
    } finally {
      trained.free();
    }
  }

  /** The model.safetensors of the last training that has ended. */
  weights(): Uint8Array<ArrayBuffer> {
    if (!this.#weights) throw new BitlossError('argument', 'Nothing has been trained.');
    return this.#weights;
  }

  async #before(
    model: Model,
    training: Training,
    { recipe, prompt }: TrainOrder,
    tell: (event: TrainEvent) => void,
  ): Promise<void> {
    const asking = (from: number) => (fraction: number) =>
      tell({ kind: 'asking', fraction: from + fraction / 2, isAfter: false });
    if (this.#original?.prompt !== prompt)
      this.#original = { prompt, version: await this.#versionOf(model, prompt, asking(0)) };
    tell({ kind: 'original', version: this.#original.version });
    const rounded = makeVariant(model, recipe);
    try {
      const version = await this.#versionOf(rounded, prompt, asking(0.5));
      const { sizeBytes } = rounded.info;
      tell({ kind: 'rounded', version, heldOut: await training.heldOut(), sizeBytes });
    } finally {
      rounded.free();
    }
  }

  /** The weights are read as a file would be: what is measured is what a conversion of them makes. */
  async #after(
    { recipe, prompt }: TrainOrder,
    weights: Uint8Array<ArrayBuffer>,
    tell: (event: TrainEvent) => void,
  ): Promise<TrainedVersion> {
    const trained = await this.#engine!.load(this.#filesWith(weights), { recipe });
    try {
      return await this.#versionOf(trained, prompt, (fraction) =>
        tell({ kind: 'asking', fraction, isAfter: true }),
      );
    } finally {
      trained.free();
    }
  }

  #filesWith(weights: Uint8Array<ArrayBuffer>): ModelFile[] {
    const isWeights = ({ name }: ModelFile) => name === 'model.safetensors';
    const blob = new Blob([weights]);
    return this.#files.map((file) => (isWeights(file) ? { name: file.name, blob } : file));
  }

  async #versionOf(
    model: Model,
    prompt: string,
    onFraction: (fraction: number) => void,
  ): Promise<TrainedVersion> {
    const answers = await answerTasks(model, this.#tasks, { onFraction });
    const right = shareOf(this.#engine!, answers.filter(Boolean).length, answers.length);
    let text = '';
    for await (const event of model.generate(prompt, { maxTokens: TEXT_TOKENS })) {
      if (event.kind === 'done') text = event.text;
      await pause({});
    }
    return { right, text };
  }
}

/** Step by step, until the last one or the signal. A sequence is read between two pauses. */
async function follow(
  training: Training,
  nSteps: number,
  signal: AbortSignal,
  tell: (event: TrainEvent) => void,
): Promise<TrainEffort> {
  const every = Math.max(1, Math.round(nSteps / N_HELD_OUT));
  let seconds = 0;
  for (let step = 0; step < nSteps && !signal.aborted; ) {
    await pause({});
    if (signal.aborted) break;
    const began = performance.now();
    const isDone = training.advance();
    seconds += (performance.now() - began) / 1000;
    if (!isDone) continue;
    const { loss, nTokens } = training.report;
    step++;
    const isDue = step % every === 0 && step < nSteps && !signal.aborted;
    const heldOut = isDue ? await training.heldOut() : null;
    tell({ kind: 'step', step, loss, heldOut, at: { nTokens, seconds } });
  }
  return { nTokens: training.report.nTokens, seconds };
}

expose(new TrainApi());
