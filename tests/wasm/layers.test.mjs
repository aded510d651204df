/* What the engine says of the layers is what the command says. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compile, Engine } from '../../build/js/engine.js';
import { followLayers } from '../../build/js/layers.js';
import { makeVariant } from '../../build/js/measure.js';
import { QueuedMeasurer } from '../../build/js/measurer.js';
import { makeNative } from '../../wasm/make.mjs';
import { bitlossError, file, filesOf } from './golden.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const worldDir = path.join(root, 'examples/tinyworld/models/0.5M');
const worldFiles = fs
  .readdirSync(worldDir)
  .filter((name) => /\.(json|safetensors)$/.test(name))
  .map((name) => file(name, fs.readFileSync(path.join(worldDir, name))));
const prompt = 'Tom has three red balls. Anna gives him two more. Now Tom has';

let json;
let world;
before(async () => {
  if (!process.env.BITLOSS) await makeNative();
  ({ json } = await import('../cli/command.mjs'));
  world = await (await Engine.create()).load(worldFiles);
});

/* Other kernels add up in another order. */
const close = (found, expected, what) =>
  assert.ok(
    Math.abs(found - expected) <= 1e-3 * Math.abs(expected) + 1e-6,
    `${what}: ${found}, not ${expected}`,
  );

test('distances, cosines, divergences and tokens are the command’s', async () => {
  const recipes = ['affine:4:64', 'affine:2:64', 'q4_0'];
  const args = ['compare', worldDir, '--recipes', recipes.join(), '--layers', prompt];
  const { layers } = json(args);
  for (const recipe of recipes) {
    const variant = makeVariant(world, recipe);
    const found = await followLayers(world, variant, prompt);
    const rows = layers.rows.filter((row) => row.recipe === recipe);
    assert.deepEqual([found.nTokens, found.layers.length], [layers.ids.length, rows.length]);
    found.layers.forEach((layer, i) => {
      const row = rows[i];
      const what = `${recipe}, layer ${i}`;
      close(layer.distance, row.distance, what);
      close(layer.lastDistance, row.last_distance, what);
      close(layer.cosine, row.cosine, what);
      close(layer.lastCosine, row.last_cosine, what);
      close(layer.kl, row.kl, what);
      close(layer.pOfReferenceTop, row.p_of_reference_token, what);
      const check = (own, expected) => {
        assert.deepEqual([own[0].id, own[0].text], [expected[0].id, expected[0].token], what);
        own.forEach(({ p }, k) => close(p, expected[k].p, what));
      };
      check(layer.referenceTop, row.reference_top);
      check(layer.top, row.top);
    });
    variant.free();
  }
});

test('a distance that is infinite is told from one that is not a number', async () => {
  const written = { distance: 'infinite', lastDistance: null, cosine: 0, kl: 'infinite' };
  const core = {
    has: () => true,
    withBytes: (_, work) => work(0),
    setInts: () => {},
    address: (address) => address,
    call: () => 1,
    json: () => [written],
    release: () => {},
  };
  const model = { core, address: 0, tokenizePrompt: () => Int32Array.of(1) };
  const { layers } = await followLayers(model, model, '');
  assert.deepEqual(layers, [{ ...written, distance: Infinity, lastDistance: null, kl: Infinity }]);
});

test('progress is told to the end, and a stop ends it', async () => {
  const fractions = [];
  await followLayers(world, world, prompt, { onFraction: (fraction) => fractions.push(fraction) });
  assert.deepEqual(
    fractions,
    fractions.toSorted((a, b) => a - b),
  );
  assert.equal(fractions.at(-1), 1);
  const stop = new AbortController();
  const watch = { signal: stop.signal, onFraction: () => stop.abort() };
  const stopped = bitlossError('cancelled', /stopped/);
  await assert.rejects(followLayers(world, world, prompt, watch), stopped);
});

test('the measurer follows a prompt under a recipe', async () => {
  const measurer = new QueuedMeasurer();
  await measurer.open(worldFiles, () => {});
  const variant = makeVariant(world, 'affine:3:64');
  const expected = await followLayers(world, variant, prompt);
  assert.deepEqual(await measurer.layers('affine:3:64', prompt, () => {}), expected);
  const { layers } = await measurer.layers('reference', prompt, () => {});
  assert.ok(layers.every(({ distance, kl }) => distance === 0 && kl === 0));
  variant.free();
});

test('a prompt that cannot be followed is refused in the core’s words', async () => {
  const refused = (given, words) =>
    assert.rejects(followLayers(world, world, given), bitlossError('argument', words));
  await refused('', /the prompt is empty/);
  await refused('a b '.repeat(1000), /tokens long, the context holds 512/);
  const bare = await (await Engine.create()).load(
    filesOf('tiny_llama').filter(({ name }) => !name.startsWith('tokenizer')),
  );
  await assert.rejects(followLayers(bare, bare, 'x'), bitlossError('unsupported', /tokenizer/));
});

test('the small module says that it cannot', async () => {
  const bytes = fs.readFileSync(path.join(root, 'build/wasm/bitloss-simd128.wasm'));
  const small = await (await Engine.create(await compile(bytes))).load(worldFiles);
  await assert.rejects(followLayers(small, small, prompt), bitlossError('unsupported', /module/));
});
