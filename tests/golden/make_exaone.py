"""Writes tests/golden/tiny_exaone and tiny_gguf/tiny_exaone.gguf: a small EXAONE 3.5 with random
weights, and what mlx_lm computes with it.

    python make_exaone.py [FOLDER]        default: the folder of this script

Its block is Llama's under other names, so the weights and the float64 check are those of
make_models.py, renamed. The GGUF file has the names that llama.cpp's convert_hf_to_gguf.py gives to the
architecture "exaone", with Llama 3's rescaling of rotary frequencies as the tensor rope_freqs.weight.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3, gguf 0.19.0.
"""

import json
import sys
from pathlib import Path

import gguf
import make_models
import mlx.core as mx
import numpy as np
from make_models import LLAMA, fresh, make_tokenizer, random_weights, write_expected, write_json

SEED = 1
SCALING = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 128,
}
LIKE = {
    **LLAMA,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": True,
    "rope_scaling": SCALING,
}
CONFIG = {
    "architectures": ["ExaoneForCausalLM"],
    "model_type": "exaone",
    "activation_function": "silu",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": LIKE["vocab_size"],
    "max_position_embeddings": 512,
    "layer_norm_epsilon": 1e-5,
    "rope_theta": 10000.0,
    "rope_scaling": SCALING,
    "tie_word_embeddings": True,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "torch_dtype": "bfloat16",
}
NAMES = {  # Llama's, EXAONE's, GGUF's
    "model.embed_tokens": ("transformer.wte", "token_embd"),
    "model.norm": ("transformer.ln_f", "output_norm"),
    "input_layernorm": ("ln_1", "attn_norm"),
    "self_attn.q_proj": ("attn.attention.q_proj", "attn_q"),
    "self_attn.k_proj": ("attn.attention.k_proj", "attn_k"),
    "self_attn.v_proj": ("attn.attention.v_proj", "attn_v"),
    "self_attn.o_proj": ("attn.attention.out_proj", "attn_output"),
    "post_attention_layernorm": ("ln_2", "ffn_norm"),
    "mlp.gate_proj": ("mlp.c_fc_0", "ffn_gate"),
    "mlp.up_proj": ("mlp.c_fc_1", "ffn_up"),
    "mlp.down_proj": ("mlp.c_proj", "ffn_down"),
}


def renamed(name, container):
    """Llama's name as EXAONE's (0) or GGUF's (1)."""
    module = name.removesuffix(".weight")
    if module in NAMES:
        return NAMES[module][container] + ".weight"
    _, _, layer, rest = module.split(".", 3)
    return ("transformer.h.", "blk.")[container] + f"{layer}.{NAMES[rest][container]}.weight"


def forward_float64(config, weights, ids, states=None):
    back = {renamed(name, 0): name for name in random_weights(LIKE, SEED, mx.float32)}
    return llama_float64(LIKE, {back[k]: v for k, v in weights.items()}, ids, states)


llama_float64 = make_models.forward_float64
make_models.forward_float64 = forward_float64


def rope_factors():
    """As llama.cpp's converter has them (generate_extra_tensors of Llama and EXAONE)."""
    dim = LIKE["hidden_size"] // LIKE["num_attention_heads"]
    low = SCALING["original_max_position_embeddings"] / SCALING["low_freq_factor"]
    high = SCALING["original_max_position_embeddings"] / SCALING["high_freq_factor"]
    factors = []
    for i in range(0, dim, 2):
        wave = 2 * np.pi * LIKE["rope_theta"] ** (i / dim)
        smooth = (SCALING["original_max_position_embeddings"] / wave - SCALING["low_freq_factor"]) / (
            SCALING["high_freq_factor"] - SCALING["low_freq_factor"]
        )
        if wave < high:
            factors.append(1)
        elif wave > low:
            factors.append(SCALING["factor"])
        else:
            factors.append(1 / ((1 - smooth) / SCALING["factor"] + smooth))
    return np.array(factors, np.float32)


def write_tokenizer(writer, path):
    """The metadata of the tokenizer that make_models.py makes."""
    tokenizer = json.loads((path / "tokenizer.json").read_text())
    special = {t["content"]: t["id"] for t in tokenizer["added_tokens"]}
    vocab = {**tokenizer["model"]["vocab"], **special}
    by_id = sorted(vocab, key=vocab.get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(by_id)
    writer.add_token_types([3 if t in special else 1 for t in by_id])
    merges = tokenizer["model"]["merges"]
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(False)


def make_gguf(folder, weights):
    writer = gguf.GGUFWriter(str(folder / "tiny_gguf" / "tiny_exaone.gguf"), "exaone")
    writer.add_name("Tiny EXAONE")
    writer.add_embedding_length(CONFIG["hidden_size"])
    writer.add_head_count(CONFIG["num_attention_heads"])
    writer.add_head_count_kv(CONFIG["num_key_value_heads"])
    writer.add_context_length(CONFIG["max_position_embeddings"])
    writer.add_layer_norm_rms_eps(CONFIG["layer_norm_epsilon"])
    writer.add_feed_forward_length(CONFIG["intermediate_size"])
    writer.add_block_count(CONFIG["num_layers"])
    writer.add_rope_freq_base(CONFIG["rope_theta"])
    writer.add_rope_dimension_count(CONFIG["hidden_size"] // CONFIG["num_attention_heads"])
    write_tokenizer(writer, folder / "tiny_exaone")
    writer.add_tensor("rope_freqs.weight", rope_factors())
    for name, value in weights.items():
        array = np.array(value.astype(mx.float32))
        if array.ndim == 2:  # bf16 numbers, which f16 holds but for the smallest
            array = array.astype(np.float16)
        writer.add_tensor(renamed(name, 1), array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    path = fresh(folder / "tiny_exaone")
    write_json(path / "config.json", CONFIG)
    tokenizer = make_tokenizer(path, adds_bos=False)
    weights = random_weights(LIKE, SEED, mx.bfloat16)
    arrays = {renamed(name, 0): value for name, value in weights.items()}
    mx.save_safetensors(str(path / "model.safetensors"), arrays, metadata={"format": "pt"})
    write_expected(path, tokenizer, CONFIG)
    make_gguf(folder, weights)


if __name__ == "__main__":
    main()
