/* A look at a model before it is downloaded: the same figures as those that `bitloss inspect` and `bitloss budget`
 * tell of the same files, from a few bytes of them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { nativeCommand } from '../../wasm/make.mjs';
import { split } from '../gguf_split.mjs';
import { golden, laneText, useBrowser } from './browser.mjs';
import { filesIn, openPageOn, useHub } from './hub_server.mjs';

const site = useBrowser();
const place = useHub();
const openPage = (options) => openPageOn(place.hub, site, options);
const gguf = fs.readFileSync(path.join(golden, 'tiny_gguf/tiny_llama.gguf'));
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'look-'));
after(() => fs.rmSync(scratch, { recursive: true }));

const RECIPES = ['affine:8:64', 'q8_0', 'affine:4:64', 'q4_k_m', 'affine:3:64', 'affine:2:64'];

function bitloss(...args) {
  return JSON.parse(execFileSync(nativeCommand, [...args, '--json'], { encoding: 'utf8' }));
}

async function look(page, address, lang = 'en') {
  await page.locator('bitloss-source #address').fill(address);
  const name = lang === 'ko' ? '살펴보기' : 'Look';
  await page.getByRole('button', { name, exact: true }).press('Enter');
}

const number = (text) => Number(/([\d,]+)\D*$/.exec(text)[1].replaceAll(',', ''));

/** What the page tells, in whole bytes. */
async function told(page) {
  const shown = page.locator('bitloss-look');
  await shown.locator('table').waitFor();
  const facts = await shown
    .locator('dl div')
    .evaluateAll((all) =>
      Object.fromEntries(
        all.map((one) => [
          one.querySelector('dt').textContent,
          [one.querySelector('dd').textContent, one.querySelector('dd').title],
        ]),
      ),
    );
  const rows = await shown
    .locator('tbody tr')
    .evaluateAll((all) =>
      all.map((one) => [
        one.dataset.recipe,
        one.cells[2].title,
        one.cells[3].title,
        one.cells[4].textContent,
      ]),
    );
  return {
    facts,
    size: number(facts.Size[1]),
    nParams: number(facts.Parameters[1]),
    rows: new Map(
      rows.map(([recipe, size, total, where]) => [
        recipe,
        { size: number(size), total: number(total), where },
      ]),
    ),
  };
}

/** The work space of a session in the module is smaller than the command's by its pointers, which are half as wide,
 * some twenty for each layer. */
function isTotal(page, command, nLayers) {
  assert.ok(command >= page && command - page < 128 * nLayers + 1024, `${page}, not ${command}`);
}

/** Of weight files, what was sent of them. */
function bytesOf(asked) {
  return asked
    .filter(({ host, method }) => host === 'cdn' && method === 'GET')
    .map(({ headers }) => headers.range);
}

for (const [name, folder] of [
  ['one safetensors file', 'tiny_llama'],
  ['several of them', 'tiny_llama_sharded'],
  ['GPT-2', 'tiny_gpt2'],
  ['MLX, quantized', 'tiny_llama_mlx4'],
])
  test(`${name}: what the page tells is what inspect and budget tell`, async () => {
    const files = filesIn(path.join(golden, folder));
    place.hub.put(`someone/${folder}`, files);
    const page = await openPage();
    const from = place.hub.asked.length;
    await look(page, `someone/${folder}`);
    const found = await told(page);
    const directory = path.join(golden, folder);
    const inspected = bitloss('inspect', directory, '--recipes', RECIPES.join(','));
    const budget = bitloss('budget', directory, '--recipes', ['reference', ...RECIPES].join(','));
    assert.equal(found.facts.Family[0], inspected.architecture);
    assert.equal(found.nParams, inspected.n_params);
    assert.equal(found.size, inspected.size_bytes);
    for (const { recipe, size_bytes } of inspected.costs)
      assert.equal(found.rows.get(recipe).size, size_bytes, recipe);
    for (const { recipe, weight_bytes, total_bytes } of budget.recipes) {
      assert.equal(found.rows.get(recipe).size, weight_bytes, recipe);
      isTotal(found.rows.get(recipe).total, total_bytes, inspected.n_layers);
      assert.equal(found.rows.get(recipe).where, 'this page');
    }
    // Beginnings, never a whole file.
    const ranges = bytesOf(place.hub.asked.slice(from));
    assert.ok(
      ranges.length > 0 && ranges.every((range) => /^bytes=\d+-\d+$/.test(range)),
      ranges.join(),
    );
    await page.getByRole('button', { name: /^Download and open/ }).press('Enter');
    await laneText(page, 0);
  });

test('GGUF, whole and in parts: what the page tells is what inspect tells', async () => {
  const parts = split(gguf, 3).map((bytes, i) => [`tiny-0000${i + 1}-of-00003.gguf`, bytes]);
  place.hub.put('someone/split-GGUF', Object.fromEntries(parts));
  place.hub.put('someone/whole-GGUF', { 'tiny.gguf': gguf });
  const inspected = bitloss('inspect', path.join(golden, 'tiny_gguf/tiny_llama.gguf'));
  const whole = path.join(golden, 'tiny_llama');
  const budget = bitloss('budget', whole, '--recipes', 'reference').recipes[0];
  for (const repo of ['someone/whole-GGUF', 'someone/split-GGUF']) {
    const page = await openPage();
    await look(page, repo);
    const { facts, size, nParams, rows } = await told(page);
    assert.equal(facts.Family[0], inspected.architecture);
    assert.equal(facts['Stored as'][0], inspected.stored_as);
    assert.equal(size, inspected.size_bytes);
    assert.equal(nParams, inspected.n_params);
    const { total, size: weights } = rows.get('reference');
    assert.equal(weights, inspected.size_bytes);
    isTotal(total - weights, budget.kv_bytes + budget.activation_bytes, inspected.n_layers);
    await page.context().close();
  }
});

test('of several quantizations the one that is chosen is looked at, and not downloaded', async () => {
  place.hub.put('someone/two-GGUF', {
    'tiny-Q8_0.gguf': gguf,
    'tiny-F16.gguf': { size: 9e9, head: gguf },
  });
  const page = await openPage();
  const from = place.hub.asked.length;
  await look(page, 'someone/two-GGUF');
  await page.locator('bitloss-source .choices button').filter({ hasText: 'Q8_0' }).press('Enter');
  const { size } = await told(page);
  assert.equal(size, bitloss('inspect', path.join(golden, 'tiny_gguf/tiny_llama.gguf')).size_bytes);
  assert.ok(bytesOf(place.hub.asked.slice(from)).every((range) => range?.startsWith('bytes=')));
});

test('a look can be cancelled', async () => {
  place.hub.put('someone/tiny', filesIn(path.join(golden, 'tiny_llama')));
  place.hub.fault('someone/tiny/model.safetensors', { stallAfter: 0 });
  const stalls = place.hub.stalled('someone/tiny/model.safetensors');
  const page = await openPage();
  await look(page, 'someone/tiny');
  await stalls;
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await page.locator('bitloss-source .status').waitFor({ state: 'detached' });
  place.hub.fault('someone/tiny/model.safetensors', null);
  await look(page, 'someone/tiny');
  await told(page);
});

/* ---- 70B ------------------------------------------------------------------------------------ */

/** Llama-3.1-70B in 30 files of which only the headers are real. */
function seventyB() {
  const layers = 80;
  const [dim, ffn, kv, vocab] = [8192, 28672, 1024, 128256];
  const tensors = [['model.embed_tokens.weight', [vocab, dim]]];
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}.`;
    tensors.push(
      [`${at}input_layernorm.weight`, [dim]],
      [`${at}self_attn.q_proj.weight`, [dim, dim]],
      [`${at}self_attn.k_proj.weight`, [kv, dim]],
      [`${at}self_attn.v_proj.weight`, [kv, dim]],
      [`${at}self_attn.o_proj.weight`, [dim, dim]],
      [`${at}post_attention_layernorm.weight`, [dim]],
      [`${at}mlp.gate_proj.weight`, [ffn, dim]],
      [`${at}mlp.up_proj.weight`, [ffn, dim]],
      [`${at}mlp.down_proj.weight`, [dim, ffn]],
    );
  }
  tensors.push(['model.norm.weight', [dim]], ['lm_head.weight', [vocab, dim]]);
  const nFiles = 30;
  const perFile = Math.ceil(tensors.length / nFiles);
  const files = {};
  const weightMap = {};
  for (let f = 0; f < nFiles; f++) {
    const name = `model-${String(f + 1).padStart(5, '0')}-of-000${nFiles}.safetensors`;
    const header = { __metadata__: { format: 'pt' } };
    let at = 0;
    for (const [tensor, shape] of tensors.slice(f * perFile, (f + 1) * perFile)) {
      const end = at + 2 * shape.reduce((product, n) => product * n, 1);
      header[tensor] = { dtype: 'BF16', shape, data_offsets: [at, end] };
      weightMap[tensor] = name;
      at = end;
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    files[name] = { head: Buffer.concat([length, json]), size: 8 + json.length + at };
  }
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: dim,
    num_hidden_layers: layers,
    num_attention_heads: 64,
    num_key_value_heads: 8,
    intermediate_size: ffn,
    vocab_size: vocab,
    max_position_embeddings: 131072,
    rms_norm_eps: 1e-5,
    rope_theta: 500000,
    hidden_act: 'silu',
    tie_word_embeddings: false,
    torch_dtype: 'bfloat16',
  };
  files['config.json'] = Buffer.from(JSON.stringify(config));
  files['model.safetensors.index.json'] = Buffer.from(
    JSON.stringify({ metadata: {}, weight_map: weightMap }),
  );
  files['tokenizer.json'] = { head: Buffer.from('{'), size: 9_000_000 };
  return files;
}

test('a 70B is told in two seconds, with 50 ms for every answer, and is not downloaded', async (t) => {
  const files = seventyB();
  const config = path.join(scratch, 'config.json');
  fs.writeFileSync(config, files['config.json']);
  place.hub.put('meta/Llama-3.1-70B', files);
  const page = await openPage();
  const from = place.hub.asked.length;
  place.hub.latency = 50;
  const started = performance.now();
  await look(page, 'meta/Llama-3.1-70B');
  const found = await told(page);
  const seconds = (performance.now() - started) / 1000;
  place.hub.latency = 0;
  const asked = place.hub.asked.slice(from);
  t.diagnostic(`${seconds.toFixed(2)} s, ${asked.length} requests`);
  const budget = bitloss('budget', config, '--recipes', ['reference', ...RECIPES].join(','));
  assert.equal(found.nParams, budget.n_params);
  for (const { recipe, weight_bytes, total_bytes } of budget.recipes) {
    assert.equal(found.rows.get(recipe).size, weight_bytes, recipe);
    isTotal(found.rows.get(recipe).total, total_bytes, 80);
    assert.notEqual(found.rows.get(recipe).where, 'this page');
  }
  assert.equal(found.facts.Family[0], 'llama');
  assert.ok(!asked.some(({ path: one }) => one.includes('tokenizer.json')));
  await page
    .locator('bitloss-look')
    .getByText('It cannot be opened here: as stored its weights alone have 141 GB')
    .waitFor();
  assert.equal(await page.getByRole('button', { name: /^Download and open/ }).count(), 0);
  await page.locator('bitloss-site nav select').first().selectOption('ko');
  await page
    .locator('bitloss-look')
    .getByText('여기서는 열 수 없습니다. 저장된 그대로면 가중치만 141 GB')
    .waitFor();
  assert.ok(seconds < 4, `${seconds} s`);
});

/* ---- what cannot be opened ------------------------------------------------------------------- */

test('what bitloss cannot read is told by name, and nothing of its weights is downloaded', async () => {
  const tiny = filesIn(path.join(golden, 'tiny_llama'));
  place.hub.put('someone/mamba', {
    ...tiny,
    'config.json': Buffer.from('{"model_type": "mamba"}'),
  });
  const page = await openPage();
  const alert = page.locator('bitloss-source [role="alert"]');
  await look(page, 'someone/mamba');
  assert.match(await alert.textContent(), /^config\.json: field 'model_type' is 'mamba', expected/);
  const { 'config.json': _, ...others } = tiny;
  place.hub.put('someone/bare', others);
  await look(page, 'someone/bare');
  await alert.filter({ hasText: /someone\/bare\/tree\/main has no config\.json/ }).waitFor();
  place.hub.put('someone/page', tiny);
  place.hub.fault('someone/page/model.safetensors', { html: true });
  await look(page, 'someone/page');
  await alert.filter({ hasText: /model\.safetensors is a web page/ }).waitFor();
});

test('an encoder is said to be one', async () => {
  place.hub.put('someone/bert', filesIn(path.join(golden, 'tiny_bert')));
  const page = await openPage();
  await look(page, 'someone/bert');
  await page.locator('bitloss-look').getByText('It is an encoder').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Download and open/ }).count(), 0);
});

test('a server that sends no parts is looked at too, and its download ended', async () => {
  const tiny = filesIn(path.join(golden, 'tiny_llama'));
  place.hub.put('someone/whole', tiny);
  place.hub.fault('someone/whole/model.safetensors', { ignoresRanges: true });
  const page = await openPage();
  await look(page, 'someone/whole');
  const { size } = await told(page);
  assert.equal(size, bitloss('inspect', path.join(golden, 'tiny_llama')).size_bytes);
});

test('a link waits for the reader, who may look first', async () => {
  place.hub.put('someone/tiny', filesIn(path.join(golden, 'tiny_llama')));
  const from = place.hub.asked.length;
  const page = await openPage({ query: '&model=someone/tiny' });
  const lookFirst = page.getByRole('button', { name: 'Look first' });
  await lookFirst.waitFor();
  assert.equal(place.hub.asked.length, from);
  await lookFirst.press('Enter');
  await told(page);
  assert.equal(
    await page.evaluate(() => new URLSearchParams(location.search).get('model')),
    'someone/tiny',
  );
  await page.getByRole('button', { name: 'Close' }).press('Enter');
  await page.locator('bitloss-look').waitFor({ state: 'detached' });
});

test('no error went uncaught', () => {
  assert.deepEqual(site.uncaught, []);
  assert.deepEqual(site.strays, []);
});
