"""Golden vectors for MLX affine: what mlx.core.quantize and mx.dequantize make of 378 small matrices.

    pip install mlx==0.32.4 mlx-cpu==0.32.4 numpy==2.4.6
    python make_affine.py affine/

Writes two files.

affine.bin, all little-endian: "BLAFFINE", uint32 n_matrices, then for each matrix

    uint32 dtype (1 f32, 2 f16, 3 bf16), bits, group, n_rows, n_cols
    weights   n_rows * n_cols numbers of dtype
    codes     n_rows * n_cols * bits / 8 bytes         mx.quantize
    scales    n_rows * n_cols / group numbers of dtype
    biases    the same
    decoded   n_rows * n_cols f32     mx.dequantize of the scales and biases cast to float32
    rounded   n_rows * n_cols numbers of dtype         mx.dequantize

Each matrix has 2 rows of 2 groups, and each group other contents; the functions in CONTENTS below
name them. There are as many matrices as it takes for all contents under all 18 settings and 3 types.

hashes.txt, a line for each type and setting: dtype bits group, the 64-bit FNV-1a hash of codes, then
scales, then biases of one large matrix (64 rows, 2048 columns), and that of its decoded float32
values. large_matrix() says how to make it again.
"""

import pathlib
import struct
import sys

import mlx.core as mx
import numpy as np

DTYPES = {"f32": (1, mx.float32), "f16": (2, mx.float16), "bf16": (3, mx.bfloat16)}
SETTINGS = [(bits, group) for bits in (2, 3, 4, 5, 6, 8) for group in (32, 64, 128)]
LARGEST = {"f32": 3.4028235e38, "f16": 65504.0, "bf16": 3.3895314e38}
SMALLEST = {"f32": 2.0**-149, "f16": 2.0**-24, "bf16": 2.0**-133}  # denormal


class Group:
    """What a content may depend on: n weights, the type's name, n_codes - 1 and a seeded generator."""

    def __init__(self, n, dtype, bits, seed):
        self.n, self.dtype, self.max_code = n, dtype, (1 << bits) - 1
        self.rng = np.random.Generator(np.random.PCG64(seed))


def normal(g):
    return g.rng.normal(0, 0.05, g.n)


def uniform(g):
    return g.rng.uniform(-1, 1, g.n)


def positive_constant(g):
    return np.full(g.n, 0.7)


def negative_constant(g):
    return np.full(g.n, -3.25)


def zeros(g):
    return np.zeros(g.n)


def zeros_of_both_signs(g):
    return np.where(g.rng.integers(0, 2, g.n) == 0, -0.0, 0.0)


def denormals(g):
    return g.rng.integers(-50, 50, g.n) * SMALLEST[g.dtype]


def one_denormal(g):
    w = np.zeros(g.n)
    w[5] = -SMALLEST[g.dtype]
    return w


def largest_of_both_signs(g):
    """hi - lo overflows in float32 for f32 and bf16."""
    return np.where(g.rng.integers(0, 2, g.n) == 0, -1, 1) * LARGEST[g.dtype]


def near_largest_positive(g):
    return g.rng.uniform(0.5, 1, g.n) * LARGEST[g.dtype]


def near_largest_half_range(g):
    """hi - lo is just below overflow."""
    return g.rng.uniform(-0.499, 0.499, g.n) * LARGEST[g.dtype]


def positive(g):
    return g.rng.uniform(0.5, 1.5, g.n)


def negative(g):
    return g.rng.uniform(-1.5, -0.5, g.n)


def far_from_zero(g):
    return g.rng.uniform(100, 101, g.n)


def positive_outlier(g):
    w = g.rng.normal(0, 0.02, g.n)
    w[7] = 4
    return w


def negative_outlier(g):
    w = g.rng.normal(0, 0.02, g.n)
    w[g.n - 1] = -4
    return w


def alternating(g):
    return np.where(np.arange(g.n) % 2 == 0, -1.0, 1.0)


def grid_halves(g, sign):
    """Weights halfway between two codes: the scale is 1/64 and the edge 3/4 of the codes from 0."""
    codes = g.rng.integers(0, g.max_code, g.n) + 0.5
    codes[0], codes[1] = 0, g.max_code
    return sign * (codes - (3 * g.max_code // 4)) / 64


def ties_edge_negative(g):
    return -grid_halves(g, -1)


def ties_edge_positive(g):
    return -grid_halves(g, 1)


def lo_equals_minus_hi(g):
    """|lo| > |hi| is false, and edge / step is n / 2, a tie itself."""
    w = g.rng.uniform(-0.9, 0.9, g.n)
    w[3], w[9] = 1.0, -1.0
    return w


def steps_near_smallest(g):
    """The step is about 1e-7, where the library holds it."""
    return g.rng.uniform(-1, 1, g.n) * 1e-7 * g.max_code


def half_a_smallest_step(g):
    """edge / step near a half: q0 is 0 or 1."""
    return g.rng.uniform(0.3, 0.6) * 1e-7 * g.rng.uniform(0.9, 1, g.n)


def all_exponents(g):
    return np.ldexp(g.rng.uniform(-1, 1, g.n), g.rng.integers(-20, 14, g.n))


def powers_of_two(g):
    return np.where(g.rng.integers(0, 2, g.n) == 0, -1, 1) * 2.0 ** g.rng.integers(-6, 1, g.n)


def some_nan(g):
    w = g.rng.normal(0, 1, g.n)
    w[[0, 10, 11, g.n - 1]] = np.nan
    return w


def all_nan(g):
    return np.full(g.n, np.nan)


def positive_infinity(g):
    w = g.rng.normal(0, 1, g.n)
    w[4] = np.inf
    return w


def both_infinities(g):
    w = g.rng.normal(0, 1, g.n)
    w[4], w[20], w[21] = np.inf, -np.inf, np.nan
    return w


CONTENTS = [
    normal, uniform, positive_constant, negative_constant,
    zeros, both_infinities, zeros_of_both_signs, denormals,
    one_denormal, largest_of_both_signs, near_largest_positive, near_largest_half_range,
    positive, negative, far_from_zero, positive_outlier,
    negative_outlier, alternating, ties_edge_negative, ties_edge_positive,
    lo_equals_minus_hi, steps_near_smallest, half_a_smallest_step, all_exponents,
    powers_of_two, some_nan, all_nan, positive_infinity,
]
assert len(set(CONTENTS)) == len(CONTENTS) and len(CONTENTS) % 4 == 0


def raw(array):
    """The bytes of an mx.array."""
    if array.dtype in (mx.float16, mx.bfloat16):
        array = array.view(mx.uint16)
    return np.array(array).tobytes()


def quantized(weights, group, bits):
    """(codes, scales, biases, decoded in float32, decoded in the type), as bytes."""
    codes, scales, biases = mx.quantize(weights, group, bits)
    decoded = mx.dequantize(
        codes, scales.astype(mx.float32), biases.astype(mx.float32), group, bits
    )
    rounded = mx.dequantize(codes, scales, biases, group, bits)
    return [raw(a) for a in (codes, scales, biases, decoded, rounded)]


def small_matrices():
    for dtype, (dtype_id, mx_dtype) in DTYPES.items():
        for bits, group in SETTINGS:
            for first in range(0, len(CONTENTS), 4):
                groups = [
                    CONTENTS[i](Group(group, dtype, bits, [dtype_id, bits, group, i]))
                    for i in range(first, first + 4)
                ]
                with np.errstate(over="ignore"):
                    weights = np.stack(groups).reshape(2, 2 * group).astype(np.float32)
                weights = mx.array(weights).astype(mx_dtype)
                header = struct.pack("<5I", dtype_id, bits, group, 2, 2 * group)
                yield b"".join([header, raw(weights), *quantized(weights, group, bits)])


def large_matrix():
    """(64, 2048) float32: the product of three uniform numbers in [-1, 1), times 2^-(i / 128 mod 24)
    for weight i. Uniform number k is the upper half of splitmix64's output k, seed 1, as an int32,
    to float32, times 2^-31."""
    n = 64 * 2048
    with np.errstate(over="ignore"):
        z = np.arange(1, 3 * n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(1)
        z = (z ^ z >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ z >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
        z = z ^ z >> np.uint64(31)
    u = (z >> np.uint64(32)).astype(np.uint32).view(np.int32).astype(np.float32) * np.float32(2**-31)
    u = u.reshape(n, 3)
    w = u[:, 0] * u[:, 1] * u[:, 2]
    return np.ldexp(w, -(np.arange(n) // 128 % 24)).astype(np.float32).reshape(64, 2048)


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def main():
    out = pathlib.Path(sys.argv[1])
    matrices = list(small_matrices())
    (out / "affine.bin").write_bytes(
        b"BLAFFINE" + struct.pack("<I", len(matrices)) + b"".join(matrices)
    )
    lines = []
    for dtype, (_, mx_dtype) in DTYPES.items():
        weights = mx.array(large_matrix()).astype(mx_dtype)
        for bits, group in SETTINGS:
            codes, scales, biases, decoded, _ = quantized(weights, group, bits)
            encoded = fnv1a(codes + scales + biases)
            lines.append(f"{dtype} {bits} {group} {encoded:016x} {fnv1a(decoded):016x}\n")
    (out / "hashes.txt").write_text("".join(lines))
    print(f"mlx {mx.__version__}: {len(matrices)} matrices, {len(lines)} hashes")


if __name__ == "__main__":
    main()
