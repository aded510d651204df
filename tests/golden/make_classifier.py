"""Writes tests/golden/classifier.json: what torch says of the held-out texts of examples/tinyworld/classifier.

    python make_classifier.py [FILE]        default: classifier.json beside this script

`n_right` of the first `n` held-out texts are labelled rightly by transformers' DistilBertForSequenceClassification in
float64. For every 10th of them: its `line`, its `ids` as Hugging Face's tokenizers makes them, its `logits` in float64,
and `qint8`: its logits after torch.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8), in torch's
default engine of x86, whose kernels for this are FBGEMM's (7-bit activations: reduce_range). `linear` has, of every layer
that it replaced, the `scale` of its weights and the SHA-256 of their `codes`, one byte each, row by row.

Made with torch 2.2.2, transformers 4.46.3, tokenizers 0.20.3, numpy 1.26.4.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import DistilBertForSequenceClassification

MODEL = Path(__file__).parent.parent.parent / "examples" / "tinyworld" / "classifier"
FIRST, EVERY = 200, 10


def logits_of(model, ids):
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].tolist()


def linear_of(dynamic):
    """The weights of every layer that is quantized."""
    for name, layer in dynamic.named_modules():
        if isinstance(layer, torch.ao.nn.quantized.dynamic.Linear):
            weight = layer.weight()
            codes = weight.int_repr().numpy().tobytes()
            yield name, {"scale": weight.q_scale(), "codes": hashlib.sha256(codes).hexdigest()}


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "classifier.json"
    torch.set_num_threads(1)
    torch.backends.quantized.engine = "fbgemm"
    load = lambda dtype: DistilBertForSequenceClassification.from_pretrained(MODEL, torch_dtype=dtype).eval()
    exact = load(torch.float64)
    dynamic = torch.quantization.quantize_dynamic(load(torch.float32), {torch.nn.Linear}, dtype=torch.qint8)
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    n_right, texts = 0, []
    lines = (MODEL / "held_out.tsv").read_text(encoding="utf-8").splitlines()[:FIRST]
    for number, line in enumerate(lines, 1):
        text, label = line.split("\t")
        ids = tokenizer.encode(text).ids
        logits = logits_of(exact, ids)
        n_right += exact.config.label2id[label] == logits.index(max(logits))
        if number % EVERY == 0:
            texts.append({"line": number, "ids": ids, "logits": logits, "qint8": logits_of(dynamic, ids)})
    made = {"n": len(lines), "n_right": n_right, "linear": dict(linear_of(dynamic)), "texts": texts}
    out.write_text(json.dumps(made) + "\n")
    print(f"{n_right} of {len(lines)} right")


if __name__ == "__main__":
    main()
