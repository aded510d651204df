"""Golden vectors for the formats of torch, torchao and bitsandbytes.

    pip install torch==2.15.0 torchao==0.18.0 bitsandbytes==0.50.2 numpy==2.4.6
    pip install --no-deps mslk-cuda==1.1.0
    python make_torch.py torch/

On a CPU with AVX2 or AVX-512. Of mslk only quantize/shuffle.py is used, plain torch code that packs
int4; its CUDA library is not loaded.

The weights are not stored: kind() below makes them from splitmix64, as tests/core/torch_material.h
does, and the files hold a hash of them. Each file is little-endian, "BLTORCH1", uint32 n_tensors, then
for each tensor

    uint32    kind, dtype (1 f32, 2 f16, 3 bf16), group, n_rows, n_cols
    uint64    FNV-1a hash of the weights as float32

and what the library makes of them:

    int8.bin     codes i8 (n_rows, n_cols); scales f32 (n_rows); hash of decoded, as float32
    int4.bin     codes u8 (n_rows, n_cols / 2), qdata; scales, zeros of dtype (n_rows, n_cols / group)
                 (the library has (n_cols / group, n_rows))
    qint8.bin    codes i8 (n_rows, n_cols); scale f64; hash of decoded
    nf4.bin      codes u8 (n_rows, n_cols / 2); absmax f32 (n_rows, n_cols / 64); hash of decoded
    double.bin   codes as in nf4.bin; absmax u8 (n_rows, n_cols / 64); nested absmax f32, one for 256
                 blocks; offset f32; hash of decoded
                 (codes of the largest, 35 rows, only as a hash)
    large.bin    for matrices of 64 or more rows: the format's name (16 bytes) before the fields
                 above; one hash of all its parts; hash of decoded, or 0

Decoded values are float32, but int8's are of the weights' type. NaNs of every kind are hashed as
0x7fc00000.

map.bin        16 f32, the values of NF4; 256 f32, the dynamic map; 65536 u8, the codes that the
               dynamic map has for 2 i / 65535 - 1
"""

import importlib.machinery
import importlib.util
import logging
import pathlib
import struct
import sys
import types
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
torch.set_num_threads(1)

DTYPES = {1: torch.float32, 2: torch.float16, 3: torch.bfloat16}
LARGEST = {1: 3.0e38, 2: 65504.0, 3: 3.0e38}


def stand_in_for_mslk():
    """mslk.quantize.shuffle without the CUDA library that importing mslk would load."""
    site = pathlib.Path(torch.__file__).parents[1]
    for name in ("mslk", "mslk.quantize", "mslk.quantize.triton", "mslk.quantize.triton.fp8_quantize"):
        module = types.ModuleType(name)
        module.__path__ = [str(site / name.replace(".", "/"))]
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        sys.modules[name] = module
    sys.modules["mslk.quantize.triton.fp8_quantize"].quantize_fp8_row = None
    spec = importlib.util.spec_from_file_location(
        "mslk.quantize.shuffle", site / "mslk/quantize/shuffle.py"
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


stand_in_for_mslk()

import bitsandbytes.functional as bnb  # noqa: E402
from torchao.quantization import Int4WeightOnlyConfig, Int8WeightOnlyConfig, quantize_  # noqa: E402

# ---- weights -------------------------------------------------------------------------------------

f32 = np.float32
NF4 = bnb.get_4bit_type("nf4", device="cpu").numpy()


class Random:
    """splitmix64."""

    def __init__(self, seed):
        self.state = seed

    def integers(self, n):
        with np.errstate(over="ignore"):
            z = np.uint64(self.state) + np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            self.state = int(z[-1])
            z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
            return z ^ z >> np.uint64(31)

    def uniform(self, n):
        """In [-1, 1): the upper half as an int32, to float32, times 2^-31."""
        upper = (self.integers(n) >> np.uint64(32)).astype(np.uint32).view(np.int32)
        return upper.astype(f32) * f32(2.0**-31)


N_KINDS = 30


def kind(k, dtype, n_rows, n_cols):
    """(n_rows, n_cols) float32 of the given kind, rounded to dtype; all operations in float32."""
    n = n_rows * n_cols
    random = Random(1000 * k + dtype)
    u = random.uniform(n)
    r = (random.integers(n) >> np.uint64(40)).astype(np.int64)  # 24 bits
    i = np.arange(n)
    sign = np.where(r % 2 == 0, f32(1), f32(-1))
    a, b = random.uniform(n), random.uniform(n)
    with np.errstate(over="ignore", invalid="ignore"):
        w = [
            lambda: u,
            lambda: u * a * b,
            lambda: u * a * b * f32(2.0**-20),
            lambda: u * f32(2.0**12),
            lambda: u * f32(2.0**-130),  # denormals of f32 and bf16
            lambda: u * f32(2.0**-16),  # denormals of f16
            lambda: np.zeros(n, f32),
            lambda: sign * f32(0),
            lambda: np.full(n, f32(0.7)),
            lambda: np.full(n, f32(-3.25)),
            lambda: f32(0.75) + u * f32(0.25),
            lambda: f32(-0.75) + u * f32(0.25),
            lambda: f32(100) + u,
            lambda: np.where(i % 41 == 7, f32(4), u * a * f32(0.03125)),
            lambda: np.where(i % 41 == 7, f32(-4), u * a * f32(0.03125)),
            lambda: sign,
            # steps of a quarter of int8's scale, 0.5, so that there are ties
            lambda: np.where(i % 32 == 3, f32(63.75), (r % 509 - 254).astype(f32) * f32(0.25)),
            # half steps of int4's scale, 1
            lambda: np.where(i % 32 == 0, f32(0), np.where(i % 32 == 1, f32(15), (r % 31).astype(f32) * f32(0.5))),
            lambda: sign * np.ldexp(f32(1), -(r % 30).astype(np.int32)).astype(f32),
            lambda: np.ldexp(u, -(i // 64 % 24).astype(np.int32)).astype(f32),
            lambda: u * f32(LARGEST[dtype]),
            lambda: u * f32(LARGEST[dtype]) * f32(0.499),
            lambda: sign * f32(LARGEST[dtype]),
            lambda: u * f32(2.0**-17),  # about the smallest scale
            lambda: u * f32(2.0**-21) * f32(2.0**-2),
            lambda: np.where(i == 5, f32(np.nan), u),
            lambda: np.where(i == 5, f32(np.inf), u),
            lambda: np.where(i == 70, f32(-np.inf), u),
            lambda: np.full(n, f32(np.nan)),
            # NF4's midpoints and their neighbours, the largest magnitude being 1
            lambda: np.where(i % 64 == 9, sign, midpoints(r)),
        ][k]()
    return round_to(dtype, w.astype(f32)).reshape(n_rows, n_cols)


def midpoints(r):
    m = ((NF4[:-1] + NF4[1:]) / f32(2))[r % 15]
    bits = m.view(np.int32) + (r // 15 % 3 - 1).astype(np.int32)
    return bits.view(f32)


def round_to(dtype, w):
    return torch.from_numpy(w).to(DTYPES[dtype]).float().numpy()


# ---- the libraries -------------------------------------------------------------------------------


def linear(w):
    module = torch.nn.Linear(w.shape[1], w.shape[0], bias=False, dtype=w.dtype)
    module.weight = torch.nn.Parameter(w.clone(), requires_grad=False)
    return module


def raw(tensor):
    tensor = tensor.contiguous()
    return (tensor.view(torch.int16) if tensor.dtype in (torch.float16, torch.bfloat16) else tensor).numpy().tobytes()


def fnv1a(*parts):
    h = 0xCBF29CE484222325
    for part in parts:
        for byte in part:
            h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def float_bytes(values):
    """float32 bytes, with one NaN."""
    values = np.asarray(values, f32).copy()
    values[np.isnan(values)] = f32(np.nan)
    return (values.view(np.uint32) & np.where(np.isnan(values), 0x7FFFFFFF, 0xFFFFFFFF).astype(np.uint32)).tobytes()


def int8(w, group):
    module = linear(w)
    quantize_(module, Int8WeightOnlyConfig())
    t = module.weight
    assert t.scale.dtype == torch.float32
    return [raw(t.qdata), raw(t.scale)], t.dequantize()


def int4(w, group):
    module = linear(w)
    quantize_(module, Int4WeightOnlyConfig(group_size=group))
    t = module.weight
    assert t.scale.dtype == t.zero_point.dtype == w.dtype
    return [raw(t.qdata), raw(t.scale.T), raw(t.zero_point.T)], None


def qint8(w, group):
    module = torch.nn.Sequential(linear(w))
    t = torch.ao.quantization.quantize_dynamic(module, {torch.nn.Linear}, torch.qint8)[0].weight()
    assert t.q_zero_point() == 0
    return [raw(t.int_repr()), struct.pack("<d", t.q_scale())], t.dequantize()


def nf4(w, group):
    codes, state = bnb.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=False)
    state.dtype = torch.float32
    return [raw(codes), raw(state.absmax)], bnb.dequantize_4bit(codes, state)


def nf4_double(w, group):
    codes, state = bnb.quantize_4bit(w, blocksize=64, quant_type="nf4", compress_statistics=True)
    parts = [raw(codes), raw(state.absmax), raw(state.state2.absmax), raw(state.offset)]
    state.dtype = torch.float32
    return parts, bnb.dequantize_4bit(codes, state)


FORMATS = {"int8": int8, "int4": int4, "qint8": qint8, "nf4": nf4, "double": nf4_double}
# NaN and infinity: torch's qint8 converts NaN to an integer, which has no defined result.
SKIPPED = {"qint8": (25, 26, 27, 28)}


def record(name, k, dtype, group, n_rows, n_cols):
    """(header, parts, hash of decoded or none) of one tensor, as bytes."""
    weights = kind(k, dtype, n_rows, n_cols)
    head = struct.pack("<5IQ", k, dtype, group, n_rows, n_cols, fnv1a(float_bytes(weights)))
    parts, decoded = FORMATS[name](torch.from_numpy(weights).to(DTYPES[dtype]), group)
    hashed = b"" if decoded is None else struct.pack("<Q", fnv1a(float_bytes(decoded.float().numpy())))
    return head, parts, hashed


def small_tensors(name):
    kinds = [k for k in range(N_KINDS) if k not in SKIPPED.get(name, ())]
    for dtype in DTYPES:
        for k in kinds:
            if name == "int4":
                for group in (32, 64, 128, 256):
                    yield record(name, k, dtype, group, 2, 256)
            elif name == "double":
                yield record(name, k, dtype, 64, 3, 192)
            else:
                yield record(name, k, dtype, 64, 3, 192 if name == "nf4" else 100)
    if name == "double":  # several runs of 256 blocks, the last one partial
        for dtype in DTYPES:
            for k in (0, 1, 19):
                head, parts, hashed = record(name, k, dtype, 64, 35, 1024)
                yield head, [struct.pack("<Q", fnv1a(parts[0])), *parts[1:]], hashed


def large_tensors():
    for name in ("int8", "int4", "qint8", "nf4", "double"):
        for dtype in DTYPES:
            for k in (1, 19):
                yield name, record(name, k, dtype, 128 if name == "int4" else 64, 64, 2048)
    yield "double", record("double", 1, 1, 64, 700, 2112)  # 23100 blocks: all levels of the sum


def main():
    out = pathlib.Path(sys.argv[1])
    for name in FORMATS:
        tensors = list(small_tensors(name))
        with open(out / f"{name}.bin", "wb") as file:
            file.write(b"BLTORCH1" + struct.pack("<I", len(tensors)))
            for head, parts, hashed in tensors:
                file.write(head + b"".join(parts) + hashed)
        print(name, len(tensors), "tensors")
    tensors = list(large_tensors())
    with open(out / "large.bin", "wb") as file:
        file.write(b"BLTORCH1" + struct.pack("<I", len(tensors)))
        for name, (head, parts, hashed) in tensors:
            file.write(name.encode().ljust(16, b"\0") + head + struct.pack("<Q", fnv1a(*parts)) + (hashed or bytes(8)))
    print("large", len(tensors), "tensors")
    # Each block of 256: 255 of the grid points, and 1, so that nothing is divided
    grid = (2.0 * np.arange(65536) / 65535 - 1).astype(f32)
    blocks = np.ones((258, 256), f32)
    padded = np.concatenate([grid, np.zeros(258 * 255 - 65536, f32)]).reshape(258, 255)
    blocks[:, :255] = padded
    codes, _ = bnb.quantize_blockwise(torch.from_numpy(blocks), blocksize=256)
    codes = codes.numpy().reshape(258, 256)[:, :255].reshape(-1)[:65536]
    dynamic = bnb.create_dynamic_map().numpy()
    (out / "map.bin").write_bytes(NF4.tobytes() + dynamic.tobytes() + codes.tobytes())


if __name__ == "__main__":
    main()
