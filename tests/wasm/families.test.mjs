/* The first module knows the families whose block is Llama's. Of any other it says that the full one may
 * know it, and a worker's engine then goes on with that. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../build/js/engine.js';
import * as measure from '../../build/js/measure.js';
import { Starter } from '../../build/js/starter.js';
import { expected, expectedLogits, filesOf, readGolden } from './golden.mjs';

const first = fs.readFileSync(
  path.join(fileURLToPath(new URL('../..', import.meta.url)), 'build/wasm/bitloss-simd128.wasm'),
);
const GPT2 = readGolden('budget', 'gpt2.config.json').toString();

test('the first module sends other families, in both containers, to the full one', async () => {
  const engine = await Engine.create(first);
  await engine.load(filesOf('tiny_qwen3')).then((model) => model.free());
  for (const files of [filesOf('tiny_gpt2'), filesOf('tiny_bert')])
    await assert.rejects(engine.load(files), { code: 'elsewhere' });
  const gguf = { name: 'model.gguf', blob: new Blob([readGolden('tiny_gguf', 'tiny_gpt2.gguf')]) };
  await assert.rejects(engine.load([gguf]), { code: 'elsewhere' });
  assert.throws(() => measure.budgetOf(engine, GPT2, {}), { code: 'elsewhere' });
  const odd = GPT2.replace('"gpt2"', '"mamba"');
  assert.throws(() => measure.budgetOf(engine, odd, {}), { code: 'elsewhere' });
});

test('an engine that started on the first module runs other blocks all the same', async () => {
  let lost = 0;
  const starter = new Starter(
    async () => first,
    () => lost++,
  );
  for (const name of ['tiny_gpt2', 'tiny_gemma3', 'tiny_gemma2', 'tiny_phi3', 'tiny_olmo2']) {
    const model = await starter.load(filesOf(name), {}, (made) => made);
    const logits = await model.logits(expected(name).ids);
    const wanted = expectedLogits(name);
    assert.equal(logits.length, wanted.length);
    const worst = wanted.reduce((most, x, i) => Math.max(most, Math.abs(x - logits[i])), 0);
    assert.ok(worst < 1e-3, `${name}: ${worst}`);
    model.free();
  }
  assert.equal(lost, 1);
});

test('a budget is had from the full module, and the engine stays', async () => {
  let lost = 0;
  const starter = new Starter(
    async () => first,
    () => lost++,
  );
  const engine = await starter.engine();
  const gpt2 = await starter.ask((one) => measure.budgetOf(one, GPT2, {}));
  assert.equal(gpt2.nParams, 124439808);
  await assert.rejects(
    starter.ask((one) => measure.budgetOf(one, GPT2.replace('"gpt2"', '"mamba"'), {})),
    /'model_type' is 'mamba', expected llama, .*gpt2/,
  );
  assert.equal(await starter.engine(), engine);
  assert.equal(lost, 0);
});
