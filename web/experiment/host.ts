/** What an experiment is given by the page that it is in. It asks for nothing else: not for the
 * document, the address bar or the browser's storage. */
import type { ModelCache } from '../source/cache.ts';
import type { LaneWorker } from './lane_worker.ts';
import type { MeasureWorker } from './measure/worker.ts';
import type { AppState } from './state.ts';

export interface Host {
  /** The URL of the folder that holds models/, texts/ and tests/; it ends with a slash. */
  readonly base: string;
  readonly engines: Engines;
  /** Where a file goes that is made piece by piece; null when the reader chooses no place. */
  openSink(name: string): Promise<Sink | null>;
  /** Where models of other servers are kept for the next visit; it resolves to null where the browser refuses. Left
   * out: they are not kept, nor is anything said of it. */
  readonly openCache?: () => Promise<ModelCache | null>;
  /** Something has changed of what a link says (elements/link.ts). */
  settingsChanged(state: AppState): void;
}

/** Starts workers; who asked for one ends it. */
export interface Engines {
  /** So many lanes will be wanted soon, by one experiment more. */
  begin(nLanes: number): void;
  /** That one wants no more until it begins again. */
  end(): void;
  laneWorker(): LaneWorker;
  /** `isFull`: on the full module, which has what the small one lacks and takes the longer to come. */
  measureWorker(isFull: boolean): Promise<MeasureWorker>;
}

export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Only now the file is there, or replaces the one before it. */
  close(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}
