/** From an address to the files of a model: the site's own list, a file's URL, a Hugging Face
 * repository. */
import type { ModelFile } from '../../wasm/types.ts';
import { PageError } from '../experiment/problem.ts';
import { hubUrl } from '../experiment/address.ts';
import type { ModelAddress } from '../experiment/state.ts';
import { readList, type ListedModel } from './listed.ts';
import { announcedSize, Meter, toBlob, type Progress } from './download.ts';
import { request } from './request.ts';

type Report = (progress: Progress) => void;

const SHARD_INDEX = 'model.safetensors.index.json';
/** What is read, and what travels on with a model that is saved. */
const OPTIONAL_TEXTS = [
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'chat_template.jinja',
  'chat_template.json',
  'README.md',
];

/** The site's own models, in models/ below `base`. An unreachable list is an empty one: the page works
 * without it. */
export async function fetchList(base: string): Promise<ListedModel[]> {
  try {
    const response = await fetch(new URL('models/index.json', base));
    return response.ok ? readList(await response.json()) : [];
  } catch {
    return [];
  }
}

export async function fetchListed(
  model: ListedModel,
  base: string,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const encoded = (file: string) => file.split('/').map(encodeURIComponent).join('/');
  const meter = new Meter(report, signal);
  meter.bytesTotal = model.size;
  const files: ModelFile[] = [];
  try {
    for (const file of model.files) {
      const url = new URL(`models/${encoded(file)}`, base).href;
      const blob = await toBlob(await request(url, signal), meter, signal);
      files.push({ name: file.split('/').pop()!, blob });
    }
    return files;
  } finally {
    meter.end();
  }
}

/** A GGUF file stands alone; a safetensors file comes with the texts beside it. */
export async function fetchUrl(
  url: string,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const { pathname } = new URL(url);
  const isAlone = !/\.safetensors$/i.test(pathname);
  const meter = new Meter(report, signal);
  try {
    const texts = await Promise.all(
      ['config.json', ...OPTIONAL_TEXTS].map((name) =>
        isAlone
          ? null
          : fetchText(new URL(name, url).href, name, name === 'config.json', meter, signal),
      ),
    );
    const response = await request(url, signal);
    const size = announcedSize(response);
    meter.bytesTotal = size > 0 ? meter.bytesDone + size : 0;
    const name = decodeURIComponent(pathname.split('/').pop() ?? '');
    const weights = { name, blob: await toBlob(response, meter, signal) };
    return [...texts.filter((file) => file !== null), weights];
  } finally {
    meter.end();
  }
}

/** The files of a repository that a model needs: its configuration and tokenizer, then one weight
 * file, or the shards that the index names. */
export async function fetchHub(
  hub: Extract<ModelAddress, { kind: 'hub' }>,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const address = (file: string) => `${hubUrl(hub)}/${file}`;
  const meter = new Meter(report, signal);
  try {
    const config = await fetchText(address('config.json'), 'config.json', false, meter, signal);
    if (!config) throw new PageError({ kind: 'no-config', address: hubUrl(hub, 'tree') });
    const others = await Promise.all(
      [SHARD_INDEX, ...OPTIONAL_TEXTS].map((name) =>
        fetchText(address(name), name, false, meter, signal),
      ),
    );
    const index = others[0];

    let names = ['model.safetensors'];
    if (index) {
      const parsed = readIndex(await index.blob.text());
      names = parsed.names;
      meter.bytesTotal = meter.bytesDone + parsed.size;
    }
    const weights: ModelFile[] = [];
    for (const name of names) {
      const response = await request(address(name), signal);
      if (names.length === 1) meter.bytesTotal = meter.bytesDone + announcedSize(response);
      weights.push({ name, blob: await toBlob(response, meter, signal) });
    }
    return [config, ...others, ...weights].filter((file) => file !== null);
  } finally {
    meter.end();
  }
}

/** A small text file; null when it is not required and not there. */
async function fetchText(
  url: string,
  name: string,
  required: boolean,
  meter: Meter,
  signal: AbortSignal,
): Promise<ModelFile | null> {
  try {
    const response = await request(url, signal);
    return { name, blob: await toBlob(response, meter, signal) };
  } catch (error) {
    if (!required && error instanceof PageError && error.problem.kind === 'not-found') return null;
    throw error;
  }
}

/** The shard names and the total size in a model.safetensors.index.json. */
function readIndex(text: string): { names: string[]; size: number } {
  try {
    const index = JSON.parse(text) as {
      weight_map?: Record<string, unknown>;
      metadata?: { total_size?: unknown };
    };
    const names = [...new Set(Object.values(index.weight_map ?? {}))].filter(
      (name): name is string => typeof name === 'string' && /^[\w.-]+\.safetensors$/.test(name),
    );
    const size = Number(index.metadata?.total_size);
    if (names.length > 0)
      return { names: names.sort(), size: Number.isSafeInteger(size) ? size : 0 };
  } catch {
    // Not JSON: the same sentence as JSON without names.
  }
  throw new PageError({
    kind: 'core',
    code: 'input',
    detail: 'model.safetensors.index.json names no weight files',
    korean: 'model.safetensors.index.json에 가중치 파일이 적혀 있지 않습니다.',
  });
}
