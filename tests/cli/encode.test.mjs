/* bitloss classify and bitloss embed, on the small encoders of tests/golden (make_encoders.py), whose
 * expected logits and embeddings are those of transformers. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import {
  bitloss,
  folder,
  golden,
  json,
  readJson,
  readSafetensors,
  writeSafetensors,
} from './command.mjs';

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
        text.classes.map(({ probability }) => probability),
        logits.map((x) => Math.exp(x) / sum),
        1e-4,
      );
      assert.deepEqual(
        text.classes.map(({ label }) => label),
        labels,
      );
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

/* As all-MiniLM-L6-v2's: transformers pads the texts of a batch to one length and masks what it added, which
 * changes nothing. */
test('a tokenizer that fills texts up gives each of several what it has alone', (t) => {
  const dir = edited(t, 'tiny_bert', {});
  const tokenizer = readJson(join(dir, 'tokenizer.json'));
  tokenizer.padding = {
    strategy: { Fixed: 32 },
    direction: 'Right',
    pad_to_multiple_of: null,
    pad_id: 0,
    pad_type_id: 0,
    pad_token: '<s>',
  };
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify(tokenizer));
  const texts = ['One boat was red', 'x', 'one was blue, and the other'];
  for (const command of ['classify', 'embed']) {
    const many = json([command, dir, '--text', '-'], { input: texts.join('\n') }).texts;
    for (const [i, text] of texts.entries()) {
      const alone = json([command, golden('tiny_bert'), '--text', text]).texts[0];
      assert.deepEqual(many[i], alone);
    }
  }
});

test('two texts are read together, the second as of the other type', (t) => {
  const dir = edited(t, 'tiny_bert', {});
  const tokenizer = readJson(join(dir, 'tokenizer.json'));
  const special = (id) => ({ SpecialToken: { id, type_id: 0 } });
  const sequence = (id, type) => ({ Sequence: { id, type_id: type } });
  tokenizer.post_processor.pair = [special('<s>'), sequence('A', 0), sequence('B', 1)];
  writeFileSync(join(dir, 'tokenizer.json'), JSON.stringify(tokenizer));
  const classified = (...args) => json(['classify', dir, ...args]).texts[0];
  const [first, second] = ['One boat', ' was blue'].map((text) => classified('--text', text).ids);
  const pair = classified('--text', 'One boat', '--pair', ' was blue');
  assert.equal(pair.pair, ' was blue');
  assert.deepEqual(pair.ids, [...first, ...second.slice(1)]);
  assert.deepEqual(pair.types, [...first.map(() => 0), ...second.slice(1).map(() => 1)]);
  /* The types are what tells it from the same tokens as one text. */
  const one = classified('--ids', pair.ids.join());
  assert.notDeepEqual(pair.logits, one.logits);
  assert.equal(one.types, undefined);
  const { err, status } = bitloss(['classify', dir, '--ids', '1', '--pair', 'x']);
  assert.match(err, /--pair is the second of two texts/);
  assert.equal(status, 2);
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

/** A copy of a golden encoder with other members in its config, and other tensors. */
function edited(test, from, config, change = () => {}) {
  const dir = join(folder(test), 'model');
  cpSync(golden(from), dir, { recursive: true });
  const members = { ...readJson(join(dir, 'config.json')), ...config };
  writeFileSync(join(dir, 'config.json'), JSON.stringify(members));
  const { tensors } = readSafetensors(join(dir, 'model.safetensors'));
  change(tensors);
  writeFileSync(join(dir, 'model.safetensors'), writeSafetensors(tensors));
  return dir;
}

test('what would be told wrongly is refused: other kinds of classes, positions, damaged weights', (t) => {
  const says = (dir, words, command = 'classify') => {
    const { err, out, status } = bitloss([command, dir, '--ids', '5,6']);
    assert.match(err, words);
    assert.equal(out, '');
    assert.equal(status, 1);
  };
  const several = { problem_type: 'multi_label_classification' };
  says(
    edited(t, 'tiny_bert', several),
    /field 'problem_type' is 'multi_label_classification', exp/,
  );
  const one = edited(t, 'tiny_bert', { id2label: { 0: 'score' } }, (tensors) => {
    const [weight, bias] = ['weight', 'bias'].map((end) => tensors.get(`classifier.${end}`));
    Object.assign(weight, { shape: [1, 32], bytes: weight.bytes.subarray(0, 128) });
    Object.assign(bias, { shape: [1], bytes: bias.bytes.subarray(0, 4) });
  });
  says(one, /the model gives a text one number and does not choose among classes/);
  says(
    edited(t, 'tiny_roberta', { pad_token_id: 0 }),
    /field 'pad_token_id' is 0, expected 1: pos/,
  );
  const large = edited(t, 'tiny_bert', {}, (tensors) => {
    tensors.get('classifier.weight').bytes.fill(Buffer.from(new Float32Array([3e38]).buffer));
  });
  says(large, /the model's logit for class 0 is not a number: its weights are damaged/);
  const notANumber = edited(t, 'tiny_bert', {}, (tensors) => {
    tensors.get('bert.embeddings.LayerNorm.bias').bytes.fill(255);
  });
  says(notANumber, /the model's state for the text is not a number: its weights/, 'embed');
});

test('the limit that is shown is the one that holds', () => {
  const longest = json(['inspect', golden('tiny_roberta')]).max_context;
  const ids = (n) => Array(n).fill(5).join(',');
  const of = (n) => bitloss(['classify', golden('tiny_roberta'), '--ids', ids(n)]).status;
  assert.deepEqual([of(longest), of(longest + 1)], [0, 1]);
});

test('an encoder is described, written for transformers and as GGUF, and read from both', (test) => {
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
  const int8 = write('--out', `${path}/int8`, '--to', 'torch', '--recipe', 'int8');
  assert.equal(int8.status, 0, int8.err);
  const [rounded] = json(['classify', `${path}/int8`, ...args]).texts;
  near(rounded.logits, before[0].logits, 0.2);
  assert.notDeepEqual(rounded.logits, before[0].logits);
  const gguf = write('--out', `${path}/x.gguf`, '--dtype', 'float32');
  assert.equal(gguf.status, 0, gguf.err);
  assert.match(gguf.err, /llama\.cpp approximates the model's gelu by tanh/);
  assert.deepEqual(json(['classify', `${path}/x.gguf`, ...args]).texts, before);
  assert.doesNotMatch(bitloss(['inspect', `${path}/x.gguf`]).out, /^output/m); // it has none
});

test("sentence-transformers' file goes along, and says which state is the text's", (test) => {
  const path = folder(test);
  cpSync(golden('tiny_minilm'), `${path}/m`, { recursive: true });
  mkdirSync(`${path}/m/1_Pooling`);
  writeFileSync(`${path}/m/1_Pooling/config.json`, '{"pooling_mode_cls_token": true}');
  const embed = (model) => json(['embed', model, '--ids', '5,6,7']).texts[0].embedding;
  const first = embed(`${path}/m`);
  for (const [out, ...more] of [
    ['x.gguf', '--dtype', 'float32'],
    ['torch', '--to', 'torch', '--recipe', 'f32'],
    ['mlx', '--to', 'mlx', '--recipe', 'f32'],
  ]) {
    const args = ['convert', '--hf-path', `${path}/m`, '--out', `${path}/${out}`, ...more];
    const made = bitloss(args);
    assert.equal(made.status, 0, made.err);
    assert.deepEqual(embed(`${path}/${out}`), first, out);
  }
  assert.notDeepEqual(embed(golden('tiny_minilm')), first); // the mean
});
