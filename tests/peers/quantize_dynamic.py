"""Exercise two beside torch: a classifier under quantize_dynamic, and what bitloss makes of it.

    python tests/peers/quantize_dynamic.py [MODEL TEXTS]     bitloss: build/native/bitloss, or $BITLOSS

MODEL is a folder with a DistilBERT classifier, TEXTS lines "text<TAB>label": by default those of
examples/tinyworld/classifier. Prints the table in Markdown: size, time until 1, 4 and 8 texts are answered, accuracy, mean
|logit difference| to the float model of the same program; then how far the logits of bitloss and of each of torch's engines
are from each other. One thread each. torch's time is of one padded batch, as it is used, and of one text after another, as bitloss does
it. torch's size is that of the file that torch.save writes of the state_dict. Fetches nothing.

Made with torch 2.2.2, transformers 4.46.3, tokenizers 0.20.3.
"""

import io
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import DistilBertForSequenceClassification

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "examples" / "tinyworld" / "classifier"
BITLOSS = os.environ.get("BITLOSS", ROOT / "build" / "native" / "bitloss")
DYNAMIC = "qint8@int8/*embeddings=f16"
ENGINES = ["fbgemm", "onednn", "qnnpack"]  # "x86" takes the kernels of fbgemm
BATCHES, N_TIMED = [1, 4, 8], 31


def run_torch(model, batch):
    """Logits of texts of ids, padded to the longest."""
    longest = max(map(len, batch))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in batch])
    with torch.no_grad():
        return model(ids, attention_mask=torch.tensor([[i < len(row) for i in range(longest)] for row in batch]).long()).logits


def logits_of_torch(model, rows):
    return np.array([run_torch(model, [row])[0].tolist() for row in rows])


def seconds(model, rows, n, padded):
    """The median time until n texts are answered."""
    times = []
    for run in range(N_TIMED):
        batch = [rows[(run * n + i) % len(rows)] for i in range(n)]
        began = time.perf_counter()
        for part in [batch] if padded else [[row] for row in batch]:
            run_torch(model, part)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def size(model):
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.tell()


def bitloss(*args, **options):
    made = subprocess.run([BITLOSS, *args, "--json", "--threads", "1"], capture_output=True, check=True, text=True, **options)
    return json.loads(made.stdout)


def logits_of_bitloss(folder, texts, recipe):
    args = ["classify", "--model", folder, "--recipe", recipe, "--text", "-"]
    return np.array([one["logits"] for one in bitloss(*args, input="\n".join(texts))["texts"]])


def show(name, n_bytes, times, accuracy, difference):
    cells = [name, f"{n_bytes / 1e3:,.0f} kB", *(f"{1e3 * t:.2f} ms" for t in times), f"{100 * accuracy:.1f}%"]
    cells.append("" if difference is None else f"{difference:.5f}")
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    folder, labelled = map(Path, sys.argv[1:3]) if len(sys.argv) > 2 else (FOLDER, FOLDER / "held_out.tsv")
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pairs = [line.split("\t") for line in labelled.read_text(encoding="utf-8").splitlines() if line]
    texts = [text for text, _ in pairs]
    rows = [tokenizer.encode(text).ids for text in texts]
    exact = DistilBertForSequenceClassification.from_pretrained(folder, torch_dtype=torch.float32).eval()
    labels = np.array([exact.config.label2id[label] for _, label in pairs])

    print("| | size | 1 text | 4 texts | 8 texts | accuracy | \\|logit diff\\| |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    made = bitloss("compare", "--model", folder, "--labels", labelled, "--recipes", DYNAMIC, "--cost")
    for lane in made["lanes"]:
        f = lane["labels"]
        times = [f[f"batch_{n}_seconds"] for n in BATCHES]
        name = f"bitloss, {lane['recipe']}".replace("*", "\\*")
        show(name, lane["size_bytes"], times, f["accuracy"], f.get("mean_abs_logit_diff"))

    reference = logits_of_torch(exact, rows)
    models, logits = {"float32": exact}, {"float32": reference}
    for engine in ENGINES:
        if engine not in torch.backends.quantized.supported_engines:
            print(f"this torch has no engine {engine}", file=sys.stderr)
            continue
        torch.backends.quantized.engine = engine
        name = f"quantize_dynamic, {engine}"
        models[name] = torch.quantization.quantize_dynamic(exact, {torch.nn.Linear}, dtype=torch.qint8)
        logits[name] = logits_of_torch(models[name], rows)
    for name, model in models.items():
        right = (logits[name].argmax(1) == labels).mean()
        difference = None if model is exact else np.abs(logits[name] - reference).mean()
        for padded in (True, False):
            if name.startswith("quantize"):
                torch.backends.quantized.engine = name.split(", ")[1]
            times = [seconds(model, rows, n, padded) for n in BATCHES]
            how = "a padded batch" if padded else "one after another"
            show(f"torch, {name}, {how}", size(model), times, right, difference)

    print()
    floats = np.abs(logits_of_bitloss(folder, texts, "reference") - reference)
    print(f"float, bitloss and torch: largest difference {floats.max():.2g}")
    dynamic = {name: theirs for name, theirs in logits.items() if name != "float32"}
    dynamic[DYNAMIC] = logits_of_bitloss(folder, texts, DYNAMIC)
    for (one, first), (other, second) in itertools.combinations(dynamic.items(), 2):
        d = np.abs(first - second)
        share = 100 * (d < 1e-4).mean()
        print(f"{one} and {other}: largest difference {d.max():.2g}, median {np.median(d):.2g}, {share:.1f}% below 0.0001")


if __name__ == "__main__":
    main()
