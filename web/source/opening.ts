/** Opens a model of another server, and keeps what comes of it where there is a cache. */
import { printAddress } from '../experiment/address.ts';
import { PageError } from '../experiment/problem.ts';
import type { ModelAddress } from '../experiment/state.ts';
import type { CacheEntry, ModelCache, NotKept } from './cache.ts';
import { Meter, type Progress } from './download.ts';
import { beginDownload, keeperIn, type Arriving } from './model_download.ts';
import { findRemote } from './remote.ts';

type RemoteAddress = Extract<ModelAddress, { kind: 'hub' | 'url' }>;

/** Why a download was aborted: it is not wanted now, but what came of it may be later. Every other reason means
 * that nothing of it is. */
export const KEEP = 'keep what came';

export interface Keeping {
  /** null where the browser has none, or refuses it. */
  cache: ModelCache | null;
  /** The download goes on in memory. */
  tell: (why: NotKept) => void;
  /** Something in the cache is another than it was. */
  changed: () => void;
}

export interface Opened extends Arriving {
  /** Nothing more is read of it: its place in the cache may be given to others, or deleted. */
  close(): void;
}

/** Finds a model's files and begins to download them; resolves when they can be read, which is long before they
 * are there. Without `keeping` nothing is kept, nor expected to be. */
export async function openRemote(
  address: RemoteAddress,
  keeping: Keeping | null,
  report: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Opened> {
  const meter = new Meter(report, signal);
  const entry = keeping && (await entryFor(address, keeping));
  try {
    if (keeping && entry) return await openEntry(address, keeping, entry, meter, signal);
    const arriving = await beginDownload(await findRemote(address, meter, signal), meter, signal);
    return { ...arriving, close: () => {} };
  } catch (error) {
    meter.end();
    throw error;
  }
}

async function entryFor(
  address: RemoteAddress,
  { cache, tell }: Keeping,
): Promise<CacheEntry | null> {
  const entry = cache && (await cache.entry(printAddress(address)).catch(() => null));
  if (!entry) tell({ kind: cache ? 'busy' : 'refused' });
  return entry;
}

/** What the cache has is not asked for again, and what comes is kept there. A model that it has whole is opened
 * without a word to its server. */
async function openEntry(
  address: RemoteAddress,
  { cache, tell, changed }: Keeping,
  entry: CacheEntry,
  meter: Meter,
  signal: AbortSignal,
): Promise<Opened> {
  let done: Promise<unknown> = Promise.resolve();
  let isEnded = false;
  const end = async () => {
    if (isEnded) return;
    isEnded = true;
    await done.catch(() => {});
    const isUnwanted = signal.aborted && signal.reason !== KEEP && !entry.wasWhole;
    if (isUnwanted || !entry.hasParts) await entry.discard().catch(() => {});
    entry.close();
    changed();
  };
  try {
    const whole = await entry.whole();
    const found = whole ?? (await findRemote(address, meter, signal));
    if (!whole) await entry.begin(found);
    const keeper = keeperIn(entry, found, () => cache!.room(), tell);
    const arriving = await beginDownload(found, meter, signal, keeper);
    const settled = arriving.done.then(changed, (error) => judge(entry, error));
    done = settled;
    settled.catch(() => {});
    signal.addEventListener('abort', () => void end());
    if (signal.aborted) void end();
    return { ...arriving, done: settled, close: () => void end() };
  } catch (error) {
    const judged = await judge(entry, error).catch((reason) => reason);
    await end();
    throw judged;
  }
}

/** Nothing is kept of what is not what it should be; of what broke off it is said that it is kept. */
async function judge(entry: CacheEntry, error: unknown): Promise<never> {
  const problem = error instanceof PageError ? error.problem : null;
  if (problem?.kind === 'checksum' || problem?.kind === 'changed') await entry.discard();
  if (problem?.kind === 'cut' && entry.isKept) throw new PageError({ ...problem, isKept: true });
  throw error;
}
