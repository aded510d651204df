// How long the microscope keeps the page's thread for each step of a drag. Needs a built tree (npm run build).
//
//   node tests/bench/bench_microscope.mjs [RUNS [SLOWDOWN [DIST]]]      default: 3 runs, 4 times slower, dist/
//
// Each run is a browser of its own, with a matrix of the default model from near by. Drags the scale over the
// picture of a group of 64 weights (affine:4:64), of a section of 32 (q4_k) and of a row of 256 (int8), a step a
// frame. Prints one JSON line each: milliseconds of the thread's own processor time for a step, in all and for
// scripts, styles and layout, measured with the processor as it is (what else runs on the machine hardly touches
// it) and multiplied by the slowdown; and the time between frames, median and 95th percentile, with the processor
// slowed (which it does touch). A frame at 60 Hz has 16.7 ms.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';
import { serve } from '../../web/serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [runs = '3', slowdown = '4', dist = path.join(root, 'dist')] = process.argv.slice(2);
const N_STEPS = 120;
const server = await serve(path.resolve(dist));

/** In the page: when each frame began, from now on. */
function recordFrames() {
  window.frames_ = [];
  const note = (time) => {
    window.frames_.push(time);
    window.noting = requestAnimationFrame(note);
  };
  window.noting = requestAnimationFrame(note);
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1));
}

async function drag(page, session, grip) {
  await grip.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await grip.boundingBox();
  const picture = await page.locator('bitloss-weight-group .picture').boundingBox();
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.evaluate(recordFrames);
  const before = await spent();
  for (let step = 0; step < N_STEPS; step++) {
    // Up and down over the picture, twice.
    const share = 0.5 + 0.4 * Math.sin((4 * Math.PI * step) / N_STEPS);
    await page.mouse.move(x + width / 2, picture.y + share * picture.height);
  }
  const after = await spent();
  const frames = await page.evaluate(() => {
    cancelAnimationFrame(window.noting);
    return window.frames_;
  });
  await page.mouse.up();
  const between = frames.slice(1).map((time, i) => time - frames[i]);
  const perStep = (...names) => {
    const seconds = names.reduce((sum, name) => sum + after[name] - before[name], 0);
    return Number(((1000 * seconds) / N_STEPS).toFixed(2));
  };
  return {
    all: perStep('TaskDuration'),
    own: perStep('ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'),
    frames: [quantile(between, 0.5), quantile(between, 0.95)],
  };
}

for (let run = 0; run < Number(runs); run++) {
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
  for (const recipe of ['affine:4:64', 'q4_k', 'int8']) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(
      `${server.url}embed/?model=tinyworld-2M&lanes=${recipe}&view=microscope&height=auto&loading=eager`,
    );
    const panel = page.locator('bitloss-panel-microscope');
    await panel.locator('.handle.scale').waitFor();
    await panel.locator('.shown[aria-busy="false"]').waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const grip = panel.locator('.handle.scale span');
    await drag(page, session, grip); // Compiles what runs often.
    const { all, own } = await drag(page, session, grip);
    await session.send('Emulation.setCPUThrottlingRate', { rate: Number(slowdown) });
    const { frames } = await drag(page, session, grip);
    const slowed = (ms) => Number((ms * Number(slowdown)).toFixed(1));
    console.log(JSON.stringify({ run, recipe, all: slowed(all), own: slowed(own), frames }));
    await page.close();
  }
  await browser.close();
}
await server.close();
