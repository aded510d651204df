/* TinyWorld's questions, asked in a real browser. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { lane, useBrowser } from '../../../tests/web/browser.mjs';
import { root, useModules } from '../../../tests/web/modules.mjs';
import { makeNative, nativeCommand } from '../../../wasm/make.mjs';

const tests = path.join(root, 'examples/tinyworld/tests');
const model = path.join(root, 'examples/tinyworld/models/0.5M');
const modules = useModules();
before(makeNative);
after(() => modules.close());
const site = useBrowser();

const open = async (query = '', options = {}) => {
  const page = await site.openPage({
    query: `?model=tinyworld-0.5M&lanes=bf16,affine:2:64&max=4&lang=en&panels=skills${query}`,
    shipped: true,
    whole: true,
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
    .locator('bitloss-panel-skills tbody tr:not(.questions)')
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
  const page = await open('', { whole: false });
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

/** With some hundred answers of each lane, for two tests. */
let page;

test('the same weights give the same answers, 2 bits fewer right ones, each with its interval', async () => {
  page = await open('', { keep: true });
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

/** What the command makes of questions under the lanes' recipes: its JSON, lane by lane. */
function compareTasks(tasks) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-skills-'));
  const file = path.join(folder, 'tasks.jsonl');
  fs.writeFileSync(file, tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
  const args = ['--model', model, '--recipes', 'bf16,affine:2:64', '--tasks', file, '--json'];
  const printed = execFileSync(nativeCommand, ['compare', ...args], { encoding: 'utf8' });
  fs.rmSync(folder, { recursive: true });
  return JSON.parse(printed).lanes;
}

test('each question stands with what every lane answered, as the terminal counts and writes it', async () => {
  const list = page.locator('bitloss-skill-questions');
  const { n } = await cell(page, 0, 0);
  const { interleave } = await modules.load('web/experiment/measure/questions.ts');
  const listed = JSON.parse(fs.readFileSync(path.join(model, '../index.json'), 'utf8'));
  const { skills } = listed.find(({ id }) => id === 'tinyworld-0.5M').questions;
  const read = (name) =>
    fs
      .readFileSync(path.join(tests, `${name}.jsonl`), 'utf8')
      .trim()
      .split('\n')
      .map(JSON.parse);
  const files = skills.flatMap((skill) => [read(`${skill}.en`), read(`${skill}.ko`)]);
  const asked = interleave(files)
    .slice(0, n)
    .filter(({ skill }) => skill === 'counting');
  const lanes = compareTasks(asked);

  await page
    .locator('bitloss-panel-skills')
    .getByRole('button', { name: 'Questions: Counting' })
    .press('Enter');
  // By language, each apart.
  for (const [name, lang] of [
    ['English', 'en'],
    ['Korean', 'ko'],
  ]) {
    const cells = await list.getByRole('row', { name }).getByRole('cell').allTextContents();
    const expected = lanes.map(({ tasks }) => {
      const { accuracy, n: nAsked } = tasks[`counting/${lang}`];
      return `${Math.round(accuracy * nAsked)} of ${nAsked}`;
    });
    assert.deepEqual(cells, expected, name);
  }
  // All of them can be gone through, a page at a time, by keyboard.
  const seen = [];
  const next = list.getByRole('button', { name: 'Next' });
  for (;;) {
    const items = list.locator('ol > li');
    seen.push(...(await items.evaluateAll((all) => all.map((one) => one.dataset.question))));
    if ((await next.getAttribute('aria-disabled')) === 'true') break;
    await next.press('Enter');
    await list.locator(`ol > li[value="${seen.length + 1}"]`).waitFor();
  }
  assert.deepEqual(
    seen,
    asked.map(({ id }) => id),
  );

  // In one language, where one is right and another wrong; what was written begins as the command's text does.
  await page.locator('bitloss-panel-skills').getByRole('radio', { name: 'English' }).press('Space');
  await list.getByRole('checkbox', { name: 'Only where one lane' }).press('Space');
  const listedRight = await list
    .locator('.answers')
    .evaluateAll((all) => all.map((one) => [...one.children].map(({ dataset }) => dataset.right)));
  // The first two have the same weights.
  for (const [reference, same, other] of listedRight)
    assert.ok(reference === same && same !== other, `${reference} ${same} ${other}`);
  const apart = list
    .locator('ol > li')
    .filter({ has: page.locator('.answers > li:last-child[data-right=false]') })
    .first();
  const id = await apart.getAttribute('data-question');
  const { prompt, answer, lang } = asked.find((one) => one.id === id);
  assert.equal(lang, 'en');
  assert.equal(await apart.locator('.expected b').textContent(), answer);
  const answers = apart.locator('.answers > li');
  assert.match(await answers.nth(0).textContent(), /Reference, right:/);
  assert.equal(await answers.nth(0).locator('.text').textContent(), answer);
  assert.match(await answers.nth(2).textContent(), /Lane B, wrong:/);
  const wrote = answers.nth(2).locator('.text:not(.muted)');
  await wrote.waitFor();
  const args = ['--model', model, '--recipe', 'affine:2:64', '--prompt', prompt, '-m', '24'];
  const text = execFileSync(nativeCommand, ['generate', ...args], { encoding: 'utf8' });
  const line = text.replace(prompt, '').trim().split('\n', 1)[0];
  assert.ok(line.startsWith(await wrote.textContent()), `${line} | ${await wrote.textContent()}`);
  await page.context().close();
});

test('everything in the table has a name for a screen reader, also in the narrow layout', async () => {
  const page = await open('', { width: 375 });
  await ask(page);
  await page.locator('bitloss-panel-skills table').waitFor();
  const table = page.locator('bitloss-panel-skills').getByRole('table');
  assert.equal(await table.getByRole('row').count(), 15);
  assert.equal(await table.getByRole('rowheader').count(), 14);
  assert.equal(await table.getByRole('columnheader').count(), 4);
  assert.equal(await table.getByRole('button', { name: /^Questions: / }).count(), 14);
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
