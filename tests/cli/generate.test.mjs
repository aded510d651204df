/* bitloss generate and bitloss compare. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, command, folder, golden, json, readJson, readSafetensors } from './command.mjs';

const models = [
  'tiny_llama',
  'tiny_llama3',
  'tiny_llama_bias',
  'tiny_llama_mlx4',
  'tiny_llama_mlx_mixed',
  'tiny_llama_sharded',
  'tiny_qwen2',
  'tiny_qwen3',
];

for (const name of models) {
  test(`generate continues ${name} as mlx_lm does`, () => {
    const expected = readJson(golden(name, 'expected.json'));
    const found = json([
      'generate',
      '--model',
      golden(name),
      '--prompt',
      expected.prompt,
      '--max-tokens',
      String(expected.max_tokens),
    ]);
    assert.deepEqual(found.ids, expected.greedy_ids);
    assert.equal(found.text, expected.greedy_text);
    assert.equal(found.stop, expected.end);
    assert.equal(found.prompt_tokens, expected.ids.length);
    assert.equal(found.recipe, 'reference');
  });
}

/* A model whose first token, by mlx_lm's greedy text, is made the end of its text. */
test('a model that ends its text at once is said to have a chat template that was left out', (t) => {
  const expected = readJson(golden('tiny_llama', 'expected.json'));
  const dir = join(folder(t), 'model');
  cpSync(golden('tiny_llama'), dir, { recursive: true });
  const config = readJson(join(dir, 'config.json'));
  writeFileSync(
    join(dir, 'config.json'),
    JSON.stringify({ ...config, eos_token_id: expected.greedy_ids[0] }),
  );
  const hint =
    /note: the model ended its text at once; it has a chat template, which --ignore-chat-template left/;
  const args = ['--model', dir, '--prompt', expected.prompt, '-m', '4'];
  assert.match(bitloss(['generate', ...args]).err, /note: the model ended its text at once\n/);
  writeFileSync(join(dir, 'tokenizer_config.json'), JSON.stringify({ chat_template: '{{ x }}' }));
  args.push('--ignore-chat-template');
  const { status, out, err } = bitloss(['generate', ...args, '--json']);
  assert.equal(status, 0);
  assert.match(err, hint);
  assert.deepEqual(JSON.parse(out).ids, []);
  const compared = bitloss(['compare', ...args, '--recipes', 'affine:4:64']).err;
  assert.equal(compared.match(/ended its text at once/g).length, 1);
  assert.match(compared, hint);
  assert.doesNotMatch(
    bitloss(['generate', '--model', golden('tiny_llama'), ...args.slice(2)]).err,
    /at once/,
  );
});

/* mlx_lm 0.32.2 adds special tokens only to a prompt that does not begin with BOS. */
test('BOS that the prompt begins with is not doubled, in generate, prompts and compare', (t) => {
  const expected = readJson(golden('tiny_llama3', 'expected.json'));
  const dir = golden('tiny_llama3');
  const prompts = [expected.prompt, `<s>${expected.prompt}`];
  for (const prompt of prompts) {
    const found = json(['generate', '--model', dir, '--prompt', prompt, '-m', '8']);
    assert.equal(found.prompt_tokens, expected.ids.length);
    assert.deepEqual(found.ids, expected.greedy_ids.slice(0, 8));
  }
  const args = ['compare', '--model', dir, '--recipes', 'affine:2:64', '-m', '8'];
  const [plain, written] = prompts.map((p) => json([...args, '--prompt', p]).lanes[0].ids);
  assert.deepEqual(plain, written);
  const counted = (list) => {
    const file = join(folder(t), 'prompts.txt');
    writeFileSync(file, list.map((prompt) => `${prompt}\n`).join(''));
    return json([...args, '--prompts', file]).lanes[1].prompts;
  };
  assert.deepEqual(counted(prompts), counted([prompts[0], prompts[0]]));
});

/* transformers 5 takes rope_scaling for an older name of rope_parameters, which has rope_theta. */
test('rope_theta inside rope_scaling counts, in the text and in a GGUF made of the model', (t) => {
  const expected = readJson(golden('tiny_qwen2', 'expected.json'));
  const dir = join(folder(t), 'model');
  cpSync(golden('tiny_qwen2'), dir, { recursive: true });
  const { rope_theta: theta, ...config } = readJson(join(dir, 'config.json'));
  assert.ok(theta !== 10000, 'this test needs a theta that is not the default');
  const gguf = join(dir, '..', 'model.gguf');
  for (const inner of [
    { rope_scaling: { rope_theta: theta } },
    { rope_parameters: { rope_theta: theta } },
  ]) {
    writeFileSync(join(dir, 'config.json'), JSON.stringify({ ...config, ...inner }));
    const args = ['--prompt', expected.prompt, '-m', String(expected.max_tokens)];
    assert.deepEqual(json(['generate', '--model', dir, ...args]).ids, expected.greedy_ids);
    assert.equal(bitloss(['convert', '--hf-path', dir, '--out', gguf]).status, 0);
    const { metadata } = json(['inspect', gguf]);
    assert.equal(Number(metadata['qwen2.rope.freq_base']), theta);
    rmSync(gguf);
  }
});

test('a recipe gives the text of the model that mlx_lm quantized', () => {
  const expected = readJson(golden('tiny_llama_mlx4', 'expected.json'));
  const found = json([
    'generate',
    '--model',
    golden('tiny_llama'),
    '--recipe',
    'affine:4:64',
    '--prompt',
    expected.prompt,
    '--max-tokens',
    '24',
  ]);
  assert.deepEqual(found.ids, expected.greedy_ids);
  assert.equal(found.recipe, 'affine:4:64');
});

test('text goes to stdout, and nothing else when it is a pipe', () => {
  const expected = readJson(golden('tiny_llama', 'expected.json'));
  const args = ['generate', '--model', golden('tiny_llama'), '--max-tokens', '24', '--prompt'];
  const { status, out, err } = bitloss([...args, expected.prompt]);
  assert.equal(status, 0);
  assert.equal(err, '');
  assert.equal(out.replace(/\n$/, ''), expected.greedy_text);
  assert.equal(
    bitloss([...args, '-'], { input: expected.prompt }).out,
    out,
    '--prompt - reads stdin',
  );
});

test('the same seed draws the same text, another draws another', () => {
  const draw = (...rest) =>
    json(['generate', '--model', golden('tiny_llama'), '--prompt', 'The', '-m', '16', ...rest]).ids;
  const first = draw('--temp', '1.5', '--seed', '1');
  assert.deepEqual(draw('--temp', '1.5', '--seed', '1', '--threads', '1'), first);
  assert.notDeepEqual(draw('--temp', '1.5', '--seed', '2'), first);
  const greedy = draw();
  for (const filter of [
    ['--top-k', '1'],
    ['--top-p', '0.000001'],
    ['--top-p', '0'],
    ['--min-p', '1'],
  ]) {
    assert.deepEqual(draw('--temp', '1', ...filter), greedy, filter.join(' '));
  }
});

test('no tokens, and a prompt longer than the context', () => {
  const model = golden('tiny_llama');
  assert.deepEqual(json(['generate', '--model', model, '--prompt', 'The', '-m', '0']).ids, []);
  const { status, out, err } = bitloss(['generate', '--model', model, '--prompt', '-'], {
    input: 'boat '.repeat(2000),
  });
  assert.equal(status, 1);
  assert.equal(out, '');
  assert.match(err, /^bitloss: the prompt is \d+ tokens long, the context holds 512\n$/);
});

test('a damaged tokenizer.model is refused by every command, where it is all there is', (t) => {
  const path = join(folder(t), 'model');
  cpSync(golden('tiny_llama'), path, { recursive: true });
  rmSync(join(path, 'tokenizer.json'));
  writeFileSync(join(path, 'tokenizer.model'), 'pieces');
  const text = join(folder(t), 'text.txt');
  writeFileSync(text, 'The sea.');
  const words = /tokenizer\.model: not a model of SentencePiece/;
  for (const args of [
    ['generate', '--model', path, '--prompt', 'x'],
    ['compare', '--model', path, '--text', text],
    ['convert', '--hf-path', path, '--to', 'gguf', '--out', `${path}.gguf`],
    ['tokenize', '--model', path, 'x'],
  ]) {
    const done = bitloss(args);
    assert.equal(done.status, 1, done.err);
    assert.match(done.err, words, args[0]);
  }
  const { out } = bitloss(['inspect', path]);
  assert.match(out.replace(/\s+/g, ' '), words);
  const info = json(['inspect', path]);
  assert.equal(info.has_tokenizer, false);
  assert.match(info.tokenizer_problem, words);
});

test('without a tokenizer a model can be converted but not spoken to', (t) => {
  const path = join(folder(t), 'model');
  cpSync(golden('tiny_llama'), path, { recursive: true });
  rmSync(join(path, 'tokenizer.json'));
  for (const name of ['generate', 'compare']) {
    const { status, out, err } = bitloss([name, '--model', path, '--prompt', 'x']);
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.match(err, /^bitloss: [^\n]*has no tokenizer[^\n]*\n$/);
  }
  assert.equal(bitloss(['convert', '--hf-path', path, '--mlx-path', `${path}-q`, '-q']).status, 0);
});

/* The error of mlx_lm's own quantization of a float32 model, from the two files. */
function errorOf(plainPath, packedPath) {
  const plain = readSafetensors(join(plainPath, 'model.safetensors')).tensors;
  const packed = readSafetensors(join(packedPath, 'model.safetensors')).tensors;
  let [noise, signal, n] = [0, 0, 0];
  for (const [name, { bytes }] of plain) {
    const scales = packed.get(name.replace(/weight$/, 'scales'));
    if (!scales) continue;
    const biases = packed.get(name.replace(/weight$/, 'biases'));
    const codes = packed.get(name).bytes;
    for (let i = 0; i < bytes.length / 4; i++) {
      const code = (codes[i >> 1] >> (4 * (i & 1))) & 15;
      const w = bytes.readFloatLE(4 * i);
      const q = Math.fround(
        scales.bytes.readFloatLE(4 * (i >> 6)) * code + biases.bytes.readFloatLE(4 * (i >> 6)),
      );
      noise += (q - w) ** 2;
      signal += w ** 2;
      n++;
    }
  }
  return { rmse: Math.sqrt(noise / n), snr_db: 10 * Math.log10(signal / noise) };
}

test('compare gives a lane per recipe, the reference first, with exact figures', () => {
  const { prompt } = readJson(golden('tiny_llama', 'expected.json'));
  const { model, lanes } = json([
    'compare',
    '--model',
    golden('tiny_llama'),
    '--recipes',
    'affine:8:64,affine:4:64,affine:4:32',
    '--prompt',
    prompt,
    '--max-tokens',
    '24',
  ]);
  assert.equal(model, golden('tiny_llama'));
  assert.deepEqual(
    lanes.map((lane) => lane.recipe),
    ['reference', 'affine:8:64', 'affine:4:64', 'affine:4:32'],
  );
  const [reference, , four] = lanes;
  assert.deepEqual([reference.rmse, reference.snr_db, reference.first_difference], [0, null, null]);
  assert.equal(reference.size_bytes, 4 * 238208);
  assert.equal(reference.bits_per_weight, 32);
  assert.equal(reference.text, readJson(golden('tiny_llama', 'expected.json')).greedy_text);
  assert.equal(four.text, readJson(golden('tiny_llama_mlx4', 'expected.json')).greedy_text);
  const expected = errorOf(golden('tiny_llama'), golden('tiny_llama_mlx4'));
  assert.ok(Math.abs(four.rmse / expected.rmse - 1) < 1e-6, `${four.rmse} ${expected.rmse}`);
  assert.ok(Math.abs(four.snr_db - expected.snr_db) < 1e-5, `${four.snr_db} ${expected.snr_db}`);
  const costs = new Map(
    json(['inspect', golden('tiny_llama')]).costs.map((c) => [c.recipe, c.size_bytes]),
  );
  for (const lane of lanes.slice(1, 3)) assert.equal(lane.size_bytes, costs.get(lane.recipe));
  for (const lane of lanes) {
    assert.ok(lane.tokens_per_second > 0);
    assert.equal(lane.bits_per_weight, (8 * lane.size_bytes) / 238208);
    const at = lane.ids.findIndex((id, i) => id !== reference.ids[i]);
    assert.equal(lane.first_difference, at < 0 ? null : at);
  }
});

test('a lane is shown once, and reference need not be named', () => {
  const names = (recipes) =>
    json([
      'compare',
      '--model',
      golden('tiny_qwen2'),
      '--recipes',
      recipes,
      '--prompt',
      'x',
      '-m',
      '2',
    ]).lanes.map((lane) => lane.recipe);
  assert.deepEqual(names('affine,reference,affine:4,affine:4:64'), ['reference', 'affine:4:64']);
});

test('compare prints a table, and marks where each text leaves the reference', () => {
  const args = [
    'compare',
    '--model',
    golden('tiny_llama'),
    '--recipes',
    'affine:4:64,affine:8:64',
    '--prompt',
    'The old boat',
    '-m',
    '12',
  ];
  const { lanes } = json(args);
  const at = lanes[1].first_difference;
  assert.notEqual(at, null, 'this test needs texts that differ');
  for (const [env, mark] of [
    [{}, '▸'],
    [{ LANG: 'C' }, '>>'],
  ]) {
    const { status, out, err } = bitloss(args, { env });
    assert.equal(status, 0);
    assert.equal(err, '');
    assert.match(out, /^recipe +size +bits\/w +ratio +RMSE +SNR +tok\/s +differs at\n/);
    assert.match(out, new RegExp(`\\naffine:4:64 .* dB .*token ${at + 1}\\n`));
    const text = out.slice(out.indexOf('\n\naffine:4:64\n'), out.indexOf('\n\naffine:8:64\n'));
    assert.equal(text.split(mark).length, 2, 'one mark');
  }
  const { out } = bitloss([...args, '--color', 'always']);
  assert.ok(out.includes('\u001b[1;30;43m') && !out.includes('▸'));
});

test('a reader that goes away ends the command quietly; a full disk is an error', () => {
  const shell = (line) =>
    spawnSync('sh', ['-c', line, 'sh', command, golden('tiny_llama')], { encoding: 'utf8' });
  const piped = shell('"$1" inspect "$2" --json | head -c 1');
  assert.deepEqual([piped.stdout, piped.stderr], ['{', '']);
  const full = shell('"$1" inspect "$2" --json > /dev/full');
  assert.equal(full.status, 1);
  assert.match(
    full.stderr,
    /^bitloss: cannot write to the standard output: No space left on device\n$/,
  );
});
