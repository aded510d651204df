/* The page's own modules under Node, and its panels on the shipped model. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { laneText, measured } from './browser.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What turns TypeScript into modules: `load` takes a path from the project's root, and `close` ends
 * it. */
export function useModules() {
  let starting;
  const server = () =>
    (starting ??= createServer({
      root: path.join(root, 'web'),
      configFile: false,
      appType: 'custom',
      logLevel: 'error',
      server: { middlewareMode: true, hmr: false, watch: null, ws: false },
      optimizeDeps: { noDiscovery: true },
    }));
  return {
    load: async (file) => (await server()).ssrLoadModule(path.join(root, file)),
    close: async () => (await starting)?.close(),
  };
}

/** A size as the page says it: three digits, in units of a thousand. */
export function sizeText(bytes) {
  const units = ['B', 'KB', 'MB', 'GB'];
  const unit = bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3);
  const value = bytes / 1000 ** unit;
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** All that comes by itself has come: nothing moves any more from under what is pressed. For a small model,
 * which is measured without being asked. */
export async function settled(page) {
  // The last part of the page.
  await page.locator('#fold-budget').waitFor();
  const lanes = page.locator('bitloss-lane');
  for (let index = 0; index < (await lanes.count()); index++) {
    await laneText(page, index);
    if (index > 0) await measured(page, index);
  }
}

/** A page with the smallest model that ships and one panel open, or several between commas; `more` goes on
 * with the link. */
export async function openShipped(site, panels, more = '', options = {}) {
  const page = await site.openPage({
    shipped: true,
    query: `?model=tinyworld-0.5M&panels=${panels}${more}`,
    ...options,
  });
  for (const panel of panels.split(',')) await page.locator(`bitloss-panel-${panel}`).waitFor();
  await settled(page);
  return page;
}
