/* What each lane lost, measured in a real browser on the shipped model: a lane that holds the
 * reference's own weights loses nothing, one with 2 bits loses plainly, and everything that the page
 * says of it can be reached by keyboard and read. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeNative, nativeCommand } from '../../wasm/make.mjs';
import { chooseBits, lane, useBrowser } from './browser.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const site = useBrowser();
before(makeNative);

/** The smallest shipped model, stored as bf16: the first lane holds its very weights. */
const QUERY = '?model=tinyworld-0.5M&lanes=bf16,affine:2:64&max=4&lang=en';
const open = async (query = '', options = {}) => {
  const page = await site.openPage({
    query: QUERY + query,
    shipped: true,
    whole: true,
    ...options,
  });
  page.setDefaultTimeout(60_000);
  return page;
};

/** The first stories that the page measures TinyWorld's models on: a blank line parts two of them. */
const stories = (lang, n) =>
  fs
    .readFileSync(path.join(root, `examples/tinyworld/tests/stories.${lang}.jsonl`), 'utf8')
    .split('\n')
    .slice(0, n)
    .map((line) => JSON.parse(line))
    .map(({ prompt, answer }) => `${prompt} ${answer}`)
    .join('\n\n');

/** What the command says of a text under the smallest shipped model. */
function compareOwn(text, args) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-page-'));
  const file = path.join(folder, 'text.txt');
  fs.writeFileSync(file, text);
  const model = path.join(root, 'examples/tinyworld/models/0.5M');
  const all = ['compare', '--model', model, '--text', file, '--recipes', 'affine:2:64', ...args];
  const printed = execFileSync(nativeCommand, [...all, '--json'], { encoding: 'utf8' });
  fs.rmSync(folder, { recursive: true });
  return JSON.parse(printed);
}

const chip = (page, index) => lane(page, index).locator('.chip');
/** A lane's figure by its name, once it is measured. */
async function figure(page, index, name) {
  await lane(page, index).locator('.lost[aria-busy="false"]').waitFor();
  const row = lane(page, index).locator('.lost dl > div').filter({ hasText: name });
  await row.locator('b').first().waitFor();
  return row.locator('b').first().textContent();
}

test('the same weights lose nothing, and 2 bits lose plainly', async () => {
  const page = await open('&panels=bench');
  await chip(page, 1).filter({ hasText: 'no measurable loss' }).waitFor();
  await chip(page, 2)
    .filter({ hasText: /measurable, large|broken/ })
    .waitFor();
  assert.equal(Number(await figure(page, 1, 'KL divergence')), 0);
  assert.equal(Number.parseFloat(await figure(page, 1, 'Same top token')), 100);
  assert.equal(await figure(page, 1, 'Perplexity'), await figure(page, 0, 'Perplexity'));
  assert.ok(Number(await figure(page, 2, 'KL divergence')) > 0.1);
  assert.ok(Number.parseFloat(await figure(page, 2, 'Same top token')) < 90);
  // Of the first 2,048 tokens, all but the first of each story, as the command counts them.
  const { n_tokens_scored: n } = compareOwn(stories('en', 200), ['--text-tokens', '2048']).texts[0];
  await page
    .locator('bitloss-panel-text')
    .getByText(
      `${n.toLocaleString('en')} tokens scored, each text between blank lines read by itself.`,
    )
    .waitFor();
});

test('a control that is moved measures that lane anew and announces what it came to', async () => {
  const page = await open('&panels=bench');
  await page
    .locator('[aria-live="polite"]')
    .filter({ hasText: /Measured what is lost\. Lane A, no measurable loss\. Lane B, / })
    .waitFor();
  const before = await figure(page, 2, 'KL divergence');
  await chooseBits(page, 2, 8);
  // Of what 8 bits lose, the text shows a little or nothing.
  await chip(page, 2)
    .filter({ hasText: /no measurable loss|measurable, small|too little to tell/ })
    .waitFor();
  assert.ok(Number(await figure(page, 2, 'KL divergence')) < Number(before) / 100);
});

test('a text of the reader is measured; an empty and a short one are refused with a sentence', async () => {
  const page = await open('&panels=bench');
  await chip(page, 2)
    .filter({ hasText: /large|broken/ })
    .waitFor();
  const panel = page.locator('bitloss-panel-text');
  await panel.getByLabel('What is lost is measured on').selectOption('own');
  await panel.getByText('The text is empty').waitFor();
  const write = async (text) => {
    await panel.getByRole('textbox').fill(text);
    await panel.getByRole('button', { name: 'Use this text' }).press('Enter');
  };
  await write('Once upon a time');
  await lane(page, 1)
    .getByRole('alert')
    .filter({ hasText: /too short .*at least 16 are needed/ })
    .waitFor();
  await write('Once upon a time there was a fox named Rusty who lived near the bakery. '.repeat(4));
  await chip(page, 1)
    .filter({ hasText: /no measurable loss/ })
    .waitFor();
  assert.equal(Number(await figure(page, 1, 'KL divergence')), 0);
  // Neither the text nor the choice of it leaves this tab.
  assert.ok(!page.url().includes('Rusty') && !page.url().includes('own'));
});

/** "8.64 ± 0.32" of a lane's figure. */
async function withError(page, index, name) {
  const value = await figure(page, index, name);
  const row = lane(page, index).locator('.lost dl > div').filter({ hasText: name });
  const after = (await row.locator('.pm').first().textContent()).replace('nats', '').trim();
  return value.endsWith('%') ? `${value.slice(0, -1)} ${after}%` : `${value} ${after}`;
}

test('the page says of a model and a text what the terminal says, to the digit and after the ±', async () => {
  const text = stories('en', 30);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-page-'));
  const file = path.join(folder, 'stories.txt');
  fs.writeFileSync(file, text);
  const model = path.join(root, 'examples/tinyworld/models/0.5M');
  const recipes = 'affine:4:64,q8_0';
  const args = [
    'compare',
    '--model',
    model,
    '--recipes',
    recipes,
    '--text',
    file,
    '--format',
    'md',
  ];
  const printed = execFileSync(nativeCommand, args, { encoding: 'utf8' });
  fs.rmSync(folder, { recursive: true });
  const cells = (line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  const [head, , ...rows] = printed
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cells);
  const cell = (row, heading) => rows[row][head.indexOf(heading)];

  const page = await site.openPage({
    query: `?model=tinyworld-0.5M&lanes=${recipes}&max=4&lang=en&panels=bench`,
    shipped: true,
  });
  page.setDefaultTimeout(60_000);
  const panel = page.locator('bitloss-panel-text');
  await panel.getByLabel('What is lost is measured on').selectOption('own');
  await panel.getByLabel('Length').selectOption('whole');
  await panel.getByRole('textbox').fill(text);
  await panel.getByRole('button', { name: 'Use this text' }).click();
  const [, nScored] = /, ([\d,]+) of them scored/.exec(printed);
  await panel.getByText(`${nScored} tokens scored`).waitFor();
  // A small number may be written as 8.1e-5 here and as 0.000081 there.
  const parts = (words) => words.split(/[ ±%]+/).map(Number);
  for (const index of [1, 2]) {
    for (const [name, heading] of [
      ['Perplexity', 'perplexity'],
      ['KL divergence', 'KL mean'],
      ['Same top token', 'same top'],
    ]) {
      const found = parts(await withError(page, index, name));
      assert.ok(found.length >= 2 && found.every(Number.isFinite));
      assert.deepEqual(found, parts(cell(index, heading)), `${name} of lane ${index}`);
    }
    assert.equal(await chip(page, index).textContent(), cell(index, 'verdict'));
  }
});

test('the chosen text and the open panels are in the link', async () => {
  const page = await open();
  await page
    .locator('bitloss-panel-text')
    .getByLabel('What is lost is measured on')
    .selectOption('plain-ko');
  await page.getByRole('button', { name: 'Skills', exact: true }).press('Enter');
  await page.waitForFunction(() => {
    const link = new URLSearchParams(location.search);
    return link.get('text') === 'plain-ko' && link.get('panels') === 'bench,words';
  });
});

test('every token of the text is there, coloured by what it suffered', async () => {
  const page = await open('&text=plain-en&panels=words');
  const panel = page.locator('bitloss-panel-words');
  await panel.scrollIntoViewIfNeeded();
  const box = panel.getByRole('group', { name: /token by token/ });
  await box.waitFor();
  const text = fs.readFileSync(path.join(root, 'examples/evaluation/plain.en.txt'), 'utf8').trim();
  const shown = await box.textContent();
  assert.ok(shown.length > 3000 && text.startsWith(shown), shown.slice(0, 80));
  const levels = await box
    .locator('span')
    .evaluateAll((spans) => spans.map((span) => span.dataset.level));
  // Of the 2,048 tokens only the first of each text has nothing before it.
  const nTexts = text.split('\n\n').length;
  const { texts } = compareOwn(text, ['--text-tokens', '2048']);
  const nScored = texts[0].n_tokens_scored;
  assert.ok(texts[0].n_documents > 3 && texts[0].n_documents <= nTexts);
  assert.equal(nScored, 2048 - texts[0].n_documents);
  assert.equal(levels.filter((level) => level === 'none').length, texts[0].n_documents);
  assert.ok(levels.filter((level) => Number(level) >= 3).length > 100);
  const count = nScored.toLocaleString('en');
  await panel.getByText(new RegExp(`^Lane B: \\d+.*% of ${count} tokens are coloured`)).waitFor();
  // The same weights leave every token as it was.
  await panel.locator('select').selectOption('a');
  await panel
    .getByText(`Lane A: none of ${count} tokens is coloured; the top prediction changed at 0.`)
    .waitFor();
});

test('a token can be asked about by keyboard and by pointer', async () => {
  const page = await open('&text=plain-en&panels=words');
  const panel = page.locator('bitloss-panel-words');
  await panel.scrollIntoViewIfNeeded();
  const box = panel.getByRole('group', { name: /token by token/ });
  await box.waitFor();
  await box.focus();
  const output = panel.locator('output');
  await page.keyboard.press('ArrowRight');
  await output.getByText('Not scored').waitFor();
  await page.keyboard.press('ArrowRight');
  await output.getByText(/reference [\d.]+% → Lane B [\d.]+%/).waitFor();
  await output.getByText(/Top prediction: (unchanged|changed)/).waitFor();
  const second = await output.textContent();
  await box.locator('span').nth(5).click();
  assert.notEqual(await output.textContent(), second);
  assert.equal(await box.locator('[data-here]').count(), 1);
});

test('the words on each colour can be read, and the colour is not alone', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open('&text=plain-en&panels=words', { colorScheme });
    const panel = page.locator('bitloss-panel-words');
    await panel.scrollIntoViewIfNeeded();
    await panel.getByRole('group', { name: /token by token/ }).waitFor();
    const styles = await panel.locator('.legend [data-level]').evaluateAll((spans) =>
      spans.map((span) => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d');
        const surface = getComputedStyle(
          span.closest('.legend').getRootNode().host,
        ).getPropertyValue('--surface');
        const probe = document.body.appendChild(document.createElement('i'));
        probe.style.color = surface;
        canvas.fillStyle = getComputedStyle(probe).color;
        probe.remove();
        canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = getComputedStyle(span).backgroundColor;
        canvas.fillRect(0, 0, 1, 1);
        const back = [...canvas.getImageData(0, 0, 1, 1).data];
        canvas.fillStyle = getComputedStyle(span).color;
        canvas.fillRect(0, 0, 1, 1);
        const front = [...canvas.getImageData(0, 0, 1, 1).data];
        return { back, front, line: getComputedStyle(span).textDecorationThickness };
      }),
    );
    const luminance = ([r, g, b]) => {
      const [R, G, B] = [r, g, b].map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * R + 0.7152 * G + 0.0722 * B;
    };
    for (const { back, front } of styles) {
      const [light, dark] = [luminance(back), luminance(front)].sort((a, b) => b - a);
      assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, `${colorScheme}: ${front} on ${back}`);
    }
    assert.deepEqual(
      styles.slice(1, 5).map(({ line }) => line),
      ['1px', '2px', '3px', '4px'],
    );
  }
});

for (const lang of ['en', 'ko']) {
  test(`what is lost fits a screen of 375 px, and of 320, in ${lang}`, async () => {
    const page = await open('&text=plain-en', { width: 375 });
    if (lang === 'ko') await page.getByLabel('Language').selectOption('ko');
    await page.locator('bitloss-panel-words').scrollIntoViewIfNeeded();
    await page.locator('bitloss-panel-words .text').waitFor();
    await page.locator('bitloss-panel-skills').scrollIntoViewIfNeeded();
    await page.getByRole('button', { name: lang === 'ko' ? /^40문제씩/ : /^Ask 40/ }).click();
    await page.locator('bitloss-panel-skills table').waitFor();
    for (const width of [375, 320]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
  });
}

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
