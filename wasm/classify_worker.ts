/** A classifier and variants of it: an engine on the full module, which the lanes do without. Called from the page
 * through Comlink. */
import {
  Classifier,
  measureLabels,
  probabilities,
  readLabelled,
  type LabelFigures,
  type Labelled,
} from './classify.ts';
import { Engine } from './engine.ts';
import { expose } from './expose.ts';
import { makeVariant } from './measure.ts';
import type { OnFraction } from './measure_types.ts';
import type { Model } from './model.ts';
import { BitlossError, type ModelFile } from './types.ts';

/** A variant, as it is told to the page. */
export interface VariantOfClassifier {
  /** The canonical spelling. */
  recipe: string;
  sizeBytes: number;
  bitsPerWeight: number;
}

/** What a variant makes of one text. */
export interface Classified {
  logits: number[];
  /** In the order of the labels. */
  probabilities: number[];
}

/** The figures that the page shows: not the logits of a thousand texts. */
export type LabelRow = Omit<LabelFigures, 'logits' | 'isRight'>;

interface Variant {
  model: Model;
  classifier: Classifier;
}

export class ClassifyApi {
  #engine: Engine | null = null;
  /** By canonical recipe, "reference" first. */
  readonly #variants = new Map<string, Variant>();
  #texts: readonly Labelled[] = [];
  #reference: LabelFigures | null = null;
  #running: AbortController | null = null;

  /** Reads a classifier from its files, and the texts that it is judged by. Once, and before all else. */
  async open(files: readonly ModelFile[], lines: string): Promise<{ labels: readonly string[] }> {
    const engine = await Engine.create(undefined, { full: true });
    this.#engine = engine;
    const model = await engine.load(files);
    const classifier = new Classifier(model);
    this.#variants.set('reference', { model, classifier });
    this.#texts = readLabelled(lines, classifier.labels);
    return { labels: classifier.labels };
  }

  /** Quantizes, where that recipe has not been; throws 'recipe' where it is none. */
  async make(recipe: string): Promise<VariantOfClassifier> {
    const { text } = this.#open.parseRecipe(recipe);
    const { info } = this.#variant(text).model;
    return { recipe: text, sizeBytes: info.sizeBytes, bitsPerWeight: info.bitsPerWeight };
  }

  /** `recipe` is canonical. Throws 'argument' where the text is longer than the model takes. */
  async classify(recipe: string, text: string): Promise<Classified> {
    const { classifier } = this.#variant(recipe);
    const logits = Array.from(classifier.logits(classifier.tokenize(text)));
    return { logits, probabilities: probabilities(logits) };
  }

  /** All texts through one variant, and first through the reference. */
  async measure(recipe: string, onFraction: OnFraction): Promise<LabelRow> {
    this.stop();
    const running = (this.#running = new AbortController());
    const measured = (one: string) =>
      measureLabels(
        this.#open,
        this.#variant(one).classifier,
        this.#texts,
        one === 'reference' ? null : this.#reference,
        { signal: running.signal, onFraction },
      );
    this.#reference ??= await measured('reference');
    const { logits, isRight, ...row } =
      recipe === 'reference' ? this.#reference : await measured(recipe);
    return row;
  }

  stop(): void {
    this.#running?.abort();
  }

  get #open(): Engine {
    if (!this.#engine) throw new BitlossError('argument', 'No classifier is open.');
    return this.#engine;
  }

  #variant(recipe: string): Variant {
    const made = this.#variants.get(recipe);
    if (made) return made;
    const model = makeVariant(this.#variants.get('reference')!.model, recipe);
    try {
      const variant = { model, classifier: new Classifier(model) };
      this.#variants.set(recipe, variant);
      return variant;
    } catch (error) {
      model.free();
      throw error;
    }
  }
}

expose(new ClassifyApi());
