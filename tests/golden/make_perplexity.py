"""Writes tests/golden/perplexity: what a text's predictions lose when a model is quantized.

    python make_perplexity.py [--bitloss PROGRAM --llama-perplexity PROGRAM]

    scores.json     tiny_llama against its MLX-quantized variants: the figures of every scored token
                    and of the text. The weights are quantized by mlx; all else is numpy float64: the
                    forward pass of make_models.py, softmax, divergence and statistics, written
                    straight from their definitions.
    stats.json      made-up scores (in float32) and their statistics.
    rows.json       made-up logits, their log-probabilities and divergences, in 80-bit floats.
    llama_cpp.json  the perplexity of tiny_llama that llama.cpp's llama-perplexity prints. Written only
                    when both programs are given: bitloss, to make the GGUF file, and llama-perplexity
                    v0.5.0, built from tools/perplexity of the release of that name.

The text is cut into chunks of n_context tokens, of which those from `first` on are scored. Where a case
has `ends`, those of documents in the ids, each document is cut up by itself, and all but the first token
of its first chunk are scored, however short it is. The statistics have the formulas of llama.cpp's tools/perplexity/perplexity.cpp.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, numpy 2.4.6, tokenizers 0.23.3.
"""

import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import numpy as np
from make_models import BOS, CORPUS, dequantized, forward_float64, load_as_float32
from tokenizers import Tokenizer

HERE = Path(__file__).parent
MODEL = HERE / "tiny_llama"
OUT = HERE / "perplexity"
VARIANTS = {"affine:4:64": (4, 64), "affine:8:64": (8, 64)}


def write_json(name, value):
    def shorter(v):
        if isinstance(v, dict):
            return {k: shorter(x) for k, x in v.items()}
        if isinstance(v, (list, tuple, np.ndarray)):
            return [shorter(x) for x in v]
        if isinstance(v, (float, np.floating)):
            digits = 9 if isinstance(v, np.float32) else 10
            return float(f"{v:.{digits}g}") if np.isfinite(v) else str(v)
        return int(v) if isinstance(v, (np.integer, np.bool_)) else v

    (OUT / name).write_text(json.dumps(shorter(value), separators=(",", ":")) + "\n")


# ---- one token


def log_softmax(x):
    x = x - x.max(-1, keepdims=True)
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def score(x, ref_x, ids):
    """Figures of each row of logits (n, vocab) that predicts ids (n)."""
    q, p = log_softmax(x), log_softmax(ref_x)
    rows = np.arange(len(ids))
    return {
        "log_p": q[rows, ids],
        "ref_log_p": p[rows, ids],
        "kl": (np.exp(p) * (p - q)).sum(-1),
        "logit_diff": np.abs(x - ref_x).mean(-1),
        "is_same_top": (x.argmax(-1) == ref_x.argmax(-1)).astype(int),
    }


# ---- a text


def mean_and_error(x):
    n = len(x)
    mean = x.sum() / n
    variance = (x * x).sum() / n - mean * mean
    return [mean, np.sqrt(max(variance, 0) / (n - 1)) if n > 1 else np.inf]


def statistics(s):
    nll, ref = -s["log_p"].astype(np.float64), -s["ref_log_p"].astype(np.float64)
    kl, n = s["kl"].astype(np.float64), len(s["kl"])
    ln_ppl, ln_ref = mean_and_error(nll), mean_and_error(ref)
    covariance = ((nll * ref).sum() / n - nll.sum() / n * ref.sum() / n) / (n - 1) if n > 1 else np.nan
    variance = ln_ppl[1] ** 2 + ln_ref[1] ** 2 - 2 * covariance if n > 1 else np.inf
    delta_p = np.exp(-nll) - np.exp(-ref)
    mean_square = mean_and_error(delta_p**2)
    rms = np.sqrt(mean_square[0])
    same = s["is_same_top"].sum() / n
    out = {
        "n": n,
        "ppl": [np.exp(ln_ppl[0]), np.exp(ln_ppl[0]) * ln_ppl[1]],
        "ref_ppl": [np.exp(ln_ref[0]), np.exp(ln_ref[0]) * ln_ref[1]],
        "ln_ratio": [ln_ppl[0] - ln_ref[0], np.sqrt(max(variance, 0))],
        "kl_mean": mean_and_error(kl),
        "delta_p": mean_and_error(delta_p),
        "delta_p_rms": [rms, 0.5 / rms * mean_square[1]],
        "same_top": [same, np.sqrt(same * (1 - same) / (n - 1)) if n > 1 else np.inf],
        "logit_diff": mean_and_error(s["logit_diff"].astype(np.float64)),
        "kl_median": np.median(kl),
        "kl_max": kl.max(),
    }
    if n > 1:
        out["correlation"] = covariance / (ln_ppl[1] * ln_ref[1])
    for name, percent in ("kl_90", 90), ("kl_95", 95), ("kl_99", 99), ("kl_999", 99.9):
        out[name] = np.percentile(kl, percent)
    return out


def chunks_of(n_ids, n_context, first):
    """(start, end, first scored) of each chunk of a text that is not divided."""
    starts = range(0, n_ids - n_context + 1, n_context)
    return [(start, start + n_context, start + first) for start in starts]


def chunks_of_documents(ends, n_context, first):
    """The same of a text that is."""
    chunks = []
    for begin, end in zip([0, *ends], ends):
        head = min(begin + n_context, end)
        if head - begin >= 2:
            chunks.append((begin, head, begin + 1))
        rest = chunks_of(end - head, n_context, first)
        chunks += [(head + a, head + b, head + c) for a, b, c in rest]
    return chunks


def run(config, models, ids, chunks, bos):
    """Scores of every variant in models, whose first entry is the reference."""
    parts = {name: [] for name in list(models)[1:]}
    index = []
    for start, end, scored in chunks:
        chunk = [bos] + ids[start + 1 : end]
        first = scored - start
        targets = np.array(chunk[first:])
        index += range(scored, end)
        logits = {k: forward_float64(config, w, chunk)[first - 1 : -1] for k, w in models.items()}
        for name in parts:
            parts[name].append(score(logits[name], logits["reference"], targets))
    scores = {
        name: {k: np.concatenate([p[k] for p in ps]) for k in ps[0]} for name, ps in parts.items()
    }
    return index, scores


def make_scores(ids, bos):
    config = json.loads((MODEL / "config.json").read_text())
    models = {"reference": dequantized(load_as_float32(MODEL))}
    for name, (bits, group) in VARIANTS.items():
        model = load_as_float32(MODEL)
        nn.quantize(model, group_size=group, bits=bits)
        models[name] = dequantized(model)
    cases = []
    for n_ids, n_context, first, ends in (
        (150, 64, 0, None),
        (70, 20, 1, None),
        (61, 0, 0, None),
        (9, 0, 0, None),
        (150, 20, 0, [9, 9, 10, 12, 70, 90, 131, 150]),
        (120, 0, 0, [40, 41, 120]),
        (90, 30, 2, [75, 90]),
    ):
        used = n_context or (512 if ends else n_ids)
        scored = first or used // 2 + 1
        chunks = chunks_of_documents(ends, used, scored) if ends else chunks_of(n_ids, used, scored)
        index, scores = run(config, models, ids[:n_ids], chunks, bos)
        variants = {k: {**s, "stats": statistics(s)} for k, s in scores.items()}
        case = {"n_ids": n_ids, "n_context": n_context, "first": first, "index": index}
        cases.append({**case, **({"ends": ends} if ends else {}), **variants})
    write_json("scores.json", {"ids": ids[:150], "cases": cases})


# ---- statistics of made-up scores


def make_stats():
    rng = np.random.default_rng(5)
    cases = []
    for n in 1, 2, 11, 12, 400:
        ref = -rng.exponential(2.5, n)
        change = rng.standard_t(3, n) * 0.2
        s = {
            "log_p": np.minimum(ref + change, -1e-4),
            "ref_log_p": ref,
            "kl": rng.lognormal(-4, 1.5, n),
            "logit_diff": rng.lognormal(-1, 0.3, n),
        }
        s = {k: v.astype(np.float32) for k, v in s.items()}
        s["is_same_top"] = (rng.random(n) < 0.9).astype(int)
        cases.append({**s, "stats": statistics(s)})
    write_json("stats.json", cases)


# ---- rows of made-up logits


def exact_row(x, ref_x):
    x, ref_x = x.astype(np.longdouble), ref_x.astype(np.longdouble)
    q, p = log_softmax(x), log_softmax(ref_x)
    figures = {
        "log_p": q[:3],
        "kl": (np.exp(p) * (p - q)).sum(),
        "logit_diff": np.abs(x - ref_x).mean(),
    }
    return {k: v.astype(np.float64) for k, v in figures.items()}


def make_rows():
    """Rows of sizes around whole vectors and blocks, from equal but for rounding to far apart."""
    rng = np.random.default_rng(7)
    cases = []
    for n, spread, change, offset in (
        (1, 1, 1, 0),
        (2, 3, 0.5, 0),
        (7, 3, 1e-4, 0),
        (37, 6, 3e-6, 0),
        (37, 6, 0.01, 30),
        (259, 4, 1e-3, 0),
        (259, 4, 1, -7),
        (300, 30, 10, 0),
        (300, 1, 100, 1000),
    ):
        ref = (rng.standard_normal(n) * spread + 5).astype(np.float32)
        x = (ref + rng.standard_normal(n) * change + offset).astype(np.float32)
        cases.append({"logits": x, "ref": ref, **exact_row(x, ref)})
    write_json("rows.json", cases)


# ---- the real program


def make_llama_cpp(ids, text, bitloss, llama_perplexity):
    n_context = 256
    with tempfile.TemporaryDirectory() as folder:
        gguf, prompt = Path(folder) / "model.gguf", Path(folder) / "text.txt"
        prompt.write_text(text)
        convert = [bitloss, "convert", "--hf-path", MODEL, "--recipe", "f32", "--out", gguf]
        subprocess.run(convert, check=True)
        command = [llama_perplexity, "-m", gguf, "-f", prompt, "-c", n_context, "-t", 1]
        command += ["-ctk", "f32", "-ctv", "f32", "-fa", "off"]
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True)
    found = re.search(r"Final estimate: PPL = ([\d.]+) \+/- ([\d.]+)", done.stdout + done.stderr)
    figures = {"ppl": float(found[1]), "ppl_error": float(found[2])}
    write_json("llama_cpp.json", {"n_context": n_context, **figures, "ids": ids})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bitloss")
    parser.add_argument("--llama-perplexity")
    args = parser.parse_args()
    mx.set_default_device(mx.cpu)
    OUT.mkdir(exist_ok=True)
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    ids = tokenizer.encode(CORPUS).ids
    make_scores(ids, tokenizer.token_to_id(BOS))
    make_stats()
    make_rows()
    if args.bitloss and args.llama_perplexity:
        text = CORPUS * 3
        ids = tokenizer.encode(text).ids
        make_llama_cpp(ids, text, args.bitloss, args.llama_perplexity)


if __name__ == "__main__":
    main()
