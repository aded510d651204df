/* What the page knows of formats, held against the core that has them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { root, useModules } from './modules.mjs';

const modules = useModules();
const { load } = modules;
const tinyWorld = path.join(root, 'examples/tinyworld/models/2M');
let engine;
let formats;

before(async () => {
  const { Engine } = await load('wasm/engine.ts');
  engine = await Engine.create(
    fs.readFileSync(path.join(root, 'build/wasm/bitloss-full-simd128.wasm')),
  );
  formats = engine.formats();
});
after(() => modules.close());

const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
const quantized = (recipe) =>
  engine.load(
    names.map((name) => ({ name, blob: new Blob([fs.readFileSync(path.join(tinyWorld, name))]) })),
    { recipe },
  );

test('every kind that the core lists has a name and a sentence in both languages, and nothing else has', async () => {
  const { messages } = await load('web/i18n/index.ts');
  const { GROUPS, groupOf } = await load('web/experiment/recipe.ts');
  const listed = formats.kinds.map(({ name }) => name).sort();
  for (const { formats: texts } of [messages.en, messages.ko]) {
    assert.deepEqual(Object.keys(texts.kinds).sort(), listed);
    assert.deepEqual(Object.keys(texts.families).sort(), [...GROUPS].sort());
    for (const kind of formats.kinds) {
      const { name, title, about } = texts.kinds[kind.name];
      assert.ok(name && name.length <= 24, `${kind.name}: ${name}`);
      assert.match(about, /[.]$/, kind.name);
      assert.equal(
        title !== undefined,
        kind.bits.length > 0,
        `${kind.name} has a title with its bits`,
      );
      assert.ok(GROUPS.includes(groupOf(kind)), kind.name);
    }
  }
  for (const group of GROUPS)
    assert.ok(
      formats.kinds.some((kind) => groupOf(kind) === group),
      group,
    );
});

test("what the menu writes is the core's own spelling, and reads back as what was chosen", async () => {
  const { toChoice, toRecipe } = await load('web/experiment/recipe.ts');
  for (const kind of formats.kinds) {
    for (const bits of [null, ...kind.bits]) {
      for (const group of [null, ...kind.groups]) {
        const recipe = toRecipe(kind, bits, group);
        assert.equal(engine.parseRecipe(recipe).text, recipe);
        const choice = toChoice(recipe, formats);
        assert.equal(choice.kind, kind);
        if (bits) assert.equal(choice.bits, bits);
        if (group) assert.equal(choice.group, group);
      }
    }
    // Integer activations, for a kind that has them; asked of another, they are left out.
    const int8 = toRecipe(kind, null, null, true);
    assert.equal(int8.endsWith('@int8'), kind.int8Activations);
    assert.equal(engine.parseRecipe(int8).text, int8);
    assert.equal(toChoice(int8, formats).isInt8, kind.int8Activations);
    // A setting that the kind does not have gives way to the default.
    assert.equal(toRecipe(kind, 99, 7), toRecipe(kind, null, null));
  }
});

test('a recipe that the menu cannot show is not taken for one that it can', async () => {
  const { toChoice } = await load('web/experiment/recipe.ts');
  for (const recipe of [
    'affine:4:64/lm_head=bf16',
    'affine:4:64@int8/lm_head=bf16',
    'affine:4:64@int4',
    'nf4@int8',
    '@int8',
    'affine:4:64:1',
    'bf16:4',
    'reference',
    '',
    ':4',
    'toString',
    'affine:9:64',
    // The core's spelling is asked for before.
    'AFFINE:3',
    'affine:3@FLOAT',
  ]) {
    assert.equal(toChoice(recipe, formats), null, recipe);
  }
  for (const [written, meant] of [
    ['AFFINE:3', 'affine:3:64'],
    ['affine:3@FLOAT', 'affine:3:64'],
    ['Affine:4:64@INT8', 'affine:4:64@int8'],
  ])
    assert.equal(toChoice(engine.parseRecipe(written).text, formats).text, meant);
});

test('bits per weight are announced with the scales in the type of the reference', async () => {
  const { announcedBits } = await load('web/experiment/recipe.ts');
  const announced = (recipe, storedAs) => announcedBits(recipe, formats, storedAs);
  assert.equal(announced('affine:4:64', 'bf16'), 4 + 32 / 64);
  assert.equal(announced('affine:4:64', 'f32'), 4 + 64 / 64);
  assert.equal(announced('affine:4:64', 'q4_1'), 4 + 32 / 64);
  assert.equal(announced('q6_k', 'bf16'), (128 + 64 + 16 + 2) / 32);
  assert.equal(announced('nf4', 'bf16'), 4 + 32 / 64);
  assert.equal(announced('q4_k_m', 'bf16'), null);
  assert.equal(announced('affine:4:64/lm_head=bf16', 'bf16'), null);
});

test('what is offered to be saved is what the core can write', async () => {
  const { containersFor, outcomeOf } = await load('web/experiment/recipe.ts');
  const { CONTAINERS } = await load('wasm/types.ts');
  const recipes = [
    'reference',
    'affine:4:64@int8',
    'affine:4:64/embed_tokens=f16/mlp=q8_0',
    ...formats.kinds.map(({ name }) => name),
  ];
  for (const recipe of recipes) {
    const model = await quantized(recipe);
    const offered = containersFor({ tensors: model.tensors() }, formats);
    for (const container of CONTAINERS) {
      let refusal = null;
      try {
        model.export(container).release();
      } catch (error) {
        refusal = error;
      }
      assert.equal(
        refusal === null,
        offered.includes(container),
        `${recipe} as ${container}: ${refusal?.message}`,
      );
    }
    const { bits, nLeft, nMatrices } = outcomeOf(
      { info: model.info, tensors: model.tensors() },
      formats,
    );
    assert.ok(nLeft <= nMatrices && nMatrices === 4 * 7 + 1, recipe);
    if (recipe === 'int8') assert.equal(nLeft, 0);
    if (recipe === 'affine:4:64@int8') assert.deepEqual([bits, nLeft], [4.5, 0]);
    if (recipe === 'q4_k') assert.deepEqual([bits, nLeft], [4.5, 0]);
    if (recipe === 'bf16') assert.deepEqual([bits, nLeft], [16, 0]);
    model.free();
  }
});

test('a file is named after the model and the recipe, in characters that every disk takes', async () => {
  const { fileNameFor } = await load('web/experiment/recipe.ts');
  assert.equal(
    fileNameFor('HuggingFaceTB/SmolLM2-135M', 'affine:4:64', 'mlx'),
    'SmolLM2-135M-affine-4-64-mlx.zip',
  );
  assert.equal(
    fileNameFor('https://example.org/a/tiny.gguf', 'q4_k_m', 'gguf'),
    'tiny-q4_k_m.gguf',
  );
  assert.equal(fileNameFor('tinyworld-0.5M', 'reference', 'gguf'), 'tinyworld-0.5M.gguf');
  assert.equal(
    fileNameFor('내 모델', 'affine:4:64/lm_head=f16', 'mlx'),
    '내-모델-affine-4-64-lm_head-f16-mlx.zip',
  );
  assert.equal(fileNameFor('a/b', 'nf4', 'torch'), 'b-nf4-torch.zip');
  assert.equal(fileNameFor('../..', 'reference', 'gguf'), 'model.gguf');
  assert.ok(fileNameFor('x'.repeat(500), 'y'.repeat(700), 'mlx').length < 140);
});

test('the values drawn are those that weights have after scaling', async () => {
  const levels = await load('web/panels/lanes/levels.ts');
  const levelsOf = (name, bits) =>
    levels.levelsOf(
      formats.kinds.find((kind) => kind.name === name),
      bits,
    );
  const uneven = {
    mxfp4: [-6, 6],
    mxfp4_ggml: [-6, 6],
    nvfp4: [-6, 6],
    nf4: [-1, 1],
    iq4_nl: [-127, 113],
    mxfp8: [-448, 448],
  };
  for (const [name, [low, high]] of Object.entries(uneven)) {
    const levels = levelsOf(name, null).map((level) => low + level * (high - low));
    const model = await quantized(name);
    const index = model.tensors().findIndex(({ converted }) => converted);
    const values = model.decodeRows(index, 0, 4);
    // Sixteen neighbours share a scale in all of these: for some scale all of them are levels.
    for (let at = 0; at < values.length; at += 16) {
      const group = [...values.subarray(at, at + 16)];
      const largest = Math.max(...group.map(Math.abs));
      const fits = (scale) =>
        group.every((value) =>
          levels.some(
            (level) =>
              Math.abs(value / scale - level) <= 5e-3 * Math.max(Math.abs(level), high / 1000),
          ),
        );
      const scales = levels
        .filter((level) => level !== 0)
        .flatMap((level) => [largest / level, -largest / level]);
      assert.ok(
        largest === 0 || scales.some(fits),
        `${name} at ${at}: ${group.map((v) => v / largest)}`,
      );
    }
    model.free();
  }
  assert.deepEqual(levelsOf('affine', 2), [0, 1 / 3, 2 / 3, 1]);
  assert.equal(levelsOf('channel', 8).length, 255);
  assert.equal(levelsOf('channel_asym', 8).length, 256);
  assert.equal(levelsOf('q4_k_m', null), null);
});
