/* Memory is 4 GB at most: what does not fit gives a sentence, and all that was there can still be used.
 * Memory that nobody writes to costs the machine nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../build/js/engine.js';
import { bitlossError, eventsOf, expected, file, filesOf } from './golden.mjs';

const MB = 2 ** 20;
const noRoom = bitlossError('memory', /^out of memory: \d+ bytes could not be allocated/);
const tooMuch = bitlossError('memory', /^Memory ran out: \d+ bytes could not be allocated\.$/);

/** Blocks of this size until there are no more; each lies in memory. */
function fill(core, size) {
  const blocks = [];
  for (;;) {
    let block;
    try {
      block = core.alloc(size);
    } catch (error) {
      assert.throws(() => {
        throw error;
      }, tooMuch);
      return blocks;
    }
    assert.ok(block > 0 && block + size <= core.memoryBytes, `${block} + ${size}`);
    blocks.push(block);
  }
}

async function stillWrites(model) {
  const { prompt, greedy_text: text, max_tokens: maxTokens } = expected('tiny_llama');
  assert.equal((await eventsOf(model.generate(prompt, { maxTokens }))).at(-1).text, text);
}

for (const mb of [1, 16, 64, 500, 1024, 1900, 2100, 3000]) {
  test(`blocks of ${mb} MB lie in memory, up to its end`, async () => {
    const engine = await Engine.create();
    const model = await engine.load(filesOf('tiny_llama'));
    const { core } = engine;
    const blocks = fill(core, mb * MB);
    assert.ok(blocks.length * mb > 4070 - mb, `${blocks.length} blocks`);
    // What is free at the top again is not given to who wants more.
    core.release('bw_free', blocks.at(-1));
    assert.throws(() => core.alloc((mb + 1000) * MB + 4000 * MB), tooMuch);
    assert.throws(() => core.alloc(4096 * MB - 1), tooMuch);
    assert.equal(core.alloc(mb * MB), blocks.at(-1));
    for (const block of blocks) core.release('bw_free', block);
    assert.equal(engine.fault, null);
    await stillWrites(model);
  });
}

test('addresses above 2 GB hold what is written there', async () => {
  const engine = await Engine.create();
  const { core } = engine;
  const low = core.alloc(2500 * MB);
  const model = await engine.load(filesOf('tiny_llama'));
  assert.ok(model.address > 2 ** 31);
  await stillWrites(model);
  const made = model.tensors()[0];
  assert.equal(model.decodeRows(0, 0, made.nRows).length, made.nRows * made.nCols);
  const ex = model.export('gguf');
  const bytes = new Uint8Array(await new Response(ex.files[0].stream()).arrayBuffer());
  const again = await engine.load([file('model.gguf', bytes)]);
  await stillWrites(again);
  core.release('bw_free', low);
});

/** Weights of zeros, made as they are read: an embedding of so many GB. */
function zeros(gb) {
  const [dim, ffn, head] = [1024, 64, 64];
  const vocab = Math.round((gb * 2 ** 30) / 2 / dim);
  const layer = 'model.layers.0.';
  const shapes = {
    'model.embed_tokens.weight': [vocab, dim],
    'model.norm.weight': [dim],
    [`${layer}input_layernorm.weight`]: [dim],
    [`${layer}post_attention_layernorm.weight`]: [dim],
    ...Object.fromEntries(
      ['q', 'k', 'v'].map((p) => [`${layer}self_attn.${p}_proj.weight`, [head, dim]]),
    ),
    [`${layer}self_attn.o_proj.weight`]: [dim, head],
    [`${layer}mlp.gate_proj.weight`]: [ffn, dim],
    [`${layer}mlp.up_proj.weight`]: [ffn, dim],
    [`${layer}mlp.down_proj.weight`]: [dim, ffn],
  };
  let at = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const from = at;
    at += 2 * shape.reduce((a, b) => a * b);
    return [name, { dtype: 'BF16', shape, data_offsets: [from, at] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const head8 = Buffer.alloc(8);
  head8.writeBigUInt64LE(BigInt(json.length));
  const start = Buffer.concat([head8, json]);
  const slice = (from, to) => ({
    arrayBuffer: async () => {
      const bytes = new Uint8Array(to - from);
      if (from < start.length) bytes.set(start.subarray(from, to));
      return bytes.buffer;
    },
  });
  const config = {
    model_type: 'llama',
    vocab_size: vocab,
    hidden_size: dim,
    intermediate_size: ffn,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    head_dim: head,
    max_position_embeddings: 128,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: true,
    hidden_act: 'silu',
  };
  return [
    file('config.json', JSON.stringify(config)),
    { name: 'model.safetensors', blob: { size: start.length + at, slice } },
  ];
}

test('a model that does not fit is refused, those before it stay', async () => {
  const engine = await Engine.create();
  const model = await engine.load(filesOf('tiny_llama'));
  // As if two large models were loaded and the second freed: its place, at the top, is too small.
  const first = engine.core.alloc(3000 * MB);
  const second = engine.core.alloc(900 * MB);
  engine.core.release('bw_free', second);
  await assert.rejects(engine.load(zeros(1.9)), noRoom);
  await assert.rejects(engine.load(zeros(3.7)), noRoom);
  assert.equal(engine.fault, null);
  await stillWrites(model);
  engine.core.release('bw_free', first);
  (await engine.load(zeros(0.05))).free();
});
