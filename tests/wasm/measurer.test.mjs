/* The measuring worker: one request after another, stopped at once, and errors that keep their code. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { expose } from '../../build/js/expose.js';
import { QueuedMeasurer } from '../../build/js/measurer.js';
import { bitlossError, file, filesOf } from './golden.mjs';

const worldDir = fileURLToPath(new URL('../../examples/tinyworld/models/0.5M', import.meta.url));
const worldFiles = fs
  .readdirSync(worldDir)
  .filter((name) => /\.(json|safetensors)$/.test(name))
  .map((name) => file(name, fs.readFileSync(path.join(worldDir, name))));
const ids = Int32Array.from({ length: 1024 }, (_, i) => 20 + ((i * 7919) % 400));
const options = { nContext: 128 };
const ignore = () => {};
const stopped = bitlossError('cancelled', /stopped/);

let measurer;
before(async () => {
  measurer = new QueuedMeasurer();
  await measurer.open(worldFiles, ignore);
});

test('before a model is open only what needs none is answered', async () => {
  const empty = new QueuedMeasurer();
  await assert.rejects(empty.weights('affine:4:64'), bitlossError('argument', /No model/));
  assert.equal((await empty.share(1, 2)).value, 0.5);
  assert.deepEqual(await empty.paretoFront([1, 2], [1, 2]), [true, false]);
  assert.match(await empty.budgetConfig('7B'), /hidden_size/);
});

test('opening tells its progress, and a file that is no model leaves none', async () => {
  const own = new QueuedMeasurer();
  const fractions = [];
  await own.open(worldFiles, (fraction) => fractions.push(fraction));
  assert.equal(fractions.at(-1), 1);
  assert.ok((await own.tokenize('Mina')).ids.length > 0);
  await assert.rejects(own.open([file('a.txt', 'a')], ignore), bitlossError('input', /a\.txt/));
  await assert.rejects(own.tokenize('Mina'), bitlossError('argument', /No model/));
});

test('requests are answered one after another', async () => {
  const order = [];
  const note = (name) => () => order.push(name);
  await Promise.all([
    measurer.text('affine:4:64', ids, options, ignore).then(note('text')),
    measurer.weights('affine:2:64').then(note('weights')),
    measurer.bytes('affine:2:64').then(note('bytes')),
    measurer.tokenize('Mina').then(note('tokens')),
  ]);
  assert.deepEqual(order, ['text', 'weights', 'bytes', 'tokens']);
});

test('a stop ends what is under way and what waits, and the next request is answered', async () => {
  const seen = [];
  const first = measurer.text('affine:4:64', ids, options, (fraction) => {
    seen.push(fraction);
    void measurer.stop();
  });
  const waiting = [
    measurer.weights('affine:3:64'),
    measurer.text('q8_0', ids, { nContext: 64 }, ignore),
  ];
  for (const { reason } of await Promise.allSettled([first, ...waiting]))
    assert.ok(stopped(reason));
  assert.ok(seen.length > 0 && seen.at(-1) < 1);
  assert.equal((await measurer.weights('affine:3:64')).recipe, 'affine:3:64');
  const tasks = Array.from({ length: 400 }, (_, i) => ({
    id: String(i),
    skill: '',
    lang: '',
    prompt: 'Q:',
    answer: 'x',
  }));
  const answering = measurer.tasks('reference', tasks, () => void measurer.stop());
  await assert.rejects(answering, stopped);
});

test('what is written in answer is what answers are judged by', async () => {
  const folder = new URL('../../examples/tinyworld/tests/', import.meta.url);
  const tasks = ['copying.en', 'facts.ko', 'addition.en'].flatMap((name) =>
    fs
      .readFileSync(new URL(`${name}.jsonl`, folder), 'utf8')
      .split('\n', 4)
      .map((line) => JSON.parse(line)),
  );
  const judged = new Set();
  for (const recipe of ['reference', 'affine:4:64', 'affine:2:64']) {
    const isRight = await measurer.tasks(recipe, tasks, ignore);
    for (const [i, task] of tasks.entries()) {
      const written = await measurer.written(recipe, task);
      assert.doesNotMatch(written, /\n|^\s|\s$/);
      assert.equal(written === task.answer, isRight[i], `${recipe} ${task.id}: ${written}`);
      judged.add(isRight[i]);
    }
  }
  assert.equal(judged.size, 2, 'some are right and some are wrong');
  const writing = measurer.written('reference', tasks[0]);
  await measurer.stop();
  await assert.rejects(writing, stopped);
});

test('texts that wait together give what each gives alone', async () => {
  const recipes = ['affine:3:64', 'reference', 'affine:3:64', 'q8_0', 'affine:8:64', 'mxfp4'];
  const fractions = recipes.map(() => []);
  const ask = (recipe, i) => measurer.text(recipe, ids, options, (f) => fractions[i].push(f));
  const together = await Promise.all(recipes.map(ask));
  for (const seen of fractions) assert.equal(seen.at(-1), 1);
  for (const [i, recipe] of recipes.entries()) {
    assert.deepEqual(together[i], await measurer.text(recipe, ids, options, ignore));
  }
});

test('a wrong request among those that wait is refused alone', async () => {
  const results = await Promise.allSettled([
    measurer.text('affine:3:64', ids, options, ignore),
    measurer.text('affine:7:64', ids, options, ignore),
    measurer.text('q8_0', ids, options, ignore),
    measurer.text('q8_0', new Int32Array(0), options, ignore),
    measurer.weightDetail('q8_0', 100000),
    measurer.weights('affine:4:64'),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.ok(bitlossError('recipe', /7.*2, 3, 4, 5, 6 or 8/)(results[1].reason));
  assert.ok(bitlossError('argument', /0 tokens/)(results[3].reason));
  assert.ok(bitlossError('argument', /100000/)(results[4].reason));
});

test('a long sweep keeps only the last few variants', async () => {
  for (const recipe of ['affine:8:64', 'affine:6:64']) await measurer.weights(recipe);
  const settings = [2, 3, 4, 5, 6, 8].flatMap((bits) =>
    [32, 64, 128].map((group) => `affine:${bits}:${group}`),
  );
  const sweep = async () => {
    for (const recipe of settings) assert.equal((await measurer.weights(recipe)).recipe, recipe);
  };
  await sweep();
  const memory = () => measurer.memoryBytes();
  const afterOne = await memory();
  for (let i = 0; i < 3; i++) await sweep();
  assert.equal(await memory(), afterOne);
});

test('the figures of weights are those of the model loaded under the recipe', async () => {
  const own = new QueuedMeasurer();
  await own.open(filesOf('tiny_llama'), ignore);
  const { Engine } = await import('../../build/js/engine.js');
  const model = await (await Engine.create()).load(filesOf('tiny_llama'), {
    recipe: 'affine:4:32',
  });
  const { sizeBytes, bitsPerWeight } = model.info;
  const { error } = model;
  const expected = { recipe: 'affine:4:32', sizeBytes, bitsPerWeight, error, notes: [] };
  assert.deepEqual(await own.weights('AFFINE:4:32'), expected);
});

/* ---- through Comlink ------------------------------------------------------------------------- */

/* Comlink makes a channel for every callback and closes it when the garbage is collected: an open one keeps
 * Node from ending until then, if ever. */
const ports = [];
globalThis.MessageChannel = class extends MessageChannel {
  constructor() {
    super();
    ports.push(this.port1, this.port2);
  }
};
const channel = new globalThis.MessageChannel();
after(() => {
  for (const port of ports) port.close();
});

test('through a channel results, progress and the codes of errors arrive', async () => {
  expose(measurer, nodeEndpoint(channel.port1));
  const remote = Comlink.wrap(nodeEndpoint(channel.port2));
  const fractions = [];
  const onFraction = Comlink.proxy((fraction) => fractions.push(fraction));
  const here = await measurer.text('affine:4:64', ids, options, ignore);
  assert.deepEqual(await remote.text('affine:4:64', ids, options, onFraction), here);
  await assert.rejects(remote.weights('affine:7:64'), bitlossError('recipe', /7/));
  const running = remote.text('affine:4:64', ids, options, onFraction);
  await remote.stop();
  await assert.rejects(running, stopped);
  assert.equal(fractions.includes(1), true);
});

test('of a reference that is damaged nothing is measured, and its variants are refused by name', async () => {
  const own = new QueuedMeasurer();
  const files = worldFiles.map((each) => each);
  const at = files.findIndex(({ name }) => name.endsWith('.safetensors'));
  const bytes = Buffer.from(await files[at].blob.arrayBuffer());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + Number(bytes.readBigUInt64LE(0))));
  const name = 'model.layers.0.mlp.up_proj.weight';
  const width = { F32: 4, F16: 2, BF16: 2 }[header[name].dtype];
  const start = 8 + Number(bytes.readBigUInt64LE(0)) + header[name].data_offsets[0];
  bytes.fill(0xff, start, start + width);
  files[at] = file(files[at].name, bytes);
  await own.open(files, ignore);
  const { stats } = await own.text('reference', ids, options, ignore);
  assert.deepEqual([stats.loss, stats.ppl.value], ['not measured', null]);
  const tasks = [{ id: 'a', prompt: 'Mina', answer: 'x' }];
  await assert.rejects(own.tasks('reference', tasks, ignore), bitlossError('input', /reference's/));
  const byName = bitlossError('input', new RegExp(`'${name}' has 1 weight that is not finite`));
  await assert.rejects(own.text('affine:4:64', ids, options, ignore), byName);
  await assert.rejects(own.weights('affine:4:64'), byName);
  assert.ok((await own.tokenize('Mina')).ids.length > 0, 'the model is still open');
});
