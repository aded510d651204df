/** How far the opening of a model is: what has come of it, and what the engine has taken of that, which may be
 * the same bytes at the same time. */
import type { NotKept } from '../source/cache.ts';
import type { Progress } from '../source/download.ts';
import type { Opening } from './state.ts';

/** A time left is said after the first second of reading. */
const FIRST_MS = 1000;

export class OpeningProgress {
  #download: Progress | null = null;
  #fraction = 0;
  #readingSince = 0;
  #label = '';
  #notKept: NotKept | null = null;

  constructor(private readonly show: (opening: Opening) => void) {}

  downloaded(label: string, progress: Progress): void {
    this.#label = label;
    this.#download = progress;
    this.#show();
  }

  notKept(why: NotKept): void {
    this.#notKept = why;
    this.#show();
  }

  /** All bytes are here. */
  arrived(): void {
    this.#download = null;
  }

  read(label: string, fraction: number): void {
    if (this.#readingSince === 0) this.#readingSince = performance.now();
    this.#label = label;
    this.#fraction = fraction;
    this.#show();
  }

  #show(): void {
    const label = this.#label;
    const download = this.#download;
    const fraction = this.#fraction;
    if (!download) return this.show({ kind: 'reading', label, fraction });
    const secondsLeft = this.#secondsLeft(download);
    const notKept = this.#notKept;
    this.show({ kind: 'fetching', label, fraction, secondsLeft, notKept, ...download });
  }

  /** The slower of the two is what a reader waits for. */
  #secondsLeft({ bytesDone, bytesTotal, rate }: Progress): number | null {
    if (!rate || bytesTotal === 0) return null;
    const download = (bytesTotal - bytesDone) / rate;
    const ms = this.#readingSince > 0 ? performance.now() - this.#readingSince : 0;
    if (ms < FIRST_MS || this.#fraction === 0) return download;
    return Math.max(download, ((1 - this.#fraction) / this.#fraction) * (ms / 1000));
  }
}
