/** Numbers and names that a caller gives, checked before the module sees them: WebAssembly would take a
 * fraction, NaN or 2^32 for another number, and C would believe it. */
import { BitlossError } from './types.ts';

/** The largest int, for counts and indices. */
export const MAX_INT = 2 ** 31 - 1;

/** The value, which must be a whole number from min to max. */
export function whole(name: string, value: number, min = 0, max = MAX_INT): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw wrong(name, value, `a whole number from ${min} to ${max}`);
}

/** The value, which must be a number from min to max, neither NaN nor infinite. */
export function finite(name: string, value: number, min = -Infinity, max = Infinity): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  const range = [
    min > -Infinity ? ` of at least ${min}` : '',
    max < Infinity ? ` and at most ${max}` : '',
  ];
  throw wrong(name, value, `a finite number${range.join('')}`);
}

/** Token ids, of which the core says whether they are in the vocabulary. */
export function tokenIds(ids: Iterable<number>): number[] {
  return Array.from(ids, (id, at) => whole(`ids[${at}]`, id));
}

/** The value, which must be one of the choices. */
export function oneOf<T>(name: string, value: T, choices: readonly T[]): T {
  if (choices.includes(value)) return value;
  throw wrong(name, value, choices.join(', '));
}

function wrong(name: string, value: unknown, expected: string): BitlossError {
  const shown = typeof value === 'string' ? `'${value}'` : String(value);
  return new BitlossError('argument', `${name} is ${shown}, expected ${expected}.`);
}
