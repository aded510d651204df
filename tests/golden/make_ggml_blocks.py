"""Golden vectors for encoding and decoding GGML's blocks of 32 weights, by llama.cpp itself.

    pip install gguf==0.19.0 numpy==2.4.6
    npm pack @node-llama-cpp/linux-x64@3.22.1, unpacked: llama.cpp v0.5.0, prebuilt
    python make_ggml_blocks.py package/bins/linux-x64/libggml-base.so ggml_blocks/

Every tensor is encoded by ggml_quantize_chunk without an importance matrix, and decoded by the
type's to_float. Random blocks, so that every code and scale is met, are only decoded. The script stops
unless the gguf package, an independent implementation, decodes all of them to the same bits and, for
the types it can encode, writes the same bytes for finite tensors of ordinary size.

Tensors with NaNs, infinities and scales that underflow make llama.cpp convert floats to integers that
can't hold them; their bytes are those of x86-64.

Writes ggml_blocks.bin, all little-endian:

    "BLBLOCK2", uint32 n_tensors, n_weights (of a tensor), n_formats
    n_tensors times: name, 16 bytes padded with NUL; n_weights f32
    n_formats times: name, 16 bytes padded with NUL
                     uint32 bytes of a tensor, n_random
                     n_tensors encoded tensors, then n_random tensors of random blocks
                     n_tensors + n_random uint64: the hash of each one decoded

The hash is FNV-1a over the float32 words, with 0x7fc00000 for every NaN.
"""

import ctypes
import pathlib
import struct
import sys

import gguf
import numpy as np

N_WEIGHTS = 256
BLOCK = 32
N_RANDOM = 16

# name: the enum of ggml.h, bytes of a block, does gguf encode it
FORMATS = {
    "q4_0": (2, 18, True),
    "q4_1": (3, 20, True),
    "q5_0": (6, 22, True),
    "q5_1": (7, 24, True),
    "q8_0": (8, 34, True),
    "iq4_nl": (20, 18, False),
    "mxfp4_ggml": (39, 17, True),
}


IQ4_NL_VALUES = np.array(
    [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
)
IQ4_NL_TIES = (IQ4_NL_VALUES[1:] + IQ4_NL_VALUES[:-1]) / 2


class Traits(ctypes.Structure):  # struct ggml_type_traits
    _fields_ = [
        ("type_name", ctypes.c_char_p),
        ("blck_size", ctypes.c_int64),
        ("blck_size_interleave", ctypes.c_int64),
        ("type_size", ctypes.c_size_t),
        ("is_quantized", ctypes.c_bool),
        ("to_float", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)),
        ("from_float_ref", ctypes.c_void_p),
    ]


def ordinary_tensors(rng):
    """(name, weights) of tensors as models have them, which gguf encodes as llama.cpp does."""
    n = N_WEIGHTS
    for scale in (1e-6, 1e-4, 1e-3, 0.01, 0.02, 0.05, 0.2, 1, 3, 30, 1000):
        yield f"normal {scale:g}", rng.normal(0, scale, n)
    for freedom in (1, 2, 3, 5):
        yield f"student t {freedom}", rng.standard_t(freedom, n) * 0.02
    yield "laplace", rng.laplace(0, 0.02, n)
    yield "uniform", rng.uniform(-1, 1, n)
    yield "positive", np.abs(rng.normal(0, 0.1, n))
    yield "negative", -np.abs(rng.normal(0, 0.1, n))
    yield "far from 0", rng.normal(5, 0.01, n)
    yield "far below 0", rng.normal(-70, 0.2, n)
    x = rng.normal(0, 0.02, n)
    x[::BLOCK] = 3
    yield "outlier first", x
    x = rng.normal(0, 0.02, n)
    x[BLOCK - 1 :: BLOCK] = -3
    yield "outlier last", x
    x = rng.normal(0, 0.02, n).astype(np.float32)
    yield "from bf16", (x.view(np.uint32) & 0xFFFF0000).view(np.float32)
    yield "from f16", rng.normal(0, 0.02, n).astype(np.float16)
    yield "scales mixed", rng.normal(0, 1, n) * 10.0 ** rng.uniform(-5, 4, n // BLOCK).repeat(BLOCK)


def balanced_ties(rng):
    """A block in multiples of IQ4_NL's step, some halfway between two values, for which the scale of
    least error is 1 to within float32, so that they stay there: the sum of w^2 q (w - q) is about 0."""
    while True:
        x = rng.choice(IQ4_NL_VALUES, BLOCK).astype(float)
        x[0] = -127
        x[1:4] = rng.choice(IQ4_NL_TIES[4:12], 3)
        x[4:8] = rng.integers(-20 * 4, 20 * 4, 4) / 4
        q = IQ4_NL_VALUES[np.searchsorted(IQ4_NL_TIES, x, side="right")]
        if abs((x * x * q * (x - q)).sum()) < 2.0**-26 * (x * x * q * q).sum():
            return x


def hard_tensors(rng):
    n = N_WEIGHTS
    blocks = n // BLOCK
    yield "zero", np.zeros(n)
    yield "minus zero", np.full(n, -0.0)
    yield "zeros of both", np.where(rng.random(n) < 0.5, 0.0, -0.0)
    relu = np.maximum(rng.normal(0, 1, n), 0)
    yield "zeros and more", np.where((relu == 0) & (rng.random(n) < 0.5), -0.0, relu)
    yield "zeros and less", -np.where((relu == 0) & (rng.random(n) < 0.5), -0.0, relu)
    yield "constant", np.full(n, 0.7)
    yield "constants", rng.normal(0, 1, blocks).repeat(BLOCK)
    yield "+- constant", rng.choice([-0.3, 0.3], n)
    yield "one weight", np.where(np.arange(n) % BLOCK == 5, -2.5, 0)
    # The grid of each format and all its midpoints, where the largest weight is known.
    for name, steps, peak in [
        ("ties of 8", 2, 8),
        ("ties of 15", 2, 15),
        ("ties of 16", 2, 16),
        ("ties of 31", 2, 31),
        ("ties of 127", 2, 127),
        ("quarters of 8", 4, 8),
        ("ties of 12", 4, 12),
    ]:
        x = rng.integers(-peak * steps, peak * steps + 1, n) / steps
        x[::BLOCK] = rng.choice([-peak, peak], blocks)
        x[1::BLOCK] = -x[::BLOCK] * rng.choice([0, 0.5, 1], blocks)
        yield name, x * 2.0 ** rng.integers(-12, 3, blocks).repeat(BLOCK)
    x = np.nextafter(np.float32(rng.integers(-126, 126, n) + 0.5), np.float32(0))
    x[::BLOCK] = 127
    x[1::BLOCK] = np.nextafter(np.float32(0.5), np.float32(0))
    yield "just below ties", x
    yield "ties of iq4_nl", np.stack([balanced_ties(rng) for _ in range(blocks)]).ravel() / 1024
    x = rng.choice(IQ4_NL_TIES, n)
    x[::BLOCK] = rng.choice([-127, 113, 127, 120, -120], blocks)
    yield "middles of iq4_nl", x / 1024
    x = rng.choice([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5, 6, 6.5, 7.9], n) * rng.choice([-1, 1], n)
    yield "middles of mxfp4", x * 2.0 ** rng.integers(-120, 120, blocks).repeat(BLOCK)
    # Just below powers of two log2f rounds up to a whole number, the further the larger that is.
    for i in range(6):
        power = rng.integers(-125, 129, blocks)
        reach = np.log(2) * 2.0 ** np.floor(np.log2(np.maximum(np.abs(power), 1)))
        reach = np.floor(np.where(power == 128, reach / 2, reach)) + rng.choice([0, 1], blocks)
        x = rng.uniform(-1, 1, n)
        x[::BLOCK] = 1 - np.maximum(reach, 1) * 2.0**-24
        yield f"below powers {i}", x * 2.0 ** power.repeat(BLOCK).astype(float)
    for scale in (1e-45, 1e-42, 1e-39, 3e-38, 1e-30, 1e-20, 1e-16, 1e-15, 1e-10):
        yield f"tiny {scale:g}", rng.normal(0, scale, n)
    for scale in (5e4, 1e6, 3e7, 1e10, 1e19, 1e25, 1e38):
        yield f"huge {scale:g}", np.clip(rng.normal(0, scale, n), -3.4e38, 3.4e38)
    limit = float(np.finfo(np.float32).max)
    yield "largest floats", rng.choice([-limit, limit, 1e38, -2e38, 0], n)
    yield "all largest", np.full(n, limit)
    yield "f16 limits", rng.choice([65504, 65519, 65520, -65520, 1e-7], n) * rng.choice([1, 8, 15], n)
    yield "all magnitudes", rng.normal(0, 1, n) * 10.0 ** rng.uniform(-44, 37, n)
    yield "any bits", np.frombuffer(rng.bytes(4 * n), np.float32)
    for name, value in [("NaN", np.nan), ("inf", np.inf), ("-inf", -np.inf)]:
        x = rng.normal(0, 0.02, n)
        x[rng.integers(0, BLOCK, blocks) + BLOCK * np.arange(blocks)] = value
        yield f"one {name}", x
        yield f"all {name}", np.full(n, value)
    x = rng.normal(0, 0.02, n)
    x[BLOCK - 1 :: BLOCK] = np.nan
    yield "NaN last", x
    x = np.where(rng.random(n) < 0.5, 0.0, -0.0)
    x[rng.random(n) < 0.3] = np.nan
    x[::BLOCK] = np.nan
    yield "NaNs and zeros", x
    yield "infs and NaNs", rng.choice([np.nan, np.inf, -np.inf, 1, -3, 0], n)
    x = rng.normal(0, 1, n) * 10.0 ** rng.uniform(-20, 20, n)
    x[rng.integers(0, n, 12)] = np.nan
    yield "NaNs, all sizes", x


def to_f32(values):
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(values, np.float32)


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def encode(library, type_id, tensors, n_bytes):
    encoded = np.zeros((len(tensors), n_bytes), np.uint8)
    written = library.ggml_quantize_chunk(
        type_id,
        pointer(tensors),
        pointer(encoded),
        ctypes.c_int64(0),
        ctypes.c_int64(len(tensors)),
        ctypes.c_int64(N_WEIGHTS),
        None,
    )
    assert written == encoded.size
    return encoded


def decode(library, type_id, encoded):
    decoded = np.zeros((len(encoded), N_WEIGHTS), np.float32)
    traits = library.ggml_get_type_traits(type_id).contents
    traits.to_float(pointer(encoded), pointer(decoded), decoded.size)
    decoded[np.isnan(decoded)] = np.nan
    return decoded


def fnv_1a(words):
    value = 0xCBF29CE484222325
    for word in words.view(np.uint32).tolist():
        value = (value ^ word) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def same_bits(a, b):
    return ((a.view(np.uint32) == b.view(np.uint32)) | (np.isnan(a) & np.isnan(b))).all()


def main():
    library_path, directory = sys.argv[1:]
    library = ctypes.CDLL(library_path)
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    library.ggml_get_type_traits.restype = ctypes.POINTER(Traits)
    rng = np.random.default_rng(4)

    ordinary = list(ordinary_tensors(rng))
    named = ordinary + list(hard_tensors(rng))
    tensors = np.stack([to_f32(values) for _, values in named])
    out = [b"BLBLOCK2", struct.pack("<III", len(named), N_WEIGHTS, len(FORMATS))]
    for (name, _), weights in zip(named, tensors):
        out += [struct.pack("<16s", name.encode()[:15]), weights.astype("<f4").tobytes()]
    for name, (type_id, block_bytes, gguf_encodes) in FORMATS.items():
        n_bytes = N_WEIGHTS // BLOCK * block_bytes
        encoded = encode(library, type_id, tensors, n_bytes)
        random = rng.integers(0, 256, (N_RANDOM, n_bytes), dtype=np.uint8)
        both = np.concatenate([encoded, random])
        decoded = decode(library, type_id, both)

        qtype = gguf.GGMLQuantizationType(type_id)
        with np.errstate(all="ignore"):
            assert same_bits(gguf.dequantize(both, qtype), decoded), name
            if gguf_encodes:
                theirs = gguf.quantize(tensors[: len(ordinary)], qtype)
                assert (theirs == encoded[: len(ordinary)]).all(), name

        out += [struct.pack("<16sII", name.encode(), n_bytes, N_RANDOM), both.tobytes()]
        out += [struct.pack("<Q", fnv_1a(row)) for row in decoded]
    data = b"".join(out)
    (pathlib.Path(directory) / "ggml_blocks.bin").write_bytes(data)
    print(len(named), "tensors of", N_WEIGHTS, "weights,", len(FORMATS), "formats,", len(data), "bytes")


main()
