/* bitloss classify and bitloss embed, on the small encoders of tests/golden (make_encoders.py), whose
 * expected logits and embeddings are those of transformers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bitloss, folder, golden, json, readJson } from './command.mjs';

const near = (found, expected, most) => {
  assert.equal(found.length, expected.length);
  for (const [i, x] of expected.entries())
    assert.ok(Math.abs(found[i] - x) < most, `${found[i]}, ${x}`);
};

test('a text of tokens has the logits of transformers, and the probabilities that follow', () => {
  for (const [folder, labels] of [
    ['tiny_bert', ['sad', 'glad', 'neither']],
    ['tiny_distilbert', ['NEGATIVE', 'POSITIVE']],
    ['tiny_roberta', ['no', 'yes']],
  ])
    for (const { ids, types, logits } of readJson(golden(folder, 'expected.json'))) {
      if (types?.some((type) => type > 0)) continue; // the command's texts are of the first type
      const made = json(['classify', '--model', golden(folder), '--ids', ids.join(',')]);
      const [text] = made.texts;
      assert.deepEqual(text.ids, ids);
      near(text.logits, logits, 1e-4);
      const sum = logits.reduce((all, x) => all + Math.exp(x), 0);
      near(
        Object.values(text.probabilities),
        logits.map((x) => Math.exp(x) / sum),
        1e-4,
      );
      assert.deepEqual(Object.keys(text.probabilities), labels);
      assert.equal(text.label, labels[logits.indexOf(Math.max(...logits))]);
    }
});

test('an embedding is the one of transformers, of length 1', () => {
  const [{ ids, embedding }] = readJson(golden('tiny_minilm', 'expected.json'));
  const args = ['embed', golden('tiny_minilm'), '--ids', ids.join(',')];
  near(json(args).texts[0].embedding, embedding, 1e-5);
  const line = bitloss(args).out.trim().split(' ').map(Number);
  near(line, embedding, 1e-5);
  assert.ok(Math.abs(Math.hypot(...line) - 1) < 1e-6);
});

test('each line of the standard input is a text', () => {
  const input = 'One boat was red\n\none was blue';
  const many = json(['classify', golden('tiny_bert'), '--text', '-'], { input });
  assert.deepEqual(
    many.texts.map(({ text }) => text),
    ['One boat was red', 'one was blue'],
  );
  const one = json(['classify', golden('tiny_bert'), '--text', 'one was blue']);
  assert.deepEqual(many.texts[1], one.texts[0]);
  const shown = bitloss(['classify', golden('tiny_bert'), '--text', '-'], { input });
  assert.match(
    shown.out,
    /^(sad|glad|neither) {2}\d+\.\d%, .* {2}One boat was red\n.*one was blue\n$/,
  );
});

test('a recipe changes the numbers and not what is asked', () => {
  const args = ['classify', golden('tiny_distilbert'), '--ids', '5,6,7,8'];
  const [full] = json(args).texts;
  const made = json([...args, '--recipe', 'qint8@int8']);
  assert.equal(made.recipe, 'qint8@int8');
  near(made.texts[0].logits, full.logits, 0.5);
  assert.notDeepEqual(made.texts[0].logits, full.logits);
});

test('what can not be classified or embedded is refused in a sentence', () => {
  const refuses = (args, words, status = 1, options) => {
    const { err, out, status: ended } = bitloss(args, options);
    assert.match(err, words);
    assert.equal(out, '');
    assert.equal(ended, status);
  };
  const bert = golden('tiny_bert');
  refuses(['classify', golden('tiny_minilm'), '--text', 'x'], /the model has no classes/);
  refuses(['embed', golden('tiny_llama'), '--text', 'x'], /a llama model continues texts/);
  refuses(['generate', bert, '--prompt', 'x'], /a bert model reads whole texts/);
  refuses(['classify', bert, '--ids', '1,x'], /--ids is '1,x', expected token ids/);
  refuses(['classify', bert, '--ids', '320'], /token 0 has id 320, expected 0 to 319/);
  refuses(['classify', bert, '--ids', '1', '--text', 'x'], /--text and --ids are both there/, 2);
  refuses(['embed', bert], /embed needs --text TEXT/, 2);
  refuses(['embed', bert, '--text', '-'], /there is no text/, 1, { input: '\n\n' });
  refuses(['embed', bert, '--text', 'boat '.repeat(60)], /tokens, expected 1 to 48/);
});

test('an encoder is described and written for transformers, and refused as GGUF', (test) => {
  const seen = json(['inspect', golden('tiny_distilbert')]);
  assert.equal(seen.architecture, 'distilbert');
  assert.equal(seen.n_layers, 2);
  const path = folder(test);
  const write = (...more) => bitloss(['convert', '--hf-path', golden('tiny_bert'), ...more]);
  assert.equal(write('--out', `${path}/torch`, '--to', 'torch', '--recipe', 'f32').status, 0);
  const args = ['--ids', '5,6,7'];
  const [before, after] = [golden('tiny_bert'), `${path}/torch`].map(
    (model) => json(['classify', model, ...args]).texts,
  );
  assert.deepEqual(after, before);
  const gguf = write('--out', `${path}/x.gguf`);
  assert.match(gguf.err, /bert models are not written as GGUF/);
  assert.equal(gguf.status, 1);
});
