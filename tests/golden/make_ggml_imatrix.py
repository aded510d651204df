"""Golden vectors for GGML's formats with an importance matrix: the blocks that llama.cpp makes.

    pip install gguf==0.19.0 numpy==2.4.6
    npm pack @node-llama-cpp/linux-x64@3.22.1, unpacked: llama.cpp v0.5.0, prebuilt
    python make_ggml_imatrix.py package/bins/linux-x64/libggml-base.so ggml_imatrix/

Weights and importance are not stored: case number c has those that `weights` of make_ggml_k.py and
`importance` below make of the seeds c and SEED + c, and so has tests/core/test_imatrix.c. Encoding is
ggml_quantize_chunk with an importance matrix; of each row a hash of its bytes is stored.

Writes ggml_imatrix.bin, all little-endian:

    "BLGGMLI1", uint32 n_cases
    n_cases times int32 kind, exponent, kind of importance, n_rows, n_cols
    11 times (FORMATS): for each case that the format's block divides, uint64 hash of each row
"""

import ctypes
import pathlib
import struct
import sys

import numpy as np

from make_ggml_k import KINDS, Random, hash_of, weights

SEED = 1 << 20

# name: the enum of ggml.h, weights and bytes of a block
FORMATS = {
    "q4_0": (2, 32, 18),
    "q4_1": (3, 32, 20),
    "q5_0": (6, 32, 22),
    "q5_1": (7, 32, 24),
    "q8_0": (8, 32, 34),
    "q2_k": (10, 256, 84),
    "q3_k": (11, 256, 110),
    "q4_k": (12, 256, 144),
    "q5_k": (13, 256, 176),
    "q6_k": (14, 256, 210),
    "iq4_nl": (20, 32, 18),
}

# Where weights or their sums are not finite llama.cpp turns floats into integers that can't hold them.
LEFT_OUT = {"largest_floats", "some_nan", "some_inf", "some_not_finite", "any_bits"}
LARGEST_EXPONENT = 20

SHAPES = [(2, 288), (2, 768)]
LONG = [("bell", -22), ("heavy_tailed", -55), ("few_values", 0), ("uneven_groups", -22)]
LONG_SHAPE = (64, 2048)
N_IMPORTANCES = 4


def importance(kind, n, seed):
    """Squares as of a layer's input; the same for all; a third of them 0; one far larger."""
    random = Random(seed)
    numbers = [random.next() >> 52 for _ in range(n)]
    values = np.array([u * u / float(1 << 24) for u in numbers], np.float32)
    if kind == 1:
        values[:] = 1
    if kind == 2:
        values[::3] = 0
    if kind == 3:
        values[n // 2] = 1 << 20
    return values


def encode(library, type_id, block, block_bytes, rows, importances):
    n_rows, n_cols = rows.shape
    blocks = np.zeros((n_rows, n_cols // block * block_bytes), np.uint8)
    written = library.ggml_quantize_chunk(
        type_id,
        rows.ctypes.data_as(ctypes.c_void_p),
        blocks.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_int64(0),
        ctypes.c_int64(n_rows),
        ctypes.c_int64(n_cols),
        importances.ctypes.data_as(ctypes.c_void_p),
    )
    assert written == blocks.size
    return blocks


def all_cases():
    for number, (name, exponents) in enumerate(KINDS):
        if name in LEFT_OUT:
            continue
        for exponent in exponents:
            if exponent > LARGEST_EXPONENT:
                continue
            for shape in SHAPES:
                yield number, name, exponent, shape
    numbers = {name: number for number, (name, _) in enumerate(KINDS)}
    for name, exponent in LONG:
        for _ in range(N_IMPORTANCES):
            yield numbers[name], name, exponent, LONG_SHAPE


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    cases = list(all_cases())
    out = [b"BLGGMLI1", struct.pack("<I", len(cases))]
    made = []
    for c, (number, name, exponent, (n_rows, n_cols)) in enumerate(cases):
        kind = c % N_IMPORTANCES
        rows = weights(name, exponent, n_rows * n_cols, c).reshape(n_rows, n_cols)
        made.append((np.ascontiguousarray(rows), importance(kind, n_cols, SEED + c)))
        out.append(struct.pack("<5i", number, exponent, kind, n_rows, n_cols))
    for name, (type_id, block, block_bytes) in FORMATS.items():
        hashes = []
        for rows, importances in made:
            if rows.shape[1] % block:
                continue
            encoded = encode(library, type_id, block, block_bytes, rows, importances)
            hashes += [hash_of(row) for row in encoded]
        out.append(struct.pack(f"<{len(hashes)}Q", *hashes))
        print(f"{name}: {len(hashes)} rows")
    (pathlib.Path(sys.argv[2]) / "ggml_imatrix.bin").write_bytes(b"".join(out))


if __name__ == "__main__":
    main()
