/* The table of everything: that its figures and what is copied of it are the terminal's, that its columns
 * sort, and that what was not measured is said. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { openShipped, root, useModules } from '../../../tests/web/modules.mjs';
import { makeNative, nativeCommand } from '../../../wasm/make.mjs';

const site = useBrowser();
const modules = useModules();
const model = path.join(root, 'examples/tinyworld/models/0.5M');
before(makeNative);
after(() => modules.close());

test('numbers are printed as C prints them, ties to the even digit', async () => {
  const { fixed, general, jsonNumber, estimateText, sizeText } =
    await modules.load('web/report/print.ts');
  // Of values that lie exactly between two, C takes the even one: %.2f, %.0f, %.1f.
  assert.deepEqual(
    [fixed(4.125, 2), fixed(4.375, 2), fixed(2.5, 0), fixed(3.5, 0), fixed(-0.25, 1)],
    ['4.12', '4.38', '2', '4', '-0.2'],
  );
  assert.deepEqual(
    [general(0.03125, 3), general(0.00001234, 3), general(1234567, 4), general(100, 4)],
    ['0.0312', '1.23e-05', '1.235e+06', '100'],
  );
  // 0.1 + 0.2 is 0.3 up to the rounding of its last bit; 1/3 has 15 digits that are not it.
  assert.deepEqual(
    [jsonNumber(0.1 + 0.2), jsonNumber(1 / 3), jsonNumber(0), jsonNumber(1115904)],
    ['0.3', '0.33333333333333331', '0', '1115904'],
  );
  assert.equal(estimateText({ value: 384.4, error: 39.6 }), '384 ± 40');
  assert.equal(estimateText({ value: 5.5392, error: 0.10534 }, true), '+5.54 ± 0.11');
  assert.equal(estimateText({ value: 0, error: 0 }, true), '+0');
  assert.equal(estimateText({ value: null, error: null }), 'not a number');
  assert.deepEqual(
    [sizeText(999), sizeText(175872), sizeText(2.1e6)],
    ['999 B', '176 kB', '2.1 MB'],
  );
});

/** The lines of a Markdown table whose heading begins so, cell by cell. */
function tableOf(markdown, heading) {
  const lines = markdown.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  const end = lines.findIndex((line, i) => i > at && !line.startsWith('|'));
  return lines.slice(at, end).map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
}

const RECIPES = 'affine:4:64,q8_0';
/** The first stories that the page measures the model on. */
const stories = fs
  .readFileSync(path.join(root, 'examples/tinyworld/tests/stories.en.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line))
  .map(({ prompt, answer }) => `${prompt} ${answer}`)
  .join('\n\n');

/** What the command prints of the same model, text and questions. */
function compare(format, tasks) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-table-'));
  const [text, questions] = ['text.txt', 'tasks.jsonl'].map((name) => path.join(folder, name));
  fs.writeFileSync(text, stories);
  fs.writeFileSync(questions, tasks.map((task) => `${JSON.stringify(task)}\n`).join(''));
  const args = ['compare', '--model', model, '--recipes', RECIPES, '--text', text];
  args.push('--documents', 'blank', '--text-tokens', '2048', '--tasks', questions);
  const printed = execFileSync(nativeCommand, [...args, '--format', format], { encoding: 'utf8' });
  fs.rmSync(folder, { recursive: true });
  return printed;
}

/** With the lanes measured. */
let page;
const panel = () => page.locator('bitloss-panel-table');
const copied = async (name) => {
  await panel().getByRole('button', { name, exact: true }).press('Enter');
  await panel().getByText(`${name} copied.`).waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
};

test('what was not measured is said, cell by cell', async () => {
  page = await openShipped(site, 'table,sweep', `&max=4&lang=en&lanes=${RECIPES}`, {
    permissions: ['clipboard-read', 'clipboard-write'],
    whole: true,
    keep: true,
  });
  const row = panel().getByRole('row', { name: /affine:4:64/ });
  const headings = await panel().locator('table.all thead th').allTextContents();
  const column = headings.findIndex((text) => text.includes('Right answers'));
  assert.equal(await row.locator('th, td').nth(column).textContent(), 'not measured');
  await panel().getByText('No questions have been asked yet').waitFor();
  assert.doesNotMatch(await copied('Markdown'), /tasks right|points/);
});

test('what is copied has the terminal’s figures, headings and legend', async () => {
  await page.locator('bitloss-playground').evaluate((element) => {
    const detail = { type: 'measure-skills', nQuestions: 2 };
    element.dispatchEvent(new CustomEvent('bitloss-action', { detail }));
  });
  const skills = panel().getByRole('region', { name: 'Right answers by skill and language' });
  await skills.waitFor();
  // 13 skills in two languages, two questions each, of every lane.
  await page.waitForFunction(() => {
    const { shadowRoot } = document.querySelector('bitloss-playground');
    const rows = shadowRoot
      .querySelector('bitloss-panel-table')
      .shadowRoot.querySelectorAll('[aria-label^="Right answers"] tbody tr');
    const isDone = (row) =>
      row.querySelector('td.right').textContent === '2' && !row.querySelector('.none');
    return rows.length === 26 && [...rows].every(isDone);
  });
  const { interleave } = await modules.load('web/experiment/measure/questions.ts');
  const listed = JSON.parse(fs.readFileSync(path.join(model, '../index.json'), 'utf8'));
  const { skills: names } = listed.find(({ id }) => id === 'tinyworld-0.5M').questions;
  const read = (name) =>
    fs
      .readFileSync(path.join(root, 'examples/tinyworld/tests', name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const files = names.flatMap((name) => [read(`${name}.en.jsonl`), read(`${name}.ko.jsonl`)]);
  const tasks = interleave(files).slice(0, 52);

  const [ours, theirs] = [await copied('Markdown'), compare('md', tasks)];
  for (const heading of ['recipe', 'skill']) {
    const [own, terminal] = [tableOf(ours, heading), tableOf(theirs, heading)];
    for (const [i, name] of terminal[0].entries()) {
      const column = own[0].indexOf(name);
      assert.ok(column >= 0, name);
      assert.deepEqual(
        own.map((line) => line[column]),
        terminal.map((line) => line[i]),
        name,
      );
    }
  }
  // The legends and how the text was read, word for word.
  const isSame = (line) => /^(±|Brackets|Each verdict|- context|- tasks)/.test(line);
  assert.deepEqual(ours.split('\n').filter(isSame), theirs.split('\n').filter(isSame));

  // The CSV: the same names in the same order; counts to the digit, sums up to the order of summing.
  const cellsOf = (csv) =>
    csv
      .trim()
      .split('\n')
      .map((line) => line.split(','));
  const [ownCsv, theirCsv] = [
    cellsOf(await copied('CSV').then(unquoted)),
    cellsOf(unquoted(compare('csv', tasks))),
  ];
  const common = theirCsv[0].filter((name) => ownCsv[0].includes(name));
  assert.deepEqual(
    ownCsv[0].filter((name) => common.includes(name)),
    common,
  );
  const missing = theirCsv[0].filter((name) => !common.includes(name));
  assert.deepEqual(missing, [
    'bytes.codes',
    'bytes.scales',
    'bytes.biases',
    'bytes.untouched',
    'documents',
  ]);
  for (let line = 1; line < theirCsv.length; line++) {
    for (const name of common) {
      const [own, terminal] = [ownCsv, theirCsv].map((csv) => csv[line][csv[0].indexOf(name)]);
      const isMeasured = /^(ppl|ln_ratio|kl_|corr|delta_p|mean_abs|rmse|snr)|\.p$/.test(name);
      if (!isMeasured || own === terminal) assert.equal(own, terminal, name);
      else
        assert.ok(
          Math.abs(own - terminal) <= 1e-3 * Math.abs(terminal) + 1e-6,
          `${name}: ${own} ${terminal}`,
        );
    }
  }
});

/** Verdicts have commas in them; no other cell has. */
function unquoted(csv) {
  return csv.replace(/"([^"]*)"/g, (_, text) => text.replaceAll(',', ';'));
}

test('columns sort by keyboard, up, down and back, with what is not measured last', async () => {
  const names = () =>
    panel()
      .locator('table.all tbody th code')
      .evaluateAll((all) => all.map(({ textContent }) => textContent));
  const heading = panel().getByRole('columnheader', { name: 'KL divergence' });
  const press = () => heading.getByRole('button').press('Enter');
  assert.deepEqual(await names(), ['Reference', 'affine:4:64', 'q8_0']);
  await press();
  assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
  assert.deepEqual(await names(), ['q8_0', 'affine:4:64', 'Reference']);
  await press();
  assert.equal(await heading.getAttribute('aria-sort'), 'descending');
  assert.deepEqual(await names(), ['affine:4:64', 'q8_0', 'Reference']);
  await press();
  assert.equal(await heading.getAttribute('aria-sort'), 'none');
  assert.deepEqual(await names(), ['Reference', 'affine:4:64', 'q8_0']);
});

test('what a sweep has measured stands below the lanes, on the same text', async () => {
  const sweep = page.locator('bitloss-panel-sweep');
  await sweep.getByRole('radio', { name: 'Your own list' }).press('Space');
  await sweep.getByLabel('Recipes, between spaces').fill('affine:3:64 q8_0');
  await sweep.locator('button.primary').press('Enter');
  const row = panel().getByRole('row', { name: /affine:3:64/ });
  await row.waitFor();
  assert.equal(await panel().locator('tbody code', { hasText: 'q8_0' }).count(), 1);
  const kl = await sweep
    .getByRole('row', { name: /affine:3:64/ })
    .locator('td')
    .nth(4)
    .textContent();
  assert.match(kl, /±/);
  assert.ok((await row.textContent()).includes(kl));
  await page.context().close();
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
