/* bitloss train: runs that are small enough to repeat. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson, readSafetensors, start } from './command.mjs';

const end = '</s>';
const names = ['Ann', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn'];
const things = ['a red boat', 'the old river', 'one small name', '12 months', 'some wind'];
/* Documents of various lengths that a small model can learn something from. */
const text = (from, n) =>
  Array.from({ length: n }, (_, i) => {
    const told = Array.from(
      { length: 1 + ((i * 7 + from) % 9) },
      (_, j) => `${names[(i + j) % 6]} saw ${things[(i * 3 + j + from) % 5]}.`,
    );
    return told.join(' ') + end;
  }).join('');

/* A recipe, its model and its texts in a fresh folder; returns the arguments that train it. */
function setUp(t, changes = {}) {
  const top = folder(t);
  const config = readJson(golden('tiny_llama', 'config.json'));
  Object.assign(config, { hidden_size: 32, intermediate_size: 48, num_hidden_layers: 1 });
  writeFileSync(join(top, 'config.json'), JSON.stringify(config));
  cpSync(golden('tiny_llama', 'tokenizer.json'), join(top, 'tokenizer.json'));
  const recipe = {
    context: 48,
    batch_tokens: 200,
    sequences_at_once: 3,
    steps: 60,
    warmup_steps: 5,
    learning_rate: 0.01,
    validate_every: 20,
    validation_tokens: 1000,
    init_std: 0.05,
    ...changes,
  };
  writeFileSync(join(top, 'recipe.json'), JSON.stringify(recipe));
  mkdirSync(join(top, 'texts'));
  ['a', 'b', 'c'].forEach((name, i) =>
    writeFileSync(join(top, 'texts', `${name}.txt`), text(i, 60)),
  );
  const args = (out, ...rest) => [
    'train',
    '--config',
    join(top, 'recipe.json'),
    '--data',
    join(top, 'texts'),
    '--out',
    join(top, out),
    ...rest,
  ];
  return { top, args };
}

const bytes = (...path) => readFileSync(join(...path));
/* The log without the column that tells the time. */
const log = (...path) =>
  readFileSync(join(...path, 'log.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split(',').slice(0, -1));

test('a model learns, and is written as on Hugging Face', (t) => {
  const { top, args } = setUp(t);
  const done = json(args('out', '--threads', '1'));
  assert.equal(done.step, 60);
  assert.equal(done.n_params, 320 * 32 + 32 + 2 * 32 + 2 * 32 * 32 + 2 * 16 * 32 + 3 * 32 * 48);
  assert.ok(done.loss < Math.log(320) && done.validation_loss < 4, JSON.stringify(done));
  assert.deepEqual(readdirSync(join(top, 'out')).sort(), [
    'checkpoint.bin',
    'config.json',
    'log.csv',
    'model.safetensors',
    'tokenizer.json',
  ]);
  for (const name of ['config.json', 'tokenizer.json'])
    assert.deepEqual(bytes(top, 'out', name), bytes(top, name));
  const { metadata, tensors } = readSafetensors(join(top, 'out', 'model.safetensors'));
  assert.deepEqual(metadata, { format: 'pt' });
  assert.equal(tensors.get('model.embed_tokens.weight').dtype, 'BF16');
  assert.deepEqual(tensors.get('model.layers.0.mlp.down_proj.weight').shape, [32, 48]);
  assert.equal(bitloss(['generate', '--model', join(top, 'out'), '--prompt', 'Ann saw']).status, 0);
});

test('the log has the loss along the way', (t) => {
  const { top, args } = setUp(t);
  assert.equal(bitloss(args('out')).status, 0);
  const [head, ...rows] = log(top, 'out');
  assert.deepEqual(head.slice(0, 5), [
    'step',
    'tokens',
    'loss',
    'smoothed_loss',
    'validation_loss',
  ]);
  assert.deepEqual(
    rows.map((row) => +row[0]),
    [10, 20, 30, 40, 50, 60],
  );
  assert.deepEqual(
    rows.map((row) => row[4] !== ''),
    [false, true, false, true, false, true],
  );
  assert.equal(+rows[0][1], 10 * 4 * 48); /* 200 tokens are 4 sequences of 48 */
  assert.ok(+rows[5][4] < +rows[1][4], 'the held-out loss falls');
});

test('threads change nothing', (t) => {
  const { top, args } = setUp(t);
  for (const n of ['1', '2', '5']) assert.equal(bitloss(args(n, '--threads', n)).status, 0);
  for (const n of ['2', '5']) {
    assert.deepEqual(bytes(top, n, 'checkpoint.bin'), bytes(top, '1', 'checkpoint.bin'));
    assert.deepEqual(log(top, n), log(top, '1'));
  }
});

test('an interrupted run that is resumed ends as one that was not', async (t) => {
  const { top, args } = setUp(t, { steps: 400, checkpoint_minutes: 0 });
  assert.equal(bitloss(args('whole')).status, 0);
  const running = start(args('cut'));
  running.stderr.once('data', () => running.kill('SIGINT')); /* the line of step 20 */
  const signal = await new Promise((done) => running.once('exit', (_, name) => done(name)));
  assert.equal(signal, 'SIGINT');
  const step = +log(top, 'cut').at(-1)[0];
  assert.ok(step >= 20 && step < 400, `stopped after step ${step}`);
  assert.ok(existsSync(join(top, 'cut', 'model.safetensors')));
  assert.match(bitloss(args('cut')).err, /holds a run already: --resume goes on with it/);
  assert.equal(bitloss(args('cut', '--resume')).status, 0);
  for (const name of ['checkpoint.bin', 'model.safetensors'])
    assert.deepEqual(bytes(top, 'cut', name), bytes(top, 'whole', name), name);
  assert.deepEqual(log(top, 'cut'), log(top, 'whole'));
  const again = bitloss(args('cut', '--resume'));
  assert.equal(again.status, 0);
  assert.match(again.err, /400 steps: nothing is left to do/);
});

test('a run can end before its schedule, as a whole one would have stood there', (t) => {
  const { top, args } = setUp(t);
  assert.equal(bitloss(args('whole')).status, 0);
  const recipe = readJson(join(top, 'recipe.json'));
  writeFileSync(join(top, 'first.json'), JSON.stringify({ ...recipe, stop_at: 37 }));
  const first = args('parts').with(2, join(top, 'first.json'));
  assert.equal(json(first).step, 37);
  assert.deepEqual(log(top, 'parts').at(-1).slice(0, 1), ['37']);
  assert.match(bitloss([...first, '--resume']).err, /37 steps: nothing is left to do/);
  assert.equal(bitloss(args('parts', '--resume')).status, 0);
  for (const name of ['checkpoint.bin', 'model.safetensors'])
    assert.deepEqual(bytes(top, 'parts', name), bytes(top, 'whole', name), name);
});

test('tokens are made once, and again when the text changes', (t) => {
  const { top, args } = setUp(t, { steps: 2 });
  const cache = join(top, 'texts', 'a.txt.ids');
  const run = (out) => assert.equal(bitloss(args(out)).status, 0);
  run('1');
  const made = statSync(cache).mtimeMs;
  run('2');
  assert.equal(statSync(cache).mtimeMs, made);
  assert.deepEqual(bytes(top, '2', 'checkpoint.bin'), bytes(top, '1', 'checkpoint.bin'));
  writeFileSync(join(top, 'texts', 'a.txt'), text(4, 50));
  run('3');
  assert.ok(statSync(cache).mtimeMs > made);
  assert.notDeepEqual(bytes(top, '3', 'checkpoint.bin'), bytes(top, '1', 'checkpoint.bin'));
});

test('the held-out file is not learned from', (t) => {
  const { top, args } = setUp(t, { steps: 5 });
  assert.equal(bitloss(args('1')).status, 0);
  writeFileSync(join(top, 'texts', 'c.txt'), text(8, 70));
  assert.equal(bitloss(args('2')).status, 0);
  assert.deepEqual(bytes(top, '2', 'checkpoint.bin'), bytes(top, '1', 'checkpoint.bin'));
});

test('what cannot be done is refused in a sentence', (t) => {
  const cases = [
    [{ steps: undefined }, /recipe\.json: field 'steps' is missing/],
    [{ steps: 1.5 }, /field 'steps' is not a whole number from 1 to/],
    [{ learning_rate: 'fast' }, /field 'learning_rate' is not a number from 0 to 1/],
    [{ learnin_rate: 0.1 }, /there is no field 'learnin_rate'; the nearest is learning_rate/],
    [{ config: 'none.json' }, /cannot open .*none\.json/],
    [{ config: 3 }, /field 'config' is not a text/],
    [{ context: 513 }, /the context is 513 tokens, expected 1 to 512/],
  ];
  for (const [changes, sentence] of cases) {
    const { args } = setUp(t, changes);
    const { status, out, err } = bitloss(args('out'));
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.match(err, sentence);
    assert.match(err, /^bitloss: [^\n]+\n$/, 'one sentence');
  }
  const { top, args } = setUp(t);
  assert.match(bitloss(args('out', '--resume')).err, /holds no checkpoint\.bin to resume/);
  mkdirSync(join(top, 'empty'));
  const data = ['train', '--config', join(top, 'recipe.json'), '--out', join(top, 'out'), '--data'];
  assert.match(
    bitloss([...data, join(top, 'empty')]).err,
    /holds no text files: expected NAME\.txt/,
  );
  assert.match(bitloss([...data, join(top, 'missing')]).err, /cannot open .*missing/);
  writeFileSync(join(top, 'empty', 'lone.txt'), end.repeat(3));
  assert.match(bitloss([...data, join(top, 'empty')]).err, /holds 0 documents/);
});

test('a model goes on learning through the rounding of a format, from a teacher, and takes its texts along', (t) => {
  const { top, args } = setUp(t, { learning_rate: 0.003, warmup_steps: 2, weight_decay: 0 });
  json(args('first', '--threads', '1'));
  const first = join(top, 'first');
  writeFileSync(join(first, 'generation_config.json'), '{"temperature": 0.5}\n');
  const quantize = ['--quantize', 'affine:2:32'];
  const divergence = (model) => {
    const found = json([
      'compare',
      '--model',
      model,
      '--against',
      first,
      ...['--text', join(top, 'texts', 'c.txt'), '--documents', 'whole'],
    ]);
    return found.lanes[1].kl_mean;
  };
  const rounded = (model) => {
    const out = `${model}.rounded`;
    bitloss(['convert', '--hf-path', model, '--mlx-path', out, '--recipe', quantize[1]]);
    return out;
  };
  const done = json(args('qat', '--from', first, '--teacher', first, ...quantize));
  assert.equal(done.step, 60);
  // Goes on only with what it was begun with.
  const more = ['--resume', '--steps', '70'];
  const other = bitloss(args('qat', ...more));
  assert.equal(other.status, 1);
  assert.match(other.err, /a run that learned something else/);
  const [before, after] = [first, join(top, 'qat')].map((model) => divergence(rounded(model)));
  assert.ok(after < 0.7 * before, `from ${before} to ${after}`);
  assert.equal(
    readFileSync(join(top, 'qat', 'generation_config.json'), 'utf8'),
    '{"temperature": 0.5}\n',
  );
});

test('what can not be begun with, learned from or rounded is refused before anything is written', (t) => {
  const { top, args } = setUp(t);
  const refused = (rest, part) => {
    const { status, err } = bitloss(args('out', ...rest));
    assert.equal(status, 1, err);
    assert.match(err, part);
    assert.ok(!existsSync(join(top, 'out')));
  };
  refused(['--quantize', 'affine:9'], /bits/);
  refused(['--quantize', 'reference'], /rounds nothing/);
  refused(['--quantize', 'affine:4:32@int8'], /leave out @int8/);
  refused(['--quantize', 'affine:4:32+search'], /leave out the methods/);
  refused(['--quantize', 'mxfp4'], /rounding of 'mxfp4'/);
  refused(['--quantize', 'affine:4:128'], /quantizes nothing of this model/);
  refused(['--from', join(top, 'nowhere')], /nowhere/);
  refused(['--from', golden('tiny_llama')], /the model has 2 layers, the recipe's config.json 1/);
  refused(
    ['--teacher', golden('tiny_llama')],
    /the model has 2 layers, the recipe's config.json 1/,
  );
  refused(['--from', golden('tiny_llama'), '--resume'], /leave out one of them/);
});
