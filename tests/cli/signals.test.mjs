/* Signals: whatever the command is doing, Ctrl-C and SIGTERM end it soon and leave nothing behind;
 * a weights file that is cut short while it is read is told in a sentence. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, readJson, start } from './command.mjs';
import { makeLarge } from './large.mjs';

const sentence = 'The old boat went down the river and it was cold.\n';

/* A copy of tiny_llama whose context is long enough to write for minutes. */
function makeModel(path, context = 131072) {
  cpSync(golden('tiny_llama'), path, { recursive: true });
  const config = readJson(join(path, 'config.json'));
  config.max_position_embeddings = context;
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
}

/* ---- files that are cut short --------------------------------------------------------------- */

/* Runs until the first output, cuts the file, and expects one sentence. */
async function cut(args, file) {
  const child = start(args);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (data) => (err += data));
  await once(child.stdout, 'data');
  truncateSync(file, 4096);
  child.stdout.resume();
  const [status, signal] = await once(child, 'close');
  assert.equal(signal, null, args.join(' '));
  assert.equal(status, 1);
  assert.equal(err, `bitloss: ${file} became shorter while it was read\n`);
}

test('weights that are cut short while the model runs are told', async (t) => {
  const top = folder(t);
  const model = join(top, 'model');
  const weights = join(model, 'model.safetensors');
  const gguf = join(top, 'model.gguf');
  const fresh = () => {
    rmSync(model, { recursive: true, force: true });
    makeModel(model);
    rmSync(gguf, { force: true });
    assert.equal(bitloss(['convert', '--hf-path', model, '--out', gguf]).status, 0);
  };
  const generate = (path, ...more) => [
    'generate',
    '--model',
    path,
    '--prompt',
    'The',
    '-m',
    '100000',
    ...more,
  ];
  for (const [args, file] of [
    [generate(model), weights],
    [generate(model, '--threads', '4'), weights],
    [generate(weights), weights],
    [generate(gguf, '--threads', '2'), gguf],
  ]) {
    fresh();
    await cut(args, file);
  }
  fresh();
  writeFileSync(join(top, 'text'), sentence.repeat(300));
  await cut(['compare', '--model', gguf, '--sweep', '--text', join(top, 'text')], gguf);
});

/* ---- interruptions -------------------------------------------------------------------------- */

/* A second is what is promised; the rest is for a machine that does other things too. */
const soon = 3000;

/* Starts the command and stops it after so many milliseconds, again and again. Where a fast machine is
 * done sooner, half of that time is tried; a run that can't be stopped at all fails. */
async function stops(args, { moments = [50, 300, 1000], by = 'SIGTERM', input, check } = {}) {
  const waiting = [...moments];
  while (waiting.length > 0) {
    const moment = waiting.shift();
    const child = start(args);
    child.stdin.on('error', () => {}); /* it may end before it has read everything */
    if (input) child.stdin.end(input);
    child.stdout.resume();
    child.stderr.resume();
    const ended = once(child, 'close');
    await new Promise((done) => setTimeout(done, moment));
    const isOver = child.exitCode !== null;
    const sent = performance.now();
    child.kill(by);
    const [status, signal] = await ended;
    if (isOver && status === 0 && moment > 20) {
      waiting.unshift(moment / 2);
      continue;
    }
    const took = performance.now() - sent;
    const what = `bitloss ${args.join(' ').slice(0, 100)}, stopped after ${moment} ms`;
    assert.equal(signal, by, `${what}: exit status ${status}`);
    assert.ok(took < soon, `${what}: went on for ${took.toFixed()} ms`);
    check?.();
  }
}

test('reading, cutting into tokens and running a long text stop soon', async (t) => {
  const top = folder(t);
  makeModel(join(top, 'model'));
  writeFileSync(join(top, 'text'), sentence.repeat(400_000)); /* 20 MB */
  const compare = ['compare', '--model', join(top, 'model'), '--text'];
  await stops([...compare, join(top, 'text')]);
  await stops([...compare, join(top, 'text')], { by: 'SIGINT', moments: [500] });
  await stops([...compare, '-'], { input: sentence.repeat(400_000), moments: [200] });
  writeFileSync(join(top, 'short'), sentence.repeat(4000));
  await stops([...compare, join(top, 'short'), '--sweep']);
  await stops([...compare, join(top, 'short'), '--sensitivity']);
});

test('prompts and tasks stop soon', async (t) => {
  const top = folder(t);
  const model = join(top, 'model');
  makeModel(model);
  const tasks = Array.from({ length: 200_000 }, (_, i) =>
    JSON.stringify({ id: `t${i}`, skill: 's', lang: 'en', prompt: sentence, answer: 'boat' }),
  );
  writeFileSync(join(top, 'tasks.jsonl'), tasks.join('\n'));
  writeFileSync(join(top, 'prompts.txt'), sentence.repeat(200_000));
  await stops(['compare', '--model', model, '--tasks', join(top, 'tasks.jsonl')]);
  await stops(['compare', '--model', model, '--prompts', join(top, 'prompts.txt')]);
  const generate = ['generate', '--model', model, '-m', '100000', '--prompt'];
  await stops([...generate, 'The']);
  await stops([...generate, '-'], { input: sentence.repeat(300_000), moments: [300] });
});

test('convert stops soon, and leaves nothing', async (t) => {
  const top = folder(t);
  makeLarge(join(top, 'source'));
  for (const [name, ...more] of [
    ['a/b/out', '-q'],
    ['out.gguf', '--recipe', 'q4_k'],
  ])
    await stops(['convert', '--hf-path', join(top, 'source'), '--out', join(top, name), ...more], {
      check: () => assert.deepEqual(readdirSync(top), ['source']),
    });
});

test('train stops soon while it reads, skips and learns', async (t) => {
  const top = folder(t);
  for (const name of ['config.json', 'tokenizer.json'])
    cpSync(golden('tiny_llama', name), join(top, name));
  const recipe = { steps: 1e12, context: 64, batch_tokens: 1024, validate_every: 1e6 };
  writeFileSync(join(top, 'recipe.json'), JSON.stringify(recipe));
  mkdirSync(join(top, 'texts'));
  const text = join(top, 'texts', 'a.txt');
  const args = ['train', '--config', join(top, 'recipe.json'), '--data', join(top, 'texts')];
  args.push('--out', join(top, 'out'));
  writeFileSync(text, `${sentence}</s>`.repeat(400_000));
  /* The ids are kept beside the text once all of them are there, else nothing is. */
  const whole = /^a\.txt(\.ids)?$/;
  await stops(args, {
    check: () =>
      assert.deepEqual(
        readdirSync(join(top, 'texts')).filter((name) => !whole.test(name)),
        [],
      ),
  });

  /* A fast machine has learned something by then. */
  rmSync(join(top, 'out'), { recursive: true, force: true });
  writeFileSync(text, `${sentence}</s>`.repeat(200));
  await stops(args, { moments: [1500] });
  const checkpoint = join(top, 'out', 'checkpoint.bin');
  const bytes = readFileSync(checkpoint);
  const steps = bytes.readBigInt64LE(8);
  assert.ok(steps > 0n, 'what was learned is kept');
  await stops([...args, '--resume'], { moments: [700] });
  assert.ok(readFileSync(checkpoint).readBigInt64LE(8) > steps, 'and more of it');

  bytes.writeBigInt64LE(900_000_000_000n, 8); /* far into the data: it takes long to go there */
  writeFileSync(checkpoint, bytes);
  await stops([...args, '--resume']);
  assert.deepEqual(readFileSync(checkpoint), bytes, 'the checkpoint stays');
  assert.ok(!readdirSync(join(top, 'out')).some((name) => name.includes('partial')));
});

test('a long look at what is held out is given up, and what was learned is kept', async (t) => {
  const top = folder(t);
  for (const name of ['config.json', 'tokenizer.json'])
    cpSync(golden('tiny_llama', name), join(top, name));
  const recipe = { steps: 1000, context: 64, batch_tokens: 64, validate_every: 1 };
  recipe.validation_tokens = 1 << 28;
  writeFileSync(join(top, 'recipe.json'), JSON.stringify(recipe));
  mkdirSync(join(top, 'texts'));
  writeFileSync(join(top, 'texts', 'a.txt'), `${sentence}</s>`.repeat(20));
  writeFileSync(join(top, 'texts', 'b.txt'), `${sentence}</s>`.repeat(60_000)); /* 3 MB */
  const args = ['train', '--config', join(top, 'recipe.json'), '--data', join(top, 'texts')];
  args.push('--out', join(top, 'out'), '--threads', '1');
  /* Its folder is made when the texts are read; the first step takes no time beside the look. */
  const child = start(args);
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (data) => (err += data));
  const ended = once(child, 'close');
  while (!existsSync(join(top, 'out', 'log.csv')))
    await new Promise((done) => setTimeout(done, 20));
  await new Promise((done) => setTimeout(done, 500));
  const sent = performance.now();
  child.kill('SIGTERM');
  const [, signal] = await ended;
  const took = performance.now() - sent;
  assert.equal(signal, 'SIGTERM');
  assert.ok(took < soon, `went on for ${took.toFixed()} ms`);
  assert.match(err, /stopped after step 1, without the loss on what is held out; the same command/);
  assert.equal(readFileSync(join(top, 'out', 'checkpoint.bin')).readBigInt64LE(8), 1n);
});
