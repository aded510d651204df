/* The whole page, with every panel open and every picture drawn: under a policy that allows no inline
 * style and no other machine, and as axe-core judges it, in each language, theme and width. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { lane, measured, useBrowser } from './browser.mjs';

const site = useBrowser();
const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PANELS = 'words,skills,table,layers,sweep,sensitivity,microscope,numbers,budget,classify';
const QUERY = `?model=tinyworld-0.5M&lanes=affine:4:64,affine:2:64&max=4&lang=en&panels=${PANELS}`;

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "img-src 'self' data:",
].join('; ');

/** In a page to come: what its policy has refused, in window.refused. */
function recordRefusals() {
  window.refused = [];
  document.addEventListener('securitypolicyviolation', (event) =>
    window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`),
  );
}

/** Measures what panels measure only when they are asked, and unfolds all that can be. */
async function openEverything(page) {
  await measured(page, 2);
  await page.locator('bitloss-panel-words').scrollIntoViewIfNeeded();
  await page.locator('bitloss-panel-words .text span').first().waitFor();
  await page.locator('bitloss-panel-skills').scrollIntoViewIfNeeded();
  // One question of each kind, whether the panel asks by itself or not.
  await page.locator('bitloss-playground').evaluate((element) => {
    const detail = { type: 'measure-skills', nQuestions: 1 };
    element.dispatchEvent(new CustomEvent('bitloss-action', { detail }));
  });
  await page.locator('bitloss-panel-skills table').waitFor();
  const layers = page.locator('bitloss-panel-layers section.lane').nth(1);
  await layers.getByRole('button', { name: 'layer 2' }).press('Enter');
  await layers.locator('.more').waitFor();
  const sweep = page.locator('bitloss-panel-sweep');
  await sweep.getByRole('radio', { name: 'Your own list' }).press('Space');
  await sweep.locator('button.primary').press('Enter');
  await sweep.locator('g.points > *').nth(1).waitFor();
  // While results come in the points are drawn anew.
  await sweep.locator('button.primary[aria-disabled=false]').waitFor();
  await sweep.locator('g.points > *').first().focus();
  await sweep.locator('.tip').waitFor();
  const sensitivity = page.locator('bitloss-panel-sensitivity');
  await sensitivity.getByRole('button', { name: 'Measure' }).press('Enter');
  await sensitivity.getByRole('button', { name: 'Make and measure it' }).press('Enter');
  await sensitivity.locator('.mix table').waitFor();
  await page.locator('bitloss-weight-group bitloss-group-bytes').waitFor();
  await page.locator('bitloss-panel-numbers .formats > li').last().waitFor();
  const labelled = page.locator('bitloss-panel-classify .held-out tr:last-child td.words');
  await labelled.filter({ hasText: /[a-z가-힣]/ }).waitFor();
  await page.locator('bitloss-panel-budget .needs > li').first().waitFor();
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  await lane(page, 1).locator('.advanced summary').press('Enter');
  const folded = page.locator('details:not([open]) > summary');
  while ((await folded.count()) > 0) await folded.first().press('Enter');
  await page.locator('bitloss-tensor-table tbody tr').first().waitFor();
}

/** With everything open, for all tests. */
let page;

test('every panel works without an inline style, and asks no other machine', async () => {
  page = await site.openPage({
    query: 'icon.svg',
    shipped: true,
    init: recordRefusals,
    reducedMotion: 'reduce',
    keep: true,
  });
  await page.route(
    ({ pathname }) => /(\/|\.html|\.js)$/.test(pathname),
    async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), 'content-security-policy': POLICY };
      await route.fulfill({ response, headers });
    },
  );
  await page.goto(site.url + QUERY);
  await openEverything(page);
  assert.deepEqual(await page.evaluate(() => window.refused), []);
});

test('every chart is saved under this policy, as a file that needs nothing of the page', async () => {
  const charts = [
    'budget',
    'group',
    'lanes',
    'layers',
    'map',
    'numbers',
    'sensitivity',
    'skills',
    'stage',
    'sweep',
    'tensors',
    'weights',
    'words',
  ];
  const names = await page
    .locator('bitloss-save-picture')
    .evaluateAll((all) => all.map(({ name }) => name));
  const unknown = names.filter((name) => !charts.includes(name));
  assert.deepEqual(unknown, []);
  const save = async (control, kind) => {
    const waiting = page.waitForEvent('download');
    await control.getByRole('button', { name: kind }).press('Enter');
    // What it says of a chart that it can't save, instead of a download that never comes.
    const said = control.getByRole('status').filter({ hasText: /\S/ });
    await said.waitFor();
    assert.match(await said.textContent(), / saved\.$/, await control.evaluate(({ name }) => name));
    const download = await waiting;
    // Chromium drops what would be the eleventh download within a second.
    await page.waitForTimeout(150);
    return [download.suggestedFilename(), fs.readFileSync(await download.path())];
  };
  await page.locator('bitloss-panel-stage details').evaluate((method) => {
    method.open = true;
  });
  // By name, and not one after the other: a chart that is measured on comes and goes.
  for (const chart of charts) {
    const [name, bytes] = await save(
      page.locator(`bitloss-save-picture[name="${chart}"]`).first(),
      'SVG',
    );
    const svg = bytes.toString();
    assert.equal(name, `bitloss-${chart}.svg`);
    // Nothing is left to a style sheet, a custom property or another element.
    assert.doesNotMatch(
      svg,
      /var\(|class=|style=|currentColor|url\(|NaN|undefined|light-dark/,
      name,
    );
    assert.match(
      svg,
      /^<svg xmlns="[^"]+" width="\d+" height="\d+" .*\n<title>[^<]+<\/title>/,
      name,
    );
    assert.match(svg, /<path [^>]*fill="#[0-9a-f]{6}"|<image [^>]*href="data:/, name);
    assert.match(svg, /<text [^>]*font-family="[^"]+sans-serif/, name);
  }
  // The sweep's: its axis in words, a mark for each recipe; and the same as pixels, twice as many each way.
  const sweep = page.locator('bitloss-panel-sweep bitloss-save-picture');
  const [, svg] = await save(sweep, 'SVG');
  assert.match(svg.toString(), />bits per weight →</);
  const [, png] = await save(sweep, 'PNG');
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg.toString());
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [2 * width, 2 * height]);
  assert.deepEqual(await page.evaluate(() => window.refused), []);
});

test('the server says a policy that allows no inline style', async () => {
  const response = await fetch(site.url);
  const policy = response.headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'.*style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'/);
});

test('axe finds nothing in English and Korean, light and dark, narrow, and in forced colours', async () => {
  await page.evaluate(axe);
  const found = [];
  const judge = async (where) => {
    const violations = await page.evaluate(async () => {
      const result = await window.axe.run(document, { resultTypes: ['violations'] });
      return result.violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ target }) => target.flat().join(' ')).slice(0, 4)}`,
      );
    });
    found.push(...violations.map((one) => `${where}: ${one}`));
  };
  await judge('en');
  await page.locator('bitloss-site nav select').nth(1).selectOption('dark');
  await judge('en, dark');
  await page.locator('bitloss-site nav select').first().selectOption('ko');
  await judge('ko, dark');
  await page.setViewportSize({ width: 320, height: 800 });
  await judge('ko, dark, 320 px');
  await page.locator('bitloss-site nav select').nth(1).selectOption('light');
  await page.emulateMedia({ forcedColors: 'active' });
  await judge('ko, forced colours, 320 px');
  assert.deepEqual(found, []);
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
