/* Fields of config.json that matter only to who runs a model: they stop no conversion, and what is
 * written says the same, or is refused. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, readJson } from './command.mjs';
import { readMetadata } from './gguf.mjs';

/* tiny_llama with other fields; undefined takes one away. */
function source(top, fields) {
  const path = join(top, 'source');
  cpSync(golden('tiny_llama'), path, { recursive: true });
  const config = readJson(join(path, 'config.json'));
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, ...fields }));
  return path;
}

const convert = (from, to, ...rest) =>
  bitloss(['convert', '--hf-path', from, '--out', to, ...rest]);

const yarn = {
  rope_type: 'yarn',
  factor: 4,
  original_max_position_embeddings: 128,
  beta_fast: 16,
  attention_factor: 1.25,
};

/* The keys are those that convert_hf_to_gguf.py writes, `back` what a config.json made of them has;
 * null: GGUF has no words for it. */
const cases = {
  yarn: {
    fields: { rope_scaling: yarn },
    gguf: {
      'llama.rope.scaling.type': 'yarn',
      'llama.rope.scaling.factor': 4,
      'llama.rope.scaling.original_context_length': 128,
      'llama.rope.scaling.yarn_beta_fast': 16,
      'llama.rope.scaling.yarn_attn_factor': 1.25,
    },
    back: { rope_scaling: yarn },
    runs: true,
    fileReason: /yarn_attn_factor' is there, expected none or 1/,
  },
  'a sliding window': {
    fields: { model_type: 'mistral', architectures: ['MistralForCausalLM'], sliding_window: 64 },
    gguf: { 'llama.attention.sliding_window': 64 },
    back: { model_type: 'mistral', sliding_window: 64 },
    runs: true,
    note: /looks back over 64 tokens/,
  },
  'windows in some layers': {
    fields: { sliding_window: 64, layer_types: ['full_attention', 'sliding_attention'] },
    gguf: null,
    runs: true,
    reason: /has a window in other layers than llama.cpp's llama architecture/,
  },
  'dynamic scaling': {
    fields: { rope_scaling: { rope_type: 'dynamic', factor: 2 } },
    gguf: null,
    runs: true,
    reason: /'rope_type' is 'dynamic'/,
  },
  'another activation': {
    fields: { hidden_act: 'gelu' },
    gguf: null,
    reason: /'hidden_act' is 'gelu'/,
  },
};

for (const [name, { fields, gguf, back, reason, note, runs, fileReason }] of Object.entries(
  cases,
)) {
  test(`${name} stops no conversion`, (t) => {
    const top = folder(t);
    const from = source(top, fields);
    for (const to of ['mlx', 'torch']) {
      const done = convert(from, join(top, to), '--to', to);
      assert.equal(done.status, 0, done.err);
      const config = readJson(join(top, to, 'config.json'));
      for (const [key, value] of Object.entries(fields)) assert.deepEqual(config[key], value, key);
    }
    const file = join(top, 'model.gguf');
    const done = convert(from, file);
    if (!gguf) {
      assert.equal(done.status, 1);
      assert.match(done.err, reason);
      assert.match(done.err, /can't be written as/);
      assert.ok(!existsSync(file));
      return;
    }
    assert.equal(done.status, 0, done.err);
    if (note) assert.match(done.err, note);
    if (fileReason) {
      const run = bitloss(['generate', '--model', file, '--prompt', 'x']);
      assert.equal(run.status, 1);
      assert.match(run.err, fileReason);
    }
    const metadata = readMetadata(file);
    for (const [key, value] of Object.entries(gguf)) assert.equal(metadata[key], value, key);
    assert.equal(convert(file, join(top, 'back')).status, 0);
    const config = readJson(join(top, 'back', 'config.json'));
    for (const [key, value] of Object.entries(back)) assert.deepEqual(config[key], value, key);
    assert.equal(convert(join(top, 'back'), join(top, 'again.gguf')).status, 0);
    assert.deepEqual(
      Object.entries(readMetadata(join(top, 'again.gguf'))).filter(([key]) => /^llama\./.test(key)),
      Object.entries(metadata).filter(([key]) => /^llama\./.test(key)),
    );
  });

  test(`${name} is ${runs ? 'a' : 'no'} model to run`, (t) => {
    const model = source(folder(t), fields);
    const done = bitloss(['generate', '--model', model, '--prompt', 'x']);
    assert.equal(done.status, runs ? 0 : 1, done.err);
    if (runs) return;
    assert.match(done.err, reason);
    assert.match(done.err, /can convert the model, but not run it/);
  });
}

test('a config with rope_parameters alone gets the old spelling beside it', (t) => {
  const top = folder(t);
  const parameters = { rope_theta: 20000, rope_type: 'linear', factor: 2 };
  const from = source(top, {
    rope_theta: undefined,
    rope_scaling: undefined,
    rope_parameters: parameters,
  });
  for (const to of ['mlx', 'torch']) {
    assert.equal(convert(from, join(top, to), '--to', to).status, 0);
    const config = readJson(join(top, to, 'config.json'));
    assert.equal(config.rope_theta, 20000);
    assert.deepEqual(config.rope_scaling, { rope_type: 'linear', factor: 2 });
    assert.deepEqual(config.rope_parameters, parameters);
  }
});
