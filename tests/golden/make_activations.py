"""Activations rounded to int8 by the libraries whose rules core/kernel/activations.h follows.

    python make_activations.py ggml LIB_DIR     libggml-base.so and libggml-cpu-x64.so of llama.cpp
                                                v0.5.0: npm pack @node-llama-cpp/linux-x64@3.22.1
    python make_activations.py torch            torch 2.15.0, torchao 0.18.0 (on x86)

Writes to activations/ beside this file; "ggml" first writes x.bin, rows of 256 float32. Every other
file has for each row its float32 scales, then 256 codes as signed bytes:

    q8_0.bin, q8_1.bin   8 scales (f16 in the library): quantize_row_q8_0_ref, quantize_row_q8_1_ref
    q8_k.bin             1 scale: quantize_row_q8_K_ref
    int8.bin             1 scale: torchao's Int8DynamicActivationInt8WeightConfig
    qint8.bin            1 scale, and codes less the zero point: torch's quantize_dynamic, a product
                         for each row
    qint8_4_tokens.bin   the same, a product for every 4 rows

and products/TYPE.bin, for each type of weights in GGML: 4 rows of 512 weights, as that library
encodes them, then products of each with 3 tokens, rows of 512 in products/x.bin: 3 times 4 float32
of the type's vec_dot, whose activations are those of its from_float.
"""

import ctypes
import pathlib
import sys

import numpy as np

COLS = 256
TYPES = {  # of enum ggml_type
    "q4_0": 2, "q4_1": 3, "q5_0": 6, "q5_1": 7, "q8_0": 8, "q2_k": 10, "q3_k": 11, "q4_k": 12,
    "q5_k": 13, "q6_k": 14, "iq4_nl": 20, "mxfp4_ggml": 39,
}  # fmt: skip
out = pathlib.Path(__file__).parent / "activations"


def make_rows():
    rng = np.random.default_rng(7)
    rows = [rng.standard_normal(COLS) * 2.0 ** rng.integers(-20, 12) for _ in range(24)]
    rows += [rng.standard_normal(COLS) * 2.0 ** rng.integers(-6, 6, COLS) for _ in range(8)]
    rows += [rng.standard_normal(COLS) + shift for shift in (3, -3, 50, -50)]
    halves = np.arange(COLS) % 128 - 63.5  # every block's codes lie between two
    halves[::32] = 127
    rows += [halves, -halves, np.zeros(COLS), np.full(COLS, 0.7)]
    spikes = np.zeros(COLS)
    spikes[[3, 40, 200]] = 5, -5, 0.01
    rows += [spikes, -spikes, np.full(COLS, 1e-7), np.where(np.arange(COLS) % 2, 1e-7, -3e-7)]
    return np.array(rows, np.float32)


def write(name, scales, codes):
    rows = [
        np.asarray(s, np.float32).tobytes() + np.asarray(c, np.int8).tobytes()
        for s, c in zip(scales, codes)
    ]
    (out / name).write_bytes(b"".join(rows))


def run_ggml(lib_dir):
    lib = ctypes.CDLL(str(pathlib.Path(lib_dir) / "libggml-base.so"))
    x = make_rows()
    out.mkdir(exist_ok=True)
    (out / "x.bin").write_bytes(x.tobytes())

    def blocks(function, block, layout):
        buffer = np.zeros((len(x), COLS // block), layout)
        f = getattr(lib, function)
        f.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        for row, dst in zip(x, buffer):
            f(row.ctypes.data, dst.ctypes.data, COLS)
        return buffer["d"].reshape(len(x), -1), buffer["qs"].reshape(len(x), COLS)

    q8_0 = np.dtype([("d", "<f2"), ("qs", "i1", 32)])
    q8_1 = np.dtype([("d", "<f2"), ("s", "<f2"), ("qs", "i1", 32)])
    q8_k = np.dtype([("d", "<f4"), ("qs", "i1", 256), ("sums", "<i2", 16)])
    write("q8_0.bin", *blocks("quantize_row_q8_0_ref", 32, q8_0))
    write("q8_1.bin", *blocks("quantize_row_q8_1_ref", 32, q8_1))
    write("q8_k.bin", *blocks("quantize_row_q8_K_ref", 256, q8_k))


def run_products(lib_dir):
    """The CPU library's own products, rounding included."""
    base = ctypes.CDLL(str(pathlib.Path(lib_dir) / "libggml-base.so"), mode=ctypes.RTLD_GLOBAL)
    cpu = ctypes.CDLL(str(pathlib.Path(lib_dir) / "libggml-cpu-x64.so"))
    pointer, size = ctypes.c_void_p, ctypes.c_size_t

    class Traits(ctypes.Structure):  # struct ggml_type_traits_cpu
        _fields_ = [
            ("from_float", pointer),
            ("vec_dot", pointer),
            ("type", ctypes.c_int),
            ("n_rows", ctypes.c_int64),
        ]

    cpu.ggml_get_type_traits_cpu.restype = ctypes.POINTER(Traits)
    cpu.ggml_cpu_init()
    base.ggml_row_size.restype = base.ggml_quantize_chunk.restype = size
    base.ggml_row_size.argtypes = [ctypes.c_int, ctypes.c_int64]
    base.ggml_quantize_chunk.argtypes = [ctypes.c_int, pointer, pointer]
    base.ggml_quantize_chunk.argtypes += [ctypes.c_int64] * 3 + [pointer]
    from_float = ctypes.CFUNCTYPE(None, pointer, pointer, ctypes.c_int64)
    operands = [pointer, size] * 3
    vec_dot = ctypes.CFUNCTYPE(None, ctypes.c_int, *operands, ctypes.c_int)

    rng = np.random.default_rng(8)
    weights = (rng.standard_normal((4, 512)) / 20).astype(np.float32)
    x = (rng.standard_normal((3, 512)) * 2).astype(np.float32)
    (out / "products").mkdir(exist_ok=True)
    (out / "products" / "x.bin").write_bytes(x.tobytes())
    for name, number in TYPES.items():
        own = cpu.ggml_get_type_traits_cpu(number).contents
        other = cpu.ggml_get_type_traits_cpu(own.type).contents
        blocks = np.zeros((4, base.ggml_row_size(number, 512)), np.uint8)
        base.ggml_quantize_chunk(number, weights.ctypes.data, blocks.ctypes.data, 0, 4, 512, None)
        y = np.zeros((3, 4), np.float32)
        for t in range(3):
            codes = np.zeros(4096, np.uint8)
            from_float(other.from_float)(x[t].ctypes.data, codes.ctypes.data, 512)
            for r in range(4):
                at = y.ctypes.data + 4 * (4 * t + r)
                dot = vec_dot(own.vec_dot)
                dot(512, at, 0, blocks[r].ctypes.data, 0, codes.ctypes.data, 0, 1)
        (out / "products" / f"{name}.bin").write_bytes(blocks.tobytes() + y.tobytes())


def run_torch():
    import torch
    from make_torch import stand_in_for_mslk

    stand_in_for_mslk()
    from torchao.quantization import Int8DynamicActivationInt8WeightConfig, quantize_
    from torchao.quantization.quantize_.common import _choose_quant_func_and_quantize_tensor

    x = torch.from_numpy(make_rows())
    model = torch.nn.Sequential(torch.nn.Linear(COLS, 8, bias=False))
    quantize_(model, Int8DynamicActivationInt8WeightConfig())
    q = _choose_quant_func_and_quantize_tensor(x, model[0].weight.act_quant_kwargs)
    write("int8.bin", q.scale.numpy(), q.qdata.numpy())

    def dynamic(tokens):
        scale, zero = torch._choose_qparams_per_tensor(tokens, True)
        q = torch.quantize_per_tensor(tokens, scale, zero, torch.quint8)
        codes = q.int_repr().numpy().astype(np.int32) - zero
        assert abs(codes).max() <= 127
        return [[scale]] * len(tokens), codes

    for name, n in ("qint8.bin", 1), ("qint8_4_tokens.bin", 4):
        parts = [dynamic(x[i : i + n]) for i in range(0, len(x), n)]
        write(name, sum((p[0] for p in parts), []), np.concatenate([p[1] for p in parts]))


if sys.argv[1] == "ggml":
    run_ggml(sys.argv[2])
    run_products(sys.argv[2])
else:
    run_torch()
