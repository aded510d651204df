/* The weights panel: what its sentences are made from, and its figures for a real matrix against the
 * model's own file. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Engine } from '../../../build/js/engine.js';
import { makeVariant, weightDetail } from '../../../build/js/measure.js';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { openShipped, root, sizeText, useModules } from '../../../tests/web/modules.mjs';

const modules = useModules();
let charts;
let grids;
let reference;
before(async () => {
  charts = await modules.load('web/panels/weights/charts.ts');
  grids = await modules.load('web/panels/weights/grids.ts');
  const engine = await Engine.create();
  const folder = path.join(root, 'examples/tinyworld/models/2M');
  const names = fs.readdirSync(folder).filter((name) => /\.(json|safetensors)$/.test(name));
  const read = (name) => ({ name, blob: new Blob([fs.readFileSync(path.join(folder, name))]) });
  reference = await engine.load(names.map(read));
});
after(() => modules.close());

test('clipping is the share of the first and of the last code', () => {
  assert.deepEqual(charts.shareAtEnds([2, 5, 2, 1]), { first: 0.2, last: 0.1 });
  assert.deepEqual(charts.shareAtEnds([0, 0]), { first: 0, last: 0 });
});

test('the worst row is told with its number, and the median beside it', () => {
  const { median, worst, worstIndex } = charts.rowFigures(Float32Array.of(0.5, 0.25, 4, 1, 0.75));
  assert.deepEqual([median, worst, worstIndex], [0.75, 4, 2]);
});

/* ---- a group's grid -------------------------------------------------------------------------- */

async function rowsUnder(recipe) {
  const variant = makeVariant(reference, recipe);
  const name = 'model.layers.1.mlp.up_proj.weight';
  const tensor = variant.tensors().findIndex((one) => one.name === name);
  const { nCols } = variant.tensors()[tensor];
  const nCodes = weightDetail(reference, variant, tensor).codes.length;
  return { reference, variant, tensor, nCols, nCodes };
}

/** Does the grid that is drawn give the core's weights? Rows of a matrix that were read from its file. */
for (const [recipe, group] of [
  ['affine:4:64', 64],
  ['affine:3:32', 32],
  ['channel:4', 0],
  ['nf4', 64],
  ['q4_0', 32],
  ['q8_0', 32],
])
  test(`the grid of a group under ${recipe} is the core's, and away from it the error is greater`, async () => {
    const { reference, variant, tensor, nCols, nCodes } = await rowsUnder(recipe);
    const size = group || nCols;
    for (let row = 0; row < 4; row++) {
      const [was, became] = [reference, variant].map((model) => model.decodeRows(tensor, row, 1));
      for (let at = 0; at < nCols; at += size) {
        const weights = [...was.subarray(at, at + size)];
        const grid = grids.gridOf(weights, [...became.subarray(at, at + size)], nCodes);
        assert.ok(grid, `row ${row}, from ${at}`);
        const error = (scale, bias) => {
          const other = grids.moved(weights, grid, scale, bias);
          return grids.rmse(weights, grids.reconstruct(other, scale, bias));
        };
        const own = error(grid.scale, grid.bias);
        for (const factor of [0.4, 2]) assert.ok(error(grid.scale * factor, grid.bias) > own);
        const span = grid.scale * (grid.levels.at(-1) - grid.levels[0]);
        assert.ok(error(grid.scale, grid.bias + span / 2) > own);
      }
    }
    variant.free();
  });

test('a format with nested scales has no grid of one scale', async () => {
  const { reference, variant, tensor } = await rowsUnder('q4_k');
  const [was, became] = [reference, variant].map((model) => model.decodeRows(tensor, 0, 1));
  assert.equal(grids.gridOf([...was.subarray(0, 32)], [...became.subarray(0, 32)], 16), null);
  variant.free();
});

test('pressing a cell of the map chooses the group whose error it shows', async () => {
  const { cellsOf, groupAt, mapSize } = await modules.load('web/panels/weights/map.ts');
  for (const [nRows, groupsPerRow, width] of [
    [7, 3, 8],
    [400, 2, 70],
    [5, 400, 100],
  ]) {
    const errors = Float32Array.from(
      { length: nRows * groupsPerRow },
      (_, i) => 1 + ((i * 7919) % 1000),
    );
    const greatest = Math.max(...errors);
    const size = mapSize(nRows, groupsPerRow, width);
    const cells = cellsOf(size, errors, groupsPerRow);
    for (let y = 0; y < size.rows; y++)
      for (let x = 0; x < size.columns; x++) {
        const at = [(x + 0.5) / size.columns, (y + 0.5) / size.rows];
        const { row, group } = groupAt(size, errors, groupsPerRow, ...at);
        const shown = Math.fround(errors[row * groupsPerRow + group] / greatest);
        assert.equal(shown, cells[y * size.columns + x], `${nRows}: ${x}, ${y}`);
      }
  }
});

test('where one weight is far out the error falls with the size of the groups, else only a little', async () => {
  const { errorOf, generate, SHARED } = await modules.load('web/panels/weights/generator.ts');
  const errors = (shape, size) => SHARED.map((n) => errorOf(generate(shape, size), n));
  const falls = (all) => all.slice(1).every((error, i) => error < all[i]);
  assert.ok(
    falls(errors('normal', 0)) && falls(errors('heavy', 0)) && falls(errors('outlier', 40)),
  );
  // An even step's error is its width over the root of 12: here 15 steps from about -4 to 40.
  const [whole, , , , small] = errors('outlier', 40);
  assert.ok(Math.abs(whole - 44 / 15 / Math.sqrt(12)) < 0.06, `${whole}`);
  assert.ok(whole / small > 5);
  const normal = errors('normal', 0);
  assert.ok(normal[0] / normal[4] < 2.5);
});

test('codes of 3 bits are one stream of bits; halves of bytes go as each format has them', () => {
  const grid = { levels: [], scale: 1, bias: 0 };
  const bytes = (codes, bits, packing) =>
    grids
      .packed({ ...grid, codes, bits, packing })
      .map((byte) => byte.reduce((sum, { bit }) => 2 * sum + bit, 0));
  const codes = [5, 1, 7, 0, 3, 2, 6, 4];
  const stream = codes.reduce((sum, code, i) => sum + code * 8 ** i, 0);
  assert.deepEqual(bytes(codes, 3, 'stream'), [stream & 255, (stream >> 8) & 255, stream >> 16]);
  assert.deepEqual(bytes([1, 2, 3, 4], 4, 'high-first'), [0x12, 0x34]);
  assert.deepEqual(bytes([1, 2, 3, 4], 4, 'halves'), [0x31, 0x42]);
});

describe('in the page', () => {
  const site = useBrowser();
  const NAME = 'model.layers.1.mlp.up_proj.weight';

  /** The matrix as it is stored, from bf16. */
  function stored() {
    const bytes = fs.readFileSync(
      path.join(root, 'examples/tinyworld/models/0.5M/model.safetensors'),
    );
    const size = Number(bytes.readBigUInt64LE(0));
    const {
      shape,
      data_offsets: [from, to],
    } = JSON.parse(bytes.subarray(8, 8 + size))[NAME];
    const data = bytes.subarray(8 + size + from, 8 + size + to);
    const values = Array.from({ length: data.length / 2 }, (_, i) => {
      const word = new DataView(new ArrayBuffer(4));
      word.setUint16(0, data.readUInt16LE(2 * i));
      return word.getFloat32(0);
    });
    return { shape, values };
  }

  test('outliers, histogram, bytes and a group of a matrix are those of its file', async () => {
    const page = await openShipped(site, 'weights', '&max=4&lanes=affine:4:64');
    const panel = page.locator('bitloss-panel-weights');
    await panel.locator('select.mono').selectOption(NAME);
    await panel.locator('.facts b', { hasText: NAME }).waitFor();
    await panel.locator('.shown[aria-busy="false"]').waitFor();

    const { shape, values } = stored();
    const n = values.length;
    const mean = values.reduce((a, b) => a + b, 0) / n;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
    const share =
      (100 * values.filter((value) => Math.abs(value - mean) > 4 * deviation).length) / n;
    const digits = share >= 1 ? 1 : share >= 0.1 ? 2 : 3;
    await panel
      .getByText(`${share.toFixed(digits)}% of the original weights are outliers`)
      .waitFor();
    await panel.getByText(`${shape[0]} × ${shape[1]} · affine:4:64`).waitFor();

    // 4 bits a code; for each 64 of them a scale and a bias in 16 bits.
    const legend = await panel
      .locator('.bytes .stack-legend')
      .first()
      .locator('b')
      .allTextContents();
    assert.ok(legend[0].startsWith(sizeText(n / 2)), legend[0]);
    assert.ok(legend[1].startsWith(sizeText((n / 64) * 2)), legend[1]);
    assert.ok(legend[2].startsWith(sizeText((n / 64) * 2)), legend[2]);
    assert.ok(legend[3].startsWith('0 B'), legend[3]);

    await panel.getByText('The histogram as a table').press('Enter');
    const columns = await panel
      .locator('tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) =>
          [...row.querySelectorAll('td')].map((cell) =>
            Number(cell.textContent.replaceAll(',', '')),
          ),
        ),
      );
    assert.equal(
      columns.reduce((sum, [was]) => sum + was, 0),
      n,
    );
    assert.equal(
      columns.reduce((sum, [, became]) => sum + became, 0),
      n,
    );
    await panel.getByText('16 of 16 codes occur.').waitFor();

    // A group from near by: its grid is moved by keyboard, and the error is seen to rise.
    await panel.getByLabel('Row', { exact: true }).fill('3');
    await panel.getByLabel('Row', { exact: true }).press('Enter');
    await panel.getByLabel('Group in the row').fill('1');
    await panel.getByLabel('Group in the row').press('Enter');
    await panel.getByText('Row 3, weights 64 to 127').waitFor();
    const group = panel.locator('bitloss-weight-group');
    await group.getByLabel(/^Weight/).press('End');
    const weights = values.slice(3 * shape[1] + 64, 3 * shape[1] + 128);
    const shownWeight = Math.abs(weights[63]).toFixed(6).slice(0, 5);
    await group.locator('dd').first().filter({ hasText: shownWeight }).waitFor();
    assert.equal(await group.locator('.bytes li').count(), 32);

    const said = group.locator('.error-now');
    const rmseSaid = async () => Number((await said.textContent()).match(/RMSE ([\d.e-]+[\d])/)[1]);
    await said.filter({ hasText: 'where the format puts its grid' }).waitFor();
    const own = await rmseSaid();
    // The grid by the format's own rule: the error of 16 even steps over the group's range.
    const step = (Math.max(...weights) - Math.min(...weights)) / 15;
    assert.ok(own > step / 8 && own < step / 2, `${own} of steps of ${step}`);
    await group.getByLabel(/^Scale/).press('End');
    await said.filter({ hasText: 'times as much' }).waitFor();
    assert.ok((await rmseSaid()) > 1.5 * own);
    await group.getByRole('button', { name: 'Back to the format’s own' }).press('Enter');
    await said.filter({ hasText: 'where the format puts its grid' }).waitFor();
    assert.equal(await rmseSaid(), own);
  });

  test('the table of tensors leads here', async () => {
    const page = await openShipped(site, 'weights', '&max=4&lanes=affine:8:64,affine:4:64');
    await page.getByText('All tensors as a table').press('Enter');
    await page.getByRole('button', { name: `Look inside ${NAME}` }).click();
    await page.locator('bitloss-panel-weights .facts b', { hasText: NAME }).waitFor();
  });

  test('nothing was asked of any other machine, and no error went uncaught', () => {
    assert.deepEqual(site.strays, []);
    assert.deepEqual(site.uncaught, []);
  });
});
