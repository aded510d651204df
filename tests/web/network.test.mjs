/* What a server may answer instead of a model, and what the reader is told. The page asks a real
 * server, which cuts, stalls and redirects. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { golden, laneText, modelFiles, openModel, useBrowser } from './browser.mjs';
import { useModules } from './modules.mjs';

const site = useBrowser();
const modules = useModules();
const gguf = fs.readFileSync(path.join(golden, 'tiny_gguf/tiny_llama.gguf'));
const read = (name) => fs.readFileSync(path.join(golden, 'tiny_llama', name));

/** By path: what is done with a request. */
const answers = new Map();
let other;
let url;

before(async () => {
  other = http.createServer((request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    const answer = answers.get(request.url);
    if (answer) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${other.address().port}`;
});
after(async () => {
  other.closeAllConnections();
  other.close();
  await modules.close();
});

/** A page that may ask that server too; the policy of the built page allows https alone. */
const openPage = () => site.openPage({ bypassCSP: true });
const alert = (page) => page.locator('bitloss-source [role="alert"]');

async function ask(page, file) {
  await page.locator('bitloss-source #address').fill(`${url}${file}`);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
}

/** What the page says when the server does this with a request for weights. */
async function sentenceFor(answer) {
  answers.set('/model.gguf', answer);
  const page = await openPage();
  await ask(page, '/model.gguf');
  const sentence = await alert(page).textContent();
  await page.context().close();
  return sentence;
}

/** The same where the server breaks off once the page has what it sent, and at once when it is asked again. */
async function sentenceWhenCut(headers) {
  let breakOff = null;
  answers.set('/model.gguf', (response) => {
    if (breakOff) return response.destroy();
    response.writeHead(200, headers).write(gguf.subarray(0, 5000));
    breakOff = () => response.destroy();
  });
  const page = await openPage();
  await ask(page, '/model.gguf');
  await page.getByText(/^5\.00 KB/).waitFor();
  breakOff();
  return alert(page).textContent();
}

test('weights that end too early are said to be cut, with the bytes that came', async () => {
  const sentence = await sentenceWhenCut({ 'Content-Length': gguf.length });
  const total = gguf.length.toLocaleString('en-US');
  assert.match(sentence, /model\.gguf came otherwise than announced/);
  assert.ok(sentence.includes(`5,000 bytes in place of ${total}.`), sentence);
});

test('weights of no announced size that break off are said to be cut', async () => {
  const sentence = await sentenceWhenCut({});
  assert.match(sentence, /The download of http:\S+model\.gguf broke off after 5,000 bytes/);
});

test('a body that is longer or shorter than was said is not used', async () => {
  for (const said of [1000, 99_999]) {
    const page = await openPage();
    await page.route('**/model.gguf', (route) =>
      route.fulfill({
        headers: { 'Access-Control-Allow-Origin': '*', 'Content-Length': String(said) },
        body: gguf.subarray(0, 5000),
      }),
    );
    await ask(page, '/model.gguf');
    const sentence = await alert(page).textContent();
    const n = said.toLocaleString('en-US');
    assert.ok(sentence.includes(`5,000 bytes in place of ${n}.`), sentence);
    await page.context().close();
  }
});

test('a stall is told after ten seconds, and the download goes on by itself', async () => {
  let goOn = null;
  answers.set('/model.gguf', (response) => {
    response.writeHead(200, { 'Content-Length': gguf.length });
    response.write(gguf.subarray(0, 5000));
    goOn = () => response.end(gguf.subarray(5000));
  });
  const page = await openPage();
  await page.clock.install();
  await ask(page, '/model.gguf');
  const told = page.locator('bitloss-source').getByText('Nothing has come for 10 s.');
  await page.getByText(/^5\.00 KB of/).waitFor();
  await page.clock.runFor(9000);
  assert.equal(await told.count(), 0);
  await page.clock.runFor(1500);
  await told.waitFor();
  assert.match(await told.textContent(), /goes on by itself.*cancel and try again/);
  goOn();
  await page.locator('bitloss-model').waitFor();
  await laneText(page, 0);
});

test('a server that accepts and says nothing is told like a stall, and can be cancelled', async () => {
  answers.set('/model.gguf', () => {});
  const page = await openPage();
  await page.clock.install();
  await ask(page, '/model.gguf');
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  await page.clock.runFor(10_500);
  await page.locator('bitloss-source').getByText('Nothing has come for 10 s.').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('bitloss-source .drop').waitFor();
});

const statuses = [
  [401, {}, /asks for an account or a licence agreement/],
  [403, {}, /asks for an account or a licence agreement/],
  [404, {}, /Nothing found at http:\S+model\.gguf \(404\)/],
  [410, {}, /Nothing found/],
  [429, {}, /has had too many requests \(429\)\. Try again in a few minutes/],
  [429, { 'Retry-After': '30' }, /Try again in 30 s/],
  [500, {}, /has a fault of its own at the moment \(500\)/],
  [503, {}, /has a fault of its own at the moment \(503\)/],
  [418, {}, /The server answered 418 for http/],
];
for (const [status, headers, expected] of statuses) {
  test(`status ${status} ${JSON.stringify(headers)} is told in words`, async () => {
    headers['Access-Control-Expose-Headers'] = 'Retry-After';
    assert.match(await sentenceFor((r) => r.writeHead(status, headers).end('no')), expected);
  });
}

test('a way to a page for signing in is said to be one', async () => {
  answers.set('/login', (r) => r.end('<!DOCTYPE html><form>Sign in</form>'));
  const sentence = await sentenceFor((r) => r.writeHead(302, { Location: '/login' }).end());
  assert.match(sentence, /\/login is a web page, not a file of a model: it may ask you to sign in/);
});

test('a page in place of weights, configuration or tokenizer is recognized', async () => {
  const page = '<html><body>Not here</body></html>';
  for (const name of [
    'model.safetensors',
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
  ]) {
    for (const file of ['config.json', 'tokenizer.json', 'model.safetensors'])
      answers.set(`/m/${file}`, (r) => r.end(read(file)));
    answers.set(`/m/${name}`, (r) => r.end(page));
    const tab = await openPage();
    await ask(tab, '/m/model.safetensors');
    assert.match(await alert(tab).textContent(), new RegExp(`/m/${name} is a web page`));
    answers.delete(`/m/${name}`);
    await tab.context().close();
  }
});

test('a page is recognized in any spelling, and nothing that a model is made of is taken for one', async () => {
  const { isMarkup } = await modules.load('web/source/web_page.ts');
  for (const text of [
    '<!DOCTYPE html>',
    '<!doctype HTML PUBLIC "-//W3C//DTD">',
    '<html>',
    '<HTML lang="en">',
    '\ufeff<!doctype html>',
    ' \r\n\t<html>',
    '<!-- a > b -->\n<!-- c --><Head>',
    `<!-- ${'long '.repeat(2000)}`,
    '<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
    '<p>Not found',
  ])
    assert.equal(isMarkup(Buffer.from(text).subarray(0, 4096)), true, text.slice(0, 40));
  assert.equal(isMarkup(Buffer.from('\ufeff<html>', 'utf16le')), true);
  for (const bytes of [
    gguf,
    read('model.safetensors'),
    read('config.json'),
    Buffer.from('{"a": "<html>"}'),
    Buffer.from('<\0\0\0\0\0\0\0{"a":1}'),
    Buffer.from('<h\0\0\0\0\0\0{"a":1}'),
    Buffer.alloc(0),
    Buffer.from(' \n'),
    Buffer.from('< 5'),
  ])
    assert.equal(isMarkup(bytes.subarray(0, 4096)), false);
});

test('a dropped page is refused by what it is', async () => {
  const page = await site.openPage();
  const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
  await page
    .locator('bitloss-source input#files')
    .setInputFiles([
      file('config.json', read('config.json')),
      file('model.safetensors', Buffer.from('<!doctype html><title>Hugging Face</title>')),
    ]);
  assert.match(await alert(page).textContent(), /model\.safetensors is a web page/);
});

test('a computer that is offline is told so', async () => {
  const page = await site.openPage();
  await page.context().setOffline(true);
  await page.locator('bitloss-source #address').fill('someone/model');
  await page.keyboard.press('Enter');
  assert.match(await alert(page).textContent(), /offline/);
});

/** Opens what a link names with huggingface.co answering as `answer` says, by path. */
async function openHub(model, answer) {
  const asked = [];
  const page = await site.openPage({ query: 'icon.svg' });
  await page.route('**/models/index.json', (route) => route.fulfill({ json: [] }));
  await page.route('https://huggingface.co/**', (route) => {
    const { pathname } = new URL(route.request().url());
    asked.push(pathname);
    const headers = {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Expose-Headers': 'X-Error-Code',
    };
    return route.fulfill({ status: 404, headers, ...answer(pathname, headers) });
  });
  await page.goto(`${site.url}?lang=en&panels=bench&model=${encodeURIComponent(model)}`);
  await page.getByRole('button', { name: 'Download and open' }).click();
  return { page, asked };
}

/** Of the files that were asked for; the list of them does not answer. */
const areBelow = (asked, place) =>
  asked.filter((one) => !one.startsWith('/api/')).every((one) => one.startsWith(place));

const tiny = (pathname) => {
  const file = path.join(golden, 'tiny_llama', path.basename(pathname));
  return fs.existsSync(file) ? { status: 200, body: fs.readFileSync(file) } : {};
};

test('a repository without an owner opens, and its link names it', async () => {
  const { page, asked } = await openHub('gpt2', tiny);
  await laneText(page, 0);
  assert.ok(areBelow(asked, '/gpt2/resolve/main/'));
  const link = await page.evaluate(() => new URLSearchParams(location.search).get('model'));
  assert.equal(link, 'https://huggingface.co/gpt2');
});

test('the revision that a link names is the one that is fetched', async () => {
  const model = 'a/b@refs/pr/7';
  const { page, asked } = await openHub('https://huggingface.co/a/b/tree/refs%2Fpr%2F7', tiny);
  await laneText(page, 0);
  assert.ok(areBelow(asked, '/a/b/resolve/refs%2Fpr%2F7/'));
  await page.waitForFunction(() => location.search.includes('lanes='));
  const link = await page.evaluate(() => new URLSearchParams(location.search).get('model'));
  assert.equal(link, model);
});

test('a repository that does not exist is not said to want a licence agreement', async () => {
  const { page } = await openHub('a/nowhere', (_, headers) => ({
    status: 401,
    headers: { ...headers, 'X-Error-Code': 'RepoNotFound' },
  }));
  assert.match(await alert(page).textContent(), /There is no public repository.*a\/nowhere/);
});

test('a repository of GGUF files says what to give instead', async () => {
  const { page } = await openHub('a/b-GGUF', () => ({}));
  assert.match(
    await alert(page).textContent(),
    /a\/b-GGUF\/tree\/main has no config\.json.*\.gguf/,
  );
});

test('a part whose code does not come is told, and comes when it is asked for again', async () => {
  const page = await site.openPage();
  const parts = '**/assets/element-*.js';
  await page.route(parts, (route) => route.abort());
  await page.reload();
  await openModel(page, modelFiles('tiny_llama'));
  const told = page.locator('.links[role="alert"]');
  assert.match(await told.textContent(), /A part of the page could not be loaded/);
  assert.equal(await page.locator('bitloss-lane').count(), 0);
  await page.unroute(parts);
  await told.getByRole('button', { name: 'Try again' }).press('Enter');
  await laneText(page, 0);
  await page.locator('#fold-budget').waitFor();
  assert.equal(await told.count(), 0);
});

test('no error went uncaught', () => {
  assert.deepEqual(site.uncaught, []);
});
