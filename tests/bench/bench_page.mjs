// The page as a visitor meets it: from navigation to the first token of the reference lane. Needs a built tree (npm run build).
//
//   node tests/bench/bench_page.mjs FILE.gguf [RUNS]      default: 5
//
// Each run is a browser of its own with nothing cached. Prints one JSON line a run, in milliseconds.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';
import { serve } from '../../web/serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [file, runs = '5'] = process.argv.slice(2);
if (!file) {
  console.error('usage: bench_page.mjs FILE.gguf [RUNS]');
  process.exit(2);
}
const id = path.basename(file, '.gguf');
const server = await serve(path.join(root, 'dist'), 0, path.dirname(path.resolve(file)));

for (let run = 0; run < Number(runs); run++) {
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage();
  const started = performance.now();
  await page.goto(`${server.url}?panels=bench&model=${encodeURIComponent(id)}`);
  const shown = performance.now() - started;
  // Any text in a lane, whatever the shadow roots around it.
  await page.waitForFunction(
    () => {
      const found = (node) =>
        (node.matches?.('p.text[aria-busy]') && node.textContent.trim() !== '') ||
        // The stage shows the prompt before there is a text.
        (node.localName !== 'bitloss-panel-stage' &&
          [...(node.shadowRoot?.children ?? []), ...(node.children ?? [])].some(found));
      return found(document.documentElement);
    },
    null,
    { polling: 'raf', timeout: 60_000 },
  );
  const firstToken = performance.now() - started;
  console.log(JSON.stringify({ id, shown: Math.round(shown), firstToken: Math.round(firstToken) }));
  await browser.close();
}
await server.close();
