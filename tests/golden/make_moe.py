"""Writes tests/golden/tiny_mixtral, tiny_qwen3_moe, tiny_qwen3_moe_mlx4 and two files in tiny_gguf: small models
with experts and random weights, and what mlx_lm computes with them.

    python make_moe.py [FOLDER]        default: the folder of this script

Experts lie one by one in the first two, as transformers saves them; together in the directory that mlx_lm
quantized, whose router has 8 bits, and in the GGUF files, whose names are llama.cpp's convert_hf_to_gguf.py's.
tests/peers/transformers_logits.py holds the logits against transformers.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3, gguf 0.19.0.
"""

import sys
from pathlib import Path

import gguf
import make_models
import mlx.core as mx
import numpy as np
from make_exaone import write_tokenizer
from make_models import LLAMA, BadSeed, fresh, make_tokenizer, write_expected, write_json
from mlx_lm.utils import load_model, quantize_model, save_config, save_model

COMMON = {
    **LLAMA,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": False,
    "num_experts_per_tok": 2,
    "torch_dtype": "bfloat16",
}
MIXTRAL = {
    **COMMON,
    "architectures": ["MixtralForCausalLM"],
    "model_type": "mixtral",
    "intermediate_size": 64,
    "num_local_experts": 4,
    "sliding_window": None,
}
QWEN3 = {
    **COMMON,
    "architectures": ["Qwen3MoeForCausalLM"],
    "model_type": "qwen3_moe",
    "head_dim": 32,
    "intermediate_size": 96,
    "moe_intermediate_size": 32,
    "num_experts": 6,
    "num_experts_per_tok": 3,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
    "norm_topk_prob": True,
}
MODELS = {"tiny_mixtral": MIXTRAL, "tiny_qwen3_moe": QWEN3}
MATRICES = {"gate_proj": ("w1", "ffn_gate"), "up_proj": ("w3", "ffn_up"), "down_proj": ("w2", "ffn_down")}


def is_mixtral(c):
    return c["model_type"] == "mixtral"


def sizes(c):
    """Of a head, of an expert, and how many of them."""
    if is_mixtral(c):
        return c["hidden_size"] // c["num_attention_heads"], c["intermediate_size"], c["num_local_experts"]
    return c["head_dim"], c["moe_intermediate_size"], c["num_experts"]


def moe_prefix(c, layer):
    return f"model.layers.{layer}." + ("block_sparse_moe." if is_mixtral(c) else "mlp.")


def shapes(c):
    head, ffn, n = sizes(c)
    dim, kv, q = c["hidden_size"], c["num_key_value_heads"] * head, c["num_attention_heads"] * head
    yield "model.embed_tokens.weight", (c["vocab_size"], dim)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        for name, shape in (("q", (q, dim)), ("k", (kv, dim)), ("v", (kv, dim)), ("o", (dim, q))):
            yield f"{p}self_attn.{name}_proj.weight", shape
        if not is_mixtral(c):
            yield p + "self_attn.q_norm.weight", (head,)
            yield p + "self_attn.k_norm.weight", (head,)
        yield moe_prefix(c, i) + "gate.weight", (n, dim)
        for e in range(n):
            for name, (short, _) in MATRICES.items():
                shape = (dim, ffn) if name == "down_proj" else (ffn, dim)
                yield f"{moe_prefix(c, i)}experts.{e}.{short if is_mixtral(c) else name}.weight", shape
        yield p + "input_layernorm.weight", (dim,)
        yield p + "post_attention_layernorm.weight", (dim,)
    yield "model.norm.weight", (dim,)
    yield "lm_head.weight", (c["vocab_size"], dim)


def forward_float64(c, weights, ids, states=None):
    """The logits at every position, in float64, of weights under mlx_lm's names."""
    w = {k: np.array(v.astype(mx.float32)).astype(np.float64) for k, v in weights.items()}
    head, _, n_experts = sizes(c)
    heads, kv_heads, n = c["num_attention_heads"], c["num_key_value_heads"], len(ids)
    norm = lambda x, name: x / np.sqrt((x**2).mean(-1, keepdims=True) + c["rms_norm_eps"]) * w[name + ".weight"]
    angles = np.outer(np.arange(n), c["rope_theta"] ** (-np.arange(0, head, 2) / head))[:, None]
    cos, sin = np.cos(angles), np.sin(angles)

    def rope(x):
        a, b = np.split(x, 2, -1)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        h = norm(x, p + "input_layernorm")
        q, k, v = (
            (h @ w[f"{p}self_attn.{name}_proj.weight"].T).reshape(n, -1, head) for name in ("q", "k", "v")
        )
        if not is_mixtral(c):
            q, k = norm(q, p + "self_attn.q_norm"), norm(k, p + "self_attn.k_norm")
        k, v = (np.repeat(t, heads // kv_heads, axis=1) for t in (rope(k), v))
        s = np.einsum("qhd,khd->hqk", rope(q), k) / np.sqrt(head) + np.triu(np.full((n, n), -np.inf), 1)
        s = np.exp(s - s.max(-1, keepdims=True))
        mixed = np.einsum("hqk,khd->qhd", s / s.sum(-1, keepdims=True), v).reshape(n, -1)
        x = x + mixed @ w[p + "self_attn.o_proj.weight"].T
        h = norm(x, p + "post_attention_layernorm")
        m = moe_prefix(c, i)
        shares = np.exp(h @ w[m + "gate.weight"].T)
        shares /= shares.sum(-1, keepdims=True)
        chosen = np.argsort(-shares, -1)[:, : c["num_experts_per_tok"]]
        out = np.zeros_like(x)
        for t in range(n):
            total = shares[t, chosen[t]].sum() if c.get("norm_topk_prob", True) else 1
            for e in chosen[t]:
                gate, up, down = (w[f"{m}switch_mlp.{name}.weight"][e] for name in MATRICES)
                g = gate @ h[t]
                out[t] += shares[t, e] / total * (down @ (g / (1 + np.exp(-g)) * (up @ h[t])))
        x = x + out
    return norm(x, "model.norm") @ w["lm_head.weight"].T


make_models.shapes = shapes
make_models.forward_float64 = forward_float64


def gguf_name(name):
    names = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    module = name.removesuffix(".weight")
    if module in names:
        return names[module] + ".weight"
    _, _, layer, rest = module.split(".", 3)
    rest = {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "self_attn.q_norm": "attn_q_norm",
        "self_attn.k_norm": "attn_k_norm",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }.get(rest, "ffn_gate_inp")
    return f"blk.{layer}.{rest}.weight"


def make_gguf(path, c, weights, target):
    head, ffn, n_experts = sizes(c)
    writer = gguf.GGUFWriter(str(target), "llama" if is_mixtral(c) else "qwen3moe")
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_feed_forward_length(c["intermediate_size"])
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(c["num_key_value_heads"])
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(c["rope_theta"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_vocab_size(c["vocab_size"])
    writer.add_expert_count(n_experts)
    writer.add_expert_used_count(c["num_experts_per_tok"])
    if not is_mixtral(c):
        writer.add_expert_feed_forward_length(ffn)
    write_tokenizer(writer, path)
    values = {k: np.array(v.astype(mx.float32)) for k, v in weights.items()}
    for i in range(c["num_hidden_layers"]):
        for name, (short, long) in MATRICES.items():
            own = short if is_mixtral(c) else name
            stack = [values.pop(f"{moe_prefix(c, i)}experts.{e}.{own}.weight") for e in range(n_experts)]
            writer.add_tensor(f"blk.{i}.{long}_exps.weight", np.stack(stack).astype(np.float16))
    for name, value in values.items():
        if is_mixtral(c) and (".q_proj" in name or ".k_proj" in name):
            rows, cols = value.shape
            value = value.reshape(rows // head, 2, head // 2, cols).swapaxes(1, 2).reshape(rows, cols)
        is_float32 = value.ndim == 1 or gguf_name(name).endswith("ffn_gate_inp.weight")
        writer.add_tensor(gguf_name(name), np.ascontiguousarray(value.astype(np.float32 if is_float32 else np.float16)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, config in MODELS.items():
        for seed in range(1, 60):
            path = fresh(folder / name)
            write_json(path / "config.json", config)
            tokenizer = make_tokenizer(path, adds_bos=False)
            weights = make_models.random_weights(config, seed, mx.bfloat16)
            # What GGUF's float16 holds, so that both containers have the same weights.
            weights = {k: v.astype(mx.float16).astype(mx.bfloat16) for k, v in weights.items()}
            mx.save_safetensors(str(path / "model.safetensors"), weights, metadata={"format": "pt"})
            try:
                write_expected(path, tokenizer, config)
                break
            except BadSeed as error:
                print(f"{name}, seed {seed}: {error}")
        make_gguf(path, config, weights, folder / "tiny_gguf" / f"{name}.gguf")
    model, config = load_model(folder / "tiny_qwen3_moe")
    model, config = quantize_model(model, config, group_size=32, bits=4)
    path = fresh(folder / "tiny_qwen3_moe_mlx4")
    save_model(path, model)
    save_config(config, path / "config.json")
    tokenizer = make_tokenizer(path, adds_bos=False)
    write_expected(path, tokenizer, QWEN3)


if __name__ == "__main__":
    main()
