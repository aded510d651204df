// From a moved slider to refreshed figures, on the page with its default model. Needs a built tree (npm run build).
//
//   node tests/bench/bench_slider.mjs [RUNS [SLOWDOWN [DIST]]]      default: 3 runs, processor as it is, dist/
//
// Each run is a browser of its own. Lane A goes through all its bit widths, each of them once everything
// has come to rest. Prints one JSON line a run: medians and, in brackets, the longest, in milliseconds from the
// press to the frame in which the lane has the size and the error of the new recipe, the first token
// of its text, and perplexity and KL divergence; `asked` counts the requests that the network saw for them.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';
import { serve } from '../../web/serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [runs = '3', slowdown = '1', dist = path.join(root, 'dist')] = process.argv.slice(2);
const BITS = [6, 5, 4, 3, 2, 8];
const server = await serve(path.resolve(dist));

/** In the page: what lane A knows, from the element that draws it, whatever is around it. */
function watch() {
  const find = (node) => {
    for (const child of node.children ?? []) {
      if (child.localName === 'bitloss-lane' && child.lane.id === 'a') return child;
      const found = (child.shadowRoot && find(child.shadowRoot)) ?? find(child);
      if (found) return found;
    }
    return null;
  };
  const rest = ({ figures, recipe, run, text }) =>
    figures?.recipe === recipe && run?.stop && text.isFresh;
  const frames = (isThere) =>
    new Promise((resolve) => {
      const look = () => {
        const lane = find(document)?.lane;
        if (lane && isThere(lane)) resolve();
        else requestAnimationFrame(look);
      };
      look();
    });
  window.toRest = () => frames(rest);
  window.move = async (bits) => {
    const radios = [...find(document).renderRoot.querySelectorAll('input[type="radio"]')];
    const radio = radios.find(({ value }) => value === String(bits));
    const recipe = `affine:${bits}:64`;
    const started = performance.now();
    const at = {};
    const note = (name, isThere) =>
      frames(isThere).then(() => (at[name] = performance.now() - started));
    radio.click();
    const isNew = ({ figures }) => figures?.recipe === recipe;
    await Promise.all([
      note('figures', isNew),
      note('text', (lane) => isNew(lane) && lane.run?.tokens.length > 0),
      note('loss', (lane) => isNew(lane) && lane.text.isFresh),
    ]);
    return at;
  };
}

const round = (values) => {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  return `${sorted[sorted.length >> 1]} (${sorted.at(-1)})`;
};

for (let run = 0; run < Number(runs); run++) {
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
  const page = await browser.newPage();
  await page.addInitScript(watch);
  let asked = 0;
  page.context().on('request', (request) => {
    if (!request.url().endsWith('icon.svg')) asked++;
  });
  if (Number(slowdown) > 1) {
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: Number(slowdown) });
  }
  await page.goto(`${server.url}?lanes=affine:8:64,affine:8:32&panels=bench`);
  await page.evaluate(() => window.toRest());
  asked = 0;
  const all = [];
  for (const bits of BITS) {
    all.push(await page.evaluate((value) => window.move(value), bits));
    await page.evaluate(() => window.toRest());
  }
  const of = (name) => round(all.map((one) => one[name]));
  console.log(
    JSON.stringify({ figures: of('figures'), text: of('text'), loss: of('loss'), asked }),
  );
  await browser.close();
}
await server.close();
