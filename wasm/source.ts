/** A model's files, whatever they are read from. */
import type { ModelInput, ModelSource } from './types.ts';

/** A file as one that is read piece by piece. */
export function asSource(file: ModelInput): ModelSource {
  if (!('blob' in file)) return file;
  const { name, blob } = file;
  return { name, size: blob.size, read: async (from, to) => blob.slice(from, to) };
}

/** Bytes of all files together. */
export function totalSize(files: readonly ModelInput[]): number {
  return files.reduce((sum, file) => sum + asSource(file).size, 0);
}
