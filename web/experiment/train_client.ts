/** The worker in which a listed model learns through its rounding, begun with the first call. */
import type {
  TrainApi,
  TrainedLoss,
  TrainEvent,
  TrainOrder,
  TrainResult,
} from '../../wasm/train_worker.ts';
import type { ListedModel } from '../source/listed.ts';
import { fetchListed } from '../source/remote.ts';
import { fetchQuestions, nQuestionsFor } from './measure/questions.ts';
import { get, LIST_FOLDER } from './measure/texts.ts';
import { RemoteWorker } from './remote_worker.ts';
import { Worker } from './worker_anywhere.ts';

/** What is learned from: documents of the models' training, half of them English and half Korean. */
const TEXT = `${LIST_FOLDER}calibration.txt`;
/** Of each skill and language. */
const N_QUESTIONS = 6;

export class TrainClient {
  readonly #remote = new RemoteWorker<TrainApi>(
    new Worker(new URL('../../wasm/train_worker.ts', import.meta.url), { type: 'module' }),
  );

  get isDead(): boolean {
    return this.#remote.isDead;
  }

  /** Fetches the model, the text and the questions, so many of each skill and language, and opens them; resolves to how
   * many questions there are. Once, and before all else. Rejects with a PageError, as all of these do. */
  async open(
    model: ListedModel,
    base: string,
    signal: AbortSignal,
    nQuestions = N_QUESTIONS,
  ): Promise<number> {
    const [files, text, asked] = await Promise.all([
      fetchListed(model, base, () => {}, signal),
      get(TEXT, base, signal),
      model.questions ? fetchQuestions(model.questions, base, signal) : [],
    ]);
    const tasks = asked.slice(0, nQuestionsFor(asked, nQuestions));
    await this.#remote.call(() => this.#remote.api.open(files, text, tasks));
    return tasks.length;
  }

  train(order: TrainOrder, report: (event: TrainEvent) => void): Promise<TrainResult> {
    return this.#remote.callReporting(report, (tell) => this.#remote.api.train(order, tell));
  }

  /** What the last trained version loses, rounded by the recipe. */
  judge(...[recipe, texts, questions]: Parameters<TrainApi['judge']>): Promise<TrainedLoss> {
    return this.#remote.call(() => this.#remote.api.judge(recipe, texts, questions));
  }

  /** The training ends with the sequence that is being read, and is measured as it stands. */
  stop(): void {
    if (!this.isDead) void this.#remote.api.stop();
  }

  /** The model.safetensors of what was reached last. */
  weights(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#remote.call(() => this.#remote.api.weights());
  }

  end(): void {
    this.#remote.end({ kind: 'core', code: 'cancelled', detail: '' });
  }
}
