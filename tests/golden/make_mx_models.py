"""What mlx_lm.convert makes of the small models in each of MLX's floating-point modes.

    pip install mlx==0.32.4 mlx-cpu==0.32.4 mlx-lm==0.32.2
    python make_mx_models.py mx/models.txt

A line for each model and mode: model mode type n_tensors weights config. `type` is the --dtype
option, "own" where none is given. `weights` is the 64-bit FNV-1a hash of all tensors in the order
of their names: the name and its type as in the safetensors header, each with a zero byte after it,
the dimensions as little-endian int64, the bytes. `config` is that of the text of config.json.
"""

import json
import pathlib
import struct
import sys
import tempfile

from mlx_lm import convert

MODELS = ["tiny_llama", "tiny_llama_bias", "tiny_qwen3"]  # float32, float16, bfloat16
MODES = ["mxfp4", "mxfp8", "nvfp4"]
TYPES = ["own", "float16", "bfloat16", "float32"]


def fnv1a(pieces):
    h = 0xCBF29CE484222325
    for piece in pieces:
        for byte in piece:
            h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def tensors(path):
    """(name, type, dimensions, bytes) of each, by name."""
    data = path.read_bytes()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:start])
    for name in sorted(set(header) - {"__metadata__"}):
        first, end = header[name]["data_offsets"]
        yield name, header[name]["dtype"], header[name]["shape"], data[start + first : start + end]


def main():
    folder = pathlib.Path(__file__).parent
    lines = []
    for model in MODELS:
        for mode in MODES:
            for dtype in TYPES:
                with tempfile.TemporaryDirectory() as temporary:
                    out = pathlib.Path(temporary) / "out"
                    options = {} if dtype == "own" else {"dtype": dtype}
                    convert(str(folder / model), str(out), quantize=True, q_mode=mode, **options)
                    found = list(tensors(out / "model.safetensors"))
                    pieces = []
                    for name, kind, shape, data in found:
                        pieces += [name.encode(), b"\0", kind.encode(), b"\0"]
                        pieces += [struct.pack(f"<{len(shape)}q", *shape), data]
                    config = fnv1a([(out / "config.json").read_bytes()])
                lines.append(f"{model} {mode} {dtype} {len(found)} {fnv1a(pieces):016x} {config:016x}\n")
    pathlib.Path(sys.argv[1]).write_text("".join(lines))


if __name__ == "__main__":
    main()
