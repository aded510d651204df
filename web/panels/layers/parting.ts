/** Up to which layer a lane would say what the reference would, and how the figures are written. */
import type { LayerFigures } from '../../../wasm/measure_types.ts';
import type { LayersWords } from './en.ts';

export type Parting =
  | { kind: 'never' }
  /** `from`: the first stage, 0 being the embedding, that would say another token. */
  | { kind: 'parts'; from: number; endsSame: boolean }
  /** The lane's states are not numbers. */
  | { kind: 'broken' };

export function saysSame({ top, referenceTop }: LayerFigures): boolean {
  return top[0] !== undefined && top[0].id === referenceTop[0]?.id;
}

export function partingOf(layers: readonly LayerFigures[]): Parting {
  const last = layers.at(-1);
  if (last?.top.length === 0) return { kind: 'broken' };
  const from = layers.findIndex((layer) => !saysSame(layer));
  if (from < 0 || !last) return { kind: 'never' };
  return { kind: 'parts', from, endsSame: saysSame(last) };
}

/** Has a distance a place in a picture? */
export const isDrawn = (distance: number | null): distance is number =>
  distance !== null && distance < Infinity;

/** A distance, or why there is no number. */
export function distanceText(
  value: number | null,
  words: Pick<LayersWords, 'notNumbers' | 'infinite'>,
  small: (value: number) => string,
): string {
  if (value === null) return words.notNumbers;
  return value === Infinity ? words.infinite : small(value);
}

/** White space of a token is made visible. */
export function visible(text: string): string {
  return text.replace(/ /g, '␣').replace(/\n/g, '⏎').replace(/\t/g, '⇥');
}

/** The end of a prompt, from a word on where there is one. */
export function endOf(prompt: string, nChars: number): string {
  const line = prompt.replace(/\s+/g, ' ');
  if (line.length <= nChars) return line;
  const end = line.slice(-nChars);
  const space = end.indexOf(' ');
  return `…${space >= 0 && space < nChars / 2 ? end.slice(space) : end}`;
}

/** The least of 1, 2, 2.5 and 5 times a power of ten that is no less. */
export function roundedUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5].find((step) => step * power >= value) ?? 10);
}
