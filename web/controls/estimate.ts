/** Measured figures in words: a value with half its 95% interval, and no more digits than it earns. */
import type { Estimate } from '../../wasm/measure_types.ts';
import type { Format } from '../format.ts';

export const MISSING = '—';

/** Half of a 95% interval, in standard errors. */
export const Z = 1.96;

/** "0.0123 ± 0.0004"; `scale` 100 makes per cents of shares. */
export function estimate(format: Format, { value, error }: Estimate, scale = 1): string {
  if (value === null) return MISSING;
  const half = error === null ? 0 : Z * error * scale;
  const written = format.upTo(value * scale, half);
  return half > 0 ? `${written} ± ${format.upTo(half, half)}` : written;
}

export function small(format: Format, value: number | null): string {
  return value === null ? MISSING : format.small(value);
}
