/* bitloss budget: what a model needs, from its config alone. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json } from './command.mjs';

const config = (name) => golden('budget', `${name}.config.json`);

test('the bytes are those that inspect reads off the weights, recipe by recipe', () => {
  for (const name of [
    'tiny_llama',
    'tiny_llama3',
    'tiny_llama_bias',
    'tiny_qwen2',
    'tiny_qwen3',
    'tiny_llama_sharded',
    'tiny_llama_mlx4',
  ]) {
    const info = json(['inspect', golden(name)]);
    const recipes = info.costs.map((cost) => cost.recipe);
    const budget = json(['budget', golden(name), '--recipes', `reference,${recipes}`]);
    assert.equal(budget.n_params, info.n_params, name);
    const [stored, ...lanes] = budget.recipes;
    assert.equal(stored.weight_bytes, info.size_bytes, name);
    assert.deepEqual(
      lanes.map(({ recipe, weight_bytes }) => [recipe, weight_bytes]),
      info.costs.map(({ recipe, size_bytes }) => [recipe, size_bytes]),
      name,
    );
  }
});

test('the bytes are those that convert writes', (t) => {
  const recipe = 'q4_0/v_proj=q8_0/embed_tokens=bf16';
  const out = join(folder(t), 'out.gguf');
  const done = json([
    'convert',
    '--hf-path',
    golden('tiny_llama3'),
    '--out',
    out,
    '--recipe',
    recipe,
  ]);
  const [lane] = json(['budget', golden('tiny_llama3'), '--recipe', recipe]).recipes;
  assert.equal(lane.bits_per_weight, done.bits_per_weight);
});

test("7B is the lesson's table: 14 GB, a half of it, a quarter of it", () => {
  const { model, context, kv_dtype, recipes } = json(['budget', '7B']);
  assert.deepEqual([model, context, kv_dtype], ['Llama-2-7B', 4096, 'f16']);
  assert.deepEqual(
    recipes.map((lane) => lane.recipe),
    ['f16', 'affine:8:64', 'affine:4:64'],
  );
  assert.deepEqual(
    recipes.map((lane) => lane.weight_bytes),
    [13476831232, 7159816192, 3790741504],
  );
  assert.deepEqual(
    recipes.map((lane) => lane.kv_bytes),
    Array(3).fill(2 ** 31),
  );
  assert.deepEqual(
    recipes.map((lane) => lane.fits_gb),
    [
      [24, 64],
      [16, 24, 64],
      [8, 16, 24, 64],
    ],
  );
  for (const lane of recipes)
    assert.equal(lane.total_bytes, lane.weight_bytes + lane.kv_bytes + lane.activation_bytes);
});

test('a machine fits a model when it keeps a quarter of its memory', () => {
  const GB = 2 ** 30;
  for (const size of ['1B', '8B', '14B', '20B', '32B', '45B', '70B', '8x7B', '405B']) {
    const { recipes, fits_share } = json([
      'budget',
      size,
      '--recipes',
      'f16,affine:8:64,affine:2:64',
    ]);
    assert.equal(fits_share, 0.75);
    for (const lane of recipes)
      assert.deepEqual(
        lane.fits_gb,
        [8, 16, 24, 64].filter((gb) => lane.total_bytes <= 0.75 * gb * GB),
      );
  }
});

test('what is printed is what the help shows, and says its conditions', () => {
  const { out } = bitloss(['budget', '7B']);
  const example = bitloss(['budget', '--help'])
    .out.split('Examples\n')[1]
    .split('\n')
    .filter((line) => line.startsWith('      '))
    .map((line) => line.trim());
  assert.equal(example.length, 5);
  for (const line of example) assert.ok(out.includes(line), line);
  assert.match(out, /Context: 4,096 tokens, keys and values in f16, 64 tokens at a time\./);
  assert.match(out, /quarter left/);
  assert.match(out, /feed-forward +4,328,521,728 +64\.2%/);
  assert.match(out, /all +6,738,415,616/);
});

test('context, batch and types count', () => {
  const cost = (...args) =>
    json(['budget', config('Llama-3.1-8B'), '--recipe', 'affine:4:64', ...args]).recipes[0];
  const plain = cost('--context', '8192');
  assert.equal(plain.kv_bytes, 2 * 32 * 8 * 128 * 8192 * 2);
  assert.equal(cost('--context', '8192', '--kv-dtype', 'f32').kv_bytes, 2 * plain.kv_bytes);
  assert.equal(cost('--context', '16384').kv_bytes, 2 * plain.kv_bytes);
  assert.ok(cost('--batch', '128').activation_bytes > cost('--batch', '64').activation_bytes);
  const [bf16, f32] = ['bf16', 'f32'].map((dtype) => cost('--dtype', dtype).weight_bytes);
  assert.equal(f32 - bf16, ((8030261248 - 65 * 4096) / 64) * 4 + 65 * 4096 * 2); // scales, biases and norms
});

test('an encoder has no cache', () => {
  const info = json(['budget', config('distilbert-sst2')]);
  assert.equal(info.n_params, 66955010);
  assert.equal(info.batch, 512);
  assert.deepEqual(
    info.recipes.map((lane) => lane.kv_bytes),
    [0, 0, 0],
  );
  assert.doesNotMatch(bitloss(['budget', config('distilbert-sst2')]).out, /keys and values/);
});

test('a number of parameters is a Llama of that size', () => {
  for (const n of [3_000_000, 60_000_000, 6_000_000_000]) {
    const info = json(['budget', '--params', String(n)]);
    assert.ok(Math.abs(info.n_params / n - 1) < 0.01, `${n}: ${info.n_params}`);
    assert.equal(info.architecture, 'llama');
  }
});

test('all recipes can be counted at once', () => {
  const { recipes } = json(['budget', '1B', '--recipes', 'reference,all,affine:4:64']);
  assert.ok(recipes.length > 40);
  assert.equal(new Set(recipes.map((lane) => lane.recipe)).size, recipes.length);
});

test('a file in the folder comes before a size of that name', (t) => {
  const top = folder(t);
  mkdirSync(join(top, '7B'));
  cpSync(golden('tiny_llama', 'config.json'), join(top, '7B', 'config.json'));
  assert.equal(json(['budget', '7B'], { cwd: top }).n_params, 238208);
  assert.equal(json(['budget', '7B/config.json'], { cwd: top }).n_params, 238208);
});

function fails(args, sentence, status = 1) {
  const done = bitloss(['budget', ...args]);
  assert.equal(done.status, status, `${args}: ${done.err}`);
  assert.equal(done.out, '');
  assert.match(done.err, /^bitloss: [^\n]+\n$/);
  assert.match(done.err, sentence);
}

test('what is no model is refused in one sentence', (t) => {
  const top = folder(t);
  const path = join(top, 'config.json');
  fails([], /budget needs a model/, 2);
  fails([''], /is not a size/);
  fails(['7Q'], /there is no file 7Q, and '7Q' is not a size, expected a number of parameters/);
  fails(['11T'], /expected 1M to 10T/);
  fails(['/nonexistent/config.json'], /cannot open \/nonexistent\/config\.json: No such file/);
  fails([top], /cannot open .*config\.json: No such file/);
  fails(['7B', '--params', '1000000'], /--params stands for a model, so '7B' is one too many/);
  fails(['--params', '7'], /--params is '7', expected a whole number from 1000000/, 2);
  fails(['7B', '--recipe', 'affine:7'], /recipe 'affine:7'/, 2);
  fails(['7B', '--recipe', 'q4_0/nothing=bf16'], /pattern 'nothing' matches no matrix/);
  fails(['7B', '--context', '4097'], /the context is 4097 tokens, expected 1 to 4096/);
  fails(['7B', '--kv-dtype', 'q8_0'], /--kv-dtype is 'q8_0', expected f16, bf16 or f32/, 2);
  fails([golden('tiny_gguf', 'tiny_llama.gguf')], /is not the text of a config\.json/);
  for (const [text, sentence] of [
    ['', /config\.json: /],
    ['{', /config\.json: not valid JSON/],
    ['{}', /field 'model_type' is missing/],
    ['{"model_type": "t5"}', /field 'model_type' is 't5', expected llama/],
    ['{"model_type": "llama"}', /field 'hidden_size' is missing/],
    ['{}\0', /is not the text of a config\.json/],
  ]) {
    writeFileSync(path, text);
    fails([top], sentence);
  }
});
