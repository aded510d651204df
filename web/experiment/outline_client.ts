/** The page's side of the worker that tells models by headers: one for each look, which ends with it. */
import type { Head, HeadText, Outlined } from '../../wasm/outline.ts';
import type { OutlineApi } from '../../wasm/outline_worker.ts';
import { RemoteWorker } from './remote_worker.ts';
import { Worker } from './worker_anywhere.ts';

export class OutlineClient {
  readonly #remote = new RemoteWorker<OutlineApi>(
    new Worker(new URL('../../wasm/outline_worker.ts', import.meta.url), { type: 'module' }),
  );

  /** Rejects with a PageError: that of loading these files, as far as headers tell. */
  outline(
    texts: readonly HeadText[],
    heads: readonly Head[],
    recipes: readonly string[],
  ): Promise<Outlined> {
    return this.#remote.call(() => this.#remote.api.outline(texts, heads, recipes));
  }

  end(): void {
    if (this.#remote.isDead) return;
    this.#remote.end({ kind: 'core', code: 'cancelled', detail: 'The look was ended.' });
  }
}
