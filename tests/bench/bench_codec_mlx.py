"""The speed of mlx.core.quantize and mx.dequantize, to compare with bench_codec: millions of weights
a second, the best of several rounds over a float32 matrix of the same shape.

    pip install mlx==0.32.4 mlx-cpu==0.32.4 numpy==2.4.6
    python bench_codec_mlx.py
"""

import time

import mlx.core as mx
import numpy as np

ROWS, COLS, ROUNDS = 4096, 2048, 5


def best_seconds(function):
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        mx.eval(function())
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main():
    weights = np.random.default_rng(1).normal(0, 0.05, (ROWS, COLS)).astype(np.float32)
    weights = mx.array(weights)
    mx.eval(weights)
    print(f"mlx {mx.__version__}, {ROWS} x {COLS}, millions of weights a second")
    print(f"{'format':14} {'encode':>10} {'decode':>10}")
    for bits in (2, 3, 4, 5, 6, 8):
        for group in (32, 64, 128):
            packed = mx.quantize(weights, group, bits)
            mx.eval(packed)
            encode = best_seconds(lambda: mx.quantize(weights, group, bits))
            decode = best_seconds(lambda: mx.dequantize(*packed, group, bits))
            millions = ROWS * COLS * 1e-6
            name = f"affine:{bits}:{group}"
            print(f"{name:14} {millions / encode:10.0f} {millions / decode:10.0f}")
    largest = mx.max(mx.abs(weights))
    for mode, options in (
        ("mxfp4", {}), ("mxfp8", {}), ("nvfp4", {}), ("nvfp4", {"global_scale": largest}),
    ):  # fmt: skip
        packed = mx.quantize(weights, mode=mode, **options)
        mx.eval(packed, largest)
        encode = best_seconds(lambda: mx.quantize(weights, mode=mode, **options))
        decode = best_seconds(
            lambda: mx.dequantize(*packed, mode=mode, dtype=mx.float32, **options)
        )
        millions = ROWS * COLS * 1e-6
        name = mode + ("_tensor" if options else "")
        print(f"{name:14} {millions / encode:10.0f} {millions / decode:10.0f}")


if __name__ == "__main__":
    main()
