"""Writes tests/golden/tiny_gemma3 and tiny_gguf/tiny_gemma3.gguf, and the same of tiny_gemma2: small
Gemma models with random weights, and what mlx_lm computes with them.

    python make_gemma.py [FOLDER]        default: the folder of this script

The window is shorter than the prompt. A width of 64 has a root that bfloat16 holds: mlx_lm rounds it to
that type, transformers and llama.cpp do not. expected.json and logits.f32 are as in make_models.py:
mlx_lm's, in float32, checked against the float64 forward pass below. The GGUF files have the names that
llama.cpp's convert_hf_to_gguf.py gives, and 1 added to the weights of norms.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3, gguf 0.19.0.
"""

import json
import sys
from pathlib import Path

import gguf
import make_models
import mlx.core as mx
import numpy as np
from make_exaone import write_tokenizer
from make_models import VOCAB, BadSeed, fresh, make_tokenizer, write_expected, write_json

COMMON = {
    "hidden_activation": "gelu_pytorch_tanh",
    "vocab_size": VOCAB,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-6,
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "sliding_window": 8,
    "attention_bias": False,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "torch_dtype": "bfloat16",
}
CONFIGS = {
    "tiny_gemma3": {
        **COMMON,
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        "num_hidden_layers": 6,
        "query_pre_attn_scalar": 16,
        "sliding_window_pattern": 6,
        "rope_theta": 1000000.0,
        "rope_local_base_freq": 10000.0,
        "rope_scaling": {"rope_type": "linear", "factor": 8.0},
    },
    "tiny_gemma2": {
        **COMMON,
        "architectures": ["Gemma2ForCausalLM"],
        "model_type": "gemma2",
        "num_hidden_layers": 2,
        "query_pre_attn_scalar": 16,
        "sliding_window": 64,  # mlx_lm lets Gemma 2 look back over all
        "rope_theta": 10000.0,
        "attn_logit_softcapping": 2.0,
        "final_logit_softcapping": 5.0,
    },
}
GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def shapes(c):
    dim, ffn, hd = c["hidden_size"], c["intermediate_size"], c["head_dim"]
    q, kv = c["num_attention_heads"] * hd, c["num_key_value_heads"] * hd
    yield "model.embed_tokens.weight", (c["vocab_size"], dim)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        for name in ("input", "post_attention", "pre_feedforward", "post_feedforward"):
            yield p + f"{name}_layernorm.weight", (dim,)
        for name, n_out, n_in in (("q", q, dim), ("k", kv, dim), ("v", kv, dim), ("o", dim, q)):
            yield p + f"self_attn.{name}_proj.weight", (n_out, n_in)
        if c["model_type"] == "gemma3_text":
            yield p + "self_attn.q_norm.weight", (hd,)
            yield p + "self_attn.k_norm.weight", (hd,)
        for name, n_out, n_in in (("gate", ffn, dim), ("up", ffn, dim), ("down", dim, ffn)):
            yield p + f"mlp.{name}_proj.weight", (n_out, n_in)
    yield "model.norm.weight", (dim,)


def random_weights(c, seed):
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes(c):
        scale = 0.2 if len(shape) == 1 else 0.05 if "embed" in name else 1.6 / np.sqrt(shape[1])
        values = scale * rng.standard_normal(shape) + (4 if name == "model.norm.weight" else 0)
        weights[name] = mx.array(values.astype(np.float32)).astype(mx.bfloat16)
    return weights


def forward_float64(c, weights, ids, states=None):
    w = {k: np.array(v.astype(mx.float32)).astype(np.float64) for k, v in weights.items()}
    n, hd, is_3 = len(ids), c["head_dim"], c["model_type"] == "gemma3_text"
    n_heads, n_kv = c["num_attention_heads"], c["num_key_value_heads"]
    at = np.arange(n)

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + c["rms_norm_eps"]) * (1 + w[name + ".weight"])

    def rope(x, inv):
        angles = at[:, None, None] * inv
        cos, sin = np.cos(angles), np.sin(angles)
        a, b = x[..., : hd // 2], x[..., hd // 2 :]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def cap(x, key):
        return c[key] * np.tanh(x / c[key]) if c.get(key) else x

    x = w["model.embed_tokens.weight"][ids] * np.sqrt(c["hidden_size"])
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        is_global = (i + 1) % (c["sliding_window_pattern"] if is_3 else 2) == 0
        theta = c["rope_local_base_freq"] if is_3 and not is_global else c["rope_theta"]
        inv = theta ** (-np.arange(0, hd, 2) / hd)
        if is_3 and is_global:
            inv = inv / c["rope_scaling"]["factor"]
        h = norm(x, p + "input_layernorm")
        q, k, v = (
            (h @ w[p + f"self_attn.{name}_proj.weight"].T).reshape(n, -1, hd) for name in ("q", "k", "v")
        )
        if is_3:
            q, k = norm(q, p + "self_attn.q_norm"), norm(k, p + "self_attn.k_norm")
        q, k = rope(q, inv), rope(k, inv)
        k, v = (np.repeat(t, n_heads // n_kv, axis=1) for t in (k, v))
        s = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(c["query_pre_attn_scalar"])
        s = cap(s, "attn_logit_softcapping")
        seen = at[None, :] <= at[:, None]
        if not is_global:
            seen &= at[None, :] > at[:, None] - c["sliding_window"]
        s = np.where(seen, s, -np.inf)
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
        h = np.einsum("hqk,khd->qhd", s, v).reshape(n, -1)
        x = x + norm(h @ w[p + "self_attn.o_proj.weight"].T, p + "post_attention_layernorm")
        h = norm(x, p + "pre_feedforward_layernorm")
        g, u = (h @ w[p + f"mlp.{name}_proj.weight"].T for name in ("gate", "up"))
        g = g / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (g + 0.044715 * g**3)))
        x = x + norm((g * u) @ w[p + "mlp.down_proj.weight"].T, p + "post_feedforward_layernorm")
    return cap(norm(x, "model.norm") @ w["model.embed_tokens.weight"].T, "final_logit_softcapping")


make_models.forward_float64 = forward_float64


def gguf_name(name):
    module = name.removesuffix(".weight")
    if not module.startswith("model.layers."):
        return {"model.embed_tokens": "token_embd", "model.norm": "output_norm"}[module] + ".weight"
    _, _, layer, rest = module.split(".", 3)
    return f"blk.{layer}.{GGUF_NAMES[rest]}.weight"


def make_gguf(folder, name, c, weights):
    arch = {"gemma3_text": "gemma3", "gemma2": "gemma2"}[c["model_type"]]
    writer = gguf.GGUFWriter(str(folder / "tiny_gguf" / f"{name}.gguf"), arch)
    writer.add_name("Tiny Gemma")
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(c["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_key_length(c["head_dim"])
    writer.add_value_length(c["head_dim"])
    writer.add_sliding_window(c["sliding_window"])
    if arch == "gemma3":
        writer.add_rope_freq_base(c["rope_theta"])
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(c["rope_scaling"]["factor"])
    else:
        writer.add_attn_logit_softcapping(c["attn_logit_softcapping"])
        writer.add_final_logit_softcapping(c["final_logit_softcapping"])
    write_tokenizer(writer, folder / name)
    for key, value in weights.items():
        array = np.array(value.astype(mx.float32))
        # bf16 numbers, which f16 holds but for the smallest
        array = array.astype(np.float16) if array.ndim == 2 else array + np.float32(1)
        writer.add_tensor(gguf_name(key), array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, config in CONFIGS.items():
        for seed in range(1, 400):
            path = fresh(folder / name)
            write_json(path / "config.json", config)
            tokenizer = make_tokenizer(path, adds_bos=False)
            weights = random_weights(config, seed)
            mx.save_safetensors(str(path / "model.safetensors"), weights, metadata={"format": "pt"})
            try:
                write_expected(path, tokenizer, config)
                if min(json.loads((path / "expected.json").read_text())["greedy_ids"]) < 4:
                    raise BadSeed("a special token, at which llama.cpp stops")
            except BadSeed:
                continue
            make_gguf(folder, name, config, weights)
            break


if __name__ == "__main__":
    main()
