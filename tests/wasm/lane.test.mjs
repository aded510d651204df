/* What a lane's worker keeps of a small model, and what it makes of that. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { LaneApi } from '../../build/js/lane.js';
import { QueuedMeasurer } from '../../build/js/measurer.js';
import { filesOf } from './golden.mjs';

/** Comparable: without infinities, which are no numbers in JSON, and with the notes in one order. */
function figures({ info, error, tensors }) {
  const notes = [...info.notes].sort((a, b) => a.message.localeCompare(b.message));
  return JSON.parse(JSON.stringify({ info: { ...info, notes }, error, tensors }));
}

async function write(lane) {
  let text = '';
  await lane.generate('The sea', { maxTokens: 12 }, (event) => {
    if (event.kind === 'done') text = event.text;
  });
  return text;
}

const RECIPES = [
  'affine:4:64',
  'q8_0',
  'reference',
  'bf16',
  'affine:2:32/v_proj=q8_0',
  'affine:4:64@int8',
];

const MODELS = {
  tiny_llama: filesOf('tiny_llama'),
  tiny_llama_mlx4: filesOf('tiny_llama_mlx4'),
  'a GGUF': filesOf('tiny_gguf').filter(({ name }) => name === 'tiny_llama.gguf'),
};

for (const [name, files] of Object.entries(MODELS))
  test(`${name}: a recipe of what is kept is the recipe of the files`, async () => {
    const [kept, direct] = [new LaneApi(), new LaneApi()];
    await kept.load(files, 'affine:3:64', true);
    for (const recipe of RECIPES) {
      const made = await kept.requantize(recipe);
      assert.deepEqual(figures(made), figures(await direct.load(files, recipe, false)), recipe);
      assert.equal(await write(kept), await write(direct), recipe);
    }
    const first = await new LaneApi().load(files, 'affine:3:64', true);
    assert.deepEqual(figures(first), figures(await direct.load(files, 'affine:3:64', false)));
  });

test('a recipe that is wrong leaves the lane as it was', async () => {
  const lane = new LaneApi();
  await lane.load(filesOf('tiny_llama'), 'affine:4:64', true);
  const text = await write(lane);
  await assert.rejects(lane.requantize('affine:9:64'), { code: 'recipe' });
  assert.equal(await write(lane), text);
  await assert.rejects(lane.load(filesOf('tiny_llama'), 'affine:9:64', true), { code: 'recipe' });
  assert.equal(await write(lane), text);
});

test('what is written when another recipe is ready ends as cancelled', async () => {
  const lane = new LaneApi();
  await lane.load(filesOf('tiny_llama'), 'affine:4:64', true);
  let made;
  let stop;
  await lane.generate('The sea', { maxTokens: 64 }, (event) => {
    if (event.kind === 'token') made ??= lane.requantize('affine:8:64');
    if (event.kind === 'done') stop = event.stop;
  });
  assert.equal(stop, 'cancelled');
  assert.equal((await made).info.recipe, 'affine:8:64');
});

test('without kept weights another recipe needs the files', async () => {
  const lane = new LaneApi();
  await lane.load(filesOf('tiny_llama'), 'affine:4:64', false);
  await assert.rejects(lane.requantize('affine:8:64'), { code: 'argument' });
  await lane.load(filesOf('tiny_llama'), 'affine:4:64', true);
  lane.free();
  await assert.rejects(lane.requantize('affine:8:64'), { code: 'argument' });
});

test('an engine that does not start is tried again', async () => {
  let n = 0;
  const lane = new LaneApi(async () => {
    if (n++ === 0) throw new Error('not yet');
    return undefined;
  });
  await assert.rejects(lane.warm(), /not yet/);
  const { info } = await lane.load(filesOf('tiny_llama'), 'affine:4:64', true);
  assert.equal(info.recipe, 'affine:4:64');
});

test('a model that the first module lacks the code for is had from the full one', async () => {
  const first = new WebAssembly.Module(
    fs.readFileSync(new URL('../../build/wasm/bitloss-simd128.wasm', import.meta.url)),
  );
  const [lane, full] = [new LaneApi(async () => first), new LaneApi()];
  await lane.load(filesOf('tiny_llama'), 'affine:4:64', true);
  const text = await write(lane);
  // What goes wrong on the full one leaves the lane as it was, too.
  await assert.rejects(lane.load(filesOf('tiny_gpt2'), 'affine:9:64', true), { code: 'recipe' });
  assert.equal(await write(lane), text);
  const loaded = await lane.load(filesOf('tiny_gpt2'), 'affine:4:64', true);
  assert.deepEqual(
    figures(loaded),
    figures(await full.load(filesOf('tiny_gpt2'), 'affine:4:64', true)),
  );
  assert.equal(await write(lane), await write(full));
  await lane.requantize('q8_0');
  await lane.load(filesOf('tiny_llama'), 'affine:4:64', true);
  assert.equal(await write(lane), text);
  const measurer = new QueuedMeasurer(async () => first);
  await measurer.open(filesOf('tiny_gpt2'), () => {});
  assert.ok((await measurer.weights('affine:4:64')).sizeBytes > 0);
});
