/* What the engine says of labelled texts is what the command says; and codes and scales are torch's. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Classifier, measureLabels, probabilities, readLabelled } from '../../build/js/classify.js';
import { compile, Engine } from '../../build/js/engine.js';
import { makeVariant } from '../../build/js/measure.js';
import { storedRow } from '../../build/js/stored_row.js';
import { makeNative } from '../../wasm/make.mjs';
import { bitlossError, file, filesOf } from './golden.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = path.join(root, 'examples/tinyworld/classifier');
const read = (name) => fs.readFileSync(path.join(folder, name));
const NAMES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'];
const golden = JSON.parse(fs.readFileSync(path.join(root, 'tests/golden/classifier.json')));
const lines = read('held_out.tsv').toString().trimEnd().split('\n');
/* Of those that the page shows first. */
const RECIPES = ['qint8@int8/*embeddings=f16', 'affine:3:64', 'affine:2:64'];

let json;
let engine;
let model;
before(async () => {
  if (!process.env.BITLOSS) await makeNative();
  ({ json } = await import('../cli/command.mjs'));
  engine = await Engine.create();
  model = await engine.load(NAMES.map((name) => file(name, read(name))));
});

test('accuracy, its interval, logits and sizes are the command’s on the same lines', async (t) => {
  const some = lines.slice(0, 120);
  const labels = path.join(fs.mkdtempSync('/tmp/classify-'), 'some.tsv');
  t.after(() => fs.rmSync(path.dirname(labels), { recursive: true }));
  fs.writeFileSync(labels, some.join('\n'));
  const args = ['compare', folder, '--labels', labels, '--recipes', RECIPES.join()];
  const [wanted, ...lanes] = json(args).lanes;
  const classifier = new Classifier(model);
  assert.deepEqual(classifier.labels, ['NEGATIVE', 'POSITIVE']);
  const texts = readLabelled(some.join('\n'), classifier.labels);
  const reference = await measureLabels(engine, classifier, texts, null);
  const same = ({ n, accuracy }, { labels: command }) => {
    assert.deepEqual([n, accuracy.value], [command.n, command.accuracy]);
    for (const end of ['low', 'high']) assert.ok(Math.abs(accuracy[end] - command[end]) < 1e-12);
  };
  same(reference, wanted);
  assert.deepEqual([reference.paired, reference.logitDiff], [null, null]);
  for (const lane of lanes) {
    const variant = makeVariant(model, lane.recipe);
    const own = new Classifier(variant);
    const figures = await measureLabels(engine, own, texts, reference);
    assert.equal(variant.info.sizeBytes, lane.size_bytes);
    same(figures, lane);
    const { value, error } = figures.logitDiff;
    /* Where a kernel adds in another order, an activation may take the code beside. */
    const near = lane.recipe.includes('@') ? 0.05 : 1e-4;
    const { mean_abs_logit_diff: mean, mean_abs_logit_diff_se: se } = lane.labels;
    assert.ok(Math.abs(value - mean) < near * mean, `${lane.recipe}: ${value}, not ${mean}`);
    assert.ok(Math.abs(error - se) < near * se, `${lane.recipe}: ± ${error}, not ${se}`);
    const { n_lost: nLost, n_gained: nGained } = lane.labels.against_reference;
    assert.deepEqual([figures.paired.nLost, figures.paired.nGained], [nLost, nGained]);
    assert.equal(figures.batchMs.length, 3);
    assert.ok(figures.batchMs.every((ms) => ms >= 0));
    own.free();
    variant.free();
  }
  classifier.free();
});

test('logits are torch’s, in floats and under quantize_dynamic', () => {
  const differences = (classifier, key) =>
    golden.texts
      .flatMap(({ line, ids, [key]: logits }) => {
        const [text] = lines[line - 1].split('\t');
        assert.deepEqual(classifier.tokenize(text), ids);
        const own = classifier.logits(ids);
        return logits.map((x, i) => Math.abs(x - own[i]));
      })
      .sort((one, other) => one - other);
  const reference = new Classifier(model);
  assert.ok(differences(reference, 'logits').at(-1) < 1e-4);
  reference.free();
  const variant = makeVariant(model, RECIPES[0]);
  const dynamic = new Classifier(variant);
  const all = differences(dynamic, 'qint8');
  assert.ok(all[all.length >> 1] < 1e-4, `${all}`);
  // torch's own engines are up to 0.084 apart (tests/peers/quantize_dynamic.py).
  assert.ok(all.at(-1) < 0.1, `${all.at(-1)}`);
  dynamic.free();
  variant.free();
});

test('codes and scales of every linear layer are those of torch’s quantize_dynamic', () => {
  const variant = makeVariant(model, RECIPES[0]);
  const tensors = variant.tensors();
  const words = Object.entries(golden.linear);
  assert.equal(words.length, tensors.filter(({ format }) => format === 'qint8').length);
  for (const [name, { scale, codes }] of words) {
    const index = tensors.findIndex((one) => one.name === `${name}.weight`);
    const hash = createHash('sha256');
    for (let row = 0; row < tensors[index].nRows; row++) {
      const parts = Object.fromEntries(
        storedRow(variant, index, row).parts.map((part) => [part.name, part.bytes]),
      );
      hash.update(parts.weight);
      const view = new DataView(parts.scale.buffer, parts.scale.byteOffset);
      assert.equal(view.getFloat64(0, true), scale, name);
    }
    assert.equal(hash.digest('hex'), codes, name);
  }
  variant.free();
});

test('probabilities are of one sum, and large logits do not overflow', () => {
  assert.deepEqual(probabilities([0, 0]), [0.5, 0.5]);
  assert.deepEqual(probabilities([1000, 0, -1000]), [1, 0, 0]);
});

test('what can not be classified is refused in a sentence', async () => {
  const classifier = new Classifier(model);
  assert.throws(
    () => classifier.logits([]),
    bitlossError('argument', /0 tokens, expected 1 to 128/),
  );
  classifier.free();
  assert.throws(() => classifier.logits([2, 3]), bitlossError('argument', /freed/));
  const llama = await engine.load(filesOf('tiny_llama'));
  assert.throws(() => new Classifier(llama), bitlossError('unsupported', /continues texts/));
  const names = ['NEGATIVE', 'POSITIVE'];
  for (const line of ['good', 'good\tgreat', '\tPOSITIVE', 'a\tb\tPOSITIVE'])
    assert.throws(
      () => readLabelled(`fine\tPOSITIVE\n\n${line}`, names),
      bitlossError(
        'input',
        /^Line 3 of the labelled texts is '.*', expected a text, a tab and one of/,
      ),
    );
  const first = fs.readFileSync(path.join(root, 'build/wasm/bitloss-simd128.wasm'));
  const small = await Engine.create(await compile(first));
  const other = await small.load(filesOf('tiny_llama'));
  assert.throws(() => new Classifier(other), bitlossError('unsupported', /nothing to classify/));
});
