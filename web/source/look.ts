/** A look at a model before it is downloaded: the headers of its weight files go to the core, which tells what it is
 * and what it would need. */
import type { Outline } from '../../wasm/outline.ts';
import { OutlineClient } from '../experiment/outline_client.ts';
import { PageError } from '../experiment/problem.ts';
import type { ModelAddress } from '../experiment/state.ts';
import { readOn, type RemoteHead } from './heads.ts';
import { isWeights, listFiles, SHARD_INDEX } from './hub.ts';
import type { ListedModel } from './listed.ts';
import { listedFiles } from './remote.ts';
import type { RemoteFile } from './remote_file.ts';
import { request } from './request.ts';

export interface Look {
  outline: Outline;
  /** Recipes that the page would begin with: the first of them that fits. */
  begins: readonly string[];
  nFiles: number;
  /** Of all files, in bytes; weights alone where the server does not tell the texts' sizes. */
  downloadBytes: number;
  /** Bytes of weight files that were read for it. */
  bytesRead: number;
  /** From the first request to the last figure. */
  ms: number;
}

/** What headers are read with, and nothing else: a tokenizer may have many megabytes. */
const TEXTS: readonly string[] = ['config.json', SHARD_INDEX];
/** Where most headers end: those of one of many shards, of a safetensors file alone, of a GGUF file, which has the
 * tokenizer in it. */
const SHARD_BYTES = 1 << 14;
const FILE_BYTES = 1 << 16;
const GGUF_BYTES = 1 << 20;
/** The largest header that is read for a look. */
const MAX_HEADER_BYTES = 1 << 27;
/** What every look tells beside the lanes' own recipes. */
const STANDARD_RECIPES = [
  'affine:8:64',
  'q8_0',
  'affine:4:64',
  'q4_k_m',
  'affine:3:64',
  'affine:2:64',
] as const;
/** Requests at a time. */
const N_AT_ONCE = 32;

/** `listed` is the address's entry in the site's own list, where it has one; `own` are the recipes that come
 * after it as it is stored. Throws a PageError, or ChoiceNeeded. */
export async function lookAt(
  address: ModelAddress,
  listed: ListedModel | undefined,
  base: string,
  own: readonly string[],
  signal: AbortSignal,
): Promise<Look> {
  const recipes = [...new Set(['reference', ...own, ...STANDARD_RECIPES])];
  const started = performance.now();
  // Its module comes while the files are listed and read.
  const client = new OutlineClient();
  signal.addEventListener('abort', () => client.end());
  try {
    const files = listed ? listedFiles(listed, base) : await listFiles(address, signal);
    const weights = files.filter(({ name }) => isWeights(name));
    const fetchText = async ({ name, url }: RemoteFile) => {
      const response = await request(url, signal);
      return { name, bytes: new Uint8Array(await response.arrayBuffer()) };
    };
    const [texts, firstHeads] = await Promise.all([
      Promise.all(files.filter(({ name }) => TEXTS.includes(name)).map(fetchText)),
      atOnce(weights, (file) => readOn(file, null, firstBytes(file, weights), signal)),
    ]);
    let heads = firstHeads;
    for (;;) {
      const shown = heads.map(({ file, size, bytes }) => ({ name: file.name, size, bytes }));
      const { outline, needed: more } = await client.outline(texts, shown, recipes);
      if (outline) return { outline, begins: ['reference'], ...countsOf(files, heads, started) };
      const needed = new Map(more.map(({ name, nBytes }) => [name, nBytes]));
      heads = await atOnce(heads, async (head) => {
        const nBytes = needed.get(head.file.name);
        if (nBytes === undefined) return head;
        if (nBytes > MAX_HEADER_BYTES)
          throw new PageError({ kind: 'no-look', address: head.file.url });
        return readOn(head.file, head, nBytes, signal);
      });
    }
  } finally {
    client.end();
  }
}

function firstBytes({ name }: RemoteFile, weights: readonly RemoteFile[]): number {
  const isGguf = /\.gguf$/i.test(name);
  // Of a split GGUF file the first part has the tokenizer.
  if (isGguf && name === weights[0]?.name) return GGUF_BYTES;
  return weights.length > 1 ? SHARD_BYTES : FILE_BYTES;
}

function countsOf(files: readonly RemoteFile[], heads: readonly RemoteHead[], started: number) {
  const texts = files.filter(({ name }) => !isWeights(name));
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    nFiles: files.length,
    downloadBytes: sum([...texts, ...heads].map(({ size }) => size)),
    bytesRead: sum(heads.map(({ bytes }) => bytes.length)),
    ms: performance.now() - started,
  };
}

/** The results in order, a few requests at a time; the first that fails ends all. */
async function atOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const run = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(N_AT_ONCE, items.length) }, run));
  return results;
}
