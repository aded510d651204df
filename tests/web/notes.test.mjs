/* The core's remarks reach the reader: how a model was read, in the language of the page. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { golden, laneText, openModel, useBrowser } from './browser.mjs';

const site = useBrowser();

/** tiny_llama with two words on its rotary positions, and with generation settings that are none. */
function oddModel() {
  const read = (name) => fs.readFileSync(path.join(golden, 'tiny_llama', name));
  const config = JSON.parse(read('config.json'));
  config.rope_theta = 10000;
  config.rope_scaling = { rope_type: 'default', rope_theta: 500 };
  const file = (name, buffer) => ({ name, mimeType: 'application/octet-stream', buffer });
  return [
    file('config.json', Buffer.from(JSON.stringify(config))),
    file('generation_config.json', Buffer.from('not JSON')),
    ...['tokenizer.json', 'model.safetensors'].map((name) => file(name, read(name))),
  ];
}

test('what was read otherwise than the files say is told once, beside the model', async () => {
  const page = await site.openPage({ query: '?lang=en' });
  await openModel(page, oddModel());
  await laneText(page, 2);
  const notes = page.locator('bitloss-model .notes li');
  const told = (await notes.allTextContents()).join('\n');
  assert.match(told, /^Rotary positions: .*rope_theta is 10000, but 500/m);
  assert.match(told, /^Generation settings: generation_config\.json/m);
  // Every lane read the same files: it is not said again there.
  assert.equal(await page.locator('bitloss-lane .notes').count(), 0);
  await page.getByLabel('Language', { exact: true }).selectOption('ko');
  await page.getByText(/회전 위치\(RoPE\) 설정이 서로 다르거나.*rope_theta\. \(/).waitFor();
});

test('no error went uncaught', () => {
  assert.deepEqual(site.uncaught, []);
  assert.deepEqual(site.strays, []);
});
