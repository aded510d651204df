/** The worker with the site's classifier, begun with the first call. */
import type {
  Classified,
  ClassifyApi,
  LabelRow,
  VariantOfClassifier,
} from '../../wasm/classify_worker.ts';
import { request } from '../source/request.ts';
import { RemoteWorker } from './remote_worker.ts';
import { Worker } from './worker_anywhere.ts';

/** Where the classifier lies, from the folder that holds models/ on. */
const FOLDER = 'models/classifier/';
const FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const TEXTS = 'held_out.tsv';

export interface OpenClassifier {
  labels: readonly string[];
  /** The texts that it is judged by, "text<TAB>label". */
  lines: readonly string[];
}

export class ClassifyClient {
  readonly #remote = new RemoteWorker<ClassifyApi>(
    new Worker(new URL('../../wasm/classify_worker.ts', import.meta.url), { type: 'module' }),
  );

  get isDead(): boolean {
    return this.#remote.isDead;
  }

  /** Fetches the classifier and opens it. Once, and before all else. Rejects with a PageError, as all of these do. */
  async open(base: string, signal: AbortSignal): Promise<OpenClassifier> {
    const fetched = async (name: string) => ({
      name,
      blob: await (await request(new URL(FOLDER + name, base).href, signal)).blob(),
    });
    const files = Promise.all(FILES.map(fetched));
    const [read, { blob }] = await Promise.all([files, fetched(TEXTS)]);
    const text = await blob.text();
    const { labels } = await this.#remote.call(() => this.#remote.api.open(read, text));
    return { labels, lines: text.split('\n').filter((line) => line !== '') };
  }

  make(recipe: string): Promise<VariantOfClassifier> {
    return this.#remote.call(() => this.#remote.api.make(recipe));
  }

  classify(recipe: string, text: string): Promise<Classified> {
    return this.#remote.call(() => this.#remote.api.classify(recipe, text));
  }

  measure(recipe: string, report: (fraction: number) => void): Promise<LabelRow> {
    return this.#remote.callReporting(report, (onFraction) =>
      this.#remote.api.measure(recipe, onFraction),
    );
  }

  stop(): void {
    if (!this.isDead) void this.#remote.api.stop();
  }

  end(): void {
    this.#remote.end({ kind: 'core', code: 'cancelled', detail: '' });
  }
}
