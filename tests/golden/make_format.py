"""Makes the files in tests/golden/format/: small safetensors and GGUF files, written by the libraries
that own the formats, each with the listing that the same library reads back.

    pip install safetensors==0.8.0 gguf==0.19.0 numpy
    python make_format.py [folder]

A listing has one line for each metadata entry, in the order of the file ("meta KEY = VALUE"; a string
as one_line makes it, an array as its type and length), then one for each tensor, in order of offset ("NAME: TYPE [DIMS] OFFSET SIZE",
outermost dimension first, bytes from the start of the file). Newlines within are written "\\n".
"""

import ctypes
import json
import struct
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors import TensorSpec, safe_open, serialize

OUT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "format")
OUT.mkdir(parents=True, exist_ok=True)


def pattern(n: int) -> bytes:
    return bytes((i * 37 + 11) % 251 for i in range(n))


def write_listing(name: str, lines: list[str]) -> None:
    text = "".join(line.replace("\n", "\\n") + "\n" for line in lines)
    (OUT / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")


def one_line(text: str) -> str:
    """What an index prints of a string: at most 120 characters, "?" for controls."""
    short = text if len(text) <= 120 else text[:120] + "…"
    return "".join("?" if ord(c) < 32 or ord(c) == 127 else c for c in short)


# ---- safetensors ----------------------------------------------------------------------------------


def make_safetensors(name: str, tensors: list, metadata: dict | None) -> None:
    """tensors: (name, dtype as the library's writer calls it, shape, bytes per element)."""
    buffers, specs = [], {}
    for tensor, dtype, shape, element_bytes in tensors:
        data = pattern(int(np.prod(shape, dtype=np.int64) * element_bytes))
        buffer = ctypes.create_string_buffer(data, max(len(data), 1))
        buffers.append(buffer)
        specs[tensor] = TensorSpec(
            dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffer), data_len=len(data)
        )
    path = OUT / f"{name}.safetensors"
    path.write_bytes(serialize(specs, metadata))
    list_safetensors(name)


def list_safetensors(name: str) -> None:
    path = OUT / f"{name}.safetensors"
    raw = path.read_bytes()
    (header_size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + header_size])
    lines = [f"meta {k} = {one_line(v)}" for k, v in header.get("__metadata__", {}).items()]
    with safe_open(path, framework="numpy") as f:
        assert (f.metadata() or {}) == header.get("__metadata__", {})
        for key in f.offset_keys():
            view = f.get_slice(key)
            start, end = (8 + header_size + x for x in header[key]["data_offsets"])
            dims = ",".join(str(d) for d in view.get_shape())
            lines.append(f"{key}: {view.get_dtype()} [{dims}] {start} {end - start}")
    write_listing(f"{name}.safetensors", lines)


make_safetensors(
    "types",
    [
        ("f64", "float64", [2, 3], 8),
        ("f32", "float32", [2, 3], 4),
        ("f16", "float16", [5], 2),
        ("bf16", "bfloat16", [1, 2, 3, 4], 2),
        ("e4m3", "float8_e4m3fn", [4], 1),
        ("e5m2", "float8_e5m2", [4], 1),
        ("e8m0", "float8_e8m0fnu", [3], 1),
        ("i64", "int64", [2], 8),
        ("i32", "int32", [2], 4),
        ("i16", "int16", [2], 2),
        ("i8", "int8", [2], 1),
        ("u64", "uint64", [2], 8),
        ("u32", "uint32", [2], 4),
        ("u16", "uint16", [2], 2),
        ("u8", "uint8", [2], 1),
        ("bool", "bool", [7], 1),
        ("scalar", "float32", [], 4),
        ("empty", "float32", [0, 4], 4),
        ("empty_too", "bfloat16", [3, 0], 2),
    ],
    {"format": "mlx"},
)
make_safetensors(
    "names",
    [
        ("model.layers.0.self_attn.q_proj.weight", "bfloat16", [4, 8], 2),
        ('quote " backslash \\ slash /', "float32", [1], 4),
        ("line\nbreak\tand tab", "float32", [1], 4),
        ("가중치 ⚖ 😀", "float32", [1], 4),
        ("", "float32", [1], 4),
        ("x" * 300, "float32", [1], 4),
        ("__metadata", "float32", [1], 4),
    ],
    {"odd key \"'": "value with\nline", "빈": "", "note": "é" * 130},
)
make_safetensors("nothing", [], None)

# A header that the library reads but does not write: spaced, escaped, fields in another order and an
# unknown one.
spaced = (
    '{ "b\\u00e9\\ud83d\\ude00\\/" : {"data_offsets":[ 8 ,12 ], "shape":[2 , 1],\n"dtype": "BF16"},'
    ' "a":{"shape":[4],"x":{"y":[1.5e-3,null,true,{}]},"dtype":"U16","data_offsets":[0,8]},'
    ' "__metadata__":null }   '
).encode()
(OUT / "spaced.safetensors").write_bytes(struct.pack("<Q", len(spaced)) + spaced + pattern(12))
header = json.loads(spaced)
del header["__metadata__"]
with safe_open(OUT / "spaced.safetensors", framework="numpy") as f:
    names = f.offset_keys()
write_listing(
    "spaced.safetensors",
    [
        "{}: {} [{}] {} {}".format(
            name,
            header[name]["dtype"],
            ",".join(str(d) for d in header[name]["shape"]),
            8 + len(spaced) + header[name]["data_offsets"][0],
            header[name]["data_offsets"][1] - header[name]["data_offsets"][0],
        )
        for name in names
    ],
)


# ---- GGUF -----------------------------------------------------------------------------------------

SHORT = {"FLOAT32": "f32", "FLOAT64": "f64", "UINT": "u", "INT": "i", "STRING": "string", "BOOL": "bool"}


def short_type(value_type: gguf.GGUFValueType) -> str:
    name = value_type.name
    for long, short in SHORT.items():
        name = name.replace(long, short)
    return name


def print_value(field: gguf.ReaderField) -> str:
    kind = field.types[0]
    if kind == gguf.GGUFValueType.ARRAY:
        item = short_type(field.types[1]) if len(field.types) > 1 else "i32"
        return f"{item}[{len(field.data)}]"
    if kind == gguf.GGUFValueType.STRING:
        return one_line(bytes(field.parts[field.data[0]]).decode())
    value = field.parts[field.data[0]][0]
    if kind == gguf.GGUFValueType.BOOL:
        return "true" if value else "false"
    return str(value)  # numpy prints the shortest decimal that reads back as the same number


def list_gguf(name: str) -> None:
    reader = gguf.GGUFReader(OUT / f"{name}.gguf")
    lines = [
        f"meta {key} = {print_value(field)}"
        for key, field in reader.fields.items()
        if not key.startswith("GGUF.")
    ]
    for t in sorted(reader.tensors, key=lambda t: t.data_offset):
        dims = ",".join(str(int(d)) for d in reversed(t.shape))
        lines.append(f"{t.name}: {t.tensor_type.name} [{dims}] {t.data_offset} {t.n_bytes}")
    write_listing(f"{name}.gguf", lines)


def start_gguf(name: str) -> gguf.GGUFWriter:
    return gguf.GGUFWriter(OUT / f"{name}.gguf", "llama")


def finish_gguf(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


writer = start_gguf("types")
for kind, (block_len, block_bytes) in gguf.GGML_QUANT_SIZES.items():
    data = np.frombuffer(pattern(2 * block_bytes), np.uint8).reshape(2, block_bytes)
    writer.add_tensor(f"of type {kind.name}", data, raw_dtype=kind)
writer.add_tensor("four.dims", np.zeros((2, 1, 3, 5), np.float32))
writer.add_tensor("중량 ⚖", np.zeros((3, 32), np.float16))
finish_gguf(writer)
list_gguf("types")

writer = start_gguf("metadata")
writer.add_uint8("u8", 255)
writer.add_int8("i8", -128)
writer.add_uint16("u16", 65535)
writer.add_int16("i16", -32768)
writer.add_uint32("u32", 4294967295)
writer.add_int32("i32", -2147483648)
writer.add_float32("f32", 1e-5)
writer.add_float32("f32.large", 3.4e38)
writer.add_float32("f32.whole", 500000.0)
writer.add_bool("bool.yes", True)
writer.add_bool("bool.no", False)
writer.add_string("string", "한국어, \"quotes\" and emoji 😀")
writer.add_key_value("string.empty", "", gguf.GGUFValueType.STRING)
writer.add_uint64("u64", 2**63 - 1)
writer.add_int64("i64", -(2**63))
writer.add_float64("f64", 0.1)
writer.add_array("array.string", ["a", "", "Ġthe", "é"])
writer.add_array("array.i32", [-1, 0, 2147483647])
writer.add_array("array.f32", [0.5, -2.25])
writer.add_array("array.bool", [True, False, True])
writer.add_key_value("array.u8", [0, 255], gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.UINT8)
writer.add_key_value("array.i64", [-5], gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.INT64)
writer.add_key_value("array.f64", [1e300], gguf.GGUFValueType.ARRAY, gguf.GGUFValueType.FLOAT64)
writer.add_string("string.long", "긴 \t" * 60)
writer.add_string("string.fits", "x" * 120)
writer.add_string("", "an empty key")
writer.add_string("ключ ⚖", "a key beyond ASCII")
finish_gguf(writer)
list_gguf("metadata")

writer = start_gguf("aligned")
writer.add_custom_alignment(64)
writer.add_tensor("a", np.arange(3, dtype=np.int8))
writer.add_tensor("b", np.arange(5, dtype=np.float32))
writer.add_tensor("c", np.arange(17, dtype=np.int16))
finish_gguf(writer)
list_gguf("aligned")

# Version 2 has the same layout as a little-endian version 3.
raw = bytearray((OUT / "aligned.gguf").read_bytes())
raw[4:8] = struct.pack("<I", 2)
(OUT / "version2.gguf").write_bytes(raw)
list_gguf("version2")
