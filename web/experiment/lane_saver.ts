/** Writes a lane's model to the reader's disk, one file at a time, also when its lane has gone on to
 * another recipe. */
import type { Container } from '../../wasm/types.ts';
import type { Host } from './host.ts';
import { PageError, type Problem } from './problem.ts';
import { SaveWorker, type SaveSource } from './save_worker.ts';
import type { Saving } from './state.ts';

/** Progress reaches the page at most this often. */
const SHOW_MS = 40;

export class LaneSaver {
  /** What a file is being written by. */
  #worker: SaveWorker | null = null;
  #cancelled = false;
  #shownAt = -Infinity;

  constructor(
    private readonly openSink: Host['openSink'],
    private readonly show: (saving: Saving | null) => void,
  ) {}

  get busy(): boolean {
    return this.#worker !== null;
  }

  /** Does nothing while another file is being written. */
  async save(source: SaveSource, container: Container, name: string): Promise<void> {
    if (this.busy) return;
    const worker = new SaveWorker();
    this.#worker = worker;
    this.#cancelled = false;
    let outcome: Saving | null = null;
    try {
      outcome = await this.#write(worker, source, container, name);
    } catch (error) {
      if (!this.#cancelled) outcome = { kind: 'failed', problem: saveProblem(error) };
    }
    this.#worker = null;
    if (!this.#cancelled) worker.end();
    this.show(outcome);
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#worker?.end();
  }

  /** null when the reader thought better of it. */
  async #write(
    worker: SaveWorker,
    source: SaveSource,
    container: Container,
    name: string,
  ): Promise<Saving | null> {
    this.show({ kind: 'preparing', name, fraction: 0 });
    // Before the dialog: a model that cannot be written must not cost the reader an existing file.
    const folder = name.replace(/-(mlx|torch)\.zip$/, '');
    const { size, notes } = await worker.begin(source, container, folder, (fraction) =>
      this.#showNowAndThen({ kind: 'preparing', name, fraction }),
    );
    const sink = await this.openSink(name);
    if (!sink) return null;
    let bytesDone = 0;
    this.#shownAt = -Infinity;
    try {
      for (;;) {
        this.#showNowAndThen({ kind: 'busy', name, bytesDone, bytesTotal: size });
        const bytes = await worker.read();
        if (!bytes) break;
        await sink.write(bytes);
        bytesDone += bytes.length;
      }
      await sink.close();
    } catch (error) {
      await sink.abort().catch(() => {});
      throw error;
    }
    return { kind: 'done', name, bytes: bytesDone, notes };
  }

  #showNowAndThen(saving: Saving): void {
    const now = performance.now();
    if (this.#cancelled || now - this.#shownAt < SHOW_MS) return;
    this.#shownAt = now;
    this.show(saving);
  }
}

/** The core's sentence, or the browser's: no space left, the file may not be written. */
function saveProblem(error: unknown): Problem {
  if (!(error instanceof PageError))
    return { kind: 'save', detail: error instanceof Error ? error.message : String(error) };
  const { problem } = error;
  if (problem.kind === 'crash') return { kind: 'save-crash', detail: problem.detail };
  if (problem.kind === 'core')
    return { kind: 'save', detail: problem.detail, korean: problem.korean };
  if (problem.kind === 'browser') return { kind: 'save', detail: problem.detail };
  return problem;
}
