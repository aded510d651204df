/** Chooses codes by methods, for the lanes and for what is measured: an engine on the full module, with the model as its
 * files hold it. Called from the page through Comlink; it is ended to stop it. */
import * as Comlink from 'comlink';
import { Engine } from './engine.ts';
import { expose } from './expose.ts';
import { PING } from './life.ts';
import type { Chosen } from './measure_types.ts';
import { Calibration, chooseCodes, parseMethods, type CalibrationText } from './methods.ts';
import type { Model } from './model.ts';
import { BitlossError, type ModelInput } from './types.ts';

/** How far a choice of codes is: the model reads a text, of so many tokens; then codes are chosen, of so many
 * weights. */
export interface ChoosingProgress {
  kind: 'reading' | 'choosing';
  done: number;
  total: number;
  /** Since this kind of work began. */
  seconds: number;
}

/** What was chosen, and what it took. */
export interface Choosing {
  chosen: Chosen;
  /** Of the text that was read, 0 where none was needed; and of the reading, which the next recipe is spared. */
  nTokens: number;
  readSeconds: number;
  seconds: number;
}

const TELL_MS = 100;

export class MethodApi {
  #engine: Engine | null = null;
  #model: Model | null = null;
  #calibration: { of: Calibration; text: CalibrationText; seconds: number } | null = null;

  async open(files: readonly ModelInput[]): Promise<void> {
    this.#engine = await Engine.create(undefined, { full: true });
    this.#model = await this.#engine.load(files);
  }

  /** The recipe's canonical spelling; throws a sentence when it has none. */
  parse(recipe: string): { text: string; needsText: boolean } {
    const { text, needs } = parseMethods(this.#opened().engine, recipe);
    return { text, needsText: needs > 0 };
  }

  /** `text` may be null where the recipe's methods need none. */
  choose(
    recipe: string,
    text: CalibrationText | null,
    tell: (progress: ChoosingProgress) => void,
  ): Choosing {
    const { engine, model } = this.#opened();
    const parsed = parseMethods(engine, recipe);
    const read = parsed.needs > 0 ? this.#read(model, text, parsed.needs, tell) : null;
    const nTokens = read?.of.nTokens ?? 0;
    const words = read ? `${nTokens.toLocaleString('en')} tokens of ${read.text.name}` : '';
    const began = performance.now();
    const chosen = chooseCodes(model, parsed, read?.of ?? null, words, teller('choosing', tell));
    const seconds = (performance.now() - began) / 1000;
    const choosing = { chosen, nTokens, readSeconds: read?.seconds ?? 0, seconds };
    return Comlink.transfer(choosing, [chosen.codes.buffer]);
  }

  /** What was gathered on the text, at once where it was before. */
  #read(
    model: Model,
    text: CalibrationText | null,
    needs: number,
    tell: (progress: ChoosingProgress) => void,
  ) {
    if (!text) throw new BitlossError('argument', 'These methods need a text, and there is none.');
    const kept = this.#calibration;
    const isOfText = kept?.text.name === text.name && kept.text.content === text.content;
    if (kept && isOfText && kept.of.needs >= needs) return kept;
    kept?.of.free();
    this.#calibration = null;
    const began = performance.now();
    const of = new Calibration(model, [text], needs, teller('reading', tell));
    const seconds = (performance.now() - began) / 1000;
    return (this.#calibration = { of, text, seconds });
  }

  #opened() {
    if (!this.#engine || !this.#model) throw new BitlossError('argument', 'No model is open.');
    return { engine: this.#engine, model: this.#model };
  }
}

/** Tells a few times a second. */
function teller(kind: ChoosingProgress['kind'], tell: (progress: ChoosingProgress) => void) {
  const began = performance.now();
  let toldAt = -Infinity;
  return (done: number, total: number) => {
    const now = performance.now();
    if (now - toldAt < TELL_MS && done < total) return true;
    toldAt = now;
    tell({ kind, done, total, seconds: (now - began) / 1000 });
    // It is at work for longer than a page waits for an answer where it has no locks.
    postMessage(PING);
    return true;
  };
}

expose(new MethodApi());
