// How long the page keeps its main thread to itself from the first visit until everything is measured: the longest
// tasks by the clock and in processor time, and what has moved. Needs a built tree (npm run build).
//
//   node tests/bench/bench_tasks.mjs [SLOWDOWN] [RUNS]      default: 1, 5
//
// The processor is slowed for the main thread alone, by the browser. Prints one JSON line a run, in milliseconds.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';
import { serve } from '../../web/serve.mjs';
import { recordTasks } from '../web/tracing.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [rate = 1, runs = 5] = process.argv.slice(2).map(Number);
const server = await serve(path.join(root, 'dist'));

for (let run = 0; run < runs; run++) {
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries())
        if (!hadRecentInput) window.shift += value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  // Begun beside the page, so that making its window is not counted.
  await page.goto(`${server.url}icon.svg`);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate });
  const stop = await recordTasks(page);
  await page.goto(server.url);
  await page
    .locator('bitloss-lane .chip')
    .nth(1)
    .filter({ hasNotText: 'not measured' })
    .waitFor({ timeout: 120_000 });
  const tasks = await stop();
  const longest = (key) => Math.round(Math.max(...tasks.map((task) => task[key])));
  const shift = Number((await page.evaluate(() => window.shift)).toFixed(4));
  console.log(JSON.stringify({ rate, clock: longest('ms'), cpu: longest('cpuMs'), shift }));
  await browser.close();
}
await server.close();
