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

/** Tells apart recipes, texts and the ways to cut one up. The ids go in as two hashes and a length:
 * two texts of one session that share all three are not to be expected. */
export function textKey(
  recipe: string,
  ids: Int32Array,
  { nContext = 0, first = 0 }: TextOptions,
): string {
  let a = 0x811c9dc5;
  let b = ids.length;
  for (const id of ids) {
    a = Math.imul(a ^ id, 0x01000193);
    b = (Math.imul(b, 31) + id) | 0;
  }
  return `${recipe} ${nContext} ${first} ${ids.length} ${a >>> 0} ${b >>> 0}`;
}
