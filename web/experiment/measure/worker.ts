/** Makes a measuring worker look like a local object. */
import type { Measurer, OnFraction } from '../../../wasm/measure_types.ts';
import { RemoteWorker } from '../remote_worker.ts';

export interface MeasureWorker {
  /** Its calls reject with a PageError, also when the worker dies, and as cancelled once it is ended. */
  readonly measurer: Measurer;
  end(): void;
}

/** Takes over a worker that has just been started. */
export function startMeasureWorker(worker: Worker): MeasureWorker {
  const remote = new RemoteWorker<Measurer>(worker, 'measure-crash');
  const { api } = remote;
  const call = <T>(work: () => Promise<T>) => remote.call(work);
  const withFraction = <T>(onFraction: OnFraction, work: (proxy: OnFraction) => Promise<T>) =>
    remote.callReporting(onFraction, work);

  const measurer: Measurer = {
    open: (files, onFraction) => withFraction(onFraction, (proxy) => api.open([...files], proxy)),
    stop: () => call(() => api.stop()),
    tokenize: (text, documents) => call(() => api.tokenize(text, documents)),
    take: (chosen) => call(() => api.take(chosen)),
    weights: (recipe) => call(() => api.weights(recipe)),
    weightDetail: (recipe, tensor) => call(() => api.weightDetail(recipe, tensor)),
    weightRow: (recipe, tensor, row) => call(() => api.weightRow(recipe, tensor, row)),
    weightMap: (recipe, tensor, columns, rows) =>
      call(() => api.weightMap(recipe, tensor, columns, rows)),
    bytes: (recipe) => call(() => api.bytes(recipe)),
    text: (recipe, ids, options, onFraction) =>
      withFraction(onFraction, (proxy) => api.text(recipe, ids, options, proxy)),
    tasks: (recipe, tasks, onFraction) =>
      withFraction(onFraction, (proxy) => api.tasks(recipe, [...tasks], proxy)),
    written: (recipe, task) => call(() => api.written(recipe, task)),
    layers: (recipe, prompt, onFraction) =>
      withFraction(onFraction, (proxy) => api.layers(recipe, prompt, proxy)),
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
    end: () => remote.end({ kind: 'core', code: 'cancelled', detail: 'The worker was ended.' }),
  };
}
