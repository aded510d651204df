/** Downloads into Blobs, with progress. The bytes stay with the browser, not in this thread. */
import { PageError } from '../experiment/problem.ts';
import { refuseWebPage } from './web_page.ts';

export interface Progress {
  bytesDone: number;
  /** 0 when the server did not say. */
  bytesTotal: number;
  /** null until a speed is known. */
  secondsLeft: number | null;
  /** Nothing has come for STALL_SECONDS. */
  isStalled: boolean;
}

export const STALL_SECONDS = 10;

/** Counts bytes over all files of one model, estimates the time left, and tells when nothing comes.
 * What watches ends with the signal, or with `end`. */
export class Meter {
  bytesDone = 0;
  bytesTotal = 0;
  readonly #started = performance.now();
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

  add(nBytes: number): void {
    this.bytesDone += nBytes;
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
    const seconds = (performance.now() - this.#started) / 1000;
    // A total that is passed was none.
    const bytesTotal = this.bytesDone <= this.bytesTotal ? this.bytesTotal : 0;
    const isKnown = seconds > 1 && bytesTotal > 0 && this.bytesDone > 0 && !this.#isStalled;
    const left = bytesTotal - this.bytesDone;
    this.report({
      bytesDone: this.bytesDone,
      bytesTotal,
      secondsLeft: isKnown ? (left * seconds) / this.bytesDone : null,
      isStalled: this.#isStalled,
    });
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
function mayBeCompressed({ type, headers }: Response): boolean {
  return type === 'cors' && /^(text\/|application\/json\b)/.test(headers.get('Content-Type') ?? '');
}

/** The size that a response announces; 0 when it does not. */
export function announcedSize(response: Response): number {
  if (response.headers.get('Content-Encoding')) return 0;
  const size = Number(response.headers.get('Content-Length'));
  return Number.isSafeInteger(size) && size > 0 ? size : 0;
}
