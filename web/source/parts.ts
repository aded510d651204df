/** A file on a server as parts, each of which is a Blob once its bytes are there. Whoever reads waits for the parts
 * that are wanted: so several read one download, each from the beginning, while it is still under way. */
import type { ModelSource } from '../../wasm/types.ts';
import { PageError, type Problem } from '../experiment/problem.ts';
import { announcedSize, mayBeCompressed, type Meter } from './download.ts';
import type { RemoteFile } from './remote_file.ts';
import { request } from './request.ts';
import { refuseWebPage } from './web_page.ts';

/** All parts have this size but the last of a file. */
export const PART_BYTES = 8 << 20;
/** A connection that breaks is made anew so many times, unless bytes came in between, after pauses each of
 * which is twice as long as the one before. */
const N_RETRIES = 3;
const FIRST_PAUSE_MS = 500;

/** Where the parts of one file are kept. */
export interface PartStore {
  /** A part of this size that is there from an earlier visit; else null. */
  get(part: number, size: number): Promise<Blob | null>;
  /** Keeps a part. Resolves to a handle of it, which may be the Blob itself. `about` is of its file. */
  put(part: number, bytes: Blob, about: Known): Promise<Blob>;
}

/** Keeps nothing for the next visit: the browser holds the Blobs, in memory or, where they are many, on disk. */
export const inMemory: PartStore = {
  get: async () => null,
  put: async (_, bytes) => bytes,
};

/** What tells one version of a file from another: what the server says of it and lets a page see. */
export interface Version {
  etag: string | null;
  modified: string | null;
}

/** What is known of a file. */
export interface Known {
  /** 0: that is not. */
  size: number;
  version: Version | null;
}

/** A promise that is kept or broken from outside. Nobody need wait for it. */
class Awaited<T> {
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}

export class RemoteSource implements ModelSource {
  readonly name: string;
  /** 0 until it is known: the list or the server's first answer tells; else the file's end. */
  size: number;
  readonly #sized = new Awaited<void>();
  version: Version | null;
  readonly #file: RemoteFile;
  /** Where the last answer came from. */
  #address: string;
  readonly #store: PartStore;
  readonly #meter: Meter;
  readonly #signal: AbortSignal;
  /** A part that is there, in the order of the file; who makes a sum of them reads them here. */
  readonly #onPart: (part: Blob) => void;
  readonly #parts: Awaited<Blob>[] = [];
  #nParts = 0;
  #isDone = false;
  #failure: unknown = null;
  /** Bytes that have come; those after the last whole part are `#pending`. */
  #at = 0;
  #pending: Uint8Array<ArrayBuffer>[] = [];
  /** An answer had more or fewer bytes than it should, and did not break off: to ask again would not help. */
  #isOtherwise = false;
  /** This server gives whole files only. */
  #ignoresRanges = false;

  /** `known` is what an earlier visit knew of it. */
  constructor(
    file: RemoteFile,
    known: Known,
    store: PartStore,
    meter: Meter,
    signal: AbortSignal,
    onPart: (part: Blob) => void = () => {},
  ) {
    this.name = file.name;
    this.size = file.size || known.size;
    this.version = known.version;
    if (this.size > 0) this.#sized.resolve();
    this.#file = file;
    this.#address = file.url;
    this.#store = store;
    this.#meter = meter;
    this.#signal = signal;
    this.#onPart = onPart;
  }

  /** Resolves when its size is known. */
  get sized(): Promise<void> {
    return this.#sized.promise;
  }

  async read(from: number, to: number): Promise<Blob> {
    const pieces: Blob[] = [];
    for (let at = from; at < to; ) {
      const i = Math.floor(at / PART_BYTES);
      const end = Math.min(to, (i + 1) * PART_BYTES);
      const part = await this.#part(i).promise;
      pieces.push(part.slice(at - i * PART_BYTES, end - i * PART_BYTES));
      at = end;
    }
    return pieces.length === 1 ? pieces[0]! : new Blob(pieces);
  }

  /** Takes the parts that the store has, from the first one on. */
  async takeKept(): Promise<void> {
    while (this.#at < this.size) {
      const nBytes = Math.min(PART_BYTES, this.size - this.#at);
      const part = await this.#store.get(this.#nParts, nBytes);
      if (!part) return;
      this.#at += nBytes;
      this.#meter.addKept(nBytes);
      this.#give(part);
    }
  }

  /** Has the bytes up to `to` come, or all of them; what has come is not asked for again. A server that ignores
   * ranges sends the rest too. */
  async fetch(to = Infinity): Promise<void> {
    let nFailures = 0;
    while (!this.#isDone && this.#at < to) {
      const before = this.#at;
      try {
        await this.#stream(to);
      } catch (error) {
        const isFinal = this.#isOtherwise || !this.version || this.#signal.aborted;
        if (!isBroken(error) || isFinal) throw error;
        nFailures = this.#at > before ? 1 : nFailures + 1;
        if (nFailures > N_RETRIES) throw isNetwork(error) ? this.#cut() : error;
        await this.#pause(FIRST_PAUSE_MS * 2 ** (nFailures - 1));
      }
    }
  }

  /** Nothing more comes: who waits is told why, and so is who comes later. */
  fail(error: unknown): void {
    this.#failure ??= error;
    this.#pending = [];
    this.#sized.reject(this.#failure);
    for (let i = this.#nParts; i < this.#parts.length; i++) this.#parts[i]?.reject(this.#failure);
  }

  #part(i: number): Awaited<Blob> {
    const part = (this.#parts[i] ??= new Awaited<Blob>());
    if (this.#failure !== null && i >= this.#nParts) part.reject(this.#failure);
    return part;
  }

  #setSize(size: number): void {
    this.size = size;
    this.#sized.resolve();
  }

  #give(part: Blob): void {
    this.#part(this.#nParts).resolve(part);
    this.#nParts++;
    this.#isDone = this.size > 0 && this.#at === this.size;
    this.#onPart(part);
  }

  /** One request, read to its end or up to `to`. */
  async #stream(to: number): Promise<void> {
    const { url } = this.#file;
    const from = this.#at;
    const isPiece = this.size > 0 && to < this.size && !this.#ignoresRanges;
    const range = from > 0 || isPiece ? `bytes=${from}-${isPiece ? to - 1 : ''}` : null;
    const response = await request(url, this.#signal, range === null ? {} : { Range: range }).catch(
      (error) => {
        throw range !== null && statusOf(error) === 416 ? this.#changed() : error;
      },
    );
    this.#address = response.url || url;
    const isRange = response.status === 206;
    if (range !== null && !isRange) this.#ignoresRanges = true;
    this.#check(response, isRange ? from : 0);
    // Bytes that are here already.
    let nSkipped = isRange ? 0 : from;
    const end = this.#ignoresRanges ? Infinity : to;
    const reader = (response.body ?? new Blob().stream()).getReader();
    try {
      while (this.#at < end) {
        const { done, value } = await reader.read();
        if (done) break;
        const bytes = nSkipped > 0 ? value.subarray(nSkipped) : value;
        nSkipped -= Math.min(nSkipped, value.length);
        if (bytes.length > 0) await this.#take(bytes);
      }
    } catch (error) {
      throw this.#signal.aborted || error instanceof PageError ? error : this.#cut();
    } finally {
      // What is left of it, where a part was enough.
      void reader.cancel().catch(() => {});
    }
    if (this.#at < Math.min(to, this.size)) {
      if (from === 0) await refuseWebPage(new Blob(this.#pending), this.#address);
      this.#isOtherwise = true;
      throw this.#cut();
    }
    // The end has come of a file whose size the server did not say.
    if (this.size === 0) {
      await this.#finishPart();
      this.#isDone = true;
      this.#setSize(this.#at);
    }
  }

  /** Is this answer about the file that the bytes so far are of? If-Range would ask the server itself, but another
   * site's must be asked for leave first, and few that give files give it. */
  #check(response: Response, from: number): void {
    const { headers } = response;
    const version = { etag: headers.get('ETag'), modified: headers.get('Last-Modified') };
    const known = this.version;
    if (known && (differ(known.etag, version.etag) || differ(known.modified, version.modified)))
      throw this.#changed();
    this.version ??= version;
    const [, start, inRange] = /(\d+)-\d+\/(\d+)$/.exec(headers.get('Content-Range') ?? '') ?? [];
    if (start !== undefined && Number(start) !== from) throw this.#changed();
    const announced = mayBeCompressed(response) ? 0 : announcedSize(response);
    const total = inRange ? Number(inRange) : response.status === 200 ? announced : 0;
    if (total === 0) return;
    if (this.size > 0 && this.size !== total) {
      // A list that is older than the file, or a page in its place: which of them, its bytes tell.
      if (from > 0) throw this.#changed();
      return;
    }
    this.#setSize(total);
  }

  async #take(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#meter.add(bytes.length);
    for (let rest = bytes; rest.length > 0; ) {
      const room = (this.#nParts + 1) * PART_BYTES - this.#at;
      const taken = rest.subarray(0, room);
      this.#pending.push(taken);
      this.#at += taken.length;
      rest = rest.subarray(taken.length);
      this.#isOtherwise = this.size > 0 && this.#at > this.size;
      if (this.#isOtherwise) throw this.#cut();
      if (this.#at === this.size || taken.length === room) await this.#finishPart();
    }
  }

  async #finishPart(): Promise<void> {
    if (this.#pending.length === 0) return;
    const bytes = new Blob(this.#pending);
    if (this.#nParts === 0) await refuseWebPage(bytes, this.#address);
    this.#pending = [];
    const { size, version } = this;
    this.#give(await this.#store.put(this.#nParts, bytes, { size, version }));
  }

  #cut(): PageError {
    const { size: bytesTotal } = this;
    return problem({ kind: 'cut', address: this.#address, bytesDone: this.#at, bytesTotal });
  }

  #changed(): PageError {
    return problem({ kind: 'changed', address: this.#address });
  }

  /** Ends early, with its reason, when the download does. */
  #pause(ms: number): Promise<void> {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', end);
        resolve();
      }, ms);
      signal.addEventListener('abort', end, { once: true });
    });
  }
}

const problem = (what: Problem) => new PageError(what);
const statusOf = (error: unknown) =>
  error instanceof PageError && error.problem.kind === 'http' ? error.problem.status : 0;
const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;

/** May the same request, made again, go better? */
function isBroken(error: unknown): boolean {
  return error instanceof PageError && /^(cut|network|offline|server)$/.test(error.problem.kind);
}

/** The server was reached before: it, or the way to it, broke off. */
const isNetwork = (error: unknown) =>
  error instanceof PageError && error.problem.kind === 'network';
