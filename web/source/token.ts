/** The reader's access token for the hub. It is in this module's memory and nowhere else: in no state, link,
 * storage, event or sentence; it ends with the page. */
import { HUB } from '../experiment/address.ts';

let token = '';

/** A browser carries the header on to another host, to which the hub redirects downloads, unless it follows
 * the Fetch standard of November 2022: Chrome from 119 on, Firefox from 111, Safari from 16.1. This function
 * came to them in 119, 121 and 17.4: where it is, the header goes to the hub alone. */
export const canHoldToken = 'withResolvers' in Promise;

/** Takes the place of the one before; '' ends its use. False, and nothing has changed, where it has
 * characters that no token has. */
export function holdToken(text: string): boolean {
  const trimmed = text.trim();
  if (!canHoldToken || !/^[\x21-\x7e]*$/.test(trimmed)) return false;
  token = trimmed;
  return true;
}

export const holdsToken = (): boolean => token !== '';

/** What a request to this address says of who asks. */
export function authorization(url: string): Record<string, string> {
  if (token === '' || new URL(url).origin !== HUB) return {};
  return { Authorization: `Bearer ${token}` };
}
