/* bitloss compare --labels, on the review classifier of examples/tinyworld. The expected logits are torch's
 * (tests/golden/make_classifier.py). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bitloss, folder, golden, json, readJson } from './command.mjs';

const MODEL = golden('..', '..', 'examples', 'tinyworld', 'classifier');
const HELD_OUT = path.join(MODEL, 'held_out.tsv');
const expected = readJson(golden('classifier.json'));
const expectedStatic = readJson(golden('static', 'classifier.json'));
const lines = fs.readFileSync(HELD_OUT, 'utf8').trimEnd().split('\n');
const compare = (...args) => ['compare', '--model', MODEL, ...args];

function file(t, text) {
  const name = path.join(folder(t), 'some.tsv');
  fs.writeFileSync(name, text);
  return name;
}

/** How far each logit is from that of torch, the smallest difference first. */
function differences(recipe, key) {
  const input = expected.texts.map(({ line }) => lines[line - 1].split('\t')[0]).join('\n');
  const args = ['classify', '--model', MODEL, '--recipe', recipe, '--text', '-'];
  const { texts } = json(args, { input });
  assert.equal(texts.length, expected.texts.length);
  return texts
    .flatMap(({ ids, logits }, i) => {
      assert.deepEqual(ids, expected.texts[i].ids);
      return logits.map((x, k) => Math.abs(x - expected.texts[i][key][k]));
    })
    .sort((one, other) => one - other);
}

test('the shipped classifier has the logits of float64', () => {
  assert.ok(differences('reference', 'logits').at(-1) < 1e-4);
});

/* Where kernels add in another order, an activation between two codes may take the other one: so a few logits may
 * be further away, by what one code is worth. */
test('qint8@int8 on all but the embeddings is torch’s quantize_dynamic', () => {
  const all = differences('qint8@int8/*embeddings=f16', 'qint8');
  assert.ok(all[Math.floor(all.length / 2)] < 1e-4, `${all}`);
  assert.ok(all.at(-1) < 0.05, `${all}`);
  /* It is far from what the weights alone would give. */
  const weights = differences('qint8/*embeddings=f16', 'qint8');
  assert.ok(weights[Math.floor(weights.length / 2)] > 1e-3, `${weights}`);
});

test('accuracy is that of float64, with its interval', (t) => {
  const labels = file(t, lines.slice(0, expected.n).join('\n'));
  const [lane] = json(compare('--labels', labels, '--recipes', 'reference')).lanes;
  const { accuracy, low, high, n } = lane.labels;
  assert.equal(n, expected.n);
  assert.ok(Math.abs(accuracy * n - expected.n_right) < 1e-9);
  /* Wilson's score interval. */
  const [z, p] = [1.959963984540054, accuracy];
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const reach = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  assert.ok(Math.abs(low - (middle - reach)) < 1e-9 && Math.abs(high - (middle + reach)) < 1e-9);
});

test('the mean |logit difference| is that of the logits which classify prints', (t) => {
  const some = lines.slice(0, 20);
  const input = some.map((line) => line.split('\t')[0]).join('\n');
  const logitsOf = (recipe) =>
    json(['classify', MODEL, '--recipe', recipe, '--text', '-'], { input }).texts.map(
      ({ logits }) => logits,
    );
  const [before, after] = ['reference', 'affine:3:64'].map(logitsOf);
  const all = before.flatMap((row, i) => row.map((x, k) => Math.abs(x - after[i][k])));
  const labels = file(t, some.join('\n'));
  const { lanes } = json(compare('--labels', labels, '--recipes', 'affine:3:64'));
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  assert.ok(Math.abs(lanes[1].labels.mean_abs_logit_diff - mean) < 1e-6 * mean);
});

test('the table in Markdown has size, bits, latency, accuracy and logits of each recipe', (t) => {
  const labels = file(t, lines.slice(0, 12).join('\n'));
  const args = ['--labels', labels, '--recipes', 'qint8@int8', '--cost', '--format', 'md'];
  const { out } = bitloss(compare(...args));
  assert.match(
    out,
    /\| recipe \| size \| bits\/w \| 1 text \| 4 texts \| 8 texts \| accuracy \| points \| \\\|logit diff\\\| \| verdict \|/,
  );
  assert.match(
    out,
    /\n\| qint8@int8 \| \d+ kB \| [\d.]+ \| [\d.]+ ms \| [\d.]+ ms \| [\d.]+ ms \| [\d.]+% \[[\d.]+, [\d.]+\] \|/,
  );
  const csv = bitloss(compare('--labels', labels, '--cost', '--format', 'csv')).out;
  for (const name of ['accuracy', 'mean_abs_logit_diff', 'batch_8_seconds'])
    assert.ok(csv.split('\n')[0].split(',').includes(`labels.${name}`), name);
});

test('a label may be a number, and a blank line says nothing', (t) => {
  const words = file(t, 'not bad\tPOSITIVE\nawful\tNEGATIVE\n');
  const numbers = file(t, 'not bad\t1\r\n\nawful\t0');
  const lanesOf = (labels) => json(compare('--labels', labels)).lanes.map((lane) => lane.labels);
  assert.deepEqual(lanesOf(numbers), lanesOf(words));
});

test('a wrong line is refused with its number, what was found and what was expected', (t) => {
  for (const [text, message] of [
    ['good\t1\nbad', /some\.tsv, line 2: 'bad' has no tab, expected a text, a tab and its label/],
    ['\t1', /line 1: the text before the tab is empty, expected one/],
    ['good\t', /line 1: there is nothing after the tab, expected a label/],
    ['a\tb\t1', /line 1: it has more than one tab/],
    [
      'good\tgreat',
      /line 1: the label is 'great', expected one of NEGATIVE, POSITIVE, or its number from 0 to 1/,
    ],
    ['good\t2', /line 1: the label is '2', expected/],
    [`${'good '.repeat(200)}\t1`, /line 1: the text has 202 tokens, expected 1 to 128/],
    ['\n', /there is no labelled text/],
  ]) {
    const { status, err } = bitloss(compare('--labels', file(t, text)));
    assert.equal(status, 1);
    assert.match(err, message);
  }
});

test('a decoder has no labels, and an encoder continues nothing', (t) => {
  const labels = file(t, 'good\t1');
  const refused = (args, message) => assert.match(bitloss(args).err, message);
  refused(
    ['compare', golden('tiny_llama'), '--labels', labels],
    /tiny_llama is a llama model, which continues texts: --labels needs a classifier/,
  );
  refused(
    ['compare', golden('tiny_minilm'), '--labels', labels],
    /tiny_minilm is a bert model without classes/,
  );
  for (const option of ['--text', '--prompts'])
    refused(compare(option, labels), new RegExp(`continues none: ${option} is not for it`));
  refused(compare('--cost'), /--cost needs --labels FILE/);
  refused(compare('--labels', labels, '--sweep'), /--sweep has no room for what --labels measures/);
});

const calibration = expectedStatic.calibration.map((_, i) => lines[4 + 10 * i]).join('\n');

/* The logits of tests/golden/make_static.py; how many of them are equal is told by tests/core/test_static.c. */
test('qint8@static and int8@static are torch’s, calibrated on labelled texts', (t) => {
  const texts = file(t, calibration);
  const input = expectedStatic.lines.map((_, i) => lines[9 + 10 * i].split('\t')[0]).join('\n');
  for (const format of ['qint8', 'int8'])
    for (const [mode, key] of [
      ['static', 'histogram'],
      ['static:minmax', 'minmax'],
    ]) {
      const recipe = `${format}@${mode}/*embeddings=f16`;
      const args = ['classify', '--model', MODEL, '--recipe', recipe, '--text', '-'];
      const found = json([...args, '--calibrate', texts], { input }).texts;
      const all = found.flatMap(({ ids, logits }, i) => {
        assert.deepEqual(ids, expectedStatic.lines[i].ids);
        const torch = expectedStatic.lines[i].logits[`${format}:${key}`];
        return logits.map((x, k) => Math.abs(x - torch[k]));
      });
      all.sort((one, other) => one - other);
      assert.ok(all[all.length / 2] < 1e-5 && all.at(-1) < 0.05, `${recipe}: ${all}`);
    }
});

test('static activations are refused without a text, and by convert', (t) => {
  const none = bitloss(compare('--labels', HELD_OUT, '--recipes', 'qint8@int8,qint8@static'));
  assert.equal(none.status, 1);
  assert.match(none.err, /multiplied with on a text: name one with --calibrate FILES/);
  const out = path.join(folder(t), 'out');
  const converted = bitloss(
    ...[['convert', '--hf-path', MODEL, '--out', out, '--to', 'torch', '--recipe', 'int8@static']],
  );
  assert.equal(converted.status, 2);
  assert.match(converted.err, /has a place for the scales of static activations/);
  assert.ok(!fs.existsSync(out));
  const labelled = file(t, calibration);
  const { lanes } = json(
    compare('--labels', labelled, '--recipes', 'qint8@static', '--calibrate', labelled),
  );
  assert.equal(lanes[1].recipe, 'qint8@static');
  assert.equal(lanes[1].labels.accuracy, 1);
});
