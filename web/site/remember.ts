/** What the reader chose once and finds again at the next visit, where the browser keeps such things:
 * with cookies refused it throws at the mention of its storage. */
const PREFIX = 'bitloss.';

export type Remembered = Record<'lang' | 'theme', string | null>;

export function remembered(): Remembered {
  const get = (name: string): string | null => {
    try {
      return localStorage.getItem(PREFIX + name);
    } catch {
      return null;
    }
  };
  return { lang: get('lang'), theme: get('theme') };
}

export function remember(name: keyof Remembered, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Chosen for this visit alone.
  }
}
