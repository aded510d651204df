/* bitloss compare --sweep and --sensitivity. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json } from './command.mjs';

const model = golden('tiny_llama');
const words = Array.from(
  { length: 60 },
  (_, i) => `The old boat number ${i * i} went to the ${i % 3 ? 'river' : 'sea'}.`,
).join('\n');
const write = (t) => {
  const path = join(folder(t), 'text.txt');
  writeFileSync(path, words);
  return path;
};

/* The front by its definition: no other is as small and as good, and better in one of the two. */
const onFront = (lanes, loss) =>
  lanes.map(
    (a) =>
      !lanes.some(
        (b) =>
          b.size_bytes <= a.size_bytes &&
          loss(b) <= loss(a) &&
          (b.size_bytes < a.size_bytes || loss(b) < loss(a)),
      ),
  );

test('a sweep goes over every affine setting, and marks those that none beats', () => {
  const { lanes } = json(['compare', model, '--sweep']);
  const settings = [8, 6, 5, 4, 3, 2].flatMap((bits) =>
    [128, 64, 32].map((group) => `affine:${bits}:${group}`),
  );
  assert.deepEqual(
    lanes.map(({ recipe }) => recipe),
    ['reference', ...settings],
  );
  assert.deepEqual(
    lanes.map(({ on_front }) => on_front),
    onFront(lanes, ({ rmse }) => rmse),
  );
});

test('with a text the loss of a sweep is the divergence', (t) => {
  const args = [
    'compare',
    model,
    '--sweep',
    '--recipes',
    'affine:4:64,q4_0,nf4,channel:4,channel:8,affine:8:64',
    '--text',
    write(t),
    '--context',
    '64',
  ];
  const { lanes } = json(args);
  const front = onFront(lanes, ({ kl_mean }) => kl_mean);
  assert.deepEqual(
    lanes.map(({ on_front }) => on_front),
    front,
  );
  assert.ok(front.includes(false), 'this test needs a recipe that another beats');
  const { status, out, err } = bitloss(args);
  assert.deepEqual([status, err], [0, '']);
  const rows = out.split('\n\n')[0].split('\n');
  assert.match(rows[0], /^recipe +size +bits\/w +perplexity +KL mean +same top$/);
  assert.deepEqual(
    rows.slice(1).map((row) => row.split(/ +/)[0]),
    lanes.map(({ recipe }) => recipe),
  );
  for (const row of rows) assert.ok(row.length <= 80, row);
  assert.match(out, /\nmean KL divergence over bits per weight\n/);
  const drawn = out.match(/[●○]/g);
  assert.ok(drawn.includes('●') && drawn.includes('○') && drawn.length <= lanes.length - 1);
  const named = out.match(
    /\n(Not beaten by any other that is as small|Beaten by another that is as small and loses less): ([\s\S]*)\n$/,
  );
  const expected = lanes
    .filter((lane) => lane.on_front === named[1].startsWith('Not'))
    .map(({ recipe }) => recipe);
  assert.deepEqual(named[2].split(/,\s+/), expected);
  assert.doesNotMatch(bitloss(args, { env: { LANG: 'C' } }).out, /[^\x00-\x7f]/);
});

test('a sweep in another format has what the table has', () => {
  const { out } = bitloss([
    'compare',
    model,
    '--sweep',
    '--recipes',
    'affine:4:64',
    '--format',
    'csv',
  ]);
  assert.match(out, /^recipe,/);
  assert.equal(out.trim().split('\n').length, 3);
  assert.match(
    bitloss(['compare', model, '--sweep', '--recipes', 'affine:4:64', '--format', 'md']).out,
    /\n\| affine:4:64 \|/,
  );
});

/* ---- sensitivity ---- */

test('a ranking has every unit, the most sensitive first, and each is what its recipe alone does', (t) => {
  const path = write(t);
  const args = ['--text', path, '--context', '64'];
  const run = (by) => json(['compare', model, `--sensitivity=${by}`, ...args]).sensitivity;
  const kinds = run('kind');
  assert.equal(kinds.recipe, 'affine:4:64');
  for (const kind of ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'])
    assert.ok(
      kinds.units.some((unit) => unit.unit === kind && unit.kind === kind && unit.layer === null),
      kind,
    );
  for (const by of ['tensor', 'layer', 'kind']) {
    const { units } = run(by);
    assert.deepEqual(
      units,
      units.toSorted?.((a, b) => b.kl_mean - a.kl_mean) ??
        [...units].sort((a, b) => b.kl_mean - a.kl_mean),
    );
    assert.equal(
      units.reduce((sum, { n_params }) => sum + n_params, 0),
      kinds.units.reduce((sum, { n_params }) => sum + n_params, 0),
    );
  }
  const [first] = kinds.units;
  const [, lane] = json(['compare', model, '--recipes', first.recipe, ...args]).lanes;
  assert.ok(first.kl_mean > 0);
  for (const name of ['kl_mean', 'kl_mean_se', 'same_top', 'ln_ratio'])
    assert.ok(
      Math.abs(first[name] - lane[name]) <= 1e-6 * Math.abs(lane[name]),
      `${name}: ${first[name]} ${lane[name]}`,
    );
});

test('--target-bits mixes a recipe from the ranking, and measures it beside the uniform one', (t) => {
  const args = [
    'compare',
    model,
    '--sensitivity',
    'tensor',
    '--target-bits',
    '5.5',
    '--text',
    write(t),
    '--context',
    '64',
  ];
  const { mix, lanes } = json(args);
  assert.ok(mix.bits_per_weight <= 5.5 && mix.bits_per_weight > 5, `${mix.bits_per_weight}`);
  assert.ok(mix.expected_kl > 0);
  assert.deepEqual(
    lanes.map(({ recipe }) => recipe),
    ['reference', 'affine:4:64', mix.recipe],
  );
  assert.match(lanes[2].name, /^mixture of \d\.\d\d bits$/);
  const [, again] = json([
    'compare',
    model,
    '--recipes',
    mix.recipe,
    '--text',
    write(t),
    '--context',
    '64',
  ]).lanes;
  assert.deepEqual(
    [again.size_bytes, again.kl_mean],
    [lanes[2].size_bytes, lanes[2].kl_mean],
    'the recipe is what was measured',
  );
  const { status, out } = bitloss(args);
  assert.equal(status, 0);
  assert.match(out, /^alone +weights +KL mean *\n\S+ +[\d,]+ +[\d.]+ ± [\d.]+ +█+\n/);
  assert.ok(out.includes(`\n${mix.recipe}\n`), 'to be copied');
  assert.match(out, /\nmixture of \d\.\d\d bits .*\n/);
});

test('a ranking in CSV has a row for each unit, then the lanes', (t) => {
  const args = ['compare', model, '--sensitivity', 'layer', '--text', write(t), '--context', '64'];
  const { sensitivity, lanes } = json(args);
  const rows = bitloss([...args, '--format', 'csv'])
    .out.trim()
    .split('\n');
  assert.equal(rows.length, 1 + sensitivity.units.length + lanes.length);
  assert.deepEqual(
    rows.slice(1).map((row) => row.split(',')[0]),
    [...sensitivity.units, ...lanes].map(({ recipe }) => recipe),
  );
  const markdown = bitloss([...args, '--format', 'md']).out;
  assert.ok(
    markdown.includes(
      '\nEach alone quantized to affine:4:64:\n\n| alone | weights | KL mean | same top |\n',
    ),
  );
});

test("what can't be ranked is said in a sentence", (t) => {
  const { status, out, err } = bitloss([
    'compare',
    model,
    '--sensitivity',
    '--text',
    write(t),
    '--recipes',
    'q4_k_m',
  ]);
  assert.deepEqual([status, out], [1, '']);
  assert.match(err, /^bitloss: recipe 'q4_k_m'[^\n]*single format[^\n]*\n$/);
});
