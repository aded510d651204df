/* A model so large that a command takes a while over it, and that takes no room on the disk. */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/* A Llama of 4 GB, or 100 MB a layer, so that converting it takes a while; its weights are zeros
 * that take no room on the disk. */
export function makeLarge(path, layers = 40) {
  const [dim, ffn, vocab] = [2048, 5504, 2048];
  mkdirSync(path);
  writeFileSync(
    join(path, 'config.json'),
    JSON.stringify({
      model_type: 'llama',
      hidden_size: dim,
      num_hidden_layers: layers,
      intermediate_size: ffn,
      num_attention_heads: 16,
      num_key_value_heads: 16,
      vocab_size: vocab,
      rms_norm_eps: 1e-5,
      max_position_embeddings: 512,
      tie_word_embeddings: true,
      torch_dtype: 'bfloat16',
    }),
  );
  const shapes = { 'model.embed_tokens.weight': [vocab, dim], 'model.norm.weight': [dim] };
  for (let i = 0; i < layers; i++) {
    const p = `model.layers.${i}.`;
    for (const name of ['q', 'k', 'v', 'o'])
      shapes[`${p}self_attn.${name}_proj.weight`] = [dim, dim];
    for (const name of ['gate', 'up']) shapes[`${p}mlp.${name}_proj.weight`] = [ffn, dim];
    shapes[`${p}mlp.down_proj.weight`] = [dim, ffn];
    shapes[`${p}input_layernorm.weight`] = shapes[`${p}post_attention_layernorm.weight`] = [dim];
  }
  let at = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const from = at;
    at += 2 * shape.reduce((a, b) => a * b);
    return [name, { dtype: 'BF16', shape, data_offsets: [from, at] }];
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(join(path, 'model.safetensors'), 'w');
  writeSync(file, Buffer.concat([size, text]));
  ftruncateSync(file, 8 + text.length + at);
  closeSync(file);
}
