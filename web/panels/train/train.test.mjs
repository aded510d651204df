/* Training in the page: a guess, the loss that falls, a stop that keeps what was reached, and weights that are
 * what was measured. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { root, useModules } from '../../../tests/web/modules.mjs';

const site = useBrowser();
const modules = useModules();
const axe = fs.readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
/* Few documents, so that a measurement of what is held out is short. */
const text = fs
  .readFileSync(path.join(root, 'examples/tinyworld/models/calibration.txt'), 'utf8')
  .split('<|end|>')
  .slice(0, 160)
  .map((document) => `${document}<|end|>`)
  .join('');
let run;
before(async () => {
  run = await modules.load('web/panels/train/run.ts');
});
after(() => modules.close());

/** The text comes once `whenSent` resolves. */
async function open({ lang = 'en', whenSent = null, ...options } = {}) {
  const page = await site.openPage({ url: 'about:blank', shipped: true, ...options });
  await page.route('**/calibration.txt', async (route) => {
    await whenSent;
    // It may have been given up.
    await route.fulfill({ body: text }).catch(() => {});
  });
  await page.goto(`${site.url}embed/?view=train&lang=${lang}`);
  return page;
}

const panel = (page) => page.locator('bitloss-panel-train');
const chartOf = (page) => panel(page).getByRole('img');
const figures = (page, version, what) =>
  panel(page).locator(`[data-version="${version}"] .${what}`).textContent();

/** Held-out KL when rounded, and the latest, as the chart says them. */
async function drawn(page) {
  const label = await chartOf(page).getAttribute('aria-label');
  const [, rounded, now, step] = label.match(
    /: ([\d.]+) when only rounded, ([\d.]+) after step (\d+)/,
  );
  return { rounded: Number(rounded), now: Number(now), step: Number(step) };
}

/** Starts by the keyboard, and waits until some steps have been measured. */
async function trained(page, { steps = '25', guess = '50%' } = {}) {
  await panel(page).getByRole('radio', { name: steps, exact: true }).check();
  await panel(page)
    .getByRole('button', { name: `Start, guessing that ${guess}` })
    .press('Enter');
  await panel(page).locator('circle.held').nth(6).waitFor();
}

test('a guess starts it, the loss falls, and stopping keeps what was reached', async () => {
  const page = await open({
    init: () => {
      window.told = new Promise((resolve) => {
        addEventListener('bitloss-predict', ({ detail }) => resolve(detail), { once: true });
      });
    },
  });
  await trained(page);
  // The button took the keyboard's focus from the one that was pressed.
  await page.keyboard.press('Enter');
  await panel(page).getByText('Stopped after step').waitFor();
  const { rounded, now, step } = await drawn(page);
  assert.ok(step >= 6 && step < 25, `step ${step}`);
  assert.ok(now < 0.95 * rounded, `${rounded} to ${now}`);
  assert.equal(Number(await figures(page, 'rounded', 'kl')), rounded);
  assert.equal(Number(await figures(page, 'trained', 'kl')), now);
  for (const version of ['original', 'rounded', 'trained']) {
    assert.match(await figures(page, version, 'right'), /^\d+% \[\d+, \d+\]$/);
    assert.ok((await figures(page, version, 'written')).length > 10);
  }
  const told = await page.evaluate(() => window.told);
  assert.equal(told.guess, 50);
  assert.equal(told.truth.step, step);
  assert.ok(Math.abs(told.truth.wonBack - (1 - now / rounded)) < 0.01);
  const won = await panel(page).getByRole('status').textContent();
  assert.ok(won.includes(`${Math.round(100 * told.truth.wonBack)}%`), won);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    panel(page).getByRole('button', { name: 'Download the trained weights' }).press('Enter'),
  ]);
  assert.equal(download.suggestedFilename(), 'model.safetensors');
  const bytes = fs.readFileSync(await download.path());
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString());
  assert.equal(header['model.embed_tokens.weight'].dtype, 'BF16');
  await panel(page).getByRole('button', { name: 'Another try' }).press('Enter');
  await panel(page).getByText('How much of what rounding loses').waitFor();
});

test('it is stopped before the model has come, and begun again', async () => {
  let send;
  const whenSent = new Promise((resolve) => (send = resolve));
  const page = await open({ whenSent, width: 375 });
  await panel(page).getByRole('button', { name: 'Start, guessing that 90%' }).press('Enter');
  await panel(page).getByRole('button', { name: 'Stop here' }).press('Enter');
  await panel(page).getByText('How much of what rounding loses').waitFor();
  send();
  await trained(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 375, `${wide} px wide`);
});

test('text that does not come is told, and it can be asked for again', async () => {
  const page = await site.openPage({ url: 'about:blank', shipped: true });
  await page.route('**/calibration.txt', (route) => route.fulfill({ status: 404 }));
  await page.goto(`${site.url}embed/?view=train&lang=en`);
  const start = panel(page).getByRole('button', { name: 'Start, guessing that 10%' });
  await start.press('Enter');
  await panel(page).getByRole('alert').filter({ hasText: '404' }).waitFor();
  assert.ok(await start.isEnabled());
});

test('axe finds nothing, before and after, in either language and theme', async () => {
  const violations = async (page) => {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const found = await window.axe.run(document, { resultTypes: ['violations'] });
      return found.violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat())}`,
      );
    });
  };
  const korean = await open({ lang: 'ko&theme=dark', width: 375, reducedMotion: 'reduce' });
  await panel(korean).getByRole('button', { name: '50%를 되찾는다고 예상하고 시작' }).waitFor();
  assert.deepEqual(await violations(korean), []);
  const page = await open({ lang: 'en&theme=light' });
  await trained(page);
  assert.deepEqual(await violations(page), []);
});

test('what was won back is of what rounding lost, and the nearest guess is right', () => {
  const { wonBack, nearestGuess } = run;
  const at = (...all) => ({ heldOut: all.map((kl, step) => ({ step, kl })) });
  assert.equal(wonBack(at()), null);
  assert.equal(wonBack(at(0.5)), null);
  assert.equal(wonBack(at(0.5, 0.125)), 0.75);
  assert.ok(wonBack(at(0.5, 0.6)) < 0);
  assert.deepEqual([-1, 0.1, 0.39, 0.41, 0.99].map(nearestGuess), [10, 10, 30, 50, 90]);
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
