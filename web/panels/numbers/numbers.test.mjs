/* The bits of numbers: what codes mean and what numbers round to is what the core says, and a learner
 * flips bits and types numbers, in a page without a model too. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Engine } from '../../../build/js/engine.js';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { lesson, usePages } from '../../../tests/web/foreign.mjs';
import { useModules } from '../../../tests/web/modules.mjs';

const modules = useModules();
let numbers;
let engine;
before(async () => {
  numbers = await modules.load('web/panels/numbers/formats.ts');
  engine = await Engine.create();
});
after(() => modules.close());

const COLS = 64;

/** What the core makes of rows of 64 weights: those of the embedding of a model that has little else.
 * `words` are the bits of each, stored as `dtype`. */
async function throughCore(words, dtype, recipe) {
  const nRows = words.length / COLS;
  const entries = { 'model.embed_tokens.weight': [nRows, COLS] };
  for (const name of ['q', 'k', 'v', 'o'])
    entries[`model.layers.0.self_attn.${name}_proj.weight`] = [COLS, COLS];
  for (const name of ['gate', 'up', 'down'])
    entries[`model.layers.0.mlp.${name}_proj.weight`] = [COLS, COLS];
  for (const name of ['layers.0.input_layernorm', 'layers.0.post_attention_layernorm', 'norm'])
    entries[`model.${name}.weight`] = [COLS];
  let end = 0;
  const header = {};
  for (const [name, shape] of Object.entries(entries)) {
    const from = end;
    end += shape.reduce((a, b) => a * b, words.BYTES_PER_ELEMENT);
    header[name] = { dtype, shape, data_offsets: [from, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(text.length), true);
  const data = new Uint8Array(end);
  data.set(new Uint8Array(words.buffer));
  const config = {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: nRows,
    hidden_size: COLS,
    intermediate_size: COLS,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    max_position_embeddings: 64,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
  };
  const files = [
    { name: 'config.json', blob: new Blob([JSON.stringify(config)]) },
    { name: 'model.safetensors', blob: new Blob([size, text, data]) },
  ];
  const model = await engine.load(files, { recipe });
  const index = model.tensors().findIndex(({ name }) => name === 'model.embed_tokens.weight');
  const values = model.decodeRows(index, 0, nRows);
  model.free();
  return values;
}

/** Numbers to round, with `last` at the end of every `group`, which makes its scale 1. */
function inGroups(values, group, last) {
  const rows = [];
  for (let at = 0; at < values.length; at += group - 1) {
    const some = values.slice(at, at + group - 1);
    rows.push(...some, ...Array(group - 1 - some.length).fill(0), last);
  }
  // A single row would be no matrix, and left alone.
  while (rows.length % COLS > 0 || rows.length < 2 * COLS) rows.push(0);
  for (let at = group - 1; at < rows.length; at += group) rows[at] = last;
  return Float32Array.from(rows);
}

/** Each value of a format, what lies in the middle between two, and what lies beside that. */
function near(values) {
  const middles = values.slice(1).map((value, i) => Math.fround((value + values[i]) / 2));
  return [...values, ...middles.flatMap((m) => [m, m * (1 + 2 ** -20), m * (1 - 2 ** -20)])];
}

const all = (n) => Array.from({ length: n }, (_, i) => i);

for (const [id, dtype, recipe] of [
  ['fp16', 'F16', 'f16'],
  ['bf16', 'BF16', 'bf16'],
]) {
  test(`all 65,536 codes of ${id} mean what the core reads in them`, async () => {
    const format = numbers.formatNamed(id);
    const values = await throughCore(Uint16Array.from(all(65536)), dtype, 'reference');
    for (const [code, value] of values.entries())
      assert.ok(Object.is(numbers.decode(format, code, 1), value), `${code}: ${value}`);
    // e5m2 is the upper half of an f16.
    if (id === 'fp16')
      for (const code of all(256))
        assert.ok(
          Object.is(numbers.decode(numbers.formatNamed('e5m2'), code, 1), values[code << 8]),
        );
  });

  test(`${id} rounds as the core does, halves and the smallest too`, async () => {
    const format = numbers.formatNamed(id);
    const some = all(1500).map((i) => numbers.decode(format, (i * 43) % 65536, 1));
    const values = some.filter(Number.isFinite).flatMap((value) => {
      const next = numbers.decode(format, numbers.encode(format, value, 1) + 1, 1);
      return [(value + next) / 2, value * 1.0003, value * 0.9996];
    });
    const rows = Float32Array.from([...values, 65519.99, 3e-8, 2.9e-8, 2e-45]);
    const padded = new Float32Array(Math.ceil(rows.length / COLS) * COLS);
    padded.set(rows.map((value) => (Number.isFinite(value) ? value : 0)));
    const rounded = await throughCore(padded, 'F32', recipe);
    for (const [i, value] of padded.entries()) {
      const own = numbers.decode(format, numbers.encode(format, value, 1), 1);
      assert.ok(Object.is(own, rounded[i]), `${value}: ${own}, not ${rounded[i]}`);
    }
  });
}

for (const [id, recipe, group, absmax] of [
  ['e4m3', 'mxfp8', 32, 448],
  ['e2m1', 'mxfp4', 32, 6],
  ['nf4', 'nf4', 64, 1],
  ['int4', 'channel:4', 64, 1],
  ['int8', 'channel:8', 64, 0.3],
]) {
  test(`${id} has the values of the core's ${recipe}, and rounds to them as it does`, async () => {
    const format = numbers.formatNamed(id);
    const values = numbers.valuesOf(format, absmax);
    const expected = { e4m3: 253, e2m1: 15, nf4: 16, int4: 15, int8: 255 };
    assert.equal(values.length, expected[id]);
    const weights = inGroups(near(values), group, absmax);
    const rounded = await throughCore(weights, 'F32', recipe);
    for (const [i, value] of weights.entries()) {
      const own = numbers.decode(format, numbers.encode(format, value, absmax), absmax);
      assert.equal(own + 0, rounded[i] + 0, `${value}`);
    }
    // Those in order, the codes are too: each code is its own number's.
    for (const code of all(2 ** numbers.bitsOf(format))) {
      const value = numbers.decode(format, code, absmax);
      const isSpare = Number.isNaN(value) || Object.is(value, -0);
      if (isSpare || (format.kind === 'integer' && code === 2 ** (format.bits - 1))) continue;
      assert.equal(numbers.encode(format, value, absmax), code);
    }
  });
}

test('beyond its range a format has infinity, or its largest number', () => {
  const rounded = (id, value) => {
    const format = numbers.formatNamed(id);
    return numbers.decode(format, numbers.encode(format, value, 1), 1);
  };
  assert.equal(rounded('fp16', 65520), Infinity);
  assert.equal(rounded('e5m2', -61440), -Infinity);
  assert.equal(rounded('e5m2', 61439), 57344);
  assert.equal(rounded('e4m3', 1000), 448);
  assert.equal(rounded('e2m1', -1000), -6);
  assert.equal(rounded('int4', 1000), 1);
});

test('float32 is the number itself, and its bits are those of the machine', () => {
  const fp32 = numbers.formatNamed('fp32');
  const view = new DataView(new ArrayBuffer(4));
  for (const value of [0.1, -2.5, 1e-40, 3.4e38, 1 / 3, -0]) {
    view.setFloat32(0, value);
    const code = numbers.encode(fp32, value, 1);
    assert.equal(code, view.getUint32(0), `${value}`);
    assert.ok(Object.is(numbers.decode(fp32, code, 1), Math.fround(value)));
  }
});

test('a flipped bit changes one power of two', () => {
  assert.equal(numbers.flip(0b0101, 1), 0b0111);
  assert.equal(numbers.flip(2 ** 31, 31), 0);
  assert.equal(numbers.bitAt(2 ** 31 + 1, 31), 1);
});

test('what is typed is a number, or none', () => {
  for (const [text, value] of [
    ['0.1', 0.1],
    [' -3,5 ', -3.5],
    ['−2', -2],
    ['−1.5e−7', -1.5e-7],
    ['.5', 0.5],
    ['1e-3', 0.001],
    ['', null],
    ['1e999', null],
    ['0x10', null],
    ['12a', null],
  ])
    assert.equal(numbers.parseNumber(text), value, text);
});

describe('in a page', () => {
  const site = useBrowser();
  const pages = usePages({
    'numbers.html': lesson('<bitloss-numbers></bitloss-numbers>', { lang: 'ko' }),
  });
  /** What a row says its code is worth, and its bits. */
  async function read(page, id) {
    const row = page.locator(`[data-format="${id}"]`);
    const bits = await row.locator('.bits button').allTextContents();
    const result = await row.locator('.result').textContent();
    return [result.trim(), bits.join('').replace(/\s/g, '')];
  }

  test('a number is typed, a bit is flipped by keyboard, and no model is fetched for it', async () => {
    const page = await site.openPage({ url: `${pages.url}numbers.html` });
    const panel = page.locator('bitloss-panel-numbers');
    await panel.getByLabel('수', { exact: true }).fill('-0,7');
    assert.deepEqual(await read(page, 'e2m1'), ['−0.5 오차 0.200 (28.6%)', '1001']);
    assert.deepEqual(await read(page, 'nf4'), ['−0.696192801 오차 0.00381 (0.54%)', '0001']);
    assert.deepEqual(await read(page, 'int4'), ['−0.714285731 오차 0.0143 (2.0%)', '1011']);

    // From -0.5 to -1, by the exponent's lower bit.
    await panel.locator('[data-format="e2m1"] [tabindex="0"]').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    assert.deepEqual(await read(page, 'e2m1'), ['−1.5 오차 없음', '1011']);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    assert.deepEqual(await read(page, 'e2m1'), ['−1 오차 없음', '1010']);
    assert.equal(await panel.getByLabel('수', { exact: true }).inputValue(), '−1');
    assert.deepEqual(await read(page, 'bf16'), ['−1 오차 없음', '1011111110000000']);

    await panel.getByLabel('수', { exact: true }).fill('many');
    await panel.getByText('수가 아닙니다').waitFor();
    const asked = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name),
    );
    assert.ok(asked.length > 0);
    assert.deepEqual(
      asked.filter((url) => /models|wasm/.test(url)),
      [],
    );
    assert.equal(
      await page.locator('bitloss-numbers').getByRole('heading').first().textContent(),
      '숫자 형식을 비트로 보기',
    );
  });

  test('nothing was asked of any other machine, and no error went uncaught', () => {
    assert.deepEqual(site.strays, []);
    assert.deepEqual(site.uncaught, []);
  });
});
