/* How models come in: any order, any chunks, cancelled at any time, again and again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../build/js/engine.js';
import { partName, split } from '../gguf_split.mjs';
import { bitlossError, eventsOf, expected, file, filesOf, readGolden } from './golden.mjs';

/** All that a model is, in one text to compare. */
async function portrait(model) {
  const { prompt, max_tokens: maxTokens } = expected('tiny_llama');
  const events = await eventsOf(model.generate(prompt, { maxTokens }));
  const tokens = events.filter((event) => event.kind === 'token');
  return JSON.stringify([model.info, model.error, model.tensors(), tokens]);
}

test('the size of the chunks makes no difference', async () => {
  const portraits = new Set();
  const files = filesOf('tiny_llama_mlx4');
  for (const chunkBytes of [1, 7, 4096, 1_000_003]) {
    const engine = await Engine.create(undefined, { chunkBytes });
    const model = await engine.load(files, { recipe: 'affine:3:32' });
    portraits.add(await portrait(model));
  }
  assert.equal(portraits.size, 1);
});

test('the order of the files makes no difference, and what is no part of a model is left out', async () => {
  const engine = await Engine.create();
  const files = filesOf('tiny_llama_sharded');
  const model = await engine.load(files);
  const clutter = [
    file('README.md', '# A model'),
    file('._model-00001-of-00002.safetensors', 'finder'),
    file('.DS_Store', 'finder'),
    file('picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47])),
    file('pytorch_model.bin', 'PK\x03\x04'),
    file('consolidated.safetensors', readGolden('tiny_llama', 'model.safetensors')),
  ];
  const shuffled = await engine.load([...clutter, ...files.reverse()]);
  assert.equal(await portrait(shuffled), await portrait(model));
});

test('a GGUF file is known by its content, whatever its name', async () => {
  const engine = await Engine.create();
  const bytes = readGolden('tiny_gguf', 'tiny_llama.gguf');
  const named = await engine.load([file('tiny.gguf', bytes)]);
  const unnamed = await engine.load([file('sha256-0123', bytes)]);
  assert.equal(unnamed.info.container, 'gguf');
  assert.equal(await portrait(unnamed), await portrait(named));
});

test('sources are read in the order that the engine promises, whether they give buffers or Blobs', async () => {
  const engine = await Engine.create(undefined, { chunkBytes: 4096 });
  const files = filesOf('tiny_llama_sharded');
  const expectedPortrait = await portrait(await engine.load(files));
  const asked = [];
  const sources = files.map(({ name, blob }, i) => ({
    name,
    size: blob.size,
    read: async (from, to) => {
      asked.push([name, from, to]);
      const bytes = blob.slice(from, to);
      return i % 2 === 0 ? bytes : bytes.arrayBuffer();
    },
  }));
  assert.equal(await portrait(await engine.load(sources)), expectedPortrait);
  const isWeights = ([name]) => name.endsWith('.safetensors');
  const firstWeights = asked.findIndex(isWeights);
  assert.ok(asked.slice(firstWeights).every(isWeights), 'texts come first');
  const names = files.map(({ name }) => name).filter((name) => isWeights([name]));
  assert.ok(names.length > 1);
  const whole = asked.slice(firstWeights + names.length);
  assert.deepEqual(
    asked.slice(firstWeights, firstWeights + names.length).map(([name]) => name),
    names,
  );
  assert.deepEqual([...new Set(whole.map(([name]) => name))], names);
  for (const name of names) {
    const ranges = whole.filter(([one]) => one === name);
    assert.ok(ranges.every(([, from], i) => from === (i === 0 ? 0 : ranges[i - 1][2])));
  }
});

/** The files of Llama 2 7B up to the end of the header: 13.5 GB that are told of and not there. */
function llama7b(onWeights) {
  const [dim, ffn, layers, vocab] = [4096, 11008, 32, 32000];
  const config = {
    model_type: 'llama',
    hidden_size: dim,
    intermediate_size: ffn,
    num_hidden_layers: layers,
    num_attention_heads: 32,
    vocab_size: vocab,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: false,
  };
  const tensors = [
    ['model.embed_tokens.weight', [vocab, dim]],
    ['lm_head.weight', [vocab, dim]],
    ['model.norm.weight', [dim]],
  ];
  for (let layer = 0; layer < layers; layer++) {
    for (const name of ['q', 'k', 'v', 'o'])
      tensors.push([`model.layers.${layer}.self_attn.${name}_proj.weight`, [dim, dim]]);
    for (const name of ['gate', 'up'])
      tensors.push([`model.layers.${layer}.mlp.${name}_proj.weight`, [ffn, dim]]);
    tensors.push([`model.layers.${layer}.mlp.down_proj.weight`, [dim, ffn]]);
    for (const name of ['input', 'post_attention'])
      tensors.push([`model.layers.${layer}.${name}_layernorm.weight`, [dim]]);
  }
  const header = {};
  let end = 0;
  for (const [name, shape] of tensors) {
    const from = end;
    end += 2 * shape.reduce((product, n) => product * n);
    header[name] = { dtype: 'F16', shape, data_offsets: [from, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const start = Buffer.concat([size, text, Buffer.alloc(4 << 20)]);
  const read = async (from, to) => {
    if (to > 4 << 20) onWeights();
    return new Uint8Array(start.subarray(from, to)).buffer;
  };
  return [
    file('config.json', JSON.stringify(config)),
    { name: 'model.safetensors', size: 8 + text.length + end, read },
  ];
}

test('a model that does not fit is refused by its header, and one that does is not', async () => {
  const engine = await Engine.create();
  const files = llama7b(() => assert.fail('its weights were read'));
  const said = (gb, recipe) => new RegExp(`would take ${gb} GB under ${recipe}, .* fewer bits`);
  await assert.rejects(engine.load(files), bitlossError('size', said('13\\.48', 'reference')));
  const recipe = 'affine:8:64';
  await assert.rejects(
    engine.load(files, { recipe }),
    bitlossError('size', said('7\\.16', recipe)),
  );
  const reached = llama7b(() => {
    throw new Error('its weights are wanted');
  });
  await assert.rejects(
    engine.load(reached, { recipe: 'affine:4:64' }),
    bitlossError('input', /its weights are wanted/),
  );
  assert.ok(engine.memoryBytes < 100e6);
});

test('a source that gives other than was asked for, or nothing, ends in a sentence', async () => {
  const engine = await Engine.create();
  for (const [read, said] of [
    [async () => new ArrayBuffer(1), /1 bytes came in place of/],
    [() => Promise.reject(new Error('the line is dead')), /the line is dead/],
  ]) {
    const files = filesOf('tiny_llama').filter(({ name }) => name !== 'model.safetensors');
    const weights = { name: 'model.safetensors', size: 9000, read };
    await assert.rejects(engine.load([...files, weights]), bitlossError('input', said));
  }
});

test('progress ends at all bytes and comes at most 30 times a second', async () => {
  const engine = await Engine.create(undefined, { chunkBytes: 1024 });
  const files = filesOf('tiny_llama');
  const total = files.reduce((sum, { blob }) => sum + blob.size, 0);
  const seen = [];
  const started = performance.now();
  await engine.load(files, { onProgress: (progress) => seen.push(progress) });
  const seconds = (performance.now() - started) / 1000;
  assert.ok(seen.length >= 2 && seen.length <= 30 * seconds + 3);
  assert.ok(seen.every((progress) => progress.bytesTotal === total));
  assert.deepEqual(seen.at(-1), { bytesDone: total, bytesTotal: total, tensor: '' });
  assert.ok(seen.every(({ bytesDone }, i) => i === 0 || bytesDone >= seen[i - 1].bytesDone));
});

test('a load can be cancelled before it begins and between chunks', async () => {
  const engine = await Engine.create(undefined, { chunkBytes: 4096 });
  const files = filesOf('tiny_llama');
  const before = await engine.load(files);
  const cancelled = bitlossError('cancelled', /cancelled/);
  await assert.rejects(engine.load(files, { signal: AbortSignal.abort() }), cancelled);
  const controller = new AbortController();
  const stop = ({ bytesDone }) => bytesDone > 0 && controller.abort();
  const options = { signal: controller.signal, onProgress: stop };
  await assert.rejects(engine.load(files, options), cancelled);
  const after = await engine.load(files);
  assert.equal(await portrait(after), await portrait(before));
});

test('a generation can be cancelled during the prompt and during the text', async () => {
  const engine = await Engine.create();
  const model = await engine.load(filesOf('tiny_llama'));
  const { prompt } = expected('tiny_llama');
  for (const kind of ['prompt', 'token']) {
    const controller = new AbortController();
    const events = [];
    const options = { maxTokens: 100, signal: controller.signal };
    for await (const event of model.generate(prompt, options)) {
      events.push(event);
      if (event.kind === kind) controller.abort();
    }
    assert.equal(events.filter((event) => event.kind === kind).length, 1, kind);
    assert.equal(events.at(-1).stop, 'cancelled');
    const text = events.map((event) => (event.kind === 'token' ? event.text : '')).join('');
    assert.equal(events.at(-1).text, text);
  }
  const leaving = model.generate(prompt);
  await leaving.next();
  await leaving.return();
  const controller = new AbortController();
  const logits = model.logits(expected('tiny_llama').ids, { signal: controller.signal });
  controller.abort();
  await assert.rejects(logits, bitlossError('cancelled', /./));
});

test('other tasks get their turn between tokens', async () => {
  const engine = await Engine.create();
  const model = await engine.load(filesOf('tiny_llama'));
  let turns = 0;
  let going = true;
  const take = () => {
    turns++;
    if (going) setImmediate(take);
  };
  setImmediate(take);
  const events = await eventsOf(model.generate('The wind', { maxTokens: 20 }));
  going = false;
  assert.ok(turns >= events.filter((event) => event.kind === 'token').length);
});

test('freeing a model ends its generations and streams, and later calls are refused', async () => {
  const engine = await Engine.create();
  const model = await engine.load(filesOf('tiny_llama'));
  const generation = model.generate('The wind', { maxTokens: 50 });
  await generation.next();
  const reader = model
    .export('mlx')
    .files.find(({ size }) => size > 0)
    .stream()
    .getReader();
  model.free();
  model.free();
  const rest = await eventsOf(generation);
  assert.equal(rest.at(-1).stop, 'cancelled');
  await assert.rejects(reader.read(), bitlossError('cancelled', /freed/));
  const freed = bitlossError('argument', /freed/);
  assert.throws(() => model.tokenize('x'), freed);
  assert.throws(() => model.export('mlx'), freed);
  await assert.rejects(model.generate('x').next(), freed);
});

test('fifty rounds of loading, writing, failing and freeing leave memory as it was', async () => {
  const engine = await Engine.create(undefined, { chunkBytes: 64 << 10 });
  const files = filesOf('tiny_llama');
  const broken = [...files.filter(({ name }) => name !== 'model.safetensors')];
  const cut = readGolden('tiny_llama', 'model.safetensors').subarray(0, -100);
  broken.push(file('model.safetensors', cut));
  const round = async (i) => {
    const model = await engine.load(files, { recipe: i % 2 ? 'affine:4:64' : 'reference' });
    await eventsOf(model.generate('The wind', { maxTokens: 3 }));
    model.export('mlx');
    // affine has no type in GGUF.
    if (i % 2 === 0) model.export('gguf').release();
    await model.logits([1, 2, 3]);
    await assert.rejects(engine.load(broken));
    model.free();
  };
  for (let i = 0; i < 4; i++) await round(i);
  const settled = engine.memoryBytes;
  for (let i = 0; i < 50; i++) await round(i);
  // A round takes some 2 MB: one that kept a tenth of it would have shown.
  assert.equal(engine.memoryBytes, settled);
});

test('the parts of a split GGUF file are one model, in any order', async () => {
  const engine = await Engine.create();
  const whole = readGolden('tiny_gguf', 'tiny_llama.gguf');
  const model = await engine.load([file('tiny.gguf', whole)], { recipe: 'q4_k_m' });
  const parts = split(whole, 3, { tensorsInFirst: false });
  const files = parts.map((bytes, i) => file(partName(i, 3), bytes));
  for (const order of [files, files.toReversed()]) {
    const loaded = await engine.load(order, { recipe: 'q4_k_m' });
    assert.equal(await portrait(loaded), await portrait(model));
  }
  await assert.rejects(
    engine.load([files[0], files[2]]),
    bitlossError('input', /m-00002-of-00003\.gguf is missing: the model is split into 3 files/),
  );
});

test('shards without an index are one model, and a missing one is named', async () => {
  const engine = await Engine.create();
  const files = filesOf('tiny_llama_sharded').filter(({ name }) => !name.endsWith('index.json'));
  const model = await engine.load(filesOf('tiny_llama'));
  assert.equal(await portrait(await engine.load(files)), await portrait(model));
  await assert.rejects(
    engine.load(files.filter(({ name }) => !name.includes('00002-of'))),
    bitlossError('input', /is missing, and so is model-00002-of-00002\.safetensors/),
  );
});

test('a weight that is not a number is told of as it is stored, and refused under a recipe', async () => {
  const engine = await Engine.create();
  const bytes = Buffer.from(readGolden('tiny_llama', 'model.safetensors'));
  bytes.writeUInt32LE(0x7fc00000, bytes.length - 4 * 64);
  const files = [
    ...filesOf('tiny_llama').filter(({ name }) => name !== 'model.safetensors'),
    file('model.safetensors', bytes),
  ];
  const { info } = await engine.load(files);
  assert.deepEqual(
    info.notes.map(({ kind, count }) => [kind, count]),
    [['not-finite', 1]],
  );
  const { subject } = info.notes[0];
  await assert.rejects(
    engine.load(files, { recipe: 'affine:4:64' }),
    bitlossError('input', new RegExp(`tensor '${subject}' has 1 weight that is not finite`)),
  );
});
