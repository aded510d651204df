"""Golden vectors for GGML's K formats: the blocks llama.cpp makes of weights, and what it reads.

    pip install gguf==0.19.0 numpy==2.4.6
    npm pack @node-llama-cpp/linux-x64@3.22.1, unpacked: llama.cpp v0.5.0, prebuilt
    python make_ggml_k.py package/bins/linux-x64/libggml-base.so ggml_k/

The weights are not stored: tensor number t is made by `weights` below, and in the same way by
tests/core/test_ggml_k.c. Both use splitmix64 with t as its seed, and integers that a double holds
exactly. Encoding is ggml_quantize_chunk without an importance matrix; of long tensors only a hash
of each block is stored. What dequantize_row_* makes of a block is stored as a hash of its 256
floats; the script stops unless the gguf package, an independent reader, gives the same bits.

Writes ggml_k.bin, all little-endian:

    "BLGGMLK1", uint32 n_tensors
    n_tensors times int32 kind, exponent, n_blocks
    5 times (q2_k to q6_k)
        the blocks of all tensors
        uint64 hash of each block, decoded
        N_RANDOM times uint64: hash of a decoded block whose bytes are random
        uint64 hash of each block of the long tensors: LONG, with seeds from LONG_SEED on
"""

import ctypes
import math
import pathlib
import struct
import sys

import gguf
import numpy as np

BLOCK = 256
N_RANDOM = 64

# name: the enum of ggml.h, bytes of a block
TYPES = {
    "q2_K": (10, 84),
    "q3_K": (11, 110),
    "q4_K": (12, 144),
    "q5_K": (13, 176),
    "q6_K": (14, 210),
}

# kind: the exponents that it is made with
KINDS = [
    ("bell", [-40, -30, -26, -24, -22, -20, -18, -14, -10, 0, 20, 60, 100, 108]),
    ("heavy_tailed", [-80, -62, -55, -50, 20]),
    ("uniform", [-50, -26, -5]),
    ("positive", [-26, 3]),
    ("negative", [-26, 3]),
    ("constant", [-30, -3, 12]),
    ("negative_constant", [-30, -3, 12]),
    ("zero", [0]),
    ("one_outlier", [-30, -20, -8]),
    ("few_values", [-10, 0, 14]),
    ("halves", [-12, 0]),
    ("largest_floats", [0]),
    ("some_nan", [-22, 5]),
    ("some_inf", [-22, 5]),
    ("some_not_finite", [-22, 5]),
    ("uneven_groups", [-22, -10]),
    ("any_bits", [0, 0, 0]),
    ("mostly_zero", [-24, -2]),
    ("offset", [-42, -38]),
    ("negative_offset", [-42, -38]),
    ("denormal", [-160, -163]),
    ("f16_overflow", [4, 8]),
    ("f16_underflow", [-44, -38, -36, -34]),
    ("negligible", [-66, -64]),
]

# kind, exponent; for what happens to one block in a thousand. With this seed the last scale that
# q6_k tries is once the best: that is rarer still.
LONG = [("bell", -22), ("heavy_tailed", -55), ("few_values", 0), ("uneven_groups", -22)]
LONG_BLOCKS = 512
LONG_SEED = 1077

MASK = (1 << 64) - 1


class Random:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & MASK
        return z ^ z >> 31


def scaled(n, exponent):
    return np.float32(math.ldexp(float(n), exponent))


def weight(kind, exponent, i, random):
    """Weight i of a tensor. One number is drawn for each."""
    r = random.next()
    bell = sum(r >> 16 * k & 0xFFFF for k in range(4)) - 2 * 0xFFFF
    uniform = r >> 40
    if kind in ("bell", "denormal", "f16_overflow", "f16_underflow", "negligible"):
        return scaled(bell, exponent)
    if kind == "heavy_tailed":
        return scaled(bell**3, exponent)
    if kind == "uniform":
        return scaled(uniform - (1 << 23), exponent)
    if kind == "positive":
        return scaled(uniform, exponent)
    if kind == "negative":
        return scaled(-uniform, exponent)
    if kind == "constant":
        return scaled(3, exponent)
    if kind == "negative_constant":
        return scaled(-3, exponent)
    if kind == "zero":
        return np.float32(-0.0 if i % 2 else 0.0)
    if kind == "one_outlier":
        return scaled(bell, exponent + (10 if i % BLOCK == 37 else 0))
    if kind == "few_values":
        return scaled((r >> 60) - 8, exponent)
    if kind == "halves":
        return scaled((r >> 32) % 64 - 32, exponent - 1)
    if kind == "largest_floats":
        return np.float32([3.4028234663852886e38, -3.4028234663852886e38][r >> 63])
    if kind == "some_nan":
        return np.float32(np.nan) if r >> 60 == 0 else scaled(bell, exponent)
    if kind == "some_inf":
        return np.float32(np.inf) if r >> 58 == 0 else scaled(bell, exponent)
    if kind == "some_not_finite":
        special = [np.nan, np.inf, -np.inf][(r >> 32) % 3]
        return np.float32(special) if r >> 60 == 0 else scaled(bell, exponent)
    if kind == "uneven_groups":
        return scaled(bell, exponent + i // 16 % 16 - 8)
    if kind == "any_bits":
        x = np.uint32(r >> 32).view(np.float32)
        return np.float32(np.nan) if np.isnan(x) else x
    if kind == "mostly_zero":
        return scaled(bell, exponent) if r >> 59 == 0 else np.float32(0)
    if kind == "offset":
        return scaled((1 << 40) + bell, exponent)
    if kind == "negative_offset":
        return scaled(-(1 << 40) + bell, exponent)
    raise ValueError(kind)


def weights(kind, exponent, n, seed):
    random = Random(seed)
    return np.array([weight(kind, exponent, i, random) for i in range(n)], np.float32)


def random_blocks(n_bytes):
    """(N_RANDOM, n_bytes) uint8; the seed is the bytes of a block."""
    random = Random(n_bytes)
    drawn = [random.next() >> 56 for _ in range(N_RANDOM * n_bytes)]
    return np.array(drawn, np.uint8).reshape(N_RANDOM, n_bytes)


def encode(library, type_id, rows, block_bytes):
    blocks = np.zeros((rows.size // BLOCK, block_bytes), np.uint8)
    written = library.ggml_quantize_chunk(
        type_id,
        rows.ctypes.data_as(ctypes.c_void_p),
        blocks.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_int64(0),
        ctypes.c_int64(1),
        ctypes.c_int64(rows.size),
        None,
    )
    assert written == blocks.size
    return blocks


def decode(library, name, blocks):
    rows = np.zeros((len(blocks), BLOCK), np.float32)
    getattr(library, "dequantize_row_" + name)(
        blocks.ctypes.data_as(ctypes.c_void_p),
        rows.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_int64(rows.size),
    )
    with np.errstate(invalid="ignore", over="ignore"):
        other = gguf.quants.dequantize(blocks, getattr(gguf.GGMLQuantizationType, name.upper()))
    same = (rows.view(np.uint32) == other.view(np.uint32)) | (np.isnan(rows) & np.isnan(other))
    assert same.all(), name
    return rows


def hash_of(numbers):
    """64-bit FNV-1a, a number (a byte or 32 bits) at a time."""
    h = 0xCBF29CE484222325
    for number in numbers.tolist():
        h = ((h ^ number) * 0x100000001B3) & MASK
    return h


def hash_of_floats(row):
    """All NaNs count as one."""
    return hash_of(np.where(np.isnan(row), np.float32(np.nan), row).view(np.uint32))


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    cases = [
        (number, name, exponent)
        for number, (name, exponents) in enumerate(KINDS)
        for exponent in exponents
    ]
    out = [b"BLGGMLK1", struct.pack("<I", len(cases))]
    tensors = []
    for t, (number, name, exponent) in enumerate(cases):
        n_blocks = 1 + t % 4
        tensors.append(weights(name, exponent, n_blocks * BLOCK, t))
        out.append(struct.pack("<3i", number, exponent, n_blocks))
    long_tensors = [
        weights(name, exponent, LONG_BLOCKS * BLOCK, LONG_SEED + i)
        for i, (name, exponent) in enumerate(LONG)
    ]
    for name, (type_id, block_bytes) in TYPES.items():
        blocks = np.concatenate([encode(library, type_id, t, block_bytes) for t in tensors])
        decoded = decode(library, name, np.concatenate([blocks, random_blocks(block_bytes)]))
        hashes = [hash_of_floats(row) for row in decoded]
        for tensor in long_tensors:
            hashes += [hash_of(b) for b in encode(library, type_id, tensor, block_bytes)]
        out += [blocks.tobytes(), struct.pack(f"<{len(hashes)}Q", *hashes)]
        print(f"{name}: {len(tensors)} tensors, {len(blocks)} blocks, gguf reads the same")
    (pathlib.Path(sys.argv[2]) / "ggml_k.bin").write_bytes(b"".join(out))


if __name__ == "__main__":
    main()
