/** A model as the files that hold it, made a piece at a time as they are read. */
import { nextTask, type Core } from './core.ts';
import { BitlossError, type Note } from './types.ts';

const PIECE_BYTES = 4 << 20;

export interface ExportFile {
  name: string;
  size: number;
  stream: () => ReadableStream<Uint8Array<ArrayBuffer>>;
}

export class Export {
  readonly files: readonly ExportFile[];
  /** What of the model the container does not hold, or holds otherwise. */
  readonly notes: readonly Note[];
  readonly #core: Core;
  readonly #onRelease: () => void;
  #address: number;

  /** Takes over the bl_export at this address. */
  constructor(core: Core, address: number, onRelease: () => void) {
    this.#core = core;
    this.#address = address;
    this.#onRelease = onRelease;
    this.notes = core.json<Note[]>(core.call('bw_export_notes', address));
    this.files = Array.from({ length: core.call('bw_export_n_files', address) }, (_, file) => {
      const size = core.call('bw_export_file_size', address, file);
      const name = core.string(core.call('bw_export_file_name', address, file));
      return { name, size, stream: () => this.#stream(file, size) };
    });
  }

  /** Gives back the memory that file headers take; streams that still run end with an error. */
  release(): void {
    if (this.#address === 0) return;
    this.#core.release('bw_export_free', this.#address);
    this.#address = 0;
    this.#onRelease();
  }

  #stream(file: number, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    let at = 0;
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          if (at === size) {
            controller.close();
            return;
          }
          await nextTask();
          const n = Math.min(PIECE_BYTES, size - at);
          controller.enqueue(this.#read(file, at, n));
          at += n;
        },
      },
      { highWaterMark: 0 },
    );
  }

  #read(file: number, at: number, n: number): Uint8Array<ArrayBuffer> {
    const core = this.#core;
    const ex = this.#address;
    if (ex === 0) throw new BitlossError('cancelled', 'The model has been freed.');
    return core.withBytes(n, (address) => {
      core.check(core.call('bw_export_read', ex, file, at, address, n));
      return core.bytes(address, n).slice();
    });
  }
}
