/** Models from other servers that this browser keeps, whole or in part, in the origin's private file system: a
 * folder for each model, with entry.json, which says what it is, and its files, those of weights in parts. A part
 * is there once it has its full size: the browser moves it into place when it is complete. */
import type { ModelFile } from '../../wasm/types.ts';
import { lock } from './locks.ts';
import type { Found } from './model_download.ts';
import { PART_BYTES, type Known, type PartStore } from './parts.ts';
import type { RemoteFile } from './remote_file.ts';

const ROOT = 'bitloss-models';
const ENTRY = 'entry.json';
const FORMAT = 1;

/** What a reader is told of a kept model. */
export interface KeptModel {
  key: string;
  /** As a link holds it. */
  address: string;
  /** Bytes of all files; 0 where it was not known. */
  size: number;
  /** Of these, so many are here. */
  bytesKept: number;
  isWhole: boolean;
}

/** Why a download is not kept. */
export type NotKept =
  /** This browser has no place for it, or refuses it here. */
  | { kind: 'refused' }
  /** It offers so many bytes. */
  | { kind: 'quota'; bytes: number }
  /** Another page is at the same model. */
  | { kind: 'busy' };

type KeptFile = RemoteFile & Known;

interface Entry {
  format: number;
  address: string;
  texts: readonly { name: string; size: number }[];
  weights: KeptFile[];
  isWhole: boolean;
}

const partName = (file: number, part: number) => `weights-${file}-${part}`;
const textName = (text: number) => `text-${text}`;

/** A folder's name for any address. */
async function keyOf(address: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(address));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class ModelCache {
  private constructor(private readonly root: FileSystemDirectoryHandle) {}

  /** null where the browser has nothing to keep models in, or does not let this page use it. */
  static async open(): Promise<ModelCache | null> {
    try {
      // Safari had none of these functions for long, and lets no other write without a worker.
      if (!('createWritable' in FileSystemFileHandle.prototype)) return null;
      const top = await navigator.storage.getDirectory();
      return new ModelCache(await top.getDirectoryHandle(ROOT, { create: true }));
    } catch {
      return null;
    }
  }

  /** Bytes that the browser still offers; null where it does not say. */
  async room(): Promise<number | null> {
    const { quota, usage } = await navigator.storage
      .estimate()
      .catch(() => ({}) as StorageEstimate);
    return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
  }

  /** All models, by address. What no entry explains is removed. */
  async list(): Promise<KeptModel[]> {
    const kept: KeptModel[] = [];
    for await (const [key, handle] of this.root.entries()) {
      if (handle.kind !== 'directory') continue;
      const entry = await readEntry(handle as FileSystemDirectoryHandle);
      if (!entry) {
        await this.delete(key);
        continue;
      }
      const { address, isWhole, texts, weights } = entry;
      const isKnown = weights.every(({ size }) => size > 0);
      const size = isKnown ? [...texts, ...weights].reduce((sum, one) => sum + one.size, 0) : 0;
      const bytesKept = await sizeOf(handle as FileSystemDirectoryHandle);
      kept.push({ key, address, size, bytesKept, isWhole });
    }
    return kept.sort((a, b) => a.address.localeCompare(b.address));
  }

  /** false: a page is reading or writing it. */
  async delete(key: string): Promise<boolean> {
    const release = await lock(key, 'exclusive');
    if (!release) return false;
    try {
      await this.root.removeEntry(key, { recursive: true }).catch(ignoreMissing);
    } finally {
      release();
    }
    return true;
  }

  /** The model of this address, for as long as `close` was not called; null where another page is writing it. */
  async entry(address: string): Promise<CacheEntry | null> {
    const key = await keyOf(address);
    // Many read a whole one together; who writes is alone.
    const isWhole = (await this.#read(key))?.isWhole ?? false;
    const release = await lock(key, isWhole ? 'shared' : 'exclusive');
    return release && new CacheEntry(this.root, key, release, address, await this.#read(key));
  }

  async #read(key: string): Promise<Entry | null> {
    const folder = await this.root.getDirectoryHandle(key).catch(() => null);
    return folder && readEntry(folder);
  }
}

/** One model in the cache, while a page has it open. */
export class CacheEntry {
  /** What is there was there before, and is all of it. */
  readonly wasWhole: boolean;
  /** Tells that the browser would keep no more. */
  onFull: () => void = () => {};
  #folder: Promise<FileSystemDirectoryHandle> | null = null;
  #isKeeping = false;
  /** Parts of weights that are here. */
  #nParts = 0;
  #saved: Promise<void> = Promise.resolve();

  constructor(
    private readonly root: FileSystemDirectoryHandle,
    private readonly key: string,
    private release: () => void,
    private readonly address: string,
    private entry: Entry | null,
  ) {
    this.wasWhole = entry?.isWhole ?? false;
  }

  /** The whole model, without asking a server; null unless it is all here. */
  async whole(): Promise<Found | null> {
    const { entry } = this;
    if (!entry?.isWhole) return null;
    const texts: ModelFile[] = [];
    for (const [i, { name, size }] of entry.texts.entries()) {
      const blob = await this.#file(textName(i));
      if (blob?.size !== size) return null;
      texts.push({ name, blob });
    }
    for (const [i, { size }] of entry.weights.entries())
      for (let part = 0; part * PART_BYTES < size; part++)
        if (!(await this.#part(i, part, size))) return null;
    // Its sums were right when it was kept.
    return { texts, weights: entry.weights.map((file) => ({ ...file, sha256: null })) };
  }

  /** These are the files now. What is here of others under this address goes. */
  async begin({ texts, weights }: Found): Promise<void> {
    const before = this.entry?.weights ?? [];
    const isSame =
      before.length === weights.length && weights.every((file, i) => fits(before[i]!, file));
    if (!isSame) await this.discard();
    const known = isSame ? before : [];
    this.entry = {
      format: FORMAT,
      address: this.address,
      texts: texts.map(({ name, blob }) => ({ name, size: blob.size })),
      weights: weights.map(({ name, url, size, sha256 }, i) => ({
        name,
        url,
        sha256,
        size: size || (known[i]?.size ?? 0),
        version: known[i]?.version ?? null,
      })),
      isWhole: false,
    };
  }

  /** From now on what comes is kept. */
  async keep({ texts }: Found): Promise<void> {
    this.#isKeeping = true;
    await this.#try(async () => {
      for (const [i, { blob }] of texts.entries()) await this.#write(textName(i), blob);
    });
    await this.#save();
  }

  /** What is known of a file from an earlier visit. */
  known(file: number): Known {
    const { size, version } = this.entry!.weights[file]!;
    return { size, version };
  }

  store(file: number): PartStore {
    return {
      get: (part, size) => this.#part(file, part, part * PART_BYTES + size),
      put: async (part, bytes, about) => {
        if (part === 0) {
          Object.assign(this.entry!.weights[file]!, about);
          await this.#save();
        }
        const name = partName(file, part);
        await this.#try(() => this.#write(name, bytes));
        if (!this.#isKeeping) return bytes;
        this.#nParts++;
        return (await this.#file(name)) ?? bytes;
      },
    };
  }

  /** All of it is here and right. */
  async finish(sizes: readonly number[]): Promise<void> {
    if (!this.#isKeeping) return;
    const { entry } = this;
    for (const [i, size] of sizes.entries()) entry!.weights[i]!.size = size;
    entry!.isWhole = true;
    await this.#save();
    this.release();
    this.release = (await lock(this.key, 'shared')) ?? (() => {});
  }

  /** Whether anything of the weights is here. */
  get hasParts(): boolean {
    return this.#nParts > 0;
  }

  /** Whether what came is here for another visit. */
  get isKept(): boolean {
    return this.hasParts && this.#isKeeping;
  }

  /** Removes all of it. */
  async discard(): Promise<void> {
    this.#folder = null;
    this.#nParts = 0;
    await this.root.removeEntry(this.key, { recursive: true }).catch(ignoreMissing);
  }

  /** Lets others at it. */
  close(): void {
    this.release();
  }

  /** A part, where it ends with the file or has its full size. */
  async #part(file: number, part: number, end: number): Promise<Blob | null> {
    const blob = await this.#file(partName(file, part));
    if (blob?.size !== Math.min(PART_BYTES, end - part * PART_BYTES)) return null;
    this.#nParts++;
    return blob;
  }

  async #file(name: string): Promise<File | null> {
    try {
      return await (await (await this.#open()).getFileHandle(name)).getFile();
    } catch {
      return null;
    }
  }

  #open(): Promise<FileSystemDirectoryHandle> {
    return (this.#folder ??= this.root.getDirectoryHandle(this.key, { create: true }));
  }

  async #write(name: string, bytes: Blob): Promise<void> {
    const file = await (await this.#open()).getFileHandle(name, { create: true });
    const writable = await file.createWritable();
    try {
      await writable.write(bytes);
      await writable.close();
    } catch (error) {
      await writable.abort().catch(() => {});
      throw error;
    }
  }

  /** The first refusal is the last attempt: the model goes on without a place here. */
  async #try(write: () => Promise<void>): Promise<void> {
    if (!this.#isKeeping) return;
    try {
      await write();
    } catch {
      this.#isKeeping = false;
      this.onFull();
    }
  }

  /** One after another: the last to be written is what is there. */
  #save(): Promise<void> {
    const text = JSON.stringify(this.entry);
    return (this.#saved = this.#saved.then(() =>
      this.#try(() => this.#write(ENTRY, new Blob([text]))),
    ));
  }
}

/** May parts of the one be parts of the other? Not where neither a sum nor the server tells versions apart. */
function fits(kept: KeptFile, file: RemoteFile): boolean {
  if (kept.name !== file.name || kept.sha256 !== file.sha256) return false;
  if (file.size > 0 && kept.size > 0 && file.size !== kept.size) return false;
  // The same file may have moved to another revision.
  if (file.sha256 !== null) return true;
  return kept.url === file.url && Boolean(kept.version?.etag ?? kept.version?.modified);
}

/** null where there is none that this version of the page has written. */
async function readEntry(folder: FileSystemDirectoryHandle): Promise<Entry | null> {
  try {
    const file = await (await folder.getFileHandle(ENTRY)).getFile();
    const entry = JSON.parse(await file.text()) as Entry;
    return entry.format === FORMAT ? entry : null;
  } catch {
    return null;
  }
}

async function sizeOf(folder: FileSystemDirectoryHandle): Promise<number> {
  let size = 0;
  for await (const handle of folder.values())
    if (handle.kind === 'file' && handle.name !== ENTRY)
      size += (await (handle as FileSystemFileHandle).getFile()).size;
  return size;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
}
