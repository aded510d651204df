/* What goes wrong is said in one sentence where it happened, and what worked before still works. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { golden, lane, laneText, modelFiles, openModel, useBrowser } from './browser.mjs';

const site = useBrowser();
const alert = (page) => page.locator('bitloss-source [role="alert"]');
const read = (name) => fs.readFileSync(path.join(golden, name));

async function openAddress(page, address) {
  const another = page.getByRole('button', { name: 'Another model' });
  if (await another.isVisible()) await another.press('Enter');
  await page.locator('bitloss-source #address').fill(address);
  await page.getByRole('button', { name: 'Load', exact: true }).press('Enter');
}

/** The text is there, and the lanes still answer. */
async function stillWorks(page) {
  await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
  await laneText(page, 0);
  await laneText(page, 2);
}

test('a picture is refused by what it is, and the model before it stays usable', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000)]);
  await openModel(page, [{ name: 'holiday.jpg', mimeType: 'image/jpeg', buffer: jpeg }]);
  assert.match(await alert(page).textContent(), /holiday\.jpg.*JPEG/);
  await stillWorks(page);
});

test('a truncated weight file is refused, and the model before it stays usable', async () => {
  const page = await site.openPage({ model: 'tiny_llama' });
  await laneText(page, 2);
  await page.getByRole('button', { name: 'Another model' }).press('Enter');
  const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
  const weights = read('tiny_llama/model.safetensors');
  await openModel(page, [
    file('config.json', read('tiny_llama/config.json')),
    file('model.safetensors', weights.subarray(0, weights.length / 2)),
  ]);
  assert.match(await alert(page).textContent(), /model\.safetensors/);
  await stillWorks(page);
});

test('weights without config.json name the missing file, in the language that is chosen', async () => {
  const page = await site.openPage();
  await openModel(page, [path.join(golden, 'tiny_llama/model.safetensors')]);
  assert.match(await alert(page).textContent(), /model\.safetensors: config\.json is missing/);
  await page.locator('bitloss-site nav select').first().selectOption('ko');
  const inKorean =
    'model.safetensors: config.json이 없습니다. safetensors 파일과 같은 곳에 있어야 합니다.';
  await alert(page).filter({ hasText: inKorean }).waitFor();
});

test('an address that leads nowhere says 404', async () => {
  const page = await site.openPage();
  await openAddress(page, `${site.url}no-such-model.gguf`);
  assert.match(await alert(page).textContent(), /no-such-model\.gguf \(404\)/);
});

test('a host that cannot be reached is named', async () => {
  const page = await site.openPage();
  await openAddress(page, 'https://models.invalid/model.gguf');
  assert.match(await alert(page).textContent(), /models\.invalid could not be reached/);
});

test('an address of the wrong kind says which kinds there are', async () => {
  const page = await site.openPage();
  await openAddress(page, 'https://example.org/page.html');
  assert.match(await alert(page).textContent(), /owner\/name/);
});

test('a repository that asks for a licence agreement says so', async () => {
  const page = await site.openPage();
  await page.route('https://huggingface.co/**', (route) =>
    route.fulfill({ status: 401, headers: { 'Access-Control-Allow-Origin': '*' } }),
  );
  await openAddress(page, 'meta-llama/Llama-3.2-1B-Instruct');
  assert.match(await alert(page).textContent(), /licence agreement/);
});

test('a bad recipe in the link is refused in its lane only', async () => {
  const page = await site.openPage({
    query: '?lanes=affine:9:64,affine:4:64',
    model: 'tiny_llama',
  });
  await laneText(page, 2);
  const sentence = await lane(page, 1).locator('[role="alert"]').textContent();
  assert.match(
    sentence,
    /“affine:9:64” cannot be used here: bits is 9, expected 2, 3, 4, 5, 6 or 8\./,
  );
  assert.doesNotMatch(sentence, /Try again/);
  assert.equal(await lane(page, 2).locator('[role="alert"]').count(), 0);
  // Its menu leads out of it.
  await lane(page, 1).getByLabel('Format', { exact: true }).selectOption('affine');
  await laneText(page, 1);
  assert.equal(await lane(page, 1).locator('[role="alert"]').count(), 0);
});

test('markup in a link is text, never markup', async () => {
  const evil = '<img src=x onerror=alert(1)>';
  const query = `?lanes=${encodeURIComponent(evil)}&prompt=${encodeURIComponent(evil)}&model=${encodeURIComponent(`local:${evil}`)}`;
  const page = await site.openPage({ query });
  await page.getByText(evil).first().waitFor();
  await openModel(page, modelFiles('tiny_llama'));
  await lane(page, 1).locator('[role="alert"]').waitFor();
  assert.equal(await page.locator('bitloss-playground img').count(), 0);
  assert.deepEqual(site.uncaught, []);
});

/** Ways in which a worker is lost; only the first is an event by itself. */
const ENDS = {
  'throws an error': () =>
    void setTimeout(() => {
      throw new Error('out of luck');
    }),
  'ends without a word': () => self.close(),
  'gets a message that it cannot read': () =>
    void setTimeout(() => dispatchEvent(new MessageEvent('messageerror'))),
};

/** Resolves when the worker answers nothing that is asked from now on; one that has ended may not say so. */
const lose = (worker, end) =>
  Promise.race([
    worker.waitForEvent('close').catch(() => {}),
    worker.evaluate(end).catch(() => {}),
  ]);

/** Each lane says that it has stopped, and is tried again. */
async function tryAgain(page, indices) {
  await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
  for (const index of indices) {
    const sick = lane(page, index).filter({ hasText: 'stopped unexpectedly' });
    await sick.getByRole('button', { name: 'Try again' }).press('Enter');
    await sick.waitFor({ state: 'detached' });
  }
  for (const index of indices) await laneText(page, index);
  assert.equal(await page.locator('bitloss-lane [role="alert"]').count(), 0);
}

for (const [how, end] of Object.entries(ENDS)) {
  test(`a lane whose worker ${how} says so, and can be tried again`, async () => {
    const page = await site.openPage({ query: '?lanes=affine:4:64', model: 'tiny_llama' });
    await laneText(page, 1);
    // One of them waits for a lane to come.
    const workers = page.workers().filter((one) => !one.url().includes('measure'));
    await Promise.all(workers.map((worker) => lose(worker, end)));
    await tryAgain(page, [0, 1]);
  });
}

test('a lane whose answer cannot be read says so, and can be tried again', async () => {
  const init = () => {
    window.workers = [];
    window.Worker = class extends Worker {
      constructor(...how) {
        super(...how);
        if (!String(how[0]).includes('measure')) window.workers.push(this);
      }
    };
  };
  const page = await site.openPage({ query: '?lanes=affine:4:64', model: 'tiny_llama', init });
  await laneText(page, 1);
  await page.evaluate(() => {
    for (const worker of window.workers) worker.dispatchEvent(new MessageEvent('messageerror'));
  });
  await tryAgain(page, [0, 1]);
});

/** What happens to the measuring worker when it is asked for a text. */
const DEATHS = {
  'throws an error': (worker) =>
    worker.dispatchEvent(new ErrorEvent('error', { message: 'out of luck', cancelable: true })),
  'ends without a word': (worker) => worker.terminate(),
  'answers what cannot be read': (worker) => worker.dispatchEvent(new MessageEvent('messageerror')),
};

for (const [how, die] of Object.entries(DEATHS)) {
  test(`measuring whose worker ${how} says so, leaves the lanes alone, and can be tried again`, async () => {
    const page = await site.openPage({
      query: '?lanes=affine:4:64',
      model: 'tiny_llama',
      // Every text that is asked for while `die` is there: the page measures for others than the lane too.
      init: () => {
        window.Worker = class extends Worker {
          postMessage(message, ...more) {
            if (window.die && message?.path?.[0] === 'text') window.die(this);
            else super.postMessage(message, ...more);
          }
        };
      },
    });
    const chip = page.locator('bitloss-lane').nth(1).locator('.chip');
    await chip.filter({ hasNotText: 'not measured' }).waitFor();
    await page.evaluate(`window.die = ${die}`);
    await page
      .locator('bitloss-panel-text')
      .getByLabel('What is lost is measured on')
      .selectOption('plain-ko');
    const sick = page.locator('bitloss-lane').nth(1);
    await sick.getByRole('alert').filter({ hasText: 'Measuring stopped unexpectedly' }).waitFor();
    assert.ok((await laneText(page, 1)).length > 0);
    await page.evaluate(() => delete window.die);
    await sick.getByRole('button', { name: 'Measure again' }).press('Enter');
    await sick.getByRole('alert').waitFor({ state: 'detached' });
    await sick.locator('.lost[aria-busy="false"]').waitFor();
    assert.equal(await page.locator('bitloss-lane [role="alert"]').count(), 0);
  });
}

test('a download can be cancelled', async () => {
  const page = await site.openPage();
  // Answered only after the reader has cancelled.
  let answer;
  await page.route('**/slow.gguf', (route) => {
    answer = () => route.abort();
  });
  await openAddress(page, `${site.url}slow.gguf`);
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.locator('bitloss-source .drop').waitFor();
  assert.equal(await alert(page).count(), 0);
  answer?.();
});

test('a browser without SIMD is told at once', async () => {
  const page = await site.openPage();
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.reload();
  await page.getByText('This browser cannot run bitloss').waitFor();
});

test('only the unreachable host was asked for, and no error went uncaught', () => {
  assert.deepEqual(site.strays, ['https://models.invalid/model.gguf']);
  assert.deepEqual(
    site.uncaught.filter((message) => message !== 'out of luck'),
    [],
  );
});
