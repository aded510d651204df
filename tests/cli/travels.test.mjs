/* What travels with a model: chat templates, special tokens, generation settings, names, licence.
 * Each file is read back by readers of the tests' own, and what is in it is compared with what gguf
 * and transformers find in the source (tests/golden/make_travels.py): no less, and no more. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson } from './command.mjs';
import { readMetadata } from './gguf.mjs';

const expected = readJson(golden('travels', 'expected.json'));
const tokens = { '<s>': 0, '</s>': 1, '<|im_end|>': 3 };

/* tiny_llama with other texts. */
function source(top, texts) {
  const path = join(top, 'source');
  cpSync(golden('tiny_llama'), path, { recursive: true });
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

function richSource(top) {
  const path = source(top, {});
  cpSync(golden('travels', 'texts'), path, { recursive: true });
  return path;
}

function convert(from, to, ...rest) {
  const done = bitloss(['convert', '--hf-path', from, '--out', to, ...rest]);
  assert.equal(done.status, 0, done.err);
  return done.err;
}

/* ---- what is in a GGUF file ---- */

const pick = (object, test) => Object.fromEntries(Object.entries(object).filter(([k]) => test(k)));

function templatesOfGguf(path) {
  const metadata = readMetadata(path);
  const key = 'tokenizer.chat_template';
  const names = metadata['tokenizer.chat_templates'] ?? [];
  const templates = Object.fromEntries(names.map((name) => [name, metadata[`${key}.${name}`]]));
  if (metadata[key] !== undefined) templates.default = metadata[key];
  const found = Object.keys(metadata).filter((k) => k === key || k.startsWith(`${key}.`));
  assert.equal(found.length, Object.keys(templates).length, 'every template is listed');
  return templates;
}

const own = /^general\.(architecture|type|file_type|quantization_version)$/;

/* float32 numbers as the decimals that were meant. */
const rounded = (object) =>
  JSON.parse(JSON.stringify(object, (_, x) => (typeof x === 'number' ? +x.toPrecision(6) : x)));

function checkGguf(path) {
  const metadata = readMetadata(path);
  const general = pick(metadata, (key) => key.startsWith('general.') && !own.test(key));
  assert.deepEqual(rounded(general), rounded(expected.general));
  assert.deepEqual(templatesOfGguf(path), expected.templates);
  const ids = pick(metadata, (key) => /^tokenizer\.ggml\..*_(token_id|token|prefix)$/.test(key));
  assert.deepEqual(ids, {
    'tokenizer.ggml.bos_token_id': tokens[expected.tokens.bos],
    'tokenizer.ggml.eos_token_id': tokens[expected.tokens.eos],
    'tokenizer.ggml.padding_token_id': tokens[expected.tokens.pad],
    'tokenizer.ggml.add_bos_token': true,
    'tokenizer.ggml.add_eos_token': false,
  });
}

/* ---- what is in a folder ---- */

/* As transformers finds them: files before the entry of tokenizer_config.json. */
function templatesOfFolder(path) {
  const plain = (name) => name.replace(/[^A-Za-z0-9]/g, '_');
  const file = join(path, 'chat_template.jinja');
  if (existsSync(file)) {
    const more = join(path, 'additional_chat_templates');
    const names = existsSync(more) ? readdirSync(more) : [];
    return Object.fromEntries([
      ['default', readFileSync(file, 'utf8')],
      ...names.map((name) => [
        plain(name.replace(/\.jinja$/, '')),
        readFileSync(join(more, name), 'utf8'),
      ]),
    ]);
  }
  const entry = readJson(join(path, 'tokenizer_config.json')).chat_template ?? [];
  const list = typeof entry === 'string' ? [{ name: 'default', template: entry }] : entry;
  return Object.fromEntries(list.map(({ name, template }) => [plain(name), template]));
}

function checkFolder(path) {
  assert.deepEqual(templatesOfFolder(path), expected.templates);
  const map = join(path, 'special_tokens_map.json');
  const config = {
    ...(existsSync(map) ? readJson(map) : {}),
    ...readJson(join(path, 'tokenizer_config.json')),
  };
  for (const [name, text] of Object.entries(expected.tokens))
    assert.equal(config[`${name}_token`] ?? null, text, name);
  assert.equal(config.add_bos_token, true);
  const generation = readJson(join(path, 'generation_config.json'));
  assert.deepEqual(
    pick(generation, (key) => key in expected.generation),
    expected.generation,
  );
}

/* The same tokenizer, in the files that came before tokenizer.json. */
test('a model with vocab.json and merges.txt alone has a tokenizer, everywhere', (t) => {
  const path = join(folder(t), 'older');
  cpSync(golden('tiny_qwen2'), path, { recursive: true });
  const { model, added_tokens } = readJson(join(path, 'tokenizer.json'));
  const merges = model.merges.map((one) => (Array.isArray(one) ? one.join(' ') : one));
  rmSync(join(path, 'tokenizer.json'));
  writeFileSync(join(path, 'vocab.json'), JSON.stringify(model.vocab));
  writeFileSync(join(path, 'merges.txt'), `#version: 0.2\n${merges.join('\n')}\n`);
  const decoder = Object.fromEntries(added_tokens.map(({ id, ...rest }) => [id, rest]));
  const settings = { tokenizer_class: 'GPT2Tokenizer', added_tokens_decoder: decoder };
  writeFileSync(join(path, 'tokenizer_config.json'), JSON.stringify(settings));
  const prompt = ['--prompt', 'The old boat went', '-m', '6'];
  const said = (one) => json(['generate', '--model', one, ...prompt]).ids;
  const expected = said(golden('tiny_qwen2'));
  assert.deepEqual(said(path), expected);
  assert.equal(json(['inspect', path]).has_tokenizer, true);
  for (const to of ['gguf', 'mlx']) {
    const out = join(folder(t), to === 'gguf' ? 'out.gguf' : 'out');
    const done = json(['convert', '--hf-path', path, '--out', out, '--to', to]);
    assert.deepEqual(
      done.notes.filter(({ kind }) => kind === 'no-tokenizer'),
      [],
    );
    assert.deepEqual(said(out), expected, to);
  }
  // Of another kind there is none, and that is said.
  writeFileSync(join(path, 'tokenizer_config.json'), '{"tokenizer_class":"LlamaTokenizer"}');
  const { has_tokenizer, tokenizer_problem } = json(['inspect', path]);
  assert.equal(has_tokenizer, false);
  assert.match(tokenizer_problem, /tokenizer_class is 'LlamaTokenizer'/);
  const { err } = bitloss(['convert', '--hf-path', path, '--out', join(folder(t), 'none')]);
  assert.match(err, /tokenizer_class is 'LlamaTokenizer'/);
});

test('a folder becomes a GGUF file that says all that the folder says, or tells what it lacks', (t) => {
  const top = folder(t);
  const file = join(top, 'model.gguf');
  const err = convert(richSource(top), file);
  checkGguf(file);
  assert.equal(
    err,
    'bitloss: note: GGUF has no key for these settings of generation_config.json: ' +
      'repetition_penalty, max_new_tokens\n',
  );
});

test('that llama.cpp composes no text as the tokenizer does is told', (t) => {
  const top = folder(t);
  const tokenizer = readJson(golden('tiny_llama', 'tokenizer.json'));
  const texts = { 'tokenizer.json': JSON.stringify({ ...tokenizer, normalizer: { type: 'NFC' } }) };
  const from = source(top, texts);
  assert.match(convert(from, join(top, 'model.gguf')), /note: the tokenizer composes .* \(NFC\)/);
  assert.equal(convert(from, join(top, 'mlx')), '');
  assert.deepEqual(readJson(join(top, 'mlx', 'tokenizer.json')).normalizer, { type: 'NFC' });
});

test('a GGUF file that is converted to GGUF says the same', (t) => {
  const top = folder(t);
  convert(richSource(top), join(top, 'a.gguf'));
  assert.equal(convert(join(top, 'a.gguf'), join(top, 'b.gguf')), '');
  assert.deepEqual(readMetadata(join(top, 'b.gguf')), readMetadata(join(top, 'a.gguf')));
});

for (const to of ['mlx', 'torch']) {
  test(`a folder becomes one for ${to} with the same texts, byte for byte`, (t) => {
    const top = folder(t);
    const from = richSource(top);
    const path = join(top, 'out');
    convert(from, path, '--to', to);
    for (const name of readdirSync(golden('travels', 'texts'), { recursive: true })) {
      if (!name.includes('.')) continue;
      assert.deepEqual(readFileSync(join(path, name)), readFileSync(join(from, name)), name);
    }
    checkFolder(path);
  });

  test(`a GGUF file becomes a folder for ${to} that says what it says, and back again`, (t) => {
    const top = folder(t);
    convert(richSource(top), join(top, 'a.gguf'));
    convert(join(top, 'a.gguf'), join(top, 'out'), '--to', to);
    checkFolder(join(top, 'out'));
    convert(join(top, 'out'), join(top, 'b.gguf'));
    checkGguf(join(top, 'b.gguf'));
  });
}

for (const [place, { files, templates }] of Object.entries(
  readJson(golden('travels', 'templates.json')),
)) {
  test(`a chat template arrives in GGUF from ${place}`, (t) => {
    const top = folder(t);
    convert(source(top, files), join(top, 'model.gguf'));
    assert.deepEqual(templatesOfGguf(join(top, 'model.gguf')), templates);
  });
}

test('of two chat templates that differ the file counts, and that is told', (t) => {
  const top = folder(t);
  const config = readJson(golden('tiny_llama', 'tokenizer_config.json'));
  const from = source(top, {
    'chat_template.jinja': 'from the file',
    'tokenizer_config.json': JSON.stringify({ ...config, chat_template: 'from the config' }),
  });
  const err = convert(from, join(top, 'model.gguf'));
  assert.match(err, /chat_template\.jinja differs from the one in tokenizer_config\.json/);
  assert.deepEqual(templatesOfGguf(join(top, 'model.gguf')), { default: 'from the file' });
});

test('a model that is named nowhere is called as its folder is', (t) => {
  const top = folder(t);
  convert(source(top, {}), join(top, 'model.gguf'));
  assert.equal(readMetadata(join(top, 'model.gguf'))['general.name'], 'source');
});

test('a text that is a link to somewhere else stays there', (t) => {
  const top = folder(t);
  const from = richSource(top);
  writeFileSync(join(top, 'secret'), '{"chat_template": "secret"}');
  for (const name of ['chat_template.jinja', 'README.md']) {
    rmSync(join(from, name));
    symlinkSync(join(top, 'secret'), join(from, name));
  }
  const err = convert(from, join(top, 'out'));
  assert.match(err, /README\.md is a link that leads out of the model's folder: it was not copied/);
  assert.match(err, /chat_template\.jinja is a link that leads out/);
  assert.ok(!readdirSync(join(top, 'out')).includes('README.md'));
  convert(from, join(top, 'model.gguf'));
  assert.deepEqual(templatesOfGguf(join(top, 'model.gguf')), {
    tool_use: expected.templates.tool_use,
  });
});

test('texts that do not parse cost no conversion', (t) => {
  const top = folder(t);
  const from = source(top, {
    'chat_template.json': '{"chat_template": ',
    'special_tokens_map.json': '[]',
    'README.md': '---\nlicense: [\n- {\ntags: x: y\n',
  });
  const err = convert(from, join(top, 'model.gguf'));
  assert.match(err, /^bitloss: note: chat_template\.json: not valid JSON/);
  const general = pick(readMetadata(join(top, 'model.gguf')), (key) => /^general\./.test(key));
  assert.deepEqual(
    Object.keys(general).filter((key) => !own.test(key)),
    ['general.name'],
  );
});
