/* TinyWorld's questions, asked in a real browser. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lane, useBrowser } from '../../../tests/web/browser.mjs';

const tests = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../../examples/tinyworld/tests',
);
const site = useBrowser();

const open = async (query = '', options = {}) => {
  const page = await site.openPage({
    query: `?model=tinyworld-0.5M&lanes=bf16,affine:2:64&max=4&lang=en&panels=skills${query}`,
    shipped: true,
    ...options,
  });
  page.setDefaultTimeout(60_000);
  await page.locator('bitloss-panel-skills').scrollIntoViewIfNeeded();
  return page;
};

const ask = (page) =>
  page.locator('bitloss-panel-skills').getByRole('button', { name: 'Ask 40 of each' }).click();

/** What a cell tells: share in %, questions asked. */
async function cell(page, row, column) {
  const text = await page
    .locator('bitloss-panel-skills tbody tr:not(.example)')
    .nth(row)
    .getByRole('cell')
    .nth(column)
    .locator('.visually-hidden')
    .textContent();
  const [, share, low, high, n] =
    /^([\d.]+)%, 95% interval ([\d.]+)% to ([\d.]+)%, ([\d,]+) questions$/.exec(text.trim());
  return {
    share: Number(share),
    low: Number(low),
    high: Number(high),
    n: Number(n.replace(',', '')),
  };
}

/** Wilson (1927), as a formula of its own. */
function wilson(nRight, n) {
  const z = 1.959964;
  const centre = (nRight + (z * z) / 2) / (n + z * z);
  const half = (z / (n + z * z)) * Math.sqrt((nRight * (n - nRight)) / n + (z * z) / 4);
  return [100 * (centre - half), 100 * (centre + half)];
}

const progress = (page) => page.locator('bitloss-panel-skills').getByRole('progressbar');

test('beyond the six kinds of the stage nothing is asked or fetched until the reader wants it', async () => {
  const page = await open();
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await page.reload();
  // Everything else that comes by itself has come.
  await lane(page, 2)
    .locator('.chip')
    .filter({ hasText: /broken|large/ })
    .waitFor();
  const panel = page.locator('bitloss-panel-skills');
  await panel.getByText('Nothing is asked until you say so').waitFor();
  assert.equal(await progress(page).count(), 0);
  const questions = () => fetched.filter((file) => /^\/tests\/(?!stories)/.test(file));
  const ofStage = ['long_recall', 'counting', 'addition', 'facts', 'copying', 'steps2'];
  assert.deepEqual(
    questions().filter((file) => !ofStage.some((kind) => file.endsWith(`/${kind}.en.jsonl`))),
    [],
  );
  await ask(page);
  await progress(page).waitFor();
  await panel.locator('table').waitFor();
  assert.equal(new Set(questions()).size, 26);
});

test('the same weights give the same answers, 2 bits fewer right ones, each with its interval', async () => {
  const page = await open();
  await ask(page);
  const stop = page.locator('bitloss-panel-skills').getByRole('button', { name: 'Stop' });
  await stop.waitFor();
  // Some hundred answers of each lane are enough here.
  await page.waitForFunction(
    () => {
      const skills = document
        .querySelector('bitloss-playground')
        .shadowRoot.querySelector('bitloss-panel-skills').shadowRoot;
      const cells = [...skills.querySelectorAll('tr.all td .visually-hidden')];
      return (
        cells.length === 3 &&
        cells.every((one) => Number(/, (\d+) questions/.exec(one.textContent)[1]) >= 220)
      );
    },
    null,
    { timeout: 120_000 },
  );
  await stop.press('Enter');
  await progress(page).waitFor({ state: 'detached' });
  for (let row = 0; row < 12; row++) {
    // Stopped where it was: the lanes have answered more and fewer, and are compared over the same.
    const [reference, same] = [await cell(page, row, 0), await cell(page, row, 1)];
    assert.deepEqual(same, reference);
    assert.equal((await cell(page, row, 2)).n, reference.n);
    const nRight = Math.round((reference.share * reference.n) / 100);
    const [low, high] = wilson(nRight, reference.n);
    assert.ok(
      Math.abs(reference.low - low) < 0.06 && Math.abs(reference.high - high) < 0.06,
      `row ${row}`,
    );
  }
  const [reference, broken] = [await cell(page, 0, 0), await cell(page, 0, 2)];
  assert.ok(broken.share < reference.share / 2);
  await page.locator('bitloss-panel-skills tr.all').getByText('worse', { exact: true }).waitFor();
  // The lane says it too.
  await lane(page, 2).locator('.lost').getByText('Right answers').waitFor();
  await lane(page, 2).locator('.chip').filter({ hasText: 'broken' }).waitFor();
  await page
    .locator('bitloss-panel-skills')
    .getByText(/^Compared on [\d,]+ questions, the same for every lane\./)
    .waitFor();
  // What was stopped goes on when asked to.
  await page
    .locator('bitloss-panel-skills')
    .getByRole('button', { name: 'Ask all 5,376' })
    .press('Enter');
  await progress(page).waitFor();
  await stop.press('Enter');
});

test('a skill shows a question of its own, in the language that is asked about', async () => {
  const page = await open();
  await ask(page);
  const panel = page.locator('bitloss-panel-skills');
  await panel.locator('table').waitFor();
  const of = (lang) =>
    fs
      .readFileSync(path.join(tests, `counting.${lang}.jsonl`), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const example = panel.locator('tr.example');
  await panel.getByRole('button', { name: 'Example: Counting' }).press('Enter');
  const english = await example.locator('.prompt').textContent();
  assert.ok(of('en').some(({ prompt }) => prompt === english));
  await panel.getByRole('radio', { name: 'Korean' }).press('Space');
  const korean = await example.locator('.prompt').textContent();
  const task = of('ko').find(({ prompt }) => prompt === korean);
  assert.ok(task);
  assert.equal(await example.locator('b').textContent(), task.answer);
  assert.equal(await example.locator('.prompt').getAttribute('lang'), 'ko');
});

test('everything in the table has a name for a screen reader, also in the narrow layout', async () => {
  const page = await open('', { width: 375 });
  await ask(page);
  await page.locator('bitloss-panel-skills table').waitFor();
  const table = page.locator('bitloss-panel-skills').getByRole('table');
  assert.equal(await table.getByRole('row').count(), 15);
  assert.equal(await table.getByRole('rowheader').count(), 14);
  assert.equal(await table.getByRole('columnheader').count(), 4);
  assert.equal(await table.getByRole('button', { name: /^Example: / }).count(), 13);
});

test('other models are not asked about TinyWorld', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await page.locator('bitloss-panel-words').waitFor();
  assert.equal(await page.locator('bitloss-panel-skills').count(), 0);
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
