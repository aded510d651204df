/** A worker and the object in it that the page calls through Comlink. */
import * as Comlink from 'comlink';
import { passSources } from '../../wasm/source_port.ts';
import type { BitlossError, LoadProgress, Said } from '../../wasm/types.ts';
import { watchLife } from '../../wasm/watch_life.ts';
import { PageError, type Problem } from './problem.ts';

/** What it is called when the worker dies: the sentence differs by what it was for. */
export type Crash = 'crash' | 'measure-crash';

passSources();

export class RemoteWorker<Api> {
  readonly api: Comlink.Remote<Api>;
  readonly #worker: Worker;
  readonly #crash: Crash;
  readonly #endWatch: () => void;
  #die: (problem: Problem) => void = () => {};
  /** Rejects when the worker dies or is ended as cancelled; calls race against it, since their answers
   * will not come. */
  readonly #died: Promise<never>;
  #isDead = false;

  constructor(worker: Worker, crash: Crash = 'crash') {
    this.#worker = worker;
    this.#crash = crash;
    this.api = Comlink.wrap<Api>(worker);
    this.#died = new Promise((_, reject) => {
      this.#die = (problem) => {
        this.#isDead = true;
        this.#endWatch();
        reject(new PageError(problem));
      };
    });
    this.#died.catch(() => {});
    worker.onerror = (event) => {
      event.preventDefault();
      this.#die({ kind: crash, detail: event.message ?? '' });
    };
    // A message that cannot be read is an answer that will not come. Chromium's workers have no
    // onmessageerror.
    const lost = () => this.#die({ kind: crash, detail: '' });
    worker.addEventListener('messageerror', lost);
    this.#endWatch = watchLife(worker, lost);
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Rejects with a PageError. */
  async call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await Promise.race([work(), this.#died]);
    } catch (error) {
      throw error instanceof PageError ? error : new PageError(await toProblem(error, this.#crash));
    }
  }

  /** A call that tells how far it is. */
  async callReporting<P, T>(
    report: (progress: P) => void,
    work: (onProgress: (progress: P) => void) => Promise<T>,
  ): Promise<T> {
    // Progress comes through a port of its own, and may arrive after the result.
    let isWorking = true;
    const onProgress = Comlink.proxy((progress: P) => {
      if (isWorking) report(progress);
    });
    return this.call(() => work(onProgress)).finally(() => (isWorking = false));
  }

  /** A call that reads a model; `report` gets 0 to 1. */
  async callLoading<T>(
    report: (fraction: number) => void,
    work: (onProgress: (progress: LoadProgress) => void) => Promise<T>,
  ): Promise<T> {
    return this.callReporting(
      ({ bytesDone, bytesTotal }) => report(bytesTotal > 0 ? bytesDone / bytesTotal : 0),
      work,
    );
  }

  /** Gives back all of its memory; calls that wait for an answer wait no longer with `why`. */
  end(why?: Problem): void {
    if (why) this.#die(why);
    this.#endWatch();
    this.api[Comlink.releaseProxy]();
    this.#worker.terminate();
  }
}

/** The engine's errors carry a sentence; anything else is a defect or a trap in the module. */
async function toProblem(error: unknown, crash: Crash): Promise<Problem> {
  const { name, message, code, said } = error as Partial<BitlossError>;
  if (name !== 'BitlossError') return { kind: crash, detail: message ?? String(error) };
  if (code === 'memory') return { kind: 'memory' };
  if (code === 'browser') return { kind: 'browser', detail: message ?? '' };
  const korean = said ? await sayInKorean(said) : undefined;
  return { kind: 'core', code: code ?? 'input', detail: message ?? '', korean };
}

/** Whoever reads in English may switch: an error is said in both. Without its words, which come over the network,
 * there is the English sentence. */
async function sayInKorean(said: Said): Promise<string | undefined> {
  const words = await import('../i18n/core_errors/index.ts').catch(() => null);
  return words?.inKorean(said) ?? undefined;
}
