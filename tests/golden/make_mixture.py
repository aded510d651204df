"""Writes tests/golden/mixture/: which tensor gets which format in a mixture, asked of llama.cpp and mlx_lm.

    python make_mixture.py LLAMA_LIB_DIR [FOLDER]        default: the folder of this script

LLAMA_LIB_DIR holds llama.cpp's shared libraries for Linux x64, as in the npm package
@node-llama-cpp/linux-x64 (bins/linux-x64).

llama.txt   llama_model_quantize run on made-up models for each of its file types: Llamas, models with
            experts (Mixtral's and Qwen3's), BERTs
mlx.txt     mlx_lm's quantize_model with its mixed recipes, on models of random weights

Both are lists of models, each followed by a line for every recipe and kind of tensor:

    model layers N heads N kv_heads N tied 0|1 [experts N]
    RECIPE NAME N_COLS FORMAT[*COUNT],...

with '#' for the layer in NAME, and a format for each layer in order, repeated COUNT times.
"kept" is a tensor that stays as it was.

NAME.txt and NAME.config.json, for the models of tests/golden/NAME: what mlx_lm.convert writes for
the settings below. The text lists type, shape, FNV-1a hash of the bytes and name of every tensor.

Made with @node-llama-cpp/linux-x64 3.22.1 (llama.cpp 0.5.0), gguf 0.19.0, mlx 0.32.4 (mlx-cpu
0.32.4), mlx-lm 0.32.2, numpy 2.4.6.
"""

import ctypes
import glob
import json
import shutil
import sys
import tempfile
from pathlib import Path

import gguf
import mlx.core as mx
import numpy as np
from mlx_lm import convert
from mlx_lm.convert import QUANT_RECIPES, mixed_quant_predicate_builder
from mlx_lm.models import llama
from mlx_lm.utils import quantize_model

mx.set_default_device(mx.cpu)

# File types of llama.cpp, by bitloss's name for the mixture.
FILE_TYPES = {
    "q4_0_file": 2, "q4_1_file": 3, "q8_0_file": 7, "q5_0_file": 8, "q5_1_file": 9, "q2_k_file": 10,
    "q3_k_s": 11, "q3_k_m": 12, "q3_k_l": 13, "q4_k_s": 14, "q4_k_m": 15, "q5_k_s": 16, "q5_k_m": 17,
    "q6_k_file": 18, "iq4_nl_file": 25,
}
K_FILE_TYPES = [name for name in FILE_TYPES if "_k" in name]

# layers, width, hidden width, kv heads, tied, file types; a head has 64 values.
LLAMA_MODELS = [
    (2, 256, 512, 4, True, FILE_TYPES),
    (12, 448, 256, 7, False, FILE_TYPES),     # width: blocks of 32 only
    (16, 256, 256, 1, True, FILE_TYPES),
    (18, 256, 288, 4, False, FILE_TYPES),     # hidden width: blocks of 32 only
    (32, 512, 256, 2, False, FILE_TYPES),
    (9, 256, 272, 2, False, K_FILE_TYPES),    # hidden width: no blocks
    (9, 448, 256, 7, True, FILE_TYPES),
    (80, 256, 256, 1, False, K_FILE_TYPES),   # the shape of a 70B
    (80, 256, 256, 4, False, K_FILE_TYPES),
]

# The same with experts, of 64 values a head: architecture, layers, width, hidden width, kv heads,
# experts, file types.
EXPERT_MODELS = [
    ("llama", 2, 256, 512, 4, 8, FILE_TYPES),
    ("llama", 17, 256, 256, 1, 8, K_FILE_TYPES),
    ("llama", 80, 256, 32, 1, 8, K_FILE_TYPES),
    ("llama", 18, 256, 256, 2, 4, K_FILE_TYPES),
    ("qwen3moe", 24, 256, 256, 1, 5, K_FILE_TYPES),
    ("qwen3moe", 9, 256, 32, 4, 8, FILE_TYPES),
]

# Layers, width, hidden width, which names; tied, as to llama.cpp all encoders are.
BERT_MODELS = [(6, 256, 512, "bert"), (12, 384, 1536, "distilbert"), (9, 256, 288, "roberta")]

HF_NAMES = {
    "token_embd": "model.embed_tokens", "output": "lm_head",
    "attn_q": "model.layers.#.self_attn.q_proj", "attn_k": "model.layers.#.self_attn.k_proj",
    "attn_v": "model.layers.#.self_attn.v_proj", "attn_output": "model.layers.#.self_attn.o_proj",
    "ffn_gate": "model.layers.#.mlp.gate_proj", "ffn_up": "model.layers.#.mlp.up_proj",
    "ffn_down": "model.layers.#.mlp.down_proj",
}


EXPERT_NAMES = {
    "llama": {"ffn_gate_exps": "model.layers.#.block_sparse_moe.experts.w1",
              "ffn_up_exps": "model.layers.#.block_sparse_moe.experts.w3",
              "ffn_down_exps": "model.layers.#.block_sparse_moe.experts.w2"},
    "qwen3moe": {f"ffn_{k}_exps": f"model.layers.#.mlp.experts.{k}_proj" for k in ("gate", "up", "down")},
}
BERT = {
    "token_embd": "embeddings.word_embeddings", "attn_q": "encoder.layer.#.attention.self.query",
    "attn_k": "encoder.layer.#.attention.self.key", "attn_v": "encoder.layer.#.attention.self.value",
    "attn_output": "encoder.layer.#.attention.output.dense",
    "ffn_up": "encoder.layer.#.intermediate.dense", "ffn_down": "encoder.layer.#.output.dense",
}
BERT_NAMES = {
    "bert": {**{k: "bert." + v for k, v in BERT.items()}, "cls": "bert.pooler.dense",
             "cls.output": "classifier"},
    "roberta": {**{k: "roberta." + v for k, v in BERT.items()}, "cls": "classifier.dense",
                "cls.output": "classifier.out_proj"},
    "distilbert": {
        "token_embd": "distilbert.embeddings.word_embeddings",
        **{gguf: "distilbert.transformer.layer.#." + hf for gguf, hf in (
            ("attn_q", "attention.q_lin"), ("attn_k", "attention.k_lin"), ("attn_v", "attention.v_lin"),
            ("attn_output", "attention.out_lin"), ("ffn_up", "ffn.lin1"), ("ffn_down", "ffn.lin2"))},
        "cls": "pre_classifier", "cls.output": "classifier"},
}


class Params(ctypes.Structure):
    """llama_model_quantize_params."""

    _fields_ = [
        ("nthread", ctypes.c_int32), ("ftype", ctypes.c_int),
        ("output_tensor_type", ctypes.c_int), ("token_embedding_type", ctypes.c_int),
        *((name, ctypes.c_bool) for name in (
            "allow_requantize", "quantize_output_tensor", "only_copy", "pure", "keep_split", "dry_run")),
        *((name, ctypes.c_void_p) for name in ("imatrix", "kv_overrides", "tt_overrides", "prune_layers")),
    ]


def load_llama(folder):
    names = [f"{folder}/libggml-base.so", f"{folder}/libggml-cpu-x64.so",
             *glob.glob(f"{folder}/libggml.v*.so"), *glob.glob(f"{folder}/libllama.v*.so")]
    library = [ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL) for name in names][-1]
    library.llama_model_quantize_default_params.restype = Params
    library.llama_model_quantize.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(Params)]
    log = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
    library.quiet = log(lambda *_: None)
    library.llama_log_set(library.quiet, None)
    return library


def make_gguf(path, n_layers, dim, ffn, n_kv_heads, tied):
    rng = np.random.default_rng(0)
    n_heads, vocab = dim // 64, 64
    w = gguf.GGUFWriter(path, "llama")
    w.add_block_count(n_layers)
    w.add_context_length(128)
    w.add_embedding_length(dim)
    w.add_feed_forward_length(ffn)
    w.add_head_count(n_heads)
    w.add_head_count_kv(n_kv_heads)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(64)
    w.add_vocab_size(vocab)
    w.add_tokenizer_model("no_vocab")

    def add(name, *shape):
        w.add_tensor(f"{name}.weight", rng.normal(0, 0.05, shape).astype(np.float32))

    add("token_embd", vocab, dim)
    add("output_norm", dim)
    if not tied:
        add("output", vocab, dim)
    for i in range(n_layers):
        b = f"blk.{i}."
        add(b + "attn_norm", dim)
        add(b + "ffn_norm", dim)
        add(b + "attn_q", dim, dim)
        add(b + "attn_k", n_kv_heads * 64, dim)
        add(b + "attn_v", n_kv_heads * 64, dim)
        add(b + "attn_output", dim, dim)
        add(b + "ffn_gate", ffn, dim)
        add(b + "ffn_up", ffn, dim)
        add(b + "ffn_down", dim, ffn)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def add_shape(w, n_layers, dim, ffn, n_heads):
    w.add_block_count(n_layers)
    w.add_context_length(128)
    w.add_embedding_length(dim)
    w.add_feed_forward_length(ffn)
    w.add_head_count(n_heads)


def make_expert_gguf(path, architecture, n_layers, dim, ffn, n_kv_heads, n_experts):
    rng = np.random.default_rng(0)
    w = gguf.GGUFWriter(path, architecture)
    add_shape(w, n_layers, dim, ffn, dim // 64)
    w.add_head_count_kv(n_kv_heads)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_dimension_count(64)
    w.add_vocab_size(64)
    w.add_expert_count(n_experts)
    w.add_expert_used_count(2)
    w.add_expert_feed_forward_length(ffn)
    w.add_tokenizer_model("no_vocab")

    def add(name, *shape):
        w.add_tensor(f"{name}.weight", rng.normal(0, 0.05, shape).astype(np.float32))

    add("token_embd", 64, dim)
    add("output_norm", dim)
    add("output", 64, dim)
    for i in range(n_layers):
        b = f"blk.{i}."
        for name in ("attn_norm", "ffn_norm"):
            add(b + name, dim)
        if architecture == "qwen3moe":
            add(b + "attn_q_norm", 64)
            add(b + "attn_k_norm", 64)
        add(b + "attn_q", dim, dim)
        add(b + "attn_k", n_kv_heads * 64, dim)
        add(b + "attn_v", n_kv_heads * 64, dim)
        add(b + "attn_output", dim, dim)
        add(b + "ffn_gate_inp", n_experts, dim)
        add(b + "ffn_gate_exps", n_experts, ffn, dim)
        add(b + "ffn_up_exps", n_experts, ffn, dim)
        add(b + "ffn_down_exps", n_experts, dim, ffn)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def make_bert_gguf(path, n_layers, dim, ffn):
    rng = np.random.default_rng(0)
    w = gguf.GGUFWriter(path, "bert")
    add_shape(w, n_layers, dim, ffn, dim // 64)
    w.add_layer_norm_eps(1e-12)
    w.add_causal_attention(False)
    w.add_vocab_size(64)
    w.add_token_type_count(2)
    w.add_classifier_output_labels(["a", "b", "c"])
    w.add_tokenizer_model("no_vocab")

    def add(name, *shape, bias=True):
        w.add_tensor(f"{name}.weight", rng.normal(0, 0.05, shape).astype(np.float32))
        if bias:
            w.add_tensor(f"{name}.bias", rng.normal(0, 0.05, shape[:1]).astype(np.float32))

    add("token_embd", 64, dim, bias=False)
    add("position_embd", 128, dim, bias=False)
    add("token_types", 2, dim, bias=False)
    add("token_embd_norm", dim)
    add("cls", dim, dim)
    add("cls.output", 3, dim)
    for i in range(n_layers):
        b = f"blk.{i}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(b + name, dim, dim)
        add(b + "attn_output_norm", dim)
        add(b + "ffn_up", ffn, dim)
        add(b + "ffn_down", dim, ffn)
        add(b + "layer_output_norm", dim)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def quantize_gguf(library, path, out, file_type, names=HF_NAMES):
    """HF name with '#' -> (columns, format of each layer)."""
    p = library.llama_model_quantize_default_params()
    p.nthread, p.ftype = 1, file_type
    assert library.llama_model_quantize(path.encode(), out.encode(), ctypes.byref(p)) == 0
    rows = {}
    for t in sorted(gguf.GGUFReader(out).tensors, key=lambda t: int(t.name.split(".")[1]) if "blk." in t.name else -1):
        kind = t.name.removesuffix(".weight").split(".", 2 if "blk." in t.name else 0)[-1]
        if kind in names:
            rows.setdefault(names[kind], (int(t.shape[0]), []))[1].append(t.tensor_type.name.lower())
    return rows


def model_line(n_layers, n_heads, n_kv_heads, tied, n_experts=0):
    experts = f" experts {n_experts}" if n_experts else ""
    return f"model layers {n_layers} heads {n_heads} kv_heads {n_kv_heads} tied {int(tied)}{experts}\n"


def runs(formats):
    parts = []
    for f in formats:
        if parts and parts[-1][0] == f:
            parts[-1][1] += 1
        else:
            parts.append([f, 1])
    return ",".join(f if n == 1 else f"{f}*{n}" for f, n in parts)


def recipe_lines(recipe, rows):
    return "".join(f"{recipe} {name} {n_cols} {runs(formats)}\n" for name, (n_cols, formats) in sorted(rows.items()))


def write_llama(library, folder):
    with tempfile.TemporaryDirectory() as temporary, open(folder / "llama.txt", "w") as out:
        for n_layers, dim, ffn, n_kv_heads, tied, file_types in LLAMA_MODELS:
            path = f"{temporary}/model.gguf"
            make_gguf(path, n_layers, dim, ffn, n_kv_heads, tied)
            out.write(model_line(n_layers, dim // 64, n_kv_heads, tied))
            for recipe in file_types:
                rows = quantize_gguf(library, path, f"{temporary}/out.gguf", FILE_TYPES[recipe])
                out.write(recipe_lines(recipe, rows))
        for architecture, n_layers, dim, ffn, n_kv_heads, n_experts, file_types in EXPERT_MODELS:
            make_expert_gguf(path, architecture, n_layers, dim, ffn, n_kv_heads, n_experts)
            out.write(model_line(n_layers, dim // 64, n_kv_heads, False, n_experts))
            names = {**HF_NAMES, **EXPERT_NAMES[architecture]}
            for recipe in file_types:
                rows = quantize_gguf(library, path, f"{temporary}/out.gguf", FILE_TYPES[recipe], names)
                out.write(recipe_lines(recipe, rows))
        for n_layers, dim, ffn, family in BERT_MODELS:
            make_bert_gguf(path, n_layers, dim, ffn)
            out.write(model_line(n_layers, dim // 64, dim // 64, True))
            for recipe in FILE_TYPES:
                rows = quantize_gguf(library, path, f"{temporary}/out.gguf", FILE_TYPES[recipe],
                                     BERT_NAMES[family])
                out.write(recipe_lines(recipe, rows))


def mlx_rows(model, recipe, group):
    columns = {path: m.weight.shape[-1] for path, m in model.named_modules() if hasattr(m, "to_quantized")}
    predicate = mixed_quant_predicate_builder(recipe, model, group)
    model, _ = quantize_model(model, {}, group, None, quant_predicate=predicate)
    rows = {}
    modules = dict(model.named_modules())
    for path in sorted(columns, key=lambda p: int(p.split(".")[2]) if ".layers." in p else -1):
        m = modules[path]
        format = f"affine:{m.bits}:{m.group_size}" if hasattr(m, "bits") else "kept"
        name = ".".join("#" if part.isdigit() else part for part in path.split("."))
        rows.setdefault(name, (columns[path], []))[1].append(format)
    return rows


def write_mlx(folder):
    with open(folder / "mlx.txt", "w") as out:
        for n_layers, dim, ffn, tied in ((2, 64, 64, True), (12, 64, 128, False), (16, 128, 96, True),
                                         (18, 64, 64, False), (32, 64, 64, False)):
            out.write(model_line(n_layers, 2, 1, tied))
            for recipe in QUANT_RECIPES:
                for group in (64, 32):
                    model = llama.Model(llama.ModelArgs(
                        model_type="llama", hidden_size=dim, num_hidden_layers=n_layers, intermediate_size=ffn,
                        num_attention_heads=2, num_key_value_heads=1, rms_norm_eps=1e-5, vocab_size=64,
                        tie_word_embeddings=tied))
                    out.write(recipe_lines(f"{recipe}:{group}", mlx_rows(model, recipe, group)))


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def write_converted(folder, source, name, **settings):
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "out"
        convert(str(folder.parent / source), str(out), quantize=True, **settings)
        shutil.copy(out / "config.json", folder / f"{name}.config.json")
        data = (out / "model.safetensors").read_bytes()
    n = int.from_bytes(data[:8], "little")
    lines = []
    for tensor, entry in sorted(json.loads(data[8:8 + n]).items()):
        if tensor == "__metadata__":
            continue
        begin, end = (8 + n + offset for offset in entry["data_offsets"])
        shape = "x".join(map(str, entry["shape"]))
        lines.append(f"{entry['dtype']} {shape} {fnv1a(data[begin:end]):016x} {tensor}\n")
    (folder / f"{name}.txt").write_text("".join(lines))


def main():
    base = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent
    folder = base / "mixture"
    folder.mkdir(exist_ok=True)
    write_converted(folder, "tiny_llama", "tiny_llama_mixed_3_6", q_group_size=64, quant_predicate="mixed_3_6")
    write_converted(folder, "tiny_llama3", "tiny_llama3_mixed_2_6", q_group_size=32,
                    quant_predicate="mixed_2_6")
    write_mlx(folder)
    write_llama(load_llama(sys.argv[1]), folder)


if __name__ == "__main__":
    main()
