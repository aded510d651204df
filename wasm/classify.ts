/** Texts put into the classes of an encoder, and how well: accuracy, and what a variant changes of the logits.
 * Needs the full module in a browser (wasm/exports_classify.c). */
import { tokenIds } from './check.ts';
import type { Engine } from './engine.ts';
import { comparePaired, pause, shareOf, type Watch } from './measure.ts';
import type { Estimate, Paired, Share } from './measure_types.ts';
import type { Model } from './model.ts';
import { BitlossError } from './types.ts';

/** A text and the class that it belongs to, by its number. */
export interface Labelled {
  text: string;
  label: number;
}

/** So many texts are answered one after another where latency is measured. */
export const BATCHES = [1, 4, 8] as const;

/** How a model did on labelled texts. `logits` are (n, labels); the rest as `bitloss compare --labels` has it. */
export interface LabelFigures {
  n: number;
  accuracy: Share;
  logits: Float32Array;
  isRight: boolean[];
  /** Against the reference on the same texts; null for the reference itself. */
  paired: Paired | null;
  /** Mean |logit - the reference's| with its standard error; null for the reference itself. */
  logitDiff: Estimate | null;
  /** The median milliseconds until so many texts of BATCHES are answered. */
  batchMs: number[];
}

/** Texts that are labelled between two pauses. */
const TEXTS_PER_SLICE = 8;
/** Batches of each size whose median counts. */
const N_TIMED = 31;

/** A model's classes at work. It borrows the model, and is to be freed before it. */
export class Classifier {
  readonly labels: readonly string[];
  readonly #model: Model;
  #encoder: number;

  /** Throws 'unsupported' where the model has no classes, or the engine runs on the small module. */
  constructor(model: Model) {
    const { core, address } = model;
    if (!core.has('bw_encoder_new'))
      throw new BitlossError('unsupported', 'This module has nothing to classify texts with.');
    this.#model = model;
    this.labels = core.json<string[]>(core.call('bw_model_labels', address));
    this.#encoder = core.address(core.call('bw_encoder_new', address));
  }

  free(): void {
    this.#model.core.release('bw_encoder_free', this.#encoder);
    this.#encoder = 0;
  }

  /** One for each of the labels. */
  logits(ids: readonly number[]): Float32Array {
    const { core } = this.#model;
    const n = this.labels.length;
    const all = tokenIds(ids);
    if (this.#encoder === 0) throw new BitlossError('argument', 'The classifier has been freed.');
    return core.withBytes(4 * (all.length + n + 1), (address) => {
      const logits = address + 4 * all.length;
      core.setInts(address, all);
      core.check(core.call('bw_encoder_classify', this.#encoder, address, all.length, logits));
      return core.floats(logits, n);
    });
  }

  /** The text with the special tokens that belong around it. */
  tokenize(text: string): number[] {
    return this.#model.tokenize(text);
  }
}

/** e^logit over the sum of all. */
export function probabilities(logits: ArrayLike<number>): number[] {
  const all = Array.from(logits);
  const most = Math.max(...all);
  const powers = all.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The likeliest class, the first of several. */
export function likeliest(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** Lines "text<TAB>label", as `bitloss compare --labels` reads them; the label is one of the names. Blank lines are
 * left out. Throws 'input' where a line is not so. */
export function readLabelled(lines: string, labels: readonly string[]): Labelled[] {
  const texts: Labelled[] = [];
  for (const [i, line] of lines.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const [text, name, ...more] = line.split('\t');
    const label = name === undefined ? -1 : labels.indexOf(name);
    if (!text || label < 0 || more.length > 0)
      throw new BitlossError(
        'input',
        `Line ${i + 1} of the labelled texts is '${line.slice(0, 80)}', expected a text, a tab and one of ${labels.join(', ')}.`,
      );
    texts.push({ text, label });
  }
  return texts;
}

/** Labels all texts and times some. `reference` are the reference's figures on the same texts; null for its own. */
export async function measureLabels(
  engine: Engine,
  classifier: Classifier,
  texts: readonly Labelled[],
  reference: LabelFigures | null,
  watch: Watch = {},
): Promise<LabelFigures> {
  const nLabels = classifier.labels.length;
  const ids = texts.map(({ text }) => classifier.tokenize(text));
  const n = texts.length;
  const logits = new Float32Array(n * nLabels);
  const isRight: boolean[] = [];
  const nSteps = n + N_TIMED * BATCHES.length;
  for (let at = 0; at < n; at++) {
    if (at % TEXTS_PER_SLICE === 0) await pause(watch);
    const own = classifier.logits(ids[at]!);
    logits.set(own, at * nLabels);
    isRight.push(likeliest(own) === texts[at]!.label);
    watch.onFraction?.((at + 1) / nSteps);
  }
  const batchMs: number[] = [];
  for (const [i, size] of BATCHES.entries()) {
    const times: number[] = [];
    for (let run = 0; run < N_TIMED; run++) {
      await pause(watch);
      const began = performance.now();
      for (let k = 0; k < size; k++) classifier.logits(ids[(run * size + k) % n]!);
      times.push(performance.now() - began);
      watch.onFraction?.((n + i * N_TIMED + run + 1) / nSteps);
    }
    batchMs.push(times.sort((one, other) => one - other)[N_TIMED >> 1]!);
  }
  return {
    n,
    accuracy: shareOf(engine, isRight.filter(Boolean).length, n),
    logits,
    isRight,
    paired: reference && comparePaired(engine, reference.isRight, isRight),
    logitDiff: reference && logitDifference(reference.logits, logits, nLabels),
    batchMs,
  };
}

/** The mean over texts of each one's mean over classes, with the standard error of that mean. */
function logitDifference(before: Float32Array, after: Float32Array, nLabels: number): Estimate {
  const n = before.length / nLabels;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    let mean = 0;
    for (let k = i * nLabels; k < (i + 1) * nLabels; k++)
      mean += Math.abs(after[k]! - before[k]!) / nLabels;
    sum += mean;
    squares += mean * mean;
  }
  const mean = sum / n;
  const variance = Math.max(0, (squares - n * mean * mean) / (n - 1));
  return { value: mean, error: n > 1 ? Math.sqrt(variance / n) : null };
}
