/* Bad files and old browsers get one sentence, and the engine goes on. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { before, test } from 'node:test';
import binaryen from 'binaryen';
import { Engine } from '../../build/js/engine.js';
import { bitlossError, eventsOf, expected, file, filesOf, readGolden } from './golden.mjs';

let engine;
let intact;
before(async () => {
  engine = await Engine.create();
  intact = await engine.load(filesOf('tiny_llama'));
});

/** A model's files with one replaced, or left out where content is null. */
const filesWith = (name, content) => [
  ...filesOf('tiny_llama').filter((entry) => entry.name !== name),
  ...(content === null ? [] : [file(name, content)]),
];

/** The files are refused with this sentence, and the model loaded before them still writes. */
function refused(title, files, code, sentence) {
  test(title, async () => {
    await assert.rejects(engine.load(files()), bitlossError(code, sentence));
    assert.equal(engine.fault, null);
    const { prompt, greedy_text: text, max_tokens: maxTokens } = expected('tiny_llama');
    assert.equal((await eventsOf(intact.generate(prompt, { maxTokens }))).at(-1).text, text);
  });
}

const weights = readGolden('tiny_llama', 'model.safetensors');
const gguf = readGolden('tiny_gguf', 'tiny_llama.gguf');
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]);

refused('no files', () => [], 'input', /No file.*expected a \.gguf/);
refused(
  'a picture',
  () => [file('cat.jpg', jpeg)],
  'input',
  /cat\.jpg is a JPEG picture.*expected/,
);
refused('an empty file', () => [file('model', '')], 'input', /model is an empty file.*expected/);
refused(
  'a text',
  () => [file('notes.txt', 'Buy milk and also eggs')],
  'input',
  /notes\.txt is a text/,
);
refused(
  'several files, none of them a model',
  () => [file('a.jpg', jpeg), file('b.txt', 'b')],
  'input',
  /None of the 2 files \(a\.jpg, b\.txt\).*expected/,
);
refused(
  'texts without weights',
  () => filesWith('model.safetensors', null),
  'input',
  /config\.json.*without weights.*expected/,
);
refused('no config.json', () => filesWith('config.json', null), 'input', /config\.json/);
refused(
  'a picture that is called a model',
  () => [file('model.gguf', jpeg)],
  'input',
  /model\.gguf/,
);
refused(
  'a file cut short',
  () => filesWith('model.safetensors', weights.subarray(0, -1)),
  'input',
  /model\.safetensors/,
);
refused(
  'a GGUF file cut short',
  () => [file('m.gguf', gguf.subarray(0, 5000))],
  'input',
  /m\.gguf/,
);
refused(
  'an empty weight file',
  () => filesWith('model.safetensors', ''),
  'input',
  /model\.safetensors.*empty/,
);
refused(
  'a config that is no JSON',
  () => filesWith('config.json', '{"a":'),
  'input',
  /config\.json/,
);
refused(
  'a tokenizer that is no JSON',
  () => filesWith('tokenizer.json', '[1,'),
  'input',
  /tokenizer\.json/,
);
refused(
  'one of two weight files missing',
  () => filesOf('tiny_llama_sharded').filter(({ name }) => !name.includes('00002-of')),
  'input',
  /model-00002-of-00002\.safetensors/,
);
refused(
  'two models at once',
  () => [file('a.gguf', gguf), file('b.gguf', gguf)],
  'input',
  /2 GGUF files \(a\.gguf, b\.gguf\)/,
);
refused(
  'two kinds at once',
  () => [...filesOf('tiny_llama'), file('a.gguf', gguf)],
  'input',
  /both/,
);
refused(
  'the same name twice',
  () => [...filesOf('tiny_llama'), file('config.json', '{}')],
  'input',
  /config\.json was given twice/,
);

test('a file that cannot be read any more gives a sentence', async () => {
  const gone = new Blob(['x'.repeat(1000)]);
  gone.slice = () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) });
  const files = [{ name: 'model.safetensors', blob: gone }];
  await assert.rejects(
    engine.load(files),
    bitlossError('input', /model\.safetensors: could not be read/),
  );
});

test('a model without a tokenizer loads, gives logits, and says that it cannot read text', async () => {
  const model = await engine.load(filesWith('tokenizer.json', null));
  assert.equal(model.info.hasTokenizer, false);
  const logits = await model.logits([1, 2]);
  assert.equal(logits.length, 2 * model.info.vocabSize);
  const sentence = bitlossError('unsupported', /no tokenizer.*tokenizer\.json/);
  await assert.rejects(model.generate('x').next(), sentence);
  assert.throws(() => model.tokenize('x'), sentence);
  assert.throws(() => model.decode([1]), sentence);
  model.free();
});

test('impossible requests are refused', async () => {
  const argument = (sentence) => bitlossError('argument', sentence);
  await assert.rejects(intact.logits([-1]), argument(/-1/));
  await assert.rejects(intact.logits([1_000_000]), argument(/1000000/));
  assert.throws(() => intact.decodeRows(0, -1, 1), argument(/-1/));
  assert.throws(() => intact.decodeRows(99_999, 0, 1), argument(/99999/));
  await assert.rejects(intact.generate('wind '.repeat(5000)).next(), argument(/tokens long/));
});

/** A random but repeatable stream of numbers below `n`. */
function randomNumbers(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % n;
  };
}

test('files with random bytes changed never bring the engine down', async () => {
  const below = randomNumbers(2024);
  const config = readGolden('tiny_llama', 'config.json');
  const tokenizer = readGolden('tiny_llama', 'tokenizer.json');
  const damage = (bytes, area) => {
    const copy = Buffer.from(bytes);
    for (let i = 0; i <= below(4); i++) copy[below(area)] = below(256);
    return copy;
  };
  for (let i = 0; i < 150; i++) {
    const sets = [
      () => filesWith('model.safetensors', damage(weights, 2048)),
      () => [file('m.gguf', damage(gguf, 8192))],
      () => filesWith('config.json', damage(config, config.length)),
      () => filesWith('tokenizer.json', damage(tokenizer, tokenizer.length)),
    ];
    try {
      const model = await engine.load(sets[i % 4]());
      await eventsOf(model.generate('The wind', { maxTokens: 2 }));
      model.free();
    } catch (error) {
      assert.equal(error.name, 'BitlossError', error.stack);
      assert.ok(error.message.length > 0);
    }
    assert.equal(engine.fault, null);
  }
});

test('a trap in the module becomes a sentence, and only that engine is lost', async () => {
  const trapping = binaryen.parseText(`(module
    (memory (export "memory") 1)
    (func (export "_initialize"))
    (func (export "bw_alloc") (param i32) (result i32) (unreachable)))`);
  const lost = await Engine.create(trapping.emitBinary());
  const fault = bitlossError('unsupported', /stopped on a fault of its own: unreachable/);
  assert.throws(() => lost.parseRecipe('bf16'), fault);
  assert.throws(() => lost.parseRecipe('bf16'), fault);
  await assert.rejects(lost.load(filesOf('tiny_llama')), fault);
  assert.equal(lost.fault.code, 'unsupported');
  assert.equal(engine.parseRecipe('bf16').text, 'bf16');
});

test('a browser without SIMD is told what it lacks', async () => {
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  try {
    await assert.rejects(
      Engine.create(),
      bitlossError('browser', /no WebAssembly SIMD.*Safari 16\.4/),
    );
  } finally {
    WebAssembly.validate = validate;
  }
});

test('a browser without WebAssembly is told so', async () => {
  const original = globalThis.WebAssembly;
  globalThis.WebAssembly = undefined;
  try {
    await assert.rejects(Engine.create(), bitlossError('browser', /no WebAssembly:/));
  } finally {
    globalThis.WebAssembly = original;
  }
});

const compiled = (name) =>
  new WebAssembly.Module(
    fs.readFileSync(new URL(`../../build/wasm/${name}-simd128.wasm`, import.meta.url)),
  );

test('the modules import only a clock and decimal numbers, and the one with methods whom to tell how far it is', () => {
  for (const name of ['bitloss', 'bitloss-full', 'bitloss-train']) {
    const imports = WebAssembly.Module.imports(compiled(name));
    assert.deepEqual(imports.map((entry) => entry.name).sort(), [
      'bw_now',
      ...(name === 'bitloss-full' ? ['bw_progress'] : []),
      'bw_read_number',
      'bw_write_digits',
    ]);
  }
});

/** What the files export that wasm/build.mjs leaves out of the small module. */
const rare = ['save', 'layers', 'chat', 'classify', 'outline', 'vocab', 'methods'].flatMap(
  (name) => {
    const source = fs.readFileSync(
      new URL(`../../wasm/exports_${name}.c`, import.meta.url),
      'utf8',
    );
    return [...source.matchAll(/EXPORT\((\w+)\)/g)].map(([, exported]) => exported);
  },
);

test('the trainer’s module has what the first one has, and training besides', () => {
  const exportsOf = (name) => WebAssembly.Module.exports(compiled(name)).map((entry) => entry.name);
  const trains = (name) => name.startsWith('bw_training_');
  const own = exportsOf('bitloss-train');
  assert.equal(own.filter(trains).length, 7);
  assert.deepEqual(own.filter((name) => !trains(name)).sort(), exportsOf('bitloss').sort());
});

test('the small module lacks what the page seldom needs, which is said in a sentence, and nothing else', async () => {
  const exportsOf = (name) => WebAssembly.Module.exports(compiled(name)).map((entry) => entry.name);
  const small = exportsOf('bitloss');
  assert.deepEqual(
    small,
    exportsOf('bitloss-full').filter((name) => !rare.includes(name)),
  );
  const engine = await Engine.create(compiled('bitloss'));
  const model = await engine.load(filesOf('tiny_llama'), { recipe: 'q8_0' });
  assert.throws(() => model.export('gguf'), bitlossError('unsupported', /cannot write files/));
  assert.ok(model.tokenize('Once').length > 0);
  model.free();
});
