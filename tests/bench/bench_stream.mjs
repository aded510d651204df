// A model that is quantized while it is downloaded, in Chromium: how long, and how much memory at most. Needs a built
// tree (npm run build). make_llama.mjs writes a model to try it on.
//
//   node tests/bench/bench_stream.mjs FOLDER [RECIPE [TOKENS]]      default: affine:4:64, 20 tokens
//
// A server of its own sends the folder's files. Prints one JSON line: seconds until the lane was ready and until its
// text was written, and in MB the most that the page's process had of its own (its PSS and RSS, four times a
// second), before and while it opened the model, with the browser's other processes apart.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';
import { serve } from '../../web/serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [folder, recipe = 'affine:4:64', nTokens = '20'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: bench_stream.mjs FOLDER [RECIPE [TOKENS]]');
  process.exit(2);
}

function send(request, response) {
  response.setHeader('Access-Control-Allow-Origin', '*');
  const file = path.join(folder, path.basename(request.url));
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) return response.writeHead(404).end();
  const [, start = '0'] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const headers = { 'Content-Length': size - Number(start), ETag: '"1"' };
  response.writeHead(request.headers.range ? 206 : 200, headers);
  return pipeline(fs.createReadStream(file, { start: Number(start) }), response, () => {});
}

const site = await serve(path.join(root, 'dist'));
const server = http.createServer(send);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
// A profile on disk, as readers have: without one the browser would keep the model in memory.
const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-bench-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: findBrowser(),
  bypassCSP: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});

/** The processes that the browser has started, by their kind. */
function processes() {
  const found = [];
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const ofThis = fs
        .readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      const [, kind = 'browser'] = /--type=([\w-]+)/.exec(words) ?? [];
      if (/chrom|headless/i.test(words)) found.push({ pid, parent: ofThis[1], kind });
    } catch {
      // It has ended.
    }
  }
  const ids = new Set([String(process.pid)]);
  for (let n = 0; n !== ids.size; ) {
    n = ids.size;
    for (const { pid, parent } of found) if (ids.has(parent)) ids.add(pid);
  }
  return found.filter(({ pid }) => ids.has(pid));
}

function memory() {
  const mb = { renderer: 0, rendererRss: 0, others: 0 };
  for (const { pid, kind } of processes()) {
    try {
      const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      const of = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)[1]) / 1000;
      if (kind === 'renderer') {
        mb.renderer += of('Pss');
        mb.rendererRss += of('Rss');
      } else {
        mb.others += of('Pss');
      }
    } catch {
      // As above.
    }
  }
  return mb;
}

const page = await context.newPage();
page.setDefaultTimeout(1_200_000);
await page.route('**/models/index.json', (route) => route.fulfill({ json: [] }));
await page.goto(
  `${site.url}?panels=bench&max=${nTokens}&prompt=Once&raw=1&lanes=${encodeURIComponent(recipe)}`,
);
await page.locator('bitloss-source #address').waitFor();
const before = memory();
const peak = { ...before };
const timer = setInterval(() => {
  const now = memory();
  for (const name of Object.keys(peak)) peak[name] = Math.max(peak[name], now[name]);
}, 250);
const weights = fs.readdirSync(folder).find((name) => /\.(gguf|safetensors)$/.test(name));
await page
  .locator('bitloss-source #address')
  .fill(`http://127.0.0.1:${server.address().port}/${weights}`);
const started = performance.now();
await page.keyboard.press('Enter');
const seconds = () => Math.round((performance.now() - started) / 100) / 10;
const failed = page.locator('bitloss-source [role="alert"]');
const lane = page.locator('bitloss-lane').nth(1);
const problem = failed.waitFor().then(async () => {
  throw new Error(await failed.textContent());
});
problem.catch(() => {});
await Promise.race([lane.locator('.figures:not([data-stale]) dl').waitFor(), problem]);
const ready = seconds();
await lane.locator('p.text[aria-busy="false"]').waitFor();
const written = seconds();
clearInterval(timer);
const size = await lane.locator('.exact').first().textContent();
const rounded = (all) =>
  Object.fromEntries(Object.entries(all).map(([k, n]) => [k, Math.round(n)]));
console.log(
  JSON.stringify({ recipe, size, ready, written, before: rounded(before), peak: rounded(peak) }),
);
if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT, fullPage: true });
await context.close();
fs.rmSync(profile, { recursive: true });
server.closeAllConnections();
server.close();
await site.close();
