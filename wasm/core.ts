/** One running wasm module: typed calls, strings and memory, and errors as BitlossErrors. */
import type { Exports, Progress } from './loader.ts';
import { BitlossError, type ErrorCode } from './types.ts';

/** bl_code, in the order of core/include/bitloss_base.h. */
const CODES: ErrorCode[] = [
  'argument',
  'memory',
  'input',
  'unsupported',
  'argument',
  'cancelled',
  'recipe',
  'input',
  'elsewhere',
];

/** BL_FIELD_END */
const FIELD_END = '\x1f';

type Functions = Omit<Exports, 'memory' | '_initialize'>;

const encoder = new TextEncoder();
// A byte order mark is a part of the text that it stands in.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export class Core {
  readonly #exports: Exports;
  #fault: BitlossError | null = null;
  /** Who is told how far the call under way is, where it tells. */
  readonly #listening: { by: Progress | null };

  /** `start` starts the module. */
  static async start(start: (onProgress: Progress) => Promise<Exports>): Promise<Core> {
    const listening: { by: Progress | null } = { by: null };
    const exports = await start((done, total) => listening.by?.(done, total) ?? true);
    return new Core(exports, listening);
  }

  private constructor(exports: Exports, listening: { by: Progress | null }) {
    this.#exports = exports;
    this.#listening = listening;
  }

  /** Why the module can no longer be used; null while it can. */
  get fault(): BitlossError | null {
    return this.#fault;
  }

  /** Bytes of memory that the module has taken; it never gives any back. */
  get memoryBytes(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Whether the module has an export: the small one lacks those that the page seldom needs
   * (wasm/build.mjs). */
  has(name: keyof Functions): boolean {
    return name in this.#exports;
  }

  /** Calls an export. A trap makes this module unusable from then on. */
  call<Name extends keyof Functions>(
    name: Name,
    ...args: Parameters<Functions[Name]>
  ): ReturnType<Functions[Name]> {
    if (this.#fault) throw this.#fault;
    try {
      const f = this.#exports[name] as (...args: number[]) => ReturnType<Functions[Name]>;
      return f(...(args as number[]));
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      const full = this.memoryBytes > 0xfff00000;
      this.#fault = full
        ? new BitlossError('memory', 'The engine used up the 4 GB of memory it can have.')
        : new BitlossError('unsupported', `The engine stopped on a fault of its own: ${detail}.`);
      throw this.#fault;
    }
  }

  /** Runs `work`, one of whose calls tells how far it is. */
  watched<T>(onProgress: Progress, work: () => T): T {
    this.#listening.by = onProgress;
    try {
      return work();
    } finally {
      this.#listening.by = null;
    }
  }

  /** The error that the last failed call left. */
  error(): BitlossError {
    const code = CODES[this.call('bw_error_code')];
    const format = this.string(this.call('bw_error_format'));
    const fields = this.string(this.call('bw_error_fields')).split(FIELD_END).slice(0, -1);
    const message = this.string(this.call('bw_error_message'));
    return new BitlossError(code, message, { format, fields });
  }

  /** For a bl_code. */
  check(code: number): void {
    if (code !== 0) throw this.error();
  }

  /** For an address, which is null after a failure. */
  address(address: number): number {
    if (address === 0) throw this.error();
    return address >>> 0;
  }

  alloc(nBytes: number): number {
    const address = nBytes < 0x1_0000_0000 ? this.call('bw_alloc', nBytes) : 0;
    if (address !== 0) return address >>> 0;
    throw new BitlossError('memory', `Memory ran out: ${nBytes} bytes could not be allocated.`);
  }

  /** Frees what `name` frees; nothing for address 0 or when the module is gone anyway. */
  release(
    name:
      | 'bw_free'
      | 'bw_loader_free'
      | 'bw_model_free'
      | 'bw_decoder_free'
      | 'bw_session_free'
      | 'bw_generation_free'
      | 'bw_export_free'
      | 'bw_layers_free'
      | 'bw_encoder_free'
      | 'bw_training_free'
      | 'bw_calibration_free'
      | 'bw_statistics_free',
    address: number,
  ): void {
    if (address !== 0 && !this.#fault) this.call(name, address);
  }

  /** Runs `use` with nBytes of memory that are freed afterwards. */
  withBytes<T>(nBytes: number, use: (address: number) => T): T {
    const address = this.alloc(nBytes);
    try {
      return use(address);
    } finally {
      this.release('bw_free', address);
    }
  }

  /** The address of a copy of a text, NUL-terminated, that the caller frees. */
  copyText(text: string): number {
    const bytes = encoder.encode(`${text}\0`);
    const address = this.alloc(bytes.length);
    this.bytes(address, bytes.length).set(bytes);
    return address;
  }

  /** Runs `use` with a text in memory, NUL-terminated; size does not count the NUL. */
  withText<T>(text: string, use: (address: number, size: number) => T): T {
    const bytes = encoder.encode(text);
    return this.withBytes(bytes.length + 1, (address) => {
      const memory = this.bytes(address, bytes.length + 1);
      memory.set(bytes);
      memory[bytes.length] = 0;
      return use(address, bytes.length);
    });
  }

  /** Runs `use` with several texts in memory, each NUL-terminated, and their sizes without the NUL. */
  withTexts<T>(texts: readonly string[], use: (addresses: number[], sizes: number[]) => T): T {
    const encoded = texts.map((text) => encoder.encode(`${text}\0`));
    const total = encoded.reduce((sum, bytes) => sum + bytes.length, 0);
    return this.withBytes(total, (address) => {
      const memory = this.bytes(address, total);
      const addresses: number[] = [];
      let at = 0;
      for (const bytes of encoded) {
        memory.set(bytes, at);
        addresses.push(address + at);
        at += bytes.length;
      }
      return use(
        addresses,
        encoded.map((bytes) => bytes.length - 1),
      );
    });
  }

  /** A view of memory; any later call may move memory away from under it. */
  bytes(address: number, nBytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#exports.memory.buffer as ArrayBuffer, address >>> 0, nBytes);
  }

  words(address: number, nWords: number): DataView {
    return new DataView(this.#exports.memory.buffer, address >>> 0, 4 * nWords);
  }

  /** A copy of float32 values. */
  floats(address: number, n: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.bytes(address, 4 * n).slice().buffer);
  }

  ints(address: number, n: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.bytes(address, 4 * n).slice().buffer);
  }

  /** A copy of float64 values. */
  doubles(address: number, n: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.bytes(address, 8 * n).slice().buffer);
  }

  setInts(address: number, values: ArrayLike<number>): void {
    this.bytes(address, 4 * values.length).set(new Uint8Array(Int32Array.from(values).buffer));
  }

  setDoubles(address: number, values: ArrayLike<number>): void {
    this.bytes(address, 8 * values.length).set(new Uint8Array(Float64Array.from(values).buffer));
  }

  text(address: number, nBytes: number): string {
    return nBytes === 0 ? '' : decoder.decode(this.bytes(address, nBytes));
  }

  /** A NUL-terminated string. */
  string(address: number): string {
    const memory = new Uint8Array(this.#exports.memory.buffer);
    const start = address >>> 0;
    return decoder.decode(memory.subarray(start, memory.indexOf(0, start)));
  }

  /** The JSON text at an address that a call returned. */
  json<T>(address: number): T {
    return JSON.parse(this.string(this.address(address))) as T;
  }
}

/** Resolves in a task of its own, so that messages and input that wait are seen to first. Timers are
 * of no use here: browsers hold nested ones back by 4 ms. */
export const nextTask: () => Promise<void> =
  typeof setImmediate === 'function'
    ? () => new Promise((resolve) => setImmediate(resolve))
    : (() => {
        const channel = new MessageChannel();
        const waiting: (() => void)[] = [];
        channel.port1.onmessage = () => waiting.shift()?.();
        return () =>
          new Promise<void>((resolve) => {
            waiting.push(resolve);
            channel.port2.postMessage(null);
          });
      })();
