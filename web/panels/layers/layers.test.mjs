/* Where the lanes part: how the sentence and the words are made, and the panel on a real model, whose
 * figures are the terminal's. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { json } from '../../../tests/cli/command.mjs';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { root, useModules } from '../../../tests/web/modules.mjs';

const modules = useModules();
let parting;
before(async () => {
  parting = await modules.load('web/panels/layers/parting.ts');
});
after(() => modules.close());

const layer = (reference, own) => ({
  referenceTop: [{ id: reference, text: '', p: 1 }],
  top: own === null ? [] : [{ id: own, text: '', p: 1 }],
});

test('lanes part at the first layer that would say another token', () => {
  const { partingOf } = parting;
  const same = layer(1, 1);
  const other = layer(1, 2);
  assert.deepEqual(partingOf([same, same, same]), { kind: 'never' });
  assert.deepEqual(partingOf([same, other, other]), { kind: 'parts', from: 1, endsSame: false });
  assert.deepEqual(partingOf([other, same, same]), { kind: 'parts', from: 0, endsSame: true });
  assert.deepEqual(partingOf([same, same, layer(1, null)]), { kind: 'broken' });
});

test('a distance is a number, infinite, or not a number', () => {
  const words = { notNumbers: 'not a number', infinite: 'infinite' };
  const said = (value) => parting.distanceText(value, words, String);
  assert.deepEqual([0.5, Infinity, null].map(said), ['0.5', 'infinite', 'not a number']);
});

test('white space is seen, the end of a long prompt begins with a word, an axis ends on a round number', () => {
  const { endOf, roundedUp, visible } = parting;
  assert.equal(visible(' a\n\tb'), '␣a⏎⇥b');
  assert.equal(endOf('The sea is', 20), 'The sea is');
  assert.equal(endOf('The old boat went down to the sea', 12), '… to the sea');
  assert.equal(endOf('x'.repeat(30), 12), `…${'x'.repeat(12)}`);
  assert.deepEqual([0, 0.3, 1, 1.08, 2.2, 7].map(roundedUp), [1, 0.5, 1, 2, 2.5, 10]);
});

describe('in the page', () => {
  const site = useBrowser();
  const prompt = 'Tom has three red balls. Anna gives him two more. Now Tom has';
  const recipes = ['affine:4:64', 'affine:2:64'];
  const world = path.join(root, 'examples/tinyworld/models/0.5M');
  const rowsOf = (text) => {
    const args = ['compare', world, '--recipes', recipes.join(), '--layers', text];
    return json(args).layers.rows;
  };
  /** What the tables say: of each row the distance and both tokens with their probability. */
  const readTables = (panel) =>
    panel.locator('section.lane').evaluateAll((lanes) =>
      lanes.map((lane) =>
        [...lane.querySelectorAll('tbody tr:not(.more)')].map((row) => {
          const [distance, ...tokens] = [...row.querySelectorAll('td')];
          const read = (cell, name) => cell.querySelector(name).textContent;
          return {
            distance: Number(distance.textContent),
            tokens: tokens.map((cell) => [read(cell, '.token'), read(cell, '.p')]),
            isOther: row.querySelector('.tag') !== null,
          };
        }),
      ),
    );
  const percentOf = (text) => Number(text.replace('%', '')) / 100;
  const close = (found, expected, tolerance, what) =>
    assert.ok(Math.abs(found - expected) <= tolerance, `${what}: ${found}, not ${expected}`);
  /** Fresh results for all lanes. */
  const known = (panel) =>
    panel
      .locator('section.lane[aria-busy="false"]')
      .nth(recipes.length - 1)
      .waitFor();

  /** The panel says what the terminal says of the prompt; `key` is of the distance shown. */
  async function checkAgainstTerminal(panel, text, key) {
    const tables = await readTables(panel);
    const rows = rowsOf(text);
    assert.equal(tables.length, recipes.length);
    tables.forEach((table, i) => {
      const expected = rows.filter(({ recipe }) => recipe === recipes[i]);
      assert.equal(table.length, expected.length);
      table.forEach(({ distance, tokens, isOther }, stage) => {
        const row = expected[stage];
        const what = `${recipes[i]}, layer ${stage}`;
        close(distance, row[key], 0.006 * row[key], what);
        const visible = (token) => parting.visible(token);
        assert.deepEqual(
          tokens.map(([token]) => token),
          [visible(row.reference_token), visible(row.token)],
          what,
        );
        close(percentOf(tokens[0][1]), row.reference_p, 0.0011, what);
        close(percentOf(tokens[1][1]), row.p, 0.0011, what);
        assert.equal(isOther, row.id !== row.reference_id, what);
      });
    });
    return rows;
  }

  /** "… layer 1 …" of the first layer that would say another token; null where none would. */
  const partsAt = (rows, recipe) => {
    const own = rows.filter((row) => row.recipe === recipe);
    const from = own.findIndex((row) => row.id !== row.reference_id);
    return from < 0 ? null : from;
  };

  test('a learner opens it, reads where the lanes part, looks closer, and asks for another prompt', async () => {
    const fullModule = [];
    const page = await site.openPage({
      shipped: true,
      query: 'icon.svg',
    });
    page.on('request', (request) => {
      if (/bitloss-full/.test(request.url())) fullModule.push(request.url());
    });
    const query = `?model=tinyworld-0.5M&lanes=${recipes.join()}&max=4&panels=bench&prompt=${encodeURIComponent(prompt)}`;
    await page.goto(site.url + query);
    await page.locator('#fold-budget').waitFor();
    assert.deepEqual(fullModule, [], 'the full module comes only when it is needed');

    // It cannot be had at first.
    const isFullModule = ({ pathname }) => /bitloss-full/.test(pathname);
    await page.route(isFullModule, (route) => route.abort());
    await page.locator('#fold-layers').press('Enter');
    const panel = page.locator('bitloss-panel-layers');
    await panel.getByText('could not be fetched').waitFor();
    const again = panel.getByRole('button', { name: 'Look into the layers' });
    await again.waitFor();
    await page.unroute(isFullModule);
    fullModule.length = 0;
    await again.press('Enter');
    await known(panel);
    const rows = await checkAgainstTerminal(panel, prompt, 'last_distance');
    assert.equal(fullModule.length, 1);

    const sentences = await panel.locator('.finding span').allTextContents();
    recipes.forEach((recipe, i) => {
      const from = partsAt(rows, recipe);
      assert.ok(sentences[i].includes(`Lane ${'AB'[i]}`), sentences[i]);
      if (from === null)
        assert.match(sentences[i], /same token as the reference after every layer/);
      else assert.ok(sentences[i].includes(from === 0 ? 'embedding' : `after layer ${from}`));
    });
    assert.notEqual(partsAt(rows, 'affine:2:64'), null, 'at 2 bits they part');

    // The picture tells what it shows, by keyboard too.
    const chart = panel.locator('bitloss-layer-chart');
    assert.equal(await chart.locator('g circle').count(), rows.length);
    assert.equal(
      await chart.locator('g circle[data-other]').count(),
      rows.filter((row) => row.id !== row.reference_id).length,
    );
    await chart.locator('svg[tabindex]').focus();
    await page.keyboard.press('End');
    await chart
      .locator('output')
      .filter({ hasText: /^layer 3: Lane A .*, Lane B / })
      .waitFor();

    // One layer closer: the likeliest five of both.
    const second = panel.locator('section.lane').nth(1);
    await second.getByRole('button', { name: 'layer 2' }).press('Enter');
    const lists = second.locator('.more ol');
    const row = rows.find((one) => one.recipe === 'affine:2:64' && one.layer === 2);
    for (const [list, top] of [
      [lists.nth(0), row.reference_top],
      [lists.nth(1), row.top],
    ]) {
      const found = await list.locator('.token').allTextContents();
      assert.deepEqual(
        found,
        top.map(({ token }) => parting.visible(token)),
      );
    }

    await panel.getByRole('radio', { name: 'all tokens' }).press('Space');
    await checkAgainstTerminal(panel, prompt, 'distance');

    // Another prompt, in Korean, and the page with it.
    await page.locator('bitloss-site nav select').first().selectOption('ko');
    const other = '민수는 공원에 갔습니다. 그곳에서';
    await page.locator('bitloss-panel-prompt textarea').fill(other);
    await page.locator('bitloss-panel-prompt textarea').press('Control+Enter');
    await panel.locator('.read').filter({ hasText: '그곳에서' }).waitFor();
    await known(panel);
    await checkAgainstTerminal(panel, other, 'distance');
    assert.match(await panel.locator('.finding').textContent(), /비교군 A: .*비교군 B: /s);

    // Without a prompt there is nothing to follow.
    await page.locator('bitloss-panel-prompt textarea').fill('');
    await page.locator('bitloss-panel-prompt textarea').press('Control+Enter');
    await panel.getByText('프롬프트를 써 보세요').waitFor();
  });

  test('nothing was asked of any other machine, and no error went uncaught', () => {
    assert.deepEqual(site.strays, []);
    assert.deepEqual(site.uncaught, []);
  });
});
