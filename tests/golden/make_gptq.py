"""Golden files of GPTQ: what mlx_lm 0.32.2 (mlx 0.32) makes of one matrix.

    python tests/golden/make_gptq.py

A layer of N_ROWS rows and N_COLS columns, whose weights and inputs are random and go together as those of
language models do: a few directions carry most of the inputs. Writes tests/golden/gptq/: weights.bin
(N_ROWS, N_COLS) and hessian.bin (N_COLS, N_COLS), the sum of x x^T, in float32; and for each number of bits
codes-B.bin, a byte each, with lines-B.bin (N_ROWS, N_COLS / 64, 2), scales and biases in float32."""
import pathlib
import mlx.core as mx, mlx.nn as nn, numpy as np
from mlx_lm.quant.gptq import gptq_quantize

N_ROWS, N_COLS, GROUP = 48, 192, 64
out = pathlib.Path(__file__).parent / 'gptq'
out.mkdir(exist_ok=True)
mx.set_default_device(mx.cpu)
rng = np.random.default_rng(7)
weights = (rng.standard_normal((N_ROWS, N_COLS)) * rng.uniform(0.01, 0.05, (N_ROWS, 1))).astype(np.float32)
mixing = rng.standard_normal((N_COLS, N_COLS)) * (0.97 ** np.arange(N_COLS))[:, None]
inputs = (rng.standard_normal((16, 256, N_COLS)) @ mixing).astype(np.float32)
flat = inputs.reshape(-1, N_COLS).astype(np.float64)
weights.tofile(out / 'weights.bin')
(flat.T @ flat).astype(np.float32).tofile(out / 'hessian.bin')


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(N_COLS, N_ROWS, bias=False)
        self.linear.weight = mx.array(weights)

    def __call__(self, x):
        return self.linear(x)


for bits in (2, 4, 8):
    layer, _ = gptq_quantize(Layer(), mx.array(inputs), bits, GROUP, bits, GROUP)
    packed = np.array(layer.linear.weight)
    per_word = 32 // bits
    codes = packed[:, :, None] >> (np.arange(per_word, dtype=np.uint32) * bits) & (2 ** bits - 1)
    codes.reshape(N_ROWS, N_COLS).astype(np.uint8).tofile(out / f'codes-{bits}.bin')
    lines = np.stack([np.array(layer.linear.scales), np.array(layer.linear.biases)], axis=-1)
    lines.astype(np.float32).tofile(out / f'lines-{bits}.bin')
