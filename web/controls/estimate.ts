/** Measured figures in words: a value ± its standard error, as the terminal prints them, and no more
 * digits than that earns. */
import type { Estimate } from '../../wasm/measure_types.ts';
import type { Format } from '../format.ts';

export const MISSING = '—';

/** The value and its standard error, with the same decimals; `error` is '' where there is none, as of
 * a single token, and all is null where there is no value. `scale` 100 makes per cents of shares. */
export function withError(
  format: Format,
  { value, error }: Estimate,
  scale = 1,
): { value: string; error: string } | null {
  if (value === null || !Number.isFinite(value)) return null;
  const one = error !== null && Number.isFinite(error) ? error * scale : 0;
  return { value: format.upTo(value * scale, one), error: one > 0 ? format.upTo(one, one) : '' };
}

/** "0.0123 ± 0.0004" */
export function estimate(format: Format, figure: Estimate, scale = 1): string {
  const written = withError(format, figure, scale);
  if (!written) return MISSING;
  return written.error ? `${written.value} ± ${written.error}` : written.value;
}

export function small(format: Format, value: number | null): string {
  return value === null ? MISSING : format.small(value);
}
