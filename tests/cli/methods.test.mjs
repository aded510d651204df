/* Methods in recipes: what they are given, what they leave behind, and when they are refused. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson, readSafetensors, start } from './command.mjs';

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
    /goes by what the model's matrices are multiplied with on a text: name one with /,
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
  for (const method of ['search', 'imatrix', 'gptq', 'polish', 'dwq', 'distill'])
    assert.match(out, new RegExp(`\\+${method} `));
  assert.match(out, /\+best is the best chain/);
  assert.match(out, /\+best2\s+the\s+best\s+one\s+that\s+does/);
});

test('of undivided files each gives its share, and half is read joined', (t) => {
  const dir = folder(t);
  const [first, second] = ['a.txt', 'b.txt'].map((name) => join(dir, name));
  writeFileSync(first, 'The sea is wide and the boat is small.\n'.repeat(4000));
  writeFileSync(second, 'A fox sat by the river.\n'.repeat(4000));
  const bytesOf = (name, files) => {
    const out = join(dir, name);
    const { status, err } = convert(out, 'affine:3:64+imatrix', '--calibrate', files);
    assert.equal(status, 0, err);
    return readFileSync(join(out, 'model.safetensors'));
  };
  const both = bytesOf('both', `${first},${second}`);
  assert.ok(!both.equals(bytesOf('one', first)));
  assert.ok(!both.equals(bytesOf('other', second)));
});

test('a text that is none, or that nothing goes by, is refused', (t) => {
  const dir = folder(t);
  const none = join(dir, 'none.txt');
  writeFileSync(none, 'The sea\0 is wide.');
  const out = join(dir, 'out');
  const first = convert(out, 'affine:4:64+gptq', '--calibrate', none);
  assert.equal(first.status, 1);
  assert.match(first.err, /none\.txt has a NUL at byte 7, expected text in UTF-8/);
  const second = convert(out, 'affine:4:64+search', '--calibrate', textIn(dir));
  assert.equal(second.status, 1);
  assert.match(second.err, /the recipe has no method that goes by one/);
});

test('an importance matrix is written, and read in place of the text with the same codes', (t) => {
  const dir = folder(t);
  const text = textIn(dir);
  const recipe = 'affine:4:64+imatrix';
  const codesOf = (name, ...options) => {
    const out = join(dir, name.replace('.', '-')); // a name that ends in .gguf would ask for such a file
    const { status, err } = convert(out, recipe, ...options);
    assert.equal(status, 0, err);
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    return tensors.get('model.layers.1.mlp.down_proj.weight').bytes;
  };
  for (const file of ['seen.gguf', 'seen.dat']) {
    const imatrix = join(dir, file);
    const saved = codesOf(`from-${file}`, '--calibrate', text, '--save-imatrix', imatrix);
    assert.ok(codesOf(`by-${file}`, '--imatrix', imatrix).equals(saved), file);
    const card = readFileSync(join(dir, `by-${file.replace('.', '-')}`, 'README.md'), 'utf8');
    assert.ok(card.includes(`Calibrated on the importance matrix ${file}.`), card);
  }
  assert.equal(readFileSync(join(dir, 'seen.gguf')).subarray(0, 4).toString(), 'GGUF');

  const there = join(dir, 'seen.gguf');
  const before = readFileSync(there);
  for (const [refused, why, ...options] of [
    [recipe, /seen\.gguf already exists/, '--calibrate', text, '--save-imatrix', there],
    [recipe, /exclude each other/, '--calibrate', text, '--imatrix', there],
    [recipe, /words\.txt/, '--imatrix', text],
    ['affine:4:64', /no method that goes by/, '--save-imatrix', join(dir, 'new.gguf')],
    ['affine:4:64', /no method that goes by/, '--imatrix', there],
    ['affine:4:64+gptq', /needs more than that/, '--imatrix', there],
  ]) {
    const { status, err } = convert(join(dir, 'refused'), refused, ...options);
    assert.equal(status, 1, `${refused} ${options}`);
    assert.match(err, why);
  }
  assert.ok(readFileSync(there).equals(before));
});

test('what was said of codes goes when others are chosen, and codes that are there already are told', (t) => {
  const dir = folder(t);
  const [made, again, plain] = ['made', 'again', 'plain'].map((name) => join(dir, name));
  const { status, err } = convert(made, 'affine:4:64+search');
  assert.equal(status, 0, err);
  const heading = '## How its codes were chosen';
  const cardOf = (out) => readFileSync(join(out, 'README.md'), 'utf8');
  assert.ok(cardOf(made).includes(heading));
  const kept = bitloss([
    'convert',
    '--hf-path',
    made,
    '--out',
    again,
    '--recipe',
    'affine:4:64+search',
  ]);
  assert.equal(kept.status, 0, kept.err);
  assert.match(kept.err, /matrices are stored in this format already, and keep the codes/);
  const other = bitloss(['convert', '--hf-path', made, '--out', plain, '--recipe', 'affine:3:64']);
  assert.equal(other.status, 0, other.err);
  assert.ok(!cardOf(plain).includes(heading));
  assert.equal(readJson(join(plain, 'config.json')).bitloss, undefined);
});

/** What the golden model learns in a few steps. */
const learned = (dir, name, recipe, ...more) => {
  const out = join(dir, name);
  const { status, err } = convert(
    out,
    recipe,
    ...['--calibrate', textIn(dir), '--calibration-tokens', '600', '--learn-steps', '6', ...more],
  );
  assert.equal(status, 0, err);
  return out;
};
const tensorsIn = (out) => readSafetensors(join(out, 'model.safetensors')).tensors;

test('what learns is an ordinary model of the same size, and tells what it has learned', (t) => {
  const dir = folder(t);
  const recipe = 'affine:3:32+search+distill';
  const out = learned(dir, 'out', recipe);
  const before = tensorsIn(learned(dir, 'before', 'affine:3:32+search+dwq'));
  const after = tensorsIn(out);
  assert.deepEqual([...after.keys()], [...before.keys()]);
  for (const [name, { bytes }] of after)
    assert.equal(bytes.length, before.get(name).bytes.length, name);
  const { bitloss: made } = readJson(join(out, 'config.json'));
  assert.equal(made.recipe, recipe);
  assert.equal(made.calibration, '600 tokens of words.txt');
  assert.match(made.learned, /^6 steps; KL from the original on text held out: \S+ to \S+ by /);
  const card = readFileSync(join(out, 'README.md'), 'utf8');
  for (const part of ['`distill`: Learns codes, scales', `Learned: ${made.learned}.`])
    assert.ok(card.includes(part), part);
  const gguf = join(dir, 'out.gguf');
  const written = convert(gguf, 'q4_0+dwq', '--calibrate', textIn(dir), '--learn-steps', '2');
  assert.equal(written.status, 0, written.err);
  assert.ok(readFileSync(gguf).includes('bitloss.learned'));
});

test('dwq leaves codes as they are and moves their scales', (t) => {
  const dir = folder(t);
  const plain = tensorsIn(learned(dir, 'plain', 'affine:4:32+imatrix'));
  const dwq = tensorsIn(learned(dir, 'dwq', 'affine:4:32+imatrix+dwq'));
  const name = 'model.layers.0.mlp.up_proj';
  assert.ok(dwq.get(`${name}.weight`).bytes.equals(plain.get(`${name}.weight`).bytes));
  assert.ok(!dwq.get(`${name}.scales`).bytes.equals(plain.get(`${name}.scales`).bytes));
});

test('a comparison learns too, with the same result on any number of threads', (t) => {
  const dir = folder(t);
  const text = textIn(dir);
  const [one, two] = ['1', '2'].map(
    (threads) =>
      json([
        ...['compare', '--model', model, '--recipes', 'affine:3:32,affine:3:32+distill'],
        ...['--calibrate', text, '--learn-steps', '6', '--threads', threads, '--text', text],
      ]).lanes,
  );
  assert.equal(one[2].kl_mean, two[2].kl_mean);
  assert.notEqual(one[2].kl_mean, one[1].kl_mean);
  assert.equal(one[2].size_bytes, one[1].size_bytes);
});

test('what can not learn, or has nothing to learn from, is refused', (t) => {
  const out = join(folder(t), 'out');
  const none = convert(out, 'affine:4:32+dwq');
  assert.equal(none.status, 1);
  assert.match(none.err, /--calibrate FILES/);
  const other = bitloss([
    ...['convert', '--hf-path', golden('tiny_qwen3'), '--out', out],
    ...['--recipe', 'affine:4:32+distill', '--calibrate', textIn(folder(t))],
  ]);
  assert.equal(other.status, 1);
  assert.match(other.err, /learn only models of the Llama family: .*norms on queries and keys/);
  const twice = convert(out, 'affine:4:32+dwq+distill');
  assert.equal(twice.status, 2);
  assert.match(twice.err, /method 'distill' follows 'dwq', expected one of the two/);
});

/** Runs a command that is interrupted after a while. */
async function interrupted(args, ms) {
  const child = start(args);
  let err = '';
  child.stderr.on('data', (bytes) => {
    err += bytes;
  });
  setTimeout(() => child.kill('SIGINT'), ms);
  return { status: await new Promise((done) => child.once('close', done)), err };
}

test('Ctrl-C ends learning alone: what was reached is written', async (t) => {
  const dir = folder(t);
  const out = join(dir, 'out');
  const args = [
    ...['convert', '--hf-path', model, '--out', out, '--recipe', 'affine:3:32+distill'],
    ...['--calibrate', textIn(dir), '--learn-steps', '1000000'],
  ];
  let ended;
  for (let ms = 500; !ended && ms < 60_000; ms *= 3) {
    const { status, err } = await interrupted(args, ms);
    if (status === 0) ended = err; /* else it came before learning had begun */
  }
  assert.match(
    ended,
    /learning was stopped after step \d+ of 1000000; the model is as it was after /,
  );
  assert.ok(tensorsIn(out).size > 0);
});
