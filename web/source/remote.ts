/** From an address to the files of a model: the site's own list, a file's URL, a Hugging Face
 * repository. */
import type { ModelFile } from '../../wasm/types.ts';
import { PageError } from '../experiment/problem.ts';
import type { ModelAddress } from '../experiment/state.ts';
import { readList, type ListedModel } from './listed.ts';
import { announcedSize, Meter, toBlob, type Progress } from './download.ts';
import { isWeights, listFiles } from './hub.ts';
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

/** The files of the model at an address, in the order in which they were listed. */
export async function fetchRemote(
  address: ModelAddress,
  report: Report,
  signal: AbortSignal,
): Promise<ModelFile[]> {
  const meter = new Meter(report, signal);
  const files: ModelFile[] = [];
  try {
    const listed = await listFiles(address, signal);
    const unknown = listed.filter(({ name, size }) => isWeights(name) && size === 0);
    if (unknown.length === 0) meter.bytesTotal = listed.reduce((sum, { size }) => sum + size, 0);
    for (const file of listed) {
      const response = await request(file.url, signal);
      if (unknown.length === 1 && file === unknown[0] && announcedSize(response) > 0)
        meter.bytesTotal = meter.bytesDone + announcedSize(response);
      const blob = await toBlob(response, meter, signal);
      if (file.size > 0 && blob.size !== file.size) throw cut(file, blob.size);
      files.push({ name: file.name, blob });
    }
    return files;
  } finally {
    meter.end();
  }
}

const cut = ({ url, size }: RemoteFile, bytesDone: number) =>
  new PageError({ kind: 'cut', address: url, bytesDone, bytesTotal: size });
