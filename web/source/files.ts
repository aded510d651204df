/** From what a reader dropped or picked to the files of one model. */
import type { ModelFile } from '../../wasm/types.ts';

export interface PickedFile {
  /** With its folders, "SmolLM2/config.json"; just the name when there are none. */
  path: string;
  file: File;
}

const MAX_DEPTH = 4;
const MAX_FILES = 2000;

const isWeights = (path: string) => /\.(gguf|safetensors)$/i.test(path);
const TEMPLATES = 'additional_chat_templates/';
const folder = (path: string) => path.slice(0, path.lastIndexOf('/') + 1);

/** Must be called inside the drop event: its items are gone once the handler has returned. */
export function droppedFiles(transfer: DataTransfer): Promise<PickedFile[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (entries.length === 0) {
    return Promise.resolve([...transfer.files].map((file) => ({ path: file.name, file })));
  }
  return walk(entries);
}

async function walk(entries: FileSystemEntry[]): Promise<PickedFile[]> {
  const found: PickedFile[] = [];
  async function visit(entry: FileSystemEntry, depth: number): Promise<void> {
    if (found.length >= MAX_FILES || depth > MAX_DEPTH) return;
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      found.push({ path: entry.fullPath.replace(/^\//, ''), file });
    } else if (entry.isDirectory) {
      const reader = (entry as FileSystemDirectoryEntry).createReader();
      for (;;) {
        // A reader gives its entries in batches, and an empty batch at the end.
        const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
          reader.readEntries(resolve, reject),
        );
        if (batch.length === 0) break;
        for (const child of batch) await visit(child, depth + 1);
      }
    }
  }
  for (const entry of entries) await visit(entry, 0);
  return found;
}

export function inputFiles(input: HTMLInputElement): PickedFile[] {
  return [...(input.files ?? [])].map((file) => ({
    path: file.webkitRelativePath || file.name,
    file,
  }));
}

/** One model's folder out of what was picked: the outermost that holds weights, without its
 * subfolders, but for further chat templates. Which of its files are used is for the engine to say. */
export function toModelFiles(picked: readonly PickedFile[]): { name: string; files: ModelFile[] } {
  const depth = (path: string) => path.split('/').length;
  const weights = picked
    .filter(({ path }) => isWeights(path))
    .sort((a, b) => depth(a.path) - depth(b.path));
  const home = weights[0] && folder(weights[0].path);
  const isChosen = (path: string) =>
    home === undefined || folder(path) === home || folder(path) === home + TEMPLATES;
  const name =
    home?.split('/').filter(Boolean).pop() ?? weights[0]?.file.name ?? picked[0]?.file.name ?? '';
  const files = picked
    .filter(({ path }) => isChosen(path))
    .map(({ path, file }) => ({
      name: path.endsWith(TEMPLATES + file.name) ? TEMPLATES + file.name : file.name,
      blob: file,
    }));
  return { name, files };
}
