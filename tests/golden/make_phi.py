"""Writes tests/golden/tiny_phi3: a small Phi-3 with random weights, and what mlx_lm computes with it.

    python make_phi.py [FOLDER]        default: the folder of this script

Its block is Llama's with fused matrices, so the weights and the float64 check are those of
make_models.py, joined. Three quarters of each head are turned, and the prompt is longer than the original
context: mlx_lm has the long factors for every text, transformers for such a one.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3.
"""

import sys
from pathlib import Path

import make_models
import mlx.core as mx
from make_models import LLAMA, BadSeed, fresh, make_tokenizer, random_weights, write_expected, write_json

FACTORS = [1.0, 1.5, 2.0, 3.0, 4.0, 8.0]
CONFIG = {
    **LLAMA,
    "architectures": ["Phi3ForCausalLM"],
    "model_type": "phi3",
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "max_position_embeddings": 128,
    "original_max_position_embeddings": 32,
    "partial_rotary_factor": 0.75,
    "rope_scaling": {
        "type": "longrope",
        "rope_type": "longrope",
        "long_factor": FACTORS,
        "short_factor": [1.0, 1.0, 1.1, 1.2, 1.3, 1.4],
    },
}
FUSED = {
    "self_attn.qkv_proj": ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"],
    "mlp.gate_up_proj": ["mlp.gate_proj", "mlp.up_proj"],
}


def joined(weights):
    result = {k: v for k, v in weights.items() if not any(p in k for ps in FUSED.values() for p in ps)}
    for i in range(CONFIG["num_hidden_layers"]):
        for whole, parts in FUSED.items():
            rows = [weights[f"model.layers.{i}.{part}.weight"] for part in parts]
            result[f"model.layers.{i}.{whole}.weight"] = mx.concatenate(rows)
    return result


def parted(weights):
    dim, kv, ffn = CONFIG["hidden_size"], CONFIG["hidden_size"] // 2, CONFIG["intermediate_size"]
    result = dict(weights)
    for i in range(CONFIG["num_hidden_layers"]):
        for whole, cuts in (("self_attn.qkv_proj", [dim, dim + kv]), ("mlp.gate_up_proj", [ffn])):
            parts = mx.split(result.pop(f"model.layers.{i}.{whole}.weight"), cuts)
            for name, part in zip(FUSED[whole], parts):
                result[f"model.layers.{i}.{name}.weight"] = part
    return result


def forward_float64(config, weights, ids, states=None):
    return llama_float64(config, parted(weights), ids, states)


llama_float64 = make_models.forward_float64
make_models.forward_float64 = forward_float64


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for seed in range(1, 60):
        path = fresh(folder / "tiny_phi3")
        write_json(path / "config.json", CONFIG)
        tokenizer = make_tokenizer(path, adds_bos=False)
        weights = joined(random_weights(CONFIG, seed, mx.bfloat16))
        mx.save_safetensors(str(path / "model.safetensors"), weights, metadata={"format": "pt"})
        try:
            write_expected(path, tokenizer, CONFIG)
            return
        except BadSeed:
            continue


if __name__ == "__main__":
    main()
