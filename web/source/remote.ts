/** From an address to the files of a model: the site's own list, a file's URL, a Hugging Face
 * repository. */
import type { ModelFile } from '../../wasm/types.ts';
import { PageError } from '../problem.ts';
import type { ListedModel } from '../state.ts';
import { announcedSize, Meter, request, toBlob, type Progress } from './download.ts';

type Report = (progress: Progress) => void;

const OPTIONAL_TEXTS = [
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'model.safetensors.index.json',
];

/** The site's own models. An unreachable list is an empty one: the page works without it. */
export async function fetchList(): Promise<ListedModel[]> {
  try {
    const response = await fetch('models/index.json');
    const list: unknown = response.ok ? await response.json() : [];
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

export async function fetchListed(
  model: ListedModel,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const urls = model.files.map((file) => new URL(`models/${file}`, document.baseURI).href);
  return fetchAll(urls, model.size, report, signal);
}

/** A GGUF file stands alone; a safetensors file comes with the texts beside it. */
export async function fetchUrl(
  url: string,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const weights = await fetchAll([url], 0, report, signal);
  if (!/\.safetensors$/i.test(new URL(url).pathname)) return weights;
  const ignoreProgress = new Meter(() => {});
  const texts = await Promise.all(
    ['config.json', ...OPTIONAL_TEXTS.slice(0, 3)].map((name) =>
      fetchText(new URL(name, url).href, name, name === 'config.json', ignoreProgress, signal),
    ),
  );
  return [...texts.filter((file) => file !== null), ...weights];
}

/** The files of https://huggingface.co/{repo} that a model needs: its configuration and tokenizer,
 * then one weight file, or the shards that the index names. */
export async function fetchHub(
  repo: string,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const address = (file: string) => `https://huggingface.co/${repo}/resolve/main/${file}`;
  const meter = new Meter(report);

  const config = await fetchText(address('config.json'), 'config.json', true, meter, signal);
  const others = await Promise.all(
    OPTIONAL_TEXTS.map((name) => fetchText(address(name), name, false, meter, signal)),
  );
  const index = others[3];

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
  });
}

async function fetchAll(
  urls: string[],
  size: number,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const meter = new Meter(report);
  meter.bytesTotal = size;
  const files: ModelFile[] = [];
  for (const url of urls) {
    const response = await request(url, signal);
    if (urls.length === 1) meter.bytesTotal = announcedSize(response) || size;
    const name = decodeURIComponent(new URL(url).pathname.split('/').pop() ?? '');
    files.push({ name, blob: await toBlob(response, meter, signal) });
  }
  return files;
}
