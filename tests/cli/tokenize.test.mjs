/* bitloss tokenize. */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson } from './command.mjs';

const ids = (model, text, ...options) => {
  const { status, out, err } = bitloss(['tokenize', '--model', model, '--ids', ...options, text]);
  assert.equal(status, 0, err);
  return out.trim().split(' ').filter(Boolean).map(Number);
};

for (const name of ['tiny_llama', 'tiny_llama3', 'tiny_qwen2', 'tiny_qwen3'])
  test(`the ids of ${name} are mlx_lm's, from its folder and from tokenizer.json alone`, () => {
    const { prompt, ids: expected } = readJson(golden(name, 'expected.json'));
    assert.deepEqual(ids(golden(name), prompt), expected);
    assert.deepEqual(ids(golden(name, 'tokenizer.json'), prompt), expected);
  });

test('a GGUF file, and a tokenizer.json under another name, are read without weights', (t) => {
  const { prompt, ids: expected } = readJson(golden('tiny_llama', 'expected.json'));
  const copy = join(folder(t), 'other.json');
  cpSync(golden('tiny_llama', 'tokenizer.json'), copy);
  assert.deepEqual(ids(copy, prompt), expected);
  assert.deepEqual(ids(golden('tiny_gguf', 'tiny_llama.gguf'), prompt), expected);
});

for (const name of ['gpt2', 'roberta', 'bert', 'cased', 'llama', 'gemma', 'spm', 't5', 'xlmr'])
  test(`the files before tokenizer.json give transformers' ids: ${name}`, () => {
    for (const { text, ids: expected } of readJson(golden('vocab', name, 'expected.json')))
      assert.deepEqual(ids(golden('vocab', name), text), expected, text);
  });

test('vocab.txt and tokenizer.model are read alone too', () => {
  for (const [name, file] of [
    ['bert', 'vocab.txt'],
    ['spm', 'tokenizer.model'],
  ]) {
    const [, , { text, ids: expected }] = readJson(golden('vocab', name, 'expected.json'));
    assert.deepEqual(ids(golden('vocab', name, file), text), expected);
  }
});

test('--json has pieces, what they stand for, and which are special', () => {
  const { prompt, ids: expected } = readJson(golden('tiny_llama', 'expected.json'));
  const found = json(['tokenize', '--model', golden('tiny_llama'), prompt]);
  assert.deepEqual(found.ids, expected);
  assert.equal(found.kind, 'BPE');
  assert.equal(found.bytes, Buffer.byteLength(prompt));
  assert.deepEqual(
    found.tokens.map(({ id }) => id),
    expected,
  );
  assert.deepEqual(found.tokens[0], { id: expected[0], piece: '<s>', text: '<s>', special: true });
  const rest = found.tokens.slice(1);
  assert.ok(rest.every(({ special }) => !special));
  // A part of a character is shown as U+FFFD.
  const joined = rest.map(({ text }) => text).join('');
  assert.ok(joined.trim().startsWith('The old boat: '), joined);
  const { vocab } = readJson(golden('tiny_llama', 'tokenizer.json')).model;
  for (const { id, piece } of rest) assert.equal(vocab[piece], id);
});

test('--no-special leaves out what goes around a text', () => {
  const { prompt, ids: expected } = readJson(golden('tiny_llama', 'expected.json'));
  assert.deepEqual(ids(golden('tiny_llama'), prompt, '--no-special'), expected.slice(1));
});

test('the table shows every token, with controls and parts of characters by their bytes', () => {
  const model = join(golden('tiny_llama3'));
  const { status, out } = bitloss(['tokenize', '--model', model, 'a\n\u001b바']);
  assert.equal(status, 0);
  const shown = out
    .split('\n')
    .slice(1)
    .map((line) => line.match(/"(.*)"/)?.[1] ?? '');
  assert.equal(shown.join(''), 'a\\n<1B><EB><B0><94>');
  assert.match(out, /\d+ tokens for 6 bytes: \d\.\d\d bytes per token \(BPE, \d+ ids\)/);
});

test('a text comes from the standard input as it is', () => {
  const { prompt, ids: expected } = readJson(golden('tiny_llama', 'expected.json'));
  const args = ['tokenize', '--model', golden('tiny_llama'), '--ids'];
  const { out } = bitloss(args, { input: prompt });
  assert.deepEqual(out.trim().split(' ').map(Number), expected);
  assert.equal(bitloss([...args, '-'], { input: prompt }).out, out);
  assert.equal(bitloss([...args, '--no-special', '']).out, '\n');
});

test('what holds no tokenizer is refused in one sentence', (t) => {
  const top = folder(t);
  const file = join(top, 'notes.txt');
  writeFileSync(file, 'hello');
  writeFileSync(join(top, 'broken.json'), '{"model": {}}');
  const said = (model) => {
    const { status, out, err } = bitloss(['tokenize', '--model', model, 'x']);
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.equal(err.trim().split('\n').length, 1, err);
    return err;
  };
  assert.match(said(join(top, 'none')), /cannot open .*none: No such file/);
  assert.match(said(file), /is not a tokenizer's file: expected/);
  assert.match(said(join(top, 'broken.json')), /model\.vocab is missing/);
  assert.match(said(top), /holds no weights|holds no tokenizer/);
  const both = bitloss(['tokenize', '--model', top, '--ids', '--json', 'x']);
  assert.equal(both.status, 2);
  assert.match(both.err, /--ids and --json/);
});
