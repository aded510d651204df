/* The page's own modules under Node, and its panels on the shipped model. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

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

/** The lanes' figures have arrived, and what is below them no longer moves: a press whose two halves land on
 * different elements comes to nothing. */
async function toStandStill(page) {
  await page.evaluate(async (quietMs) => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    const { documentElement: root } = document;
    for (let height = 0, since = 0; performance.now() - since < quietMs; await pause()) {
      if (root.scrollHeight === height) continue;
      height = root.scrollHeight;
      since = performance.now();
    }
  }, 1000);
}

/** A page with TinyWorld 2M and one panel open; `more` goes on with the link. */
export async function openShipped(site, panel, more = '') {
  const page = await site.openPage({ shipped: true, query: `?panels=${panel}${more}` });
  // The model is read and its lanes are measured at the same time, which a busy machine takes a while for.
  await page.locator(`bitloss-${panel}`).waitFor({ timeout: 60_000 });
  await toStandStill(page);
  return page;
}
