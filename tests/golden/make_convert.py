"""Writes tests/golden/convert/expected.json: what mlx_lm convert makes of the tiny models.

    python make_convert.py [FOLDER]        default: the folder of this script; run make_models.py first

Each case is a model and one conversion or several in a row, each with the options of the command
line. Of the last directory it has config.json as it is, and the SHA-256 of a line for each tensor,
sorted: its name, its type, its shape and the SHA-256 of its bytes.

Made with mlx 0.32.4 (mlx-cpu 0.32.4), mlx-lm 0.32.2, transformers 5.23.0.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

QUANTIZED = ["-q", "--q-group-size", "64"]

# name: (model, options of each step)
CASES = {
    # -d rounds the product and the sum to the scales' type.
    **{
        f"dequantized {dtype} {bits}": (
            "tiny_llama",
            [[*QUANTIZED, "--q-bits", bits, "--dtype", dtype], ["-d"]],
        )
        for dtype in ("float16", "bfloat16", "float32")
        for bits in ("2", "3", "4", "5", "6", "8")
    },
    # --dtype casts scales and biases, before -d too.
    "scales cast": (
        "tiny_llama",
        [[*QUANTIZED, "--q-bits", "4", "--dtype", "float32"], ["--dtype", "bfloat16"]],
    ),
    "scales cast and dequantized": (
        "tiny_llama",
        [[*QUANTIZED, "--q-bits", "3", "--dtype", "float32"], ["-d", "--dtype", "float16"]],
    ),
    "bytes are no scales to cast": (
        "tiny_llama",
        [["-q", "--q-mode", "mxfp4"], ["--dtype", "float16"]],
    ),
    # A predicate's layers have the group size that was named, which may be none.
    "predicate": ("tiny_llama", [["-q", "--quant-predicate", "mixed_3_6"]]),
    "predicate and bits": (
        "tiny_llama",
        [["-q", "--quant-predicate", "mixed_3_6", "--q-bits", "8"]],
    ),
    "predicate, bits and group": (
        "tiny_llama",
        [["-q", "--quant-predicate", "mixed_2_6", "--q-bits", "8", "--q-group-size", "32"]],
    ),
    # Rows of 96 that no group of 64 or 128 divides.
    "some quantized": ("tiny_llama_bias", [["-q", "--q-group-size", "128"]]),
    "predicate where some are quantized": (
        "tiny_llama_bias",
        [["-q", "--quant-predicate", "mixed_3_6", "--q-bits", "8"]],
    ),
    # None of the rows, of 16 and 48 weights, divides.
    "nothing quantized": ("narrow", [["-q"]]),
    "nothing quantized in another mode": ("narrow", [["-q", "--q-mode", "mxfp8"]]),
}


def write_narrow(source, folder):
    """tiny_llama's texts with one layer of rows that no group divides."""
    import mlx.core as mx

    config = json.loads((source / "config.json").read_text())
    config |= {"hidden_size": 16, "intermediate_size": 48, "num_hidden_layers": 1, "head_dim": 8}
    config |= {"num_attention_heads": 2, "num_key_value_heads": 2, "tie_word_embeddings": True}
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((source / name).read_bytes())
    layer = "model.layers.0."
    shapes = {"model.embed_tokens": (config["vocab_size"], 16), "model.norm": (16,)}
    shapes |= {layer + f"self_attn.{x}_proj": (16, 16) for x in "qkvo"}
    shapes |= {layer + "mlp.gate_proj": (48, 16), layer + "mlp.up_proj": (48, 16)}
    shapes |= {layer + "mlp.down_proj": (16, 48)}
    shapes |= {layer + "input_layernorm": (16,), layer + "post_attention_layernorm": (16,)}
    weights = {
        name + ".weight": (mx.arange(mx.prod(mx.array(shape)).item()) % 7 / 8 - 0.375)
        .reshape(shape)
        .astype(mx.float16)
        for name, shape in shapes.items()
    }
    mx.save_safetensors(str(folder / "model.safetensors"), weights, metadata={"format": "pt"})


def digest_of(path):
    file = path.read_bytes()
    start = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:start])
    header.pop("__metadata__", None)
    lines = []
    for name, entry in sorted(header.items()):
        data = file[slice(*(start + x for x in entry["data_offsets"]))]
        shape = ",".join(map(str, entry["shape"]))
        lines.append(f"{name} {entry['dtype']} {shape} {hashlib.sha256(data).hexdigest()}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    out = folder / "convert"
    out.mkdir(exist_ok=True)
    if not (out / "narrow").exists():
        write_narrow(folder / "tiny_llama", out / "narrow")
    expected = {}
    for name, (model, steps) in CASES.items():
        with tempfile.TemporaryDirectory() as scratch:
            source = out / model if model == "narrow" else folder / model
            for i, options in enumerate(steps):
                target = Path(scratch) / str(i)
                command = [sys.executable, "-m", "mlx_lm", "convert", "--hf-path", str(source)]
                subprocess.run([*command, "--mlx-path", str(target), *options], check=True)
                source = target
            expected[name] = {
                "model": model,
                "steps": steps,
                "config": json.loads((source / "config.json").read_text()),
                "tensors": digest_of(source / "model.safetensors"),
            }
    (out / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


main()
