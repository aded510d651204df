/* Split GGUF files for tests, made by arithmetic on a whole one. */

/* Cuts a GGUF file as llama.cpp's gguf-split does: all metadata is in the first part, the others have
 * split.no, split.count and split.tensors.count alone. */
export function split(whole, nParts, { tensorsInFirst = true } = {}) {
  let at = 24;
  const u32 = () => whole.readUInt32LE((at += 4) - 4);
  const u64 = () => Number(whole.readBigUInt64LE((at += 8) - 8));
  const skip = (n) => (at += n); // not `at += u64()`, which would read `at` first
  const skipText = () => skip(u64());
  const sizes = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
  const skipValue = (type) => {
    if (type === 8) skipText();
    else if (type === 9) {
      const inner = u32();
      for (let n = u64(); n > 0; n--) skipValue(inner);
    } else at += sizes[type];
  };
  const nTensors = Number(whole.readBigUInt64LE(8));
  const nMeta = Number(whole.readBigUInt64LE(16));
  for (let i = 0; i < nMeta; i++) {
    skipText();
    skipValue(u32());
  }
  const meta = whole.subarray(24, at);
  const infos = [];
  for (let i = 0; i < nTensors; i++) {
    const from = at;
    skipText();
    skip(8 * u32() + 4);
    infos.push({ head: whole.subarray(from, at), offset: u64() });
  }
  const start = Math.ceil(at / 32) * 32;
  infos.forEach((info, i) => {
    const end = infos[i + 1] ? infos[i + 1].offset : whole.length - start;
    info.bytes = whole.subarray(start + info.offset, start + end);
  });
  const number = (n, size) => {
    const bytes = Buffer.alloc(size);
    if (size === 8) bytes.writeBigUInt64LE(BigInt(n));
    else bytes.writeUIntLE(n, 0, size);
    return bytes;
  };
  const entry = (key, type, n, size) =>
    Buffer.concat([number(key.length, 8), Buffer.from(key), number(type, 4), number(n, size)]);
  const nHolders = tensorsInFirst ? nParts : nParts - 1;
  const perPart = Math.ceil(nTensors / nHolders);
  return Array.from({ length: nParts }, (_, part) => {
    const k = tensorsInFirst ? part : part - 1;
    const own = k < 0 ? [] : infos.slice(k * perPart, (k + 1) * perPart);
    const splits = Buffer.concat([
      entry('split.no', 2, part, 2),
      entry('split.count', 2, nParts, 2),
      entry('split.tensors.count', 5, nTensors, 4),
    ]);
    let offset = 0;
    const heads = own.map(({ head, bytes }) => {
      const text = Buffer.concat([head, number(offset, 8)]);
      offset += bytes.length;
      return text;
    });
    const counts = Buffer.concat([number(own.length, 8), number((part === 0 ? nMeta : 0) + 3, 8)]);
    const header = Buffer.concat([
      whole.subarray(0, 8),
      counts,
      part === 0 ? meta : Buffer.alloc(0),
      splits,
      ...heads,
    ]);
    const padding = Buffer.alloc((32 - (header.length % 32)) % 32);
    return Buffer.concat([header, padding, ...own.map(({ bytes }) => bytes)]);
  });
}

/** "m-00001-of-00003.gguf" for part 0 of 3. */
export const partName = (part, count) =>
  `m-${String(part + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`;
