/* A reader of GGUF metadata of the tests' own (ggml's docs/gguf.md). */
import { readFileSync } from 'node:fs';

const numbers = {
  0: [1, 'readUInt8'],
  1: [1, 'readInt8'],
  2: [2, 'readUInt16LE'],
  3: [2, 'readInt16LE'],
  4: [4, 'readUInt32LE'],
  5: [4, 'readInt32LE'],
  6: [4, 'readFloatLE'],
  10: [8, 'readBigUInt64LE'],
  11: [8, 'readBigInt64LE'],
  12: [8, 'readDoubleLE'],
};

/* Key to value, in the order of the file. */
export function readMetadata(path) {
  const file = readFileSync(path);
  let at = 24;
  const u64 = () => Number(file.readBigUInt64LE((at += 8) - 8));
  const u32 = () => file.readUInt32LE((at += 4) - 4);
  const text = () => {
    const size = u64();
    return file.toString('utf8', at, (at += size));
  };
  const value = (type) => {
    if (type === 8) return text();
    if (type === 7) return file[at++] === 1;
    if (type === 9) {
      const item = u32();
      return Array.from({ length: u64() }, () => value(item));
    }
    const [size, read] = numbers[type];
    return file[read]((at += size) - size);
  };
  if (file.toString('latin1', 0, 4) !== 'GGUF') throw new Error(`${path} is not GGUF`);
  const entries = [];
  for (let n = Number(file.readBigUInt64LE(16)); n > 0; n--) {
    const key = text();
    if (entries.some(([other]) => other === key)) throw new Error(`${key} is there twice`);
    entries.push([key, value(u32())]);
  }
  return Object.fromEntries(entries);
}
