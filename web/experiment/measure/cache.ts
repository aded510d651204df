/** Results that are kept: the last few, by what was asked. */
import type { TextOptions } from '../../../wasm/measure_types.ts';

/** Forgets what was not used for longest. */
export class Cache<V> {
  readonly #entries = new Map<string, V>();

  constructor(private readonly capacity: number) {}

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.capacity && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Tells apart recipes, texts and the ways to cut one up. */
export function textKey(
  recipe: string,
  ids: Int32Array,
  { nContext = 0, first = 0, ends }: TextOptions,
): string {
  const cut = ends ? numbersKey(ends) : 'whole';
  return `${recipe} ${nContext} ${first} ${numbersKey(ids)} ${cut}`;
}

/** Two hashes and a length: two lists of one session that share all three are not to be expected. */
function numbersKey(numbers: Iterable<number> & { length: number }): string {
  let a = 0x811c9dc5;
  let b = numbers.length;
  for (const x of numbers) {
    a = Math.imul(a ^ x, 0x01000193);
    b = (Math.imul(b, 31) + x) | 0;
  }
  return `${numbers.length} ${a >>> 0} ${b >>> 0}`;
}
