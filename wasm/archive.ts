/** An export as the one file that a reader saves. */
import { makeZip, predictLength } from 'client-zip';
import type { Export } from './export.ts';

export interface OneFile {
  size: number;
  stream: ReadableStream<Uint8Array>;
}

/** A single file as it is; several as a ZIP archive, not compressed, of a folder with that name. */
export function asOneFile(ex: Export, folder: string): OneFile {
  const [first, ...others] = ex.files;
  if (first && others.length === 0) return { size: first.size, stream: first.stream() };
  const entries = ex.files.map(({ name, size, stream }) => ({
    name: `${folder}/${name}`,
    size,
    input: stream(),
  }));
  return { size: Number(predictLength(entries)), stream: makeZip(entries) };
}
