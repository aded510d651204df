/** The page's own link: what the address bar says of the experiment, and what it is told. */
import type { AppState, Settings } from '../experiment/state.ts';
import { readLink, writeLink } from '../elements/link.ts';
import { isOwnHash } from '../elements/words.ts';
import { remembered } from './remember.ts';

const DELAY_MS = 300;

export function settingsOfPage(): Settings {
  return readLink(location.search + location.hash, navigator.language, remembered());
}

/** Returns what writes a state's link, once it has settled. */
export function linkWriter(): (state: AppState) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (state) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const link = writeLink(state);
      // A place in the page around it stays, unless the link needs its place.
      const place = link.includes('#') || isOwnHash(location.hash) ? '' : location.hash;
      history.replaceState(null, '', link + place);
    }, DELAY_MS);
  };
}

/** Another link that differs after `#` alone loads no page by itself. */
export function reloadForOtherLinks(): void {
  window.addEventListener('hashchange', () => {
    if (isOwnHash(location.hash)) location.reload();
  });
}
