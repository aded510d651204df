/* Weights that are no finite numbers, and those that a format can't hold: nothing of it is silent. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  bitloss,
  folder,
  golden,
  json,
  readJson,
  readSafetensors,
  writeSafetensors,
} from './command.mjs';

const UP = 'model.layers.1.mlp.up_proj.weight';
const NORM = 'model.layers.0.input_layernorm.weight';
const BITS_16 = { NaN: 0x7fc0, Infinity: 0x7f80, '-Infinity': 0xff80 };

/* A copy of a golden model in which some weights have other values, as bf16 where `dtype` says so. */
function changed(t, name, changes, { dtype } = {}) {
  const path = join(folder(t), 'model');
  cpSync(golden(name), path, { recursive: true });
  const file = join(path, 'model.safetensors');
  const { tensors } = readSafetensors(file);
  if (dtype === 'BF16') {
    for (const [key, tensor] of tensors) {
      assert.equal(tensor.dtype, 'F32');
      const from = Buffer.from(tensor.bytes);
      const bytes = Buffer.alloc(from.length / 2);
      for (let i = 0; i < bytes.length; i += 2) from.copy(bytes, i, 2 * i + 2, 2 * i + 4);
      tensors.set(key, { ...tensor, dtype, bytes });
    }
    const config = readJson(join(path, 'config.json'));
    writeFileSync(
      join(path, 'config.json'),
      JSON.stringify({ ...config, torch_dtype: 'bfloat16' }),
    );
  }
  for (const [key, index, value] of changes) {
    const tensor = tensors.get(key);
    const bytes = Buffer.from(tensor.bytes);
    if (tensor.dtype === 'F32') bytes.writeFloatLE(value, 4 * index);
    else if (value in BITS_16) bytes.writeUInt16LE(BITS_16[value], 2 * index);
    else
      bytes.writeUInt16LE(new Uint32Array(new Float32Array([value]).buffer)[0] >>> 16, 2 * index);
    tensors.set(key, { ...tensor, bytes });
  }
  writeFileSync(file, writeSafetensors(tensors));
  return path;
}

const width = 128; // of tiny_llama's rows
const at = (row, col) => row * width + col;

test('a weight that is not a number is refused by its tensor, by every target', (t) => {
  const model = changed(t, 'tiny_llama', [
    [UP, at(3, 17), NaN],
    [UP, at(5, 1), NaN],
  ]);
  const out = join(folder(t), 'out');
  for (const args of [
    ['-q'],
    [],
    ['--dtype', 'float16'],
    ['--recipe', 'mxfp4'],
    ['--to', 'gguf', '--recipe', 'q4_0'],
    ['--to', 'gguf', '--recipe', 'q4_k_m'],
    ['--to', 'gguf'],
    ['--to', 'torch', '--recipe', 'nf4'],
    ['--to', 'torch', '--recipe', 'int8'],
  ]) {
    const { status, err } = bitloss(['convert', '--hf-path', model, '--out', out, ...args]);
    assert.equal(status, 1, args.join(' '));
    assert.match(
      err,
      /tensor 'model\.layers\.1\.mlp\.up_proj\.weight' has 2 weights that are not finite, the first of them NaN at \[3, 17\]/,
    );
    assert.equal(existsSync(out), false);
  }
  const { status, err } = bitloss(['generate', '--model', model, '-p', 'The', '--recipe', 'q4_0']);
  assert.equal(status, 1);
  assert.match(err, /up_proj\.weight' has 2 weights that are not finite/);
});

test('so are infinities, and those in vectors', (t) => {
  const out = join(folder(t), 'out');
  for (const [key, place] of [
    [UP, '\\[0, 9\\]'],
    [NORM, '\\[9\\]'],
  ]) {
    const model = changed(t, 'tiny_llama', [[key, 9, -Infinity]]);
    const { status, err } = bitloss(['convert', '--hf-path', model, '--out', out, '-q']);
    assert.equal(status, 1);
    assert.match(err, new RegExp(`${key}' has 1 weight that is .* -infinity at ${place}`));
  }
});

test('a flag goes on, and the notes say how many there are in which tensors', (t) => {
  const model = changed(t, 'tiny_llama', [
    [UP, 9, NaN],
    [UP, 10, Infinity],
    [NORM, 1, NaN],
  ]);
  const out = join(folder(t), 'out');
  const info = json(['convert', '--hf-path', model, '--out', out, '-q', '--allow-not-finite']);
  const found = info.notes
    .filter(({ kind }) => kind === 'not-finite')
    .map(({ subject, count }) => [subject, count]);
  assert.deepEqual(found.sort(), [
    [NORM, 1],
    [UP, 2],
  ]);
  assert.ok(existsSync(out));
});

test('a quantized source with a damaged scale is refused too', (t) => {
  const path = join(folder(t), 'model');
  cpSync(golden('tiny_llama_mlx4'), path, { recursive: true });
  const file = join(path, 'model.safetensors');
  const { tensors } = readSafetensors(file);
  const scales = tensors.get('model.layers.1.mlp.up_proj.scales');
  const bytes = Buffer.from(scales.bytes);
  bytes.fill(0xff, 0, scales.dtype === 'F32' ? 4 : 2);
  tensors.set('model.layers.1.mlp.up_proj.scales', { ...scales, bytes });
  writeFileSync(file, writeSafetensors(tensors));
  const gguf = join(folder(t), 'q4_0.gguf');
  assert.equal(
    bitloss(['convert', '--hf-path', golden('tiny_llama'), '--out', gguf, '--recipe', 'q4_0'])
      .status,
    0,
  );
  const whole = readFileSync(gguf);
  const { tensors: list } = json(['inspect', gguf]);
  const { offset } = list.find(({ name }) => name === 'blk.1.ffn_up.weight');
  whole.writeUInt16LE(0x7e00, offset); // the scale of the first block
  writeFileSync(gguf, whole);
  for (const [model, n] of [
    [path, 64],
    [gguf, 32],
  ]) {
    for (const args of [[], ['-q'], ['--to', 'gguf', '--recipe', 'q8_0']]) {
      const out = join(folder(t), 'out');
      const { status, err } = bitloss(['convert', '--hf-path', model, '--out', out, ...args]);
      assert.equal(status, 1, `${model} ${args}`);
      assert.match(
        err,
        new RegExp(`${UP}' has ${n} weights that are not finite, .* NaN at \\[0, 0\\]`),
      );
    }
    assert.match(
      bitloss(['generate', '--model', model, '-p', 'The']).err,
      /note: tensor '.*up_proj/,
    );
  }
});

test('inspect tells of them', (t) => {
  const model = changed(t, 'tiny_llama', [[UP, at(3, 17), NaN]]);
  assert.match(
    bitloss(['inspect', model]).out.replace(/\s+/g, ' '),
    /up_proj\.weight' has 1 number that is not finite, the first at \[3, 17\]/,
  );
  const info = json(['inspect', model]);
  assert.equal(info.weights_read, true);
  assert.equal(info.notes.length, 1);
  assert.deepEqual(json(['inspect', golden('tiny_llama')]).notes, []);
});

/* The largest weight of a group is the scale times this; f16 rounds to infinity from 65520 on. */
const PER_SCALE = { q4_0: 8, q4_1: 15, q5_0: 16, q5_1: 31, q8_0: 127, f16: 1 };

test('a weight that a format can not hold is refused, with what holds it', (t) => {
  const out = join(folder(t), 'out');
  for (const [recipe, perScale] of Object.entries(PER_SCALE)) {
    for (const [factor, status] of [
      [0.97, 0],
      [1.03, 1],
    ]) {
      const value = factor * 65520 * perScale;
      const model = changed(t, 'tiny_llama', [[UP, at(2, 5), value]], { dtype: 'BF16' });
      const done = bitloss([
        'convert',
        '--hf-path',
        model,
        '--out',
        out,
        '--to',
        'gguf',
        '--recipe',
        recipe,
      ]);
      assert.equal(done.status, status, `${recipe} ${value}`);
      assert.equal(existsSync(out), status === 0);
      rmSync(out, { force: true });
      if (status === 0) continue;
      assert.match(
        done.err,
        new RegExp(`${UP}' has a weight of \\S+ at \\[2, 5\\], more than ${recipe} holds`),
      );
      const advice =
        recipe === 'f16' ? 'bf16 and f32 hold them' : "'/layers.1.mlp.up_proj=bf16' in the recipe";
      assert.ok(done.err.includes(advice), done.err);
    }
  }
});

test('so is one that a cast can not hold, and one that nvfp4 would cut off', (t) => {
  const model = changed(t, 'tiny_llama', [[UP, at(2, 5), 1e6]], { dtype: 'BF16' });
  const out = join(folder(t), 'out');
  const convert = (...args) => bitloss(['convert', '--hf-path', model, '--out', out, ...args]);
  for (const args of [
    ['--dtype', 'float16'],
    ['-q', '--dtype', 'float16'],
    ['-q', '--q-mode', 'nvfp4'],
  ]) {
    const { status, err } = convert(...args);
    assert.equal(status, 1, args.join(' '));
    assert.match(err, /up_proj\.weight' has a weight of 999424 at \[2, 5\], more than/);
  }
  assert.equal(convert('-q').status, 0, 'scales and biases in bf16 hold it');
  rmSync(out, { recursive: true });
  for (const mode of ['mxfp4', 'mxfp8']) {
    assert.equal(convert('-q', '--q-mode', mode).status, 0, 'so do powers of two');
    rmSync(out, { recursive: true });
  }
  const { status, err } = convert('--to', 'gguf', '--recipe', 'q4_0/layers.1.mlp.up_proj=bf16');
  assert.equal(status, 0, err);
  assert.equal(err, '');
});

test('weights in groups too small for a scale are counted, by every command that makes them', (t) => {
  const small = Array.from({ length: 32 }, (_, i) => [
    UP,
    at(2, 32 + i),
    (i % 2 ? -1 : 1) * 2 ** -30,
  ]);
  const model = changed(t, 'tiny_llama', small, { dtype: 'BF16' });
  const out = join(folder(t), 'out');
  const words =
    /32 weights of tensor 'model\.layers\.1\.mlp\.up_proj\.weight' became 0 or are off by half or more, as all weights of a group are too small for (\S+); the first is 9\.31323e-10 at \[2, 32\]/;
  for (const [format, ...args] of [
    ['q4_0', '--to', 'gguf', '--recipe', 'q4_0'],
    ['q8_0', '--to', 'gguf', '--recipe', 'q8_0'],
    ['affine:4:32', '-q', '--q-group-size', '32', '--dtype', 'float16'],
    ['f16', '--dtype', 'float16'],
  ]) {
    const { status, err } = bitloss(['convert', '--hf-path', model, '--out', out, ...args]);
    assert.equal(status, 0, err);
    assert.equal(err.match(words)?.[1], format, err);
    rmSync(out, { recursive: true });
    const { notes } = json(['convert', '--hf-path', model, '--out', out, ...args]);
    assert.deepEqual(
      notes.map(({ kind, subject, count }) => [kind, subject, count]),
      [['vanished-weights', UP, 32]],
    );
    rmSync(out, { recursive: true });
  }
  const args = ['compare', '--model', model, '--recipes', 'q4_0,nf4'];
  assert.match(bitloss(args).err, words);
  const { lanes } = json(args);
  assert.deepEqual(
    lanes.map(({ notes }) => notes?.map(({ kind, count }) => [kind, count])),
    [undefined, [['vanished-weights', 32]], undefined],
  );
});

test('scales that a cast to f16 can not hold are refused', (t) => {
  const out = join(folder(t), 'out');
  const first = join(folder(t), 'first');
  assert.equal(
    bitloss([
      'convert',
      '--hf-path',
      changed(t, 'tiny_llama', [[UP, at(2, 5), 1e6]]),
      '--out',
      first,
      '-q',
    ]).status,
    0,
  );
  const { status, err } = bitloss([
    'convert',
    '--hf-path',
    first,
    '--out',
    out,
    '--dtype',
    'float16',
  ]);
  assert.equal(status, 1, err);
  assert.match(
    err,
    /up_proj\.weight' has a weight of \S+ at \[2, \d+\], more than affine:4:64 of f16/,
  );
});

test('codes that decode to more than the type they are written in holds are refused', (t) => {
  const embedding = 'model.embed_tokens.weight';
  const model = changed(t, 'tiny_llama', [[embedding, at(2, 5), 7e4]]);
  const out = join(folder(t), 'out');
  const convert = (recipe) =>
    bitloss(['convert', '--hf-path', model, '--to', 'torch', '--out', out, '--recipe', recipe]);
  const { status, err } = convert('f16/embed_tokens=q8_0');
  assert.equal(status, 1, err);
  assert.match(
    err,
    /embed_tokens\.weight' has a weight of \d+ at \[2, 5\], more than f16, which it/,
  );
  assert.equal(existsSync(out), false);
  assert.equal(convert('bf16/embed_tokens=q8_0').status, 0);
});

test('the edge is where f16 rounds to infinity', (t) => {
  for (const [value, status] of [
    [65519, 0],
    [65520, 1],
  ]) {
    const model = changed(t, 'tiny_llama', [
      [UP, 0, value],
      [NORM, 0, value],
    ]);
    const out = join(folder(t), 'out');
    assert.equal(
      bitloss(['convert', '--hf-path', model, '--out', out, '--dtype', 'float16']).status,
      status,
    );
  }
});

test('a lane that is damaged is broken and the others stand', (t) => {
  const model = changed(t, 'tiny_llama', [[UP, at(2, 5), 1e6]], { dtype: 'BF16' });
  const text = join(folder(t), 'text.txt');
  writeFileSync(text, 'The sea is a place of wonder and of storms. '.repeat(20));
  const tasks = join(folder(t), 'tasks.jsonl');
  writeFileSync(
    tasks,
    '{"id":"a","skill":"s","lang":"en","prompt":"one","answer":"two"}\n'
      .repeat(3)
      .replace(/"a"/g, () => `"${Math.random()}"`),
  );
  const prompts = join(folder(t), 'prompts.txt');
  writeFileSync(prompts, 'The sea\nThe sky\n');
  for (const extra of [
    ['-p', 'The sea', '-m', '4'],
    ['--text', text],
    ['--tasks', tasks],
    ['--prompts', prompts],
    [],
  ]) {
    const args = ['compare', '--model', model, '--recipes', 'q4_0,affine:8:64', ...extra];
    const { lanes } = json(args);
    assert.equal(lanes.length, 3, extra[0]);
    assert.equal(lanes[1].verdict, 'broken');
    assert.match(lanes[1].problem, /up_proj\.weight' has a weight of 999424/);
    assert.notEqual(lanes[2].verdict, 'broken', extra[0]);
    assert.equal(lanes[2].problem, undefined);
    for (const format of ['table', 'md', 'csv']) {
      const { status, out } = bitloss([...args, '--format', format]);
      assert.equal(status, 0);
      assert.match(out, /broken/, format);
    }
  }
});

test('of a damaged reference nothing is said but that it is damaged', (t) => {
  const model = changed(t, 'tiny_llama', [[UP, at(3, 17), NaN]]);
  const text = join(folder(t), 'text.txt');
  writeFileSync(text, 'The sea is a place of wonder and of storms. '.repeat(20));
  for (const extra of [
    ['-p', 'The sea', '-m', '4'],
    ['--text', text],
  ]) {
    const args = ['compare', '--model', model, '--recipes', 'q4_0,affine:8:64', ...extra];
    const { lanes } = json(args);
    assert.match(lanes[0].problem, /not a number|not numbers/);
    for (const lane of lanes.slice(1))
      assert.ok([undefined, 'not measured'].includes(lane.verdict));
    const { err, out } = bitloss(args);
    assert.match(err, /which is the reference, can't be compared with/);
    assert.doesNotMatch(err + out, /is broken|broken$/m);
  }
  const against = ['compare', '--model', golden('tiny_llama'), '--against', model, '--text', text];
  assert.equal(json(against).lanes[1].verdict, 'not measured');
  const other = json([
    'compare',
    '--model',
    model,
    '--against',
    golden('tiny_llama'),
    '--text',
    text,
  ]);
  assert.equal(other.lanes[1].verdict, 'broken');
  assert.match(other.lanes[1].problem, /up_proj\.weight' has 1 weight/);
});

test('a recipe that changed nothing has no other verdict', (t) => {
  const text = join(folder(t), 'text.txt');
  writeFileSync(text, 'The sea is a place of wonder and of storms. '.repeat(20));
  const args = ['compare', '--model', golden('tiny_llama'), '--recipes', 'q4_k', '--text', text];
  assert.equal(json(args).lanes[1].verdict, 'nothing was quantized');
  for (const format of ['table', 'md', 'csv'])
    assert.match(bitloss([...args, '--format', format]).out, /nothing was quantized/);
  const out = join(folder(t), 'out.gguf');
  const note = /note: q4_k: nothing was quantized, no matrix/;
  assert.match(
    bitloss(['convert', '--hf-path', golden('tiny_llama'), '--out', out, '--recipe', 'q4_k']).err,
    note,
  );
  assert.match(
    bitloss([
      'generate',
      '--model',
      golden('tiny_llama'),
      '-p',
      'The',
      '-m',
      '2',
      '--recipe',
      'q4_k',
    ]).err,
    note,
  );
  const info = json([
    'generate',
    '--model',
    golden('tiny_llama'),
    '-p',
    'The',
    '-m',
    '2',
    '--recipe',
    'q4_k',
  ]);
  assert.deepEqual(
    info.notes.map(({ kind }) => kind),
    ['nothing-quantized'],
  );
});

test('a recipe that fits some matrices says how many it left alone', (t) => {
  const model = golden('tiny_qwen2');
  const { hidden_size, intermediate_size } = readJson(join(model, 'config.json'));
  const { tensors } = readSafetensors(join(model, 'model.safetensors'));
  const matrices = [...tensors.values()].filter(({ shape }) => shape.length === 2);
  const group = 128;
  const left = matrices.filter(({ shape }) => shape[1] % group !== 0);
  assert.ok(
    left.length > 0 && left.length < matrices.length,
    `${hidden_size} ${intermediate_size}`,
  );
  const size = (list) => list.reduce((n, { shape }) => n + shape[0] * shape[1], 0);
  const share = ((100 * size(left)) / size(matrices)).toFixed(1);
  const words = new RegExp(
    `affine:4:128: ${left.length} of ${matrices.length} matrices \\(${share}% of their weights\\)`,
  );
  const out = join(folder(t), 'out');
  assert.match(
    bitloss(['convert', '--hf-path', model, '--out', out, '-q', '--q-group-size', '128']).err,
    words,
  );
  assert.match(
    bitloss(['inspect', model, '--recipes', 'affine:4:128']).out.replace(/\s+/g, ' '),
    words,
  );
});
