/* Training in the module: the steps are the command's, what comes out is what was trained, and nothing stays
 * behind. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compile, Engine } from '../../build/js/engine.js';
import { makeVariant, measureText, tokenizeText } from '../../build/js/measure.js';
import { Training } from '../../build/js/train.js';
import { makeNative } from '../../wasm/make.mjs';
import { bitlossError, file } from './golden.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = path.join(root, 'examples/tinyworld/models/0.5M');
const NAMES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const read = (name) => fs.readFileSync(path.join(folder, name));
const files = NAMES.map((name) => file(name, read(name)));
const config = read('config.json').toString();
/* Documents in both languages, few enough that a pass over them ends within the steps. */
const text = fs
  .readFileSync(path.join(root, 'examples/tinyworld/models/calibration.txt'), 'utf8')
  .split('<|end|>')
  .slice(0, 60)
  .map((document) => `${document}<|end|>`)
  .join('');
const SETTINGS = {
  recipe: 'affine:3:64',
  context: 128,
  batchTokens: 512,
  nSteps: 12,
  warmupSteps: 3,
  learningRate: 3e-4,
  seed: 7,
};

let engine;
let model;
let bitloss;
before(async () => {
  if (!process.env.BITLOSS) await makeNative();
  ({ bitloss } = await import('../cli/command.mjs'));
  const module = new URL('../../build/wasm/bitloss-train-simd128.wasm', import.meta.url);
  engine = await Engine.create(await compile(module));
  model = await engine.load(files);
});

const begin = (settings = {}) => new Training(model, config, text, { ...SETTINGS, ...settings });

function step(training) {
  while (!training.advance());
  return training.report;
}

/** The log of `bitloss train` with the same settings, a row for each step. */
function commandsLog(t) {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'bitloss-train-'));
  t.after(() => fs.rmSync(work, { recursive: true }));
  const at = (name) => path.join(work, name);
  fs.mkdirSync(at('data'));
  fs.writeFileSync(at('data/text.txt'), text);
  const recipe = {
    config: path.join(folder, 'config.json'),
    tokenizer: path.join(folder, 'tokenizer.json'),
    context: SETTINGS.context,
    batch_tokens: SETTINGS.batchTokens,
    sequences_at_once: 1,
    steps: SETTINGS.nSteps,
    warmup_steps: SETTINGS.warmupSteps,
    learning_rate: SETTINGS.learningRate,
    final_rate: 0,
    beta1: 0.9,
    beta2: 0.98,
    weight_decay: 0,
    max_norm: 1,
    seed: SETTINGS.seed,
    validate_every: 1,
    log_every: 1,
  };
  fs.writeFileSync(at('recipe.json'), JSON.stringify(recipe));
  const given = ['--config', at('recipe.json'), '--data', at('data'), '--out', at('out')];
  const models = ['--from', folder, '--teacher', folder, '--quantize', SETTINGS.recipe];
  const { status, err } = bitloss(['train', ...given, ...models]);
  assert.equal(status, 0, err);
  const [names, ...rows] = fs.readFileSync(at('out/log.csv'), 'utf8').trim().split('\n');
  const keys = names.split(',');
  return rows.map((row) =>
    Object.fromEntries(row.split(',').map((value, i) => [keys[i], Number(value)])),
  );
}

test('losses, on the steps’ own text and held out, are the command’s', async (t) => {
  const log = commandsLog(t);
  assert.equal(log.length, SETTINGS.nSteps);
  const training = begin();
  const near = (own, wanted, what) =>
    assert.ok(Math.abs(own - wanted) < 0.01 * wanted, `${what}: ${own}, not ${wanted}`);
  for (const row of log) {
    const report = step(training);
    assert.equal(report.step, row.step);
    assert.equal(report.nTokens, row.tokens);
    near(report.loss, row.loss, `loss of step ${row.step}`);
    near(await training.heldOut(), row.validation_loss, `held out after step ${row.step}`);
    near(report.gradientNorm, row.gradient_norm, `gradient of step ${row.step}`);
    assert.ok(Math.abs(report.learningRate - row.learning_rate) < 1e-9);
  }
  // No other numbers would do: they change by more than that from step to step.
  assert.ok(log.at(-1).validation_loss < 0.95 * log[0].validation_loss);
  training.free();
});

test('what it begins with, saved and quantized, is the model as the recipe rounds it', async () => {
  const training = begin();
  const rounded = makeVariant(model, SETTINGS.recipe);
  const trained = await engine.load(
    files.map((one) =>
      one.name === 'model.safetensors' ? file(one.name, training.weights()) : one,
    ),
    { recipe: SETTINGS.recipe },
  );
  const tokens = tokenizeText(model, text.slice(0, 600));
  const logits = (one) => measureText(model, [one], tokens.ids, { nContext: 64 });
  assert.deepEqual(await logits(trained), await logits(rounded));
  for (const one of [trained, rounded]) one.free();
  training.free();
});

test('it is stopped in the middle of a step, and what the whole steps reached stays', () => {
  const training = begin();
  const after = step(training);
  const weights = training.weights();
  assert.equal(training.advance(), false);
  assert.deepEqual(training.weights(), weights);
  assert.equal(training.report.step, after.step);
  training.free();
  assert.throws(() => training.advance(), bitlossError('argument', /has been freed/));
});

test('what cannot be trained is refused with a sentence', () => {
  const refused = (settings, code, sentence) =>
    assert.throws(() => begin(settings).free(), bitlossError(code, sentence));
  refused({ recipe: 'affine:3:7' }, 'recipe', /./);
  refused({ recipe: 'reference' }, 'argument', /rounds no weights/);
  refused({ recipe: 'affine:4:64@int8' }, 'argument', /rounds no weights alone/);
  refused({ recipe: 'nf4_double' }, 'unsupported', /./);
  refused({ context: 100_000 }, 'argument', /context/);
  refused({ learningRate: NaN }, 'argument', /learningRate/);
  const alone = () => new Training(model, config, 'One document.<|end|>', SETTINGS);
  assert.throws(alone, bitlossError('input', /documents/));
  const endless = () => new Training(model, '{}', text, SETTINGS);
  assert.throws(endless, bitlossError('input', /eos_token_id/));
});

test('trainings that are freed give their memory back', () => {
  const once = () => {
    const training = begin();
    step(training);
    training.weights();
    training.free();
    return engine.memoryBytes;
  };
  const first = once();
  for (let i = 0; i < 4; i++) assert.equal(once(), first);
});

test('the module that the page starts with, and Node’s, have no trainer', async () => {
  const full = await Engine.create();
  const other = await full.load(files);
  assert.throws(
    () => new Training(other, config, text, SETTINGS),
    bitlossError('unsupported', /nothing to train with/),
  );
  other.free();
});
