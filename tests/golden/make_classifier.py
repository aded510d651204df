"""Writes tests/golden/classifier.json: what examples/tinyworld/classifier says of its held-out texts.

    python make_classifier.py [FILE]        default: classifier.json beside this script

`n_right` of the first `n` held-out texts are labelled rightly in float64. For every 10th of them: its `line`, its `ids`
as Hugging Face's tokenizers makes them, its `logits` in float64, and `qint8`: its logits when the weights of
all linear layers and their inputs are rounded as torch 2.15's quantize_dynamic(model, {nn.Linear}, qint8)
documents it for x86 (FBGEMM, reduce_range), in float32 and integers.

All of it is numpy, written from transformers' model and FBGEMM's ChooseQuantizationParams; torch itself was
not at hand. What numpy shows is that two readings of the documents agree, not that torch does; the codes and
scales of the weights alone are torch's own (make_torch.py).

Made with numpy 2.4.6, safetensors 0.8.0, tokenizers 0.22.2.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

MODEL = Path(__file__).parent.parent.parent / "examples" / "tinyworld" / "classifier"
FIRST, EVERY = 200, 10
erf = np.vectorize(math.erf)


def choose(x):
    """Scale and zero point of a layer's input: 7 bits, asymmetric, 0 among the codes."""
    lo, hi = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
    scale = (hi - lo) / 127
    if np.float32(scale) == 0 or scale < 6.1e-5:
        raise ValueError("an input too small for this script")
    from_lo, from_hi = -lo / scale, 127 - hi / scale
    zero = from_lo if abs(lo / scale) < 127 + abs(hi / scale) else from_hi
    return np.float32(scale), int(np.clip(np.rint(zero), 0, 127))


class Float:
    """y = x w' + b in float64."""

    dtype = np.float64

    def __init__(self, weights):
        self.w = {k: v.astype(self.dtype) for k, v in weights.items()}

    def linear(self, name, x):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]


class Dynamic(Float):
    """The product of codes in integers, then one multiplication."""

    dtype = np.float32

    def linear(self, name, x):
        w = self.w[name + ".weight"]
        w_scale = np.float32(np.abs(w).max() / np.float32(127.5))
        w_codes = np.clip(np.rint(w * (np.float32(1) / w_scale)), -128, 127).astype(np.int64)
        x_scale, zero = choose(x)
        x_codes = np.clip(np.rint(x * (np.float32(1) / x_scale)) + zero, 0, 255).astype(np.int64)
        sums = (x_codes - zero) @ w_codes.T
        return sums.astype(np.float32) * (x_scale * w_scale) + self.w[name + ".bias"]


def norm(m, name, x):
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
    return (x * m.w[name + ".weight"] + m.w[name + ".bias"]).astype(m.dtype)


def logits_of(m, config, ids):
    n_heads, dim = config["n_heads"], config["dim"]
    heads = lambda y: y.reshape(len(ids), n_heads, dim // n_heads).transpose(1, 0, 2)
    e = "distilbert.embeddings."
    x = m.w[e + "word_embeddings.weight"][ids] + m.w[e + "position_embeddings.weight"][: len(ids)]
    x = norm(m, e + "LayerNorm", x)
    for i in range(config["n_layers"]):
        p = f"distilbert.transformer.layer.{i}."
        q, k, v = (heads(m.linear(f"{p}attention.{name}_lin", x)) for name in "qkv")
        scores = q @ k.transpose(0, 2, 1) / m.dtype(math.sqrt(dim // n_heads))
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (scores / scores.sum(-1, keepdims=True)) @ v
        seen = seen.transpose(1, 0, 2).reshape(len(ids), dim)
        x = norm(m, p + "sa_layer_norm", x + m.linear(p + "attention.out_lin", seen))
        inner = m.linear(p + "ffn.lin1", x)
        inner = (0.5 * inner * (1 + erf(inner / math.sqrt(2)))).astype(m.dtype)
        x = norm(m, p + "output_layer_norm", x + m.linear(p + "ffn.lin2", inner))
    # The head reads the first token alone.
    return m.linear("classifier", np.maximum(m.linear("pre_classifier", x[:1]), 0))[0]


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "classifier.json"
    config = json.loads((MODEL / "config.json").read_text())
    weights = load_file(MODEL / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    exact, dynamic = Float(weights), Dynamic(weights)
    n_right, texts = 0, []
    lines = (MODEL / "held_out.tsv").read_text(encoding="utf-8").splitlines()[:FIRST]
    for number, line in enumerate(lines, 1):
        text, label = line.split("\t")
        ids = tokenizer.encode(text).ids
        logits = logits_of(exact, config, ids)
        n_right += config["label2id"][label] == int(logits.argmax())
        if number % EVERY:
            continue
        rounded = logits_of(dynamic, config, ids)
        texts.append({"line": number, "ids": ids, "logits": logits.tolist(), "qint8": rounded.tolist()})
    made = {"n": len(lines), "n_right": n_right, "texts": texts}
    out.write_text(json.dumps(made) + "\n")
    print(f"{n_right} of {len(lines)} right")


if __name__ == "__main__":
    main()
