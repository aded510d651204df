/** What the browser gives to an experiment, in whatever page it is. */
import { EngineProvider } from '../experiment/engine_provider.ts';
import type { Host } from '../experiment/host.ts';
import type { AppState } from '../experiment/state.ts';
import { openSink } from './save.ts';

/** The folder of the site that this script is a part of: scripts lie in a folder of it. What a page that
 * embeds has beside it is no affair of ours. */
export function siteOfScript(): string {
  const { url } = import.meta;
  return new URL('..', url).href;
}

/** `base` is the folder that holds models/, texts/ and tests/. */
export function browserHost(base: string, settingsChanged: (state: AppState) => void): Host {
  return { base, engines: EngineProvider.ofDocument(), openSink, settingsChanged };
}

/** For pages of the site itself: the storage of any other page is its own. */
export const openCache: Host['openCache'] = async () =>
  (await import('../source/cache.ts')).ModelCache.open();
