"""Writes tests/golden/train/: gradients and optimizer steps of small random models, by MLX.

    python make_train.py [FOLDER]        default: the folder of this script

Each directory is one case; all arrays are little-endian:

    config.json     of a Llama model
    batch.i32       int32: n_sequences, n_context, then ids, targets (-1: not counted) and starts
                    (the first position that each one attends to), each (n_sequences, n_context)
    weights.f32     float32, the parameters in the order of names.txt
    gradients.f32   of the mean cross-entropy over the targets, in the same order
    trained.f32     the weights after the steps of steps.json
    names.txt       a parameter's name and shape on each line
    steps.json      loss (of weights.f32, in nats), the optimizer's settings, and for each step the
                    learning rate, the loss before it and the gradient's length

One more, "rounded", is quantization-aware training with a teacher: the model multiplies by what
mx.quantize makes of weights.f32 (all of them bf16 numbers), in RECIPE, and the loss is the mean of
KL(teacher || model) over the tokens with a target:

    teacher.f32     the teacher's weights, not rounded
    gradients.f32   with respect to the rounded weights, which pass straight through to weights.f32
    held.f32        the same without those that would push a weight beyond the end of its group's
                    grid still further out
    steps.json      loss and n_targets, and how many weights lie beyond (clipped)
    learned.f32     the gradient of the same loss with respect to every scale, then to every bias of each
                    matrix that RECIPE rounds, in the order of names.txt, as mlx_lm's dwq finds it:
                    through mx.quantized_matmul with scales and biases in float32

The model is mlx_lm's Llama on the CPU in float32; a document inside a sequence is run through it
alone, so positions and masks are checked independently. Gradients are mlx's automatic ones, also
checked here along random directions against central differences. Steps are mlx's AdamW with bias
correction, weight decay on matrices only, after clip_grad_norm.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6.
"""

import json
import math
import sys
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
import numpy as np
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.models import llama

mx.set_default_device(mx.cpu)

BASE = {
    "model_type": "llama",
    "hidden_act": "silu",
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "attention_bias": False,
    "mlp_bias": False,
}
# What each case is there for: blocks and groups of queries that are full and not, tied and untied
# outputs, shared and own keys, sizes that fill no vector, documents, targets left out.
CASES = {
    "tied": {
        "config": {
            "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 50,
            "tie_word_embeddings": True,
        },
        "sequences": 2, "context": 80, "documents": False, "left_out": 0.0,
    },
    "documents": {
        "config": {
            "hidden_size": 22, "intermediate_size": 34, "num_hidden_layers": 2,
            "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 6, "vocab_size": 37,
            "tie_word_embeddings": False,
        },
        "sequences": 3, "context": 70, "documents": True, "left_out": 0.2,
    },
}
SETTINGS = {
    "learning_rate": 0.004, "final_rate": 0.001, "warmup_steps": 2, "n_steps": 6, "beta1": 0.9,
    "beta2": 0.95, "epsilon": 1e-3, "weight_decay": 0.1, "max_norm": 0.5,
}


def parameter_names(config):
    names = ["model.embed_tokens.weight"]
    for layer in range(config["num_hidden_layers"]):
        names += [
            f"model.layers.{layer}.{name}.weight"
            for name in [
                "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj",
                "self_attn.o_proj", "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj",
                "mlp.down_proj",
            ]
        ]
    names.append("model.norm.weight")
    return names if config["tie_word_embeddings"] else names + ["lm_head.weight"]


def make_batch(case, rng):
    shape = (case["sequences"], case["context"])
    ids = rng.integers(0, case["config"]["vocab_size"], shape)
    targets = np.concatenate([ids[:, 1:], rng.integers(0, case["config"]["vocab_size"], (shape[0], 1))], 1)
    starts = np.zeros(shape, int)
    if case["documents"]:
        for s in range(shape[0]):
            at = 0
            while at < shape[1]:
                end = min(shape[1], at + int(rng.integers(1, 40)))
                starts[s, at:end] = at
                at = end
    targets[rng.random(shape) < case["left_out"]] = -1
    return ids, targets, starts


def summed_loss(model, ids, targets, starts):
    total = mx.array(0.0)
    for s in range(ids.shape[0]):
        bounds = sorted(set(starts[s].tolist())) + [ids.shape[1]]
        for first, end in zip(bounds, bounds[1:]):
            logits = model(mx.array(ids[s : s + 1, first:end]))[0]
            target = targets[s, first:end]
            counted = mx.array((target >= 0).astype(np.float32))
            loss = nn.losses.cross_entropy(logits, mx.array(np.maximum(target, 0)), reduction="none")
            total = total + (loss * counted).sum()
    return total


def rate_at(step):
    s = SETTINGS
    if step <= s["warmup_steps"]:
        return s["learning_rate"] * step / s["warmup_steps"]
    share = (step - s["warmup_steps"]) / (s["n_steps"] - s["warmup_steps"])
    return s["final_rate"] + (s["learning_rate"] - s["final_rate"]) * 0.5 * (1 + math.cos(math.pi * share))


def check_gradient(model, mean_loss, gradient, rng):
    """Central differences near the gradient's own direction, where float32 leaves enough digits."""
    start = dict(tree_flatten(model.parameters()))
    length = lambda tree: math.sqrt(sum(float((v * v).sum()) for v in tree.values()))
    for _ in range(3):
        noise = {k: mx.array(rng.standard_normal(v.shape).astype(np.float32)) for k, v in start.items()}
        along, across = 1 / length(gradient), 0.5 / length(noise)
        direction = {k: along * gradient[k] + across * noise[k] for k in start}
        step, losses = 5e-3, []
        for sign in (1, -1):
            model.update(tree_unflatten([(k, v + sign * step * direction[k]) for k, v in start.items()]))
            losses.append(float(mean_loss(model)))
        model.update(tree_unflatten(list(start.items())))
        expected = sum(float((gradient[k] * direction[k]).sum()) for k in start)
        found = (losses[0] - losses[1]) / (2 * step)
        if abs(found / expected - 1) > 3e-3:
            raise SystemExit(f"gradient {expected}, by differences {found}")


def write(path, names, values):
    arrays = [np.array(values[name], dtype="<f4").ravel() for name in names]
    path.write_bytes(np.concatenate(arrays).tobytes())


def make_case(folder, name, case, seed):
    rng = np.random.default_rng(seed)
    folder = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    config = BASE | case["config"]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    names = parameter_names(config)
    ids, targets, starts = make_batch(case, rng)
    header = np.array(ids.shape, "<i4")
    (folder / "batch.i32").write_bytes(
        header.tobytes() + b"".join(a.astype("<i4").tobytes() for a in (ids, targets, starts))
    )

    model = llama.Model(llama.ModelArgs.from_dict(config))
    shapes = {k: v.shape for k, v in tree_flatten(model.parameters())}
    assert sorted(names) == sorted(shapes), (names, sorted(shapes))
    weights = {
        k: rng.standard_normal(s) * 0.3 if len(s) > 1 else 1 + 0.2 * rng.standard_normal(s)
        for k, s in shapes.items()
    }
    model.update(tree_unflatten([(k, mx.array(v.astype(np.float32))) for k, v in weights.items()]))
    (folder / "names.txt").write_text(
        "".join(f"{n} {'x'.join(map(str, shapes[n]))}\n" for n in names)
    )
    count = int((targets >= 0).sum())

    def mean_loss(m):
        return summed_loss(m, ids, targets, starts) / count

    value_and_grad = nn.value_and_grad(model, mean_loss)
    loss, grads = value_and_grad(model)
    gradient = dict(tree_flatten(grads))
    check_gradient(model, mean_loss, gradient, rng)
    write(folder / "weights.f32", names, dict(tree_flatten(model.parameters())))
    write(folder / "gradients.f32", names, gradient)
    log = {"loss": float(loss), "n_targets": count} | SETTINGS | {"steps": []}

    s = SETTINGS
    make = lambda decay: optim.AdamW(
        learning_rate=0.0, betas=[s["beta1"], s["beta2"]], eps=s["epsilon"], weight_decay=decay,
        bias_correction=True,
    )
    matrices, vectors = make(s["weight_decay"]), make(0.0)
    for step in range(1, s["n_steps"] + 1):
        loss, grads = value_and_grad(model)
        grads, norm = optim.clip_grad_norm(grads, s["max_norm"])
        flat, values = dict(tree_flatten(grads)), dict(tree_flatten(model.parameters()))
        new = {}
        for optimizer, want in ((matrices, 2), (vectors, 1)):
            optimizer.learning_rate = rate_at(step)
            part = {k: v for k, v in flat.items() if v.ndim == want}
            new |= optimizer.apply_gradients(part, {k: values[k] for k in part})
        model.update(tree_unflatten(list(new.items())))
        mx.eval(model.parameters(), matrices.state, vectors.state)
        log["steps"].append({"learning_rate": rate_at(step), "loss": float(loss), "norm": float(norm)})
    write(folder / "trained.f32", names, dict(tree_flatten(model.parameters())))
    (folder / "steps.json").write_text(json.dumps(log, indent=2) + "\n")
    print(name, log["loss"], [round(s["loss"], 4) for s in log["steps"]], [round(s["norm"], 3) for s in log["steps"]])


# dims that groups of 32 divide, and a matrix that is left alone: RECIPE of the test says so too
ROUNDED = {
    "config": {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "vocab_size": 50,
        "tie_word_embeddings": True,
    },
    "sequences": 2, "context": 60, "documents": True, "left_out": 0.1,
}
BITS, GROUP, LEFT_ALONE = 3, 32, "o_proj"


def round_weight(w):
    """A matrix on its grid, in float32, and which weights lie beyond the grid's ends: 1 or -1."""
    packed, scales, biases = mx.quantize(w.astype(mx.bfloat16), GROUP, BITS)
    scales, biases = scales.astype(mx.float32), biases.astype(mx.float32)
    used = np.array(mx.dequantize(packed, scales, biases, GROUP, BITS))
    past = np.array(w) - used
    scale, bias = (np.repeat(np.array(a), GROUP, axis=1) for a in (scales, biases))
    code = np.rint((used - bias) / scale)
    at_end = np.logical_or(code == 0, code == 2**BITS - 1)
    return used, np.where(np.logical_and(at_end, np.abs(past) > np.abs(scale) / 2), np.sign(past), 0)


def grid_gradients(config, weights, names, mean_loss):
    """The loss and its gradients with respect to scales and biases, through MLX's quantized layers."""
    model = llama.Model(llama.ModelArgs.from_dict(config))
    model.update(tree_unflatten([(k, v.astype(mx.bfloat16)) for k, v in weights.items()]))
    can = lambda path, m: hasattr(m, "to_quantized") and LEFT_ALONE not in path
    nn.quantize(model, GROUP, BITS, class_predicate=can)
    floats = [(k, v.astype(mx.float32)) for k, v in tree_flatten(model.parameters()) if v.dtype == mx.bfloat16]
    model.update(tree_unflatten(floats))
    model.freeze()
    model.apply_to_modules(
        lambda _, m: m.unfreeze(keys=["scales", "biases"], recurse=False) if hasattr(m, "bits") else None
    )
    loss, grads = nn.value_and_grad(model, mean_loss)(model)
    flat = dict(tree_flatten(grads))
    matrices = [k.removesuffix("weight") for k in names if k.removesuffix("weight") + "scales" in flat]
    assert len(flat) == 2 * len(matrices), sorted(flat)
    return float(loss), [flat[k + part] for k in matrices for part in ("scales", "biases")]


def make_rounded(folder, seed):
    rng = np.random.default_rng(seed)
    folder = folder / "rounded"
    folder.mkdir(parents=True, exist_ok=True)
    config = BASE | ROUNDED["config"]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    names = parameter_names(config)
    ids, targets, starts = make_batch(ROUNDED, rng)
    header = np.array(ids.shape, "<i4")
    (folder / "batch.i32").write_bytes(
        header.tobytes() + b"".join(a.astype("<i4").tobytes() for a in (ids, targets, starts))
    )
    model = llama.Model(llama.ModelArgs.from_dict(config))
    shapes = {k: v.shape for k, v in tree_flatten(model.parameters())}

    def draw(k):
        s = shapes[k]
        values = rng.standard_normal(s) * 0.3 if len(s) > 1 else 1 + 0.2 * rng.standard_normal(s)
        return mx.array(values.astype(np.float32)).astype(mx.bfloat16).astype(mx.float32)

    weights = {k: draw(k) for k in names}
    teacher = {k: weights[k] + 0.1 * draw(k) for k in names}
    used, beyond = {}, {}
    for k in names:
        rounds = len(shapes[k]) > 1 and LEFT_ALONE not in k
        used[k], beyond[k] = round_weight(weights[k]) if rounds else (np.array(weights[k]), 0)

    def logits_of(m):
        found = []
        for s in range(ids.shape[0]):
            bounds = sorted(set(starts[s].tolist())) + [ids.shape[1]]
            parts = [m(mx.array(ids[s : s + 1, a:b]))[0] for a, b in zip(bounds, bounds[1:])]
            found.append(mx.concatenate(parts))
        return mx.stack(found)

    model.update(tree_unflatten(list(teacher.items())))
    taught = mx.softmax(logits_of(model), axis=-1)
    counted = mx.array((targets >= 0).astype(np.float32))
    count = int((targets >= 0).sum())

    def mean_loss(m):
        z = logits_of(m)
        log_own = z - mx.logsumexp(z, axis=-1, keepdims=True)
        divergence = (taught * (mx.log(taught) - log_own)).sum(axis=-1)
        return (divergence * counted).sum() / count

    model.update(tree_unflatten([(k, mx.array(v)) for k, v in used.items()]))
    loss, grads = nn.value_and_grad(model, mean_loss)(model)
    gradient = {k: np.array(v) for k, v in tree_flatten(grads)}
    outward = {k: np.logical_and(beyond[k] != 0, (gradient[k] < 0) == (beyond[k] > 0)) for k in names}
    write(folder / "weights.f32", names, weights)
    write(folder / "teacher.f32", names, teacher)
    write(folder / "gradients.f32", names, gradient)
    write(folder / "held.f32", names, {k: np.where(outward[k], 0, gradient[k]) for k in names})
    own_loss, learned = grid_gradients(config, weights, names, mean_loss)
    assert abs(own_loss / float(loss) - 1) < 1e-6, own_loss
    write(folder / "learned.f32", list(range(len(learned))), learned)
    clipped = int(sum(np.count_nonzero(beyond[k]) for k in names))
    log = {"loss": float(loss), "n_targets": count, "clipped": clipped}
    (folder / "steps.json").write_text(json.dumps(log, indent=2) + "\n")
    print("rounded", log, int(sum(outward[k].sum() for k in names)), "held")


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for i, (name, case) in enumerate(CASES.items()):
        make_case(folder / "train", name, case, 100 + i)
    make_rounded(folder / "train", 200)


main()
