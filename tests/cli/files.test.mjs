/* Which files are a model: numbered ones, from any of them; and tensors that a model has or has not. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { partName, split } from '../gguf_split.mjs';
import {
  bitloss,
  folder,
  golden,
  json,
  readJson,
  readSafetensors,
  writeSafetensors,
} from './command.mjs';

const prompt = ['-p', 'The sea', '-m', '8'];
const said = (model) => json(['generate', '--model', model, ...prompt]).ids;

/* ---- shards --------------------------------------------------------------------------------- */

function shards(t) {
  const path = join(folder(t), 'model');
  cpSync(golden('tiny_llama_sharded'), path, { recursive: true });
  rmSync(join(path, 'model.safetensors.index.json'));
  return path;
}

test('shards without an index are one model, from the folder or from any of them', (t) => {
  const path = shards(t);
  const whole = json(['inspect', golden('tiny_llama_sharded')]);
  const ids = said(golden('tiny_llama'));
  for (const name of ['', 'model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']) {
    const model = join(path, name);
    assert.deepEqual(said(model), ids, name);
    const info = json(['inspect', model]);
    assert.deepEqual([info.n_params, info.size_bytes], [whole.n_params, whole.size_bytes]);
    const out = join(folder(t), 'out');
    const { size_bytes } = json(['convert', '--hf-path', model, '--out', out, '-q']);
    assert.equal(info.costs.find(({ recipe }) => recipe === 'affine:4:64').size_bytes, size_bytes);
  }
});

test('a shard that is missing is named, and inspect says that the other is one of two', (t) => {
  const path = shards(t);
  rmSync(join(path, 'model-00002-of-00002.safetensors'));
  for (const model of [path, join(path, 'model-00001-of-00002.safetensors')]) {
    const { status, err } = bitloss(['generate', '--model', model, ...prompt]);
    assert.equal(status, 1);
    assert.match(err, /model-00002-of-00002\.safetensors is missing: .*00001.* is one of 2 files/);
    const { out } = bitloss(['inspect', model]);
    assert.match(
      out.replace(/\s+/g, ' '),
      /this is 1 of the 2 files of a model: model-00002-of-00002\.safetensors is missing/,
    );
    assert.doesNotMatch(out, /affine:4:64/);
    const info = json(['inspect', model]);
    assert.deepEqual(
      [info.n_parts, info.missing_part, info.costs],
      [2, 'model-00002-of-00002.safetensors', []],
    );
  }
});

/* ---- split GGUF files ----------------------------------------------------------------------- */

function splitModel(t, source, options) {
  const path = folder(t);
  const whole = join(path, 'whole.gguf');
  const recipe = ['--recipe', 'q8_0'];
  assert.equal(bitloss(['convert', '--hf-path', source, '--out', whole, ...recipe]).status, 0);
  const parts = split(readFileSync(whole), 3, options);
  parts.forEach((bytes, i) => writeFileSync(join(path, partName(i, 3)), bytes));
  return { path, whole, names: parts.map((_, i) => partName(i, 3)) };
}

for (const [name, options] of [
  ['tiny_llama', {}],
  ['tiny_llama3', {}],
  ['tiny_qwen2', { tensorsInFirst: false }],
]) {
  test(`the parts of a split GGUF file are one model: ${name}`, (t) => {
    const { path, whole, names } = splitModel(t, golden(name), options);
    const ids = said(whole);
    const info = json(['inspect', whole, '--recipes', 'q4_0,q4_k_m']);
    for (const part of names) {
      const model = join(path, part);
      assert.deepEqual(said(model), ids, part);
      const other = json(['inspect', model, '--recipes', 'q4_0,q4_k_m']);
      assert.deepEqual(
        [other.n_params, other.size_bytes, other.costs],
        [info.n_params, info.size_bytes, info.costs],
      );
      assert.equal(other.tied_output, info.tied_output);
    }
    const [a, b] = ['a', 'b'].map((letter) => join(path, `${letter}.gguf`));
    const recipe = ['--recipe', 'q4_0'];
    assert.equal(bitloss(['convert', '--hf-path', whole, '--out', a, ...recipe]).status, 0);
    assert.equal(
      bitloss(['convert', '--hf-path', join(path, names[1]), '--out', b, ...recipe]).status,
      0,
    );
    assert.ok(readFileSync(a).equals(readFileSync(b)), 'the same bytes as from the whole file');
    const { lanes } = json([
      'compare',
      '--model',
      join(path, names[2]),
      '--against',
      whole,
      ...prompt,
    ]);
    assert.equal(lanes[1].first_difference, null);
  });
}

test('a part of a GGUF file that is missing is named', (t) => {
  const { path, names } = splitModel(t, golden('tiny_llama'));
  rmSync(join(path, names[1]));
  const { status, err } = bitloss(['generate', '--model', join(path, names[0]), ...prompt]);
  assert.equal(status, 1);
  assert.match(err, /m-00002-of-00003\.gguf is missing: m-00001-of-00003\.gguf is one of 3 files/);
  assert.equal(json(['inspect', join(path, names[2])]).missing_part, names[1]);
  const renamed = join(path, 'first.gguf');
  renameSync(join(path, names[0]), renamed);
  const lone = bitloss(['generate', '--model', renamed, ...prompt]);
  assert.equal(lone.status, 1);
  assert.match(lone.err, /part 2 of 3 of the model is missing: the model is split into 3 files/);
});

/* ---- an output matrix that the config does not know of -------------------------------------- */

function withOutput(t, change) {
  const path = join(folder(t), 'tiny_llama'); /* a GGUF file is called as its folder was */
  cpSync(golden('tiny_llama'), path, { recursive: true });
  const file = join(path, 'model.safetensors');
  const { tensors } = readSafetensors(file);
  const embedding = tensors.get('model.embed_tokens.weight');
  const bytes = Buffer.from(embedding.bytes);
  change(bytes);
  tensors.set('lm_head.weight', { ...embedding, bytes });
  writeFileSync(file, writeSafetensors(tensors));
  return path;
}

test('an output matrix that is the embedding once more is one matrix with it', (t) => {
  const model = withOutput(t, () => {});
  const plain = json(['inspect', golden('tiny_llama')]);
  const info = json(['inspect', model]);
  assert.deepEqual(
    [info.n_params, info.size_bytes, info.tied_output],
    [plain.n_params, plain.size_bytes, true],
  );
  for (const args of [['-q'], [], ['--to', 'gguf', '--recipe', 'q4_k_m']]) {
    const [a, b] = ['a', 'b'].map((name) => join(folder(t), name));
    const { err } = bitloss(['convert', '--hf-path', model, '--out', a, ...args]);
    assert.equal(err, '', args.join(' '));
    bitloss(['convert', '--hf-path', golden('tiny_llama'), '--out', b, ...args]);
    const file = args.includes('gguf') ? '' : 'model.safetensors';
    assert.ok(readFileSync(join(a, file)).equals(readFileSync(join(b, file))));
  }
});

/* transformers 5.23, PreTrainedModel.tie_weights: where the embedding is missing and the output matrix is
 * there, the two are that one. */
test('of a tied model with an output matrix alone that is the embedding too, and told', (t) => {
  const own = golden('tiny_llama_bias');
  const path = join(folder(t), 'output_alone');
  cpSync(own, path, { recursive: true });
  const file = join(path, 'model.safetensors');
  const { tensors } = readSafetensors(file);
  assert.equal(readJson(join(own, 'config.json')).tie_word_embeddings, true);
  const renamed = [...tensors].map(([name, tensor]) => [
    name === 'model.embed_tokens.weight' ? 'lm_head.weight' : name,
    tensor,
  ]);
  assert.ok(renamed.some(([name]) => name === 'lm_head.weight'));
  writeFileSync(file, writeSafetensors(new Map(renamed)));
  assert.deepEqual(said(path), said(own));
  const out = join(folder(t), 'out');
  const recipe = ['--recipe', 'q4_k_m/embed_tokens=f16'];
  const done = json(['convert', '--hf-path', path, '--out', out, '--to', 'gguf', ...recipe]);
  const plain = json([
    ...['convert', '--hf-path', own, '--out', join(folder(t), 'plain'), '--to', 'gguf'],
    ...recipe,
  ]);
  assert.equal(done.bits_per_weight, plain.bits_per_weight);
  assert.deepEqual(
    done.notes.map(({ kind }) => kind).filter((kind) => /embedding/.test(kind)),
    ['embedding-from-output'],
  );
});

/* transformers 5.23, PreTrainedModel.tie_weights: "both are present in the checkpoints with different
 * values, so we will NOT tie them". */
test('one that differs is its own, as in transformers, and told', (t) => {
  const negate = (bytes) => {
    for (let i = 3; i < bytes.length; i += 4) bytes[i] ^= 0x80;
  };
  const model = withOutput(t, negate);
  const plain = json(['inspect', golden('tiny_llama')]);
  const info = json(['inspect', model, '--recipes', 'affine:4:64,q4_k_m,q8_0']);
  assert.equal(info.n_params, plain.n_params + 320 * 128);
  assert.equal(info.tied_output, false);
  assert.match(info.notes[0], /lm_head has other weights/);
  for (const { recipe, bits_per_weight } of info.costs) {
    const out = join(folder(t), 'out');
    const to = recipe.startsWith('q') ? ['--to', 'gguf'] : [];
    const done = json(['convert', '--hf-path', model, '--out', out, '--recipe', recipe, ...to]);
    assert.equal(done.bits_per_weight, bits_per_weight, recipe);
    assert.deepEqual(
      done.notes.map(({ kind }) => kind).filter((kind) => kind === 'untied'),
      ['untied'],
    );
    if (to.length) continue;
    assert.equal(readJson(join(out, 'config.json')).tie_word_embeddings, false);
    assert.ok(readSafetensors(join(out, 'model.safetensors')).tensors.has('lm_head.weight'));
  }
  /* Logits of the other sign: what is likeliest becomes the least likely. */
  assert.notDeepEqual(said(model), said(golden('tiny_llama')));
  const untied = join(folder(t), 'untied');
  cpSync(model, untied, { recursive: true });
  const config = readJson(join(untied, 'config.json'));
  writeFileSync(
    join(untied, 'config.json'),
    JSON.stringify({ ...config, tie_word_embeddings: false }),
  );
  assert.deepEqual(said(model), said(untied));
  const torch = json([
    'convert',
    '--hf-path',
    model,
    '--out',
    join(folder(t), 'o'),
    '--to',
    'torch',
    '--recipe',
    'nf4',
  ]);
  assert.ok(torch.bits_per_weight > 0);
});

test('rotary frequencies count for nothing, as no model has them', (t) => {
  const path = join(folder(t), 'model');
  cpSync(golden('tiny_llama'), path, { recursive: true });
  const file = join(path, 'model.safetensors');
  const { tensors } = readSafetensors(file);
  tensors.set('model.layers.0.self_attn.rotary_emb.inv_freq', {
    dtype: 'F32',
    shape: [16],
    bytes: Buffer.alloc(64),
  });
  writeFileSync(file, writeSafetensors(tensors));
  const [a, b] = [path, golden('tiny_llama')].map((model) => json(['inspect', model]));
  assert.deepEqual([a.n_params, a.size_bytes, a.costs], [b.n_params, b.size_bytes, b.costs]);
});

/* ---- what can't be read --------------------------------------------------------------------- */

test('inspect says why a model can not be converted, as convert does, and gives no sizes', (t) => {
  const U8 = (name, shape, dtype = 'U8', width = 1) => [
    name,
    { dtype, shape, bytes: Buffer.alloc(shape.reduce((n, k) => n * k, width)) },
  ];
  const q = 'model.layers.0.self_attn.q_proj';
  const kinds = [
    { quant_method: 'fp8' },
    { quant_method: 'gptq', bits: 4, group_size: 128 },
    { quant_method: 'awq', bits: 4, group_size: 128 },
    { quant_method: 'compressed-tensors' },
    { quant_method: 'mxfp4' },
  ].map((quantization_config) => ({ config: { quantization_config }, tensors: [] }));
  kinds.push({
    config: {},
    remove: `${q}.weight`,
    tensors: [U8(`${q}.weight`, [128, 128], 'F64', 8)],
  });
  kinds.push({
    config: {},
    remove: `${q}.weight`,
    tensors: [U8(`${q}.weight`, [128, 128], 'F8_E4M3')],
  });
  kinds.push({ config: {}, tensors: [U8('vision.tower', [4, 4], 'F32', 4)] });
  kinds.push({ config: {}, remove: `${q}.weight`, tensors: [] });
  for (const { config, remove, tensors: more } of kinds) {
    const path = join(folder(t), 'model');
    cpSync(golden('tiny_llama'), path, { recursive: true });
    const old = readJson(join(path, 'config.json'));
    writeFileSync(join(path, 'config.json'), JSON.stringify({ ...old, ...config }));
    const file = join(path, 'model.safetensors');
    const { tensors } = readSafetensors(file);
    tensors.delete(remove);
    for (const [name, tensor] of more) tensors.set(name, tensor);
    writeFileSync(file, writeSafetensors(tensors));
    const out = join(folder(t), 'out');
    const { status, err } = bitloss(['convert', '--hf-path', path, '--out', out, '-q']);
    assert.equal(status, 1);
    const sentence = err.replace(/^bitloss: /, '').trim();
    const info = json(['inspect', path]);
    assert.equal(info.can_convert, false);
    assert.equal(info.reason, sentence);
    assert.deepEqual(info.costs, []);
    const text = bitloss(['inspect', path]).out;
    assert.ok(text.replace(/\s+/g, ' ').includes(`can't be converted: ${sentence}`), text);
    assert.doesNotMatch(text, /affine:4:64/);
  }
});
