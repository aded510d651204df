/** Starts a measuring worker and makes it look like a local object. */
import * as Comlink from 'comlink';
import type { Measurer, OnFraction } from '../../../wasm/measure_types.ts';
import { PageError, type Problem } from '../problem.ts';
import { toProblem } from '../remote_worker.ts';

export interface MeasureWorker {
  /** Its calls reject with a PageError, also when the worker dies, and as cancelled once it is ended. */
  readonly measurer: Measurer;
  end(): void;
}

export function startMeasureWorker(): MeasureWorker {
  const worker = new Worker(new URL('../../../wasm/measure_worker.ts', import.meta.url), {
    type: 'module',
  });
  const api = Comlink.wrap<Measurer>(worker);
  /** Rejects when the worker dies or is ended: what was asked of it will not be answered. */
  let die: (problem: Problem) => void = () => {};
  const died = new Promise<never>(
    (_, reject) => (die = (problem) => reject(new PageError(problem))),
  );
  died.catch(() => {});
  worker.onerror = (event) => {
    event.preventDefault();
    die({ kind: 'measure-crash', detail: event.message ?? '' });
  };
  // A message that cannot be read is an answer that will not come.
  worker.onmessageerror = () => die({ kind: 'measure-crash', detail: '' });

  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await Promise.race([work(), died]);
    } catch (error) {
      throw error instanceof PageError ? error : new PageError(measureProblem(error));
    }
  }
  /** Progress comes through a port of its own, and may arrive after the result. */
  async function withFraction<T>(
    onFraction: OnFraction,
    work: (proxy: OnFraction) => Promise<T>,
  ): Promise<T> {
    let isWorking = true;
    const proxy = Comlink.proxy((fraction: number) => {
      if (isWorking) onFraction(fraction);
    });
    return call(() => work(proxy)).finally(() => (isWorking = false));
  }

  const measurer: Measurer = {
    open: (files, onFraction) => withFraction(onFraction, (proxy) => api.open([...files], proxy)),
    stop: () => call(() => api.stop()),
    tokenize: (text) => call(() => api.tokenize(text)),
    weights: (recipe) => call(() => api.weights(recipe)),
    weightDetail: (recipe, tensor) => call(() => api.weightDetail(recipe, tensor)),
    bytes: (recipe) => call(() => api.bytes(recipe)),
    text: (recipe, ids, options, onFraction) =>
      withFraction(onFraction, (proxy) => api.text(recipe, ids, options, proxy)),
    tasks: (recipe, tasks, onFraction) =>
      withFraction(onFraction, (proxy) => api.tasks(recipe, [...tasks], proxy)),
    share: (nRight, n) => call(() => api.share(nRight, n)),
    paired: (first, second) => call(() => api.paired([...first], [...second])),
    units: (by) => call(() => api.units(by)),
    mix: (units, kl, measured, formats, targetBits) =>
      call(() => api.mix([...units], [...kl], measured, [...formats], targetBits)),
    paretoFront: (sizes, losses) => call(() => api.paretoFront([...sizes], [...losses])),
    cost: (recipe, onFraction) => withFraction(onFraction, (proxy) => api.cost(recipe, proxy)),
    budgetConfig: (size) => call(() => api.budgetConfig(size)),
    budget: (config, options) => call(() => api.budget(config, options)),
  };
  return {
    measurer,
    end: () => {
      die({ kind: 'core', code: 'cancelled', detail: 'The worker was ended.' });
      api[Comlink.releaseProxy]();
      worker.terminate();
    },
  };
}

function measureProblem(error: unknown): Problem {
  const problem = toProblem(error);
  return problem.kind === 'crash' ? { ...problem, kind: 'measure-crash' } : problem;
}
