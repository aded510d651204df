"""Writes tests/golden/tiny_*: small models with random weights, and what mlx_lm computes with them.

    python make_models.py [FOLDER]        default: the folder of this script

Each directory is a model as on Hugging Face (config.json, tokenizer.json, safetensors) or as
mlx_lm.convert writes it, plus what the tests expect:

    expected.json   prompt, ids (encoded, with special tokens), greedy_ids (what follows the prompt,
                    the end token left out), greedy_text, end ("end" or "length"), max_tokens,
                    margin (the smallest gap between the best two logits on the greedy path)
    logits.f32      float32 logits of every one of `ids`, (len(ids), vocab_size), little-endian

The logits are mlx_lm's on the CPU with every float parameter cast to float32, so that the
activations are float32 as in bitloss. The script checks them against a float64 forward pass
written below in numpy, and stops when they differ by more than 1e-3.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3,
transformers 5.23.0.
"""

import json
import shutil
import sys
from pathlib import Path

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten, tree_map
from mlx_lm import convert
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import load_model
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

mx.set_default_device(mx.cpu)

CORPUS = """
Once upon a time there was a small river that ran past a village. Every morning the children came
down to the water and counted the boats. One boat was red, one boat was blue, and one was so old
that nobody knew its colour. The old boat had a name, but the rain had washed the letters away.
"What is your name?" asked a girl. The boat said nothing, because boats do not speak; but the wind
moved the water, and the water moved the boat, and it sounded a little like a word. There are 12
months, 365 days and 1440 minutes in a day. 안녕하세요, 작은 강에 오신 것을 환영합니다. 오늘은 날씨가 좋습니다.
"""
PROMPT = "The old boat: 안녕, x = 12 → ü 🙂 and the wind"
N_CONTINUE = 24

VOCAB = 320
BOS, END, IM_START, IM_END = "<s>", "</s>", "<|im_start|>", "<|im_end|>"


def make_tokenizer(path, adds_bos):
    """A byte-level BPE of VOCAB entries: 4 special tokens, 256 bytes, 60 merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB,
        special_tokens=[BOS, END, IM_START, IM_END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([CORPUS], trainer)
    assert tokenizer.get_vocab_size() == VOCAB
    if adds_bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, 0)]
        )
    tokenizer.save(str(path / "tokenizer.json"))
    write_json(
        path / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": BOS,
            "eos_token": END,
            "model_max_length": 512,
        },
    )
    return tokenizer


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def shapes(c):
    """Name and shape of every tensor of a model with config c, in the files' order."""
    dim, ffn, hd = c["hidden_size"], c["intermediate_size"], head_dim(c)
    q, kv = c["num_attention_heads"] * hd, c["num_key_value_heads"] * hd
    attention_bias = c.get("attention_bias", False) or c["model_type"] == "qwen2"
    yield "model.embed_tokens.weight", (c["vocab_size"], dim)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        if c["model_type"] == "olmo2":
            yield p + "self_attn.q_norm.weight", (q,)
            yield p + "self_attn.k_norm.weight", (kv,)
            yield p + "post_feedforward_layernorm.weight", (dim,)
        else:
            yield p + "input_layernorm.weight", (dim,)
        for name, n_out, n_in in (("q", q, dim), ("k", kv, dim), ("v", kv, dim), ("o", dim, q)):
            yield p + f"self_attn.{name}_proj.weight", (n_out, n_in)
            if attention_bias and not (name == "o" and c["model_type"] == "qwen2"):
                yield p + f"self_attn.{name}_proj.bias", (n_out,)
        if c["model_type"] == "qwen3":
            yield p + "self_attn.q_norm.weight", (hd,)
            yield p + "self_attn.k_norm.weight", (hd,)
        yield p + "post_attention_layernorm.weight", (dim,)
        for name, n_out, n_in in (("gate", ffn, dim), ("up", ffn, dim), ("down", dim, ffn)):
            yield p + f"mlp.{name}_proj.weight", (n_out, n_in)
            if c.get("mlp_bias", False):
                yield p + f"mlp.{name}_proj.bias", (n_out,)
    yield "model.norm.weight", (dim,)
    if not c["tie_word_embeddings"]:
        yield "lm_head.weight", (c["vocab_size"], dim)


def head_dim(c):
    return c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]


def random_weights(c, seed, dtype):
    """Weights large enough that attention is not flat and that logits are well apart."""
    rng = np.random.default_rng(seed)
    weights = {}
    for name, shape in shapes(c):
        values = rng.standard_normal(shape)
        if name.endswith("norm.weight"):
            values = 1 + 0.2 * values
        elif name.endswith(".bias"):
            values = 0.5 * values
        elif "embed_tokens" in name:
            values = 0.5 * values
        elif "lm_head" in name:
            values = 6 / np.sqrt(shape[1]) * values
        else:
            values = 1.6 / np.sqrt(shape[1]) * values
        weights[name] = mx.array(values.astype(np.float32)).astype(dtype)
    return weights


def in_float32(model):
    floats = lambda x: x.astype(mx.float32) if mx.issubdtype(x.dtype, mx.floating) else x
    model.update(tree_map(floats, model.parameters()))
    mx.eval(model.parameters())
    return model


def load_as_float32(path):
    model, _ = load_model(path)
    return in_float32(model)


def yarn(scaling, inv, theta, hd):
    """Frequencies, and what cosines and sines are multiplied by: modeling_rope_utils.py."""

    def pair(turns):
        context = scaling["original_max_position_embeddings"]
        return hd * np.log(context / (turns * 2 * np.pi)) / (2 * np.log(theta))

    low, high = np.floor(pair(scaling["beta_fast"])), np.ceil(pair(scaling["beta_slow"]))
    low, high = max(low, 0), min(high, hd - 1)
    ramp = np.clip((np.arange(hd // 2) - low) / (high - low), 0, 1)
    return inv / scaling["factor"] * ramp + inv * (1 - ramp), 0.1 * np.log(scaling["factor"]) + 1


def forward_float64(c, weights, ids, states=None):
    """The same model in numpy float64: (n_ids, vocab_size). `states`, a list, gets the residual
    stream (n_ids, hidden_size) after the embedding and after each layer."""
    states = [] if states is None else states
    w = {k: np.array(v.astype(mx.float32)).astype(np.float64) for k, v in weights.items()}
    n, hd = len(ids), head_dim(c)
    n_heads, n_kv = c["num_attention_heads"], c["num_key_value_heads"]

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + c["rms_norm_eps"]) * w[name]

    def linear(x, name):
        y = x @ w[name + ".weight"].T
        return y + w[name + ".bias"] if name + ".bias" in w else y

    turned = int(hd * c.get("partial_rotary_factor", 1))
    inv = c["rope_theta"] ** (-np.arange(0, turned, 2) / turned)
    scaling = c.get("rope_scaling")
    if scaling and scaling["rope_type"] == "linear":
        inv = inv / scaling["factor"]
    elif scaling and scaling["rope_type"] == "llama3":
        turns = scaling["original_max_position_embeddings"] * inv / (2 * np.pi)
        low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
        keep = np.clip((turns - low) / (high - low), 0, 1)
        inv = inv * (keep + (1 - keep) / scaling["factor"])
    grows = 1
    if scaling and scaling["rope_type"] == "yarn":
        inv, grows = yarn(scaling, inv, c["rope_theta"], hd)
    if scaling and scaling["rope_type"] == "longrope":  # the prompt is longer than the original context
        original = c["original_max_position_embeddings"]
        inv = inv / scaling["long_factor"]
        grows = np.sqrt(1 + np.log(c["max_position_embeddings"] / original) / np.log(original))
    angles = np.arange(n)[:, None, None] * inv
    cos, sin = grows * np.cos(angles), grows * np.sin(angles)

    def rope(x):
        a, b = x[..., : turned // 2], x[..., turned // 2 : turned]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin, x[..., turned:]], -1)

    x = w["model.embed_tokens.weight"][ids] * c.get("embedding_multiplier", 1)
    states.append(x)
    mask = np.triu(np.full((n, n), -np.inf), 1)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        norms_after = c["model_type"] == "olmo2"
        h = x if norms_after else norm(x, p + "input_layernorm.weight")
        q = linear(h, p + "self_attn.q_proj").reshape(n, n_heads, hd)
        k = linear(h, p + "self_attn.k_proj").reshape(n, n_kv, hd)
        v = linear(h, p + "self_attn.v_proj").reshape(n, n_kv, hd)
        if norms_after:
            q = norm(q.reshape(n, -1), p + "self_attn.q_norm.weight").reshape(q.shape)
            k = norm(k.reshape(n, -1), p + "self_attn.k_norm.weight").reshape(k.shape)
        if c["model_type"] == "qwen3":
            q = norm(q, p + "self_attn.q_norm.weight")
            k = norm(k, p + "self_attn.k_norm.weight")
        if (i + 1) % c.get("no_rope_layer_interval", n + i) != 0:
            q, k = rope(q), rope(k)
        k, v = (np.repeat(t, n_heads // n_kv, axis=1) for t in (k, v))
        s = np.einsum("qhd,khd->hqk", q, k) * c.get("attention_multiplier", 1 / np.sqrt(hd)) + mask
        if c.get("layer_types", ["full_attention"] * (i + 1))[i] == "sliding_attention":
            s += np.tril(np.full((n, n), -np.inf), -c["sliding_window"])
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
        h = np.einsum("hqk,khd->qhd", s, v).reshape(n, -1)
        h = linear(h, p + "self_attn.o_proj") * c.get("residual_multiplier", 1)
        x = x + (norm(h, p + "post_attention_layernorm.weight") if norms_after else h)
        h = x if norms_after else norm(x, p + "post_attention_layernorm.weight")
        gate, up = linear(h, p + "mlp.gate_proj"), linear(h, p + "mlp.up_proj")
        h = linear(gate / (1 + np.exp(-gate)) * up, p + "mlp.down_proj")
        h = h * c.get("residual_multiplier", 1)
        x = x + (norm(h, p + "post_feedforward_layernorm.weight") if norms_after else h)
        states.append(x)
    output = "model.embed_tokens" if c["tie_word_embeddings"] else "lm_head"
    return linear(norm(x, "model.norm.weight"), output) / c.get("logits_scaling", 1)


def dequantized(model):
    """The model's parameters as plain matrices, by name, quantized ones decoded by MLX."""
    flat = dict(tree_flatten(model.parameters()))
    weights = {}
    for path, module in model.named_modules():
        if hasattr(module, "bits"):
            weights[path + ".weight"] = mx.dequantize(
                flat.pop(path + ".weight"),
                flat.pop(path + ".scales"),
                flat.pop(path + ".biases", None),
                group_size=module.group_size,
                bits=module.bits,
                mode=module.mode,
                dtype=mx.float32,
            )
    return {**flat, **weights}


def write_expected(path, tokenizer, config, ends_early=False):
    model = load_as_float32(path)
    ids = tokenizer.encode(PROMPT).ids

    logits = np.array(model(mx.array([ids]))[0])
    reference = forward_float64(config, dequantized(model), ids)
    worst = np.abs(logits - reference).max()
    assert worst < 1e-3, worst

    cache = make_prompt_cache(model)
    row = np.array(model(mx.array([ids]), cache=cache)[0, -1])
    greedy, margin = [], np.inf
    for _ in range(N_CONTINUE):
        best = np.sort(row)[-2:]
        margin = min(margin, float(best[1] - best[0]))
        greedy.append(int(row.argmax()))
        row = np.array(model(mx.array([greedy[-1:]]), cache=cache)[0, -1])
    if margin < 0.02 or len(set(greedy)) < 10 or "\0" in tokenizer.decode(greedy):
        raise BadSeed(f"margin {margin:.4f}, {len(set(greedy))} distinct ids")

    end = "length"
    if ends_early:  # declare a token on the way to be an end of text
        at = next(i for i in range(8, N_CONTINUE) if greedy.index(greedy[i]) == i)
        write_json(path / "generation_config.json", {"eos_token_id": [1, greedy[at]]})
        greedy, end = greedy[:at], "end"

    logits.astype("<f4").tofile(path / "logits.f32")
    write_json(
        path / "expected.json",
        {
            "prompt": PROMPT,
            "ids": ids,
            "greedy_ids": greedy,
            "greedy_text": tokenizer.decode(greedy, skip_special_tokens=True),
            "end": end,
            "max_tokens": N_CONTINUE,
            "margin": margin,
        },
    )
    size = sum(f.stat().st_size for f in path.iterdir())
    print(
        f"{path.name}: {size // 1024} KB, {len(ids)} ids, logits sd {logits.std():.2f}, "
        f"float64 differs by {worst:.1e}, margin {margin:.3f}, {len(set(greedy))} distinct ids"
    )


class BadSeed(Exception):
    """A greedy path that is a near tie somewhere, or that soon repeats itself, tests nothing; one
    with a NUL is awkward in C."""


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_act": "silu",
    "vocab_size": VOCAB,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "attention_bias": False,
    "mlp_bias": False,
}
QWEN = {
    "hidden_act": "silu",
    "vocab_size": VOCAB,
    "max_position_embeddings": 512,
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000.0,
    "bos_token_id": None,
    "eos_token_id": 1,
    "hidden_size": 64,
    "intermediate_size": 128,
    "use_sliding_window": False,
}

# Seeds were tried until the greedy path was a good one: see BadSeed.
SEEDS = {
    "tiny_olmo2": 1,
    "tiny_granite": 1,
    "tiny_smollm3": 1,
    "tiny_llama_yarn": 1,
    "tiny_llama_window": 1,
    "tiny_llama": 7,
    "tiny_llama3": 18,
    "tiny_llama_bias": 18,
    "tiny_qwen2": 15,
    "tiny_qwen3": 17,
}

VARIANTS = {
    "tiny_olmo2": {
        **LLAMA,
        "torch_dtype": "bfloat16",
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "tie_word_embeddings": False,
        "architectures": ["Olmo2ForCausalLM"],
        "model_type": "olmo2",
        "num_hidden_layers": 2,
    },
    "tiny_granite": {
        **LLAMA,
        "torch_dtype": "bfloat16",
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "tie_word_embeddings": True,
        "architectures": ["GraniteForCausalLM"],
        "model_type": "granite",
        "num_hidden_layers": 2,
        "embedding_multiplier": 0.75,
        "attention_multiplier": 0.125,
        "residual_multiplier": 0.875,
        "logits_scaling": 0.5,
    },
    # The fourth layer has no rotary positions.
    "tiny_smollm3": {
        **LLAMA,
        "torch_dtype": "bfloat16",
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "tie_word_embeddings": True,
        "architectures": ["SmolLM3ForCausalLM"],
        "model_type": "smollm3",
        "num_hidden_layers": 4,
        "no_rope_layer_interval": 4,
    },
    # Yarn's rescaled frequencies, with all of its settings.
    "tiny_llama_yarn": {
        **LLAMA,
        "torch_dtype": "bfloat16",
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "tie_word_embeddings": True,
        "rope_scaling": {
            "rope_type": "yarn",
            "factor": 4.0,
            "original_max_position_embeddings": 64,
            "beta_fast": 8,
            "beta_slow": 1,
        },
    },
    # A window in one of two layers, shorter than the prompt.
    "tiny_llama_window": {
        **LLAMA,
        "torch_dtype": "bfloat16",
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "tie_word_embeddings": True,
        "sliding_window": 6,
        "layer_types": ["sliding_attention", "full_attention"],
    },
    # Grouped-query attention, tied, every dimension a multiple of 128.
    "tiny_llama": {
        **LLAMA,
        "torch_dtype": "float32",
        "hidden_size": 128,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "tie_word_embeddings": True,
    },
    # Rescaled rotary frequencies, an output matrix of its own.
    "tiny_llama3": {
        **LLAMA,
        "torch_dtype": "bfloat16",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 3,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 32,
        "tie_word_embeddings": False,
        "rope_theta": 10000.0,
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 128,
        },
    },
    # Biases everywhere, heads that together are wider than the model, linear rope scaling.
    "tiny_llama_bias": {
        **LLAMA,
        "torch_dtype": "float16",
        "hidden_size": 96,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 3,
        "num_key_value_heads": 1,
        "head_dim": 64,
        "tie_word_embeddings": True,
        "attention_bias": True,
        "mlp_bias": True,
        "rope_scaling": {"rope_type": "linear", "factor": 2.0},
    },
    "tiny_qwen2": {
        **QWEN,
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "torch_dtype": "bfloat16",
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "tie_word_embeddings": True,
    },
    "tiny_qwen3": {
        **QWEN,
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "torch_dtype": "bfloat16",
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "attention_bias": False,
        "tie_word_embeddings": True,
    },
}


def make_model(folder, name, config, seed, ends_early=False):
    path = fresh(folder / name)
    write_json(path / "config.json", config)
    tokenizer = make_tokenizer(path, adds_bos=config["model_type"] == "llama")
    weights = random_weights(config, seed, getattr(mx, config["torch_dtype"]))
    mx.save_safetensors(str(path / "model.safetensors"), weights, metadata={"format": "pt"})
    write_expected(path, tokenizer, config, ends_early)


def make_sharded(folder):
    """tiny_llama in two files."""
    source, path = folder / "tiny_llama", fresh(folder / "tiny_llama_sharded")
    config = VARIANTS["tiny_llama"]
    write_json(path / "config.json", config)
    tokenizer = make_tokenizer(path, adds_bos=True)
    weights = mx.load(str(source / "model.safetensors"))
    names = sorted(weights)
    halves = names[: len(names) // 2], names[len(names) // 2 :]
    index = {"metadata": {"total_size": sum(w.nbytes for w in weights.values())}, "weight_map": {}}
    for i, half in enumerate(halves):
        file_name = f"model-{i + 1:05d}-of-00002.safetensors"
        mx.save_safetensors(
            str(path / file_name), {n: weights[n] for n in half}, metadata={"format": "pt"}
        )
        index["weight_map"].update({n: file_name for n in half})
    write_json(path / "model.safetensors.index.json", index)
    write_expected(path, tokenizer, config)


def make_quantized(folder, name, source, **settings):
    """A directory written by mlx_lm.convert."""
    path = folder / name
    shutil.rmtree(path, ignore_errors=True)
    convert(str(folder / source), str(path), quantize=True, **settings)
    for extra in ("README.md", "expected.json", "logits.f32"):
        (path / extra).unlink(missing_ok=True)
    tokenizer = Tokenizer.from_file(str(folder / source / "tokenizer.json"))
    write_expected(path, tokenizer, json.loads((path / "config.json").read_text()))


def mixed(path, module):
    """A setting of its own for some modules, and one left as it was."""
    if path.endswith("layers.1.self_attn.v_proj"):
        return False
    if path.endswith("layers.0.mlp.down_proj"):
        return {"group_size": 32, "bits": 8}
    if path.endswith("embed_tokens"):
        return {"group_size": 128, "bits": 5}
    return True


def floating_point(path, module):
    """Each of MLX's floating-point modes, affine, and one module left as it was."""
    if path.endswith("layers.1.self_attn.q_proj"):
        return False
    if path.endswith("v_proj"):
        return {"group_size": 32, "bits": 8, "mode": "mxfp8"}
    if path.endswith("down_proj"):
        return {"group_size": 16, "bits": 4, "mode": "nvfp4"}
    if path.endswith("embed_tokens"):
        return {"group_size": 64, "bits": 8, "mode": "affine"}
    return True


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, config in VARIANTS.items():
        make_model(folder, name, config, SEEDS[name], ends_early=name == "tiny_llama3")
    make_sharded(folder)
    make_quantized(folder, "tiny_llama_mlx4", "tiny_llama", q_bits=4, q_group_size=64)
    make_quantized(
        folder, "tiny_llama_mlx_mixed", "tiny_llama",
        q_bits=4, q_group_size=64, quant_predicate=mixed, dtype="bfloat16",
    )
    make_quantized(
        folder, "tiny_llama_mlx_fp", "tiny_llama",
        q_mode="mxfp4", quant_predicate=floating_point, dtype="bfloat16",
    )


if __name__ == "__main__":
    main()
