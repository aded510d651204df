/* Which of a repository's files make the model, how a repository is written with its revision, and the beginning
 * of a file by parts. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startHub } from './hub_server.mjs';
import { useModules } from './modules.mjs';

// By this the page tells browsers that keep a token from other hosts; this Node may be older.
Promise.withResolvers ??= () => {};
const modules = useModules();
let hub;
before(async () => (hub = await startHub()));
after(async () => {
  await hub.close();
  await modules.close();
});

const file = (name, size = 10) => ({
  name,
  url: `https://huggingface.co/a/b/${name}`,
  size,
  sha256: null,
});
const files = (...names) => names.map((name) => file(name));
const pick = async (list, { shards = null, wanted = null } = {}) => {
  const { pickFiles } = await modules.load('web/source/hub.ts');
  const { files: found, choices } = pickFiles(
    list,
    shards,
    wanted,
    'https://huggingface.co/a/b/tree/main',
  );
  return choices
    ? choices.map(({ label, size, name }) => [label, size, name])
    : found.map(({ name }) => name);
};
const problem = async (list, options) => {
  try {
    await pick(list, options);
  } catch (error) {
    return error.problem;
  }
  throw new Error('it was picked');
};

test('texts come first, in the order in which they are read, then weights; the rest is left out', async () => {
  const all = files(
    'README.md',
    'pytorch_model.bin',
    'model.safetensors',
    'additional_chat_templates/tool.jinja',
    'tokenizer.json',
    'vocab.txt',
    'config.json',
    '.gitattributes',
  );
  assert.deepEqual(await pick(all), [
    'config.json',
    'tokenizer.json',
    'README.md',
    'additional_chat_templates/tool.jinja',
    'model.safetensors',
  ]);
});

test('every text that is listed is one that the engine takes', async () => {
  const { OPTIONAL_TEXTS, SHARD_INDEX } = await modules.load('web/source/hub.ts');
  const { arrange } = await modules.load('wasm/files.ts');
  const names = ['config.json', SHARD_INDEX, ...OPTIONAL_TEXTS];
  const blobs = [...names, 'model.safetensors'].map((name) => ({ name, blob: new Blob(['{}']) }));
  const { texts } = await arrange(blobs);
  assert.deepEqual(
    texts.map(({ name }) => name),
    names,
  );
});

test('files that came before tokenizer.json are those that the engine takes, where there is none', async () => {
  const { VOCAB_FILES } = await modules.load('web/source/hub.ts');
  const engine = await modules.load('wasm/files.ts');
  assert.deepEqual(VOCAB_FILES, engine.VOCAB_FILES);
  const older = files('config.json', 'vocab.txt', 'vocab.json', 'model.safetensors');
  assert.deepEqual((await pick(older)).sort(), older.map(({ name }) => name).sort());
  assert.deepEqual(await pick([...older, file('tokenizer.json')]), [
    'config.json',
    'tokenizer.json',
    'model.safetensors',
  ]);
  for (const [names, made] of [
    [['vocab.txt'], ['vocab.txt']],
    [['vocab.json'], []],
    [
      ['merges.txt', 'vocab.json'],
      ['merges.txt', 'vocab.json'],
    ],
    [['vocab.txt', 'tokenizer.json'], []],
  ]) {
    const given = ['config.json', ...names, 'model.safetensors'];
    const blobs = given.map((name) => ({ name, blob: new Blob(['{}']) }));
    const { texts, vocab, weights } = await engine.arrange(blobs);
    assert.deepEqual(
      vocab.map(({ name }) => name),
      made,
    );
    assert.equal(weights.length, 1);
    assert.ok(texts.every(({ name }) => name.endsWith('.json')));
  }
});

test('the index decides; numbered files stand together without one; a single file has any name', async () => {
  const two = files(
    'config.json',
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
  );
  const shards = ['a-2.safetensors', 'a-10.safetensors'];
  assert.deepEqual(await pick([...two, ...files(...shards)], { shards }), [
    'config.json',
    ...shards,
  ]);
  assert.deepEqual(
    await pick(two),
    two.map(({ name }) => name),
  );
  assert.deepEqual(await pick(files('config.json', 'weights.safetensors')), [
    'config.json',
    'weights.safetensors',
  ]);
  assert.deepEqual(await pick([...two, file('model.safetensors')]), [
    'config.json',
    'model.safetensors',
  ]);
  assert.deepEqual(await problem(two, { shards: ['gone.safetensors'] }), {
    kind: 'no-shard',
    address: 'https://huggingface.co/a/b/tree/main',
    name: 'gone.safetensors',
  });
});

test('quantizations are told apart by their names, split ones counted together, and ordered from 4 bits up', async () => {
  const list = [
    file('M-Q2_K.gguf', 1),
    file('M-BF16-00001-of-00002.gguf', 40),
    file('M-BF16-00002-of-00002.gguf', 30),
    file('M-UD-Q4_K_XL.gguf', 21),
    file('M-Q4_K_M.gguf', 20),
    file('M.IQ3_XXS.gguf', 2),
    file('mmproj-F16.gguf', 5),
    file('odd.gguf', 90),
  ];
  assert.deepEqual(await pick(list), [
    ['Q4_K_M', 20, 'M-Q4_K_M.gguf'],
    ['UD-Q4_K_XL', 21, 'M-UD-Q4_K_XL.gguf'],
    ['BF16', 70, 'M-BF16-00001-of-00002.gguf'],
    ['odd', 90, 'odd.gguf'],
    ['Q2_K', 1, 'M-Q2_K.gguf'],
    ['IQ3_XXS', 2, 'M.IQ3_XXS.gguf'],
  ]);
  assert.deepEqual(await pick(list, { wanted: 'M-BF16-00002-of-00002.gguf' }), [
    'M-BF16-00001-of-00002.gguf',
    'M-BF16-00002-of-00002.gguf',
  ]);
});

test('a repository without weights that can be read says what it has', async () => {
  const address = 'https://huggingface.co/a/b/tree/main';
  assert.deepEqual(await problem(files('config.json', 'pytorch_model.bin')), {
    kind: 'no-weights',
    address,
    found: 'pytorch_model.bin',
  });
  assert.deepEqual(await problem(files('README.md')), { kind: 'no-weights', address, found: '' });
  assert.deepEqual(await problem(files('model.safetensors')), { kind: 'no-config', address });
  assert.equal((await problem(files('a.gguf'), { wanted: 'b.gguf' })).kind, 'not-found');
});

test('a revision is written after @, and comes back as it was', async () => {
  const { parseAddress, printAddress } = await modules.load('web/experiment/address.ts');
  for (const [text, revision] of [
    ['a/b@v1.0', 'v1.0'],
    ['a/b@refs/pr/7', 'refs/pr/7'],
    ['gpt2@e7da7f2', 'e7da7f2'],
  ]) {
    const address = parseAddress(text);
    assert.deepEqual(address, { kind: 'hub', repo: text.split('@')[0], revision });
    assert.equal(printAddress(address), text);
  }
  assert.deepEqual(parseAddress('a/b@main'), { kind: 'hub', repo: 'a/b' });
  for (const text of [
    'a/b@',
    '@v1',
    'a/b@..',
    'a/b@x/../y',
    'a/b@x y',
    'a/b@/x',
    'a/b@x/',
    'a/b/c@x',
    'a/b@x@y',
    'a/b@x%2Fy',
    'a/b@.x',
  ])
    assert.equal(parseAddress(text), null, text);
  // What cannot be written so is written as a page's address.
  const odd = { kind: 'hub', repo: 'a/b', revision: 'odd name' };
  assert.deepEqual(parseAddress(printAddress(odd)), odd);
  const deep = { kind: 'hub', repo: 'a/b', revision: 'v1', folder: 'x' };
  assert.deepEqual(parseAddress(printAddress(deep)), deep);
});

test('a file of the hub is told from its address, and an index elsewhere is one', async () => {
  const { hubFile, parseAddress } = await modules.load('web/experiment/address.ts');
  const { url } = parseAddress('https://hf.co/a/b/blob/v1/deep/x%20y.gguf?download=true');
  assert.equal(url, 'https://huggingface.co/a/b/resolve/v1/deep/x%20y.gguf');
  assert.deepEqual(hubFile(url), {
    folder: { kind: 'hub', repo: 'a/b', revision: 'v1', folder: 'deep' },
    name: 'x y.gguf',
  });
  assert.equal(hubFile('https://example.org/a/b/resolve/main/x.gguf'), null);
  const index = 'https://example.org/m/model.safetensors.index.json';
  assert.deepEqual(parseAddress(index), { kind: 'url', url: index });
  assert.deepEqual(
    parseAddress('https://huggingface.co/a/b/blob/main/model.safetensors.index.json'),
    { kind: 'hub', repo: 'a/b' },
  );
});

test('all parts of a numbered file are known by the name of one', async () => {
  const { numbersOf } = await modules.load('web/source/hub.ts');
  assert.deepEqual(numbersOf('m-00002-of-00003.gguf'), [
    'm-00001-of-00003.gguf',
    'm-00002-of-00003.gguf',
    'm-00003-of-00003.gguf',
  ]);
  assert.deepEqual(numbersOf('m.gguf'), ['m.gguf']);
});

test('a token is shown to the hub alone, and only one that is a token', async () => {
  const { authorization, holdToken } = await modules.load('web/source/token.ts');
  const at = (url) => authorization(url).Authorization;
  const inHub = 'https://huggingface.co/a/b/resolve/main/x';
  assert.equal(holdToken(' hf_x \n'), true);
  assert.equal(at(inHub), 'Bearer hf_x');
  for (const url of [
    'http://huggingface.co/x',
    'https://huggingface.co.example.org/x',
    'https://cdn.huggingface.co/x',
    'https://hf.co/x',
    'https://huggingface.co:444/x',
  ])
    assert.equal(at(url), undefined, url);
  for (const text of ['two words', 'hf_\u00e9', 'a\nb']) assert.equal(holdToken(text), false);
  assert.equal(at(inHub), 'Bearer hf_x');
  assert.equal(holdToken(''), true);
  assert.equal(at(inHub), undefined);
});

test('the beginning of a file comes in parts, also from a server that sends no parts or does not tell the size', async () => {
  const { readOn } = await modules.load('web/source/heads.ts');
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
  hub.put('parts', { 'x.gguf': bytes });
  const url = `${hub.cdn}/open/parts/x.gguf`;
  const { signal } = new AbortController();
  for (const fault of [null, { ignoresRanges: true }])
    for (const size of [bytes.length, 0]) {
      hub.fault('parts/x.gguf', fault);
      const one = { name: 'x.gguf', url, size, sha256: null };
      const head = await readOn(one, null, 1000, signal);
      assert.deepEqual(Buffer.from(head.bytes), bytes.subarray(0, 1000));
      assert.equal(head.size, bytes.length);
      const more = await readOn(one, head, 3000, signal);
      assert.deepEqual(Buffer.from(more.bytes), bytes.subarray(0, 3000));
      const all = await readOn(one, more, 9000, signal);
      assert.deepEqual(Buffer.from(all.bytes), bytes);
    }
  hub.fault('parts/x.gguf', { cutAfter: 500 });
  const short = { name: 'x.gguf', url, size: bytes.length, sha256: null };
  const cut = ({ problem }) => problem.kind === 'cut' && problem.bytesTotal === 1000;
  await assert.rejects(readOn(short, null, 1000, signal), cut);
});
