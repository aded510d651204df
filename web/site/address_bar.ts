/** The page's own link: what the address bar says of the experiment, and what it is told. */
import type { AppState, Settings } from '../experiment/state.ts';
import { readLink, writeLink } from '../elements/link.ts';
import { isOwnHash } from '../elements/words.ts';
import { remembered } from './remember.ts';

const DELAY_MS = 300;

export function settingsOfPage(): Settings {
  return readLink(location.search + location.hash, navigator.language, remembered());
}

/** Follows the address in both directions: a state's link is written into it once it has settled, and
 * another link that differs after `#` alone, which loads no page by itself, loads this one again. */
export function followAddress(): (state: AppState) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let known = location.hash;
  const isOtherLink = () => location.hash !== known && isOwnHash(location.hash);
  window.addEventListener('hashchange', () => {
    if (isOtherLink()) location.reload();
  });
  return (state) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      // Given while this one settled, or while the page goes: what was asked for last stays.
      if (isOtherLink()) return;
      const link = writeLink(state);
      // A place in the page around it stays, unless the link needs its place.
      const place = link.includes('#') || isOwnHash(location.hash) ? '' : location.hash;
      history.replaceState(null, '', link + place);
      known = location.hash;
    }, DELAY_MS);
  };
}
