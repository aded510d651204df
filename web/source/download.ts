/** Downloads into Blobs, with progress. The bytes stay with the browser, not in this thread. */
import { PageError } from '../experiment/problem.ts';
import { refuseWebPage } from './web_page.ts';

export interface Progress {
  bytesDone: number;
  /** 0 when the server did not say. */
  bytesTotal: number;
  /** Bytes that came in the last seconds, per second; null until that is known, and while nothing comes. */
  rate: number | null;
  /** Nothing has come for STALL_SECONDS. */
  isStalled: boolean;
}

export const STALL_SECONDS = 10;
/** A rate is that of so many seconds, and said after the first. */
const RATE_MS = 5000;
const FIRST_RATE_MS = 1000;

/** Counts bytes over all files of one model, tells how fast they come, and when nothing comes.
 * What watches ends with the signal, or with `end`. */
export class Meter {
  bytesDone = 0;
  bytesTotal = 0;
  /** When how many bytes had come over the network, the oldest first. */
  readonly #samples = [{ at: performance.now(), bytes: 0 }];
  #bytesCome = 0;
  #reportedAt = 0;
  #isStalled = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly report: (progress: Progress) => void,
    signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.end());
    this.#watch();
  }

  /** Bytes that were here already. */
  addKept(nBytes: number): void {
    this.bytesDone += nBytes;
  }

  add(nBytes: number): void {
    this.bytesDone += nBytes;
    this.#bytesCome += nBytes;
    this.#watch();
    const now = performance.now();
    const isSoon = now - this.#reportedAt < 100 && this.bytesDone < this.bytesTotal;
    if (isSoon && !this.#isStalled) return;
    this.#isStalled = false;
    this.#reportedAt = now;
    this.#tell();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #watch(): void {
    this.end();
    this.#timer = setTimeout(() => {
      this.#isStalled = true;
      this.#tell();
    }, STALL_SECONDS * 1000);
  }

  #tell(): void {
    // A total that is passed was none.
    const bytesTotal = this.bytesDone <= this.bytesTotal ? this.bytesTotal : 0;
    const rate = this.#isStalled ? null : this.#rate();
    this.report({ bytesDone: this.bytesDone, bytesTotal, rate, isStalled: this.#isStalled });
  }

  #rate(): number | null {
    const samples = this.#samples;
    const at = performance.now();
    samples.push({ at, bytes: this.#bytesCome });
    while (samples.length > 2 && at - samples[1]!.at >= RATE_MS) samples.shift();
    const [first] = samples;
    const seconds = (at - first!.at) / 1000;
    return seconds * 1000 < FIRST_RATE_MS ? null : (this.#bytesCome - first!.bytes) / seconds;
  }
}

/** The body of a response as a Blob, counted by the meter as it arrives. Throws a PageError when it is
 * not what was announced, or a web page. */
export async function toBlob(response: Response, meter: Meter, signal: AbortSignal): Promise<Blob> {
  const bytesTotal = announcedSize(response);
  let bytesDone = 0;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytesDone += chunk.byteLength;
      meter.add(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  const address = response.url;
  let blob: Blob;
  try {
    const body = response.body?.pipeThrough(counter, { signal });
    blob = await new Response(body ?? null).blob();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new PageError({ kind: 'cut', address, bytesDone, bytesTotal });
  }
  const isWhole = mayBeCompressed(response) ? bytesDone >= bytesTotal : bytesDone === bytesTotal;
  if (bytesTotal > 0 && !isWhole)
    throw new PageError({ kind: 'cut', address, bytesDone, bytesTotal });
  await refuseWebPage(blob, address);
  return blob;
}

/** Another origin's encoding is hidden, and text that came compressed is longer than what was announced. */
export function mayBeCompressed({ type, headers }: Response): boolean {
  return type === 'cors' && /^(text\/|application\/json\b)/.test(headers.get('Content-Type') ?? '');
}

/** The size that a response announces; 0 when it does not. */
export function announcedSize(response: Response): number {
  if (response.headers.get('Content-Encoding')) return 0;
  const size = Number(response.headers.get('Content-Length'));
  return Number.isSafeInteger(size) && size > 0 ? size : 0;
}
