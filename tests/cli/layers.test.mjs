/* bitloss compare --layers: a prompt followed through the layers, in every format it is printed in. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson } from './command.mjs';

const world = golden('..', '..', 'examples', 'tinyworld', 'models', '0.5M');
const prompt = 'Tom has three red balls. Anna gives him two more. Now Tom has';
const near = (found, expected, what) =>
  assert.ok(Math.abs(found - expected) <= 1e-3 * Math.abs(expected) + 1e-7, `${what}: ${found}`);

test('the JSON has the figures of mlx_lm’s hidden states', () => {
  for (const { model, recipe, ids, stages } of readJson(golden('layers', 'layers.json'))) {
    const { prompt: text } = readJson(golden(model, 'expected.json'));
    const args = ['compare', golden(model), '--recipes', recipe, '--layers', text];
    const { layers } = json(args);
    assert.deepEqual([layers.prompt, layers.ids], [text, ids]);
    assert.deepEqual(
      layers.rows.map((row) => [row.recipe, row.layer]),
      stages.map((_, i) => [recipe, i]),
    );
    layers.rows.forEach((row, i) => {
      const stage = stages[i];
      for (const key of ['distance', 'last_distance', 'cosine', 'last_cosine', 'kl'])
        near(row[key], stage[key], `${model}, layer ${i}, ${key}`);
      near(row.p_of_reference_token, stage.p_of_ref_top, 'p of the reference’s token');
      const pairs = (top) => top.map(({ id }) => id);
      assert.deepEqual(
        pairs(row.top),
        stage.top.map(([id]) => id),
      );
      assert.deepEqual(
        pairs(row.reference_top),
        stage.ref_top.map(([id]) => id),
      );
      assert.deepEqual([row.id, row.p], [row.top[0].id, row.top[0].p]);
      near(row.reference_p, stage.ref_top[0][1], 'the reference’s p');
    });
  }
});

test('after the last layer each says what it writes next', () => {
  const recipes = ['affine:4:64', 'affine:2:64'];
  const { layers } = json(['compare', world, '--recipes', recipes.join(), '--layers', prompt]);
  for (const recipe of ['reference', ...recipes]) {
    const args = ['generate', '--model', world, '--recipe', recipe, '--prompt', prompt, '-m', '1'];
    const row = layers.rows.findLast((one) => recipe === 'reference' || one.recipe === recipe);
    const { out } = bitloss(args);
    const token = recipe === 'reference' ? row.reference_token : row.token;
    assert.equal(out.trimEnd(), token.trimEnd(), recipe);
  }
});

test('the table has a row for each layer, and a sentence says where they part', () => {
  const args = ['compare', world, '--recipes', 'affine:8:64,affine:2:64', '--layers', prompt];
  const { layers } = json(args);
  const { out, status } = bitloss(args);
  assert.equal(status, 0);
  const [, eight, two] = out.split(/\n\n/);
  for (const [text, recipe] of [
    [eight, 'affine:8:64'],
    [two, 'affine:2:64'],
  ]) {
    const [name, heading, ...rows] = text.trimEnd().split('\n');
    assert.equal(name, recipe);
    assert.match(heading, /after layer +distance .*reference would say +this would say/);
    const sentence = rows.pop();
    const own = layers.rows.filter((row) => row.recipe === recipe);
    assert.deepEqual(
      rows.map((row) => row.split(/ +/, 2)[0]),
      ['embedding', '1', '2', '3'],
    );
    rows.forEach((row, i) => {
      assert.equal(Number(row.split(/ +/)[1]), Number(own[i].distance.toPrecision(3)));
      assert.ok(row.includes(`"${own[i].token}" ${(100 * own[i].p).toFixed(1)}%`), row);
    });
    const parts = own.findIndex((row) => row.id !== row.reference_id);
    const expected =
      parts < 0
        ? 'After every layer it would say the same token.'
        : parts === 1
          ? 'After the embedding it would say the same token, after layer 1 another.'
          : `Up to layer ${parts - 1} it would say the same token, after layer ${parts} another.`;
    assert.equal(sentence, expected);
  }
});

test('Markdown and CSV have the same rows', () => {
  const args = ['compare', world, '--recipes', 'affine:2:64', '--layers', prompt];
  const { rows } = json(args).layers;
  const markdown = bitloss([...args, '--format', 'md']).out;
  assert.ok(markdown.includes(`- layer by layer, after: ${prompt}\n`));
  assert.ok(markdown.includes('\naffine:2:64, layer by layer:\n\n| after layer | distance |'));
  assert.equal(markdown.match(/^\| (embedding|\d+) \|/gm).length, rows.length);
  const [heading, ...lines] = bitloss([...args, '--format', 'csv'])
    .out.trimEnd()
    .split('\n');
  const columns = heading.split(',');
  const cells = lines.map((line) => line.split(','));
  const of = (line, name) => line[columns.indexOf(name)];
  const layers = cells.filter((line) => of(line, 'layer') !== '');
  assert.deepEqual(
    layers.map((line) => [Number(of(line, 'layer')), Number(of(line, 'distance'))]),
    rows.map(({ layer, distance }) => [layer, distance]),
  );
  assert.equal(cells.length, rows.length + 2, 'beside a row for each lane');
});

test('a byte of a character is told by its number', () => {
  const { layers } = json([
    'compare',
    golden('tiny_llama'),
    '--recipes',
    'affine:4:64',
    '--layers',
    '🙂',
  ]);
  assert.match(layers.rows[0].reference_token, /^<[0-9A-F]{2}>$/);
});

test('what cannot be followed is refused in a sentence', (t) => {
  const refuse = (args, sentence, status = 1, options) => {
    const { err, status: found } = bitloss(['compare', ...args], options);
    assert.match(err, sentence);
    assert.equal(err.trim().split('\n').length, 1, err);
    assert.equal(found, status);
  };
  const bare = folder(t);
  for (const name of ['config.json', 'model.safetensors'])
    copyFileSync(join(world, name), join(bare, name));
  refuse([bare, '--layers', 'x'], /has no tokenizer, so it cannot read a prompt/);
  refuse([world, '--layers', ''], /the prompt is empty, and this model has no token to begin/);
  refuse([world, '--layers', '-'], /the prompt is \d+ tokens long, the context holds 512/, 1, {
    input: 'a b '.repeat(1000),
  });
  refuse([world, '--layers', 'x', '--recipes', 'reference'], /needs a recipe other than/, 2);
  refuse([world, '--layers', '-', '--prompt', '-'], /can't both be read/, 2);
  const other = golden('..', '..', 'examples', 'tinyworld', 'models', '2M');
  refuse([world, '--against', golden('tiny_llama'), '--layers', 'x'], /has a vocabulary of/);
  refuse([world, '--against', other, '--layers', 'x'], /layers can't be compared/);
});
