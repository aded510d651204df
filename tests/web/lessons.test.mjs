/* The lessons as a learner has them: predict, run, read the answer beside the guess; with a screen reader, and without
 * a script. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { nativeCommand } from '../../wasm/make.mjs';
import { someLines, useBrowser } from './browser.mjs';
import { root } from './modules.mjs';

const site = useBrowser();
const axe = fs.readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');
const LESSONS = ['q4-q8', 'int8-int4'];

/** Lanes, by recipe, as the terminal says them; `more` is what it is asked on, by option: a file's text. */
function compared(recipes, more = {}) {
  const model = path.join(root, 'examples/tinyworld/models/2M');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-lesson-'));
  const files = Object.entries(more).flatMap(([option, text], i) => {
    const file = path.join(folder, `${i}.${option === 'tasks' ? 'jsonl' : 'txt'}`);
    fs.writeFileSync(file, text);
    return [`--${option}`, file];
  });
  const args = ['compare', '--model', model, '--recipes', recipes, ...files, '--json'];
  const printed = execFileSync(nativeCommand, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  fs.rmSync(folder, { recursive: true });
  const { lanes } = JSON.parse(printed);
  return new Map(lanes.map((lane) => [lane.recipe, lane]));
}

/** The figure in a sentence of the lesson, of three digits, is this one. */
function near(pattern, said, expected) {
  const [, figure] = pattern.exec(said) ?? assert.fail(said);
  const found = Number(figure.replace('−', '-'));
  assert.ok(Math.abs(found - expected) <= 0.006 * Math.abs(expected), `${said}: ${expected}`);
}

const openLesson = (name, options = {}) =>
  site.openPage({ url: `${site.url}lessons/${name}`, shipped: true, whole: true, ...options });

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.flat().join(' ')).slice(0, 4)}`,
    );
  });
}

test('a learner at 375 px guesses, and sees beside it what the terminal measures', async () => {
  const page = await openLesson('q4-q8.ko.html', { width: 375 });
  const claim = page.locator('#size');
  assert.equal(await claim.locator('.truth').count(), 0);
  await claim.getByRole('slider').press('Home');
  await claim.getByRole('button', { name: '예상하고 실험 시작' }).press('Enter');
  await claim.locator('.truth').waitFor();
  const lanes = compared('affine:8:64,affine:4:64');
  const share = lanes.get('affine:4:64').size_bytes / lanes.get('affine:8:64').size_bytes;
  const percent = Number((100 * share).toPrecision(3));
  assert.equal(await claim.locator('.truth').textContent(), `여기서 잰 값: ${percent}%`);
  assert.equal(await claim.locator('.guess').textContent(), '내 예상: 30%');
  assert.equal(await claim.locator('.outcome').textContent(), '예상과 다르게 나왔습니다.');
  assert.ok(await claim.getByRole('slider').isDisabled());
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 375, `${wide} px wide`);
  // Nothing of the other claims was told.
  assert.equal(await page.locator('.truth').count(), 1);
});

test('two experiments of one claim make one answer, and axe finds nothing beside them', async () => {
  const page = await openLesson('q4-q8.en.html', { reducedMotion: 'reduce' });
  const claim = page.locator('#small');
  await claim.getByRole('slider').press('End');
  await claim.getByRole('button', { name: 'Predict' }).press('Enter');
  await claim.locator('.truth').waitFor();
  assert.match(await claim.locator('.truth').textContent(), /^Measured here: 5\.\d+ times$/);
  assert.equal(await claim.locator('.guess').textContent(), 'Your guess: 12 times');
  assert.deepEqual(await violations(page), []);
});

test('the exercise gives its table, with the sizes of the terminal', async () => {
  const page = await openLesson('q4-q8.en.html');
  const claim = page.locator('#exercise');
  await claim.getByRole('radio', { name: 'Q8' }).press('Space');
  await claim.getByRole('button', { name: 'Predict' }).press('Enter');
  await claim.locator('.truth').waitFor();
  const rows = await claim
    .locator('.results tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  const lanes = compared('affine:4:32,affine:4:128,affine:8:64');
  assert.deepEqual(
    rows.map(([recipe, size]) => [recipe, Number(size)]),
    [...lanes].map(([recipe, lane]) => [recipe, Number((lane.size_bytes / 1e6).toPrecision(3))]),
  );
  assert.match(await claim.locator('.truth').textContent(), /Q4, group 128/);
});

/** What the lesson says of a claim, once the learner has made the first guess that there is, and pressed what
 * the experiment has to be told. */
async function answerOf(page, id, button = null) {
  const claim = page.locator(`#${id}`);
  const choice = claim.getByRole('radio').or(claim.getByRole('slider')).first();
  await choice.press((await choice.getAttribute('type')) === 'range' ? 'Home' : 'Space');
  await claim.getByRole('button', { name: 'Predict' }).press('Enter');
  if (button) await claim.getByRole('button', { name: button }).press('Enter');
  const truth = claim.locator('.truth');
  await truth.waitFor();
  return (await truth.textContent()).replace('Measured here: ', '');
}

/** A story for each line, as the page and the terminal are given them. */
const storiesOf = (lines) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ prompt, answer }) => `${prompt} ${answer}`)
    .join('\n\n');

test('claims of the first lesson: predicted, run, and answered by arithmetic, the speeds told, the terminal’s KL', async () => {
  const page = await openLesson('q4-q8.en.html', { whole: false });
  await page.evaluate(() => {
    document.querySelector('#speed').addEventListener('bitloss-result', ({ detail }) => {
      window.speeds = detail.lanes.map(({ tokensPerSecond }) => tokensPerSecond?.value);
    });
  });
  assert.equal(await answerOf(page, 'memory'), '3.94 GB');

  await answerOf(page, 'speed');
  const { said, speeds } = await page.evaluate(() => ({
    said: document.querySelector('#speed .truth').textContent,
    speeds: window.speeds,
  }));
  near(/Q4 writes ([\d.]+) times as many tokens a second as Q8$/, said, speeds[2] / speeds[1]);

  const language = await answerOf(page, 'language');
  const [english, korean] = ['en', 'ko'].map((lang) => {
    const text = storiesOf(someLines(`stories.${lang}.jsonl`));
    const lanes = compared('affine:4:64', { text });
    return lanes.get('affine:4:64').kl_mean;
  });
  near(/in Korean is ([\d.]+) times that in English$/, language, korean / english);
});

test('claims of the second lesson: predicted, run, and answered as the terminal does', async () => {
  const page = await openLesson('int8-int4.en.html', { whole: false });
  const groups = compared('affine:4:32,affine:4:128');
  const error = (recipe) => 10 ** (-groups.get(recipe).snr_db / 20);
  const share = error('affine:4:128') / error('affine:4:32');
  near(/^([\d.]+)%$/, await answerOf(page, 'groups'), 100 * share);

  const names = fs
    .readdirSync(path.join(root, 'dist/tests'))
    .filter((name) => name.endsWith('.jsonl') && !name.startsWith('stories.'));
  const lanes = compared('int8', { tasks: names.map(someLines).join('') });
  const lost = -100 * lanes.get('int8').against_reference.difference;
  near(/^([-−\d.]+) points$/, await answerOf(page, 'accuracy', 'Ask 40 of each'), lost);
});

test('the exercise with a classifier: predicted, measured here, and answered as the terminal does', async () => {
  const page = await openLesson('int8-int4.en.html');
  const folder = path.join(root, 'examples/tinyworld/classifier');
  const all = fs.readFileSync(path.join(folder, 'held_out.tsv'), 'utf8').split('\n');
  const some = all.slice(0, 80).join('\n');
  await page.route('**/held_out.tsv', (route) => route.fulfill({ body: some }));
  const said = await answerOf(page, 'deploy');

  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-lesson-'));
  fs.writeFileSync(path.join(work, 'some.tsv'), some);
  const recipes = ['qint8@int8/*embeddings=f16', 'affine:4:128', 'affine:3:128', 'affine:2:128'];
  const args = ['compare', '--model', folder, '--labels', path.join(work, 'some.tsv')];
  const printed = execFileSync(nativeCommand, [...args, '--recipes', recipes.join(), '--json'], {
    encoding: 'utf8',
  });
  fs.rmSync(work, { recursive: true });
  const [, ...lanes] = JSON.parse(printed).lanes;
  const first = lanes.findIndex(({ verdict }) => /^(measurable|broken)/.test(verdict));
  const names = ['dynamic int8', '4 bits', '3 bits', '2 bits'];
  if (first < 0) return assert.equal(said, 'none of these');
  const lost = -100 * lanes[first].labels.against_reference.difference;
  assert.equal(said.split(':')[0], names[first]);
  near(/: ([\d.]+) points fewer$/, said, lost);
});

test('axe finds nothing on the lessons, in either language, wide and narrow', async () => {
  const found = [];
  for (const lang of ['en', 'ko']) {
    const page = await openLesson('', { reducedMotion: 'reduce' });
    for (const name of ['', ...[...LESSONS, 'foreign'].map((id) => `${id}.${lang}.html`)]) {
      await page.goto(`${site.url}lessons/${name}`);
      await page.waitForFunction(() => document.documentElement.dataset.live === '');
      for (const width of [1280, 320]) {
        await page.setViewportSize({ width, height: 800 });
        found.push(...(await violations(page)).map((one) => `${name} ${width}: ${one}`));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${name} is ${wide} px wide at ${width}`);
      }
    }
  }
  assert.deepEqual(found, []);
});

test('without a script a lesson is read: questions, what was measured, what an experiment is', async () => {
  const page = await openLesson('int8-int4.ko.html', { javaScriptEnabled: false });
  const claim = page.locator('#groups');
  await claim.getByText('그룹 크기 128의 가중치 오차는 그룹 크기 32의 몇 %일까요?').waitFor();
  await claim.getByText('실험: 그룹 크기 32, 64, 128의 Q4.').waitFor();
  await claim.locator('summary').press('Enter');
  await claim.getByText('0.75비트로 KL 발산을 절반으로 줄였습니다.').waitFor();
  assert.equal(await page.getByRole('button').count(), 0);
});

test('no error went uncaught, and no other machine was asked', () => {
  assert.deepEqual(site.uncaught, []);
  assert.deepEqual(site.strays, []);
});
