/** From an address to the files of a model: the site's own list, a file's URL, a Hugging Face
 * repository. */
import type { ModelFile } from '../../wasm/types.ts';
import { PageError } from '../experiment/problem.ts';
import type { ModelAddress } from '../experiment/state.ts';
import { readList, type ListedModel } from './listed.ts';
import { Meter, toBlob, type Progress } from './download.ts';
import { isWeights, listFiles } from './hub.ts';
import type { Found } from './model_download.ts';
import type { RemoteFile } from './remote_file.ts';
import { request } from './request.ts';

type Report = (progress: Progress) => void;

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

/** Of one of them; the list tells the size of all together. */
export const listedFiles = (model: ListedModel, base: string): RemoteFile[] =>
  model.files.map((file) => ({
    name: file.split('/').pop()!,
    url: new URL(`models/${file.split('/').map(encodeURIComponent).join('/')}`, base).href,
    size: 0,
    sha256: null,
  }));

export async function fetchListed(
  model: ListedModel,
  base: string,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const meter = new Meter(report, signal);
  meter.bytesTotal = model.size;
  const files: ModelFile[] = [];
  try {
    for (const { name, url } of listedFiles(model, base))
      files.push({ name, blob: await toBlob(await request(url, signal), meter, signal) });
    return files;
  } finally {
    meter.end();
  }
}

/** The files of the model at an address: the texts, which are small, are fetched at once. */
export async function findRemote(
  address: ModelAddress,
  meter: Meter,
  signal: AbortSignal,
): Promise<Found> {
  const listed = await listFiles(address, signal);
  const texts = listed
    .filter(({ name }) => !isWeights(name))
    .map(async (file) => {
      const blob = await toBlob(await request(file.url, signal), meter, signal);
      if (file.size > 0 && blob.size !== file.size) throw cut(file, blob.size);
      return { name: file.name, blob };
    });
  const weights = listed.filter(({ name }) => isWeights(name));
  return { texts: await Promise.all(texts), weights };
}

const cut = ({ url, size }: RemoteFile, bytesDone: number) =>
  new PageError({ kind: 'cut', address: url, bytesDone, bytesTotal: size });
