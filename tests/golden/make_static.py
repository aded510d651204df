"""Static int8 activations as torch's observers and operators have them, in static/ beside this file.

    python make_static.py

Of each KIND of numbers `calls_KIND.bin` has N_CALLS calls of a layer with N float32 each, then 64 to be rounded.
`observers.json` has for each kind, after every call, what HistogramObserver and MinMaxObserver of torch.ao.quantization
say: "range" (its _non_linear_param_search), and scale and zero point for codes 0 to 127 (default_histogram_observer,
default_observer) and for signed bytes that are symmetric (per_tensor_symmetric); and after the last call "codes", those
of the 64 numbers, less the zero point, by quantized_decomposed.quantize_per_tensor, the operator of torch's exported
quantized models.

`classifier.json`: examples/tinyworld/classifier, read by transformers in float32. "calibration" is the tokens of
every 10th held-out text from the 5th on; "lines" has for every 10th from the 10th on its tokens and, by format and
observer, the logits of the model in which each Linear rounds its input by what was observed of that on the calibration
texts (one call for each text), with quantize_per_tensor and dequantize_per_tensor, and has weights that are
quantized and dequantized: for "qint8" with default_weight_observer's, for "int8" by torchao's
Int8WeightOnlyConfig from the type that the file has. "layers" has each Linear's scales and zero points by the same names.

Made with torch 2.15.0, torchao 0.18.0, transformers 4.46.3, tokenizers 0.20.3, numpy 2.4.
"""

import json
import pathlib

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch.ao.quantization import HistogramObserver, MinMaxObserver
from torch.ao.quantization.fx import _decomposed  # noqa: F401  registers the operators
from torchao.quantization import Int8WeightOnlyConfig, quantize_
from transformers import DistilBertForSequenceClassification

out = pathlib.Path(__file__).parent / "static"
MODEL = pathlib.Path(__file__).parent.parent.parent / "examples" / "tinyworld" / "classifier"
N, N_CALLS = 2048, 5
FORMATS = {
    "qint8": dict(dtype=torch.quint8, qscheme=torch.per_tensor_affine, quant_min=0, quant_max=127),
    "int8": dict(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric),
}
OBSERVERS = {"histogram": HistogramObserver, "minmax": MinMaxObserver}
CODES = {"qint8": (0, 127, torch.uint8), "int8": (-128, 127, torch.int8)}
ops = torch.ops.quantized_decomposed


def make_calls(kind, rng):
    """The last of them reaches furthest."""
    x = rng.standard_normal((N_CALLS, N))
    if kind == "wide":
        x *= 2.0 ** rng.integers(-4, 6, (N_CALLS, N))
    elif kind == "outliers":
        x[rng.random((N_CALLS, N)) < 0.002] *= 60
    elif kind == "positive":
        x = np.maximum(x, 0) * np.arange(1, N_CALLS + 1)[:, None]
    elif kind == "shifted":
        x = x * 0.3 - 4
    elif kind == "constant_first":
        x[0] = 0.5
    elif kind == "narrowing":
        x *= np.arange(N_CALLS, 0, -1)[:, None]
    elif kind == "tiny":
        x *= 1e-9
    return x.astype(np.float32)


def line_of(observer):
    scale, zero = observer.calculate_qparams()
    return [float(scale), int(zero)]


def round_by(x, line, fmt):
    low, high, dtype = CODES[fmt]
    return ops.quantize_per_tensor(x, line[0], line[1], low, high, dtype)


def observe(kind, rng):
    calls = make_calls(kind, rng)
    row = torch.from_numpy((rng.standard_normal(64) * np.abs(calls).max() / 3).astype(np.float32))
    (out / f"calls_{kind}.bin").write_bytes(calls.tobytes() + row.numpy().tobytes())
    made = {f"{fmt}:{name}": make(**FORMATS[fmt]) for fmt in FORMATS for name, make in OBSERVERS.items()}
    after = []
    for call in torch.from_numpy(calls):
        for observer in made.values():
            observer(call)
        lo, hi = made["qint8:histogram"]._non_linear_param_search()
        after.append({"range": [float(lo), float(hi)], "lines": {k: line_of(o) for k, o in made.items()}})
    for name, line in after[-1]["lines"].items():
        fmt = name.split(":")[0]
        codes = round_by(row, line, fmt).to(torch.int32) - line[1]
        after[-1].setdefault("codes", {})[name] = codes.tolist()
    return after


class Static(torch.nn.Module):
    """A Linear whose input is observed, or rounded."""

    def __init__(self, linear, stored):
        super().__init__()
        self.linear, self.lines, self.mode = linear, {}, None
        self.observers = {
            f"{fmt}:{name}": make(**FORMATS[fmt]) for fmt in FORMATS for name, make in OBSERVERS.items()
        }
        observer = MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
        observer(linear.weight)
        scale, _ = observer.calculate_qparams()
        ours = torch.nn.Sequential(torch.nn.Linear(*linear.weight.shape[::-1], bias=False, dtype=stored))
        ours[0].weight = torch.nn.Parameter(linear.weight.to(stored), requires_grad=False)
        quantize_(ours, Int8WeightOnlyConfig())
        int8 = ours[0].weight
        self.weights = {
            "qint8": torch.clamp(torch.round(linear.weight * (1 / scale)), -128, 127) * scale,
            "int8": int8.qdata.float() * int8.scale.float().reshape(-1, 1),
        }

    def forward(self, x):
        if self.mode is None:
            for observer in self.observers.values():
                observer(x)
            return self.linear(x)
        fmt = self.mode.split(":")[0]
        low, high, dtype = CODES[fmt]
        scale, zero = self.lines[self.mode]
        codes = round_by(x, (scale, zero), fmt)
        x = ops.dequantize_per_tensor(codes, scale, zero, low, high, dtype)
        return torch.nn.functional.linear(x, self.weights[fmt], self.linear.bias)


def make_classifier():
    model = DistilBertForSequenceClassification.from_pretrained(
        MODEL, torch_dtype=torch.float32, attn_implementation="eager"
    ).eval()
    stored = load_file(MODEL / "model.safetensors")["classifier.weight"].dtype
    names = [name for name, layer in model.named_modules() if isinstance(layer, torch.nn.Linear)]
    layers = {}
    for name in names:
        parent, last = name.rpartition(".")[::2]
        layers[name] = Static(model.get_submodule(name), stored)
        setattr(model.get_submodule(parent), last, layers[name])
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    texts = (MODEL / "held_out.tsv").read_text(encoding="utf-8").splitlines()[:200]
    ids = [tokenizer.encode(text.split("\t")[0]).ids for text in texts]
    calibration, judged = ids[4::10], ids[9::10]

    def logits_of(text):
        return model(torch.tensor([text])).logits[0].tolist()

    for text in calibration:
        logits_of(text)
    lines = [{"ids": text, "logits": {}} for text in judged]
    for layer in layers.values():
        layer.lines = {name: line_of(o) for name, o in layer.observers.items()}
    for mode in next(iter(layers.values())).lines:
        for layer in layers.values():
            layer.mode = mode
        for line in lines:
            line["logits"][mode] = logits_of(line["ids"])
    return {"calibration": calibration, "lines": lines, "layers": {n: l.lines for n, l in layers.items()}}


def main():
    out.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    rng = np.random.default_rng(11)
    kinds = ["normal", "wide", "outliers", "positive", "shifted", "constant_first", "narrowing", "tiny"]
    with torch.no_grad():
        (out / "observers.json").write_text(json.dumps({k: observe(k, rng) for k in kinds}) + "\n")
        (out / "classifier.json").write_text(json.dumps(make_classifier()) + "\n")


main()
