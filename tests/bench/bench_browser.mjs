// The engine in a real browser, on a GGUF file: seconds to load, prompt and decode speed of the file
// as it is and under recipes, in one worker, which is one thread.
//
//   node tests/bench/bench_browser.mjs FILE.gguf [RECIPE …]      after npm run build
//
// Prints one JSON line per recipe, in tokens per second: prefill over 128 prompt tokens, decode over
// 48 generated ones. To compare with another engine, run that one on the same file in the same hour.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [file, ...recipes] = process.argv.slice(2);
if (!file) {
  console.error('usage: bench_browser.mjs FILE.gguf [RECIPE …]');
  process.exit(2);
}

const PAGE = '<!doctype html><title>bench</title>';

const WORKER = `
import { Engine } from '/build/js/engine.js';
addEventListener('message', async ({ data: { recipe, wasm } }) => {
  try {
    const engine = await Engine.create(new URL(wasm));
    const blob = await (await fetch('/model')).blob();
    const started = performance.now();
    const model = await engine.load([{ name: 'model.gguf', blob }], { recipe });
    const load = (performance.now() - started) / 1000;
    for await (const e of model.generate(' the'.repeat(128), { maxTokens: 48 }))
      if (e.kind === 'done') postMessage({ recipe, load, prefill: e.promptSpeed, decode: e.decodeSpeed, nPrompt: e.nPrompt, nTokens: e.nTokens });
  } catch (error) { postMessage({ recipe, failed: String(error.message) }); }
});`;

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/') return response.setHeader('Content-Type', 'text/html').end(PAGE);
  if (pathname === '/worker.js') {
    return response.setHeader('Content-Type', 'text/javascript').end(bareImports(WORKER));
  }
  const target = pathname === '/model' ? file : path.join(root, path.normalize(pathname));
  if (!fs.existsSync(target)) return response.writeHead(404).end();
  response.setHeader('Content-Type', TYPES[path.extname(target)] ?? 'application/octet-stream');
  // A worker has no import map: the one package the engine imports is named by its address.
  if (pathname.startsWith('/build/js/'))
    return response.end(bareImports(fs.readFileSync(target, 'utf8')));
  fs.createReadStream(target).pipe(response);
});

function bareImports(text) {
  return text.replace(
    "'wasm-feature-detect'",
    "'/node_modules/wasm-feature-detect/dist/esm/index.js'",
  );
}

await new Promise((done) => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}`;
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
for (const recipe of recipes.length ? recipes : ['reference', 'affine:4:64']) {
  const page = await browser.newPage();
  await page.goto(url);
  const row = await page.evaluate(
    ([workerUrl, name, wasm]) =>
      new Promise((done) => {
        const worker = new Worker(workerUrl, { type: 'module' });
        worker.onmessage = ({ data }) => done(data);
        worker.onerror = (event) => done({ recipe: name, failed: event.message });
        worker.postMessage({ recipe: name, wasm });
      }),
    [`${url}/worker.js`, recipe, `${url}/build/wasm/bitloss-simd128.wasm`],
  );
  console.log(JSON.stringify({ file: path.basename(file), ...row }));
  await page.close();
}
await browser.close();
server.close();
