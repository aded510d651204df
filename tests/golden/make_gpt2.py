"""Writes tests/golden/tiny_gpt2*: small GPT-2 models with random weights, and what mlx_lm computes.

    python make_gpt2.py [FOLDER]        default: the folder of this script

tiny_gpt2 is a model as transformers saves it (names begin with "transformer.", matrices lie
(in, out)); tiny_gpt2_bare one with the names that openai-community/gpt2 has, without the prefix and
with the masks that older versions of transformers kept; tiny_gpt2_mlx4 is what mlx_lm.convert makes
of tiny_gpt2; tiny_gguf/tiny_gpt2.gguf has its weights, written by the `gguf` library under the names
and in the types that llama.cpp's convert_hf_to_gguf.py gives (matrices (out, in), positions and
vectors float32). expected.json and logits.f32 are as in make_models.py: mlx_lm's, in float32, checked
against the float64 forward pass below.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3,
transformers 5.24.0, gguf 0.19.0.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import gguf
import make_models
import mlx.core as mx
import numpy as np
from make_models import BOS, END, VOCAB, BadSeed, fresh, make_tokenizer, write_expected, write_json
from mlx_lm import convert
from tokenizers import Tokenizer

SEEDS = {"tiny_gpt2": 3, "tiny_gpt2_bare": 3}
COMMON = {
    "architectures": ["GPT2LMHeadModel"],
    "model_type": "gpt2",
    "activation_function": "gelu_new",
    "vocab_size": VOCAB,
    "n_positions": 128,
    "n_ctx": 128,
    "layer_norm_epsilon": 1e-5,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "torch_dtype": "float16",
}
CONFIGS = {
    "tiny_gpt2": {**COMMON, "n_embd": 64, "n_head": 4, "n_layer": 2},
    "tiny_gpt2_bare": {**COMMON, "n_embd": 32, "n_head": 2, "n_layer": 1, "n_inner": None},
}


def shapes(c):
    """Name and shape, as on Hugging Face and without the prefix."""
    dim = c["n_embd"]
    yield "wte.weight", (c["vocab_size"], dim)
    yield "wpe.weight", (c["n_positions"], dim)
    for i in range(c["n_layer"]):
        for name, n_in, n_out in (
            ("attn.c_attn", dim, 3 * dim),
            ("attn.c_proj", dim, dim),
            ("mlp.c_fc", dim, 4 * dim),
            ("mlp.c_proj", 4 * dim, dim),
        ):
            yield f"h.{i}.{name}.weight", (n_in, n_out)
            yield f"h.{i}.{name}.bias", (n_out,)
        for name in ("ln_1", "ln_2"):
            yield f"h.{i}.{name}.weight", (dim,)
            yield f"h.{i}.{name}.bias", (dim,)
    yield "ln_f.weight", (dim,)
    yield "ln_f.bias", (dim,)


def random_weights(c, seed):
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes(c):
        values = rng.standard_normal(shape)
        if name.startswith("w"):
            values = (0.5 if name.startswith("wte") else 1.0) * values
        elif ".ln_" in name or name.startswith("ln_"):
            values = 0.3 * values + (1 if name.endswith("weight") else 0)
        elif name.endswith(".bias"):
            values = 0.3 * values
        else:
            values = 2.0 / np.sqrt(shape[0]) * values
        weights[name] = values.astype(np.float16)
    return weights


def forward_float64(c, weights, ids, states=None):
    """In numpy float64, of weights as mlx_lm holds them: (n_ids, vocab_size)."""
    w = {k: np.array(v.astype(mx.float32)).astype(np.float64) for k, v in weights.items()}
    n, n_heads, hd = len(ids), c["n_head"], c["n_embd"] // c["n_head"]

    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(-1, keepdims=True) + c["layer_norm_epsilon"])
        return centred / scale * w[name + ".weight"] + w[name + ".bias"]

    def linear(x, name):
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    x = w["model.wte.weight"][ids] + w["model.wpe.weight"][np.arange(n)]
    mask = np.triu(np.full((n, n), -np.inf), 1)
    for i in range(c["n_layer"]):
        p = f"model.h.{i}."
        qkv = linear(norm(x, p + "ln_1"), p + "attn.c_attn")
        q, k, v = (t.reshape(n, n_heads, hd) for t in np.split(qkv, 3, -1))
        s = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(hd) + mask
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
        x = x + linear(np.einsum("hqk,khd->qhd", s, v).reshape(n, -1), p + "attn.c_proj")
        h = linear(norm(x, p + "ln_2"), p + "mlp.c_fc")
        h = 0.5 * h * (1 + np.tanh(np.sqrt(2 / np.pi) * (h + 0.044715 * h**3)))
        x = x + linear(h, p + "mlp.c_proj")
    return norm(x, "model.ln_f") @ w["model.wte.weight"].T


make_models.forward_float64 = forward_float64


def save(path, weights):
    arrays = {k: mx.array(v) for k, v in weights.items()}
    mx.save_safetensors(str(path / "model.safetensors"), arrays, metadata={"format": "pt"})


def make_model(folder, name, prefix, with_masks):
    config, weights = CONFIGS[name], random_weights(CONFIGS[name], SEEDS[name])
    path = fresh(folder / name)
    write_json(path / "config.json", config)
    tokenizer = make_tokenizer(path, adds_bos=False)
    save(path, weights)  # under the names that mlx_lm reads
    write_expected(path, tokenizer, config)
    written = {prefix + k: v for k, v in weights.items()}
    for i in range(config["n_layer"] if with_masks else 0):
        mask = np.tril(np.ones((16, 16), np.float16))
        written[f"{prefix}h.{i}.attn.bias"] = mask.reshape(1, 1, 16, 16)
        written[f"{prefix}h.{i}.attn.masked_bias"] = np.float16(-10000).reshape(())
    save(path, written)
    return weights


def make_mlx(folder, weights):
    path = folder / "tiny_gpt2_mlx4"
    shutil.rmtree(path, ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "tiny_gpt2"
        shutil.copytree(folder / "tiny_gpt2", source)
        save(source, weights)
        convert(str(source), str(path), quantize=True, q_bits=4, q_group_size=32)
    for extra in ("README.md", "expected.json", "logits.f32"):
        (path / extra).unlink(missing_ok=True)
    tokenizer = Tokenizer.from_file(str(folder / "tiny_gpt2" / "tokenizer.json"))
    write_expected(path, tokenizer, json.loads((path / "config.json").read_text()))


NAMES = {
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
    "ln_1": "attn_norm",
    "ln_2": "ffn_norm",
}


def gguf_name(name):
    module, kind = name.rsplit(".", 1)
    outside = {"wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm"}
    if module in outside:
        return f"{outside[module]}.{kind}"
    _, layer, rest = module.split(".", 2)
    return f"blk.{layer}.{NAMES[rest]}.{kind}"


def make_gguf(folder, weights):
    c = CONFIGS["tiny_gpt2"]
    writer = gguf.GGUFWriter(str(folder / "tiny_gguf" / "tiny_gpt2.gguf"), "gpt2")
    writer.add_name("Tiny GPT-2")
    writer.add_block_count(c["n_layer"])
    writer.add_context_length(c["n_ctx"])
    writer.add_embedding_length(c["n_embd"])
    writer.add_feed_forward_length(4 * c["n_embd"])
    writer.add_head_count(c["n_head"])
    writer.add_layer_norm_eps(c["layer_norm_epsilon"])
    tokenizer = json.loads((folder / "tiny_gpt2" / "tokenizer.json").read_text())
    special = {t["content"]: t["id"] for t in tokenizer["added_tokens"]}
    vocab = {**tokenizer["model"]["vocab"], **special}
    by_id = sorted(vocab, key=vocab.get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(by_id)
    writer.add_token_types([3 if t in special else 1 for t in by_id])
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_bos_token_id(special[BOS])
    writer.add_eos_token_id(special[END])
    writer.add_add_bos_token(False)
    for name, values in weights.items():
        if any(f".{module}.weight" in name for module in ("c_attn", "c_proj", "c_fc")):
            values = values.T
        if values.ndim == 1 or name.startswith("wpe"):
            values = values.astype(np.float32)
        writer.add_tensor(gguf_name(name), np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    weights = make_model(folder, "tiny_gpt2", "transformer.", with_masks=False)
    make_model(folder, "tiny_gpt2_bare", "", with_masks=True)
    make_mlx(folder, weights)
    make_gguf(folder, weights)


if __name__ == "__main__":
    main()
