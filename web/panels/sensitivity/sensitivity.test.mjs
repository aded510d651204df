/* Sensitivity: what is quantized alone, how the ranking and the map are made, the mixed recipe's
 * formats, and the panel on a real model. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { openShipped, useModules } from '../../../tests/web/modules.mjs';

const modules = useModules();
let run;
let grid;
before(async () => {
  run = await modules.load('web/panels/sensitivity/run.ts');
  grid = await modules.load('web/panels/sensitivity/grid.ts');
});
after(() => modules.close());

const unit = (pattern, layer, kind) => ({ pattern, layer, kind, nParams: 64 });
const UNITS = [
  unit('embed_tokens', -1, 'embed_tokens'),
  unit('layers.0.mlp.up_proj', 0, 'up_proj'),
  unit('layers.1.mlp.up_proj', 1, 'up_proj'),
  unit('layers.1.mlp.down_proj', 1, 'down_proj'),
];
const result = (one, kl) => ({
  unit: one,
  stats: kl === undefined ? null : { klMean: { value: kl, error: kl / 10 } },
});
const watch = () => ({
  stopped: false,
  fractions: [],
  report(fraction) {
    this.fractions.push(fraction);
  },
});

test('each part is quantized alone, all else staying as it is', async () => {
  const asked = [];
  const session = {
    text: async (recipe) => {
      asked.push(recipe);
      return { stats: { klMean: { value: asked.length, error: 0 } } };
    },
  };
  const progress = watch();
  let results;
  await run.runSensitivity(
    session,
    UNITS,
    'affine:4:64',
    { ids: new Int32Array(4) },
    progress,
    (list) => (results = list),
  );
  assert.deepEqual(asked, [
    'reference/embed_tokens=affine:4:64',
    'reference/layers.0.mlp.up_proj=affine:4:64',
    'reference/layers.1.mlp.up_proj=affine:4:64',
    'reference/layers.1.mlp.down_proj=affine:4:64',
  ]);
  assert.deepEqual(
    results.map(({ stats }) => stats.klMean.value),
    [1, 2, 3, 4],
  );
  assert.equal(progress.fractions.at(-1), 1);
});

test('a stop ends it after the parts that go through the text together, and their results are not shown', async () => {
  const progress = watch();
  let nAsked = 0;
  const session = {
    text: async () => {
      if (++nAsked === 5) progress.stopped = true;
      return { stats: { klMean: { value: 1, error: 0 } } };
    },
  };
  let results;
  const units = Array.from({ length: 12 }, (_, i) => unit(`layers.${i}`, i, ''));
  await run.runSensitivity(
    session,
    units,
    'q4_0',
    { ids: new Int32Array(4) },
    progress,
    (list) => (results = list),
  );
  assert.equal(nAsked, 8);
  assert.deepEqual(
    results.map(({ stats }) => stats !== null),
    units.map((_, i) => i < 4),
  );
});

test('the ranking begins with the most sensitive, and leaves out what gave no number', () => {
  const results = [
    result(UNITS[0], 0.1),
    result(UNITS[1], null),
    result(UNITS[2], 0.6),
    result(UNITS[3]),
  ];
  const ranked = run.ranking(results);
  assert.deepEqual(
    ranked.map((one) => one.unit.pattern),
    ['layers.1.mlp.up_proj', 'embed_tokens'],
  );
});

test('how many parts make up half of the loss', () => {
  const ranked = (...kls) => kls.map((kl, i) => result(UNITS[i], kl));
  assert.equal(run.halfOfLoss(ranked(6, 2, 1, 1)), 1);
  assert.equal(run.halfOfLoss(ranked(1, 1, 1, 1)), 2);
  assert.equal(run.halfOfLoss(ranked(0, 0)), 0);
});

test('the map has a row for each kind and a column for each layer', () => {
  const { nLayers, rows } = grid.toGrid(UNITS.map((one) => result(one, 1)));
  assert.equal(nLayers, 2);
  assert.deepEqual(
    rows.map(({ kind, cells }) => [kind, cells.map((cell) => cell?.unit.pattern ?? null)]),
    [
      ['embed_tokens', ['embed_tokens']],
      ['up_proj', ['layers.0.mlp.up_proj', 'layers.1.mlp.up_proj']],
      ['down_proj', [null, 'layers.1.mlp.down_proj']],
    ],
  );
});

test('shades go from hardly any for the least to full for the greatest, and nothing for no loss', () => {
  assert.equal(grid.shadeOf(0, 0.001, 1), 0);
  assert.equal(grid.shadeOf(1, 0.001, 1), 1);
  assert.ok(grid.shadeOf(0.001, 0.001, 1) > 0 && grid.shadeOf(0.001, 0.001, 1) < 0.1);
  // Half-way on a log scale.
  assert.ok(Math.abs(grid.shadeOf(Math.sqrt(0.001), 0.001, 1) - 0.53) < 1e-9);
  assert.equal(grid.shadeOf(0.5, 0.5, 0.5), 1);
});

const KINDS = [
  {
    name: 'affine',
    family: 'mlx',
    bits: [3, 4, 8],
    groups: [32, 64],
    defaultBits: 4,
    defaultGroup: 64,
    isMixture: false,
  },
  { name: 'q4_0', family: 'ggml', bits: [], groups: [], isMixture: false },
  { name: 'q8_0', family: 'ggml', bits: [], groups: [], isMixture: false },
  { name: 'q4_k_m', family: 'ggml', bits: [], groups: [], isMixture: true },
];
const same = (bits) => ({ f32: bits, f16: bits, bf16: bits });
/** The recipes of a made-up kind in its settings, with bits per weight where the test says. */
const withRecipes = (kind, costs = {}) => {
  const choices = (values) => (values.length > 0 ? values : [null]);
  const after = (value) => (value === null ? '' : `:${value}`);
  const recipes = choices(kind.bits).flatMap((bits) =>
    choices(kind.groups).map((group) => {
      const text = kind.name + after(bits) + after(group);
      return { text, bits, group, isInt8: false, bitsPerWeight: costs[text] };
    }),
  );
  return { ...kind, recipes };
};
const COSTS = { 'affine:3:64': same(3.5), 'affine:4:64': same(4.5), 'affine:8:64': same(8.5) };
const FORMATS = {
  kinds: KINDS.map((kind) => withRecipes(kind, COSTS)),
};

test('a mixed recipe chooses among the widths of one format, or among the formats of a family', () => {
  assert.deepEqual(run.formatsToMix('affine:4:64', FORMATS), [
    'affine:3:64',
    'affine:4:64',
    'affine:8:64',
  ]);
  assert.deepEqual(run.formatsToMix('q4_0', FORMATS), ['q4_0', 'q8_0']);
  assert.deepEqual(run.formatsToMix('affine:4:64+gptq', FORMATS), ['affine:4:64+gptq']);
});

test('the uniform recipe to hold it against is that of the nearest size', () => {
  const candidates = ['affine:3:64', 'affine:4:64', 'affine:8:64'];
  assert.equal(run.uniformFor(candidates, 4.49, FORMATS, 'bf16'), 'affine:4:64');
  assert.equal(run.uniformFor(candidates, 3.6, FORMATS, 'bf16'), 'affine:3:64');
  assert.equal(run.uniformFor(['q4_0'], 4.5, FORMATS, 'bf16'), null);
});

describe('in the page', () => {
  const site = useBrowser();

  test('every matrix is measured alone, ranked and mapped, and a mixed recipe is made and measured', async () => {
    const page = await openShipped(site, 'sensitivity', '&max=4&lanes=affine:4:64');
    const panel = page.locator('bitloss-panel-sensitivity');
    await panel.getByRole('button', { name: 'Measure' }).press('Enter');
    const make = panel.getByRole('button', { name: 'Make and measure it' });
    await make.waitFor({ timeout: 120_000 }).catch(async (error) => {
      throw new Error(
        `${error.message}\nThe panel says: ${await panel.evaluate((element) => element.shadowRoot.textContent)}`,
      );
    });
    await panel.getByRole('button', { name: /Show all/ }).press('Enter');
    const ranked = await panel.locator('.ranking li .number').allTextContents();
    // Seven matrices in each of three layers, and the embedding, which is the output too.
    assert.equal(ranked.length, 3 * 7 + 1);
    const kls = ranked.map(Number.parseFloat);
    assert.deepEqual(
      kls,
      [...kls].sort((a, b) => b - a),
    );
    assert.ok(kls[0] > 0);
    const map = panel.locator('bitloss-unit-map svg');
    assert.equal(await map.locator('rect.cell').count(), 22);
    await map.focus();
    await page.keyboard.press('ArrowDown');
    await panel
      .locator('bitloss-unit-map output')
      .getByText(/KL divergence .* rank \d+ of 22/)
      .waitFor();

    await make.press('Enter');
    const table = panel.locator('.mix table tbody tr');
    await table.nth(1).waitFor({ timeout: 60_000 });
    const [bits, uniformBits] = await table.locator('td:nth-child(2)').allTextContents();
    assert.ok(Number(bits) <= 4.5 && Number(bits) > 4.3, bits);
    assert.equal(uniformBits, '4.50');
    await panel.getByRole('button', { name: 'Open as lane' }).press('Enter');
    const recipe = await panel.locator('.recipe code').textContent();
    await page.locator('bitloss-lane h3 code').filter({ hasText: recipe }).waitFor();
  });

  test('a recipe that cannot be used is told, in Korean too', async () => {
    const page = await openShipped(site, 'sensitivity', '&max=4&lang=ko');
    const panel = page.locator('bitloss-panel-sensitivity');
    await panel.getByRole('combobox', { name: '적용할 레시피' }).fill('affine:99');
    await panel.getByRole('button', { name: '측정' }).press('Enter');
    await panel.getByRole('alert').waitFor();
    assert.match(await panel.getByRole('alert').textContent(), /affine/);
  });

  test('nothing was asked of any other machine, and no error went uncaught', () => {
    assert.deepEqual(site.strays, []);
    assert.deepEqual(site.uncaught, []);
  });
});
