"""Importance matrices as llama.cpp's imatrix tool writes them, for tests/core/test_imatrix_file.c.

    pip install gguf==0.19.0 numpy==2.4.6
    python make_imatrix.py [folder]     default: format/ beside this script

Two matrices, one of them of two experts of which the second saw nothing. imatrix.gguf is written by
the gguf library, with the keys and tensors of llama.cpp's tools/imatrix (since b5900); imatrix.dat
in the older layout of the same tool, where an entry has the means times the number of chunks.
"""

import struct
import sys
from pathlib import Path

import gguf
import numpy as np

NAMES = ["blk.0.attn_q.weight", "blk.0.ffn_down_exps.weight"]
N_COLS = [8, 4]
COUNTS = [np.array([[512]], np.float32), np.array([[256], [0]], np.float32)]
CHUNKS, CHUNK_SIZE, DATASET = 4, 128, "calibration.txt"


def means(entry):
    n_experts, n = len(COUNTS[entry]), N_COLS[entry]
    return (np.arange(n_experts * n, dtype=np.float32).reshape(n_experts, n) + 1) / 8


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "format")
    writer = gguf.GGUFWriter(folder / "imatrix.gguf", "")
    writer.add_type("imatrix")
    writer.add_array("imatrix.datasets", [DATASET])
    writer.add_uint32("imatrix.chunk_count", CHUNKS)
    writer.add_uint32("imatrix.chunk_size", CHUNK_SIZE)
    for i, name in enumerate(NAMES):
        writer.add_tensor(name + ".in_sum2", means(i) * COUNTS[i])
        writer.add_tensor(name + ".counts", COUNTS[i])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    out = [struct.pack("<i", len(NAMES))]
    for i, name in enumerate(NAMES):
        values = means(i) * CHUNKS
        out.append(struct.pack("<i", len(name)) + name.encode())
        out.append(struct.pack("<ii", CHUNKS, values.size) + values.astype("<f4").tobytes())
    out.append(struct.pack("<ii", CHUNKS, len(DATASET)) + DATASET.encode())
    (folder / "imatrix.dat").write_bytes(b"".join(out))


if __name__ == "__main__":
    main()
