/* bitloss convert: the same directory as mlx_lm's, complete or not at all. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { bitloss, folder, golden, json, readJson, readSafetensors, start } from './command.mjs';
import { makeLarge } from './large.mjs';

function sameWeights(path, expectedPath) {
  const found = readSafetensors(join(path, 'model.safetensors'));
  const expected = readSafetensors(join(expectedPath, 'model.safetensors'));
  assert.deepEqual(found.metadata, expected.metadata);
  assert.deepEqual([...found.tensors.keys()].sort(), [...expected.tensors.keys()].sort());
  for (const [name, tensor] of expected.tensors) {
    const { dtype, shape, bytes } = found.tensors.get(name);
    assert.equal(dtype, tensor.dtype, name);
    assert.deepEqual(shape, tensor.shape, name);
    assert.ok(bytes.equals(tensor.bytes), `${name} differs`);
  }
}

test('quantizing gives what mlx_lm.convert gave, to the bit', (t) => {
  const path = join(folder(t), 'out');
  const { status, out, err } = bitloss([
    'convert',
    '--hf-path',
    golden('tiny_llama'),
    '--mlx-path',
    path,
    '--quantize',
    '--q-bits',
    '4',
    '--q-group-size',
    '64',
  ]);
  assert.equal(status, 0, err);
  assert.equal(err, '');
  assert.match(out, /^5\.073 bits per weight/); /* as mlx_lm prints it for this model */
  const expected = golden('tiny_llama_mlx4');
  sameWeights(path, expected);
  assert.deepEqual(readJson(join(path, 'config.json')), readJson(join(expected, 'config.json')));
  assert.deepEqual(
    readJson(join(path, 'model.safetensors.index.json')),
    readJson(join(expected, 'model.safetensors.index.json')),
  );
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    assert.ok(
      readFileSync(join(path, name)).equals(readFileSync(golden('tiny_llama', name))),
      name,
    );
  }
});

test("the spellings of mlx_lm's options mean the same, and its defaults hold", (t) => {
  const top = folder(t);
  const model = golden('tiny_llama');
  const forms = [
    ['convert', '--hf-path', model, '-q'],
    ['convert', '--model', model, '--quantize', '--q-mode', 'affine'],
    ['convert', `--hf-path=${model}`, '-q', '--q-bits=4', '--q-group-size=64'],
    ['convert', '-q', model, '--threads', '1'],
  ];
  forms.forEach((form, i) => {
    const path = join(top, String(i));
    assert.equal(bitloss([...form, '--mlx-path', path]).status, 0);
    sameWeights(path, golden('tiny_llama_mlx4'));
  });
  assert.equal(bitloss(forms[0], { cwd: top }).status, 0);
  assert.ok(existsSync(join(top, 'mlx_model', 'config.json')), 'the default --mlx-path');
});

test('an MLX directory that is only copied keeps every code, each layer at its own bits', (t) => {
  const path = join(folder(t), 'out');
  assert.equal(
    bitloss([
      'convert',
      '--hf-path',
      golden('tiny_llama_mlx_mixed'),
      '--mlx-path',
      path,
      '--dtype',
      'bfloat16',
    ]).status,
    0,
  );
  sameWeights(path, golden('tiny_llama_mlx_mixed'));
  assert.deepEqual(
    readJson(join(path, 'config.json')),
    readJson(golden('tiny_llama_mlx_mixed', 'config.json')),
  );
});

test('--dequantize gives scale * code + bias, and a config without quantization', (t) => {
  const path = join(folder(t), 'out');
  assert.equal(
    bitloss(['convert', '--hf-path', golden('tiny_llama_mlx4'), '--mlx-path', path, '-d']).status,
    0,
  );
  const config = readJson(join(path, 'config.json'));
  assert.ok(!('quantization' in config) && !('quantization_config' in config));
  const { tensors } = readSafetensors(join(path, 'model.safetensors'));
  const packed = readSafetensors(golden('tiny_llama_mlx4', 'model.safetensors')).tensors;
  const name = 'model.layers.1.mlp.up_proj';
  const float = (tensor, i) => tensor.bytes.readFloatLE(4 * i);
  const values = tensors.get(`${name}.weight`);
  assert.deepEqual([values.dtype, values.shape], ['F32', [128, 128]]);
  for (let i = 0; i < 128 * 128; i++) {
    const code = (packed.get(`${name}.weight`).bytes[i >> 1] >> (4 * (i & 1))) & 15;
    const scale = float(packed.get(`${name}.scales`), i >> 6);
    const bias = float(packed.get(`${name}.biases`), i >> 6);
    assert.ok(Math.abs(float(values, i) - (scale * code + bias)) <= 1e-6);
  }
});

test('--dtype decides the type of what is not quantized', (t) => {
  const top = folder(t);
  for (const [dtype, stored] of [
    ['float16', 'F16'],
    ['bfloat16', 'BF16'],
    ['float32', 'F32'],
  ]) {
    const path = join(top, dtype);
    assert.equal(
      bitloss([
        'convert',
        '--hf-path',
        golden('tiny_llama3'),
        '--mlx-path',
        path,
        '-q',
        '--dtype',
        dtype,
      ]).status,
      0,
    );
    const { tensors } = readSafetensors(join(path, 'model.safetensors'));
    assert.equal(tensors.get('model.norm.weight').dtype, stored);
    assert.equal(tensors.get('model.embed_tokens.scales').dtype, stored);
  }
});

test('a GGUF file becomes an MLX directory', (t) => {
  const path = join(folder(t), 'out');
  const done = json([
    'convert',
    '--hf-path',
    golden('tiny_gguf', 'tiny_llama.gguf'),
    '--mlx-path',
    path,
    '-q',
  ]);
  assert.equal(done.recipe, 'affine:4:64');
  const info = json(['inspect', path]);
  assert.equal(info.container, 'mlx');
  assert.equal(info.stored_as, 'affine:4:64');
  assert.equal(info.n_params, 238208);
  assert.equal(info.has_tokenizer, true);
});

test('what lies beside the weights is copied as it is', (t) => {
  const source = join(folder(t), 'source');
  cpSync(golden('tiny_llama'), source, { recursive: true });
  const texts = {
    'special_tokens_map.json': '{"bos_token": "<s>"}',
    'chat_template.jinja': '{{ messages }}',
    'merges.txt': '#version: 0.2\n',
    'vocab.json': '{}',
    'added_tokens.json': '{ }',
    'tokenizer.model': '\u0000binary',
    'generation_config.json': '{"eos_token_id": [1,  2]}',
    'README.md': '# A model',
    LICENSE: 'as is',
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(source, name), text);
  writeFileSync(join(source, 'notes.txt'), 'not copied');
  const path = join(folder(t), 'out');
  assert.equal(bitloss(['convert', '--hf-path', source, '--mlx-path', path, '-q']).status, 0);
  for (const [name, text] of Object.entries(texts))
    assert.equal(readFileSync(join(path, name), 'utf8'), text, name);
  assert.ok(!existsSync(join(path, 'notes.txt')));
});

test('--json tells size, precision and error', (t) => {
  const path = join(folder(t), 'out');
  const done = json(['convert', '--hf-path', golden('tiny_llama'), '--mlx-path', path, '-q']);
  assert.equal(done.model, golden('tiny_llama'));
  assert.equal(done.output, path);
  assert.equal(done.n_params, 238208);
  assert.equal(done.source_bytes, 4 * 238208);
  assert.ok(done.snr_db > 15 && done.snr_db < 30);
  assert.ok(done.rmse > 0 && done.peak_memory_bytes > 0 && done.seconds > 0);
  const plain = json(['convert', '--hf-path', golden('tiny_llama'), '--mlx-path', `${path}2`]);
  assert.deepEqual([plain.recipe, plain.rmse, plain.snr_db], ['reference', 0, null]);
});

test('what is asked for in vain, or at a loss, gets a note', (t) => {
  const top = folder(t);
  const note = (model, ...rest) => {
    const done = bitloss([
      'convert',
      '--hf-path',
      golden(model),
      '--mlx-path',
      join(top, `${model}${rest}`),
      ...rest,
    ]);
    assert.equal(done.status, 0);
    return done.err;
  };
  assert.match(
    note('tiny_llama', '--q-bits', '8'),
    /^bitloss: note: --q-bits, .* do nothing without --quantize\n$/,
  );
  assert.match(
    note('tiny_llama_mlx4', '-q', '--q-bits', '3'),
    /^bitloss: note: .*quantized already \(affine:4:64\)/,
  );
  assert.equal(note('tiny_llama', '-q'), '');
});

test('an output that exists is left alone', (t) => {
  const top = folder(t);
  const convert = (path) =>
    bitloss(['convert', '--hf-path', golden('tiny_llama'), '--mlx-path', path, '-q']);
  mkdirSync(join(top, 'folder'));
  writeFileSync(join(top, 'file'), 'mine');
  for (const path of [join(top, 'folder'), `${join(top, 'folder')}/`, join(top, 'file')]) {
    const { status, out, err } = convert(path);
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.match(err, /already exists/);
  }
  assert.equal(readFileSync(join(top, 'file'), 'utf8'), 'mine');
  assert.deepEqual(readdirSync(top).sort(), ['file', 'folder']);
  assert.match(convert(join(top, 'file', 'x')).err, /Not a directory/);
});

test('a conversion that fails leaves nothing behind, not even the folders it made', (t) => {
  const top = folder(t);
  const source = join(top, 'source');
  cpSync(golden('tiny_llama'), source, { recursive: true });
  const file = join(source, 'model.safetensors');
  writeFileSync(file, readFileSync(file).subarray(0, 400000));
  const { status } = bitloss([
    'convert',
    '--hf-path',
    source,
    '--mlx-path',
    join(top, 'a', 'b', 'c'),
    '-q',
  ]);
  assert.equal(status, 1);
  assert.deepEqual(readdirSync(top), ['source']);
});

test('the output has ordinary permissions', (t) => {
  const top = folder(t);
  const path = join(top, 'out');
  assert.equal(
    bitloss(['convert', '--hf-path', golden('tiny_llama'), '--mlx-path', path, '-q']).status,
    0,
  );
  mkdirSync(join(top, 'ordinary'));
  assert.equal(statSync(path).mode, statSync(join(top, 'ordinary')).mode);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal} ends a conversion, and nothing is left behind`, async (t) => {
    const top = folder(t);
    makeLarge(join(top, 'source'));
    const begun = new Promise((resolve) => {
      const watcher = watch(top, (_, name) => {
        if (!name?.startsWith('out.partial-')) return;
        watcher.close();
        resolve();
      });
    });
    const child = start([
      'convert',
      '--hf-path',
      join(top, 'source'),
      '--mlx-path',
      join(top, 'out'),
      '-q',
      '--threads',
      '1',
    ]);
    let text = '';
    child.stdout.on('data', (data) => (text += data));
    child.stderr.on('data', (data) => (text += data));
    const ended = new Promise((resolve) =>
      child.on('close', (status, by) => resolve([status, by])),
    );
    await begun;
    child.kill(signal);
    assert.deepEqual(await ended, [null, signal]);
    assert.equal(text, '');
    assert.deepEqual(readdirSync(top), ['source']);
  });
}

test("--q-mode spells MLX's other formats, with their widths and groups", (t) => {
  const top = folder(t);
  for (const [mode, bits, group_size] of [
    ['mxfp4', 4, 32],
    ['mxfp8', 8, 32],
    ['nvfp4', 4, 16],
  ]) {
    const path = join(top, mode);
    const given = mode === 'nvfp4' ? ['--q-bits', '4', '--q-group-size', '16'] : [];
    const done = json([
      'convert',
      '--hf-path',
      golden('tiny_llama'),
      '--mlx-path',
      path,
      '-q',
      '--q-mode',
      mode,
      ...given,
    ]);
    assert.equal(done.recipe, mode);
    assert.deepEqual(readJson(join(path, 'config.json')).quantization, { group_size, bits, mode });
  }
});

/* ---- transformers ---- */

for (const [name, recipe] of [
  ['bnb', 'nf4'],
  ['bnb_double', 'nf4_double'],
  ['torchao_int8', 'int8'],
  ['torchao_int4', 'int4:64'],
]) {
  test(`--to torch writes ${recipe} as transformers does, and reads what transformers wrote`, (t) => {
    const top = folder(t);
    const theirs = golden(`tiny_llama_${name}`);
    const done = json([
      'convert',
      '--hf-path',
      golden('tiny_llama'),
      '--out',
      join(top, 'out'),
      '--to',
      'torch',
      '--recipe',
      recipe,
    ]);
    assert.equal(done.recipe, `${recipe}/embed_tokens=reference`);
    const ours = readSafetensors(join(top, 'out', 'model.safetensors'));
    const { tensors } = readSafetensors(join(theirs, 'model.safetensors'));
    assert.deepEqual([...ours.tensors.keys()], [...tensors.keys()]);
    for (const [key, { dtype, shape, bytes }] of tensors) {
      const found = ours.tensors.get(key);
      assert.deepEqual([found.dtype, found.shape], [dtype, shape], key);
      assert.ok(found.bytes.equals(bytes), `${key} differs`);
    }
    const config = readJson(join(top, 'out', 'config.json'));
    assert.deepEqual(
      config.quantization_config,
      readJson(join(theirs, 'config.json')).quantization_config,
    );
    assert.ok(existsSync(join(top, 'out', 'tokenizer.json')));
    const expected = readJson(join(theirs, 'expected.json'));
    for (const model of [theirs, join(top, 'out')]) {
      const spoken = json([
        'generate',
        '--model',
        model,
        '--prompt',
        expected.prompt,
        '--max-tokens',
        String(expected.max_tokens),
      ]);
      assert.deepEqual(spoken.ids, expected.greedy_ids);
    }
    const info = json(['inspect', theirs]);
    assert.deepEqual([info.n_params, info.container], [238208, 'safetensors']);
    assert.match(
      bitloss(['inspect', theirs, '--tensors']).out,
      new RegExp(`layers\\.1\\.mlp\\.up_proj\\.weight +${recipe} +\\[128, 128\\]`),
    );
    const again = join(top, 'again');
    assert.equal(bitloss(['convert', '--hf-path', theirs, '--mlx-path', again, '-q']).status, 0);
    assert.equal(json(['inspect', again]).stored_as, 'affine:4:64');
  });
}

test('--to torch keeps the output matrix, unless the recipe says otherwise', (t) => {
  const top = folder(t);
  const done = json([
    'convert',
    '--hf-path',
    golden('tiny_llama3'),
    '--out',
    join(top, 'a'),
    '--to',
    'torch',
    '--recipe',
    'nf4',
  ]);
  assert.equal(done.recipe, 'nf4/embed_tokens=reference/lm_head=reference');
  const own = json([
    'convert',
    '--hf-path',
    golden('tiny_llama3'),
    '--out',
    join(top, 'b'),
    '--to',
    'torch',
    '--recipe',
    'nf4/lm_head=nf4',
  ]);
  assert.equal(own.recipe, 'nf4/embed_tokens=reference/lm_head=reference/lm_head=nf4');
  assert.equal(
    readSafetensors(join(top, 'b', 'model.safetensors')).tensors.get('lm_head.weight').dtype,
    'BF16',
  );
});

/* ---- GGUF ---- */

test('--out with a name in .gguf writes one file, from which the model comes back', (t) => {
  const top = folder(t);
  const path = join(top, 'tiny.gguf');
  const done = json(['convert', '--hf-path', golden('tiny_llama'), '--out', path]);
  assert.deepEqual([done.output, done.recipe], [path, 'reference']);
  assert.deepEqual(readdirSync(top), ['tiny.gguf']);
  const info = json(['inspect', path]);
  assert.deepEqual(
    [info.container, info.stored_as, info.n_params, info.has_tokenizer],
    ['gguf', 'f32', 238208, true],
  );
  const expected = readJson(golden('tiny_llama', 'expected.json'));
  const spoken = json([
    'generate',
    '--model',
    path,
    '--prompt',
    expected.prompt,
    '--max-tokens',
    String(expected.max_tokens),
  ]);
  assert.deepEqual(spoken.ids, expected.greedy_ids);
  assert.equal(spoken.text, expected.greedy_text);
});

test('--to decides over the name, and has a default of its own', (t) => {
  const top = folder(t);
  const convert = (...rest) =>
    bitloss(['convert', '--hf-path', golden('tiny_llama'), ...rest], { cwd: top });
  assert.equal(convert('--to', 'gguf').status, 0);
  assert.equal(readFileSync(join(top, 'model.gguf'), 'latin1').slice(0, 4), 'GGUF');
  assert.equal(convert('--to', 'gguf', '--out', 'plain-name').status, 0);
  assert.ok(statSync(join(top, 'plain-name')).isFile());
  assert.equal(convert('--to', 'mlx', '--out', 'folder.gguf').status, 0);
  assert.ok(existsSync(join(top, 'folder.gguf', 'config.json')));
});

test('a GGUF file that is only copied comes back to the bit', (t) => {
  const top = folder(t);
  const first = join(top, 'first.gguf');
  const second = join(top, 'second.gguf');
  assert.equal(
    bitloss(['convert', '--hf-path', golden('tiny_llama'), '--out', first, '--recipe', 'f16'])
      .status,
    0,
  );
  assert.equal(bitloss(['convert', '--hf-path', first, '--out', second]).status, 0);
  assert.ok(readFileSync(first).equals(readFileSync(second)));
  assert.equal(json(['inspect', second]).stored_as, 'f16');
});

test("what can't be written as GGUF is told, and nothing is left behind", (t) => {
  const top = folder(t);
  const convert = (model, ...rest) =>
    bitloss(['convert', '--hf-path', golden(model), '--out', join(top, 'x.gguf'), ...rest]);
  const quantized = convert('tiny_llama', '-q');
  assert.equal(quantized.status, 2);
  assert.match(
    quantized.err,
    /^bitloss: affine:4:64 is MLX's format, which GGUF has no type for: give --recipe q4_0/,
  );
  const mlx = convert('tiny_llama_mlx4');
  assert.equal(mlx.status, 1);
  assert.match(
    mlx.err,
    /tensor 'model.embed_tokens.weight' is stored as affine:4:64, which GGUF has no type for/,
  );
  assert.deepEqual(readdirSync(top), []);
  assert.equal(convert('tiny_llama', '-q', '--recipe', 'f16').status, 2);
});

test('a GGUF file that exists is left alone', (t) => {
  const path = join(folder(t), 'mine.gguf');
  writeFileSync(path, 'mine');
  const { status, err } = bitloss(['convert', '--hf-path', golden('tiny_llama'), '--out', path]);
  assert.equal(status, 1);
  assert.match(err, /already exists/);
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});
