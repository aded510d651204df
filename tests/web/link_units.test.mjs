/* The page's settings as a link: what is written reads back, and what cannot be used is said. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { useModules } from './modules.mjs';

const modules = useModules();
const load = (file) => modules.load(`web/${file}`);

after(() => modules.close());

test('an address is a repository, a file, a list entry or nothing', async () => {
  const { parseAddress } = await load('experiment/address.ts');
  const hub = { kind: 'hub', repo: 'Qwen/Qwen3-0.6B' };
  assert.deepEqual(parseAddress('Qwen/Qwen3-0.6B'), hub);
  assert.deepEqual(parseAddress('https://huggingface.co/Qwen/Qwen3-0.6B'), hub);
  assert.deepEqual(parseAddress('https://huggingface.co/Qwen/Qwen3-0.6B/tree/main'), hub);
  assert.deepEqual(parseAddress('https://huggingface.co/a/b/blob/main/x.gguf'), {
    kind: 'url',
    url: 'https://huggingface.co/a/b/resolve/main/x.gguf',
  });
  assert.deepEqual(parseAddress('smollm2'), { kind: 'listed', id: 'smollm2' });
  for (const page of [
    'https://huggingface.co/gpt2',
    'hf.co/gpt2/tree/main',
    'huggingface.co/gpt2/',
  ])
    assert.deepEqual(parseAddress(page), { kind: 'hub', repo: 'gpt2' }, page);
  for (const nothing of [
    '',
    '../../etc',
    'a/b/c',
    'javascript:alert(1)',
    'https://example.org/a.zip',
    'ftp://a/b.gguf',
    'a b',
    'local:',
    'a/..',
    '..',
    'https://user:password@example.org/a.gguf',
    'https://huggingface.co/datasets/a/b',
    'https://huggingface.co/docs/transformers',
    'https://huggingface.co/',
    'https://huggingface.co/a/b/tree/%zz',
    `https://example.org/${'a'.repeat(3000)}.gguf`,
  ]) {
    assert.equal(parseAddress(nothing), null, nothing);
  }
});

test('the revision of a repository is kept, and a link has it too', async () => {
  const { addressName, hubUrl, parseAddress, printAddress } = await load('experiment/address.ts');
  const repo = 'Qwen/Qwen3-0.6B';
  const at = (revision, folder) => ({ kind: 'hub', repo, revision, ...(folder && { folder }) });
  for (const [text, address] of [
    [`https://huggingface.co/${repo}/tree/refs%2Fpr%2F1`, at('refs/pr/1')],
    [`http://huggingface.co/${repo}/tree/v1.0/`, at('v1.0')],
    [`huggingface.co/${repo}/tree/0123abc`, at('0123abc')],
    [`https://hf.co/${repo}/blob/v1.0/config.json`, at('v1.0')],
    [
      `https://www.huggingface.co/${repo}/resolve/v1.0/sub/config.json?download=true`,
      at('v1.0', 'sub'),
    ],
    [`https://huggingface.co/${repo}/tree/main/sub/deep%20er`, at('main', 'sub/deep er')],
    [`https://huggingface.co/${repo}/commit/0123abc`, at('0123abc')],
  ]) {
    assert.deepEqual(parseAddress(text), address, text);
    // What the page writes for it means the same.
    assert.deepEqual(parseAddress(printAddress(address)), address);
  }
  assert.equal(hubUrl(at('refs/pr/1')), `https://huggingface.co/${repo}/resolve/refs%2Fpr%2F1`);
  assert.equal(addressName(at('v1.0')), `${repo} (v1.0)`);
  for (const verb of ['blob', 'resolve'])
    assert.deepEqual(parseAddress(`https://huggingface.co/${repo}/${verb}/v1.0/sub/x.gguf`), {
      kind: 'url',
      url: `https://huggingface.co/${repo}/resolve/v1.0/sub/x.gguf`,
    });
  assert.equal(printAddress({ kind: 'hub', repo: 'gpt2' }), 'https://huggingface.co/gpt2');
});

test('a place names a model where it is a folder or a repository', async () => {
  const { modelName } = await load('experiment/address.ts');
  for (const [address, name] of [
    [{ kind: 'local', name: 'SmolLM2' }, 'SmolLM2'],
    [{ kind: 'local', name: 'model.safetensors' }, ''],
    [{ kind: 'local', name: 'smollm.Q4_0.gguf' }, ''],
    [{ kind: 'hub', repo: 'Qwen/Qwen3-0.6B', revision: 'v1.0' }, 'Qwen3-0.6B'],
    [{ kind: 'hub', repo: 'gpt2' }, 'gpt2'],
    [{ kind: 'hub', repo: 'owner/two', folder: 'sub/large' }, 'large'],
    [{ kind: 'url', url: 'https://example.org/x.gguf' }, ''],
    [{ kind: 'listed', id: 'tinyworld-2M' }, ''],
  ])
    assert.equal(modelName(address), name, JSON.stringify(address));
});

test('the open model is called as the site’s list, else its own files, else its place call it', async () => {
  const { nameOf } = await load('experiment/address.ts');
  const listed = [{ id: 'tiny', name: 'Tiny 2M' }];
  const lanes = (name) => [{ figures: { info: { name } } }];
  const of = (address, name) => nameOf({ model: { address }, listed, lanes: lanes(name) });
  assert.equal(of({ kind: 'listed', id: 'tiny' }, 'inside'), 'Tiny 2M');
  assert.equal(of({ kind: 'local', name: 'tiny' }, 'inside'), 'inside');
  assert.equal(of({ kind: 'local', name: 'x.gguf' }, ''), 'x.gguf');
  assert.equal(of({ kind: 'hub', repo: 'owner/x', revision: 'v1' }, ''), 'owner/x (v1)');
  assert.equal(nameOf({ model: null, listed, lanes: lanes('inside') }), '');
});

test('a written link reads back as what was written', async () => {
  const { readLink, writeLink } = await load('elements/link.ts');
  const { lanesFor } = await load('experiment/state.ts');
  const state = {
    lang: 'ko',
    theme: 'dark',
    model: { address: { kind: 'hub', repo: 'a/b' } },
    opening: { kind: 'idle' },
    lanes: lanesFor(['affine:2:32', 'q4_k_m@int8/lm_head=reference/layers.*=q8_0']),
    prompt: '100% & ?#= 안녕\n',
    promptIsOwn: true,
    isRaw: true,
    system: '한 문장으로 & =\n',
    sampling: { maxTokens: 7, temperature: 0.25, seed: 4294967295 },
    chosenText: 'stories-ko',
    openPanels: ['budget', 'words', 'bench'],
  };
  const link = readLink(writeLink(state), 'en');
  assert.deepEqual(link.problems, []);
  assert.deepEqual(link.model, state.model.address);
  assert.deepEqual(link.recipes, ['affine:2:32', 'q4_k_m@int8/lm_head=reference/layers.*=q8_0']);
  assert.equal(link.prompt, state.prompt);
  assert.equal(link.isRaw, true);
  assert.equal(link.system, state.system);
  assert.deepEqual(link.sampling, state.sampling);
  assert.deepEqual([link.lang, link.theme], ['ko', 'dark']);
  assert.equal(link.chosenText, 'stories-ko');
  assert.deepEqual(link.openPanels, ['bench', 'words', 'budget']);
  // All folded away is a choice too; a text of the reader's own stays with the reader.
  const other = writeLink({ ...state, chosenText: 'own', openPanels: [] });
  assert.deepEqual(readLink(other, 'en').openPanels, []);
  assert.equal(readLink(other, 'en').chosenText, null);
  assert.ok(!other.includes('text='));
});

test('a hostile link yields bounded settings', async () => {
  const { readLink } = await load('elements/link.ts');
  const lanes = Array(1000).fill('x'.repeat(1000)).join(',');
  const link = readLink(
    `?lanes=${lanes}&prompt=${'p'.repeat(100000)}&max=1e9&temp=NaN&seed=-1&model=${'m'.repeat(9999)}&text=own&panels=words,x`,
    'en',
  );
  assert.equal(link.recipes.length, 5);
  assert.ok(link.recipes.every((recipe) => recipe.length <= 8191));
  assert.equal(link.prompt.length, 4000);
  assert.deepEqual(link.sampling, { maxTokens: 48, temperature: 0, seed: 42 });
  assert.equal(link.model, null);
  assert.deepEqual(link.problems.map(({ name }) => name).sort(), [
    'lanes',
    'max',
    'model',
    'panels',
    'prompt',
    'seed',
    'temp',
    'text',
  ]);
});

/** A state with everything at its default but for these. */
async function stateWith(settings) {
  const { lanesFor } = await load('experiment/state.ts');
  const { recipes = ['affine:4:64'], ...others } = settings;
  return {
    lang: 'en',
    theme: 'auto',
    model: { address: { kind: 'listed', id: 'tinyworld-2M' } },
    opening: { kind: 'idle' },
    lanes: lanesFor(recipes),
    prompt: '',
    promptIsOwn: true,
    isRaw: false,
    system: '',
    sampling: { maxTokens: 48, temperature: 0, seed: 42 },
    chosenText: null,
    openPanels: ['words', 'skills'],
    ...others,
  };
}

test('a server sees little of a long link, whatever is in it', async () => {
  const { readLink, writeLink } = await load('elements/link.ts');
  const rules = Array.from({ length: 64 }, (_, i) => `/layers.${i}.self_attn.q_proj=affine:6:64`);
  const long = `affine:4:64${rules.join('')}`;
  assert.ok(long.length > 767);
  const recipes = Array(5).fill(long);
  for (const prompt of ['강'.repeat(3000), '%'.repeat(4000), '🦊'.repeat(2000), 'a'.repeat(4000)]) {
    const link = writeLink(await stateWith({ prompt, recipes }));
    const [query] = link.split('#');
    assert.ok(Buffer.byteLength(query) < 4000, `${query.length} bytes`);
    const read = readLink(link, 'en');
    assert.deepEqual(read.problems, []);
    assert.equal(read.prompt, prompt);
    assert.deepEqual(read.recipes, recipes);
  }
  // What fits stays where it can be read; older links had everything there.
  const short = writeLink(await stateWith({ prompt: '강물이 흐르는 곳' }));
  assert.ok(!short.includes('#'));
  const older = readLink(`?prompt=${encodeURIComponent('강'.repeat(3000))}`, 'en');
  assert.equal(older.prompt.length, 3000);
});

test('a link that was read is written as it was', async () => {
  const { readLink, writeLink } = await load('elements/link.ts');
  for (const settings of [
    { prompt: '강'.repeat(3000), lang: 'ko', theme: 'dark' },
    { prompt: 'half a pair \ud83e', recipes: ['q4_k_m', 'nf4'] },
    { prompt: ' &=#+?%20 ', sampling: { maxTokens: 7, temperature: 0.3, seed: 1 } },
    { model: { address: { kind: 'hub', repo: 'a/b', revision: 'refs/pr/1' } }, openPanels: [] },
    { model: { address: { kind: 'hub', repo: 'gpt2' } } },
    { model: { address: { kind: 'local', name: 'a & b.gguf' } }, chosenText: 'stories-ko' },
    { model: { address: { kind: 'url', url: `https://a.example/${'b'.repeat(1900)}.gguf` } } },
  ]) {
    const link = writeLink(await stateWith(settings));
    const read = readLink(link, 'en');
    assert.deepEqual(read.problems, []);
    const again = await stateWith({ ...read, model: { address: read.model } });
    assert.equal(writeLink(again), link);
  }
});

test('a place in the page around it is no setting', async () => {
  const { readLink } = await load('elements/link.ts');
  const { isOwnHash } = await load('elements/words.ts');
  for (const hash of ['#prompt=x', '#lanes=a&prompt=x', '#x=1&lanes=q8_0'])
    assert.equal(isOwnHash(hash), true, hash);
  for (const hash of ['', '#', '#prompt', '#section-2', '#xprompt=1', '#:~:text=prompt'])
    assert.equal(isOwnHash(hash), false, hash);
  assert.deepEqual(readLink('?max=7#section-2', 'en').problems, []);
});

const notices = [
  ['max=banana', 'The link’s max=banana cannot be used, expected 1–512; 48 stands in for it.'],
  ['max=', 'The link’s max= cannot be used, expected 1–512; 48 stands in for it.'],
  ['max=0', 'The link’s max=0 cannot be used, expected 1–512; 48 stands in for it.'],
  ['max=7.5', 'The link’s max=7.5 cannot be used, expected 1–512; 48 stands in for it.'],
  ['max=0x10', 'The link’s max=0x10 cannot be used, expected 1–512; 48 stands in for it.'],
  ['temp=Infinity', 'The link’s temp=Infinity cannot be used, expected 0–2; 0 stands in for it.'],
  ['seed=-1', 'The link’s seed=-1 cannot be used, expected 0–4294967295; 42 stands in for it.'],
  ['lang=de', 'The link’s lang=de cannot be used, expected en, ko; en stands in for it.'],
  [
    'theme=',
    'The link’s theme= cannot be used, expected auto, light, dark; auto stands in for it.',
  ],
  ['model=', 'The link’s model= cannot be used; the default stands in for it.'],
  ['model=a/b/c', 'The link’s model=a/b/c cannot be used; the default stands in for it.'],
  ['lanes=,,', 'The link’s lanes=,, cannot be used; affine:8:64,affine:4:64 stands in for it.'],
  ['lanes=a,b,c,d,e,f,g', 'The link has 7 lanes; the first 5 are shown.'],
  [
    `lanes=q8_0,${'x'.repeat(8192)}`,
    'A recipe in the link is 8192 bytes long, where at most 8191 make a recipe: its lane is left out.',
  ],
  [`prompt=${'p'.repeat(5000)}`, 'The link’s prompt has 5000 characters; the first 4000 are used.'],
  ['panels=words,x,words,y', 'The link opens panels that this page does not have: x, y.'],
  ['max=5&max=7', 'The link sets max more than once; the first, max=5, counts.'],
  ['lane=q8_0', 'The link’s setting lane is not one of this page’s.'],
];
for (const [setting, sentence] of notices) {
  test(`the notice for ${setting.slice(0, 30)} says what happens`, async () => {
    const { messages } = await load('i18n/index.ts');
    const { describe } = await load('experiment/problem.ts');
    const { readLink } = await load('elements/link.ts');
    const { problems } = readLink(`?${setting}`, 'en');
    assert.deepEqual(
      problems.map((problem) => describe(messages.en, problem)),
      [sentence],
    );
    const korean = describe(messages.ko, problems[0]);
    assert.match(korean, /[가-힣]/);
    for (const number of sentence.match(/\d+/g) ?? []) assert.ok(korean.includes(number), korean);
    // In the part after `#` it means the same.
    const other = readLink(`#${setting}&lang=en`, 'en');
    if (!setting.startsWith('lan') && !setting.startsWith('lane='))
      assert.deepEqual(other.problems, problems);
  });
}

test('what is used in place of a refused setting is what the notice says', async () => {
  const { readLink } = await load('elements/link.ts');
  const link = readLink(`?lanes=q8_0,${'x'.repeat(9999)},nf4&panels=words,x&max=5&max=7`, 'en');
  assert.deepEqual(link.recipes, ['q8_0', 'nf4']);
  assert.deepEqual(link.openPanels, ['bench', 'words']);
  assert.equal(link.sampling.maxTokens, 5);
  assert.equal(readLink(`?prompt=${'a'.repeat(3999)}🦊`, 'en').prompt, 'a'.repeat(3999));
  assert.deepEqual(readLink('?utm_source=x&fbclid=y', 'en').problems, []);
});

test('language and theme come from the link, else from the last visit, else from the browser', async () => {
  const { readLink } = await load('elements/link.ts');
  const visit = { lang: 'ko', theme: 'dark' };
  const of = ({ lang, theme }) => [lang, theme];
  assert.deepEqual(of(readLink('?lang=en&theme=light', 'en-US', visit)), ['en', 'light']);
  assert.deepEqual(of(readLink('', 'en-US', visit)), ['ko', 'dark']);
  assert.deepEqual(of(readLink('', 'ko-KR', { lang: 'xx', theme: 'pink' })), ['ko', 'auto']);
});
