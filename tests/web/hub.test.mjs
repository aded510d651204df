/* Models from the hub: which files are asked for, what an access token opens and who sees it, and what the reader
 * is told of each thing that can go wrong. The page asks a server that behaves like the hub (hub_server.mjs). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { split } from '../gguf_split.mjs';
import { golden, laneText, useBrowser } from './browser.mjs';
import { filesIn, openPageOn, useHub } from './hub_server.mjs';
import { sizeText } from './modules.mjs';

const site = useBrowser();
const place = useHub();
const tiny = filesIn(path.join(golden, 'tiny_llama'));
const sharded = filesIn(path.join(golden, 'tiny_llama_sharded'));
const gguf = fs.readFileSync(path.join(golden, 'tiny_gguf/tiny_llama.gguf'));
const { 'model.safetensors': weights, ...texts } = tiny;

const alert = (page) => page.locator('bitloss-source [role="alert"]');
const openPage = (options) => openPageOn(place.hub, site, options);

async function load(page, address) {
  await page.locator('bitloss-source #address').fill(address);
  await page.getByRole('button', { name: 'Load', exact: true }).press('Enter');
}

/** The files that were asked for since, by their paths at the hub; the list of them is "list". */
function askedFor(from) {
  return place.hub.asked
    .slice(from)
    .filter(
      ({ host, method, path }) =>
        host === 'hub' && method !== 'OPTIONS' && !path.includes('resolve-cache'),
    )
    .map(({ path }) => (path.startsWith('/api/') ? 'list' : path));
}

async function asks(address) {
  const page = await openPage();
  const from = place.hub.asked.length;
  await load(page, address);
  await laneText(page, 0);
  return { page, asked: askedFor(from) };
}

/* ---- which files ----------------------------------------------------------------------------- */

test('a repository is listed once, and only what a model is made of is downloaded, at one commit', async () => {
  const commit = place.hub.put('someone/tiny', {
    ...tiny,
    'pytorch_model.bin': Buffer.alloc(64),
    '.gitattributes': Buffer.from('*'),
  });
  const { asked } = await asks('someone/tiny');
  assert.deepEqual(asked, [
    'list',
    ...['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'].map(
      (name) => `/someone/tiny/resolve/${commit}/${name}`,
    ),
  ]);
});

test('where there is no tokenizer.json the files that came before it are downloaded, and make the tokenizer', async () => {
  const { 'tokenizer.json': _, 'tokenizer_config.json': __, ...rest } = tiny;
  const bert = filesIn(path.join(golden, 'vocab/bert'));
  const commit = place.hub.put('someone/older', {
    ...rest,
    'vocab.txt': bert['vocab.txt'],
    'tokenizer_config.json': bert['tokenizer_config.json'],
  });
  const { asked, page } = await asks('someone/older');
  assert.deepEqual(asked.slice(1).sort(), [
    ...['config.json', 'model.safetensors', 'tokenizer_config.json', 'vocab.txt'].map(
      (name) => `/someone/older/resolve/${commit}/${name}`,
    ),
  ]);
  await page.context().close();
});

test('a revision and a folder are those that were named', async () => {
  const inFolder = Object.fromEntries(
    Object.entries(tiny).map(([name, bytes]) => [`deep/er/${name}`, bytes]),
  );
  const commit = place.hub.put(
    'someone/branches',
    { ...inFolder, 'config.json': Buffer.from('{}') },
    { revisions: ['main', 'refs/pr/7'] },
  );
  const { asked, page } = await asks(
    'https://huggingface.co/someone/branches/tree/refs%2Fpr%2F7/deep/er',
  );
  assert.ok(asked.includes(`/someone/branches/resolve/${commit}/deep/er/config.json`));
  assert.equal(
    place.hub.asked.findLast(({ path }) => path.includes('blobs=true')).path,
    '/api/models/someone/branches/revision/refs%2Fpr%2F7?blobs=true',
  );
  await page.context().close();

  place.hub.put('someone/tagged', tiny, { revisions: ['v1.0'] });
  const tagged = await asks('someone/tagged@v1.0');
  const link = () => new URLSearchParams(location.search).get('model');
  await tagged.page.waitForFunction(() => location.search.includes('model='));
  assert.equal(await tagged.page.evaluate(link), 'someone/tagged@v1.0');
});

test('shards are those that the index names, and others are left alone', async () => {
  place.hub.put('someone/sharded', { ...sharded, 'consolidated.safetensors': weights });
  const { asked } = await asks('someone/sharded');
  const names = asked
    .map((one) => one.split('/').pop())
    .filter((name) => /safetensors$/.test(name));
  assert.deepEqual(
    names,
    Object.keys(sharded)
      .filter((name) => /\.safetensors$/.test(name))
      .sort(),
  );
});

test('numbered files need no index', async () => {
  const { 'model.safetensors.index.json': _, ...others } = sharded;
  place.hub.put('someone/numbered', others);
  await asks('someone/numbered');
});

test('a repository of one GGUF file, or of its parts, opens', async () => {
  place.hub.put('someone/one-GGUF', {
    'tiny-Q8_0.gguf': gguf,
    'README.md': Buffer.from('# A model'),
  });
  await (await asks('someone/one-GGUF')).page.context().close();
  const parts = split(gguf, 3).map((bytes, i) => [`tiny-0000${i + 1}-of-00003.gguf`, bytes]);
  place.hub.put('someone/split-GGUF', Object.fromEntries(parts));
  const { asked } = await asks(
    'https://huggingface.co/someone/split-GGUF/blob/main/tiny-00002-of-00003.gguf',
  );
  assert.equal(asked.filter((one) => /-of-00003\.gguf$/.test(one)).length, 3);
});

test('of several quantizations the reader chooses, from the smallest of 4 bits up, and the link names the one', async () => {
  const sized = (n) => ({ size: n, head: gguf });
  place.hub.put('someone/many-GGUF', {
    'tiny-F16.gguf': sized(9e9),
    'tiny-Q2_K.gguf': sized(1e6),
    'tiny-Q4_K_M.gguf': gguf,
    'tiny-Q5_K_M.gguf': sized(5e9),
    'mmproj-F16.gguf': sized(1e6),
  });
  const page = await openPage();
  await load(page, 'someone/many-GGUF');
  const choices = page.locator('bitloss-source .choices button');
  await choices.first().waitFor();
  assert.deepEqual(await choices.locator('.name').allTextContents(), [
    'Q4_K_M',
    'Q5_K_M',
    'F16',
    'Q2_K',
  ]);
  assert.match(await choices.nth(1).textContent(), /5\.00 GB/);
  await choices.first().press('Enter');
  await laneText(page, 0);
  const link = await page.evaluate(() => new URLSearchParams(location.search).get('model'));
  assert.match(link, /\/someone\/many-GGUF\/resolve\/main\/tiny-Q4_K_M\.gguf$/);
});

test('a server without such a list is asked by name', async () => {
  place.hub.put('someone/mirrored', tiny);
  place.hub.hasApi = false;
  try {
    const { asked } = await asks('someone/mirrored');
    assert.ok(asked.includes('/someone/mirrored/resolve/main/model.safetensors'));
  } finally {
    place.hub.hasApi = true;
  }
});

/* ---- other servers ---------------------------------------------------------------------------- */

test('weights that are other than the list says are told, not opened, and not kept', async () => {
  place.hub.put('someone/exchanged', tiny);
  const page = await openPage();
  await page.route('**/api/models/someone/exchanged/**', async (route) => {
    const response = await route.fetch();
    const list = await response.json();
    const one = list.siblings.find(({ rfilename }) => rfilename === 'model.safetensors');
    one.lfs.sha256 = one.lfs.sha256.replace(/^...../, '00000');
    await route.fulfill({ response, json: list });
  });
  await load(page, 'someone/exchanged');
  assert.match(await alert(page).textContent(), /model\.safetensors.* SHA-256 is another one/);
  assert.equal(await page.locator('bitloss-lane').count(), 0);
  const kept = await page.evaluate(async () => {
    const top = await navigator.storage.getDirectory();
    const root = await top.getDirectoryHandle('bitloss-models');
    return (await Array.fromAsync(root.keys())).length;
  });
  assert.equal(kept, 0);
  await page.context().close();
});

test('any of the parts of a GGUF file, an index, or one safetensors file stands for the model that it is of', async () => {
  const parts = split(gguf, 3).map((bytes, i) => [`tiny-0000${i + 1}-of-00003.gguf`, bytes]);
  place.hub.put('parts', Object.fromEntries(parts));
  place.hub.put('shards', sharded);
  place.hub.put('whole', tiny);
  for (const file of [
    'parts/tiny-00002-of-00003.gguf',
    'shards/model.safetensors.index.json',
    'whole/model.safetensors',
  ]) {
    const page = await openPage();
    await load(page, `${place.hub.cdn}/open/${file}`);
    await laneText(page, 0);
    await page.context().close();
  }
});

test('a part that is not there is named', async () => {
  const parts = split(gguf, 3).map((bytes, i) => [`tiny-0000${i + 1}-of-00003.gguf`, bytes]);
  place.hub.put('parts', Object.fromEntries(parts.slice(0, 2)));
  const page = await openPage();
  await load(page, `${place.hub.cdn}/open/parts/tiny-00001-of-00003.gguf`);
  assert.match(
    await alert(page).textContent(),
    /Nothing found at \S+tiny-00003-of-00003\.gguf \(404\)/,
  );
});

/* ---- the token ------------------------------------------------------------------------------- */

const TOKEN = 'hf_onlyForTheHub';

async function giveToken(page, token) {
  const field = page.locator('bitloss-token');
  if (!(await field.locator('.body').isVisible()))
    await field.getByText('Access token').press('Enter');
  const remove = field.getByRole('button', { name: 'Remove it' });
  if (await remove.isVisible()) await remove.press('Enter');
  await field.locator('#token').fill(token);
  await field.locator('#token').press('Enter');
}

test('a gated repository says what to do, and a token opens it', async () => {
  place.hub.put('meta/gated', tiny, { gated: TOKEN });
  const page = await openPage();
  await load(page, 'meta/gated');
  assert.match(
    await alert(page).textContent(),
    /^This model is for those who have accepted its terms: sign in at \S+\/meta\/gated, accept them, then give an access token/,
  );
  await giveToken(page, 'hf_ofSomebodyElse');
  await load(page, 'meta/gated');
  await alert(page)
    .filter({
      hasText:
        /The account of your access token has not been let in yet: sign in at \S+\/meta\/gated/,
    })
    .waitFor();
  await giveToken(page, 'mistyped');
  await load(page, 'meta/gated');
  await alert(page)
    .filter({ hasText: /does not know the access token that you gave/ })
    .waitFor();
  await giveToken(page, TOKEN);
  await load(page, 'meta/gated');
  await laneText(page, 0);
});

test('the token goes to the hub alone: not to the host that it redirects to, nor to another that is named', async () => {
  place.hub.put('meta/hidden', tiny, { gated: TOKEN });
  place.hub.put('elsewhere', { 'x.gguf': gguf });
  const page = await openPage();
  const from = place.hub.asked.length;
  await giveToken(page, TOKEN);
  await load(page, 'meta/hidden');
  await laneText(page, 0);
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  await load(page, `${place.hub.cdn}/elsewhere/x.gguf?X-Signature=secret`);
  await page.locator('bitloss-model').filter({ hasText: 'x.gguf' }).waitFor();
  const asked = place.hub.asked.slice(from);
  const ofHub = asked.filter(({ host, method }) => host === 'hub' && method !== 'OPTIONS');
  const ofCdn = asked.filter(({ host }) => host === 'cdn');
  assert.ok(
    ofHub.length >= 5 && ofHub.every(({ headers }) => headers.authorization === `Bearer ${TOKEN}`),
  );
  assert.ok(ofCdn.some(({ path }) => path.startsWith('/meta/hidden/model.safetensors')));
  assert.ok(ofCdn.some(({ path }) => path.startsWith('/elsewhere/')));
  assert.ok(
    ofCdn.every(
      ({ headers }) =>
        headers.authorization === undefined && !JSON.stringify(headers).includes(TOKEN),
    ),
  );
});

test('the token is in no link, storage, state, event or message', async () => {
  place.hub.put('meta/hidden', tiny, { gated: TOKEN });
  const said = [];
  const page = await openPage({
    init: () => {
      window.told = [];
      for (const type of ['bitloss-action', 'bitloss-error', 'bitloss-change', 'bitloss-progress'])
        addEventListener(type, ({ detail }) => window.told.push(detail), true);
    },
  });
  page.on('console', (message) => said.push(message.text()));
  await giveToken(page, TOKEN);
  await load(page, 'meta/nowhere');
  assert.match(
    await alert(page).textContent(),
    /no repository, or no such revision of it, at \S+\/meta\/nowhere\/tree\/main that your access token may see/,
  );
  await load(page, 'meta/hidden');
  await laneText(page, 0);
  const found = await page.evaluate(async () => {
    const caught = [];
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) caught.push(url);
    const roots = [document];
    for (const root of roots)
      for (const { shadowRoot } of root.querySelectorAll('*'))
        if (shadowRoot) roots.push(shadowRoot);
    const { experiment } = roots
      .flatMap((root) => [...root.querySelectorAll('*')])
      .find((element) => element.experiment);
    return JSON.stringify({
      href: location.href,
      storage: [{ ...localStorage }, { ...sessionStorage }, document.cookie, caught],
      state: experiment.store.state,
      told: window.told,
      page: roots.map((root) => (root.documentElement ?? root).innerHTML),
    });
  });
  assert.ok(found.includes('meta/hidden'));
  assert.ok(!found.includes(TOKEN) && !said.join('\n').includes(TOKEN));
});

test('what is no token is not taken for one, and a browser that might pass it on is given none', async () => {
  const page = await openPage();
  await giveToken(page, 'two words');
  await page.locator('bitloss-token [role="alert"]').filter({ hasText: 'not a token' }).waitFor();
  const old = await openPage({ init: () => delete Promise.withResolvers });
  await old.locator('bitloss-token').getByText('Access token').press('Enter');
  await old.locator('bitloss-token').getByText('This browser is too old').waitFor();
  assert.equal(await old.locator('bitloss-token #token').count(), 0);
});

/* ---- faults ---------------------------------------------------------------------------------- */

/** What is done with requests for the weights, or for the list, and what the reader is told. */
const FAULTS = [
  [
    '401 without a reason',
    { status: 401 },
    /asks for an account or a licence agreement/,
    /계정이나 라이선스 동의가 필요합니다/,
  ],
  [
    '403 of a gated repository',
    { status: 403, code: 'GatedRepo' },
    /for those who have accepted its terms/,
    /약관에 동의한 사람만/,
  ],
  [
    '403 without a reason',
    { status: 403 },
    /asks for an account or a licence agreement/,
    /계정이나 라이선스 동의가 필요합니다/,
  ],
  [
    '404',
    { status: 404, code: 'EntryNotFound' },
    /Nothing found at \S+model\.safetensors \(404\)/,
    /아무것도 없습니다\(404\)/,
  ],
  ['416', { status: 416 }, /The server answered 416 for/, /416 응답/],
  [
    '429 with a time',
    {
      status: 429,
      headers: { 'Retry-After': '20', 'Access-Control-Expose-Headers': 'Retry-After' },
    },
    /too many requests \(429\)\. Try again in 20 s/,
    /20초 뒤에 다시/,
  ],
  [
    '429 with a time that the page may not read',
    { status: 429, headers: { 'Retry-After': '20' } },
    /too many requests \(429\)\. Try again in a few minutes/,
    /몇 분 뒤에 다시/,
  ],
  [
    '500',
    { status: 500 },
    /has a fault of its own at the moment \(500\)/,
    /지금 문제가 있습니다\(500\)/,
  ],
  [
    'a body that is cut off',
    { cutAfter: 5000 },
    /came otherwise than announced: [\d,]+ bytes in place of 954,913\./,
    /954,913바이트여야 하는데/,
  ],
  [
    'a body that is shorter than it is listed',
    { says: 1000 },
    /came otherwise than announced: 1,000 bytes in place of 954,913\./,
    /954,913바이트여야 하는데 1,000바이트가 왔습니다/,
  ],
  [
    'a page in place of the file',
    { html: true },
    /is a web page, not a file of a model/,
    /웹 페이지입니다/,
  ],
  ['a way that leads in a circle', { loop: true }, /could not be reached/, /닿을 수 없거나/],
];

for (const [what, fault, english, korean] of FAULTS) {
  test(`${what} is told in both languages`, async () => {
    place.hub.put('someone/faulty', tiny);
    place.hub.fault('someone/faulty/model.safetensors', fault);
    const page = await openPage();
    await load(page, 'someone/faulty');
    assert.match(await alert(page).textContent(), english);
    await page.locator('bitloss-site nav select').first().selectOption('ko');
    await alert(page).filter({ hasText: korean }).waitFor();
    // What is wrong is over, and the page still works.
    place.hub.fault('someone/faulty/model.safetensors', null);
    await page.locator('bitloss-source #address').press('Enter');
    await laneText(page, 0);
  });
}

for (const [lang, total, stalled] of [
  ['en', (size) => `of ${size}`, 'Nothing has come for 10 s.'],
  ['ko', (size) => `${size} 중`, '10초 동안 아무것도 오지 않았습니다.'],
])
  test(`a download that stalls says so, and goes on by itself: ${lang}`, async () => {
    place.hub.put('someone/slow', tiny);
    place.hub.fault('someone/slow/model.safetensors', { stallAfter: 0 });
    const stalls = place.hub.stalled('someone/slow/model.safetensors');
    const page = await openPage({ query: `&lang=${lang}` });
    await page.clock.install();
    await page.locator('bitloss-source #address').fill('someone/slow');
    await page.locator('bitloss-source #address').press('Enter');
    const all = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
    const size = sizeText(all.reduce((sum, name) => sum + tiny[name].length, 0));
    await page.getByText(total(size)).waitFor();
    await stalls;
    await page.clock.runFor(10_500);
    await page.locator('bitloss-source').getByText(stalled).waitFor();
    place.hub.release('someone/slow/model.safetensors');
    await laneText(page, 0);
  });

test('what the list itself answers is told of the repository', async () => {
  place.hub.put('someone/listed', texts);
  const page = await openPage();
  const told = async (address, fault, expected) => {
    place.hub.fault('someone/listed', fault);
    await load(page, address);
    await alert(page).filter({ hasText: expected }).waitFor();
  };
  await told(
    'someone/nowhere',
    null,
    /There is no public repository, or no such revision of it, at \S+\/someone\/nowhere\/tree\/main\./,
  );
  await told(
    'someone/listed@v9',
    null,
    /no such revision of it, at \S+\/someone\/listed\/tree\/v9/,
  );
  await told('someone/listed', { status: 429 }, /has had too many requests \(429\)/);
  await told(
    'someone/listed',
    null,
    /someone\/listed\/tree\/main has no \.safetensors and no \.gguf files/,
  );
  place.hub.put('someone/listed', { ...texts, 'pytorch_model.bin': Buffer.alloc(9) });
  await told(
    'someone/listed',
    null,
    /no \.gguf files, only pytorch_model\.bin: bitloss reads no others/,
  );
  place.hub.put('someone/listed', {
    ...texts,
    'model.safetensors.index.json': Buffer.from('{"weight_map":{"a":"model-1.safetensors"}}'),
  });
  await told(
    'someone/listed',
    null,
    /The index at \S+ names model-1\.safetensors, which is not there/,
  );
});

test('nothing outside this machine was asked for, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
