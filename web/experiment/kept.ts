/** What the browser keeps of models from other servers, as the reader sees it. */
import type { ModelCache, NotKept } from '../source/cache.ts';
import type { Keeping } from '../source/opening.ts';
import type { Host } from './host.ts';
import type { AppState, Store } from './state.ts';

export class Kept {
  #cache: Promise<ModelCache | null> | null = null;

  constructor(
    private readonly store: Store<AppState>,
    private readonly openCache: Host['openCache'],
  ) {}

  async #open(): Promise<ModelCache | null> {
    if (!this.openCache) return null;
    try {
      return await (this.#cache ??= this.openCache());
    } catch {
      // Its code did not come: another time.
      this.#cache = null;
      return null;
    }
  }

  /** For a download; null where none is to be kept. */
  async keeping(tell: (why: NotKept) => void): Promise<Keeping | null> {
    if (!this.openCache) return null;
    return { cache: await this.#open(), tell, changed: () => void this.refresh() };
  }

  /** Looks again at what is there. */
  async refresh(inUse: string | null = null): Promise<void> {
    const cache = await this.#open();
    if (!cache) return;
    try {
      const [models, room] = await Promise.all([cache.list(), cache.room()]);
      this.store.update({ kept: { models, room, inUse } });
    } catch {
      // Another page is deleting what is being looked at, and this one looks again when something changes here.
    }
  }

  /** Deletes one, or all; one that is in use stays, and the reader is told. */
  async delete(key: string | null): Promise<void> {
    const cache = await this.#open();
    const models = this.store.state.kept?.models ?? [];
    let inUse: string | null = null;
    for (const model of models)
      if ((key === null || model.key === key) && !(await cache?.delete(model.key)))
        inUse = model.address;
    await this.refresh(inUse);
  }
}
