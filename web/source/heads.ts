/** The beginning of a file on a server, by requests for a part of it: the rest is not downloaded. */
import { PageError } from '../experiment/problem.ts';
import type { RemoteFile } from './remote_file.ts';
import { request } from './request.ts';
import { isMarkup } from './web_page.ts';

/** What has come of a file. */
export interface RemoteHead {
  file: RemoteFile;
  /** Of the whole file, in bytes. */
  size: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Reads on to `nBytes` of the file, or to its end. */
export async function readOn(
  file: RemoteFile,
  before: RemoteHead | null,
  nBytes: number,
  signal: AbortSignal,
): Promise<RemoteHead> {
  const had = before?.bytes ?? new Uint8Array();
  const size = before?.size ?? file.size;
  const end = size > 0 ? Math.min(nBytes, size) : nBytes;
  if (end <= had.length) return { file, size, bytes: had };
  const response = await request(file.url, signal, { Range: `bytes=${had.length}-${end - 1}` });
  // A server without parts sends the whole file: its beginning is taken.
  const isPart = response.status === 206;
  const [from, n] = isPart ? [had.length, end - had.length] : [0, end];
  const come = await take(response, n);
  if (had.length === 0 && isMarkup(come.subarray(0, 4096)))
    throw new PageError({ kind: 'web-page', address: response.url });
  const whole = size || sizeIn(response, isPart) || (await askSize(file, signal));
  if (from + come.length < Math.min(end, whole))
    throw new PageError({
      kind: 'cut',
      address: file.url,
      bytesDone: from + come.length,
      bytesTotal: Math.min(end, whole),
    });
  const bytes = new Uint8Array(from + come.length);
  bytes.set(had.subarray(0, from));
  bytes.set(come, from);
  return { file, size: whole, bytes };
}

/** The first n bytes of a body, fewer where it ends before. */
async function take(response: Response, n: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(n);
  const reader = response.body?.getReader();
  let at = 0;
  while (reader && at < n) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
    if (done || !value) break;
    const piece = value.subarray(0, n - at);
    bytes.set(piece, at);
    at += piece.length;
  }
  void reader?.cancel().catch(() => {});
  return bytes.subarray(0, at);
}

/** As far as the server lets a page read it; else 0. */
function sizeIn({ headers }: Response, isPart: boolean): number {
  const said = isPart
    ? /\/(\d+)$/.exec(headers.get('Content-Range') ?? '')?.[1]
    : headers.get('Content-Length');
  const size = Number(said);
  return Number.isSafeInteger(size) && size > 0 ? size : 0;
}

async function askSize(file: RemoteFile, signal: AbortSignal): Promise<number> {
  const size = Number((await request(file.url, signal, {}, 'HEAD')).headers.get('Content-Length'));
  if (Number.isSafeInteger(size) && size > 0) return size;
  throw new PageError({ kind: 'no-look', address: file.url });
}
