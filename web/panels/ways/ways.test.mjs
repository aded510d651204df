/* Methods in the page: codes chosen by a text in a lane, and the ways to fewer bits side by side. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { root, useModules } from '../../../tests/web/modules.mjs';

const site = useBrowser();
const modules = useModules();
const axe = fs.readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
/* Few documents, so that it is soon read. */
const documents = fs
  .readFileSync(path.join(root, 'examples/tinyworld/models/calibration.txt'), 'utf8')
  .split('<|end|>')
  .slice(0, 40)
  .map((document) => `${document}<|end|>`);
let run;
before(async () => {
  run = await modules.load('web/panels/ways/run.ts');
});
after(() => modules.close());

async function open(query, { body = documents.join(''), hold = null, ...options } = {}) {
  const page = await site.openPage({ url: 'about:blank', shipped: true, ...options });
  await page.route('**/calibration.txt', async (route) => {
    await hold;
    await route.fulfill({ body }).catch(() => {});
  });
  await page.goto(`${site.url}embed/?model=tinyworld-0.5M&${query}`);
  return page;
}

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat())}`,
    );
  });
}

test('a lane has its codes chosen by a text, can be stopped, and is downloaded with a card that says so', async () => {
  let send;
  const hold = new Promise((resolve) => (send = resolve));
  // A dialog that no test can click.
  const init = () => delete window.showSaveFilePicker;
  const page = await open('view=lanes&lanes=affine:4:64&lang=en', { hold, init });
  const lane = page.locator('bitloss-lane').nth(1);
  const codes = lane.getByLabel('Codes', { exact: true });
  await codes.selectOption({ label: 'Best known chain' });
  await lane.getByRole('button', { name: 'Stop' }).press('Enter');
  await lane.getByText('affine:4:64', { exact: true }).first().waitFor();
  assert.equal(await codes.inputValue(), '');
  send();
  await codes.selectOption({ label: 'Best known chain' });
  await lane.locator('h3 code', { hasText: 'affine:4:64+imatrix+gptq+polish' }).waitFor();
  await lane.getByText('Goes by calibration.txt.').waitFor();
  await lane.locator('.figures:not([data-stale]) .took').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    lane.getByRole('button', { name: 'MLX folder' }).press('Enter'),
  ]);
  assert.match(download.suggestedFilename(), /imatrix-gptq-polish-mlx\.zip$/);
  const zip = fs.readFileSync(await download.path()).toString('latin1');
  assert.match(zip, /Calibrated on [\d,]+ tokens of calibration\.txt\./);
  assert.match(zip, /"recipe": *"affine:4:64\+imatrix\+gptq\+polish"/);
  assert.deepEqual(await violations(page), []);
});

test('a recipe with methods comes with the link; one that there is not is told in a sentence', async () => {
  const page = await open('view=lanes&lanes=affine:3:64%2Bsearch,affine:4:64%2Bnothing&lang=ko', {
    width: 375,
  });
  const lanes = page.locator('bitloss-lane');
  await lanes.nth(1).locator('h3 code', { hasText: 'affine:3:64+search' }).waitFor();
  await lanes.nth(2).getByRole('alert').filter({ hasText: 'nothing' }).waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 375, `${wide} px wide`);
});

test('ways are measured one by one, the text protects its language, and what runs can be stopped', async () => {
  const page = await open('view=ways&lang=en');
  const panel = page.locator('bitloss-panel-ways');
  const measure = async (name, id) => {
    await panel.getByRole('button', { name: `Measure: ${name}`, exact: true }).press('Enter');
    await panel.locator(`[data-way="${id}"] .kl`).first().waitFor();
    return Number.parseFloat(await panel.locator(`[data-way="${id}"] .kl`).first().textContent());
  };
  const rounded = await measure('Rounded, 4 bits', 'rounded');
  const searched = await measure('Searched grids, 4 bits', 'search');
  assert.ok(searched < rounded, `${searched} and ${rounded}`);
  await panel.locator('.order').filter({ hasText: 'From the least loss to the most' }).waitFor();
  await panel.getByRole('img', { name: /KL divergence against seconds/ }).waitFor();
  await panel.getByRole('button', { name: 'Try it' }).press('Enter');
  await panel.getByRole('button', { name: 'Stop', exact: true }).press('Enter');
  await panel.getByRole('button', { name: 'Try it' }).press('Enter');
  await panel.locator('[data-by="both"]').waitFor();
  assert.equal(await panel.locator('.receipt').count(), 2);
  assert.deepEqual(await violations(page), []);
});

test('in Korean, dark and narrow too', async () => {
  const page = await open('view=ways&lang=ko&theme=dark', { width: 375, reducedMotion: 'reduce' });
  await page.locator('bitloss-panel-ways').getByRole('button', { name: '해 보기' }).waitFor();
  assert.deepEqual(await violations(page), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 375, `${wide} px wide`);
});

test('what the figures say of effort is worked out from them', () => {
  const { ranking, contradictions, byLanguage, protects } = run;
  const way = (seconds, kl) => ({ seconds, kl: { en: { value: kl }, ko: { value: kl } } });
  const found = new Map([
    ['rounded', way(0, 0.3)],
    ['dynamic', way(0, 0.01)],
    ['gptq', way(5, 0.2)],
    ['best', way(6, 0.1)],
    ['trained', way(60, 0.15)],
    [
      'search',
      { seconds: 1, kl: { en: { value: 0.31, error: 0.1 }, ko: { value: 0.31, error: 0.1 } } },
    ],
  ]);
  assert.deepEqual(ranking(found), ['dynamic', 'best', 'trained', 'gptq', 'rounded', 'search']);
  assert.deepEqual(contradictions(found), [['trained', 'best']]);
  const content = 'one<|end|>둘<|end|>three<|end|>넷<|end|>';
  const texts = byLanguage({ name: 'a.txt', content });
  assert.equal(texts.en.content, 'one<|end|>three<|end|>');
  assert.equal(texts.ko.content, '둘<|end|>넷<|end|>');
  assert.equal(texts.both.content, 'one<|end|>둘<|end|>');
  const at = (value, error = 0.01) => ({ value, error });
  assert.deepEqual(
    [at(0.1), at(0.3), at(0.31), at(0.5)].map((loss) => protects(loss, at(0.3))),
    ['less', 'same', 'same', 'more'],
  );
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
