/* The page's own logic, without a page: both languages, agreement of texts, numbers. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { root, useModules } from './modules.mjs';

const modules = useModules();
const load = (file) => modules.load(`web/${file}`);

after(() => modules.close());

/** Every text of a language as [key, text]; functions are called with numbers as text, or with the
 * kind of error where they ask for one, and then without the core's sentence in Korean (core_errors.test.mjs). */
function texts(object, prefix = '') {
  return Object.entries(object).flatMap(([key, value]) => {
    if (typeof value === 'object') return texts(value, `${prefix}${key}.`);
    const given = `${prefix}${key}` === 'problems.core' ? ['input', '3'] : ['2', '3', '4', '5'];
    const text = typeof value === 'function' ? value(...given) : value;
    return [[prefix + key, text]];
  });
}

/** Every word of a language: what all parts share, and what is in a folder of its own under its name. */
async function allWords(lang) {
  const { messages } = await load('i18n/index.ts');
  const folders = ['panels', 'site', 'elements', 'controls', 'report'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, 'web', folder), { recursive: true })
      .filter((name) => /^(.*\/)?(ko|heading)\.ts$/.test(name))
      .map((name) => path.join(folder, name)),
  );
  assert.ok(folders.length > 20);
  const own = folders.map(async (file) => {
    const name = path.basename(path.dirname(file));
    if (path.basename(file) !== 'heading.ts')
      return texts((await load(file.replace('ko.ts', `${lang}.ts`)))[lang], `${name}.`);
    return [[`${name}.heading`, (await load(file)).heading[lang]]];
  });
  return new Map([...texts(messages[lang]), ...(await Promise.all(own)).flat()]);
}

test('every text is there in Korean, in Korean', async () => {
  const korean = await allWords('ko');
  // Names and signs that are the same in every language.
  const international = new Set([
    'source.addressPlaceholder',
    'prompt.shortcut',
    'compare.yAxis',
    'tensors.scaleLabel',
    'tensors.columns.snr',
    'tensors.columns.rmse',
    'words.kl',
    'measure.nats',
    'notes.sentence',
    'budget.sources.config',
    'budget.standards.f16',
    'budget.standards.affine:8:64',
    'budget.standards.affine:4:64',
    'sweep.onFrontMark',
    'report.headings.kl99',
  ]);
  for (const [key, english] of await allWords('en')) {
    assert.ok(korean.get(key), `${key} is missing`);
    if (international.has(key) || /^formats\.(families\.|kinds\.\w+\.name$)/.test(key)) continue;
    assert.notEqual(korean.get(key), english, key);
    assert.match(korean.get(key), /[가-힣]/, key);
  }
});

const run = (ids, stop = 'length') => ({
  serial: 1,
  tokens: ids.map((id) => ({ id, text: String(id), probability: 1 })),
  tail: '',
  stop,
});

test('texts agree until the first token whose id differs', async () => {
  const { compareRuns } = await load('experiment/agreement.ts');
  assert.deepEqual(compareRuns(run([1, 2, 3]), run([1, 2, 3])), {
    kind: 'same',
    nTokens: 3,
    finished: true,
  });
  assert.deepEqual(compareRuns(run([1, 2, 3]), run([1, 9, 3])), { kind: 'differs', index: 1 });
  // Still writing: what is not there yet is no difference.
  assert.deepEqual(compareRuns(run([1, 2, 3]), run([1], null)), {
    kind: 'same',
    nTokens: 1,
    finished: false,
  });
  // One ended by itself where the other goes on.
  assert.deepEqual(compareRuns(run([1, 2, 3]), run([1], 'end')), { kind: 'differs', index: 1 });
  assert.deepEqual(compareRuns(run([1], 'end'), run([1, 2])), { kind: 'differs', index: 1 });
  // One was cut off by the reader.
  assert.deepEqual(compareRuns(run([1], 'cancelled'), run([1, 2])), {
    kind: 'same',
    nTokens: 1,
    finished: true,
  });
});

/** The kinds of the core's remarks: what its calls of bl_note_add have as their third argument. */
function noteKinds() {
  const core = path.join(root, 'core');
  const files = fs.readdirSync(core, { recursive: true }).filter((name) => name.endsWith('.c'));
  const sources = files.map((name) => fs.readFileSync(path.join(core, name), 'utf8'));
  const call = /\bbl_note_add\(\s*[^,;{]+,\s*[^,;{]+,\s*("[\w-]+"|[\w>.-]+)\s*,/g;
  const beside = /\bparse_beside\(\s*[^,;{]+,\s*[^,;{]+,\s*"([\w-]+)"/g;
  const passed = sources.flatMap((source) => [...source.matchAll(beside)].map(([, kind]) => kind));
  const named = /TOO_MANY\b[^"]*"([\w-]+)"/.exec(sources.join(''));
  const found = sources.flatMap((source) => [...source.matchAll(call)].map(([, kind]) => kind));
  // Passed on from another list of remarks, or by those that call parse_beside.
  const literals = found.filter((kind) => !/->|^(char|kind)$/.test(kind));
  assert.ok(
    literals.every((kind) => kind.startsWith('"')),
    literals.join(' '),
  );
  const unquoted = literals.map((kind) => kind.slice(1, -1));
  return new Set([...unquoted, ...passed, ...(named ? [named[1]] : [])]);
}

test('every remark that the core can make has words in both languages', async () => {
  const { messages } = await load('i18n/index.ts');
  const kinds = noteKinds();
  assert.ok(kinds.size >= 5);
  for (const kind of kinds) {
    for (const lang of ['en', 'ko'])
      assert.ok(messages[lang].notes.kinds[kind], `web/i18n/notes.${lang}.ts lacks '${kind}'`);
  }
});

test('a remark is told in the language of the reader, one of a new kind as the core says it', async () => {
  const { messages } = await load('i18n/index.ts');
  const { describeNote, ownNotes } = await load('controls/notes.ts');
  const message = "tensor 'a' has 1234 weights that are not finite";
  const note = { kind: 'not-finite', subject: 'a', count: 1234, message };
  assert.equal(describeNote(messages.en, note), `Weights that are not finite: ${message}.`);
  assert.equal(
    describeNote(messages.ko, note),
    `텐서 a에 NaN이나 무한대인 가중치가 1,234개 있습니다. (${message})`,
  );
  const unknown = { ...note, kind: 'something-else' };
  assert.equal(describeNote(messages.ko, unknown), message);
  assert.deepEqual(ownNotes([note, unknown], [{ ...note }]), [unknown]);
});

test('Korean says things as Korean does, and the same thing in the same word', async () => {
  const words = await allWords('ko');
  for (const [key, text] of words) {
    // Not these: hurt places, lanes of a road, bundles, mistakes (which is also "real numbers").
    assert.doesNotMatch(
      text,
      /상한 |상했|레인|묶음|실수|활성값|부동소수(?!점)|첫째|퍼플렉서티/,
      key,
    );
    // A particle that must follow the sound of a name that is put in is written for both, or not at all.
    assert.doesNotMatch(text, /[을를은는이가와과]\([을를은는이가와과]\)/, key);
  }
  assert.equal(words.get('words.heading'), '예측이 나빠진 곳');
  assert.equal(words.get('words.legendMore'), '많이 나빠짐');
  assert.equal(words.get('lanes.activations'), '활성화 값');
  const { messages } = await load('i18n/index.ts');
  const { ko } = await load('panels/lanes/ko.ts');
  assert.equal(messages.ko.lane.variant('A'), '비교군 A');
  assert.match(ko.firstDifference('1'), /^첫 번째 토큰/);
  assert.match(ko.firstDifference('3'), /^3번째 토큰/);
});

test('a character spread over several tokens is shown as one', async () => {
  const { textAt } = await load('experiment/agreement.ts');
  const token = (text) => ({ id: 0, text, probability: 1 });
  const spread = {
    ...run([]),
    tokens: [token('a'), token(''), token(''), token('강'), token('b')],
  };
  assert.deepEqual(textAt(spread, 1), { text: '강', end: 4, isTail: false });
  // A Korean word may begin with a token that is a space and the first byte of a syllable.
  const word = { ...run([]), tokens: [token('a'), token(' '), token('서'), token('연')] };
  assert.deepEqual(textAt(word, 1), { text: ' 서', end: 3, isTail: false });
  const unfinished = { ...run([]), tokens: [token('a'), token('')], tail: '\ufffd' };
  assert.deepEqual(textAt(unfinished, 1), { text: '\ufffd', end: 2, isTail: true });
});

test('a text that ends within a character shows what is whole of it', async () => {
  const { visibleToken, whole } = await load('experiment/agreement.ts');
  assert.equal(whole('강물\ufffd'), '강물');
  assert.equal(whole('\ufffd\ufffd'), '');
  assert.equal(whole('a\ufffdb'), 'a\ufffdb');
  const tokens = [{ id: 7, text: '', probability: 1 }];
  assert.equal(visibleToken({ ...run([]), tokens, tail: '\ufffd' }, 0, 'end'), '#7');
});

test('numbers carry a unit and a sensible precision', async () => {
  const { Format, relativeError } = await load('format.ts');
  const format = new Format('en');
  assert.equal(format.bytes(151040), '151 KB');
  assert.equal(format.bytes(75_700_000), '75.7 MB');
  assert.equal(format.bytes(999), '999 B');
  assert.equal(format.percent(0.2812), '28.1%');
  assert.equal(format.percent(1.4), '140%');
  assert.equal(format.percent(0.0057), '0.57%');
  assert.equal(format.small(0.02), '0.0200');
  assert.equal(format.small(0.000012), '1.20e-5');
  assert.equal(format.parameters(134_515_008), '135M');
  assert.equal(format.parameters(1_235_814_400), '1.2B');
  // 20 dB is a tenth of the amplitude, 40 dB a hundredth.
  assert.equal(relativeError(20), 0.1);
  assert.equal(relativeError(40), 0.01);
  assert.equal(relativeError(Infinity), 0);
});

test('the map has a row per kind and a column per layer, for each naming scheme', async () => {
  const { toGrid } = await load('panels/tensors/grid.ts');
  const tensor = (name, converted = true) => ({ name, converted });
  const llama = toGrid([
    tensor('model.embed_tokens.weight'),
    tensor('model.layers.0.self_attn.q_proj.weight'),
    tensor('model.layers.2.self_attn.q_proj.weight'),
    tensor('model.layers.0.input_layernorm.weight', false),
    tensor('lm_head.weight'),
  ]);
  assert.equal(llama.nLayers, 3);
  assert.deepEqual(
    llama.rows.map(({ kind, cells }) => [kind, cells.map((cell) => cell !== null)]),
    [
      ['embed', [true]],
      ['q', [true, false, true]],
      ['head', [true]],
    ],
  );
  const gpt2 = toGrid([
    tensor('transformer.h.1.attn.c_attn.weight'),
    tensor('transformer.wte.weight'),
  ]);
  assert.deepEqual(
    gpt2.rows.map(({ kind }) => kind),
    ['embed', 'c_attn'],
  );
  assert.ok(toGrid([tensor('model.layers.999999999.x.weight')]).nLayers <= 1000);
});

test('marks of lanes that measure the same stand side by side, each at its own height', async () => {
  const { spread } = await load('panels/compare/plot.ts');
  const apart = (points, xs) => {
    for (let i = 0; i < xs.length; i++) {
      for (let j = 0; j < i; j++)
        assert.ok(Math.hypot(xs[i] - xs[j], points[i].y - points[j].y) >= 22, `${i} covers ${j}`);
    }
  };
  const alone = [
    { x: 10, y: 10 },
    { x: 50, y: 10 },
    { x: 10, y: 40 },
  ];
  assert.deepEqual(spread(alone, 22, 100), [10, 50, 10]);
  const alike = [
    { x: 30, y: 10 },
    { x: 30, y: 10 },
    { x: 31, y: 14 },
    { x: 48, y: 10 },
  ];
  const xs = spread(alike, 22, 200);
  assert.equal(xs[0], 30);
  assert.equal(xs[1], 60);
  apart(alike, xs);
  const atTheEdge = [
    { x: 95, y: 10 },
    { x: 95, y: 10 },
    { x: 90, y: 12 },
  ];
  const left = spread(atTheEdge, 22, 100);
  assert.ok(Math.max(...left) <= 100);
  apart(atTheEdge, left);
});

test('an experiment touches nothing of the page that it is in', () => {
  const folder = path.join(root, 'web/experiment');
  const files = fs.readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ts'));
  assert.ok(files.length > 20);
  for (const name of files) {
    const source = fs.readFileSync(path.join(folder, name), 'utf8');
    const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    const touched = /\b(document|window|location|history|navigator|(local|session)Storage)\b/.exec(
      code,
    );
    assert.equal(touched?.[0], undefined, name);
  }
});
