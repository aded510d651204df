/** Measured figures in words: a value with half its 95% interval, and no more digits than it earns. */
import type { Estimate } from '../../wasm/measure_types.ts';
import type { Format } from '../format.ts';

export const MISSING = '—';

/** Half of a 95% interval, in standard errors. */
export const Z = 1.96;

/** The value and half its interval, with the same decimals; `half` is '' where there is none, and all
 * is null where there is no value. `scale` 100 makes per cents of shares. */
export function withInterval(
  format: Format,
  { value, error }: Estimate,
  scale = 1,
): { value: string; half: string } | null {
  if (value === null) return null;
  const half = error === null ? 0 : Z * error * scale;
  return { value: format.upTo(value * scale, half), half: half > 0 ? format.upTo(half, half) : '' };
}

/** "0.0123 ± 0.0004" */
export function estimate(format: Format, figure: Estimate, scale = 1): string {
  const written = withInterval(format, figure, scale);
  if (!written) return MISSING;
  return written.half ? `${written.value} ± ${written.half}` : written.value;
}

export function small(format: Format, value: number | null): string {
  return value === null ? MISSING : format.small(value);
}
