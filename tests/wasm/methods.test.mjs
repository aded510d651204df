/* Methods in the full module: they choose what the command's do, and the small module runs what was chosen. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Engine } from '../../build/js/engine.js';
import { makeVariant } from '../../build/js/measure.js';
import { Calibration, chooseCodes, parseMethods } from '../../build/js/methods.js';
import { METHOD_CHAINS, METHOD_FORMATS } from '../../build/js/types.js';
import { makeNative } from '../../wasm/make.mjs';
import { bitlossError, file } from './golden.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = path.join(root, 'examples/tinyworld/models/0.5M');
const NAMES = ['README.md', 'config.json', 'tokenizer.json', 'tokenizer_config.json'];
const files = [...NAMES, 'model.safetensors'].map((name) =>
  file(name, fs.readFileSync(path.join(folder, name))),
);
const content = fs
  .readFileSync(path.join(root, 'examples/tinyworld/models/calibration.txt'), 'utf8')
  .slice(0, 12_000);
const TEXT = { name: 'words.txt', content };
const N_TOKENS = 2048;
const WORDS = '2,048 tokens of words.txt';

let engine;
let model;
let bitloss;
let work;
before(async () => {
  if (!process.env.BITLOSS) await makeNative();
  ({ bitloss } = await import('../cli/command.mjs'));
  engine = await Engine.create();
  model = await engine.load(files);
  work = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-methods-'));
  process.on('exit', () => fs.rmSync(work, { recursive: true }));
  fs.writeFileSync(path.join(work, 'words.txt'), content);
});

const calibrate = (needs, onProgress = () => true) =>
  new Calibration(model, [TEXT], needs, onProgress, N_TOKENS);

function choose(recipe, onProgress = () => true) {
  const parsed = parseMethods(engine, recipe);
  const calibration = parsed.needs > 0 ? calibrate(parsed.needs) : null;
  try {
    return chooseCodes(model, parsed, calibration, calibration ? WORDS : '', onProgress);
  } finally {
    calibration?.free();
  }
}

/** The files of the variant that was chosen, as an MLX directory. */
async function exported(chosen) {
  const variant = makeVariant(model, chosen.recipe, chosen);
  try {
    const found = {};
    for (const { name, stream } of variant.export('mlx').files)
      found[name] = Buffer.from(await new Response(stream()).arrayBuffer());
    return found;
  } finally {
    variant.free();
  }
}

function converted(recipe, ...more) {
  const out = path.join(work, recipe.replace(/\W/g, '-'));
  const args = ['convert', '--hf-path', folder, '--mlx-path', out, '--recipe', recipe];
  const { status, err } = bitloss([...args, ...more]);
  assert.equal(status, 0, err);
  const read = (name) => fs.readFileSync(path.join(out, name));
  return { weights: read('model.safetensors'), card: read('README.md').toString() };
}

/** Of the bytes of codes (U32) of two files, and of all others: how many differ, of how many. */
function differing(one, other) {
  const size = Number(one.readBigUInt64LE());
  const header = JSON.parse(one.subarray(8, 8 + size).toString());
  const counts = { codes: { n: 0, of: 0 }, scales: { n: 0, of: 0 } };
  for (const { dtype, data_offsets } of Object.values(header)) {
    if (!data_offsets) continue;
    const count = counts[dtype === 'U32' ? 'codes' : 'scales'];
    for (let at = 8 + size + data_offsets[0]; at < 8 + size + data_offsets[1]; at++) {
      count.n += one[at] !== other[at];
      count.of++;
    }
  }
  return counts;
}

test('without a text the codes are the command’s, to the byte', async () => {
  const chosen = choose('affine:4:64+search');
  const { 'model.safetensors': weights, 'README.md': card } = await exported(chosen);
  const native = converted('affine:4:64+search');
  assert.ok(weights.equals(native.weights));
  assert.equal(card.toString(), native.card);
});

/* The sums of a model's products are in another order on each processor, so that what is gathered differs in its
 * last bits; a weight halfway between two codes may then have the other one. */
test('with a text they are the command’s, but for weights halfway between two codes', async () => {
  const chosen = choose('affine:4:64+best');
  const { 'model.safetensors': weights, 'README.md': card } = await exported(chosen);
  const text = ['--calibrate', path.join(work, 'words.txt')];
  const native = converted('affine:4:64+best', ...text, '--calibration-tokens', String(N_TOKENS));
  const { codes, scales } = differing(native.weights, weights);
  assert.equal(weights.length, native.weights.length);
  assert.ok(codes.of > 100_000 && codes.n / codes.of < 0.002, `${codes.n} of ${codes.of}`);
  assert.ok(scales.of > 10_000 && scales.n / scales.of < 0.002, `${scales.n} of ${scales.of}`);
  assert.equal(card.toString(), native.card);
});

test('a module without methods runs what was chosen, and says what it lacks', async () => {
  const chosen = choose('affine:3:64+gptq');
  const small = await Engine.create(
    new URL('../../build/wasm/bitloss-simd128.wasm', import.meta.url),
  );
  const reference = await small.load(files);
  assert.throws(() => makeVariant(reference, chosen.recipe), bitlossError('elsewhere', /gptq/));
  assert.throws(
    () => parseMethods(small, 'affine:4:64+gptq'),
    bitlossError('elsewhere', /no methods/),
  );
  const variant = makeVariant(reference, chosen.plain, chosen);
  const same = makeVariant(model, chosen.recipe, chosen);
  const rounded = makeVariant(reference, chosen.plain);
  assert.equal(same.info.recipe, 'affine:3:64+gptq');
  assert.equal(variant.info.sizeBytes, rounded.info.sizeBytes);
  assert.deepEqual(variant.error, same.error);
  assert.ok(variant.error.rmse > rounded.error.rmse);
  for (const [i, { nRows, nCols }] of variant.tensors().entries()) {
    const row = Math.floor(nRows / 2);
    assert.deepEqual(variant.decodeRows(i, row, 1), same.decodeRows(i, row, 1), `${i}, ${nCols}`);
  }
  same.free();
});

test('codes of another recipe or model are refused', () => {
  const chosen = choose('affine:4:64+search');
  const wrong = bitlossError('input', /codes are of another model or recipe/);
  assert.throws(() => makeVariant(model, 'affine:8:64', chosen), wrong);
  assert.throws(() => makeVariant(model, 'affine:3:64', chosen), wrong);
  const cut = { ...chosen, codes: chosen.codes.slice(0, -1) };
  assert.throws(() => makeVariant(model, chosen.plain, cut), wrong);
  assert.throws(
    () => makeVariant(model, chosen.plain, { ...chosen, codes: new Uint8Array() }),
    wrong,
  );
});

test('progress is told, and stops both the reading and the choosing', () => {
  const read = [];
  calibrate(2, (done, total) => read.push([done, total])).free();
  assert.deepEqual(read[0], [0, N_TOKENS]);
  assert.ok(read.length > N_TOKENS / 128);
  const stopped = bitlossError('cancelled', /stopped after \d+ of \d+/);
  assert.throws(() => calibrate(2, (done) => done < 500), stopped);
  assert.throws(() => choose('affine:4:64+search', () => false), stopped);
  assert.ok(choose('affine:4:64+search').codes.length > 0);
});

test('a text that cannot be read, and a recipe without its text, are told in a sentence', () => {
  const on = (text) => () =>
    new Calibration(model, [{ name: 'a.txt', content: text }], 1, () => true);
  assert.throws(on(' \n'), bitlossError('input', /^a\.txt is empty, expected a text/));
  assert.throws(on('ab\0c'), bitlossError('input', /^a\.txt has a NUL at byte 2/));
  assert.throws(
    on('{"a": 1}'),
    bitlossError('input', /^a\.txt, line 1: fields 'text' and 'prompt'/),
  );
  assert.throws(on('{"text": 1'), bitlossError('input', /^a\.txt, line 1: /));
  const parsed = parseMethods(engine, 'affine:4:64+imatrix');
  assert.throws(
    () => chooseCodes(model, parsed, null, '', () => true),
    bitlossError('recipe', /'\+imatrix' goes by what matrices are multiplied with/),
  );
  assert.throws(
    () => parseMethods(engine, 'affine:4:64+nothing'),
    bitlossError('recipe', /method/),
  );
});

test('what the page offers is what there is: formats that take methods, and chains as they are spelt', () => {
  const takes = engine.formats().kinds.filter(({ recipes }) => {
    try {
      return recipes.every(({ text, isInt8 }) => isInt8 || parseMethods(engine, `${text}+search`));
    } catch {
      return false;
    }
  });
  const names = takes.filter(({ isMixture }) => !isMixture).map(({ name }) => name);
  assert.deepEqual([...METHOD_FORMATS].sort(), names.sort());
  for (const { id, text } of METHOD_CHAINS)
    assert.equal(parseMethods(engine, `affine:4:64+${id}`).text, `affine:4:64${text}`);
});
