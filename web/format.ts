/** Numbers as the page writes them: a unit, a sensible precision, the reader's own separators. */
import type { Lang } from './experiment/state.ts';

export class Format {
  readonly #locale: string;
  readonly #cache = new Map<string, Intl.NumberFormat>();

  constructor(lang: Lang) {
    this.#locale = lang === 'ko' ? 'ko-KR' : 'en-US';
  }

  #with(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    let format = this.#cache.get(key);
    if (!format) this.#cache.set(key, (format = new Intl.NumberFormat(this.#locale, options)));
    return format;
  }

  /** Exactly `digits` decimals. */
  fixed(value: number, digits: number): string {
    return this.#with({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
      value,
    );
  }

  /** All decimals that there are, up to four: "4.5", "4.127". */
  exact(value: number): string {
    return this.#with({ maximumFractionDigits: 4 }).format(value);
  }

  /** As many decimals as show two digits of the value's uncertainty: "12.34" for one of 0.21. Three
   * significant digits where there is none. */
  upTo(value: number, half: number): string {
    if (Math.abs(value) >= 1e6) return value.toExponential(2);
    if (!(half > 0)) return this.small(value);
    const digits = Math.max(0, 1 - Math.floor(Math.log10(half)));
    if (digits <= 6) return this.fixed(value, digits);
    const exponent = value === 0 ? -digits : Math.floor(Math.log10(Math.abs(value)));
    return value.toExponential(Math.min(2, Math.max(0, digits + exponent)));
  }

  integer(value: number): string {
    return this.#with({ maximumFractionDigits: 0 }).format(value);
  }

  /** Three significant digits, "0.0123" or "1.20e-5". */
  small(value: number): string {
    if (value === 0) return '0';
    if (Math.abs(value) < 1e-3) return value.toExponential(2);
    return this.#with({ minimumSignificantDigits: 3, maximumSignificantDigits: 3 }).format(value);
  }

  /** Decimal units, as disks and downloads are sold: 71.2 MB. */
  bytes(value: number): string {
    const units = ['B', 'KB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return `${this.fixed(value, digits)} ${units[unit]}`;
  }

  /** A fraction as a percentage: one decimal under 10 %, two under 1 %. */
  percent(fraction: number): string {
    const percent = fraction * 100;
    const digits = percent >= 100 ? 0 : percent >= 1 ? 1 : percent >= 0.1 ? 2 : 3;
    return `${this.fixed(percent, digits)}%`;
  }

  /** 134,515,008 -> "135M"; in Korean too, as model names are written so everywhere. */
  parameters(n: number): string {
    for (const [limit, unit] of [
      [1e9, 'B'],
      [1e6, 'M'],
      [1e3, 'K'],
    ] as const) {
      if (n >= limit) return `${this.fixed(n / limit, n / limit >= 100 ? 0 : 1)}${unit}`;
    }
    return this.integer(n);
  }

  speed(tokensPerSecond: number): string {
    return this.fixed(tokensPerSecond, tokensPerSecond >= 100 ? 0 : 1);
  }
}

/** A number in plain digits with the signs that are meant: "-1.20e-5" as "−1.20e−5". */
export function withMinus(number: string): string {
  return number.replace(/^-/, '−').replace('e-', 'e−');
}

/** RMS error as a share of the RMS weight: the same fact as the SNR, in plain terms. */
export function relativeError(snrDb: number): number {
  return snrDb === Infinity ? 0 : 10 ** (-snrDb / 20);
}
