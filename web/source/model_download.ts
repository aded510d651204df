/** The download of a model that is read while it arrives. */
import type { ModelFile, ModelInput } from '../../wasm/types.ts';
import type { CacheEntry, NotKept } from './cache.ts';
import { Checksums } from './checksums.ts';
import type { Meter } from './download.ts';
import { inMemory, PART_BYTES, RemoteSource, type Known, type PartStore } from './parts.ts';
import type { RemoteFile } from './remote_file.ts';

/** What a model's address leads to. */
export interface Found {
  /** They are here already: they are small. */
  texts: readonly ModelFile[];
  weights: readonly RemoteFile[];
}

/** A model that can be read: what has not come yet is waited for. */
export interface Arriving {
  files: readonly ModelInput[];
  /** Resolves once all is here, and is what the server said that it would be. */
  done: Promise<void>;
}

/** Where parts go, and what an earlier visit left of them. */
export interface Keeper {
  known(file: number): Known;
  store(file: number): PartStore;
  /** The first part has come; so much more does, as far as sizes are known. */
  begin(bytesMissing: number): Promise<void>;
  finish(sizes: readonly number[]): Promise<void>;
}

const keepNothing: Keeper = {
  known: () => ({ size: 0, version: null }),
  store: () => inMemory,
  begin: async () => {},
  finish: async () => {},
};

/** Keeps in the cache what there is room for; `tell` is told when there is not. */
export function keeperIn(
  entry: CacheEntry,
  found: Found,
  room: () => Promise<number | null>,
  tell: (why: NotKept) => void,
): Keeper {
  const full = async () => tell({ kind: 'quota', bytes: (await room()) ?? 0 });
  entry.onFull = () => void full();
  return {
    known: (file) => entry.known(file),
    store: (file) => entry.store(file),
    finish: (sizes) => entry.finish(sizes),
    async begin(bytesMissing) {
      if (entry.wasWhole) return;
      if (bytesMissing > ((await room()) ?? Infinity)) await full();
      else await entry.keep(found);
    },
  };
}

/** Begins to download, and resolves once the size of every file is known. In the order in which the engine
 * reads: the beginning of each file of weights, then these from end to end. */
export async function beginDownload(
  { texts, weights }: Found,
  meter: Meter,
  signal: AbortSignal,
  keeper = keepNothing,
): Promise<Arriving> {
  const sums = new Checksums(weights);
  /** Begun with the first part that has come. */
  let begun: Promise<void> | null = null;
  let bytesKept = 0;
  const sources: RemoteSource[] = weights.map((file, i) => {
    const store = keeper.store(i);
    const put: PartStore['put'] = async (...part) => {
      await (begun ??= keeper.begin(sources.reduce((sum, { size }) => sum + size, -bytesKept)));
      return store.put(...part);
    };
    const get: PartStore['get'] = (part, size) => store.get(part, size);
    const onPart = (part: Blob) => sums.add(i, part);
    return new RemoteSource(file, keeper.known(i), { get, put }, meter, signal, onPart);
  });
  const inOrder = [...sources].sort((a, b) =>
    a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  const sized = Promise.all(sources.map((source) => source.sized)).then(() => {
    const bytesTexts = texts.reduce((sum, { blob }) => sum + blob.size, 0);
    meter.bytesTotal = sources.reduce((sum, { size }) => sum + size, bytesTexts);
  });
  sized.catch(() => {});
  const fetchAll = async () => {
    const before = meter.bytesDone;
    for (const source of inOrder) await source.takeKept();
    bytesKept = meter.bytesDone - before;
    if (inOrder.length > 1) for (const source of inOrder) await source.fetch(PART_BYTES);
    for (const source of inOrder) await source.fetch();
    await sums.check();
    await keeper.finish(sources.map(({ size }) => size));
  };
  const done = fetchAll()
    .catch((error) => {
      for (const source of sources) source.fail(error);
      throw error;
    })
    .finally(() => {
      sums.end();
      meter.end();
    });
  done.catch(() => {});
  await Promise.race([sized, done]);
  await sized;
  return { files: [...texts, ...sources], done };
}
