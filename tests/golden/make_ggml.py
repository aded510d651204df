"""Golden vectors for the GGML block formats: blocks and the float32 values that llama.cpp reads.

    pip install gguf==0.19.0 numpy==2.4.6
    npm pack @node-llama-cpp/linux-x64@3.22.1, unpacked: llama.cpp v0.5.0, prebuilt
    python make_ggml.py package/bins/linux-x64/libggml-base.so ggml/

The first rows of each type are encoded by llama.cpp's ggml_quantize_chunk; the next are random bytes
with a random finite scale, so that every code is met; the last have infinities, NaNs and denormals
for scales. All are decoded by llama.cpp's dequantize_row_*, and the script stops unless the gguf
package, an independent reader, gives the same bits.

Writes ggml.bin, all little-endian: "BLBLOCKS", uint32 n_types, then for each type

    name      8 bytes, padded with NUL
    uint32    n_rows, n_cols, bytes per row
    blocks    n_rows * bytes per row
    decoded   n_rows * n_cols f32
"""

import ctypes
import pathlib
import struct
import sys

import gguf
import numpy as np

N_COLS = 512
N_RANDOM = 4

# name: the enum of ggml.h, weights and bytes of a block, offsets of its f16 fields
TYPES = {
    "q4_0": (2, 32, 18, [0]),
    "q4_1": (3, 32, 20, [0, 2]),
    "q5_0": (6, 32, 22, [0]),
    "q5_1": (7, 32, 24, [0, 2]),
    "q8_0": (8, 32, 34, [0]),
    "q6_K": (14, 256, 210, [208]),
}

SPECIAL_F16 = [0x7C00, 0xFC00, 0x7E00, 0x7BFF, 0xFBFF, 0x0001, 0x83FF, 0x0400, 0x0000, 0x8000]


def rows_to_encode(rng):
    """(rows, N_COLS) float32 of several kinds."""
    outlier = rng.normal(0, 0.02, N_COLS)
    outlier[::97] = 3
    rows = [
        rng.normal(0, 0.05, N_COLS),
        rng.uniform(-1, 1, N_COLS),
        rng.uniform(2, 3, N_COLS),
        outlier,
        np.where(np.arange(N_COLS) % 2 == 0, -1, 1) * 1e-6,
        np.repeat([0, 0.5, -300, 1e-7], N_COLS // 4),
    ]
    return np.array(rows).astype(np.float32)


def encode(library, type_id, rows, row_bytes):
    blocks = np.zeros((len(rows), row_bytes), np.uint8)
    written = library.ggml_quantize_chunk(
        type_id,
        rows.ctypes.data_as(ctypes.c_void_p),
        blocks.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_int64(0),
        ctypes.c_int64(len(rows)),
        ctypes.c_int64(N_COLS),
        None,
    )
    assert written == blocks.size
    return blocks


def random_blocks(rng, n_rows, block_bytes, f16_offsets, scales):
    """Random bytes, and in each f16 field one of `scales` (uint16)."""
    blocks = rng.integers(0, 256, (n_rows, block_bytes), dtype=np.uint8)
    for offset in f16_offsets:
        field = rng.choice(scales, n_rows).astype(np.uint16)
        blocks[:, offset : offset + 2] = field.view(np.uint8).reshape(-1, 2)
    return blocks


def decode(library, name, blocks):
    rows = np.zeros((len(blocks), N_COLS), np.float32)
    getattr(library, "dequantize_row_" + name)(
        blocks.ctypes.data_as(ctypes.c_void_p),
        rows.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_int64(rows.size),
    )
    return rows


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    finite = np.array([h for h in range(1 << 16) if h & 0x7C00 != 0x7C00], np.uint16)
    out = [b"BLBLOCKS", struct.pack("<I", len(TYPES))]
    for name, (type_id, block, block_bytes, f16_offsets) in TYPES.items():
        rng = np.random.Generator(np.random.PCG64([1, type_id]))
        row_bytes = N_COLS // block * block_bytes
        per_row = N_COLS // block
        blocks = np.concatenate(
            [
                encode(library, type_id, rows_to_encode(rng), row_bytes),
                random_blocks(
                    rng, N_RANDOM * per_row, block_bytes, f16_offsets, finite
                ).reshape(N_RANDOM, row_bytes),
                random_blocks(
                    rng, 2 * per_row, block_bytes, f16_offsets, np.array(SPECIAL_F16)
                ).reshape(2, row_bytes),
            ]
        )
        rows = decode(library, name, blocks)
        with np.errstate(invalid="ignore"):
            other = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType(type_id))
        same = (rows.view(np.uint32) == other.view(np.uint32)) | (np.isnan(rows) & np.isnan(other))
        assert same.all(), name
        out.append(name.lower().encode().ljust(8, b"\0"))
        out.append(struct.pack("<3I", len(blocks), N_COLS, row_bytes))
        out += [blocks.tobytes(), rows.tobytes()]
        print(f"{name}: {len(blocks)} rows, gguf agrees")
    (pathlib.Path(sys.argv[2]) / "ggml.bin").write_bytes(b"".join(out))


if __name__ == "__main__":
    main()
