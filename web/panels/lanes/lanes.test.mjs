/* Models are opened and quantized, and write, in a real browser; what they must show comes from the
 * real libraries' files in tests/golden. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import {
  chooseBits,
  expectedText,
  golden,
  lane,
  laneText,
  modelFiles,
  openModel,
  queryFor,
  useBrowser,
} from '../../../tests/web/browser.mjs';

const site = useBrowser();

/** Bytes of a safetensors file's data, as its own header says. */
function dataBytes(name) {
  const bytes = fs.readFileSync(path.join(golden, name, 'model.safetensors'));
  return bytes.length - 8 - Number(bytes.readBigUInt64LE(0));
}

/** tiny_llama has two norms in each of its two layers and one at the end, of 128 weights each. */
const N_NORM_WEIGHTS = 5 * 128;

const format = (n) => n.toLocaleString('en-US');

test('the reference lane writes the text that the real library writes', async () => {
  const page = await site.openPage({ query: queryFor('tiny_llama'), model: 'tiny_llama' });
  assert.equal(await laneText(page, 0), expectedText('tiny_llama').greedy_text);
});

test('a 4-bit lane writes what MLX writes after quantizing the same model, and has its size', async () => {
  const page = await site.openPage({
    query: queryFor('tiny_llama', '&lanes=affine:4:64'),
    model: 'tiny_llama',
  });
  assert.equal(
    (await laneText(page, 1)).replace(/…|∎/, ''),
    expectedText('tiny_llama_mlx4').greedy_text,
  );
  const exact = await lane(page, 1).locator('.exact').textContent();
  assert.equal(exact, `${format(dataBytes('tiny_llama_mlx4'))} bytes`);
});

test('a speed is shown once it has been timed, with its error, and as that of this machine', async () => {
  const page = await site.openPage({ query: '?max=4&lang=en', model: 'tiny_llama' });
  for (const index of [0, 2]) {
    const speed = lane(page, index).locator('.figures dl > div').filter({ hasText: 'Speed' });
    await speed.getByText('on this machine').waitFor();
    const text = (await speed.textContent()).replace(/\s+/g, ' ');
    assert.match(text, /Speed [\d,.]+ (± [\d,.]+ )?tokens\/s on this machine/);
  }
  // Another recipe's speed is another.
  await chooseBits(page, 2, 3);
  await lane(page, 2).locator('h3 code').filter({ hasText: 'affine:3:64' }).waitFor();
  await lane(page, 2).getByText('on this machine').waitFor();
  // What the reader asks for meanwhile comes at once.
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  assert.ok((await laneText(page, 2)).length > 0);
});

test('the first token that differs from the reference is marked at its position', async () => {
  const page = await site.openPage({
    query: queryFor('tiny_llama', '&lanes=affine:4:64'),
    model: 'tiny_llama',
  });
  const [reference, quantized] = ['tiny_llama', 'tiny_llama_mlx4'].map(
    (name) => expectedText(name).greedy_ids,
  );
  const position = reference.findIndex((id, i) => id !== quantized[i]) + 1;
  await laneText(page, 0);
  await laneText(page, 1);
  await lane(page, 1)
    .getByText(`Differs from the reference at token ${position}`, { exact: true })
    .waitFor();
  assert.equal(await lane(page, 1).locator('mark').count(), 1);
  assert.equal(await lane(page, 0).locator('mark').count(), 0);
});

test('sizes, bits per weight and shares add up', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  const nParams = dataBytes('tiny_llama') / 4;
  const sizes = await page.locator('bitloss-lane .exact').allTextContents();
  const bytes = sizes.map((text) => Number(text.replace(/\D/g, '')));
  assert.equal(bytes[0], dataBytes('tiny_llama'));
  for (const [i, size] of bytes.entries()) {
    const bits = lane(page, i).locator('.figures dl > div:nth-child(2) b');
    assert.equal(await bits.textContent(), ((8 * size) / nParams).toFixed(2));
  }
  const share = ((100 * bytes[2]) / bytes[0]).toFixed(1);
  assert.equal(await lane(page, 2).locator('.share').textContent(), `${share}% of the reference`);
});

test('moving a control quantizes that lane again and writes anew, and leaves the others alone', async () => {
  const page = await site.openPage({ query: queryFor('tiny_llama'), model: 'tiny_llama' });
  await laneText(page, 2);
  const before = await page.locator('bitloss-lane .exact').allTextContents();
  await chooseBits(page, 2, 3);
  await page.waitForFunction((old) => {
    const card = document
      .querySelector('bitloss-playground')
      .shadowRoot.querySelector('bitloss-panel-lanes')
      .shadowRoot.querySelectorAll('bitloss-lane')[2];
    return card.shadowRoot.querySelector('.exact').textContent !== old;
  }, before[2]);
  await laneText(page, 2);
  const now = await page.locator('bitloss-lane .exact').allTextContents();
  assert.deepEqual(now.slice(0, 2), before.slice(0, 2));
  // From 4 to 3 bits, each converted weight loses one bit; the norms stay as they are.
  const bytesOf = (text) => Number(text.replace(/\D/g, ''));
  const converted = dataBytes('tiny_llama') / 4 - N_NORM_WEIGHTS;
  assert.equal(bytesOf(before[2]) - bytesOf(now[2]), converted / 8);
  assert.equal(await lane(page, 2).locator('h3 code').textContent(), 'affine:3:64');
});

test('while a lane is quantized again its earlier figures stay, toned', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  const card = lane(page, 2);
  const before = await card.locator('.exact').textContent();
  // Looked at in the moment in which it is toned: a machine may show the next frame after it is over.
  const seen = await card.evaluate((element) => {
    const figures = element.shadowRoot.querySelector('.figures');
    const look = () => ({
      toned: figures.hasAttribute('data-stale'),
      exact: figures.querySelector('.exact').textContent,
    });
    const changed = new Promise((resolve) => {
      const observer = new MutationObserver(() => resolve(look()));
      observer.observe(figures, { attributeFilter: ['data-stale'] });
    });
    [...element.shadowRoot.querySelectorAll('input[name=bits]')]
      .find(({ value }) => value === '2')
      .click();
    return changed;
  });
  assert.deepEqual(seen, { toned: true, exact: before });
  await card.locator('.figures:not([data-stale])').waitFor();
  assert.notEqual(await card.locator('.exact').textContent(), before);
});

test('lanes are added up to five variants, and removed down to one', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  const add = page.getByRole('button', { name: 'Add a lane' });
  for (let n = 3; n <= 5; n++) await add.press('Enter');
  assert.equal(await page.locator('bitloss-lane').count(), 6);
  assert.equal(await add.isDisabled(), true);
  await laneText(page, 5);
  for (const letter of ['E', 'D', 'C', 'B'])
    await page.getByRole('button', { name: `Remove lane ${letter}` }).press('Enter');
  assert.equal(await page.locator('bitloss-lane').count(), 2);
  assert.equal(await page.getByRole('button', { name: /Remove lane/ }).count(), 0);
});

test('a run can be stopped, and run again', async () => {
  const page = await site.openPage({ query: '?model=tinyworld-8M&max=512', shipped: true });
  const run = page.getByRole('button', { name: 'Run', exact: true });
  const whole = await laneText(page, 0);
  for (const index of [1, 2]) await laneText(page, index); // the first run has ended by itself
  // Pressed in the page, as soon as there is a word: at any later time it might be the whole text.
  await page.locator('bitloss-playground').evaluate(async (element) => {
    const within = (...path) =>
      path.reduce((node, name) => node?.shadowRoot.querySelector(name), element);
    const card = within('bitloss-panel-lanes', 'bitloss-lane');
    const bar = within('bitloss-panel-prompt').shadowRoot;
    const begun = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        const text = card.shadowRoot.querySelector('p.text[aria-busy="true"]');
        if (!/\w/.test(text?.textContent ?? '')) return;
        observer.disconnect();
        bar.querySelector('.run button:not(.primary)').click();
        resolve();
      });
      const all = { subtree: true, childList: true, characterData: true, attributes: true };
      observer.observe(card.shadowRoot, all);
    });
    bar.querySelector('.run button.primary').click();
    await begun;
  });
  const stopped = lane(page, 0).getByText(/tokens? · stopped/);
  await stopped.waitFor();
  const partial = await laneText(page, 0);
  assert.ok(whole.startsWith(partial) && partial.length < whole.length, partial);
  await run.press('Enter');
  await stopped.waitFor({ state: 'detached' });
  assert.equal(await laneText(page, 0), whole);
  await page.context().close();
});

test('the same seed gives the same text, another seed another', async () => {
  const texts = [];
  for (const seed of [1, 1, 2]) {
    const page = await site.openPage({
      query: `?temp=1&seed=${seed}&lanes=affine:8:64`,
      model: 'tiny_llama',
    });
    texts.push(await laneText(page, 0));
    await page.context().close();
  }
  assert.equal(texts[0], texts[1]);
  assert.notEqual(texts[0], texts[2]);
});

test('an f16 lane halves the matrices of an f32 model, and the table tells of every tensor', async () => {
  const page = await site.openPage({ query: '?lanes=f16', model: 'tiny_llama' });
  await laneText(page, 1);
  const exact = await lane(page, 1).locator('.exact').textContent();
  assert.equal(exact, `${format(dataBytes('tiny_llama') / 2 + 2 * N_NORM_WEIGHTS)} bytes`);
  await page.getByText('All tensors as a table').press('Enter');
  const header = fs.readFileSync(path.join(golden, 'tiny_llama/model.safetensors'));
  const names = Object.keys(JSON.parse(header.subarray(8, 8 + Number(header.readBigUInt64LE(0)))));
  const rows = page.locator('bitloss-tensor-table tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), names.filter((name) => name !== '__metadata__').length);
});

test('a model that is already quantized is announced as such', async () => {
  const page = await site.openPage({ model: 'tiny_llama_mlx4' });
  await page.getByText(/This reference is already 4-bit/).waitFor();
});

test('shards of one model open together', async () => {
  const page = await site.openPage({
    query: queryFor('tiny_llama_sharded'),
    model: 'tiny_llama_sharded',
  });
  assert.equal(await laneText(page, 0), expectedText('tiny_llama_sharded').greedy_text);
});

test('opening another model replaces all figures', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  const before = await lane(page, 2).locator('.exact').textContent();
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  await openModel(page, modelFiles('tiny_llama3'));
  await page.locator('bitloss-model').getByText('bf16').waitFor();
  await laneText(page, 2);
  assert.notEqual(await lane(page, 2).locator('.exact').textContent(), before);
  assert.equal(await page.locator('bitloss-source').count(), 0);
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
