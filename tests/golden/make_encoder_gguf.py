"""Writes tests/golden/tiny_gguf/tiny_{bert,distilbert,roberta}.gguf: the small encoders as llama.cpp's
convert_hf_to_gguf.py writes them.

    python make_encoder_gguf.py [FOLDER]        default: the folder of this script; run make_encoders.py first

The container, the names of tensors (gguf.get_tensor_name_map) and the keys are the real `gguf` library's;
what becomes of each tensor follows the converter's conversion/bert.py: prefixes go, RoBERTa's positions
begin behind the padding's, and a BERT's pooler is left out, though its classes need it. Matrices stay
float32, so that states and logits expected of the directories are expected of these files too.

Made with gguf 0.19.0, numpy 2.4.6, safetensors 0.8.0.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

KEYS = {
    "embedding_length": ("hidden_size", "dim"),
    "block_count": ("num_hidden_layers", "n_layers"),
    "feed_forward_length": ("intermediate_size", "hidden_dim"),
    "head_count": ("num_attention_heads", "n_heads"),
}


def put_tokenizer(writer, source):
    tokenizer = json.loads((source / "tokenizer.json").read_text())
    special = {t["content"]: t["id"] for t in tokenizer["added_tokens"]}
    vocab = {**tokenizer["model"]["vocab"], **special}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("roberta-bpe")
    writer.add_token_list(sorted(vocab, key=vocab.get))
    writer.add_token_types([3 if t in special else 1 for t in sorted(vocab, key=vocab.get)])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m)
                             for m in tokenizer["model"]["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(True)


def write(source, path):
    config = json.loads((source / "config.json").read_text())
    is_roberta = config["model_type"] == "roberta"
    offset = config["pad_token_id"] + 1 if is_roberta else 0
    writer = gguf.GGUFWriter(str(path), gguf.MODEL_ARCH_NAMES[gguf.MODEL_ARCH.BERT])
    writer.add_name(f"Tiny {config['model_type']}")
    writer.add_context_length(config["max_position_embeddings"] - offset)
    for key, names in KEYS.items():
        getattr(writer, f"add_{key}")(next(config[n] for n in names if n in config))
    writer.add_layer_norm_eps(config.get("layer_norm_eps", 1e-12))
    writer.add_causal_attention(False)
    writer.add_classifier_output_labels([v for k, v in sorted(config["id2label"].items())])
    writer.add_token_type_count(config.get("type_vocab_size", 1))
    put_tokenizer(writer, source)

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, 2)
    for name, values in load_file(source / "model.safetensors").items():
        name = name.removeprefix(config["model_type"] + ".")
        if name.startswith("pooler."):
            continue
        if name in ("classifier.weight", "classifier.bias"):
            name = name.replace("classifier", "classifier.out_proj")
        if name == "embeddings.position_embeddings.weight":
            values = values[offset:]
        writer.add_tensor(names.get_name(name, (".weight", ".bias")), np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name in ("tiny_bert", "tiny_distilbert", "tiny_roberta"):
        write(folder / name, folder / "tiny_gguf" / f"{name}.gguf")


main()
