/** Writes a lane's model to the reader's disk, one file at a time. The worker that holds the model
 * lives until the file is complete, also when its lane has gone on to another recipe. */
import type { Container } from '../wasm/types.ts';
import type { LaneWorker } from './lane_worker.ts';
import { PageError, type Problem } from './problem.ts';
import { openSink } from './save.ts';
import type { Saving } from './state.ts';

/** Progress reaches the page at most this often. */
const SHOW_MS = 40;

export class LaneSaver {
  /** The worker that a file is being read from. */
  #worker: LaneWorker | null = null;
  /** It is to be ended after that. */
  #isLast = false;
  #cancelled = false;

  constructor(private readonly show: (saving: Saving | null) => void) {}

  get busy(): boolean {
    return this.#worker !== null;
  }

  /** Does nothing while another file is being written. */
  async save(worker: LaneWorker, container: Container, name: string): Promise<void> {
    if (this.busy) return;
    this.#worker = worker;
    this.#isLast = false;
    this.#cancelled = false;
    let outcome: Saving | null = null;
    try {
      outcome = await this.#write(worker, container, name);
    } catch (error) {
      outcome = { kind: 'failed', problem: saveProblem(error) };
    }
    this.#worker = null;
    if (this.#isLast) worker.end();
    else worker.endSave();
    this.show(outcome);
  }

  cancel(): void {
    this.#cancelled = true;
  }

  /** Ends a worker, now or when its file is complete. */
  endWorker(worker: LaneWorker): void {
    if (worker !== this.#worker) return worker.end();
    worker.stop();
    this.#isLast = true;
  }

  /** null when the reader thought better of it. */
  async #write(worker: LaneWorker, container: Container, name: string): Promise<Saving | null> {
    // Before the dialog: a model that cannot be written must not cost the reader an existing file.
    const folder = name.replace(/-(mlx|torch)\.zip$/, '');
    const { size: bytesTotal, notes } = await worker.beginSave(container, folder);
    const sink = await openSink(name);
    if (!sink) return null;
    let bytesDone = 0;
    let shownAt = -Infinity;
    try {
      for (;;) {
        const now = performance.now();
        if (now - shownAt >= SHOW_MS) {
          shownAt = now;
          this.show({ kind: 'busy', name, bytesDone, bytesTotal });
        }
        const bytes = this.#cancelled ? null : await worker.readSave();
        if (this.#cancelled || !bytes) break;
        await sink.write(bytes);
        bytesDone += bytes.length;
      }
      if (this.#cancelled) await sink.abort();
      else await sink.close();
    } catch (error) {
      await sink.abort().catch(() => {});
      throw error;
    }
    return this.#cancelled ? null : { kind: 'done', name, bytes: bytesDone, notes };
  }
}

/** The core's sentence, or the browser's: no space left, the file may not be written. */
function saveProblem(error: unknown): Problem {
  if (!(error instanceof PageError))
    return { kind: 'save', detail: error instanceof Error ? error.message : String(error) };
  const { problem } = error;
  return problem.kind === 'core' ? { kind: 'save', detail: problem.detail } : problem;
}
