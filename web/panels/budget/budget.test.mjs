/* The budget: arithmetic of what fits where, and the panel's figures against a model's own shape. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { useBrowser } from '../../../tests/web/browser.mjs';
import { openShipped, sizeText, useModules } from '../../../tests/web/modules.mjs';

const modules = useModules();
let plan;
before(async () => {
  plan = await modules.load('web/panels/budget/plan.ts');
});
after(() => modules.close());

const need = (recipe, totalBytes, nParams = 1e9, weightBytes = totalBytes) => ({
  recipe,
  totalBytes,
  budget: { nParams, weightBytes },
});

test('a memory of 8 GB holds 2^33 bytes, and not one more', () => {
  assert.deepEqual(plan.fitsInto(2 ** 33), [8, 16, 24, 64]);
  assert.deepEqual(plan.fitsInto(2 ** 33 + 1), [16, 24, 64]);
  assert.deepEqual(plan.fitsInto(2 ** 36), [64]);
  assert.deepEqual(plan.fitsInto(2 ** 36 + 1), []);
});

test('bars reach as far as the largest need, and the memories within have a line', () => {
  const small = plan.scaleOf([need('affine:4:64', 1e9)]);
  assert.deepEqual(
    small.marks.map(({ memory }) => memory),
    [8],
  );
  const { bytes, marks } = plan.scaleOf([need('f16', 30e9), need('affine:4:64', 9e9)]);
  assert.deepEqual(
    marks.map(({ memory }) => memory),
    [8, 16, 24, 64],
  );
  assert.deepEqual(
    plan.scaleOf([need('f16', 140e9)]).marks.map(({ memory }) => memory),
    [8, 16, 24, 64],
  );
  assert.deepEqual(
    plan.scaleOf([need('f16', 13e9)]).marks.map(({ memory }) => memory),
    [8, 16],
  );
  for (const { memory, at } of marks) assert.ok(Math.abs(at * bytes - memory * 2 ** 30) < 1);
});

test("bare bits are those of the recipe's name", () => {
  assert.deepEqual(plan.bareBytes(need('affine:4:64', 5e8)), { bits: 4, bytes: 5e8 });
  assert.deepEqual(plan.bareBytes(need('affine:3:32/down_proj=affine:6:64', 5e8)), {
    bits: 3,
    bytes: 3.75e8,
  });
  assert.equal(plan.bareBytes(need('mxfp4', 5e8)), null);
  assert.equal(plan.bareBytes(need('f16', 5e8)), null);
});

test('the longest context is what a config says in either of two names', () => {
  assert.equal(plan.contextLimit('{"max_position_embeddings": 512}'), 512);
  assert.equal(plan.contextLimit('{"n_positions": 1024}'), 1024);
  for (const none of ['{}', 'not json', 'null', '{"n_positions": "many"}'])
    assert.equal(plan.contextLimit(none), null);
});

test('the asked-for recipe comes first and is not asked for twice; fp16 is a type, not a recipe', async () => {
  const asked = [];
  const session = {
    budget: async (_config, options) => {
      asked.push(options);
      return { weightBytes: 100, kvBytes: 20, activationBytes: 3 };
    },
  };
  const request = { nContext: 2048, kvDtype: 'f16' };
  const needs = await plan.needsOf(session, '{}', { recipe: 'affine:4:64', ...request });
  assert.deepEqual(
    needs.map(({ recipe, totalBytes }) => [recipe, totalBytes]),
    [
      ['affine:4:64', 123],
      ['f16', 123],
      ['affine:8:64', 123],
    ],
  );
  assert.deepEqual(asked[0], { recipe: 'affine:4:64', ...request });
  assert.deepEqual(asked[1], { dtype: 'f16', ...request });
});

describe('in the page', () => {
  const site = useBrowser();

  /** Llama-2-7B: 32 layers of 4096, feed-forward 11008, vocabulary 32000, output not tied. */
  const LLAMA_7B = 2 * 32000 * 4096 + 32 * (4 * 4096 * 4096 + 3 * 4096 * 11008 + 2 * 4096) + 4096;

  test('7B needs 13.5 GB at fp16, and at 4 bits in groups of 64 4.5 bits a weight, not 4', async () => {
    const page = await openShipped(site, 'budget', '&max=4');
    const panel = page.locator('bitloss-panel-budget');
    await panel.locator('.needs > li').nth(2).waitFor();
    await panel.getByText(`${LLAMA_7B.toLocaleString('en-US')} parameters`).waitFor();
    const legends = await panel
      .locator('.needs > li')
      .evaluateAll((items) =>
        items.map((item) =>
          [...item.querySelectorAll('.stack-legend b')].map((b) => b.textContent),
        ),
      );
    const norms = (2 * 32 + 1) * 4096;
    const gigabytes = (bytes) => `${(bytes / 1e9).toFixed(bytes >= 1e10 ? 1 : 2)} GB`;
    assert.equal(legends[0][0], gigabytes(((LLAMA_7B - norms) * 4.5) / 8 + 2 * norms));
    assert.equal(legends[1][0], gigabytes(2 * LLAMA_7B));
    assert.equal(legends[2][0], gigabytes(((LLAMA_7B - norms) * 8.5) / 8 + 2 * norms));
    // Keys and values of 4096 tokens, 16 bits, in every layer.
    for (const [, kv] of legends) assert.equal(kv, gigabytes(2 * 32 * 4096 * 4096 * 2));
    await panel
      .getByText(`At exactly 4 bits the weights would take ${gigabytes(LLAMA_7B / 2)}`)
      .waitFor();
    assert.deepEqual(await panel.locator('.fits').allTextContents(), [
      'Fits into 8 GB, 16 GB, 24 GB, 64 GB.',
      'Fits into 16 GB, 24 GB, 64 GB.',
      'Fits into 16 GB, 24 GB, 64 GB.',
    ]);
  });

  test("the open model's budget is the size that its lane has", async () => {
    const page = await openShipped(site, 'budget', '&max=4&lanes=affine:4:64&lang=ko');
    const panel = page.locator('bitloss-panel-budget');
    await panel.getByRole('radio', { name: '지금 연 모델' }).press('Space');
    const exact = page.locator('bitloss-lane').nth(1).locator('.exact');
    await exact.waitFor();
    const bytes = Number((await exact.textContent()).replace(/\D/g, ''));
    await panel
      .locator('.needs > li')
      .first()
      .locator('.stack-legend b', { hasText: sizeText(bytes) })
      .first()
      .waitFor();
    // 4096 tokens are asked for; the model's config allows 512.
    await panel.getByText('최대 512개').waitFor();
  });

  test('a config that is none is told in a sentence, and the fields stay usable', async () => {
    const page = await openShipped(site, 'budget', '&max=4');
    const panel = page.locator('bitloss-panel-budget');
    await panel.getByRole('radio', { name: 'A config.json' }).press('Space');
    await panel.locator('textarea').fill('{"model_type": "llama"');
    await panel.getByRole('alert').waitFor();
    await panel.getByRole('radio', { name: 'By size' }).press('Space');
    await panel.getByRole('radio', { name: '70B' }).press('Space');
    await panel.getByText('Fits into none of 8, 16, 24 and 64 GB.').first().waitFor();
    assert.equal(await panel.getByRole('alert').count(), 0);
  });

  test('nothing was asked of any other machine, and no error went uncaught', () => {
    assert.deepEqual(site.strays, []);
    assert.deepEqual(site.uncaught, []);
  });
});
