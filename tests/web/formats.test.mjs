/* Every format is in the menu, says what it is, and can be had by keyboard, by link and in words. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import {
  chooseBits,
  expectedText,
  golden,
  lane,
  laneText,
  measured,
  openModel,
  queryFor,
  useBrowser,
} from './browser.mjs';

const site = useBrowser();
const tinyWorld = path.join(golden, '../../examples/tinyworld/models/2M');

/** TinyWorld, whose matrices have rows of 256: every format applies. */
async function openTinyWorld(options) {
  const page = await site.openPage(options);
  const files = ['config.json', 'tokenizer.json', 'model.safetensors'];
  await openModel(
    page,
    files.map((file) => path.join(tinyWorld, file)),
  );
  await laneText(page, 1);
  return page;
}

const menu = (page, index) => lane(page, index).locator('select#format');
const recipeOf = (page, index) => lane(page, index).locator('h3 code').textContent();
const cost = (page, index, text) =>
  lane(page, index).locator('.cost').filter({ hasText: text }).waitFor();
const ready = async (page, index) => {
  await lane(page, index).locator('.figures:not([data-stale])').waitFor();
  await laneText(page, index);
};

test('a format of each family can be chosen with the arrow keys', async () => {
  const page = await openTinyWorld({ query: '?lanes=affine:4:64&max=4' });
  // The name in the menu, the recipe, and its bits per weight with bf16 scales and these matrices.
  const formats = [
    ['MXFP8', 'mxfp8', '8.25 bits per weight'],
    ['Q5_0', 'q5_0', '5.5 bits per weight'],
    ['int4,', 'int4:128', '4.25 bits per weight'],
    ['NF4', 'nf4', '4.5 bits per weight'],
    ['One scale per row', 'channel:8', /^8\.\d+ bits per weight in this model/],
    ['bfloat', 'bf16', '16 bits per weight'],
    ['Q4_K_M', 'q4_k_m', /bits per weight in this model/],
    ['Mixed, 3 and 6', 'mixed_3_6:64', /^[3-6]\.\d+ bits per weight in this model/],
    ['Integers', 'affine:4:64', '4.5 bits per weight'],
  ];
  await menu(page, 1).focus();
  for (const [name, recipe, bits] of formats) {
    const steps = await menu(page, 1).evaluate(
      (select, wanted) =>
        [...select.options].findIndex(({ text }) => text.startsWith(wanted)) - select.selectedIndex,
      name,
    );
    for (let n = 0; n < Math.abs(steps); n++)
      await page.keyboard.press(steps > 0 ? 'ArrowDown' : 'ArrowUp');
    await lane(page, 1).locator('h3 code').filter({ hasText: recipe }).waitFor();
    await ready(page, 1);
    await cost(page, 1, bits);
    assert.ok((await lane(page, 1).locator('.about p').first().textContent()).length > 40, recipe);
    assert.equal(await lane(page, 1).locator('[role="alert"]').count(), 0, recipe);
  }
});

test('integer activations are switched on beside the format, are kept with its settings, and go with it', async () => {
  const page = await openTinyWorld({ query: '?lanes=affine:8:64&max=4' });
  const mode = (name) => lane(page, 1).getByRole('radio', { name, exact: true });
  const shows = (recipe) =>
    lane(page, 1).locator('h3 code').getByText(recipe, { exact: true }).waitFor();
  assert.equal(await mode('float').isChecked(), true);
  await lane(page, 1).getByText('Only the weights are rounded').waitFor();
  await mode('float').focus();
  await page.keyboard.press('ArrowRight');
  await shows('affine:8:64@int8');
  assert.equal(await mode('int8').isChecked(), true);
  await lane(page, 1).getByText('rounded to 8 bits too').waitFor();
  await ready(page, 1);
  await cost(page, 1, '8.5 bits per weight');
  await chooseBits(page, 1, 4);
  await shows('affine:4:64@int8');
  await menu(page, 1).selectOption('q4_0');
  await shows('q4_0@int8');
  await page.getByRole('combobox', { name: 'Language' }).selectOption('ko');
  await lane(page, 1).getByText('8비트로 반올림합니다').waitFor();
  assert.equal(await lane(page, 1).locator('input[name="activations"]').count(), 2);
  // A format without kernels for them has no such switch.
  await menu(page, 1).selectOption('nf4');
  await shows('nf4');
  assert.equal(await lane(page, 1).locator('input[name="activations"]').count(), 0);
});

test('settings that two formats share are kept when one takes the place of the other', async () => {
  const page = await openTinyWorld({ query: '?lanes=affine:3:32&max=4' });
  await menu(page, 1).selectOption('channel');
  assert.equal(await recipeOf(page, 1), 'channel:3');
  await menu(page, 1).selectOption('mixed_4_6');
  assert.equal(await recipeOf(page, 1), 'mixed_4_6:64');
  await menu(page, 1).selectOption('tensor_asym');
  await chooseBits(page, 1, 7);
  assert.equal(await recipeOf(page, 1), 'tensor_asym:7');
});

for (const [lang, about, bits] of [
  ['en', /Four bits that choose among 16 values.*QLoRA/, '4.5 bits per weight'],
  ['ko', /값 16개 가운데 하나를 고르고.*QLoRA/, '가중치당 4.5비트'],
]) {
  test(`a link with formats of several families opens them, explained in ${lang}`, async () => {
    const recipes = ['nf4', 'q4_0', 'mxfp4', 'int8', 'tensor:4'];
    const page = await openTinyWorld({ query: `?lang=${lang}&max=4&lanes=${recipes.join(',')}` });
    await ready(page, 5);
    const shown = await page.locator('bitloss-lane h3 code').allTextContents();
    assert.deepEqual(shown.slice(1), recipes);
    assert.match(await lane(page, 1).locator('.about p').first().textContent(), about);
    await cost(page, 1, bits);
    await page.locator('bitloss-panel-prompt textarea').fill('Mia');
    await page.waitForFunction(() => location.search.includes('prompt=Mia'));
    assert.equal(
      new URLSearchParams(await page.evaluate(() => location.search)).get('lanes'),
      recipes.join(','),
    );
    const groups = await menu(page, 1)
      .locator('optgroup')
      .evaluateAll((list) => list.map(({ label }) => label));
    assert.equal(groups.length, 8);
  });
}

test('matrices that a format leaves alone are counted', async () => {
  // Of its matrices only the two down projections have rows of 128; the others', of 96, are no whole groups.
  const model = 'tiny_llama_bias';
  const page = await site.openPage({ query: queryFor(model, '&lanes=affine:4:128'), model });
  await lane(page, 1).getByText('13 of 15 matrices stay as they are').waitFor();
});

test('a family that the first module lacks the code for is written by, and measured', async () => {
  const model = 'tiny_gpt2';
  const page = await site.openPage({ query: queryFor(model), model });
  assert.equal(await laneText(page, 0), expectedText(model).greedy_text);
  await measured(page, 1);
  assert.equal(await page.locator('[role="alert"]').count(), 0);
});

test('a recipe with exceptions comes with the link, is shown as it is, and can be written anew', async () => {
  const custom = 'affine:4:64/layers.0=bf16/embed_tokens=q8_0';
  const page = await openTinyWorld({ query: `?max=4&lanes=${encodeURIComponent(custom)}` });
  assert.equal(await recipeOf(page, 1), custom);
  await lane(page, 1).getByRole('heading', { name: 'A recipe of its own' }).waitFor();
  const field = lane(page, 1).getByRole('textbox', { name: 'Recipe as text' });
  assert.equal(await field.inputValue(), custom);
  const before = await lane(page, 1).locator('.exact').textContent();

  // A fault is told in place, and the lane stays as it was.
  await field.fill('affine:4:64/=bf16');
  await field.press('Enter');
  await lane(page, 1).locator('.advanced [role="alert"]').waitFor();
  assert.equal(await field.inputValue(), 'affine:4:64/=bf16');
  assert.equal(await recipeOf(page, 1), custom);
  assert.equal(await lane(page, 1).locator('.exact').textContent(), before);
  await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
  await laneText(page, 1);

  await field.fill('Affine:3/down_proj=reference');
  await field.press('Enter');
  await lane(page, 1)
    .locator('h3 code')
    .filter({ hasText: 'affine:3:64/down_proj=reference' })
    .waitFor();
  await ready(page, 1);
  assert.equal(await lane(page, 1).locator('[role="alert"]').count(), 0);
  assert.notEqual(await lane(page, 1).locator('.exact').textContent(), before);
  await page.waitForFunction(() =>
    location.search.includes('lanes=affine:3:64/down_proj=reference'),
  );

  await menu(page, 1).selectOption('nvfp4');
  await ready(page, 1);
  assert.equal(await field.inputValue(), 'nvfp4');
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
