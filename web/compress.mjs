/* What the server sends compressed: text, scripts and wasm, each compressed once and kept. */
import fs from 'node:fs';
import { promisify } from 'node:util';
import zlib from 'node:zlib';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

/** Below, a packet holds the file as it is; above, compressing would keep the visitor waiting. */
const MIN_BYTES = 1024;
const MAX_BYTES = 16 << 20;

const COMPRESSIBLE =
  /^(text\/|image\/svg\+xml|application\/(javascript|json|wasm|manifest\+json)\b)/;

/** Best first. Brotli's highest level takes 20 times as long as this one for 5% less. */
const ENCODERS = {
  br: (bytes) => brotli(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gzip: (bytes) => gzip(bytes, { level: 9 }),
};

/** The encoding that a request accepts for a file of this type; null: as it is. A range is one of the
 * file as it is. */
export function encodingFor(type, size, headers) {
  if (!COMPRESSIBLE.test(type) || size < MIN_BYTES || size > MAX_BYTES || headers.range)
    return null;
  const accepted = new Map(
    (headers['accept-encoding'] ?? '').split(',').map((item) => {
      const [name, ...parameters] = item.toLowerCase().split(';');
      const q = /^\s*q=([\d.]+)\s*$/.exec(parameters[0] ?? '');
      return [name.trim(), q ? Number(q[1]) : 1];
    }),
  );
  const isAccepted = (name) => (accepted.get(name) ?? accepted.get('*') ?? 0) > 0;
  return Object.keys(ENCODERS).find(isAccepted) ?? null;
}

/** By file and encoding: the version that was compressed, and the bytes once they are there. */
const kept = new Map();

/** A file's bytes in an encoding; `version` changes with the file. */
export function compressed(file, version, encoding) {
  const key = `${encoding} ${file}`;
  const before = kept.get(key);
  if (before?.version === version) return before.bytes;
  const bytes = fs.promises.readFile(file).then(ENCODERS[encoding]);
  bytes.catch(() => kept.delete(key));
  kept.set(key, { version, bytes });
  return bytes;
}
