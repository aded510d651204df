/* Files that are not what they are called, numbers that no program holds, and an output that takes
 * nothing: each is said in a sentence. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, command, folder, golden, json, readJson } from './command.mjs';

const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345678\n';
const isPointer = /this is a Git LFS pointer, which stands for a file that was not downloaded/;

/* A copy of a golden model in which a file has other contents. */
function withFile(t, name, contents, model = 'tiny_llama3') {
  const path = join(folder(t), 'model');
  cpSync(golden(model), path, { recursive: true });
  writeFileSync(join(path, name), contents);
  return path;
}
const generate = (path) => bitloss(['generate', '--model', path, '--prompt', 'The', '-m', '2']);

test('a Git LFS pointer in the place of any text is called one', (t) => {
  for (const [name, model] of [
    ['config.json'],
    ['tokenizer.json'],
    ['model.safetensors.index.json', 'tiny_llama_sharded'],
    ['model.safetensors'],
  ]) {
    const { status, out, err } = generate(withFile(t, name, pointer, model));
    assert.deepEqual([status, out], [1, ''], name);
    assert.match(err, isPointer);
    assert.ok(err.includes(name), err);
  }
  for (const name of ['generation_config.json', 'tokenizer_config.json']) {
    const { status, err } = generate(withFile(t, name, pointer));
    assert.equal(status, 0, name);
    assert.match(err, isPointer);
    assert.match(err, /it is ignored/);
  }
});

test('inspect says why a tokenizer can’t be read', (t) => {
  const path = withFile(t, 'tokenizer.json', pointer);
  const { status, out } = bitloss(['inspect', path]);
  assert.equal(status, 0);
  assert.match(out.replace(/\s+/g, ' '), /tokenizer can't be read: tokenizer\.json: this is a Git/);
  const { has_tokenizer, tokenizer_problem } = json(['inspect', path]);
  assert.equal(has_tokenizer, false);
  assert.match(tokenizer_problem, isPointer);
  assert.equal('tokenizer_problem' in json(['inspect', golden('tiny_llama3')]), false);
});

test('a pointer beside the model is not copied as if it were the file', (t) => {
  const path = withFile(t, 'chat_template.jinja', pointer);
  writeFileSync(join(path, 'special_tokens_map.json'), '{}');
  const out = join(folder(t), 'out');
  const { status, err } = bitloss(['convert', '--hf-path', path, '--out', out]);
  assert.equal(status, 0, err);
  assert.match(err, /chat_template\.jinja is a Git LFS pointer.*: it is left out/);
  assert.equal(existsSync(join(out, 'chat_template.jinja')), false);
  assert.equal(readFileSync(join(out, 'special_tokens_map.json'), 'utf8'), '{}');
});

test('a text that is empty, blank or cut off is called so', (t) => {
  const whole = readFileSync(golden('tiny_llama3', 'config.json'), 'utf8').trimEnd();
  for (const name of ['config.json', 'tokenizer.json']) {
    for (const [contents, sentence] of [
      ['', /: the file is empty, expected JSON/],
      [' \n', /: the file is blank, expected JSON/],
      [whole.slice(0, -1), /: not valid JSON, or cut off: at byte (\d+) of \1 found the end/],
      ['[]', /: the text is not a JSON object/],
      ['<!doctype html>', /: this is a web page; expected JSON/],
    ]) {
      const { status, err } = generate(withFile(t, name, contents));
      assert.equal(status, 1);
      assert.match(err, sentence);
      assert.ok(err.includes(name), err);
    }
  }
});

test('a number that no double holds is refused wherever it stands', (t) => {
  const config = readFileSync(golden('tiny_llama3', 'config.json'), 'utf8').trimEnd();
  for (const value of ['1e999', '-1e999', '[0, 1e400]', '{"a": {"b": -1E+400}}']) {
    const text = `${config.slice(0, -1)}, "note": ${value}}`;
    const path = withFile(t, 'config.json', text);
    for (const args of [
      ['inspect', path],
      ['budget', path],
      ['convert', '--hf-path', path, '--out', join(path, 'out'), '-q', '--q-group-size', '32'],
    ]) {
      const { status, out, err } = bitloss(args);
      assert.deepEqual([status, out], [1, ''], value);
      assert.match(err, /config\.json: not valid JSON: .*, expected a number below 1\.8e308/);
    }
    assert.equal(existsSync(join(path, 'out')), false);
  }
  for (const value of ['NaN', 'Infinity']) {
    const path = withFile(t, 'config.json', `${config.slice(0, -1)}, "note": ${value}}`);
    const { status, err } = bitloss(['inspect', path]);
    assert.equal(status, 1);
    assert.match(err, /expected a value \(NaN and Infinity are none in JSON\)/);
  }
  /* The largest double, and the least that is not 0, are kept. */
  const note = [1.7976931348623157e308, -5e-324];
  const path = withFile(
    t,
    'config.json',
    `${config.slice(0, -1)}, "note": ${JSON.stringify(note)}}`,
  );
  const out = join(path, 'out');
  assert.equal(bitloss(['convert', '--hf-path', path, '--out', out]).status, 0);
  assert.deepEqual(readJson(join(out, 'config.json')).note, note);
});

test('a generation_config.json is copied as it is, or told', (t) => {
  const path = withFile(t, 'generation_config.json', '{"top_p": 1e999}');
  const out = join(folder(t), 'out');
  const { status, err } = bitloss(['convert', '--hf-path', path, '--out', out, '--json']);
  assert.equal(status, 0, err);
  assert.match(err, /generation_config\.json: not valid JSON: .* expected a number below 1\.8e308/);
  const written = join(out, 'generation_config.json');
  if (existsSync(written)) assert.doesNotMatch(readFileSync(written, 'utf8'), /inf/i);
});

test('an output that takes nothing is told with its own reason', {
  skip: !existsSync('/dev/full') && 'there is no /dev/full',
}, (t) => {
  const model = golden('tiny_llama3');
  const out = join(folder(t), 'out');
  for (const args of [
    ['inspect', model],
    ['inspect', model, '--json'],
    ['budget', '7B'],
    ['generate', '--model', model, '--prompt', 'The', '-m', '3'],
    ['generate', '--model', model, '--prompt', 'The', '-m', '3', '--json'],
    ['compare', '--model', model, '--recipes', 'affine:4:32', '--sweep'],
    ['convert', '--hf-path', model, '--out', out],
    ['help'],
    ['--version'],
  ]) {
    const line = [command, ...args].map((arg) => `'${arg}'`).join(' ');
    for (const [target, reason] of [
      ['>/dev/full', 'No space left on device'],
      ['>&-', 'Bad file descriptor'],
    ]) {
      const done = spawnSync('sh', ['-c', `rm -rf '${out}'; ${line} ${target}`], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
      });
      assert.equal(done.status, 1, line);
      assert.equal(done.stderr, `bitloss: cannot write to the standard output: ${reason}\n`, line);
    }
  }
});
