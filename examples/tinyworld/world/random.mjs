// Numbers that are the same on every machine: integer arithmetic only, no clock, no Math.random.

/** A 32-bit hash of a text's UTF-16 units (FNV-1a, then the finalizer of MurmurHash3). */
export function hash32(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A generator of the sfc32 kind, seeded by a text: equal seeds give equal sequences. */
export class Random {
  constructor(seed) {
    this.a = hash32(`${seed}/a`);
    this.b = hash32(`${seed}/b`);
    this.c = hash32(`${seed}/c`);
    this.counter = 1;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** The next 32 bits, as an unsigned number. */
  next() {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A whole number from 0 to n - 1. */
  below(n) {
    return Math.floor((this.next() / 0x100000000) * n);
  }

  /** A whole number from low to high, both included. */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  /** True in `percent` of 100 calls. */
  chance(percent) {
    return this.below(100) < percent;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** A new list with the same entries in random order. */
  shuffle(list) {
    const out = list.slice();
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }

  /** `count` different entries of a list, in random order. */
  sample(list, count) {
    const out = [];
    const taken = new Set();
    while (out.length < count) {
      const i = this.below(list.length);
      if (taken.has(i)) continue;
      taken.add(i);
      out.push(list[i]);
    }
    return out;
  }

  /** An entry of [[entry, weight], ...], as often as its weight says. */
  weighted(table) {
    let at = this.below(table.reduce((sum, row) => sum + row[1], 0));
    for (const [entry, weight] of table) {
      at -= weight;
      if (at < 0) return entry;
    }
    throw new Error('a weighted table needs positive whole weights');
  }
}
