/* bitloss inspect, and what every command says about files that are not what they should be. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

/* The parameters of a plain model, counted from its file by other means. */
function countParams(...files) {
  const shapes = files.flatMap((file) =>
    [...readSafetensors(file).tensors.values()].map((t) => t.shape),
  );
  return shapes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

test('a Hugging Face directory is described from its config and header', () => {
  const path = golden('tiny_llama3');
  const config = readJson(join(path, 'config.json'));
  const info = json(['inspect', path]);
  const n = countParams(join(path, 'model.safetensors'));
  assert.equal(info.model, path);
  assert.equal(info.architecture, config.model_type);
  assert.equal(info.container, 'safetensors');
  assert.equal(info.stored_as, 'bf16');
  assert.equal(info.n_params, n);
  assert.equal(info.size_bytes, 2 * n);
  assert.equal(info.bits_per_weight, 16);
  assert.equal(info.n_layers, config.num_hidden_layers);
  assert.equal(info.dim, config.hidden_size);
  assert.equal(info.n_kv_heads, config.num_key_value_heads);
  assert.equal(info.vocab_size, config.vocab_size);
  assert.equal(info.tied_output, false);
  assert.equal(info.has_tokenizer, true);
  const { tensors } = readSafetensors(join(path, 'model.safetensors'));
  assert.equal(info.tensors.length, tensors.size);
  for (const { name, type, shape, size_bytes } of info.tensors) {
    const expected = tensors.get(name);
    assert.deepEqual(
      { type, shape, size_bytes },
      {
        type: expected.dtype,
        shape: expected.shape,
        size_bytes: expected.bytes.length,
      },
    );
  }
});

test('shards are added up', () => {
  const path = golden('tiny_llama_sharded');
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const info = json(['inspect', path]);
  assert.deepEqual(
    info.files.map((file) => file.name),
    names,
  );
  assert.equal(info.n_params, countParams(...names.map((name) => join(path, name))));
});

test('an MLX directory counts weights, not packed words', () => {
  const plain = json(['inspect', golden('tiny_llama_sharded')]);
  const info = json(['inspect', golden('tiny_llama_mlx_mixed')]);
  assert.equal(info.container, 'mlx');
  assert.equal(info.stored_as, 'affine:4:64');
  assert.equal(info.n_params, plain.n_params);
  const { tensors } = readSafetensors(golden('tiny_llama_mlx_mixed', 'model.safetensors'));
  const size = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  assert.equal(info.size_bytes, size);
  assert.ok(Math.abs(info.bits_per_weight - (8 * size) / plain.n_params) < 1e-9);
  const { out } = bitloss(['inspect', golden('tiny_llama_mlx_mixed'), '--tensors']);
  assert.match(out, /model\.embed_tokens\.weight +affine:5:128 +\[320, 128\]/);
  assert.match(out, /model\.layers\.0\.mlp\.down_proj\.weight +affine:8:32 +\[128, 128\]/);
  assert.match(out, /model\.layers\.1\.mlp\.down_proj\.weight +affine:4:64 +\[128, 128\]/);
});

test('a GGUF file tells its metadata', () => {
  const path = golden('tiny_gguf', 'tiny_llama.gguf');
  const info = json(['inspect', path]);
  assert.equal(info.container, 'gguf');
  assert.equal(info.architecture, 'llama');
  assert.equal(info.n_layers, 2);
  assert.equal(info.dim, 128);
  assert.equal(info.vocab_size, 320);
  assert.equal(info.n_params, countParams(golden('tiny_llama', 'model.safetensors')));
  assert.equal(info.has_tokenizer, true);
  assert.equal(info.metadata['llama.block_count'], '2');
  assert.doesNotMatch(bitloss(['inspect', path]).out, /llama\.block_count/);
  assert.match(bitloss(['inspect', path, '--metadata']).out, /llama\.block_count +2\n/);
});

test('a lone safetensors file needs no config', (t) => {
  const path = join(folder(t), 'weights.safetensors');
  cpSync(golden('tiny_qwen2', 'model.safetensors'), path);
  const info = json(['inspect', path]);
  assert.equal(info.architecture, '');
  assert.equal(info.has_tokenizer, false);
  assert.equal(info.n_params, countParams(path));
});

test('the size a recipe would give is the size that convert gives', (t) => {
  const out = folder(t);
  for (const name of [
    'tiny_llama',
    'tiny_llama3',
    'tiny_llama_bias',
    'tiny_qwen3',
    'tiny_llama_mlx_mixed',
    'tiny_llama_mlx_fp',
    'tiny_llama_bnb_double',
    'tiny_llama_torchao_int4',
  ]) {
    for (const { recipe, size_bytes, bits_per_weight } of json(['inspect', golden(name)]).costs) {
      if (!recipe.startsWith('affine')) continue;
      const path = join(out, `${name}-${recipe.replaceAll(':', '-')}`);
      const [, bits, group] = recipe.split(':');
      const done = json([
        'convert',
        '--hf-path',
        golden(name),
        '--mlx-path',
        path,
        '-q',
        '--q-bits',
        bits,
        '--q-group-size',
        group,
      ]);
      const { tensors } = readSafetensors(join(path, 'model.safetensors'));
      const written = [...tensors.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
      assert.equal(size_bytes, written, `${name} ${recipe}`);
      assert.ok(Math.abs(bits_per_weight - done.bits_per_weight) < 1e-9);
    }
  }
});

test('experts, their router and factors of rotary frequencies cost in GGUF what convert gives', (t) => {
  const out = folder(t);
  const phi3 = join(out, 'phi3.gguf');
  json(['convert', golden('tiny_phi3'), '--recipe', 'f16', '--out', phi3]);
  for (const name of ['tiny_mixtral.gguf', 'tiny_qwen3_moe.gguf', phi3])
    for (const recipe of ['affine:4:32', 'mixed_3_6:32']) {
      const model = name === phi3 ? name : golden('tiny_gguf', name);
      const [cost] = json(['inspect', model, '--recipes', recipe]).costs;
      const path = join(out, 'written');
      const done = json(['convert', model, '--recipe', recipe, '--out', path]);
      assert.equal(cost.bits_per_weight, done.bits_per_weight, `${name} ${recipe}`);
      rmSync(path, { recursive: true });
    }
});

test('recipes of every family have the size that compare finds', () => {
  for (const name of ['tiny_llama3', 'tiny_qwen3', 'tiny_llama_sharded']) {
    const { costs } = json(['inspect', golden(name), '--recipes', 'all']);
    const { lanes } = json(['compare', '--model', golden(name), '--recipes', 'all']);
    const compared = new Map(lanes.map((lane) => [lane.recipe, lane]));
    assert.equal(costs.length, lanes.length - 1, 'all but the reference');
    for (const { recipe, size_bytes, weights_converted } of costs) {
      assert.equal(size_bytes, compared.get(recipe).size_bytes, `${name} ${recipe}`);
      if (weights_converted === 0)
        assert.equal(size_bytes, compared.get('reference').size_bytes, `${name} ${recipe}`);
    }
  }
});

test('a recipe that no matrix can hold is named, and costs what the file has', () => {
  const { out } = bitloss(['inspect', golden('tiny_llama'), '--recipes', 'q4_k,q4_0']);
  assert.match(out, /q4_k: no matrix of this model has rows that the blocks divide/);
  const { costs, size_bytes } = json(['inspect', golden('tiny_llama'), '--recipes', 'q4_k']);
  assert.deepEqual(
    costs.map((cost) => [cost.size_bytes, cost.weights_converted]),
    [[size_bytes, 0]],
  );
  const { status, err } = bitloss(['inspect', golden('tiny_llama'), '--recipes', 'affine:1:64']);
  assert.equal(status, 2);
  assert.match(err, /bits is 1/);
});

test('tensors of a deep model are one line per kind, sorted, unless all are asked for', (t) => {
  const tensors = new Map();
  for (let i = 11; i >= 0; i--) {
    for (const part of ['down', 'gate', 'up']) {
      tensors.set(`model.layers.${i}.mlp.${part}_proj.weight`, {
        dtype: 'F16',
        shape: [4, 8],
        bytes: Buffer.alloc(64),
      });
    }
  }
  const path = join(folder(t), 'deep.safetensors');
  writeFileSync(path, writeSafetensors(tensors));
  const { out } = bitloss(['inspect', path]);
  assert.match(out, /model\.layers\.\*\.mlp\.up_proj\.weight +f16 +\[4, 8\] +12 +768 B\n/);
  assert.match(out, /36 tensors of 3 kinds/);
  const layers = [
    ...bitloss(['inspect', path, '--tensors']).out.matchAll(/layers\.(\d+)\.mlp\.up/g),
  ];
  assert.deepEqual(
    layers.map((m) => Number(m[1])),
    [...Array(12).keys()],
  );
});

test('spaces, Unicode, slashes at the end and links are all paths', (t) => {
  const top = folder(t);
  const path = join(top, '내 모델 (copy)');
  cpSync(golden('tiny_llama'), path, { recursive: true });
  const link = join(top, 'link');
  symlinkSync(path, link);
  for (const form of [path, `${path}/`, `${path}///`, link, join(path, 'model.safetensors')]) {
    assert.equal(json(['inspect', form]).n_params, 238208, form);
  }
  assert.match(bitloss(['inspect', `${path}/`]).out, /^내 모델 \(copy\)\n/);
});

/* Every command refuses with status 1, one sentence, and nothing on stdout. */
function fails(t, path, sentence) {
  const out = join(folder(t), 'out');
  for (const args of [
    ['inspect', path],
    ['inspect', path, '--json'],
    ['convert', '--hf-path', path, '--mlx-path', out, '-q'],
    ['generate', '--model', path, '--prompt', 'x'],
    ['compare', '--model', path, '--prompt', 'x', '--json'],
  ]) {
    const done = bitloss(args);
    assert.equal(done.status, 1, `${args.join(' ')}: ${done.err}`);
    assert.equal(done.out, '');
    assert.match(done.err, /^bitloss: [^\n]+\n$/);
    assert.match(done.err, sentence);
  }
}

test('a missing file is named, with the reason', (t) => {
  fails(t, '/nonexistent/model.gguf', /cannot open \/nonexistent\/model\.gguf: No such file/);
});

test("a hub's name is not downloaded, and the sentence says so", (t) => {
  fails(t, 'HuggingFaceTB/SmolLM2-135M', /No such file or directory \(bitloss downloads nothing/);
});

test('an empty path, a device and a text file are refused', (t) => {
  fails(t, '', /path of the model is empty/);
  fails(t, '/dev/null', /\/dev\/null is not a file or a directory/);
  fails(t, golden('tiny_llama', 'config.json'), /give the directory it is in/);
});

test('codes of no rows beside scales are no weights', (t) => {
  const path = join(folder(t), 'model.safetensors');
  const { tensors } = readSafetensors(golden('tiny_llama_mlx4', 'model.safetensors'));
  const name = 'model.layers.0.mlp.up_proj.weight';
  const { dtype } = tensors.get(name);
  for (const shape of [
    [6, 0, 8],
    [0, 8],
  ]) {
    tensors.set(name, { dtype, shape, bytes: Buffer.alloc(0) });
    writeFileSync(path, writeSafetensors(tensors));
    const { status, out, err } = bitloss(['inspect', path, '--recipes', 'affine:4:32']);
    assert.equal(status, 0, err);
    assert.match(out, /up_proj\.weight +u32/);
  }
});

test('a JPEG is no model', (t) => {
  const path = join(folder(t), 'photo.jpg');
  writeFileSync(
    path,
    Buffer.concat([Buffer.from('ffd8ffe000104a46494600', 'hex'), Buffer.alloc(5000, 7)]),
  );
  fails(t, path, /photo\.jpg: neither GGUF nor safetensors/);
});

test('an empty file is no model', (t) => {
  const path = join(folder(t), 'empty.gguf');
  writeFileSync(path, '');
  fails(t, path, /empty\.gguf: .*0 bytes|empty\.gguf: the file is empty/);
});

test('a truncated safetensors file is refused', (t) => {
  const path = folder(t);
  cpSync(golden('tiny_llama'), path, { recursive: true });
  const file = join(path, 'model.safetensors');
  writeFileSync(file, readFileSync(file).subarray(0, 300000));
  fails(t, path, /model\.safetensors: .*expected a range within/);
});

test('a truncated GGUF file is refused', (t) => {
  const path = join(folder(t), 'cut.gguf');
  writeFileSync(path, readFileSync(golden('tiny_gguf', 'tiny_llama.gguf')).subarray(0, 50000));
  fails(t, path, /cut\.gguf: /);
});

test('a directory says what it should hold', (t) => {
  const path = folder(t);
  fails(t, path, /holds no weights: expected a Hugging Face or MLX directory \(config\.json/);
  cpSync(golden('tiny_llama', 'model.safetensors'), join(path, 'model.safetensors'));
  fails(t, path, /holds no config\.json: expected/);
  writeFileSync(join(path, 'config.json'), '{');
  fails(t, path, /config\.json/);
  rmSync(join(path, 'config.json'));
  mkdirSync(join(path, 'config.json'));
  fails(t, path, /config\.json is not a regular file/);
});

test('several weight files without an index must be told apart', (t) => {
  const path = folder(t);
  for (const name of ['b.gguf', 'a.gguf'])
    cpSync(golden('tiny_gguf', 'tiny_llama.gguf'), join(path, name));
  fails(t, path, /holds 2 weight files \(a\.gguf, b\.gguf\).*name one of them/);
});

test('a missing shard is named, and an index cannot lead out of the directory', (t) => {
  const path = join(folder(t), 'sharded');
  cpSync(golden('tiny_llama_sharded'), path, { recursive: true });
  const shard = 'model-00002-of-00002.safetensors';
  rmSync(join(path, shard));
  fails(
    t,
    path,
    new RegExp(`cannot open .*${shard}: No such file .*model.safetensors.index.json lists it`),
  );
  const index = join(path, 'model.safetensors.index.json');
  for (const name of ['../../etc/passwd', '/etc/passwd', '', 7]) {
    writeFileSync(index, JSON.stringify({ weight_map: { 'model.norm.weight': name } }));
    fails(t, path, /expected the name of a file beside it/);
  }
  writeFileSync(index, '{}');
  fails(t, path, /expected an object 'weight_map'/);
  writeFileSync(index, '[]');
  fails(t, path, /index\.json: the text is not a JSON object/);
});

test("control characters in a file's names do not reach the terminal", (t) => {
  const path = join(folder(t), 'evil.safetensors');
  const bytes = Buffer.alloc(4);
  writeFileSync(
    path,
    writeSafetensors(new Map([['a\u001b[31mb', { dtype: 'F32', shape: [1], bytes }]])),
  );
  const { out, err } = bitloss(['inspect', path]);
  assert.ok(!out.includes('\u001b') && !err.includes('\u001b'));
});

test('JSON is indented with tabs, with a line for each member and lists on one', () => {
  const lay = (value, indent) => {
    if (Array.isArray(value))
      return `[${value.map((item) => lay(item, `${indent}\t`)).join(', ')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const members = Object.entries(value).map(
      ([key, member]) => `${indent}\t${JSON.stringify(key)}:\t${lay(member, `${indent}\t`)}`,
    );
    return `{\n${members.length ? `${members.join(',\n')}\n` : ''}${indent}}`;
  };
  for (const args of [
    ['inspect', golden('tiny_llama'), '--recipes', 'q8_0'],
    ['budget', '7B'],
  ]) {
    const { out } = bitloss([...args, '--json']);
    /* 15 digits suffice for most numbers, 17 for the others; JavaScript writes as few as possible. */
    const short = (text) => text.replace(/\d+\.\d+/g, (digits) => Number(digits).toPrecision(12));
    assert.equal(short(out), short(`${lay(JSON.parse(out), '')}\n`));
  }
});

test('a rule that matches no matrix is refused, of directories and of GGUF files', () => {
  for (const model of [golden('tiny_llama'), golden('tiny_gguf', 'tiny_llama.gguf')]) {
    const args = ['inspect', model, '--recipes', 'affine:4:64/foo=bf16,affine:4:64/q_proj=bf16'];
    const { costs } = json(args);
    assert.match(costs[0].refused, /pattern 'foo' matches no matrix of this model/);
    assert.equal(costs[1].refused, undefined);
    assert.match(bitloss(args).out, /affine:4:64\/foo=bf16 +refused/);
  }
});

test('from GGUF to GGUF vectors stay as they are, and count so', (t) => {
  const model = golden('tiny_gguf', 'tiny_llama.gguf');
  for (const recipe of ['q8_0', 'q4_k_m']) {
    const [cost] = json(['inspect', model, '--recipes', recipe]).costs;
    const out = join(folder(t), 'x.gguf');
    const made = json(['convert', '--hf-path', model, '--recipe', recipe, '--out', out]);
    assert.equal(cost.size_bytes, made.size_bytes);
    const { size_bytes } = json(['inspect', out]);
    assert.equal(cost.size_bytes, size_bytes);
  }
});
