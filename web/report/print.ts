/** Numbers as the terminal prints them: C's `%.2f`, `%.3g` and the command's own sizes, estimates and JSON.
 * What is copied out of the page has the bytes that `bitloss compare` writes. */
import type { Estimate, Share } from '../../wasm/measure_types.ts';

/** Digits looked at behind the last to see whether a value lies exactly between two. */
const BEYOND = 30;

/** `%.{digits}f`. C rounds what lies exactly in the middle to the even digit, `toFixed` away from zero. */
export function fixed(x: number, digits: number): string {
  const exact = Math.abs(x).toFixed(Math.min(100, digits + BEYOND));
  if (!/^50*$/.test(exact.slice(-BEYOND))) return x.toFixed(digits);
  const down = exact.slice(0, -BEYOND).replace(/\.$/, '');
  if (Number(down.at(-1)) % 2 !== 0) return x.toFixed(digits);
  return x < 0 ? `-${down}` : down;
}

/** `%.{digits}g`: no more digits than that, without zeros at the end. */
export function general(x: number, digits: number): string {
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [mantissa, power] = x.toExponential(digits - 1).split('e') as [string, string];
  const exponent = Number(power);
  const bare = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent >= -4 && exponent < digits) return bare(fixed(x, digits - 1 - exponent));
  const sign = exponent < 0 ? '-' : '+';
  return `${bare(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const signed = (text: string) => (text.startsWith('-') ? text : `+${text}`);

/** `cli_figure`: what is no number is said in words. */
export function figure(x: number | null, print: (x: number) => string): string {
  if (x === null || Number.isNaN(x)) return 'not a number';
  if (!Number.isFinite(x)) return x > 0 ? 'infinite' : 'minus infinite';
  return print(x);
}

/** `cli_estimate`: a value ± its standard error, to two digits of the error. */
export function estimateText({ value, error }: Estimate, hasSign = false): string {
  const sign = hasSign ? signed : (text: string) => text;
  const bare = () => figure(value, (x) => sign(general(x, 4)));
  if (value === null || error === null || !Number.isFinite(value + error) || !(error > 0))
    return bare();
  const digits = 1 - Math.floor(Math.log10(error));
  if (digits > 12) return bare();
  const n = Math.max(0, digits);
  return `${sign(fixed(value, n))} ± ${fixed(error, n)}`;
}

/** `cli_size`: "2.1 MB", in units of a thousand. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${fixed(value, unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`;
}

/** "98.5% [96.8, 99.3]" */
export function shareText({ value, low, high }: Share): string {
  const [share, from, to] = [value, low, high].map((one) => fixed(100 * one, 1));
  return `${share}% [${from}, ${to}]`;
}

/** "-1.0 [-2.7, +0.4]" */
export function pointsText({ value, low, high }: Share): string {
  const [points, from, to] = [value, low, high].map((one) => signed(fixed(100 * one, 1)));
  return `${points} [${from}, ${to}]`;
}

/** A number in the command's JSON: 15 digits where these are the number up to the rounding of its last bit,
 * else 17. */
export function jsonNumber(x: number): string {
  const short = general(x, 15);
  const read = Number(short);
  const isSame = Math.abs(read - x) <= Math.max(Math.abs(read), Math.abs(x)) * Number.EPSILON;
  return isSame ? short : general(x, 17);
}
