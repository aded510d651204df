/* Methods in recipes: what they are given, what they leave behind, and when they are refused. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson, readSafetensors } from './command.mjs';

const model = golden('tiny_llama');
const convert = (out, recipe, ...more) =>
  bitloss(['convert', '--hf-path', model, '--out', out, '--recipe', recipe, ...more]);

/** A text that lies in the test's folder. */
function textIn(dir, name = 'words.txt') {
  const file = join(dir, name);
  writeFileSync(
    file,
    'The sea is wide and the boat is small.\n\nA fox sat by the river.\n\n'.repeat(40),
  );
  return file;
}

test('what is saved says which methods chose its codes, and on what text', (t) => {
  const dir = folder(t);
  const out = join(dir, 'out');
  const recipe = 'affine:4:64+imatrix+gptq+polish';
  const text = textIn(dir);
  const { status, err } = convert(out, recipe, '--calibrate', text, '--calibration-tokens', '500');
  assert.equal(status, 0, err);
  const config = readJson(join(out, 'config.json'));
  assert.deepEqual(config.bitloss, { recipe, calibration: '500 tokens of words.txt' });
  const card = readFileSync(join(out, 'README.md'), 'utf8');
  for (const part of [recipe, '`gptq`: ', '`polish`: ', 'Calibrated on 500 tokens of words.txt.'])
    assert.ok(card.includes(part), part);
});

test('a method changes codes and no size', (t) => {
  const dir = folder(t);
  const bytesOf = (recipe) => {
    const out = join(dir, recipe);
    const { status, err } = convert(out, recipe);
    assert.equal(status, 0, err);
    return readSafetensors(join(out, 'model.safetensors')).tensors;
  };
  const plain = bytesOf('affine:4:64');
  const searched = bytesOf('affine:4:64+search');
  assert.deepEqual([...searched.keys()], [...plain.keys()]);
  const name = 'model.layers.0.mlp.up_proj.weight';
  assert.equal(searched.get(name).bytes.length, plain.get(name).bytes.length);
  assert.ok(!searched.get(name).bytes.equals(plain.get(name).bytes));
});

test('codes do not depend on the number of threads', (t) => {
  const dir = folder(t);
  const text = textIn(dir);
  const [one, three] = ['1', '3'].map((threads) => {
    const out = join(dir, threads);
    const { status, err } = convert(
      out,
      'affine:3:64+search+gptq+polish',
      ...['--calibrate', text, '--threads', threads],
    );
    assert.equal(status, 0, err);
    return readFileSync(join(out, 'model.safetensors'));
  });
  assert.ok(one.equals(three));
});

test('a method that goes by a text is refused where there is none', (t) => {
  const { status, err } = convert(join(folder(t), 'out'), 'affine:4:64+gptq');
  assert.equal(status, 1);
  assert.match(
    err,
    /go by what the model's matrices are multiplied with on a text: name one with /,
  );
  assert.match(err, /--calibrate FILES/);
});

test('JSON lines and texts divided at <|end|> are calibrated on', (t) => {
  const dir = folder(t);
  const lines = join(dir, 'lines.jsonl');
  const divided = join(dir, 'divided.txt');
  writeFileSync(lines, '{"prompt":"The sea","answer":"is wide."}\n{"text":"A fox sat."}\n');
  writeFileSync(divided, 'The boat is small.\n\nVery.\n<|end|>A fox sat.\n<|end|>');
  const { lanes } = json([
    ...['compare', '--model', model, '--recipes', 'affine:4:64,affine:4:64+imatrix'],
    ...['--calibrate', `${lines},${divided}`],
  ]);
  assert.equal(lanes.length, 3);
  assert.notEqual(lanes[1].rmse, lanes[2].rmse);
  assert.equal(lanes[1].size_bytes, lanes[2].size_bytes);
  writeFileSync(lines, '{"question":"?"}\n');
  const { status, err } = bitloss([
    ...['compare', '--model', model, '--recipes', 'affine:4:64+imatrix', '--calibrate', lines],
  ]);
  assert.equal(status, 1);
  assert.match(err, /lines\.jsonl, line 1: fields 'text' and 'prompt' are missing/);
});

test('the help lists every method', () => {
  const { out } = bitloss(['help', 'recipes']);
  for (const method of ['search', 'imatrix', 'gptq', 'polish'])
    assert.match(out, new RegExp(`\\+${method} `));
  assert.match(out, /\+best is the best chain/);
});
