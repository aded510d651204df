/* The first minute, as a learner has it: guess, sweep, slider, texts, questions and size, on a wide screen
 * and on a telephone, in both languages. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { root, useModules } from '../../../tests/web/modules.mjs';

const site = useBrowser();
const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 812 };

/** The page as a visitor finds it: the bench is folded. */
async function open({ viewport, lang = 'en', query = '', ...options }) {
  const page = await site.openPage({
    shipped: true,
    query: `?lang=${lang}&panels=${query}`,
    viewport,
    ...options,
  });
  // Measuring waits for other work of the machine, which may be much.
  page.setDefaultTimeout(300_000);
  await page.locator('bitloss-panel-stage .guesses').waitFor();
  return page;
}

const stage = (page, inside) => page.locator(`bitloss-panel-stage ${inside}`);
const slider = (page) => stage(page, 'input[type=range]');
const written = (page) =>
  stage(page, '.variant .text[aria-busy=false]:not([data-stale])').waitFor();
const swept = (page) => stage(page, 'section[data-sweep=done]').waitFor();

/** Is all of each of these in what is seen, without scrolling? */
async function assertInSight(page, viewport, names) {
  assert.equal(await page.evaluate(() => scrollY), 0);
  for (const name of names) {
    const box = await stage(page, name).first().boundingBox();
    assert.ok(box, `${name} is drawn`);
    const isInside =
      box.x >= 0 &&
      box.y >= 0 &&
      box.x + box.width <= viewport.width &&
      box.y + box.height <= viewport.height;
    assert.ok(isInside, `${name} is in sight: ${JSON.stringify(box)}`);
  }
}

// With motion the slider goes through all stops to the last; without, it jumps to where it breaks.
for (const { viewport, lang, reducedMotion, guessed, said, ends } of [
  {
    viewport: WIDE,
    lang: 'en',
    reducedMotion: 'no-preference',
    guessed: 4,
    said: /You said 4 bits, but it breaks at 3 bits/,
    ends: '2 bits, 16% of the size',
  },
  {
    viewport: PHONE,
    lang: 'ko',
    reducedMotion: 'reduce',
    guessed: 3,
    said: /맞았/,
    ends: '3비트, 크기 22%',
  },
]) {
  test(`a learner guesses, and sees it break, without scrolling: ${viewport.width} px, ${lang}`, async () => {
    const page = await open({ viewport, lang, reducedMotion, whole: true });
    await page.evaluate(() => {
      window.told = [];
      document.addEventListener('bitloss-predict', ({ detail }) => window.told.push(detail));
    });
    await written(page);
    const first = await stage(page, '.variant .text').textContent();
    const control = [
      '.size',
      '.says',
      'input[type=range]',
      '.ticks',
      '.variant .text',
      '.reference',
    ];
    await assertInSight(page, viewport, [...control, '.guesses']);
    await stage(page, '.guesses')
      .getByRole('button')
      .nth([8, 6, 5, 4, 3, 2].indexOf(guessed))
      .press('Enter');
    await swept(page);
    await written(page);
    await assertInSight(page, viewport, [
      ...control,
      '.curve',
      '.predict',
      '.headline .tag',
      '.kind',
    ]);

    const [{ guess, truth }] = await page.evaluate(() => window.told);
    assert.equal(guess, guessed);
    assert.equal(truth.bits, 3);
    assert.equal(truth.isRight, guessed === 3);
    assert.match(await stage(page, '.predict').textContent(), said);
    assert.deepEqual(
      truth.points.map(({ bits }) => bits),
      [16, 8, 6, 5, 4, 3, 2],
    );
    const right = truth.points.map(({ rightOf100 }) => rightOf100);
    assert.ok(right.every((value) => value !== null));
    // The cliff: what is left at 2 bits is a fraction of what is left at 4.
    assert.ok(right[6] < right[4] / 3);
    assert.ok(right[4] > 0.8 * right[0]);
    // Dots at all stops, and only those that break are marked as such.
    assert.equal(await stage(page, '.dot.right').count(), 7);
    assert.equal(await stage(page, '.dot[data-broken]').count(), 2);

    assert.equal(await slider(page).getAttribute('aria-valuetext'), ends);
    assert.notEqual(await stage(page, '.variant .text').textContent(), first);
    // At 2 bits all of the questions that are shown are answered wrong.
    await slider(page).press('End');
    await stage(page, '.ticks [data-at]').filter({ hasText: /^2$/ }).waitFor();
    await written(page);
    assert.equal(await stage(page, '.mark[data-right=false]').count(), 6);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
    const box = await page.locator('bitloss-panel-stage').boundingBox();
    assert.ok(box.height <= (viewport === WIDE ? 560 : 1000), `${box.height} px high`);
    // One that is wrong shows what was written beside what would be right.
    await stage(page, '.kind:has([data-right=false])').first().press('Enter');
    await stage(page, '.wrote').waitFor();
    const [expected, wrote] = await stage(page, '.answers b').allTextContents();
    assert.match(expected, /\S/);
    assert.notEqual(wrote, expected);
    const label = lang === 'en' ? 'It wrote' : '모델이 쓴 답';
    assert.equal(await stage(page, '.wrote').textContent(), `${label}: ${wrote}`);
    // The curve as a file has the slider's stops for its axis.
    await stage(page, 'summary').press('Enter');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      stage(page, 'bitloss-save-picture').getByRole('button', { name: 'SVG' }).press('Enter'),
    ]);
    assert.equal(download.suggestedFilename(), 'bitloss-stage.svg');
    const svg = fs.readFileSync(await download.path(), 'utf8');
    for (const bits of [8, 6, 5, 4, 3, 2])
      assert.ok(svg.includes(lang === 'en' ? `>${bits} bits<` : `>${bits}비트<`), `${bits} bits`);
  });
}

test('the slider goes by keyboard, and re-quantizes at each stop', async () => {
  const page = await open({ viewport: WIDE });
  await written(page);
  await slider(page).focus();
  const sizes = [];
  for (const [key, bits] of [
    ['ArrowRight', '6'],
    ['ArrowRight', '5'],
    ['End', '2'],
    ['Home', '16'],
  ]) {
    await slider(page).press(key);
    await stage(page, '.ticks [data-at]')
      .filter({ hasText: new RegExp(`^${bits}$`) })
      .waitFor();
    await stage(page, '.verdict:not([data-stale])').waitFor();
    await written(page);
    sizes.push(
      Number.parseFloat(await stage(page, '.size span').evaluate((bar) => bar.style.width)),
    );
  }
  assert.deepEqual(sizes, [41, 34, 16, 100]);
  assert.match(await stage(page, '.says').textContent(), /^The full model: 3\.94 MB/);
  assert.match(await stage(page, '.note').textContent(), /same/);
});

test('a sweep can be stopped, and the guess is made again', async () => {
  const page = await open({ viewport: WIDE });
  await written(page);
  await stage(page, '.guesses').getByRole('button').first().press('Enter');
  await stage(page, '.predict.made').getByRole('button', { name: 'Stop' }).press('Enter');
  await stage(page, '.guesses').waitFor();
  assert.equal(await stage(page, 'section').getAttribute('data-sweep'), 'none');
});

test('why leads to the panel that tells, and opens what it is folded in', async () => {
  const page = await open({ viewport: WIDE });
  await written(page);
  assert.equal(await page.locator('bitloss-lane').count(), 0);
  await stage(page, '.why')
    .getByRole('button', { name: 'What happens to the numbers' })
    .press('Enter');
  await page.locator('bitloss-panel-microscope').waitFor();
  await page.locator('#fold-microscope:focus').waitFor();
});

test('a model without questions or a tokenizer says so, and shows what it can', async () => {
  const page = await site.openPage({ model: 'tiny_llama', query: '?panels=' });
  await stage(page, '.guesses').waitFor();
  await page.getByText('questions with one right answer for the TinyWorld models alone').waitFor();
});

test('the figures are those of the command', { timeout: 900_000 }, async () => {
  const page = await open({ viewport: WIDE, query: '&model=tinyworld-0.5M', whole: true });
  await written(page);
  await slider(page).press('End');
  await stage(page, '.verdict:not([data-stale])').waitFor();
  await stage(page, '.says .worse').waitFor();
  const said = await stage(page, '.says').textContent();

  const modules = useModules();
  const { fetchQuestions, ROUNDS } = await modules.load('web/panels/stage/questions.ts');
  const listed = { folder: '../tests', skills: [], langs: ['en'] };
  const { asked } = await fetchQuestions(listed, 'en', site.url, new AbortController().signal);
  await modules.close();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-stage-'));
  const tasks = path.join(folder, 'asked.en.jsonl');
  fs.writeFileSync(
    tasks,
    asked
      .slice(0, ROUNDS[0])
      .map((task) => JSON.stringify(task))
      .join('\n'),
  );
  const done = spawnSync(
    path.join(root, 'build/native/bitloss'),
    [
      'compare',
      '--model',
      path.join(root, 'examples/tinyworld/models/0.5M'),
      '--recipes',
      'affine:2:64',
      '--tasks',
      tasks,
      '--json',
    ],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  fs.rmSync(folder, { recursive: true });
  assert.equal(done.status, 0, done.stderr);
  const { difference, low, high } = JSON.parse(done.stdout).lanes[1].against_reference;
  const of100 = (share) => Math.round(-100 * share);
  assert.ok(
    said.endsWith(
      `of 100 questions it gets ${of100(difference)} more wrong (${of100(high)} to ${of100(low)}).`,
    ),
    `${said} / ${difference} ${low} ${high}`,
  );
});
