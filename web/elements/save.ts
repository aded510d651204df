/** Where a file goes that is made piece by piece, in a browser. */
import type { Sink } from '../experiment/host.ts';

/** Not yet in TypeScript's own declarations: Chrome and Edge have it. */
interface SavePicker {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: { accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
}

const MEDIA_TYPES: Record<string, string> = {
  zip: 'application/zip',
  gguf: 'application/octet-stream',
};

/** Straight to the reader's disk, at a place that they choose; null when they choose none. Browsers
 * without such a dialog keep the pieces, and get them as one download in the end. */
export async function openSink(name: string): Promise<Sink | null> {
  const extension = name.split('.').at(-1)!;
  const type = MEDIA_TYPES[extension]!;
  const picker = window as SavePicker;
  if (!picker.showSaveFilePicker) return blobSink(name, type);
  try {
    const types = [{ accept: { [type]: [`.${extension}`] } }];
    const handle = await picker.showSaveFilePicker({ suggestedName: name, types });
    const writable = await handle.createWritable();
    return {
      write: (bytes) => writable.write(bytes),
      close: () => writable.close(),
      abort: () => writable.abort(),
    };
  } catch (error) {
    const reason = error instanceof DOMException ? error.name : '';
    if (reason === 'AbortError') return null;
    // The click lies too far back, or this page is in a frame that may not ask.
    if (reason === 'SecurityError' || reason === 'NotAllowedError') return blobSink(name, type);
    throw error;
  }
}

/** Each piece becomes a Blob at once, which Chrome and Firefox move to disk when they get many; where
 * they stay in memory it takes as much as the file has bytes, beside the model itself. */
function blobSink(name: string, type: string): Sink {
  const pieces: Blob[] = [];
  return {
    async write(bytes) {
      pieces.push(new Blob([bytes]));
    },
    async close() {
      const url = URL.createObjectURL(new Blob(pieces, { type }));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      // The browser has taken hold of the Blob by then.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
    async abort() {
      pieces.length = 0;
    },
  };
}
