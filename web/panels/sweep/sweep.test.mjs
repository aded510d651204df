/* The sweep: which recipes it takes, in which order figures come, what it writes out, and what the
 * panel shows of a real model. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { openShipped, root, sizeText, useModules } from '../../../tests/web/modules.mjs';

const modules = useModules();
let plan;
let run;
let report;
let words;
before(async () => {
  plan = await modules.load('web/panels/sweep/plan.ts');
  run = await modules.load('web/panels/sweep/run.ts');
  report = await modules.load('web/panels/sweep/report.ts');
  const [{ en }, { messages }, { Format }, { tableWords }] = await Promise.all(
    ['panels/sweep/en.ts', 'i18n/index.ts', 'format.ts', 'report/words.ts'].map((file) =>
      modules.load(`web/${file}`),
    ),
  );
  words = { t: messages.en, words: en, columns: tableWords.en, format: new Format('en') };
});
after(() => modules.close());

const kind = (name, family, bits = [], groups = [], isMixture = false) => ({
  name,
  family,
  bits,
  groups,
  defaultBits: bits.length ? 4 : 0,
  defaultGroup: groups.length ? 64 : 0,
  isMixture,
  int8Activations: false,
});
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
const FORMATS = {
  kinds: [
    kind('affine', 'mlx', [2, 3, 4, 5, 6, 8], [32, 64, 128]),
    kind('mxfp4', 'mlx'),
    kind('q4_0', 'ggml'),
    kind('q4_k_m', 'ggml', [], [], true),
  ].map((one) => withRecipes(one)),
};

const estimate = (value, error = 0.01) => ({ value, error });
/** A session whose figures are made up: 4 bits for "b4", and a divergence of 2^-bits. */
function fakeSession({ fails = [], onCall = () => {} } = {}) {
  const bitsOf = (recipe) => Number(recipe.slice(1));
  const called = (name, recipe) => {
    onCall(name, recipe);
    if (fails.includes(recipe)) throw new Error('no such recipe');
  };
  return {
    weights: async (recipe) => {
      called('weights', recipe);
      const bits = bitsOf(recipe);
      return {
        recipe,
        sizeBytes: 1000 * bits,
        bitsPerWeight: bits,
        error: { n: 8000, rmse: 2 ** -bits, snrDb: 6 * bits, maxAbs: 1 },
      };
    },
    text: async (recipe) => {
      called('text', recipe);
      const value = 2 ** -bitsOf(recipe);
      const figures = {
        n: 256,
        klMean: estimate(value, value / 10),
        kl99: 5 * value,
        ppl: estimate(10 + value),
        refPpl: estimate(10),
      };
      return {
        stats: {
          ...figures,
          lnRatio: estimate(value / 10),
          sameTop: estimate(0.9),
          logitDiff: estimate(0.2),
          deltaP: estimate(-0.01),
          deltaPRms: estimate(0.02),
          loss: 'small',
        },
      };
    },
    paretoFront: async (sizes, losses) => sizes.map((_, i) => losses[i] !== null),
  };
}
const watch = () => ({
  stopped: false,
  fractions: [],
  report(fraction) {
    this.fractions.push(fraction);
  },
});

test('the affine sweep is six widths by three group sizes', () => {
  const recipes = plan.recipesOf('affine', FORMATS, '');
  assert.equal(recipes.length, 18);
  assert.equal(new Set(recipes).size, 18);
  for (const recipe of ['affine:2:32', 'affine:4:64', 'affine:8:128'])
    assert.ok(recipes.includes(recipe), recipe);
});

test('other sweeps take a family, every format once, or what the reader wrote', () => {
  assert.deepEqual(plan.recipesOf('ggml', FORMATS, ''), ['q4_0', 'q4_k_m']);
  assert.deepEqual(plan.recipesOf('all', FORMATS, ''), ['affine:4:64', 'mxfp4', 'q4_0', 'q4_k_m']);
  assert.deepEqual(plan.recipesOf('own', FORMATS, ' q4_0,\n affine:3:32 q4_0 '), [
    'q4_0',
    'affine:3:32',
  ]);
  assert.deepEqual(plan.parseList(' \n '), []);
  assert.equal(
    plan.parseList(Array.from({ length: 500 }, (_, i) => `b${i}`).join(' ')).length,
    plan.MAX_OWN,
  );
});

test('all weights come before the first text, and progress runs from nothing to everything', async () => {
  const calls = [];
  const progress = watch();
  await run.runSweep(
    fakeSession({ onCall: (name, recipe) => calls.push(`${name} ${recipe}`) }),
    ['b2', 'b4'],
    { ids: new Int32Array(9) },
    progress,
    () => {},
  );
  assert.deepEqual(calls, ['weights b2', 'weights b4', 'text b2', 'text b4']);
  assert.deepEqual(
    progress.fractions,
    [...progress.fractions].sort((a, b) => a - b),
  );
  assert.ok(progress.fractions[0] > 0);
  assert.ok(Math.abs(progress.fractions.at(-1) - 1) < 1e-9);
});

test('results stream: each list shows one thing more', async () => {
  const seen = [];
  await run.runSweep(fakeSession(), ['b2', 'b4'], { ids: new Int32Array(9) }, watch(), (rows) =>
    seen.push(
      rows.filter(({ figures }) => figures).length + rows.filter(({ stats }) => stats).length,
    ),
  );
  assert.equal(seen[0], 0);
  assert.equal(seen.at(-1), 4);
  assert.deepEqual(seen, [...seen].sort());
});

test('a recipe that fails keeps its problem, and the others go on', async () => {
  let rows;
  await run.runSweep(
    fakeSession({ fails: ['b3'] }),
    ['b2', 'b3', 'b4'],
    { ids: new Int32Array(9) },
    watch(),
    (list) => (rows = list),
  );
  assert.deepEqual(
    rows.map(({ stats, problem }) => [stats !== null, problem !== null]),
    [
      [true, false],
      [false, true],
      [true, false],
    ],
  );
});

test('recipes go through the text four at a time', async () => {
  let nUnderWay = 0;
  let most = 0;
  const session = fakeSession();
  const { text } = session;
  session.text = async (recipe) => {
    most = Math.max(most, ++nUnderWay);
    await new Promise((resolve) => setImmediate(resolve));
    nUnderWay--;
    return text(recipe);
  };
  await run.runSweep(
    session,
    ['b2', 'b3', 'b4', 'b5', 'b6', 'b7'],
    { ids: new Int32Array(9) },
    watch(),
    () => {},
  );
  assert.equal(most, 4);
});

test('a stopped sweep asks for nothing more', async () => {
  const calls = [];
  const progress = watch();
  const session = fakeSession({
    onCall: (name) => {
      calls.push(name);
      if (name === 'text') progress.stopped = true;
    },
  });
  const recipes = ['b2', 'b3', 'b4', 'b5', 'b6', 'b7'];
  await run.runSweep(session, recipes, { ids: new Int32Array(9) }, progress, () => {});
  // Four go through the text together.
  assert.deepEqual(calls, [...recipes.map(() => 'weights'), 'text', 'text', 'text', 'text']);
});

test('a sweep that ends before the text takes nothing from what is known of it', async () => {
  const { withSwept } = await modules.load('web/experiment/state.ts');
  const swept = (recipe, n, textSerial) => ({
    figures: { recipe },
    stats: n === null ? null : { n },
    textSerial,
  });
  const known = [swept('b4', 9, 1), swept('b3', 9, 1), swept('b2', 9, 1), swept('b8', 9, 1)];
  const came = [
    swept('b4', null, 1),
    swept('b3', 7, 1),
    swept('b2', null, 2),
    swept('b6', null, 1),
  ];
  assert.deepEqual(withSwept(known, came), [
    swept('b8', 9, 1),
    swept('b4', 9, 1),
    // What was read anew, or on another text, stands for itself.
    swept('b3', 7, 1),
    swept('b2', null, 2),
    swept('b6', null, 1),
  ]);
});

test('without a tokenizer there are only weights', async () => {
  let rows;
  await run.runSweep(fakeSession(), ['b2', 'b4'], null, watch(), (list) => (rows = list));
  assert.ok(
    rows.every(({ figures, stats, onFront }) => figures && !stats && onFront.error && !onFront.kl),
  );
});

describe('what is copied', () => {
  let rows;
  const conditions = {
    model: 'Tiny | World',
    text: { name: 'Stories', nTokens: 512 },
    measure: 'kl',
  };
  before(() =>
    run.runSweep(
      fakeSession({ fails: ['b3'] }),
      ['b2', 'b3', 'b4'],
      { ids: new Int32Array(9) },
      watch(),
      (list) => (rows = list),
    ),
  );

  test('the Markdown names conditions, intervals and a verdict for each row', () => {
    const lines = report.toMarkdown(rows, conditions, words).split('\n');
    assert.match(lines[0], /Tiny \| World.*Stories.*512.*256/);
    const table = lines.filter((line) => line.startsWith('|'));
    const nCells = (line) => line.replaceAll('\\|', '').split('|').length - 2;
    assert.equal(table.length, 2 + 3);
    for (const line of table) assert.equal(nCells(line), nCells(table[0]), line);
    // 0.25 with a standard error of 0.025, which is what follows the sign.
    assert.match(table[2], /`b2`.*0\.250 ± 0\.025.*measurable, small/);
    assert.match(table[3], /`b3`.*failed/);
    assert.match(lines.join('\n'), /± is one standard error/);
  });

  test('the CSV has a line for each row, with figures unrounded', () => {
    const [head, ...lines] = report.toCsv(rows, conditions).trim().split('\n');
    const columns = head.split(',');
    assert.equal(lines.length, 3);
    const cells = lines[2].match(/("[^"]*"|[^,]*)(,|$)/g).map((cell) => cell.replace(/,$/, ''));
    assert.equal(cells[columns.indexOf('recipe')], 'b4');
    assert.equal(Number(cells[columns.indexOf('kl_mean')]), 1 / 16);
    assert.equal(cells[columns.indexOf('verdict')], '"measurable, small"');
    assert.match(lines[1], /^b3,,,/);
  });

  test('the JSON has the fields of the terminal, and nulls where nothing was measured', () => {
    const { model, tokens, lanes } = JSON.parse(report.toJson(rows, conditions));
    assert.equal(model, 'Tiny | World');
    assert.equal(tokens, 512);
    assert.deepEqual(
      lanes.map(({ recipe }) => recipe),
      ['b2', 'b3', 'b4'],
    );
    for (const name of ['ppl', 'ppl_se', 'kl_mean', 'kl_p99', 'same_top', 'mean_abs_logit_diff']) {
      assert.equal(typeof lanes[0][name], 'number', name);
      assert.equal(lanes[1][name], null, name);
    }
  });
});

describe('in the page', () => {
  const site = useBrowser();

  /** Bytes of TinyWorld 0.5M at affine 4 bits, group 64, from its file's own header. */
  function affineBytes() {
    const bytes = fs.readFileSync(
      path.join(root, 'examples/tinyworld/models/0.5M/model.safetensors'),
    );
    const { __metadata__, ...tensors } = JSON.parse(
      bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))),
    );
    let sum = 0;
    for (const { shape } of Object.values(tensors)) {
      const n = shape.reduce((a, b) => a * b);
      // Codes, and for each 64 of them a scale and a bias in 16 bits; vectors stay.
      sum += shape.length > 1 ? n / 2 + (n / 64) * 4 : 2 * n;
    }
    return sum;
  }

  test('all settings of a format are measured, drawn and listed, and one becomes a lane', async () => {
    const page = await openShipped(site, 'sweep,table', '&max=4&lanes=affine:8:64,affine:4:64');
    const panel = page.locator('bitloss-panel-sweep');
    await panel.getByRole('button', { name: 'Measure 18 recipes' }).press('Enter');
    const rows = panel.locator('tbody tr');
    await rows.nth(17).waitFor({ timeout: 120_000 }); // each comes when it is measured
    await panel.locator('g.points > *').nth(17).waitFor({ timeout: 120_000 });
    const row = rows.filter({ has: page.getByRole('rowheader', { name: 'affine:4:64' }) });
    const size = affineBytes();
    await row.getByText(sizeText(size)).waitFor();
    await panel.locator('.job').waitFor({ state: 'detached', timeout: 120_000 });
    const cells = await row.locator('td').allTextContents();
    assert.match(cells[4], /^0\.\d+ ± 0\.\d+$/, 'KL divergence with its interval');
    assert.equal(await panel.locator('td.words', { hasText: 'not measured' }).count(), 0);

    // More bits at the same group lose less.
    const kls = await rows.locator('td:nth-child(6)').allTextContents();
    const names = await rows.locator('th').allTextContents();
    const kl = (recipe) =>
      Number.parseFloat(kls[names.findIndex((name) => name.trim().endsWith(recipe))]);
    assert.ok(kl('affine:2:64') > kl('affine:3:64'));
    assert.ok(kl('affine:3:64') > kl('affine:4:64'));
    assert.ok(kl('affine:4:64') > kl('affine:8:64'));

    // By keyboard, a point tells what it is.
    const point = panel.locator('g.points > *').first();
    await point.focus();
    await panel.locator('.tip').waitFor();
    assert.match(await point.getAttribute('aria-label'), /bits per weight.*KL divergence/);

    // Published tables stand beside on the axis that is the same for every model, each with its source.
    await panel.getByRole('radio', { name: 'Rise of perplexity' }).press('Space');
    const nOwn = await panel.locator('g.points > *').count();
    await panel.getByRole('checkbox', { name: 'Llama 3 8B' }).press('Space');
    await panel.getByRole('checkbox', { name: 'Qwen3-0.6B-base' }).press('Space');
    const ghosts = panel.locator('g.ghosts > *');
    await ghosts.nth(24).waitFor();
    assert.equal(await panel.locator('g.points > *').count(), nOwn);
    await panel.getByText('These are other models, read on other texts').waitFor();
    assert.equal(await panel.locator('.caution a').count(), 2);
    const labels = await ghosts.evaluateAll((all) => all.map((one) => one.ariaLabel));
    // mlx-lm's table: 12.58 against 9.97 at 4.5 bits.
    const rise = Math.log(12.58 / 9.97).toFixed(3);
    assert.ok(
      labels.some((label) => label.includes('4.50 bits') && label.includes(rise)),
      rise,
    );
    await panel.locator('.published summary').press('Enter');
    const table = panel.getByRole('region', { name: 'Llama 3 8B' });
    const theirs = await table
      .getByRole('row', { name: /^q4_K_S 4/ })
      .locator('td')
      .allTextContents();
    // The source's own figures: 4.67 bits, KL divergence 0.0431.
    assert.deepEqual([theirs[0], theirs[2]], ['4.67', '0.0431']);
    await panel.getByRole('checkbox', { name: 'Llama 3 8B' }).press('Space');
    assert.equal(await ghosts.count(), 5);

    await panel.getByRole('button', { name: 'Open affine:3:64 as a lane' }).press('Enter');
    await page.locator('bitloss-lane h3 code').filter({ hasText: 'affine:3:64' }).waitFor();

    // A sweep of a text that is too short comes to nothing: the figures stay those of the text before.
    const others = page.locator('bitloss-panel-table tr[data-swept]');
    const isOther = () =>
      others.evaluateAll((all) => all.every((one) => one.textContent.includes('another text')));
    assert.equal(await isOther(), false);
    await page.locator('bitloss-playground').evaluate((element) => {
      const detail = { type: 'set-own-text', content: 'word' };
      element.dispatchEvent(new CustomEvent('bitloss-action', { detail }));
    });
    await panel.getByRole('button', { name: 'Measure 18 recipes' }).press('Enter');
    await panel.getByRole('alert').getByText('too short').waitFor();
    assert.ok((await others.count()) > 10);
    assert.equal(await isOther(), true);
    await page.context().close();
  });

  test('a sweep can be stopped, and what came stays', async () => {
    const page = await openShipped(site, 'sweep', '&max=4&lang=ko');
    const panel = page.locator('bitloss-panel-sweep');
    const start = panel.getByRole('button', { name: '레시피 18개 측정' });
    await start.focus();
    await page.keyboard.press('Enter');
    await panel.getByRole('button', { name: '멈추기' }).focus();
    await page.keyboard.press('Enter');
    await panel.locator('.job').waitFor({ state: 'detached' });
    assert.equal(await start.isEnabled(), true);
    // The keyboard is where it was, not at the top of the page.
    assert.equal(
      await start.evaluate((button) => button.getRootNode().activeElement === button),
      true,
    );
    assert.equal((await panel.locator('tbody tr').count()) % 18, 0);
  });

  test('nothing was asked of any other machine, and no error went uncaught', () => {
    assert.deepEqual(site.strays, []);
    assert.deepEqual(site.uncaught, []);
  });
});
