"""Writes tests/golden/tiny_gguf/: the models tiny_llama and tiny_llama_bias as GGUF files.

    python make_gguf.py [FOLDER]        default: the folder of this script; run make_models.py first

The container is written by the real `gguf` library. Rows of the query and key matrices (and
elements of their biases) are put into the order that GGUF's llama architecture has: within a head,
row i of the first half is followed by row i of the second. The numbers are those of the source, so
the logits expected of tiny_llama and tiny_llama_bias are expected of these files too.

Made with gguf 0.19.0, numpy 2.x, safetensors 0.8.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def gguf_name(name):
    if name == "model.embed_tokens.weight":
        return "token_embd.weight"
    if name == "model.norm.weight":
        return "output_norm.weight"
    if name == "lm_head.weight":
        return "output.weight"
    _, _, layer, rest = name.split(".", 3)
    module, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{NAMES[module]}.{kind}"


def permuted(values, head_dim):
    order = []
    for head in range(values.shape[0] // head_dim):
        for i in range(head_dim // 2):
            order += [head * head_dim + i, head * head_dim + head_dim // 2 + i]
    return values[np.array(order)]


def write(source, path):
    config = json.loads((source / "config.json").read_text())
    head_dim = config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("Tiny Llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(config["rope_theta"])
    scaling = config.get("rope_scaling") or {}
    if scaling.get("rope_type") == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(scaling["factor"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])

    tokenizer = json.loads((source / "tokenizer.json").read_text())
    vocab = {**tokenizer["model"]["vocab"]}
    special = {t["content"]: t["id"] for t in tokenizer["added_tokens"]}
    vocab.update(special)
    by_id = sorted(vocab, key=vocab.get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(by_id)
    writer.add_token_types([3 if t in special else 1 for t in by_id])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m)
                             for m in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_add_bos_token(adds_bos(tokenizer))

    for name, values in load_file(source / "model.safetensors").items():
        if "q_proj" in name or "k_proj" in name:
            values = permuted(values, head_dim)
        if values.ndim == 1:
            values = values.astype(np.float32)
        writer.add_tensor(gguf_name(name), np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def adds_bos(tokenizer):
    return bool(tokenizer.get("post_processor")) and "TemplateProcessing" in json.dumps(
        tokenizer["post_processor"]
    )


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    out = folder / "tiny_gguf"
    out.mkdir(exist_ok=True)
    write(folder / "tiny_llama", out / "tiny_llama.gguf")
    write(folder / "tiny_llama_bias", out / "tiny_llama_bias.gguf")


main()
