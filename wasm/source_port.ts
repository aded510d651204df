/** How a model's files cross to a worker. Blobs are handles, and are sent as they are; any other source stays
 * where it is, and is read through a port. What comes back through that is best a Blob: then no byte
 * passes through the thread that answers. */
import * as Comlink from 'comlink';
import type { ModelFile, ModelInput } from './types.ts';

/** The answering end: which file, from where, up to where. */
interface Reader {
  read(file: number, from: number, to: number): Promise<ArrayBuffer | Blob>;
}

/** What is sent in place of the files. */
interface Sent {
  files: (ModelFile | { name: string; size: number })[];
  port: MessagePort;
}

const isInput = (value: unknown): value is ModelInput =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  ('blob' in value || 'read' in value);

function send(inputs: readonly ModelInput[]): [Sent, Transferable[]] {
  const { port1, port2 } = new MessageChannel();
  const reader: Reader = {
    async read(file, from, to) {
      const input = inputs[file]!;
      if ('blob' in input) return input.blob.slice(from, to);
      const bytes = await input.read(from, to);
      return bytes instanceof ArrayBuffer ? Comlink.transfer(bytes, [bytes]) : bytes;
    },
  };
  Comlink.expose(reader, port1);
  const files = inputs.map((input) =>
    'blob' in input
      ? { name: input.name, blob: input.blob }
      : { name: input.name, size: input.size },
  );
  return [{ files, port: port2 }, [port2]];
}

function receive({ files, port }: Sent): ModelInput[] {
  const reader = Comlink.wrap<Reader>(port);
  return files.map((file, i) =>
    'blob' in file ? file : { ...file, read: (from, to) => reader.read(i, from, to) },
  );
}

/** Called once on each side: from then on a list of inputs may be an argument of a call. */
export function passSources(): void {
  Comlink.transferHandlers.set('sources', {
    canHandle: (value): value is ModelInput[] =>
      Array.isArray(value) && value.every(isInput) && value.some((input) => !('blob' in input)),
    serialize: send,
    deserialize: receive,
  });
}
