// How long a newcomer who does not hesitate takes from opening the page to the first thing that visibly
// breaks: the page opens, text streams, a guess is tapped, the slider sweeps. Needs a built tree (npm run
// build).
//
//   node tests/bench/bench_newcomer.mjs [RUNS]      default: 3
//
// Each run is a browser of its own with nothing cached, at 1280 x 800 and at 375 x 812. Prints one JSON line a
// run, in milliseconds since the page was asked for: the stage is drawn, the first word, the guess is made, a
// question is answered wrong in what is seen without scrolling, the truth stands beside the guess. The last two
// ask the measuring worker for some seconds of one core.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowser } from '../../wasm/toolchain.mjs';
import { serve } from '../../web/serve.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const runs = Number(process.argv[2] ?? 3);
const server = await serve(path.join(root, 'dist'));
const VIEWPORTS = [
  { width: 1280, height: 800 },
  { width: 375, height: 812 },
];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

async function visit(viewport) {
  const browser = await chromium.launch({ executablePath: findBrowser(), args: FLAGS });
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(600_000);
  const started = performance.now();
  const since = () => Math.round(performance.now() - started);
  await page.goto(`${server.url}?lang=en`);
  const stage = page.locator('bitloss-panel-stage');
  await stage.locator('.guesses').waitFor();
  const drawn = since();
  // The words after the prompt.
  await stage.locator('.variant .text').filter({ hasText: /She/ }).waitFor();
  const firstWord = since();
  await stage.locator('.guesses button').nth(3).click();
  const guessed = since();
  const wrong = stage.locator('.mark[data-right=false]').first();
  await wrong.waitFor();
  const box = await wrong.boundingBox();
  const broken = box.y >= 0 && box.y + box.height <= viewport.height ? since() : null;
  await stage.locator('section[data-sweep=done]').waitFor();
  const told = since();
  await browser.close();
  return { ...viewport, drawn, firstWord, guessed, broken, told };
}

for (const viewport of VIEWPORTS)
  for (let run = 0; run < runs; run++) console.log(JSON.stringify(await visit(viewport)));
await server.close();
