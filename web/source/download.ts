/** Downloads into Blobs, with progress. The bytes stay with the browser, not in this thread. */
import { PageError } from '../problem.ts';

export interface Progress {
  bytesDone: number;
  /** 0 when the server did not say. */
  bytesTotal: number;
  /** null until a speed is known. */
  secondsLeft: number | null;
}

/** Counts bytes over all files of one model and estimates the time left. */
export class Meter {
  bytesDone = 0;
  bytesTotal = 0;
  readonly #started = performance.now();
  #reportedAt = 0;

  constructor(private readonly report: (progress: Progress) => void) {}

  add(nBytes: number): void {
    this.bytesDone += nBytes;
    const now = performance.now();
    if (now - this.#reportedAt < 100 && this.bytesDone < this.bytesTotal) return;
    this.#reportedAt = now;
    const seconds = (now - this.#started) / 1000;
    const left = this.bytesTotal - this.bytesDone;
    const known = seconds > 1 && left >= 0 && this.bytesTotal > 0;
    this.report({
      bytesDone: this.bytesDone,
      bytesTotal: this.bytesTotal,
      secondsLeft: known ? (left * seconds) / this.bytesDone : null,
    });
  }
}

/** Throws a PageError that says what the server, or the network, answered. */
export async function request(url: string, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal, credentials: 'omit' });
  } catch (error) {
    if (signal.aborted) throw error;
    // Offline, an unknown host and a missing CORS header all look like this to a page.
    throw new PageError({ kind: 'network', host: new URL(url).host });
  }
  if (response.ok) return response;
  void response.body?.cancel();
  if (response.status === 404) throw new PageError({ kind: 'not-found', address: url });
  if (response.status === 401 || response.status === 403)
    throw new PageError({ kind: 'forbidden', address: url });
  throw new PageError({ kind: 'http', status: response.status, address: url });
}

/** The body of a response as a Blob, counted by the meter as it arrives. */
export async function toBlob(response: Response, meter: Meter, signal: AbortSignal): Promise<Blob> {
  if (!response.body) return response.blob();
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      meter.add(chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
  try {
    return await new Response(response.body.pipeThrough(counter, { signal })).blob();
  } catch (error) {
    if (signal.aborted) throw error;
    throw new PageError({ kind: 'network', host: new URL(response.url).host });
  }
}

/** The size that a response announces; 0 when it does not. */
export function announcedSize(response: Response): number {
  if (response.headers.get('Content-Encoding')) return 0;
  const size = Number(response.headers.get('Content-Length'));
  return Number.isSafeInteger(size) && size > 0 ? size : 0;
}
