/* How far back a model looks: --context, its defaults, and what is said when it is full. */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson } from './command.mjs';

const model = golden('tiny_llama'); /* its limit is 512 tokens */
const generate = (...more) => ['generate', '--model', model, '--prompt', 'The old boat', ...more];

/* tiny_llama with another limit. */
function withLimit(t, limit) {
  const path = join(folder(t), 'model');
  cpSync(model, path, { recursive: true });
  const config = readJson(join(path, 'config.json'));
  config.max_position_embeddings = limit;
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
  return path;
}

test('a text that fills the context says so, and whether there could be more', () => {
  const short = bitloss(generate('-m', '100', '--context', '20'));
  assert.equal(short.status, 0);
  assert.equal(
    short.err,
    'bitloss: note: the text ends where the context of 20 tokens is full; --context takes up to 512\n',
  );
  const long = bitloss(['generate', '--model', model, '-p', 'The', '-m', '1000']);
  assert.equal(long.status, 0);
  assert.match(long.err, /context of 512 tokens is full, which is the model's limit\n$/);
  const { stop, ids, context, prompt_tokens: n } = json(generate('-m', '100', '--context', '20'));
  assert.equal(stop, 'context');
  assert.equal(context, 20);
  assert.equal(ids.length, 20 - n + 1, 'the last token needs no room');
});

test('a context changes where a text ends, not what is in it', () => {
  const whole = json(generate('-m', '40')).ids;
  for (const context of ['20', '60', '512'])
    assert.deepEqual(
      json(generate('-m', '40', '--context', context)).ids,
      whole.slice(
        0,
        context === '20' ? json(generate('-m', '40', '--context', '20')).ids.length : 40,
      ),
    );
  assert.equal(bitloss(generate('-m', '40', '--context', '60')).err, '');
});

test('without --context nothing ends at 4,096 tokens', (t) => {
  const path = withLimit(t, 16384);
  const { stop, ids, context } = json(['generate', '--model', path, '-p', 'The', '-m', '4200']);
  assert.equal(stop, 'length');
  assert.equal(ids.length, 4200);
  assert.ok(context >= 4200 && context < 4300, `memory is taken for ${context}`);
});

test('a context beyond the limit is refused, and so is a prompt that does not fit', () => {
  for (const [args, sentence] of [
    [generate('--context', '513'), /--context is 513, the model's limit is 512/],
    [generate('--context', '2'), /the prompt is \d+ tokens long, the context holds 2/],
    [
      ['compare', '--model', model, '-p', 'The', '--context', '513'],
      /--context is 513, the model's limit is 512/,
    ],
  ]) {
    const { status, err } = bitloss(args);
    assert.equal(status, 1);
    assert.match(err, sentence);
    assert.match(err, /^bitloss: [^\n]+\n$/, 'one sentence');
  }
  const { status, err } = bitloss(['compare', '--model', model, '--context', '100']);
  assert.equal(status, 2);
  assert.match(err, /--context needs --text FILE or --prompt TEXT/);
});

test('a large context tells the memory that it takes', (t) => {
  const path = withLimit(t, 4_000_000);
  /* Per token: 2 layers, keys and values of 2 heads of 16 floats, and more for attention. */
  const { err } = bitloss([
    'generate',
    '--model',
    path,
    '-p',
    'The',
    '-m',
    '1',
    '--context',
    '3000000',
  ]);
  assert.match(
    err,
    /^bitloss: note: a context of 3,000,000 tokens takes up to [\d.]+ GB of memory/,
  );
});

test('compare tells once where texts end for want of room', (t) => {
  const args = ['compare', '--model', model, '--recipes', 'affine:8:32,affine:4:32', '-m', '100'];
  const { status, err } = bitloss([...args, '-p', 'The old boat', '--context', '20']);
  assert.equal(status, 0);
  assert.equal(err.match(/context of 20 tokens is full; --context takes up to 512/g).length, 1);
  const path = join(folder(t), 'prompts.txt');
  writeFileSync(path, `The\n${'The old boat went down the river. '.repeat(30)}\n`);
  const many = bitloss([...args, '--prompts', path]);
  assert.equal(many.status, 0, many.err);
  assert.match(
    many.err,
    /for 1 of the prompts there is less room in the model's context of 512 tokens/,
  );
});
