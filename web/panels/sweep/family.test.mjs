/* A family of models on one chart: who belongs to it, which point is the rival of which, and that the page's
 * figures are the terminal's. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { root, settled, sizeText, useModules } from '../../../tests/web/modules.mjs';
import { makeNative, nativeCommand } from '../../../wasm/make.mjs';

const site = useBrowser();
const modules = useModules();
const models = path.join(root, 'examples/tinyworld/models');
const list = JSON.parse(fs.readFileSync(path.join(models, 'index.json'), 'utf8'));
let family;
before(async () => {
  await makeNative();
  family = await modules.load('web/panels/sweep/family.ts');
});
after(() => modules.close());

test('the three sizes that ship are one family, in the order of their sizes', () => {
  const { membersOf } = family;
  const names = membersOf(list[0], list).map(({ name }) => name);
  assert.deepEqual(names, ['TinyWorld 0.5M', 'TinyWorld 2M', 'TinyWorld 8M']);
  assert.deepEqual(membersOf(undefined, list), []);
  assert.deepEqual(membersOf(list[0], [list[0], { ...list[1], family: 'other' }]), []);
  assert.equal(membersOf(list[0], list), membersOf(list[1], list), 'no new list at each drawing');
});

test('a model’s rival is the best that the next larger one comes to in no more bytes', async () => {
  const { rivalsOf } = family;
  const { drawableOf } = await modules.load('web/panels/sweep/family_chart.ts');
  const point = (model, bits, sizeBytes, ppl) => ({
    model,
    bits,
    sizeBytes,
    ppl: { value: ppl, error: 0.01 },
    right: null,
  });
  const points = [
    point(0, 16, 1000, 2),
    point(0, 4, 300, 3),
    point(1, 16, 4000, 1.5),
    point(1, 4, 1010, 1.6),
    point(1, 3, 900, 1.9),
    point(1, 5, 1300, 1.55),
    point(2, 2, 5000, 9),
  ];
  // 1,010 bytes are about 1,000; 1,300 are not. Of the largest nothing fits into 4,000.
  assert.deepEqual(
    rivalsOf(points, 'ppl').map(({ small, large }) => [small.model, large.model, large.bits]),
    [[0, 1, 4]],
  );
  assert.deepEqual(rivalsOf(points, 'wrong'), []);
  // What is more than twice the best is told in the table alone.
  assert.deepEqual(
    points.filter((one) => !drawableOf(points, 'ppl').includes(one)).map(({ bits }) => bits),
    [2],
  );
});

test('points are judged anew where another model is opened meanwhile, as long as they are wanted', async () => {
  const { judge } = family;
  const { PageError } = await modules.load('web/experiment/problem.ts');
  const points = [
    { model: 0, bits: 16, sizeBytes: 10, ppl: { value: 2, error: 0 }, right: null, answers: null },
    { model: 1, bits: 4, sizeBytes: 9, ppl: { value: 3, error: 0 }, right: null, answers: null },
  ];
  const ended = new PageError({ kind: 'core', code: 'cancelled', detail: '' });
  let nAsked = 0;
  const sessionOf = (...errors) => ({
    paretoFront: async () => {
      nAsked++;
      if (errors.length > 0) throw errors.shift();
      return [true, false];
    },
  });
  const { front, comparisons } = await judge(sessionOf(ended), points, 'ppl', () => true);
  assert.equal(nAsked, 2);
  assert.deepEqual([...front], [points[0]]);
  const [small, large] = points;
  assert.deepEqual(comparisons, [{ small, large, paired: null }]);
  // There are other points by now: what was asked of the former is not asked again, nor is it told.
  const isWanted = () => nAsked < 3;
  assert.equal(await judge(sessionOf(ended), points, 'ppl', isWanted), null);
  assert.equal(nAsked, 3);
  await assert.rejects(
    judge(sessionOf(new Error('lost')), points, 'ppl', () => true),
    /lost/,
  );
});

/** The smallest model and one that is called otherwise: what the page measures of both is the same. */
const [own] = list.filter(({ id }) => id === 'tinyworld-0.5M');
const questions = { ...own.questions, skills: ['sentiment'], langs: ['en'] };
const TWINS = [
  { ...own, questions },
  { ...own, questions, id: 'twin', name: 'Twin', size: own.size },
];

/** The command's figures of the same beginning of the text, and of the same questions. */
async function compare() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-family-'));
  const [text, tasks] = ['text.txt', 'tasks.jsonl'].map((name) => path.join(folder, name));
  const read = (name) =>
    fs
      .readFileSync(path.join(root, 'examples/tinyworld/tests', name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const stories = read('stories.en.jsonl').map(({ prompt, answer }) => `${prompt} ${answer}`);
  fs.writeFileSync(text, stories.join('\n\n'));
  const { interleave } = await modules.load('web/experiment/measure/questions.ts');
  const asked = interleave([read('sentiment.en.jsonl')]).slice(0, 4);
  fs.writeFileSync(tasks, asked.map((task) => `${JSON.stringify(task)}\n`).join(''));
  const args = ['compare', '--model', path.join(models, '0.5M'), '--recipes', 'affine:4:64'];
  args.push('--text', text, '--documents', 'blank', '--text-tokens', '2048', '--tasks', tasks);
  const printed = execFileSync(nativeCommand, [...args, '--json'], { encoding: 'utf8' });
  fs.rmSync(folder, { recursive: true });
  return JSON.parse(printed).lanes;
}

test('the family is measured when asked for, can be stopped, and has the terminal’s figures', async () => {
  const page = await site.openPage({ query: 'icon.svg', shipped: true, whole: true });
  await page.route('**/models/index.json', (route) => route.fulfill({ json: TWINS }));
  await page.goto(`${site.url}?model=tinyworld-0.5M&panels=sweep&max=4&lang=en&lanes=affine:4:64`);
  const panel = page.locator('bitloss-family');
  await panel.getByText('Nothing is measured until you say so').waitFor();
  await settled(page);
  // Nothing comes until the stop: the run cannot end by itself.
  let isHeld = true;
  await page.route('**/*.safetensors', (route) => (isHeld ? undefined : route.continue()));
  const start = panel.getByRole('button', { name: 'Measure the family' });
  await start.press('Enter');
  await panel.getByRole('button', { name: 'Stop' }).press('Enter');
  isHeld = false;
  await panel.locator('.job').waitFor({ state: 'detached' });
  assert.equal(await panel.getByRole('alert').count(), 0);

  await start.press('Enter');
  // The button comes with the first figures, and can be pressed with the last.
  await panel
    .locator('button[aria-disabled=false]', { hasText: 'Ask them questions too' })
    .waitFor();
  await panel.getByRole('button', { name: 'Ask them questions too' }).press('Enter');
  await panel.getByRole('radio', { name: 'Wrong answers' }).waitFor();
  await panel.locator('.job').waitFor({ state: 'detached' });

  const rows = await panel
    .locator('tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.cells].map(({ textContent }) => textContent)));
  assert.equal(rows.length, 14);
  const of = (name) =>
    rows.filter(([model]) => model === name).map(([, ...cells]) => cells.slice(0, 4));
  assert.deepEqual(of('Twin'), of('TinyWorld 0.5M'));
  const lanes = await compare();
  for (const [bits, lane] of [
    ['16', lanes[0]],
    ['4', lanes[1]],
  ]) {
    const [, size, ppl, wrong] = of('Twin').find(([width]) => width === bits);
    assert.equal(size, sizeText(lane.size_bytes));
    assert.ok(ppl.startsWith(`${lane.ppl.toFixed(3)} ± ${lane.ppl_se.toFixed(3)}`), ppl);
    assert.ok(wrong.startsWith(`${(100 * (1 - lane.all_tasks.accuracy)).toFixed(1)}% [`), wrong);
  }
  // By keyboard, a point says what it is; what the twins come to in the same bytes is the same.
  const point = panel.locator('g.points > *').first();
  await point.focus();
  await panel.locator('.tip').waitFor();
  assert.match(await point.getAttribute('aria-label'), /at \d+ bits, .*perplexity .*wrong/);
  await panel.locator('.rival', { hasText: 'fits Twin at' }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    panel.locator('bitloss-save-picture').getByRole('button', { name: 'SVG' }).press('Enter'),
  ]);
  assert.equal(download.suggestedFilename(), 'bitloss-family.svg');
  const svg = fs.readFileSync(await download.path(), 'utf8');
  assert.doesNotMatch(svg, /var\(|class=|style=|currentColor|url\(|NaN|undefined|light-dark/);
  assert.match(svg, />Twin</);
  // Of another family nothing is known yet.
  await panel.evaluate(async (element) => {
    element.members = element.members.toReversed();
    await element.updateComplete;
  });
  assert.equal(await panel.locator('tbody, .rival, .chart').count(), 0);
  await page.context().close();
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
