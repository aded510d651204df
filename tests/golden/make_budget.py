"""Writes tests/golden/budget/: configs of published models, and what transformers makes of them.

    pip install torch==2.15.0 transformers==5.23.0 accelerate==1.15.0
    python make_budget.py [FOLDER]        default: the folder of this script

The configs hold the fields of the models' own config.json that decide their size. Each model is
made on the meta device, without weights. models.txt has a line for each:

    NAME n_params n_tensors checksum bf16_bytes q8_bytes q4_bytes

A tensor is a line "NAME ROWS COLS" as it is in a checkpoint, a vector with one row, GPT-2's Conv1D
as the matrix (out, in) that it computes with. The checksum is the sum of these lines' 64-bit FNV-1a
hashes, modulo 2^64. The bytes are those of bfloat16 weights, and of every linear layer and
embedding with 8 or 4 bits and two bfloat16 numbers for every 64 of a row, where 64 divides rows.

transformers keeps Mixtral's experts in one tensor, its checkpoints do not: they are taken apart
here, and a small model that is saved has the names.
"""

import json
import pathlib
import sys
import tempfile

import torch
from safetensors import safe_open
from transformers import AutoConfig
import transformers


def llama(dim, layers, heads, kv_heads, ffn, vocab, context, tied=False, **more):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": dim,
        "intermediate_size": ffn,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "vocab_size": vocab,
        "max_position_embeddings": context,
        "rms_norm_eps": 1e-05,
        "tie_word_embeddings": tied,
        "torch_dtype": "bfloat16",
    } | more


def other(kind, architecture, *shape, **more):
    return llama(*shape, **more) | {"model_type": kind, "architectures": [architecture]}


LLAMA3_ROPE = {
    "rope_theta": 500000.0,
    "rope_scaling": {
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
        "rope_type": "llama3",
    },
}

MODELS = {
    "SmolLM2-135M": llama(576, 30, 9, 3, 1536, 49152, 8192, True, rope_theta=100000),
    "Llama-3.2-1B": llama(2048, 16, 32, 8, 8192, 128256, 131072, True, head_dim=64, **LLAMA3_ROPE),
    "Llama-3.2-3B": llama(3072, 28, 24, 8, 8192, 128256, 131072, True, head_dim=128, **LLAMA3_ROPE),
    "Llama-2-7B": llama(4096, 32, 32, 32, 11008, 32000, 4096, torch_dtype="float16"),
    "Llama-2-70B": llama(8192, 80, 64, 8, 28672, 32000, 4096, torch_dtype="float16"),
    "Llama-3.1-8B": llama(4096, 32, 32, 8, 14336, 128256, 131072, **LLAMA3_ROPE),
    "Llama-3.1-70B": llama(8192, 80, 64, 8, 28672, 128256, 131072, **LLAMA3_ROPE),
    "Mistral-7B": other(
        "mistral", "MistralForCausalLM", 4096, 32, 32, 8, 14336, 32000, 32768, sliding_window=4096
    ),
    "Mixtral-8x7B": other(
        "mixtral", "MixtralForCausalLM", 4096, 32, 32, 8, 14336, 32000, 32768,
        num_local_experts=8, num_experts_per_tok=2, sliding_window=None, rope_theta=1000000.0,
    ),
    "Qwen2.5-0.5B": other(
        "qwen2", "Qwen2ForCausalLM", 896, 24, 14, 2, 4864, 151936, 32768, True,
        rms_norm_eps=1e-06, rope_theta=1000000.0, sliding_window=32768, use_sliding_window=False,
    ),
    "Qwen3-0.6B": other(
        "qwen3", "Qwen3ForCausalLM", 1024, 28, 16, 8, 3072, 151936, 40960, True, head_dim=128,
        attention_bias=False, rms_norm_eps=1e-06, rope_theta=1000000, sliding_window=None,
    ),
    "Qwen3-8B": other(
        "qwen3", "Qwen3ForCausalLM", 4096, 36, 32, 8, 12288, 151936, 40960, head_dim=128,
        attention_bias=False, rms_norm_eps=1e-06, rope_theta=1000000, sliding_window=None,
    ),
    "gpt2": {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_ctx": 1024,
        "n_embd": 768,
        "n_head": 12,
        "n_layer": 12,
        "n_positions": 1024,
        "vocab_size": 50257,
    },
    "bert-base": {
        "architectures": ["BertForMaskedLM"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": 768,
        "intermediate_size": 3072,
        "max_position_embeddings": 512,
        "num_attention_heads": 12,
        "num_hidden_layers": 12,
        "type_vocab_size": 2,
        "vocab_size": 30522,
    },
    "minilm": {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": 384,
        "intermediate_size": 1536,
        "max_position_embeddings": 512,
        "num_attention_heads": 12,
        "num_hidden_layers": 6,
        "type_vocab_size": 2,
        "vocab_size": 30522,
    },
    "distilbert-sst2": {
        "architectures": ["DistilBertForSequenceClassification"],
        "model_type": "distilbert",
        "activation": "gelu",
        "dim": 768,
        "hidden_dim": 3072,
        "id2label": {"0": "NEGATIVE", "1": "POSITIVE"},
        "label2id": {"NEGATIVE": 0, "POSITIVE": 1},
        "max_position_embeddings": 512,
        "n_heads": 12,
        "n_layers": 6,
        "sinusoidal_pos_embds": False,
        "tie_weights_": True,
        "vocab_size": 30522,
    },
}
BERT_HEADS = [
    ("bert", "BertForSequenceClassification", 3),
    ("bert", "BertForTokenClassification", 9),
    ("bert", "BertForQuestionAnswering", 2),
    ("distilbert", "DistilBertModel", 2),
    ("distilbert", "DistilBertForMaskedLM", 2),
    ("distilbert", "DistilBertForTokenClassification", 9),
    ("distilbert", "DistilBertForQuestionAnswering", 2),
]
for kind, architecture, n_labels in BERT_HEADS:
    base = MODELS["bert-base" if kind == "bert" else "distilbert-sst2"]
    base = {key: value for key, value in base.items() if key not in ("id2label", "label2id")}
    labels = {str(i): f"LABEL_{i}" for i in range(n_labels)}
    ids = {name: int(i) for i, name in labels.items()}
    MODELS[architecture] = base | {
        "architectures": [architecture], "id2label": labels, "label2id": ids,
    }


def make(fields):
    config = AutoConfig.for_model(**fields)
    with torch.device("meta"):
        return getattr(transformers, fields["architectures"][0])(config)


def expert_tensors(name, shape):
    """The tensors of a checkpoint that Mixtral's joined ones stand for."""
    stem = name.replace(".mlp.experts.", ".block_sparse_moe.experts.")
    stem = stem.rsplit(".", 1)[0]
    for expert in range(shape[0]):
        if name.endswith("gate_up_proj"):
            for part in ("w1", "w3"):
                yield f"{stem}.{expert}.{part}.weight", (shape[1] // 2, shape[2])
        else:
            yield f"{stem}.{expert}.w2.weight", tuple(shape[1:])


def list_tensors(model):
    """(name, rows, cols, is a linear layer or an embedding), each weight once."""
    turned, matrices = set(), set()
    for path, module in model.named_modules():
        kind = type(module).__name__
        if kind == "Conv1D":
            turned.add(path + ".weight")
        if kind in ("Conv1D", "Linear", "Embedding", "MixtralTopKRouter"):
            matrices.add(path + ".weight")
    for name, parameter in model.named_parameters():
        shape = tuple(parameter.shape)
        if len(shape) == 3:
            for expert_name, expert_shape in expert_tensors(name, shape):
                yield expert_name, *expert_shape, True
            continue
        is_matrix = name in matrices
        if name.endswith("mlp.gate.weight"):
            name = name.replace("mlp.gate", "block_sparse_moe.gate")
        if name in turned:
            shape = shape[::-1]
        yield name, *((1,) * (2 - len(shape)) + shape), is_matrix


def check_mixtral_names():
    fields = MODELS["Mixtral-8x7B"] | {
        "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "vocab_size": 64,
        "num_attention_heads": 4, "num_key_value_heads": 2, "num_local_experts": 3,
    }
    model = transformers.MixtralForCausalLM(AutoConfig.for_model(**fields))
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safe_open(pathlib.Path(folder) / "model.safetensors", "pt") as file:
            saved = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}
    listed = {name: (cols,) if rows == 1 else (rows, cols) for name, rows, cols, _ in list_tensors(model)}
    assert saved == listed, sorted(set(saved.items()) ^ set(listed.items()))


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def quantized_bytes(tensors, bits):
    total = 0
    for _, rows, cols, is_matrix in tensors:
        fits = is_matrix and rows > 1 and cols % 64 == 0
        total += rows * (cols * bits // 8 + cols // 64 * 4) if fits else 2 * rows * cols
    return total


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    folder /= "budget"
    folder.mkdir(exist_ok=True)
    check_mixtral_names()
    lines = []
    for name, fields in MODELS.items():
        model = make(fields)
        tensors = list(list_tensors(model))
        n_params = sum(p.numel() for p in model.parameters())
        assert n_params == sum(rows * cols for _, rows, cols, _ in tensors), name
        listing = [f"{tensor} {rows} {cols}" for tensor, rows, cols, _ in tensors]
        checksum = sum(map(fnv1a, listing)) % 2**64
        sizes = 2 * n_params, quantized_bytes(tensors, 8), quantized_bytes(tensors, 4)
        lines.append(f"{name} {n_params} {len(tensors)} {checksum:016x} {' '.join(map(str, sizes))}")
        (folder / f"{name}.config.json").write_text(json.dumps(fields, indent=2) + "\n")
        print(lines[-1], flush=True)
    (folder / "models.txt").write_text("\n".join(lines) + "\n")


main()
