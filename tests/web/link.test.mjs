/* A link reproduces what its sender saw; models come from addresses, lists and dropped folders. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  chooseBits,
  expectedText,
  golden,
  lane,
  laneText,
  modelFiles,
  openModel,
  queryFor,
  ready,
  useBrowser,
} from './browser.mjs';

const site = useBrowser();

const urlOf = (page) => page.evaluate(() => location.search);

/** Answers requests for a Hugging Face repository with a golden model's files. */
async function serveRepository(page, repo, model) {
  const requests = [];
  await page.route('https://huggingface.co/**', (route) => {
    const { pathname } = new URL(route.request().url());
    requests.push(pathname);
    const prefix = `/${repo}/resolve/main/`;
    const file = path.join(golden, model, path.basename(pathname));
    const headers = { 'Access-Control-Allow-Origin': '*' };
    if (!pathname.startsWith(prefix) || !fs.existsSync(file))
      return route.fulfill({ status: 404, headers });
    return route.fulfill({ status: 200, headers, body: fs.readFileSync(file) });
  });
  return requests;
}

test('every setting travels in the link', async () => {
  const query =
    '?lanes=affine:5:32,affine:3:128,bf16&prompt=The+old+boat&max=12&temp=0.7&seed=7&lang=ko&theme=dark';
  const page = await site.openPage({ query, model: 'tiny_llama' });
  await laneText(page, 3);
  const recipes = await page.locator('bitloss-lane h3 code').allTextContents();
  assert.deepEqual(recipes.slice(1), ['affine:5:32', 'affine:3:128', 'bf16']);
  assert.equal(await page.locator('bitloss-panel-prompt textarea').inputValue(), 'The old boat');
  assert.equal(await page.locator('input[name=maxTokens]').inputValue(), '12');
  assert.equal(await page.locator('input[name=temperature]').inputValue(), '0.7');
  assert.equal(await page.locator('input[name=seed]').inputValue(), '7');
  assert.equal(await page.getAttribute('html', 'lang'), 'ko');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
});

test('the link that the page writes opens the same experiment', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  await chooseBits(page, 2, 3);
  await page.locator('bitloss-panel-prompt textarea').fill('A boat & a 강 + 100%');
  await page.locator('bitloss-panel-prompt summary').press('Enter');
  await page.locator('input[name=temperature]').fill('0.5');
  await page.locator('input[name=temperature]').blur();
  await page.waitForFunction(() => location.search.includes('temp=0.5'));
  const settings = new URLSearchParams(await urlOf(page));
  assert.equal(settings.get('lanes'), 'affine:8:64,affine:3:64');
  assert.equal(settings.get('prompt'), 'A boat & a 강 + 100%');
  assert.equal(settings.get('model'), 'local:model.safetensors');

  const copy = await site.openPage({ query: await urlOf(page) });
  // A local file cannot be in a link: the reader is told which one is expected.
  await copy.getByText(/Drop the same file here/).waitFor();
  await openModel(copy, modelFiles('tiny_llama'));
  // Not by the model that the lane had before its bits were chosen.
  await ready(page, 2);
  await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
  assert.equal(await laneText(copy, 2), await laneText(page, 2));
});

test('typing does not fill the history', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 0);
  const before = await page.evaluate(() => history.length);
  await page.locator('bitloss-panel-prompt textarea').pressSequentially('The wind');
  await page.waitForFunction(() => location.search.includes('prompt='));
  assert.equal(await page.evaluate(() => history.length), before);
});

test('settings that cannot be used are named, and the rest is used', async () => {
  const page = await site.openPage({
    query: '?max=banana&temp=-1&seed=1e99&lang=xx&lanes=affine:6:64',
    model: 'tiny_llama',
  });
  await laneText(page, 1);
  for (const bad of ['max=banana', 'temp=-1', 'seed=1e99', 'lang=xx'])
    await page.getByText(bad).waitFor();
  assert.equal(await page.locator('input[name=maxTokens]').inputValue(), '48');
  assert.equal(await lane(page, 1).locator('h3 code').textContent(), 'affine:6:64');
});

test('a link to a repository asks before it downloads, then opens all shards', async () => {
  const repo = 'someone/tiny-llama';
  const page = await site.openPage({ query: `${queryFor('tiny_llama_sharded')}&model=${repo}` });
  const requests = await serveRepository(page, repo, 'tiny_llama_sharded');
  await page.getByText(`${repo}, from huggingface.co`).waitFor();
  assert.deepEqual(requests, []);
  await page.getByRole('button', { name: 'Download and open' }).press('Enter');
  assert.equal(await laneText(page, 0), expectedText('tiny_llama_sharded').greedy_text);
  assert.equal(new URLSearchParams(await urlOf(page)).get('model'), repo);
});

test('a repository with a single weight file opens by its name', async () => {
  const page = await site.openPage({ query: queryFor('tiny_llama') });
  await serveRepository(page, 'someone/tiny', 'tiny_llama');
  await page
    .locator('bitloss-source #address')
    .fill('https://huggingface.co/someone/tiny/tree/main');
  await page.keyboard.press('Enter');
  assert.equal(await laneText(page, 0), expectedText('tiny_llama').greedy_text);
});

test('a GGUF file opens from its address', async () => {
  const page = await site.openPage();
  await page.route('**/tiny.gguf', (route) =>
    route.fulfill({ path: path.join(golden, 'tiny_gguf/tiny_llama.gguf') }),
  );
  await page.locator('bitloss-source #address').fill(`${site.url}tiny.gguf`);
  await page.keyboard.press('Enter');
  await page.locator('bitloss-model').waitFor();
  await laneText(page, 2);
});

test('a listed model that is the default opens by itself, and a link can name it', async () => {
  for (const query of ['?panels=bench', '?panels=bench&model=tiny']) {
    const page = await site.openPage({ query: 'icon.svg' });
    const entry = {
      id: 'tiny',
      name: 'Tiny',
      files: ['tiny_llama.gguf'],
      size: fs.statSync(path.join(golden, 'tiny_gguf/tiny_llama.gguf')).size,
      note_en: 'A test model',
      note_ko: '시험용 모델',
      prompt_en: 'Once there was',
      default: !query.includes('model='),
    };
    await page.route('**/models/index.json', (route) => route.fulfill({ json: [entry] }));
    await page.route('**/models/tiny_llama.gguf', (route) =>
      route.fulfill({ path: path.join(golden, 'tiny_gguf/tiny_llama.gguf') }),
    );
    await page.goto(site.url + query);
    await page.locator('bitloss-model').waitFor();
    await page.waitForFunction(() => location.search.includes('model=tiny'));
    assert.equal(
      await page.locator('bitloss-panel-prompt textarea').inputValue(),
      'Once there was',
    );
    assert.doesNotMatch(await page.evaluate(() => location.search), /prompt=/);
  }
});

test('the model that ships opens by itself and writes in every lane', async () => {
  const page = await site.openPage({ shipped: true });
  await page.locator('bitloss-model').getByText('TinyWorld 2M').waitFor();
  for (const lane of [0, 1, 2]) assert.match(await laneText(page, lane), /[a-z]+ [a-z]+/);
});

/** In a page: a busy one, to which the news that its link changed comes late. */
function hearLate() {
  window.addEventListener('hashchange', (event) => {
    if (!event.isTrusted) return;
    event.stopImmediatePropagation();
    setTimeout(() => window.dispatchEvent(new Event('hashchange')), 600);
  });
}

test('a long Korean prompt travels in a link that the own server takes', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 0);
  const prompt = '강물이 흐른다. '.repeat(334).slice(0, 3000);
  await page.locator('bitloss-panel-prompt textarea').fill(prompt);
  await page.waitForFunction(() => location.hash.includes('prompt='));
  const link = await page.evaluate(() => location.search + location.hash);
  assert.ok(Buffer.byteLength(link.split('#')[0]) < 4000);
  const copy = await site.openPage({ query: link, init: hearLate });
  await openModel(copy, modelFiles('tiny_llama'));
  assert.equal(await copy.locator('bitloss-panel-prompt textarea').inputValue(), prompt);
  // A link that differs after `#` alone is another experiment too, and stays the address although
  // what was written before is about to go there.
  const loaded = copy.waitForEvent('load');
  await copy.locator('bitloss-panel-prompt textarea').evaluate((area) => {
    area.value = 'Written before';
    area.dispatchEvent(new Event('input'));
    location.hash = '#prompt=Another';
  });
  await loaded;
  await copy.getByText(/Drop the same file here/).waitFor();
  await openModel(copy, modelFiles('tiny_llama'));
  await copy.waitForFunction(() => location.search.includes('prompt=Another'));
});

test("a place in the page around it stays in the page's address", async () => {
  const page = await site.openPage({ query: '?lang=en#section-2', model: 'tiny_llama' });
  await laneText(page, 0);
  await chooseBits(page, 2, 3);
  await page.waitForFunction(() => location.search.includes('affine:3:64'));
  assert.equal(await page.evaluate(() => location.hash), '#section-2');
});

const choose = (page, name, label) => page.getByLabel(name, { exact: true }).selectOption(label);

test('another language changes the untouched prompt and text, and what was written stays', async () => {
  const page = await site.openPage({ shipped: true, query: '?panels=bench' });
  await laneText(page, 1);
  const prompt = page.locator('bitloss-panel-prompt textarea');
  const text = page.locator('bitloss-panel-text select').first();
  assert.match(await prompt.inputValue(), /^It was a windy morning/);
  await choose(page, 'Language', '한국어');
  await page.waitForFunction(() => document.documentElement.lang === 'ko');
  assert.match(await prompt.inputValue(), /^옛날 어느 고요한 저녁/);
  assert.equal(await text.inputValue(), 'world-ko');
  // The lanes answer the prompt that is shown.
  await lane(page, 0)
    .locator('p.text')
    .filter({ hasText: /[가-힣]/ })
    .waitFor();
  assert.doesNotMatch(await page.evaluate(() => location.search), /prompt=/);
  await prompt.fill('나의 말');
  await choose(page, '언어', 'English');
  await page.waitForFunction(() => document.documentElement.lang === 'en');
  assert.equal(await prompt.inputValue(), '나의 말');
});

test('language and theme are found again at the next visit, unless the link says otherwise', async () => {
  const page = await site.openPage();
  await choose(page, 'Language', '한국어');
  await choose(page, '테마', '어둡게');
  await page.goto('about:blank');
  await page.goto(site.url);
  const seen = () =>
    page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]);
  await page.getByLabel('언어', { exact: true }).waitFor();
  assert.deepEqual(await seen(), ['ko', 'dark']);
  await page.goto(`${site.url}?lang=en&theme=light`);
  await page.getByLabel('Language', { exact: true }).waitFor();
  assert.deepEqual(await seen(), ['en', 'light']);
  // That was the link's word, not the reader's.
  await page.goto(site.url);
  await page.getByLabel('언어', { exact: true }).waitFor();
  assert.deepEqual(await seen(), ['ko', 'dark']);
});

test('a browser that keeps nothing can choose all the same', async () => {
  const page = await site.openPage();
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('refused', 'SecurityError');
      },
    });
  });
  await page.reload();
  await choose(page, 'Language', '한국어');
  await choose(page, '테마', '어둡게');
  assert.equal(await page.getAttribute('html', 'lang'), 'ko');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
});

test('a folder can be dropped anywhere on the page', async () => {
  const page = await site.openPage({ query: queryFor('tiny_llama') });
  await page.locator('bitloss-source').waitFor(); // before its first frame a page takes no drop
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path.join(golden, 'tiny_llama')], dragOperationsMask: 1 };
  const drag = (type) => session.send('Input.dispatchDragEvent', { type, x: 640, y: 300, data });
  await drag('dragEnter');
  await drag('dragOver');
  // A drop is taken only where the page has answered that it may be: a busy one answers later.
  await page.locator('bitloss-source[dragging]').waitFor();
  await drag('dragOver');
  await drag('drop');
  assert.equal(await laneText(page, 0), expectedText('tiny_llama').greedy_text);
  await page.locator('bitloss-model').getByText('tiny_llama').waitFor();
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
