/** Are files what the server said that they would be? Told by their SHA-256, while they arrive. */
import * as Comlink from 'comlink';
import { PageError } from '../experiment/problem.ts';
import { Worker } from '../experiment/worker_anywhere.ts';
import type { RemoteFile } from './remote_file.ts';
import type { Summer } from './summer.ts';

export class Checksums {
  readonly #worker: Worker | null;
  readonly #summer: Comlink.Remote<Summer> | null;
  /** Why a part could not be summed up. */
  #failed: Promise<never> | null = null;

  /** Starts nothing where none of the files has a sum. */
  constructor(private readonly files: readonly RemoteFile[]) {
    const isNeeded = files.some(({ sha256 }) => sha256 !== null);
    this.#worker = isNeeded
      ? new Worker(new URL('./checksum_worker.ts', import.meta.url), { type: 'module' })
      : null;
    this.#summer = this.#worker && Comlink.wrap<Summer>(this.#worker);
    if (this.#worker) {
      this.#failed = new Promise((_, reject) => {
        this.#worker!.onerror = (event) => reject(new Error(event.message));
      });
      this.#failed.catch(() => {});
    }
  }

  /** The next part of a file. */
  add(file: number, part: Blob): void {
    if (this.files[file]!.sha256 !== null) this.#summer?.add(file, part).catch(() => {});
  }

  /** All parts of all files have been given. Throws a PageError where a file is another one. */
  async check(): Promise<void> {
    for (const [i, { url, sha256 }] of this.files.entries()) {
      if (sha256 === null) continue;
      const sum = await Promise.race([this.#summer!.end(i), this.#failed!]);
      if (sum !== sha256.toLowerCase()) throw new PageError({ kind: 'checksum', address: url });
    }
  }

  end(): void {
    this.#summer?.[Comlink.releaseProxy]();
    this.#worker?.terminate();
  }
}
