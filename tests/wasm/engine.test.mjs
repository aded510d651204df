/* What the engine gives for good files is what the real libraries give. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Engine } from '../../build/js/engine.js';
import {
  bitlossError,
  eventsOf,
  expected,
  expectedLogits,
  file,
  filesOf,
  models,
  readGolden,
} from './golden.mjs';

let engine;
before(async () => {
  engine = await Engine.create();
});

/** The largest difference between two arrays of the same length. */
function largestDifference(a, b) {
  assert.equal(a.length, b.length);
  return a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);
}

for (const name of models) {
  test(`${name}: the prompt's ids, the logits and the greedy text are the reference's`, async () => {
    const model = await engine.load(filesOf(name));
    const want = expected(name);
    assert.deepEqual(model.tokenize(want.prompt), want.ids);

    // Float32 sums in another order differ in the last digits; the margin between the two most
    // likely tokens is far wider at every step.
    const logits = await model.logits(want.ids);
    assert.ok(largestDifference(logits, expectedLogits(name)) < Math.min(1e-3, want.margin / 4));

    const events = await eventsOf(model.generate(want.prompt, { maxTokens: want.max_tokens }));
    const tokens = events.filter((event) => event.kind === 'token');
    const done = events.at(-1);
    assert.deepEqual(
      tokens.map((token) => token.id),
      want.greedy_ids,
    );
    assert.equal(done.text, want.greedy_text);
    assert.equal(done.stop, want.end);
    assert.equal(done.nTokens, want.greedy_ids.length);
    assert.equal(done.nPrompt, want.ids.length);
    model.free();
  });
}

test('the events of a generation tell its progress and its probabilities', async () => {
  const model = await engine.load(filesOf('tiny_llama'));
  const { prompt, ids } = expected('tiny_llama');
  const events = await eventsOf(model.generate(prompt, { maxTokens: 4 }));
  const prompts = events.filter((event) => event.kind === 'prompt');
  assert.equal(prompts.at(-1).done, ids.length);
  assert.ok(prompts.every((event) => event.total === ids.length));

  const vocabSize = model.info.vocabSize;
  const last = (await model.logits(ids)).subarray(-vocabSize);
  const max = Math.max(...last);
  const sum = last.reduce((total, logit) => total + Math.exp(logit - max), 0);
  const tokens = events.filter((event) => event.kind === 'token');
  assert.ok(Math.abs(tokens[0].probability - 1 / sum) < 1e-5);
  assert.deepEqual(
    tokens.map((token) => token.nTokens),
    [1, 2, 3, 4],
  );
  assert.ok(events.at(-1).decodeSpeed > 0 && events.at(-1).promptSpeed > 0);
  model.free();
});

test('a seed gives the same text again, another seed another', async () => {
  const model = await engine.load(filesOf('tiny_llama'));
  const write = async (seed) => {
    const options = { temperature: 1, topK: 50, topP: 0.95, seed, maxTokens: 16 };
    return (await eventsOf(model.generate('The wind', options))).at(-1).text;
  };
  assert.equal(await write(7), await write(7));
  assert.notEqual(await write(7), await write(8));
  model.free();
});

test('two generations of one model may go on side by side', async () => {
  const model = await engine.load(filesOf('tiny_llama'));
  const { prompt, max_tokens: maxTokens, greedy_text: text } = expected('tiny_llama');
  const runs = [1, 2].map(() => eventsOf(model.generate(prompt, { maxTokens })));
  for (const events of await Promise.all(runs)) assert.equal(events.at(-1).text, text);
  model.free();
});

test('a text comes back from its ids', async () => {
  const model = await engine.load(filesOf('tiny_llama'));
  const text = 'The old boat: 안녕, x = 12 → ü 🙂';
  const ids = model.tokenize(text, { addSpecial: false });
  assert.equal(model.decode(ids), text);
  assert.equal(model.decode(model.tokenize('')), '');
  // A character cut in two is not given out in halves.
  const cut = model.tokenize('🙂', { addSpecial: false }).slice(0, -1);
  assert.equal(model.decode(cut), '\ufffd');
  model.free();
});

test('sizes and bits per weight are those of the format', async () => {
  const model = await engine.load(filesOf('tiny_llama'), { recipe: 'affine:4:64', cast: 'bf16' });
  const { info } = model;
  assert.equal(info.recipe, 'affine:4:64');
  const tensors = model.tensors();
  const sum = (key) => tensors.reduce((total, tensor) => total + tensor[key], 0);
  assert.equal(sum('sizeBytes'), info.sizeBytes);
  assert.equal(sum('sourceBytes'), info.sourceBytes);
  for (const { name, format, nRows, nCols, sizeBytes } of tensors) {
    const isMatrix = nRows > 1; // Vectors are cast, not quantized.
    const codes = (nRows * nCols * 4) / 8;
    const groups = (nRows * nCols) / 64;
    assert.equal(format, isMatrix ? 'affine:4:64' : 'bf16', name);
    assert.equal(sizeBytes, isMatrix ? codes + 4 * groups : 2 * nCols, name);
  }
  assert.equal(info.bitsPerWeight, (8 * info.sizeBytes) / info.nParams);
  model.free();
});

test('the error of a tensor is that of its decoded rows', async () => {
  const original = await engine.load(filesOf('tiny_llama'));
  const model = await engine.load(filesOf('tiny_llama'), { recipe: 'affine:3:32' });
  const index = model.tensors().findIndex((tensor) => tensor.converted);
  const { nRows, error } = model.tensors()[index];
  const w = original.decodeRows(index, 0, nRows);
  const q = model.decodeRows(index, 0, nRows);
  let squares = 0;
  let signal = 0;
  let maxAbs = 0;
  w.forEach((value, i) => {
    const e = q[i] - value;
    squares += e * e;
    signal += value * value;
    maxAbs = Math.max(maxAbs, Math.abs(e));
  });
  assert.ok(Math.abs(error.rmse - Math.sqrt(squares / w.length)) < 1e-9);
  assert.ok(Math.abs(error.snrDb - 10 * Math.log10(signal / squares)) < 1e-6);
  assert.ok(Math.abs(error.maxAbs - maxAbs) < 1e-7);
  original.free();
  model.free();
});

test('the reference has no error', async () => {
  const model = await engine.load(filesOf('tiny_llama'));
  assert.deepEqual(model.error, { n: 0, rmse: 0, snrDb: Infinity, maxAbs: 0, cosine: 1 });
  model.free();
});

const recipes = [
  ['affine:4:64', 4.5, 5],
  ['affine:8:32', 9, 10],
  ['affine:2:128', 2.25, 2.5],
  ['bf16', 16, 16],
  ['reference', 0, 0],
];
for (const [text, at16, at32] of recipes) {
  test(`the recipe ${text} has ${at16} bits per weight with 16-bit scales`, () => {
    const recipe = engine.parseRecipe(text);
    assert.equal(recipe.text, text);
    assert.deepEqual(recipe.bitsPerWeight, { f32: at32, f16: at16, bf16: at16 });
  });
}

test('a wrong recipe is refused with what is possible', async () => {
  assert.throws(
    () => engine.parseRecipe('affine:7:64'),
    bitlossError('recipe', /7.*2, 3, 4, 5, 6 or 8/),
  );
  await assert.rejects(
    engine.load(filesOf('tiny_llama'), { recipe: 'affine:4:48' }),
    bitlossError('recipe', /48.*32, 64 or 128/),
  );
  assert.throws(() => engine.parseRecipe('q9\0_k'), bitlossError('recipe', /q9/));
});

/** The whole of an export's file. */
async function contentOf(exported, name) {
  const entry = exported.find((candidate) => candidate.name === name);
  const chunks = [];
  for await (const chunk of entry.stream()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  assert.equal(bytes.length, entry.size);
  return bytes;
}

/** A safetensors file's tensors: name to type, shape and bytes. */
function tensorsOf(bytes) {
  const headerSize = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + headerSize));
  delete header.__metadata__;
  const tensors = Object.entries(header).map(
    ([
      name,
      {
        dtype,
        shape,
        data_offsets: [from, to],
      },
    ]) => [
      name,
      { dtype, shape, bytes: bytes.subarray(8 + headerSize + from, 8 + headerSize + to) },
    ],
  );
  return Object.fromEntries(tensors);
}

test('an exported directory is what mlx_lm.convert wrote, and loads again', async () => {
  const model = await engine.load(filesOf('tiny_llama'), { recipe: 'affine:4:64' });
  const exported = model.export('mlx').files;
  const weights = await contentOf(exported, 'model.safetensors');
  assert.deepEqual(
    tensorsOf(weights),
    tensorsOf(readGolden('tiny_llama_mlx4', 'model.safetensors')),
  );

  const files = [];
  for (const { name } of exported) files.push(file(name, await contentOf(exported, name)));
  const again = await engine.load(files);
  assert.equal(again.info.container, 'mlx');
  const { prompt, greedy_text: text, max_tokens: maxTokens } = expected('tiny_llama_mlx4');
  assert.equal((await eventsOf(again.generate(prompt, { maxTokens }))).at(-1).text, text);
  again.free();
  model.free();
});

/** Numbers as a config may have them, and as Python's json.dumps(json.loads()) writes them. */
const numbers = [
  ['0.1', '0.1'],
  ['0.30000000000000004', '0.30000000000000004'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['-123.456e-2', '-1.23456'],
  ['-0.0', '-0.0'],
  ['1E+2', '100.0'],
  ['1e16', '1e+16'],
  ['1e23', '1e+23'],
  ['123456789012345680.0', '1.2345678901234568e+17'],
  // 2^-25 and 1051 * 2^-20 lie in the middle of two numbers of 17 digits; the even one is taken.
  ['2.98023223876953125e-08', '2.9802322387695312e-08'],
  ['0.00100231170654296875', '0.0010023117065429688'],
  // The middle of two doubles, and a digit far behind that decides.
  ['9007199254740993.0', '9007199254740992.0'],
  ['9007199254740993.00000000000000000000000000000000000000001', '9007199254740994.0'],
  // The smallest and the largest, and what is nearest to them.
  ['5e-324', '5e-324'],
  ['2.4703282292062327e-324', '0.0'],
  ['2.4703282292062328e-324', '5e-324'],
  ['2.2250738585072011e-308', '2.225073858507201e-308'],
  ['1.7976931348623158e308', '1.7976931348623157e+308'],
];

test("numbers of a config that bitloss does not know are exported as Python's json writes them", async () => {
  const config = readGolden('tiny_llama', 'config.json').toString();
  const read = numbers.map(([text]) => text);
  const files = filesOf('tiny_llama').filter(({ name }) => name !== 'config.json');
  files.push(file('config.json', config.replace('{', `{ "unknown": [${read.join(', ')}],`)));
  const model = await engine.load(files, { recipe: 'affine:4:64' });
  const exported = await contentOf(model.export('mlx').files, 'config.json');
  const [, written] = exported.toString().match(/"unknown": \[([^\]]*)\]/);
  assert.deepEqual(
    written.split(',').map((text) => text.trim()),
    numbers.map(([, text]) => text),
  );
  model.free();
});

test('an exported GGUF file loads again and says the same', async () => {
  const model = await engine.load(filesOf('tiny_llama'), { recipe: 'q8_0' });
  const { files } = model.export('gguf');
  assert.deepEqual(
    files.map(({ name }) => name),
    ['model.gguf'],
  );
  const again = await engine.load([file('model.gguf', await contentOf(files, 'model.gguf'))]);
  assert.equal(again.info.storedAs, 'q8_0');
  const portraits = [];
  for (const each of [model, again]) {
    const prompt = expected('tiny_llama').prompt;
    portraits.push((await eventsOf(each.generate(prompt, { maxTokens: 12 }))).at(-1).text);
    each.free();
  }
  assert.equal(portraits[1], portraits[0]);
});

test('every format that is listed quantizes a model, in each of its settings', async () => {
  const all = engine.formats().kinds.flatMap((kind) => kind.recipes.map((one) => [kind, one]));
  for (const [kind, { text: recipe, isInt8, bitsPerWeight: costs }] of all) {
    const { name } = kind;
    if (isInt8) {
      assert.ok(kind.int8Activations, recipe);
      assert.equal(engine.parseRecipe(recipe).text, recipe);
      continue;
    }
    const model = await engine.load(filesOf('tiny_llama'), { recipe });
    const changed = model.tensors().filter(({ converted }) => converted);
    if (kind.isMixture) {
      assert.deepEqual(costs, { f32: 0, f16: 0, bf16: 0 }, recipe);
    } else {
      assert.ok(
        changed.every(({ format }) => format.split(':')[0] === name),
        recipe,
      );
      // A few bytes more for what a row or the whole matrix shares.
      for (const { sizeBytes, nRows, nCols } of changed) {
        const extra = (8 * sizeBytes) / (nRows * nCols) - costs.f32;
        assert.ok(extra >= 0 && extra <= (8 * 8) / nCols, `${recipe}: ${extra}`);
      }
    }
    model.free();
  }
});
