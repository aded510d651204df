/** Opens one model at a time: gets its files and has a lane's worker read them, while they arrive where they come
 * from afar. */
import { mayHaveMethods } from './methods.ts';
import { totalSize } from '../../wasm/source.ts';
import type { NotKept } from '../source/cache.ts';
import type { Progress } from '../source/download.ts';
import type { ListedModel } from '../source/listed.ts';
import { KEEP, openRemote, type Opened } from '../source/opening.ts';
import { fetchListed } from '../source/remote.ts';
import { addressName } from './address.ts';
import type { Host } from './host.ts';
import type { Kept } from './kept.ts';
import { problemOf } from './lane_runner.ts';
import type { LaneWorker } from './lane_worker.ts';
import { endOf } from './looking.ts';
import { OpeningProgress } from './opening_progress.ts';
import type { AppState, Figures, Lane, LaneId, ModelAddress, OpenModel, Store } from './state.ts';

/** Of files that are larger together the reference is not held beside the variants unless the reader asks for it:
 * as they hold it a model takes as much memory, and one of more than 4 GB fits in no engine. */
const MAX_REFERENCE_BYTES = 1_000_000_000;

/** A model's files, and how they come. */
type Given = Pick<OpenModel, 'address' | 'files'> & Partial<Opened>;

type GetFiles = (
  signal: AbortSignal,
  report: (label: string, progress: Progress) => void,
  tell: (why: NotKept) => void,
) => Promise<Given>;

/** A model of which one lane can run. */
export interface Ready extends Pick<OpenModel, 'address' | 'files'> {
  lane: LaneId;
  worker: LaneWorker;
  figures: Figures;
  /** To be called when nothing more is read of the files. */
  close: () => void;
}

/** Under this recipe, that is. */
function isTooLarge(error: unknown): boolean {
  const problem = problemOf(error);
  return problem.kind === 'core' && problem.code === 'size';
}

export class Opener {
  /** Ends the present opening. */
  #opening: AbortController | null = null;

  constructor(
    private readonly store: Store<AppState>,
    private readonly host: Host,
    private readonly kept: Kept,
    private readonly adopt: (ready: Ready) => void,
  ) {}

  get isBusy(): boolean {
    return this.#opening !== null;
  }

  /** `listed` is its entry, where the site's own list has it. */
  download(address: ModelAddress, listed: ListedModel | undefined): Promise<void> {
    return this.open(async (signal, report, tell) => {
      const label = listed?.name ?? addressName(address);
      const bytesTotal = listed?.size ?? 0;
      report(label, { bytesDone: 0, bytesTotal, rate: null, isStalled: false });
      const told = (progress: Progress) => report(label, progress);
      if (listed) {
        const files = await fetchListed(listed, this.host.base, told, signal);
        return { address, files };
      }
      if (address.kind !== 'hub' && address.kind !== 'url') return { address, files: [] };
      const keeping = await this.kept.keeping(tell);
      return { address, ...(await openRemote(address, keeping, told, signal)) };
    }, address);
  }

  /** Nothing of what was being opened is wanted. */
  cancel(): void {
    this.#opening?.abort();
    this.#opening = null;
    this.store.update({ opening: { kind: 'idle' } });
  }

  /** It is not wanted now. */
  pause(): void {
    this.#opening?.abort(KEEP);
    this.#opening = null;
  }

  /** Gets the files and loads the first lane. Only when that has worked does the new model take the place of the
   * present one, which stays usable until then, and afterwards if it fails. `asked` is the address, where there may
   * be several models. */
  async open(
    getFiles: GetFiles,
    asked: ModelAddress | null = null,
    isAgain = false,
  ): Promise<void> {
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    const { signal } = opening;
    const progress = new OpeningProgress((shown) => {
      if (!signal.aborted) this.store.update({ opening: shown });
    });
    try {
      const given = await getFiles(
        signal,
        (label, download) => progress.downloaded(label, download),
        (why) => progress.notKept(why),
      );
      const ready = signal.aborted ? null : await this.#read(given, signal, progress);
      if (signal.aborted || !ready) return;
      this.#opening = null;
      this.adopt(ready);
    } catch (error) {
      if (signal.aborted) return;
      // What else is being fetched is not wanted any more, nor is word of it; this ends the worker too.
      opening.abort(KEEP);
      const end = endOf(error, asked, false);
      // Another file than the one whose beginning came, on this visit or an earlier one: all of it, from the new one.
      const isChanged = end.kind === 'failed' && end.problem.kind === 'changed';
      if (isChanged && !isAgain) return this.open(getFiles, asked, true);
      this.#opening = null;
      this.store.update({ opening: end });
    }
  }

  async #read(
    { address, files, done, close = () => {} }: Given,
    signal: AbortSignal,
    progress: OpeningProgress,
  ): Promise<Ready> {
    const label = addressName(address);
    if (!done) progress.arrived();
    const arrived = done?.then(() => progress.arrived());
    const lanes = this.#firstLanes(files);
    for (const [i, { id: lane, recipe }] of lanes.entries()) {
      const worker = this.host.engines.laneWorker();
      const end = () => worker.end();
      signal.addEventListener('abort', end);
      progress.read(label, 0);
      try {
        const loading = worker.load(files, recipe, (fraction) => progress.read(label, fraction));
        const [figures] = await Promise.all([loading, arrived]);
        if (!this.store.state.formats) this.store.update({ formats: await worker.formats() });
        return { address, files, lane, worker, figures, close };
      } catch (error) {
        if (i + 1 === lanes.length || !isTooLarge(error)) throw error;
        signal.removeEventListener('abort', end);
        end();
      }
    }
    throw new Error('There is no lane.');
  }

  /** The first of these that fits into an engine is the first to be made. */
  #firstLanes(files: OpenModel['files']): readonly Lane[] {
    const [reference, ...variants] = this.store.state.lanes;
    const isLarge = totalSize(files) > MAX_REFERENCE_BYTES;
    // Methods choose codes of a model that is there.
    const plain = variants.filter(({ recipe }) => !mayHaveMethods(recipe));
    return isLarge && plain.length > 0 ? plain : [reference!];
  }
}
