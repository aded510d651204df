/** The engine of a document: one compiled module for all workers of all experiments in it, and a few
 * lanes' workers that have started before they are asked for. */
import { compile } from '../../wasm/loader.ts';
import type { PageModule } from '../../wasm/page_module.ts';
import type { Engines } from './host.ts';
import { LaneWorker } from './lane_worker.ts';
import type { MeasureWorker } from './measure/worker.ts';
import { Worker } from './worker_anywhere.ts';

/** Waiting workers that are held once the first have been taken: for a lane that is added or tried again,
 * or another recipe of a large model. */
const N_SPARES = 1;

export class EngineProvider implements Engines {
  static #ofDocument: EngineProvider | null = null;

  /** Null until the first worker is wanted, and again when it could not be compiled. */
  #module: Promise<WebAssembly.Module | null> | null = null;
  readonly #spares: LaneWorker[] = [];
  /** Experiments that are under way. */
  #nUsers = 0;

  /** The one that every experiment shares unless it is given another. */
  static ofDocument(): EngineProvider {
    return (EngineProvider.#ofDocument ??= new EngineProvider());
  }

  begin(nLanes: number): void {
    this.#nUsers++;
    this.#prepare(nLanes);
  }

  end(): void {
    if (--this.#nUsers === 0) for (const worker of this.#spares.splice(0)) worker.end();
  }

  #prepare(n: number): void {
    if (this.#nUsers === 0) return;
    while (this.#spares.length < n) this.#spares.push(new LaneWorker(this.#start('lane')));
  }

  /** A worker without a model, which ends when it is told to. */
  laneWorker(): LaneWorker {
    let worker = this.#spares.shift();
    while (worker?.isDead) {
      worker.end();
      worker = this.#spares.shift();
    }
    worker ??= new LaneWorker(this.#start('lane'));
    worker.whenLoaded(() => this.#prepare(N_SPARES));
    return worker;
  }

  async measureWorker(isFull: boolean): Promise<MeasureWorker> {
    const { startMeasureWorker } = await import('./measure/worker.ts');
    return startMeasureWorker(this.#start('measuring', isFull));
  }

  #start(what: 'lane' | 'measuring', isFull = false): Worker {
    // The bundler must see each of these whole.
    const worker =
      what === 'lane'
        ? new Worker(new URL('../../wasm/worker.ts', import.meta.url), { type: 'module' })
        : new Worker(new URL('../../wasm/measure_worker.ts', import.meta.url), { type: 'module' });
    if (isFull) worker.postMessage({ module: null, isFull } satisfies PageModule);
    else void this.#send(worker);
    return worker;
  }

  async #send(worker: Worker): Promise<void> {
    const module = await (this.#module ??= this.#compile());
    try {
      worker.postMessage({ module } satisfies PageModule);
    } catch {
      // A browser that does not copy modules: each worker compiles its own.
      worker.postMessage({ module: null } satisfies PageModule);
    }
  }

  /** null where it cannot be done here, as under a policy that allows it to workers alone: they try, and what
   * is wrong is told by the one that fails. */
  async #compile(): Promise<WebAssembly.Module | null> {
    try {
      return await compile();
    } catch {
      this.#module = null;
      return null;
    }
  }
}
