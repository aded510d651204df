/* The classifier in the page: a review of the reader's, labelled by each version, and the held-out ones with the figures
 * of the terminal. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { root } from '../../../tests/web/modules.mjs';
import { makeNative, nativeCommand } from '../../../wasm/make.mjs';

const site = useBrowser();
const axe = fs.readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const folder = path.join(root, 'examples/tinyworld/classifier');
/* Of the thousand, few enough for a test. */
const lines = fs.readFileSync(path.join(folder, 'held_out.tsv'), 'utf8').split('\n').slice(0, 60);
const DYNAMIC = 'qint8@int8/*embeddings=f16';

before(async () => {
  if (!process.env.BITLOSS) await makeNative();
});

/** What the terminal says of the same lines, by recipe. */
function compared(recipes) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-labels-'));
  const file = path.join(work, 'some.tsv');
  fs.writeFileSync(file, lines.join('\n'));
  const args = [
    'compare',
    '--model',
    folder,
    '--labels',
    file,
    '--recipes',
    recipes.join(),
    '--json',
  ];
  const printed = execFileSync(process.env.BITLOSS ?? nativeCommand, args, { encoding: 'utf8' });
  fs.rmSync(work, { recursive: true });
  return JSON.parse(printed).lanes;
}

async function open({ lang = 'en', ...options } = {}) {
  const page = await site.openPage({ url: 'about:blank', ...options });
  await page.route('**/held_out.tsv', (route) => route.fulfill({ body: lines.join('\n') }));
  await page.goto(`${site.url}embed/?view=classify&lang=${lang}`);
  return page;
}

const rows = (page) =>
  page
    .locator('.held-out tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent.trim())));

/** Once the last version has its verdict. */
const measured = (page) =>
  page
    .locator('.held-out tr:last-child td.words')
    .filter({ hasText: /[a-z가-힣]/ })
    .waitFor();

const answer = (page, recipe) =>
  page.locator(`li[data-recipe="${recipe}"] .said b`).filter({ hasText: '%' }).textContent();

test('the held-out reviews have the terminal’s sizes, accuracies, intervals and logit differences', async () => {
  const page = await open();
  await measured(page);
  const found = await rows(page);
  const lanes = compared(found.slice(1).map(([recipe]) => recipe));
  assert.equal(found.length, lanes.length);
  const percent = (x) => (100 * x).toFixed(1);
  for (const [i, { recipe, size_bytes: size, bits_per_weight: bits, labels }] of lanes.entries()) {
    const [name, shownSize, shownBits, right, points, logits, ...rest] = found[i];
    assert.equal(name, i === 0 ? 'original' : recipe);
    const isSmall = size < 999_500;
    assert.equal(
      shownSize,
      isSmall ? `${Math.round(size / 1e3)} KB` : `${(size / 1e6).toFixed(2)} MB`,
    );
    assert.equal(shownBits, bits.toFixed(2));
    const { accuracy, low, high } = labels;
    assert.equal(right, `${percent(accuracy)}% [${percent(low)}, ${percent(high)}]`);
    for (const time of rest.slice(0, 3)) assert.match(time, /^[\d.]+ ms$/);
    if (i === 0) continue;
    const { difference } = labels.against_reference;
    assert.equal(Number(points.split(' ')[0].replace('−', '-')).toFixed(1), percent(difference));
    /* Where a kernel adds in another order, an activation may take the code beside. */
    const near = recipe.includes('@') ? 0.05 : 0.01;
    const mean = labels.mean_abs_logit_diff;
    assert.ok(Math.abs(parseFloat(logits) - mean) <= near * mean, `${recipe}: ${logits}, ${mean}`);
  }
});

test('a review is labelled as it is typed, and another one of the held-out is fetched', async () => {
  const page = await open();
  const field = page.getByLabel('A review, and a question about it');
  await answer(page, 'affine:2:128');
  const [first] = lines[0].split('\t');
  assert.equal(await field.inputValue(), first);
  await field.fill(
    'Mia wrote about the tea house: "The tea was awful. So I left early." Did Mia like the tea?',
  );
  await page.getByText('not liked', { exact: false }).first().waitFor();
  assert.match(await answer(page, 'reference'), /^not liked, /);
  const before = await field.inputValue();
  await page.getByRole('button', { name: 'Another review' }).press('Enter');
  assert.notEqual(await field.inputValue(), before);
  await page.getByText('Rightly labelled:').waitFor();
  await field.fill('');
  await page.locator('li[data-recipe="reference"] .said.muted').waitFor();
});

test('a version of the reader’s own is added by keyboard, and one that cannot be is named', async () => {
  const page = await open({ lang: 'ko' });
  await measured(page);
  const field = page.getByLabel('버전 추가');
  await field.fill('nonsense:9');
  await field.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'nonsense' }).waitFor();
  await field.fill('affine:3:32');
  await field.press('Enter');
  await answer(page, 'affine:3:32');
  assert.equal(await page.getByRole('alert').count(), 0);
  await measured(page);
  assert.equal((await rows(page)).length, 7);
});

test('the page around is told of every version once all are measured', async () => {
  const page = await open({
    init: () => {
      window.told = new Promise((resolve) => {
        addEventListener('bitloss-labels', ({ detail }) => resolve(detail), { once: true });
      });
    },
  });
  const told = await page.evaluate(() => window.told);
  assert.deepEqual(
    told.lanes.map(({ recipe }) => recipe),
    ['reference', DYNAMIC, 'affine:4:128', 'affine:3:128', 'affine:2:128', 'tensor:2'],
  );
  const [reference, dynamic] = told.lanes;
  assert.equal(reference.accuracy.n, lines.length);
  assert.deepEqual([reference.verdict, reference.logitDiff], [null, null]);
  assert.ok(dynamic.verdict && dynamic.sizeBytes < reference.sizeBytes);
});

test('it is stopped and gone on with', async () => {
  const page = await site.openPage({ url: 'about:blank', width: 375 });
  /* The texts come once it has been stopped. */
  let send;
  const isStopped = new Promise((resolve) => (send = resolve));
  await page.route('**/held_out.tsv', async (route) => {
    await isStopped;
    // The first request has been given up.
    await route.fulfill({ body: lines.join('\n') }).catch(() => {});
  });
  await page.goto(`${site.url}embed/?view=classify&lang=en`);
  await page.getByRole('button', { name: 'Stop' }).press('Enter');
  send();
  await page.getByRole('button', { name: 'Measure the rest' }).press('Enter');
  await measured(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 375, `${wide} px wide`);
});

test('a classifier that does not come is told, and asked for again', async () => {
  const page = await site.openPage({ url: 'about:blank' });
  let isThere = false;
  await page.route('**/held_out.tsv', (route) =>
    isThere ? route.fulfill({ body: lines.join('\n') }) : route.fulfill({ status: 404 }),
  );
  await page.goto(`${site.url}embed/?view=classify&lang=en`);
  await page.getByRole('alert').filter({ hasText: '404' }).waitFor();
  isThere = true;
  await page.getByRole('button', { name: 'Try again' }).press('Enter');
  await measured(page);
});

test('axe finds nothing, in either language and theme', async () => {
  for (const [lang, theme, width] of [
    ['en', 'light', 1280],
    ['ko', 'dark', 375],
  ]) {
    const page = await open({ lang: `${lang}&theme=${theme}`, width, reducedMotion: 'reduce' });
    await measured(page);
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat())}`,
      );
    });
    assert.deepEqual(found, [], `${lang} ${theme}`);
  }
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
