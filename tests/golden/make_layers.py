"""Writes tests/golden/layers: hidden states layer by layer, and what each layer would say next.

    python make_layers.py

    NAME.f32        the residual stream of a golden model after the embedding and after each layer:
                    float32, little-endian, (n_layers + 1, n_ids, hidden_size)
    layers.json     of each case the model's folder, the recipe, the ids, and the figures of each
                    stage, the model as it is stored against what mlx quantizes it to: distances and
                    cosines of the states; of the lens (the model's own final norm and output matrix
                    on the state of the last position) the likeliest tokens of both, the divergence,
                    and what the variant gives to the reference's likeliest token

The states are mlx_lm's on the CPU with every float parameter cast to float32. The figures are numpy
float64, written straight from their definitions in core/include/bitloss_measure.h. The script checks
the states against the float64 forward pass of make_models.py, and the lens after the last layer
against the model's own logits, and stops where they differ.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3.
"""

import json
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import numpy as np
from make_models import dequantized, forward_float64, in_float32, load_as_float32
from mlx_lm.models.base import create_attention_mask
from mlx_lm.utils import load_model

HERE = Path(__file__).parent
OUT = HERE / "layers"
TOP = 5
# Tied and untied, with norms on heads and with biases, near the reference and far from it.
CASES = [
    ("tiny_llama", "affine:4:64", 4, 64),
    ("tiny_llama3", "affine:2:32", 2, 32),
    ("tiny_qwen3", "affine:8:32", 8, 32),
    ("tiny_qwen2", "affine:3:64", 3, 64),
]


def states_of(model, ids):
    """(n_layers + 1, n_ids, hidden_size), and the lens of each stage: (n_layers + 1, vocab_size)."""
    inner = model.model
    x = inner.embed_tokens(mx.array([ids]))
    states = [x]
    mask = create_attention_mask(x, None)
    for layer in inner.layers:
        x = layer(x, mask, None)
        states.append(x)
    tied = model.args.tie_word_embeddings
    output = inner.embed_tokens.as_linear if tied else model.lm_head
    lenses = [np.array(output(inner.norm(x[:, -1:]))[0, 0]) for x in states]
    logits = np.array(model(mx.array([ids]))[0, -1])
    assert np.abs(logits - lenses[-1]).max() < 1e-4
    return np.stack([np.array(x[0]) for x in states]), np.stack(lenses)


def check_against_float64(model, config, ids, states):
    exact = []
    forward_float64(config, dequantized(model), ids, exact)
    worst = np.abs(np.stack(exact) - states).max()
    assert worst < 1e-3, worst
    return worst


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def top(p):
    order = np.argsort(-p, kind="stable")[:TOP]
    return [[int(i), float(f"{p[i]:.9g}")] for i in order]


def figures(ref, own, ref_logits, logits):
    """Of one stage: states (n_ids, hidden_size) and logits (vocab_size) of both, in float64."""
    length = lambda x: np.sqrt((x * x).sum(-1))
    distance = length(own - ref) / length(ref)
    cosine = (own * ref).sum(-1) / (length(own) * length(ref))
    p_ref, p = softmax(ref_logits), softmax(logits)
    return {
        "distance": np.sqrt((distance**2).mean()),
        "last_distance": distance[-1],
        "cosine": cosine.mean(),
        "last_cosine": cosine[-1],
        "kl": (p_ref * (np.log(p_ref) - np.log(p))).sum(),
        "p_of_ref_top": p[p_ref.argmax()],
        "ref_top": top(p_ref),
        "top": top(p),
    }


def make_case(folder, recipe, bits, group):
    path = HERE / folder
    config = json.loads((path / "config.json").read_text())
    ids = json.loads((path / "expected.json").read_text())["ids"]
    reference = load_as_float32(path)
    # Scales and biases have the type that the weights are stored in.
    variant, _ = load_model(path)
    nn.quantize(variant, group_size=group, bits=bits)
    in_float32(variant)
    ref_states, ref_lenses = states_of(reference, ids)
    states, lenses = states_of(variant, ids)
    worst = max(
        check_against_float64(reference, config, ids, ref_states),
        check_against_float64(variant, config, ids, states),
    )
    ref_states.astype("<f4").tofile(OUT / f"{folder}.f32")
    wide = lambda x: x.astype(np.float64)
    stages = [
        figures(*(wide(x) for x in stage)) for stage in zip(ref_states, states, ref_lenses, lenses)
    ]
    same = [s["top"][0][0] == s["ref_top"][0][0] for s in stages]
    print(
        f"{folder} {recipe}: {len(ids)} ids, float64 differs by {worst:.1e}, "
        f"distances {[round(float(s['distance']), 4) for s in stages]}, same word {same}"
    )
    shorter = lambda v: v if isinstance(v, list) else float(f"{v:.9g}")
    return {
        "model": folder,
        "recipe": recipe,
        "ids": ids,
        "stages": [{k: shorter(v) for k, v in stage.items()} for stage in stages],
    }


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    cases = [make_case(*case) for case in CASES]
    (OUT / "layers.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
