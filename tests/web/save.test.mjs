/* A lane's model is written to disk: the right bytes, to the place that was chosen, or nothing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { makeNative, nativeCommand } from '../../wasm/make.mjs';
import {
  chooseBits,
  expectedText,
  golden,
  lane,
  laneText,
  openModel,
  queryFor,
  useBrowser,
  withBench,
} from './browser.mjs';

const site = useBrowser();
let folder;
/** tiny_llama with a card that names it: to the command, a model without one is named like its folder. */
let source;
before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-save-'));
  source = path.join(folder, 'tiny_llama');
  fs.mkdirSync(source);
  for (const file of ownFiles('tiny_llama'))
    fs.copyFileSync(file, path.join(source, path.basename(file)));
  fs.writeFileSync(path.join(source, 'README.md'), '---\nmodel_name: Tiny Llama\n---\n');
  await makeNative();
});
after(() => fs.rmSync(folder, { recursive: true, force: true }));

/** The browser's dialog, which no test can click: it gives a file in the page's private folder. With
 * `hold`, writing waits until the test calls window.go(); `fail` is the error that writing meets. */
function stubPicker({ hold = false, fail = null } = {}) {
  return `
    window.saved = { asked: [], closed: 0, aborted: 0, writes: 0 };
    window.held = new Promise((resolve) => { window.go = resolve; });
    window.showSaveFilePicker = async (options) => {
      saved.asked.push(options.suggestedName);
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle(options.suggestedName, { create: true });
      const writable = await handle.createWritable();
      return { createWritable: async () => ({
        write: async (bytes) => {
          saved.writes++;
          if (${hold}) await held;
          if (${JSON.stringify(fail)}) throw new DOMException('No space left on the disk', ${JSON.stringify(fail)});
          await writable.write(bytes);
        },
        close: async () => { await writable.close(); saved.closed++; },
        abort: async () => { await writable.abort(); saved.aborted++; },
      }) };
    };`;
}

/** What the page has written under that name. */
async function savedFile(page, name) {
  const base64 = await page.evaluate(async (file) => {
    const root = await navigator.storage.getDirectory();
    const bytes = new Uint8Array(
      await (await (await root.getFileHandle(file)).getFile()).arrayBuffer(),
    );
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }, name);
  return Buffer.from(base64, 'base64');
}

/** The files of a ZIP archive that is not compressed, as its central directory lists them. */
function unzip(archive) {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  const files = {};
  let at = archive.readUInt32LE(end + 16);
  for (let n = archive.readUInt16LE(end + 10); n > 0; n--) {
    assert.equal(archive.readUInt32LE(at), 0x02014b50);
    assert.equal(archive.readUInt16LE(at + 10), 0, 'stored');
    const [size, nameSize, extraSize, commentSize] = [
      archive.readUInt32LE(at + 24),
      archive.readUInt16LE(at + 28),
      archive.readUInt16LE(at + 30),
      archive.readUInt16LE(at + 32),
    ];
    const name = archive.toString('utf8', at + 46, at + 46 + nameSize);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    files[name] = archive.subarray(start, start + size);
    at += 46 + nameSize + extraSize + commentSize;
  }
  return files;
}

/** The files of a golden model, without what transformers said of it. */
function ownFiles(name) {
  return fs
    .readdirSync(path.join(golden, name))
    .filter((file) => !['expected.json', 'logits.f32'].includes(file))
    .map((file) => path.join(golden, name, file));
}

const sourceFiles = () => fs.readdirSync(source).map((file) => path.join(source, file));

const inMemory = (file) => ({
  name: path.basename(file),
  mimeType: 'application/octet-stream',
  buffer: fs.readFileSync(file),
});

/** Opens tiny_llama in a page whose dialog is the stub, with one lane of that recipe. */
async function openLane(recipe, stub = stubPicker(), query = '', files = sourceFiles()) {
  const page = await site.openPage({ query: 'icon.svg' });
  await page.addInitScript(stub);
  await page.goto(site.url + withBench(query || `?lanes=${recipe}`));
  await openModel(page, files);
  await laneText(page, 1);
  return page;
}

const offer = (page, index, name) => lane(page, index).getByRole('button', { name });
const status = (page, index) => lane(page, index).locator('.files [role="status"]');

/** Saves lane A, a recipe of tiny_llama, as a folder; the archive's files must be those that the command
 * writes. */
async function saveFolder(recipe, label, container) {
  const name = `model-${recipe.replaceAll(/[:/=]/g, '-')}`;
  const page = await openLane('', stubPicker(), queryFor('tiny_llama', `&lanes=${recipe}`));
  await offer(page, 1, `Download Lane A as ${label}`).press('Enter');
  await status(page, 1)
    .filter({ hasText: `Saved ${name}-${container}.zip` })
    .waitFor();
  const files = unzip(await savedFile(page, `${name}-${container}.zip`));
  const native = path.join(folder, container);
  execFileSync(nativeCommand, [
    'convert',
    '--hf-path',
    source,
    '--out',
    native,
    '--to',
    container,
    '--recipe',
    recipe,
  ]);
  assert.ok(
    files[`${name}/model.safetensors`] &&
      files[`${name}/config.json`] &&
      files[`${name}/tokenizer.json`],
  );
  for (const [file, bytes] of Object.entries(files)) {
    assert.ok(bytes.equals(fs.readFileSync(path.join(native, path.relative(name, file)))), file);
  }
  return files;
}

test('a folder for transformers arrives as a ZIP archive, with the files that the command writes', async () => {
  // As transformers does it, the command leaves the embedding alone; a lane has it in the recipe's values.
  const files = await saveFolder(
    'nf4/embed_tokens=reference',
    'transformers folder (.zip)',
    'torch',
  );
  assert.match(files['model-nf4-embed_tokens-reference/config.json'].toString(), /bitsandbytes/);
});

test('an MLX folder arrives as a ZIP archive, and is the model that MLX would have made', async () => {
  const files = await saveFolder('affine:4:64', 'MLX folder (.zip)', 'mlx');

  const again = await site.openPage({ query: queryFor('tiny_llama_mlx4') });
  const picked = Object.entries(files).map(([name, buffer]) => ({
    name: path.basename(name),
    mimeType: 'application/octet-stream',
    buffer,
  }));
  await openModel(again, picked);
  assert.equal(await laneText(again, 0), expectedText('tiny_llama_mlx4').greedy_text);
});

test('a GGUF file is byte for byte what the command writes, and opens again', async () => {
  const page = await openLane('q8_0');
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await status(page, 1).waitFor();
  const bytes = await savedFile(page, 'model-q8_0.gguf');
  const native = path.join(folder, 'q8_0.gguf');
  execFileSync(nativeCommand, [
    'convert',
    '--hf-path',
    source,
    '--out',
    native,
    '--recipe',
    'q8_0',
  ]);
  assert.ok(bytes.equals(fs.readFileSync(native)));
  const again = await site.openPage();
  await openModel(again, [
    { name: 'model.gguf', mimeType: 'application/octet-stream', buffer: bytes },
  ]);
  assert.equal(await laneText(again, 0), await laneText(page, 1));
});

test('a browser without the dialog downloads the same file', async () => {
  const page = await openLane(
    'q4_0',
    'delete Window.prototype.showSaveFilePicker; delete window.showSaveFilePicker;',
  );
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    offer(page, 1, 'Download Lane A as GGUF').press('Enter'),
  ]);
  assert.equal(download.suggestedFilename(), 'model-q4_0.gguf');
  const native = path.join(folder, 'q4_0.gguf');
  execFileSync(nativeCommand, [
    'convert',
    '--hf-path',
    source,
    '--out',
    native,
    '--recipe',
    'q4_0',
  ]);
  assert.ok(fs.readFileSync(await download.path()).equals(fs.readFileSync(native)));
});

test('the reference can be saved in every container, a format that no other tool reads in none', async () => {
  const page = await openLane('tensor:8');
  assert.equal(await lane(page, 0).locator('.offers button').count(), 3);
  assert.equal(await lane(page, 1).locator('.offers button').count(), 0);
  await lane(page, 1)
    .getByText(/^No download/)
    .waitFor();
});

test('saving is shown, and can be cancelled without leaving a file', async () => {
  const page = await openLane('q8_0', stubPicker({ hold: true }));
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await page.waitForFunction(() => window.saved.writes > 0);
  await lane(page, 1).locator('.files [role="progressbar"]').waitFor();
  // A second click does not begin a second file.
  await offer(page, 1, 'Download Lane A as GGUF').click({ force: true });
  await offer(page, 1, 'Cancel').press('Enter');
  await page.evaluate(() => window.go());
  await lane(page, 1).locator('.saving').waitFor({ state: 'detached' });
  const { asked, closed, aborted } = await page.evaluate(() => window.saved);
  assert.deepEqual([asked, closed, aborted], [['model-q8_0.gguf'], 0, 1]);
  assert.equal((await savedFile(page, 'model-q8_0.gguf')).length, 0);
});

test('a file that is being saved is finished although its lane goes on to another recipe', async () => {
  const page = await openLane('affine:4:64', stubPicker({ hold: true }));
  await offer(page, 1, 'Download Lane A as MLX folder (.zip)').press('Enter');
  await lane(page, 1).locator('.files [role="progressbar"]').waitFor();
  const before = await lane(page, 1).locator('.exact').textContent();
  await chooseBits(page, 1, 3);
  await lane(page, 1)
    .locator('.exact')
    .filter({ hasNotText: before })
    .waitFor({ state: 'attached' });
  await page.evaluate(() => window.go());
  await status(page, 1).filter({ hasText: 'Saved model-affine-4-64-mlx.zip' }).waitFor();
  const files = unzip(await savedFile(page, 'model-affine-4-64-mlx.zip'));
  const { quantization } = JSON.parse(files['model-affine-4-64/config.json']);
  assert.equal(quantization.bits, 4);
});

test('a full disk is told in a sentence, and the lane goes on', async () => {
  const page = await openLane('q8_0', stubPicker({ fail: 'QuotaExceededError' }));
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  const sentence = await lane(page, 1).locator('.files [role="alert"]').textContent();
  assert.match(sentence, /The model was not saved: No space left/);
  assert.equal(await page.evaluate(() => window.saved.aborted), 1);
  await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
  await laneText(page, 1);
});

/** The module that can write files. */
const FULL = /\/bitloss-full-[^/]*\.wasm$/;

test('what writes files is fetched when a model is first saved; before a place is asked for, that can be cancelled', async () => {
  const page = await openLane('q8_0');
  const asked = [];
  let go;
  const held = new Promise((resolve) => (go = resolve));
  await page.context().route(FULL, async (route) => {
    asked.push(route.request().url());
    await held;
    await route.continue().catch(() => {});
  });
  assert.deepEqual(asked, []);
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await lane(page, 1).getByRole('progressbar', { name: 'Preparing model-q8_0.gguf' }).waitFor();
  await offer(page, 1, 'Cancel').press('Enter');
  await lane(page, 1).locator('.saving').waitFor({ state: 'detached' });
  go();
  assert.equal(await lane(page, 1).locator('.files [role="alert"]').count(), 0);
  assert.deepEqual(await page.evaluate(() => window.saved.asked), []);
  // The next one is not in the way of that.
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await status(page, 1).waitFor();
  assert.ok(asked.length > 0);
  assert.deepEqual(await page.evaluate(() => window.saved.asked), ['model-q8_0.gguf']);
});

test('a worker that dies while it saves leaves no file, and the lane goes on', async () => {
  const page = await openLane('q8_0', stubPicker({ hold: true }));
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await page.waitForFunction(() => window.saved.writes > 0);
  const [own, ...others] = page.workers().filter((one) => one.url().includes('save_worker'));
  assert.equal(others.length, 0);
  await own.evaluate(
    () =>
      void setTimeout(() => {
        throw new Error('out of luck');
      }),
  );
  await page.evaluate(() => window.go());
  const sentence = await lane(page, 1).locator('.files [role="alert"]').textContent();
  assert.match(sentence, /not saved: the engine that wrote it stopped unexpectedly .*out of luck/);
  const { closed, aborted } = await page.evaluate(() => window.saved);
  assert.deepEqual([closed, aborted], [0, 1]);
  await page.getByRole('button', { name: 'Run', exact: true }).press('Enter');
  await laneText(page, 1);
});

test('without the module that writes files the lane says so, and the next try can work', async () => {
  const page = await openLane('q8_0');
  await page.context().route(FULL, (route) => route.fulfill({ status: 404 }));
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  const sentence = await lane(page, 1).locator('.files [role="alert"]').textContent();
  assert.match(sentence, /The model was not saved: The engine is not at .*status 404/);
  await page.context().unroute(FULL);
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await status(page, 1).waitFor();
});

test('what the container cannot hold is told before a place is asked for', async () => {
  // Two tokens before every text: GGUF has room for one.
  const tokenizer = JSON.parse(fs.readFileSync(path.join(golden, 'tiny_llama/tokenizer.json')));
  tokenizer.post_processor.single.unshift(tokenizer.post_processor.single[0]);
  const page = await openLane('bf16', stubPicker(), '?lanes=bf16', [
    ...ownFiles('tiny_llama')
      .filter((file) => !file.endsWith('tokenizer.json'))
      .map(inMemory),
    {
      ...inMemory(path.join(golden, 'tiny_llama/tokenizer.json')),
      buffer: Buffer.from(JSON.stringify(tokenizer)),
    },
  ]);
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  const sentence = await lane(page, 1).locator('.files [role="alert"]').textContent();
  assert.match(sentence, /The model was not saved: .*2 tokens before/);
  assert.deepEqual(await page.evaluate(() => window.saved.asked), []);
});

test('a model whose files do not name it is called as its folder is, by the page and by the command', async () => {
  const nameless = path.join(folder, 'Nameless Llama');
  fs.mkdirSync(nameless);
  for (const file of ownFiles('tiny_llama'))
    fs.copyFileSync(file, path.join(nameless, path.basename(file)));
  const page = await site.openPage({ query: 'icon.svg' });
  await page.addInitScript(stubPicker());
  await page.goto(`${site.url}?lanes=q8_0&panels=bench`);
  await page.locator('bitloss-source input#folder').setInputFiles(nameless);
  await laneText(page, 1);
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await status(page, 1).waitFor();
  const bytes = await savedFile(page, 'Nameless-Llama-q8_0.gguf');
  const native = path.join(folder, 'nameless.gguf');
  execFileSync(nativeCommand, [
    'convert',
    '--hf-path',
    nameless,
    '--out',
    native,
    '--to',
    'gguf',
    '--recipe',
    'q8_0',
  ]);
  assert.ok(bytes.equals(fs.readFileSync(native)));
  assert.ok(bytes.includes('Nameless Llama'));
});

test('what a saved file does not hold is told beside it, a pointer beside the model', async () => {
  const text = (name, contents) => ({
    name,
    mimeType: 'text/plain',
    buffer: Buffer.from(contents),
  });
  const page = await openLane('q8_0', stubPicker(), '', [
    ...ownFiles('tiny_llama')
      .filter((file) => !file.endsWith('generation_config.json'))
      .map(inMemory),
    text('generation_config.json', '{"num_beams": 4, "typical_p": 0.9, "top_k": 40}'),
    text(
      'chat_template.jinja',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345678\n',
    ),
  ]);
  await page
    .locator('bitloss-model .notes li')
    .filter({ hasText: /^Left out: chat_template\.jinja is a Git LFS pointer.*: it is left out/ })
    .waitFor();
  await offer(page, 1, 'Download Lane A as GGUF').press('Enter');
  await status(page, 1).waitFor();
  assert.deepEqual(await lane(page, 1).locator('.files .notes li').allTextContents(), [
    'Generation settings left out: GGUF has no key for these settings of generation_config.json: ' +
      'num_beams, typical_p.',
  ]);
  const bytes = await savedFile(page, 'model-q8_0.gguf');
  assert.ok(bytes.includes('general.sampling.top_k'));
  assert.ok(!bytes.includes('git-lfs'));
});

test('nothing was asked of any other machine, and no error went uncaught', () => {
  assert.deepEqual(site.strays, []);
  assert.deepEqual(site.uncaught, []);
});
