/** Sums up files, part by part: a browser's own SHA-256 takes a whole file at once. */
import { sha256 } from '@noble/hashes/sha2.js';

const bytesToHex = (bytes: Uint8Array) =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export class Summer {
  readonly #sums = new Map<number, ReturnType<typeof sha256.create>>();
  /** One part after another, in the order in which they were given; after one that failed, none. */
  #last: Promise<unknown> = Promise.resolve();

  /** Takes the next part of a file. */
  add(file: number, part: Blob): Promise<void> {
    return this.#then(async () => {
      const sum = this.#sums.get(file) ?? sha256.create();
      this.#sums.set(file, sum.update(new Uint8Array(await part.arrayBuffer())));
    });
  }

  /** Of all its parts, in hexadecimal digits. */
  end(file: number): Promise<string> {
    return this.#then(async () => {
      const sum = this.#sums.get(file) ?? sha256.create();
      this.#sums.delete(file);
      return bytesToHex(sum.digest());
    });
  }

  #then<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next;
    next.catch(() => {});
    return next;
  }
}
