/* The microscope: what its sentences are made from, and its figures for a real matrix against the
 * model's own file. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Engine } from '../../../build/js/engine.js';
import { makeVariant } from '../../../build/js/measure.js';
import { storedRow } from '../../../build/js/stored_row.js';
import { weightMap } from '../../../build/js/weight_map.js';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { openShipped, root, sizeText, useModules } from '../../../tests/web/modules.mjs';

/** A matrix whose rows every format's groups divide. */
const NAME = 'model.layers.1.mlp.up_proj.weight';

const modules = useModules();
let charts;
let grids;
let layouts;
let engine;
let reference;

function load(cast) {
  const folder = path.join(root, 'examples/tinyworld/models/2M');
  const names = fs.readdirSync(folder).filter((name) => /\.(json|safetensors)$/.test(name));
  const read = (name) => ({ name, blob: new Blob([fs.readFileSync(path.join(folder, name))]) });
  return engine.load(names.map(read), { cast });
}

before(async () => {
  charts = await modules.load('web/panels/microscope/charts.ts');
  grids = await modules.load('web/panels/microscope/grid.ts');
  layouts = await modules.load('web/panels/microscope/layouts.ts');
  engine = await Engine.create();
  reference = await load('');
});
after(() => modules.close());

test('clipping is the share of the first and of the last code', () => {
  assert.deepEqual(charts.shareAtEnds([2, 5, 2, 1]), { first: 0.2, last: 0.1 });
  assert.deepEqual(charts.shareAtEnds([0, 0]), { first: 0, last: 0 });
});

/* ---- what is stored --------------------------------------------------------------------------- */

const indexOf = (model) => model.tensors().findIndex(({ name }) => name === NAME);

/** The matrix alone under a format: rows as they were, as they became and as they are stored. */
function rowsUnder(model, format, rows = [0, 7, 255]) {
  const variant = makeVariant(model, `reference/up_proj=${format}`);
  const tensor = indexOf(variant);
  const { nCols } = variant.tensors()[tensor];
  const found = rows.map((row) => ({
    was: [...model.decodeRows(tensor, row, 1)],
    became: [...variant.decodeRows(tensor, row, 1)],
    stored: storedRow(variant, tensor, row),
  }));
  variant.free();
  return { nCols, rows: found };
}

/** Each run of weights that share a scale: where it begins, how many they are, and what is said of them. */
function sharedIn(stored, nCols) {
  const layout = layouts.LAYOUTS[stored.codec];
  const n = layout.nShared(stored, nCols);
  return Array.from({ length: nCols / n }, (_, i) => ({
    from: i * n,
    n,
    described: layout.describe(stored, nCols, i * n),
  }));
}

test('every format of the core is described', () => {
  const table = fs.readFileSync(path.join(root, 'core/quant/codec.c'), 'utf8');
  const names = table.match(/table\[\] = \{([^}]*)\}/)[1].match(/(?<=bl_codec_)\w+/g);
  assert.ok(names.length >= 29);
  assert.deepEqual(Object.keys(layouts.LAYOUTS).sort(), names.sort());
});

test('by its description every format decodes to the core’s weights, in every setting', async () => {
  const seen = new Set();
  for (const cast of ['', 'f16', 'f32']) {
    const model = cast === '' ? reference : await load(cast);
    for (const { isMixture, recipes } of engine.formats().kinds)
      for (const { text, isInt8 } of isMixture ? [] : recipes) {
        if (isInt8) continue;
        const { nCols, rows } = rowsUnder(model, text);
        for (const { became, stored } of rows) {
          seen.add(stored.codec);
          const decoded = sharedIn(stored, nCols).flatMap(({ described }) =>
            layouts.reconstruct(stored, described),
          );
          const wrong = decoded.findIndex((value, i) => value !== became[i]);
          assert.equal(wrong, -1, `${text} of ${cast || 'bf16'}, row ${stored.row}`);
          assert.equal(decoded.length, nCols);
        }
      }
    if (model !== reference) model.free();
  }
  assert.deepEqual([...seen].sort(), Object.keys(layouts.LAYOUTS).sort());
});

test('the bytes that are shown hold each bit of the codes and of the numbers once', async () => {
  const { shownParts } = await modules.load('web/panels/microscope/bytes.ts');
  for (const format of [
    'affine:3:64',
    'q2_k',
    'q3_k',
    'q4_k',
    'q5_k',
    'q6_k',
    'q5_1',
    'nf4_double',
    'nvfp4_tensor',
  ]) {
    const { nCols, rows } = rowsUnder(reference, format, [7]);
    const { stored } = rows[0];
    for (const { described } of sharedIn(stored, nCols)) {
      const found = new Map();
      for (const { bytes } of shownParts(stored, described, 0))
        for (const { value, runs } of bytes) {
          assert.equal(runs.map(({ bits }) => bits).join(''), value.toString(2).padStart(8, '0'));
          for (const { owner, bits } of runs) {
            const key = `${owner.kind} ${owner.index}`;
            found.set(key, (found.get(key) ?? 0) + bits.length);
          }
        }
      const wanted = (kind, places) => places.map(({ bits }, i) => [`${kind} ${i}`, bits.length]);
      const all = [
        ...wanted('code', described.codes),
        ...wanted(
          'number',
          described.numbers.map(({ place }) => place),
        ),
      ];
      found.delete('other 0');
      assert.deepEqual([...found].sort(), all.sort(), format);
    }
  }
});

test('of a long group the bytes around the chosen weight are shown, and whether others are left out', async () => {
  const { shownParts } = await modules.load('web/panels/microscope/bytes.ts');
  const { nCols, rows } = rowsUnder(reference, 'affine:8:128', [7]);
  const { stored } = rows[0];
  const { described } = sharedIn(stored, nCols)[1];
  for (const [chosen, first, isCutBefore, isCutAfter] of [
    [0, 128, false, true],
    [64, 176, true, true],
    [127, 224, true, false],
  ]) {
    const [codes, ...others] = shownParts(stored, described, chosen);
    assert.equal(codes.nBytes, 128);
    assert.deepEqual(
      codes.bytes.map(({ at }) => at),
      Array.from({ length: 32 }, (_, i) => first + i),
    );
    assert.deepEqual([codes.isCutBefore, codes.isCutAfter], [isCutBefore, isCutAfter]);
    for (const part of others) assert.ok(!part.isCutBefore && !part.isCutAfter);
  }
});

test('a block of q4_k is read as its owner lays it out', () => {
  // d = 2, dmin = 1; small scale 37 and minimum 22 of weights 160 to 191 lie in two pieces each.
  const block = new Uint8Array(144);
  block.set([0x00, 0x40, 0x00, 0x3c]);
  block[4 + 1] = (37 >> 4) << 6;
  block[4 + 5] = (22 >> 4) << 6;
  block[4 + 9] = (37 & 15) | ((22 & 15) << 4);
  block[16 + 64 + 3] = 9 << 4;
  const stored = { codec: 'q4_k', bits: 4, group: 256, dtype: 'none', row: 0 };
  stored.parts = [{ name: 'weight', bytes: block }];
  const described = layouts.LAYOUTS.q4_k.describe(stored, 256, 160);
  assert.deepEqual(
    described.numbers.map(({ name, value }) => [name, value]),
    [
      ['d', 2],
      ['subScale', 37],
      ['dmin', 1],
      ['subMin', 22],
    ],
  );
  assert.equal(layouts.reconstruct(stored, described)[3], 74 * 9 - 22);
});

/* ---- a group's grid -------------------------------------------------------------------------- */

for (const format of [
  'affine:4:64',
  'affine:3:32',
  'channel:4',
  'nf4',
  'q4_0',
  'q8_0',
  'q4_k',
  'q6_k',
  'mxfp4',
  'mxfp8',
])
  test(`the error is greater far from where ${format} puts its grid`, () => {
    const { nCols, rows } = rowsUnder(reference, format);
    for (const { was, became, stored } of rows)
      for (const { from, n, described } of sharedIn(stored, nCols)) {
        const weights = was.slice(from, from + n);
        const grid = grids.ownGrid(stored, described);
        assert.ok(grid, `row ${stored.row}, from ${from}`);
        assert.ok(grids.valuesOn(grid).every((value, i) => value === became[from + i]));
        const error = (scale, bias) =>
          grids.rmse(weights, grids.valuesOn(grids.moved(weights, grid, scale, bias)));
        const own = grids.rmse(weights, became.slice(from, from + n));
        // Each weight takes the nearest level: where the grid is, none is worse than the format's.
        assert.ok(error(grid.scale, grid.bias) <= own * (1 + 1e-6));
        const levels = grid.levels.filter(Number.isFinite);
        const span = grid.scale * (Math.max(...levels) - Math.min(...levels));
        assert.ok(error(grid.scale * 0.3, grid.bias) > own);
        // Codes that are floats are as exact under a scale several times as large.
        if (!stored.codec.startsWith('mx')) assert.ok(error(grid.scale * 2.5, grid.bias) > own);
        assert.ok(error(grid.scale, grid.bias + span / 2) > own);
      }
  });

test('plain floats have no grid', () => {
  const { nCols, rows } = rowsUnder(reference, 'f16', [0]);
  const [{ described }] = sharedIn(rows[0].stored, nCols);
  assert.equal(grids.ownGrid(rows[0].stored, described), null);
});

/* ---- the matrix from afar -------------------------------------------------------------------- */

test('a cell of the weights is the one furthest from 0 of those it stands for', async () => {
  const tensor = indexOf(reference);
  const { nRows, nCols } = reference.tensors()[tensor];
  const weights = reference.decodeRows(tensor, 0, nRows);
  assert.deepEqual(
    await weightMap(reference, tensor, nRows, nCols),
    Float32Array.from(weights, (_, i) => weights[(i % nRows) * nCols + Math.floor(i / nRows)]),
  );
  const [columns, rows] = [100, 7];
  const cells = await weightMap(reference, tensor, columns, rows);
  for (const [x, y] of [
    [0, 0],
    [37, 3],
    [99, 6],
  ]) {
    let most = 0;
    for (let row = 0; row < nRows; row++)
      for (let i = 0; i < nCols; i++)
        if (Math.floor((row * columns) / nRows) === x && Math.floor((i * rows) / nCols) === y) {
          const weight = weights[row * nCols + i];
          if (Math.abs(weight) > Math.abs(most)) most = weight;
        }
    assert.equal(cells[y * columns + x], most, `${x}, ${y}`);
  }
  await assert.rejects(weightMap(reference, tensor, nRows + 1, 1), /columns is 257/);
});

test('a stop ends the map between two pieces of a matrix', async () => {
  const stop = new AbortController();
  const decoded = [];
  const model = {
    // Two rows are decoded together.
    tensors: () => [{ nRows: 6, nCols: 1 << 17 }],
    decodeRows: (_, first, n) => {
      decoded.push(first);
      if (first === 2) stop.abort();
      return new Float32Array(n << 17);
    },
  };
  await assert.rejects(weightMap(model, 0, 1, 1, { signal: stop.signal }), /stopped/);
  assert.deepEqual(decoded, [0, 2]);
});

test('pressing a cell of the map chooses the group whose error it shows', async () => {
  const { cellsOf, groupAt, mapSize } = await modules.load('web/panels/microscope/map.ts');
  for (const [nRows, groupsPerRow, width] of [
    [7, 3, 8],
    [400, 2, 70],
    [5, 400, 100],
  ]) {
    const errors = Float32Array.from(
      { length: nRows * groupsPerRow },
      (_, i) => 1 + ((i * 7919) % 1000),
    );
    const size = mapSize(nRows, groupsPerRow, width);
    const cells = cellsOf(size, errors, groupsPerRow);
    for (let y = 0; y < size.rows; y++)
      for (let x = 0; x < size.columns; x++) {
        const at = [(x + 0.5) / size.columns, (y + 0.5) / size.rows];
        const { row, group } = groupAt(size, errors, groupsPerRow, ...at);
        assert.equal(
          errors[row * groupsPerRow + group],
          cells[y * size.columns + x],
          `${nRows}: ${x}, ${y}`,
        );
      }
  }
});

test('where one weight is far out the error falls with the size of the groups, else only a little', async () => {
  const { errorOf, generate, SHARED } = await modules.load('web/panels/microscope/generator.ts');
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

describe('in the page', () => {
  const site = useBrowser();

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
    const page = await openShipped(site, 'microscope', '&max=4&lanes=affine:4:64');
    const panel = page.locator('bitloss-panel-microscope');
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
    await panel.getByText(/^Row 3, weights/).waitFor();
    await panel.getByLabel('Group in the row').fill('1');
    await panel.getByLabel('Group in the row').press('Enter');
    await panel.getByText('Row 3, weights 64 to 127').waitFor();
    const group = panel.locator('bitloss-weight-group');
    await group.getByRole('slider', { name: /^Weight/ }).press('End');
    const weights = values.slice(3 * shape[1] + 64, 3 * shape[1] + 128);
    const shownWeight = Math.abs(weights[63]).toFixed(6).slice(0, 5);
    await group.locator('dd').first().filter({ hasText: shownWeight }).waitFor();
    // Codes, a scale and a bias.
    assert.deepEqual(
      await group.locator('ol').evaluateAll((lists) => lists.map((list) => list.children.length)),
      [32, 2, 2],
    );

    const said = group.locator('.error-now');
    const rmseSaid = async () => Number((await said.textContent()).match(/RMSE ([\d.e-]+[\d])/)[1]);
    await said.filter({ hasText: 'where the format puts its grid' }).waitFor();
    const own = await rmseSaid();
    // The grid by the format's own rule: the error of 16 even steps over the group's range.
    const step = (Math.max(...weights) - Math.min(...weights)) / 15;
    assert.ok(own > step / 8 && own < step / 2, `${own} of steps of ${step}`);
    await group.getByRole('slider', { name: 'Scale' }).press('End');
    await said.filter({ hasText: 'times as much' }).waitFor();
    assert.ok((await rmseSaid()) > 1.5 * own);
    await group.getByRole('button', { name: 'Back to the format’s own' }).press('Enter');
    await said.filter({ hasText: 'where the format puts its grid' }).waitFor();
    assert.equal(await rmseSaid(), own);
    const bias = group.getByRole('slider', { name: 'Bias' });
    let before = own;
    for (let press = 0; press < 4; press++) {
      await bias.press('PageUp');
      await said.filter({ hasNotText: `RMSE ${before};` }).waitFor();
      const now = await rmseSaid();
      assert.ok(now > before, `${now} after ${before}`);
      before = now;
    }
    await bias.press('Escape');
    await said.filter({ hasText: 'where the format puts its grid' }).waitFor();
  });

  test('the table of tensors leads here', async () => {
    const page = await openShipped(site, 'microscope', '&max=4&lanes=affine:8:64,affine:4:64');
    await page.getByText('All tensors as a table').press('Enter');
    await page.getByRole('button', { name: `Look inside ${NAME}` }).click();
    await page.locator('bitloss-panel-microscope .facts b', { hasText: NAME }).waitFor();
  });

  test('a block with nested scales is gone through by keyboard, and its lines are dragged', async () => {
    const page = await site.openPage({
      shipped: true,
      url: `${site.url}embed/?model=tinyworld-2M&lanes=q4_k&view=microscope&height=auto&loading=eager`,
    });
    const panel = page.locator('bitloss-panel-microscope');
    await panel.locator('select.mono').selectOption(NAME);
    await panel.locator('.facts b', { hasText: NAME }).waitFor();
    await panel.locator('.shown[aria-busy="false"]').waitFor();

    // The panel's former name goes on to work.
    assert.ok(await page.evaluate(() => customElements.get('bitloss-weights') !== undefined));
    const { panelsOf } = await modules.load('web/elements/attributes.ts');
    const ids = (view) => panelsOf(view).map(({ id }) => id);
    assert.deepEqual(ids('weights,budget'), ['microscope', 'budget']);
    const { presentId } = await modules.load('web/panels/ids.ts');
    assert.equal(presentId('constructor'), 'constructor');

    // The map is a grid: arrow keys go from row to row.
    await panel.getByLabel('Row', { exact: true }).fill('7');
    await panel.getByLabel('Row', { exact: true }).press('Enter');
    await panel
      .getByRole('gridcell', { name: /^Row 7, .*RMSE/, selected: true })
      .press('ArrowRight');
    const eighth = panel.getByRole('gridcell', { name: /^Row 8, /, selected: true });
    await eighth.waitFor();
    assert.ok(await eighth.evaluate((cell) => cell === cell.getRootNode().activeElement));
    await eighth.press('ArrowLeft');
    await panel.getByText('Row 7, weights 0 to 255').first().waitFor();

    // What the core stores for the last of the block's eight sections.
    const { nCols, rows } = rowsUnder(reference, 'q4_k', [7]);
    const { described, from } = sharedIn(rows[0].stored, nCols)[7];
    const [d, scale, dmin, min] = described.numbers.map(({ value }) => value);
    const group = panel.locator('bitloss-weight-group');
    await group.getByRole('radio').first().focus();
    await group.getByRole('radio').first().press('ArrowLeft');
    const numbers = group.locator('.numbers');
    await numbers
      .filter({ hasText: `in units of d ${scale.toString(2).padStart(6, '0')} ${scale}` })
      .waitFor();
    const told = await numbers.textContent();
    assert.match(
      told,
      new RegExp(`in units of dmin\\s*${min.toString(2).padStart(6, '0')} ${min}`),
    );
    const shown = (value) => value.toExponential(2).replace('e-', 'e−');
    const short = (value) =>
      Math.abs(value) < 1e-3 ? shown(value) : String(Number(value.toPrecision(3)));
    assert.ok(told.includes(short(d)) && told.includes(short(dmin)), told);
    // Its code, as bits, and what the core made of it.
    const { became } = rows[0];
    const back = Math.abs(became[from]).toPrecision(2).slice(0, 5);
    await group.locator('dd').nth(3).filter({ hasText: back }).waitFor();

    // The grip of the scale is dragged to the bottom of the picture, past the minimum.
    const said = group.locator('.error-now');
    const grip = group.locator('.handle.scale span');
    await grip.scrollIntoViewIfNeeded();
    const box = await grip.boundingBox();
    const picture = await group.locator('.picture').boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + 5, picture.y + picture.height - 2, { steps: 4 });
    await page.mouse.up();
    // As small as it can be made; on the way there the error is greater already.
    await group.locator('.handle.scale[aria-valuenow="0.3"]').waitFor();
    const times = Number((await said.textContent()).match(/([\d.]+) times as much/)[1]);
    assert.ok(times > 1.5, `${times}`);
    await group.getByRole('slider', { name: 'Scale' }).press('Escape');
    await said.filter({ hasText: 'where the format puts its grid' }).waitFor();

    // From errors to weights.
    const colours = () =>
      panel.locator('canvas').evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(data.filter((_, i) => i % 4 === 3)).size;
      });
    await panel.getByRole('radio', { name: 'Weights before' }).press('Space');
    await panel.getByText('Each cell is a weight as it was').waitFor();
    await panel.locator('canvas[data-shows="before"]').waitFor();
    const { columns, rows: down } = await panel
      .locator('canvas')
      .evaluate(({ width, height }) => ({ columns: width, rows: height }));
    assert.deepEqual([columns, down], [256, 160]);
    assert.ok((await colours()) > 50);

    // Weights that could not be had are asked for again with the next group.
    const rowField = panel.getByLabel('Row', { exact: true });
    await panel.locator('bitloss-weight-map').evaluate((map) => {
      const { fetchWeights } = map;
      map.fetchWeights = async () => {
        map.fetchWeights = fetchWeights;
        return null;
      };
    });
    await panel.getByRole('radio', { name: 'Weights after' }).press('Space');
    await panel.getByText('Each cell is a weight as it became').waitFor();
    await rowField.fill('9');
    await rowField.press('Enter');
    await panel.locator('canvas[data-shows="after"]').waitFor();

    // Where a group's own cannot be had, no other's stand under its number.
    await panel.evaluate((element) => {
      const gone = () => Promise.reject(new Error('gone'));
      Object.defineProperty(element, 'session', { value: { ...element.session, weightRow: gone } });
    });
    await rowField.fill('3');
    await rowField.press('Enter');
    await panel.getByRole('alert').waitFor();
    assert.equal(await group.count(), 0);
  });

  test('nothing was asked of any other machine, and no error went uncaught', () => {
    assert.deepEqual(site.strays, []);
    assert.deepEqual(site.uncaught, []);
  });
});
