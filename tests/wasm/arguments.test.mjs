/* Numbers that no method can use are refused by name, before the module sees them, and the engine and
 * its models go on. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Engine } from '../../build/js/engine.js';
import * as measure from '../../build/js/measure.js';
import { bitlossError, eventsOf, expected, filesOf } from './golden.mjs';

let engine, model, variant, foreign;
before(async () => {
  engine = await Engine.create();
  model = await engine.load(filesOf('tiny_llama'));
  variant = measure.makeVariant(model, 'affine:4:32');
  foreign = await (await Engine.create()).load(filesOf('tiny_llama'));
});

/* No count and no index. */
const NOT_WHOLE = [0.5, -1, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, 2 ** 53, '1', null, {}];
const NOT_LARGE = [0.5, -1, NaN, Infinity, -Infinity, 2 ** 54, '1', null, {}];
const NOT_FINITE = [NaN, Infinity, -Infinity, '1', null, {}];
const NO_NAME = ['', 'x', 'constructor', 0, null, {}];

const oneId = [0];
const unit = { pattern: 'x', layer: 0, kind: 'x', nParams: 1 };
const mixOf = (units, kl, bits) =>
  measure.makeMix(model, units, kl, 'affine:4:32', ['affine:8:32'], bits);

/* What takes the value, the name it goes by, and the values. */
const calls = [
  ['chunkBytes', (x) => Engine.create(undefined, { chunkBytes: x }), NOT_WHOLE],
  ['tensor', (x) => model.decodeRows(x, 0, 1), NOT_WHOLE],
  ['tensor', (x) => model.decodeRows(x, 0, 1), [1000, undefined]],
  ['firstRow', (x) => model.decodeRows(0, x, 1), NOT_WHOLE],
  ['nRows', (x) => model.decodeRows(0, 0, x), NOT_WHOLE],
  ['ids\\[0\\]', (x) => model.pieces([x]), NOT_WHOLE],
  ['ids\\[1\\]', (x) => model.decode([0, x]), NOT_WHOLE],
  ['ids\\[0\\]', (x) => model.logits([x]), NOT_WHOLE],
  ['maxTokens', (x) => eventsOf(model.generate('a', { maxTokens: x })), NOT_WHOLE],
  ['temperature', (x) => eventsOf(model.generate('a', { temperature: x })), [-1, ...NOT_FINITE]],
  ['topK', (x) => eventsOf(model.generate('a', { topK: x })), NOT_WHOLE],
  ['topP', (x) => eventsOf(model.generate('a', { topP: x })), [-1, 1.5, ...NOT_FINITE]],
  ['minP', (x) => eventsOf(model.generate('a', { minP: x })), [-1, 1.5, ...NOT_FINITE]],
  ['seed', (x) => eventsOf(model.generate('a', { seed: x })), NOT_LARGE],
  ['container', (x) => model.export(x), NO_NAME],
  ['tensor', (x) => measure.weightDetail(model, variant, x), [1000, ...NOT_WHOLE]],
  ['nContext', (x) => measure.measureText(model, [model], oneId, { nContext: x }), NOT_WHOLE],
  ['first', (x) => measure.measureText(model, [model], oneId, { first: x }), NOT_WHOLE],
  ['ids\\[0\\]', (x) => measure.measureText(model, [model], [x]), NOT_WHOLE],
  ['nRight', (x) => measure.shareOf(engine, x, 5), [6, ...NOT_LARGE]],
  ['n', (x) => measure.shareOf(engine, 0, x), NOT_LARGE],
  ['by', (x) => measure.listUnits(model, x), NO_NAME],
  ['kl\\[0\\]', (x) => mixOf([unit], [x], 4), NOT_FINITE],
  ['targetBits', (x) => mixOf([unit], [0], x), [-1, ...NOT_FINITE]],
  ['units\\[0\\]\\.layer', (x) => mixOf([{ ...unit, layer: x }], [0], 4), NOT_FINITE],
  ['units\\[0\\]\\.nParams', (x) => mixOf([{ ...unit, nParams: x }], [0], 4), NOT_LARGE],
  ['nContext', (x) => measure.budgetOf(engine, '{}', { nContext: x }), NOT_LARGE],
];

for (const [name, call, values] of calls) {
  test(`${call.toString().slice('(x) => '.length)} says what is wrong`, async () => {
    const sentence = new RegExp(`^${name} is .*, expected .*\\.$`);
    for (const value of values) {
      await assert.rejects(
        async () => call(value),
        bitlossError('argument', sentence),
        String(value),
      );
    }
    assert.equal(engine.fault, null);
  });
}

test('ids that are not in the vocabulary are refused by the core', async () => {
  const outside = bitlossError('argument', /./);
  await assert.rejects(model.logits([2 ** 31 - 1]), outside);
  await assert.rejects(measure.measureText(model, [model], [0, 1, 2 ** 31 - 1]), outside);
});

test('models of two engines are not compared', async () => {
  const differ = bitlossError('argument', /different engines/);
  assert.throws(() => measure.weightDetail(foreign, variant, 0), differ);
  await assert.rejects(measure.measureText(model, [foreign], oneId), differ);
});

test('the C side has bounds of its own', () => {
  const { core } = engine;
  for (const index of [-1, 1000, 2 ** 31 - 1]) {
    assert.equal(core.call('bw_scale_group', variant.address, index), -1);
    assert.equal(core.call('bw_weight_detail', model.address, variant.address, index, 0, 0), 0);
    assert.equal(core.string(core.call('bw_work_name', index)), '');
  }
});

test('after all of it the model writes what it wrote', async () => {
  const { prompt, greedy_text: text, max_tokens: maxTokens } = expected('tiny_llama');
  assert.equal((await eventsOf(model.generate(prompt, { maxTokens }))).at(-1).text, text);
});

test('a prompt is cut into tokens once', async () => {
  const { core } = model;
  const { call } = core;
  const names = [];
  core.call = (name, ...args) => {
    names.push(name);
    return call.call(core, name, ...args);
  };
  try {
    await eventsOf(model.generate('Once upon a time', { maxTokens: 2 }));
  } finally {
    delete core.call;
  }
  assert.equal(names.filter((name) => name === 'bw_tokenize').length, 1);
});
