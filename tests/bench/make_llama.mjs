// Writes a model with the shape of Llama 3.2 1B and weights that mean nothing: as large as the real one, and as
// quick to make as a disk is to write. Its tokenizer is TinyWorld's, with entries up to 128,256 that no text has.
//
//   node tests/bench/make_llama.mjs FOLDER [LAYERS]      default: 16, which are 2.47 GB
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const tokenizer = path.join(root, 'examples/tinyworld/models/2M');
const [folder, nLayers = '16'] = process.argv.slice(2);
if (!folder) {
  console.error('usage: make_llama.mjs FOLDER [LAYERS]');
  process.exit(2);
}

const dim = 2048;
const ffnDim = 8192;
const kvDim = 512;
const vocabSize = 128256;
const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: dim,
  intermediate_size: ffnDim,
  num_hidden_layers: Number(nLayers),
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 64,
  vocab_size: vocabSize,
  max_position_embeddings: 131072,
  rms_norm_eps: 1e-5,
  rope_theta: 500000,
  rope_scaling: {
    rope_type: 'llama3',
    factor: 32,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  },
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
};

/** [name, shape], as the real file has them. */
const tensors = [['model.embed_tokens.weight', [vocabSize, dim]]];
for (let layer = 0; layer < config.num_hidden_layers; layer++) {
  const at = `model.layers.${layer}`;
  tensors.push(
    [`${at}.input_layernorm.weight`, [dim]],
    [`${at}.mlp.down_proj.weight`, [dim, ffnDim]],
    [`${at}.mlp.gate_proj.weight`, [ffnDim, dim]],
    [`${at}.mlp.up_proj.weight`, [ffnDim, dim]],
    [`${at}.post_attention_layernorm.weight`, [dim]],
    [`${at}.self_attn.k_proj.weight`, [kvDim, dim]],
    [`${at}.self_attn.o_proj.weight`, [dim, dim]],
    [`${at}.self_attn.q_proj.weight`, [dim, dim]],
    [`${at}.self_attn.v_proj.weight`, [kvDim, dim]],
  );
}
tensors.push(['model.norm.weight', [dim]]);

/** bf16 of about -0.04 to 0.04; a prime number of them, so that no two rows are the same. */
function madeUp() {
  const block = Buffer.alloc(2 * 1_048_573);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  for (let at = 0, x = 1; at < block.length; at += 2) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    float[0] = (x / 2 ** 32 - 0.5) * 0.08;
    block.writeUInt16LE(bits[0] >>> 16, at);
  }
  return block;
}

fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
const words = JSON.parse(fs.readFileSync(path.join(tokenizer, 'tokenizer.json'), 'utf8'));
for (let id = Object.keys(words.model.vocab).length; id < vocabSize; id++)
  words.model.vocab[`<filler ${id}>`] = id;
fs.writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(words));
fs.copyFileSync(
  path.join(tokenizer, 'tokenizer_config.json'),
  path.join(folder, 'tokenizer_config.json'),
);

const header = {};
let end = 0;
for (const [name, shape] of tensors) {
  const start = end;
  end += 2 * shape.reduce((product, n) => product * n);
  header[name] = { dtype: 'BF16', shape, data_offsets: [start, end] };
}
let text = JSON.stringify(header);
text += ' '.repeat(-text.length & 7);
const size = Buffer.alloc(8);
size.writeBigUInt64LE(BigInt(text.length));

const file = fs.openSync(path.join(folder, 'model.safetensors'), 'w');
fs.writeSync(file, size);
fs.writeSync(file, text);
const block = madeUp();
const ones = Buffer.alloc(2 * dim);
for (let at = 0; at < ones.length; at += 2) ones.writeUInt16LE(0x3f80, at);
let from = 0;
for (const [, shape] of tensors) {
  if (shape.length === 1) fs.writeSync(file, ones);
  for (let left = shape.length === 2 ? 2 * shape[0] * shape[1] : 0; left > 0; ) {
    const n = Math.min(left, block.length - from);
    fs.writeSync(file, block, from, n);
    from = (from + n) % block.length;
    left -= n;
  }
}
fs.closeSync(file);
console.log(
  `${path.join(folder, 'model.safetensors')}: ${(8 + text.length + end).toLocaleString('en-US')} bytes`,
);
