// The measuring worker's engine in a real browser, one thread: TinyWorld 2M.
//
//   node tests/bench/bench_measure.mjs [MODEL-FOLDER] [RUNS]      after npm run build; default: 5 runs
//
// Prints one JSON line a run, in milliseconds: `weights` is the sweep of 18 affine settings (2, 3, 4, 5,
// 6 and 8 bits in groups of 32, 64 and 128), figures of their weights; `text` is perplexity and KL
// divergence over 2,048 tokens for one lane at affine:4:64, the reference's run included, `reference` is
// the reference's alone, so that `text` less `reference` is what a lane costs. The best run is the one
// that other programs disturbed least: say what else ran.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [folder = path.join(root, 'examples/tinyworld/models/2M'), runs = '5'] =
  process.argv.slice(2);
const names = fs.readdirSync(folder).filter((name) => /\.(json|safetensors|gguf)$/.test(name));
const text = fs.readFileSync(path.join(root, 'examples/evaluation/stories.en.txt'), 'utf8');

const WORKER = `
import { QueuedMeasurer } from '/build/js/measurer.js';
const ignore = () => {};
addEventListener('message', async ({ data: { names, text, wasm, runs } }) => {
  try {
    const blobs = names.map(async (name) => ({ name, blob: await (await fetch('/model/' + name)).blob() }));
    const measurer = new QueuedMeasurer(new URL(wasm));
    await measurer.open(await Promise.all(blobs), ignore);
    const all = (await measurer.tokenize(text)).ids;
    const ids = Int32Array.from({ length: 2048 }, (_, i) => all[i % all.length]);
    const time = async (work) => {
      const started = performance.now();
      await work();
      return Math.round(performance.now() - started);
    };
    const settings = [2, 3, 4, 5, 6, 8].flatMap((bits) => [32, 64, 128].map((group) => 'affine:' + bits + ':' + group));
    for (let run = 0; run < runs; run++) {
      const weights = await time(async () => {
        for (const recipe of settings) await measurer.weights(recipe);
      });
      await measurer.weights('affine:4:64');
      const lane = await time(() => measurer.text('affine:4:64', ids, {}, ignore));
      const reference = await time(() => measurer.text('reference', ids, {}, ignore));
      postMessage({ run, weights, text: lane, reference });
    }
    postMessage(null);
  } catch (error) {
    postMessage({ failed: String(error.message) });
    postMessage(null);
  }
});`;

const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const bareImports = (code) =>
  code.replace("'wasm-feature-detect'", "'/node_modules/wasm-feature-detect/dist/esm/index.js'");
const server = http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  response.setHeader('Content-Type', TYPES[path.extname(pathname)] ?? 'text/html');
  if (pathname === '/') return response.end('<!doctype html><title>bench</title>');
  if (pathname === '/worker.js') return response.end(WORKER);
  const target = pathname.startsWith('/model/')
    ? path.join(folder, path.basename(pathname))
    : path.join(root, path.normalize(pathname));
  if (!fs.existsSync(target)) return response.writeHead(404).end();
  // A worker has no import map: the one package the engine imports is named by its address.
  if (pathname.startsWith('/build/js/'))
    return response.end(bareImports(fs.readFileSync(target, 'utf8')));
  fs.createReadStream(target).pipe(response);
});
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
const page = await browser.newPage();
await page.goto(url);
await page.exposeFunction('report', (row) =>
  console.log(JSON.stringify({ model: path.basename(folder), ...row })),
);
await page.evaluate(
  ({ url, ...work }) =>
    new Promise((done) => {
      const worker = new Worker(`${url}/worker.js`, { type: 'module' });
      worker.onmessage = ({ data }) => (data ? window.report(data) : done());
      worker.onerror = (event) => window.report({ failed: event.message }).then(done);
      worker.postMessage(work);
    }),
  { url, names, text, wasm: `${url}/build/wasm/bitloss-simd128.wasm`, runs: Number(runs) },
);
await browser.close();
server.close();
