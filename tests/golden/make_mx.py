"""Golden vectors for MLX's floating-point modes: what mx.quantize and mx.dequantize make of small
matrices in mxfp4, mxfp8, nvfp4, and nvfp4 with global_scale = max |w| ("nvfp4_tensor").

    pip install mlx==0.32.4 mlx-cpu==0.32.4 numpy==2.4.6
    python make_mx.py mx/

Writes three files. Hashes are 64-bit FNV-1a; of float32 values all NaNs are first made 0x7fc00000.

mx.bin, all little-endian: "BLMXFP04", uint32 n_matrices, then for each matrix

    uint32 dtype (1 f32, 2 f16, 3 bf16), n_rows, n_cols, formats
    weights   n_rows * n_cols numbers of dtype
    then for each format whose bit is set in `formats` (1 mxfp4, 2 mxfp8, 4 nvfp4, 8 nvfp4_tensor):
    codes     n_rows * n_cols * bits / 8 bytes, n_rows * n_cols / group bytes of scales,
    global    f32, nvfp4_tensor only
    hash      uint64, of the float32 values of mx.dequantize

Each matrix is 2 rows of 64 columns; the functions in CONTENTS name what is in them. A format is left
out where the library's bytes depend on the CPU: a NaN or an infinity in the mx modes (infinity as an
integer), and scale bytes with a sign in nvfp4 (the sign of the NaN that 0 * infinity gives).

large.txt, a line for each type and format: dtype format, the hash of codes, then scales of a large
matrix (64 rows, 2048 columns), then that of its decoded values. large_matrix() says how to make it.

decoded.txt, a line for each format: format global_scale hash, of the decoded values of every code
under every scale: row s of 256 has the scale byte s in all of its groups and 256 columns, in which
column c has the code c mod 2^bits. global_scale is 0 where there is none.
"""

import pathlib
import struct
import sys

import mlx.core as mx
import numpy as np

DTYPES = {"f32": (1, mx.float32), "f16": (2, mx.float16), "bf16": (3, mx.bfloat16)}
FORMATS = {"mxfp4": (32, 4), "mxfp8": (32, 8), "nvfp4": (16, 4), "nvfp4_tensor": (16, 4)}
LARGEST = {"f32": 3.4028235e38, "f16": 65504.0, "bf16": 3.3895314e38}
SMALLEST = {"f32": 2.0**-149, "f16": 2.0**-24, "bf16": 2.0**-133}  # denormal
FRACTION = {"f32": 2.0**-23, "f16": 2.0**-10, "bf16": 2.0**-7}  # one step above 1
SHAPE = (2, 64)
N = 128


class Case:
    """What a content may depend on: the type's name and a seeded generator."""

    def __init__(self, dtype, seed):
        self.dtype = dtype
        self.rng = np.random.Generator(np.random.PCG64(seed))


def normal(c):
    return c.rng.normal(0, 0.05, N)


def large_normal(c):
    return c.rng.normal(0, 20, N)


def uniform(c):
    return c.rng.uniform(-1, 1, N)


def positive_constant(c):
    return np.full(N, 0.7)


def negative_constant(c):
    return np.full(N, -3.25)


def zeros(c):
    return np.zeros(N)


def zeros_of_both_signs(c):
    return np.where(c.rng.integers(0, 2, N) == 0, -0.0, 0.0)


def a_group_of_zeros(c):
    w = c.rng.normal(0, 0.05, N)
    w[32:64] = 0
    return w


def denormals(c):
    return c.rng.integers(-50, 50, N) * SMALLEST[c.dtype]


def few_denormal_steps(c):
    """Every group's largest is 1 to 20 times the smallest denormal."""
    top = np.repeat(c.rng.integers(1, 21, N // 16), 16)
    return np.round(c.rng.uniform(-1, 1, N) * top) * SMALLEST[c.dtype]


def one_denormal(c):
    w = np.zeros(N)
    w[5] = -SMALLEST[c.dtype]
    return w


def smallest_normals(c):
    first = {"f32": 2.0**-126, "f16": 2.0**-14, "bf16": 2.0**-126}[c.dtype]
    return c.rng.uniform(-8, 8, N) * first


def byte_about_zero(c):
    """2^n about 2^-127, where the scale's byte would be negative; in f16, about its smallest."""
    return c.rng.uniform(-6, 6, N) * (2.0**-22 if c.dtype == "f16" else 2.0**-126)


def largest_of_both_signs(c):
    return np.where(c.rng.integers(0, 2, N) == 0, -1, 1) * LARGEST[c.dtype]


def near_largest(c):
    return c.rng.uniform(-1, 1, N) * LARGEST[c.dtype]


def distances_round_alike(c):
    """After a scale of 448, from 2^22 to 2^28: there distances of fp4 numbers fall together."""
    if c.dtype == "f16":
        return c.rng.uniform(-1, 1, N) * LARGEST["f16"]
    return 448 * 2.0 ** c.rng.uniform(22, 28, N) * np.where(c.rng.integers(0, 2, N) == 0, -1, 1)


def positive(c):
    return c.rng.uniform(0.5, 1.5, N)


def negative(c):
    return c.rng.uniform(-1.5, -0.5, N)


def positive_outlier(c):
    w = c.rng.normal(0, 0.02, N)
    w[7] = 4
    return w


def negative_outlier(c):
    w = c.rng.normal(0, 0.02, N)
    w[N - 1] = -40
    return w


def enormous_outlier(c):
    w = c.rng.normal(0, 0.02, N)
    w[::32] = 5000
    return w


def alternating(c):
    return np.where(np.arange(N) % 2 == 0, -1.0, 1.0)


def fp4_ties(c):
    """Halfway between fp4 numbers; the scale is a power of two in all formats."""
    halves = np.array([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5])
    w = c.rng.choice(halves, N) * np.where(c.rng.integers(0, 2, N) == 0, -1, 1)
    w[::16] = 6
    return w / 4


def fp4_near_ties(c):
    """One step of the type beside them."""
    halves = np.array([0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5])
    side = 1 + FRACTION[c.dtype] * c.rng.integers(-2, 3, N)
    w = c.rng.choice(halves, N) * side * np.where(c.rng.integers(0, 2, N) == 0, -1, 1)
    w[::16] = 6
    return w


def fp8_ties(c):
    """Halfway between e4m3 numbers, normal and denormal."""
    codes = c.rng.integers(0, 126, N)
    exponent, fraction = codes >> 3, codes & 7
    low = np.where(exponent == 0, fraction * 2.0**-9, (8 + fraction) * 2.0 ** (exponent - 10.0))
    step = 2.0 ** (np.maximum(exponent, 1) - 10.0)
    w = (low + step / 2) * np.where(c.rng.integers(0, 2, N) == 0, -1, 1)
    w[::32] = 448
    return w


def fp8_denormals(c):
    w = c.rng.uniform(-0.02, 0.02, N)
    w[::32] = 448
    return w


def scale_at_powers_of_two(c):
    """amax / 6 is a power of two, or a step beside one."""
    w = c.rng.uniform(-0.1, 0.1, N)
    w[::16] = 6 * 2.0 ** c.rng.integers(-6, 6, N // 16) * (
        1 + FRACTION[c.dtype] * c.rng.integers(-2, 3, N // 16)
    )
    return w


def fp8_scale_at_powers_of_two(c):
    """The same for amax / 448."""
    w = c.rng.uniform(-0.1, 0.1, N)
    w[::32] = 448 * 2.0 ** c.rng.integers(-9, 7, N // 32) * (
        1 + FRACTION[c.dtype] * c.rng.integers(-2, 3, N // 32)
    )
    return w


def group_scales_at_fp8_ties(c):
    """amax / 6 is halfway between two e4m3 numbers."""
    w = c.rng.uniform(-1, 1, N)
    w[::16] = 6 * (16 + 2 * c.rng.integers(0, 8, N // 16) + 1) * 2.0 ** c.rng.integers(-6, 4, N // 16)
    return w


def group_scales_below_fp8(c):
    """amax / 6 about 2^-10, where e4m3 ends."""
    return c.rng.uniform(-1, 1, N) * np.repeat(c.rng.uniform(0.2, 8, N // 16), 16) * 2.0**-8


def all_exponents(c):
    return np.ldexp(c.rng.uniform(-1, 1, N), c.rng.integers(-20, 14, N))


def powers_of_two(c):
    return np.where(c.rng.integers(0, 2, N) == 0, -1, 1) * 2.0 ** c.rng.integers(-6, 1, N)


def some_nan(c):
    w = c.rng.normal(0, 1, N)
    w[[0, 10, 11, N - 1]] = np.nan
    return w


def all_nan(c):
    return np.full(N, np.nan)


def positive_infinity(c):
    w = c.rng.normal(0, 1, N)
    w[4] = np.inf
    return w


def both_infinities(c):
    w = c.rng.normal(0, 1, N)
    w[4], w[20], w[90] = np.inf, -np.inf, np.nan
    return w


CONTENTS = [
    normal, large_normal, uniform, positive_constant, negative_constant, zeros,
    zeros_of_both_signs, a_group_of_zeros, denormals, few_denormal_steps, one_denormal,
    smallest_normals, byte_about_zero, largest_of_both_signs, near_largest, distances_round_alike,
    positive, negative, positive_outlier, negative_outlier, enormous_outlier, alternating, fp4_ties,
    fp4_near_ties, fp8_ties, fp8_denormals, scale_at_powers_of_two, fp8_scale_at_powers_of_two,
    group_scales_at_fp8_ties, group_scales_below_fp8, all_exponents, powers_of_two, some_nan,
    all_nan, positive_infinity, both_infinities,
]  # fmt: skip
assert len(set(CONTENTS)) == len(CONTENTS)


def raw(array):
    """The bytes of an mx.array."""
    if array.dtype in (mx.float16, mx.bfloat16):
        array = array.view(mx.uint16)
    return np.array(array).tobytes()


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def hash_of_values(array):
    values = np.array(array).reshape(-1)
    bits = np.where(np.isnan(values), np.uint32(0x7FC00000), values.view(np.uint32))
    return fnv1a(bits.astype("<u4").tobytes())


def quantized(weights, name):
    """(codes, scales, global scale or None, decoded in float32)"""
    mode, options = name, {}
    if name == "nvfp4_tensor":
        mode = "nvfp4"
        options["global_scale"] = mx.max(mx.abs(weights)).astype(mx.float32)
    codes, scales = mx.quantize(weights, mode=mode, **options)
    decoded = mx.dequantize(codes, scales, mode=mode, dtype=mx.float32, **options)
    return codes, scales, options.get("global_scale"), decoded


def is_defined(name, weights, scales):
    """Do the library's bytes follow from the arithmetic, whatever the CPU?"""
    if name.startswith("mx"):
        return bool(mx.all(mx.isfinite(weights)))
    return not np.any(np.array(scales) & 128)


def small_matrices():
    for dtype, (dtype_id, mx_dtype) in DTYPES.items():
        for i, content in enumerate(CONTENTS):
            with np.errstate(over="ignore"):
                weights = content(Case(dtype, [dtype_id, i])).reshape(SHAPE).astype(np.float32)
            weights = mx.array(weights).astype(mx_dtype)
            formats, parts = 0, [raw(weights)]
            for f, name in enumerate(FORMATS):
                codes, scales, global_scale, decoded = quantized(weights, name)
                if not is_defined(name, weights, scales):
                    continue
                formats |= 1 << f
                parts += [raw(codes), raw(scales), raw(global_scale) if global_scale is not None else b""]
                parts.append(struct.pack("<Q", hash_of_values(decoded)))
            yield struct.pack("<4I", dtype_id, *SHAPE, formats) + b"".join(parts), formats


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


def large_lines():
    for dtype, (_, mx_dtype) in DTYPES.items():
        weights = mx.array(large_matrix()).astype(mx_dtype)
        for name in FORMATS:
            codes, scales, _, decoded = quantized(weights, name)
            encoded = fnv1a(raw(codes) + raw(scales))
            yield f"{dtype} {name} {encoded:016x} {hash_of_values(decoded):016x}\n"


def decoded_lines():
    for name, global_scale in (
        ("mxfp4", 0), ("mxfp8", 0), ("nvfp4", 0), ("nvfp4_tensor", 1.75), ("nvfp4_tensor", 0.3),
    ):  # fmt: skip
        group, bits = FORMATS[name]
        row = np.arange(256, dtype=np.uint8)
        if bits == 4:
            row = row[0::2] % 16 | row[1::2] % 16 << 4
        codes = mx.array(np.tile(row.view(np.uint32), (256, 1)))
        scales = mx.array(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 256 // group, 1))
        options = {"global_scale": mx.array(global_scale, mx.float32)} if global_scale else {}
        decoded = mx.dequantize(codes, scales, mode=name.split("_")[0], dtype=mx.float32, **options)
        yield f"{name} {global_scale} {hash_of_values(decoded):016x}\n"


def main():
    out = pathlib.Path(sys.argv[1])
    matrices = list(small_matrices())
    head = b"BLMXFP04" + struct.pack("<I", len(matrices))
    (out / "mx.bin").write_bytes(head + b"".join(data for data, _ in matrices))
    (out / "large.txt").write_text("".join(large_lines()))
    (out / "decoded.txt").write_text("".join(decoded_lines()))
    counts = {name: sum(bits >> f & 1 for _, bits in matrices) for f, name in enumerate(FORMATS)}
    print(f"mlx {mx.__version__}: {len(matrices)} matrices, {counts}")


if __name__ == "__main__":
    main()
