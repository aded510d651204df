#!/usr/bin/env python3
"""Writes characters_tables.c: what the normalizers and pre-tokenizers of Hugging Face `tokenizers`
0.23.3 take each character for. Its parts ask several libraries of several ages, so every code point
is asked of `tokenizers` itself; tests/core/test_characters.c holds the core to the same answers.

    pip install tokenizers==0.23.3
    python make_characters.py > characters_tables.c
"""
import base64
import json
import struct

from tokenizers import Tokenizer, normalizers, pre_tokenizers

from c_tables import ascending, table

CODES = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]

clean = normalizers.BertNormalizer(
    clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False).normalize_str
chinese = normalizers.BertNormalizer(
    clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False).normalize_str
accents = normalizers.BertNormalizer(
    clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False).normalize_str
lower = normalizers.Lowercase().normalize_str
marks = normalizers.StripAccents().normalize_str
nmt = normalizers.Nmt().normalize_str
trim = normalizers.Strip().normalize_str
nfd = normalizers.NFD().normalize_str
nfkd = normalizers.NFKD().normalize_str
punctuation = pre_tokenizers.Punctuation("removed").pre_tokenize_str
words = pre_tokenizers.Whitespace().pre_tokenize_str


def every_first_byte():
    """A character map in which each first byte becomes "Z": as many as it sees of clusters, and of
    characters of long ones. A double array: unit 0 leads to 1 + byte, which has a leaf."""
    size = 1024
    units = [0] * size
    units[0] = (512 ^ 0) << 10  # children of the root are at 512 ^ byte
    for byte in range(1, 256):
        node = 512 ^ byte
        leaf = 256 ^ byte  # a place of its own for what ends there, with label 0
        units[node] = ((node ^ leaf) << 10) | 1 << 8 | byte
        units[leaf] = 1 << 31 | 0
    blob = struct.pack("<I", 4 * size) + struct.pack(f"<{size}I", *units) + b"Z\0"
    return normalizers.Precompiled(blob).normalize_str


clusters = every_first_byte()
assert clusters("ab") == "ZZ" and clusters("\r\n") == "Z" and clusters("a\u0301") == "Z"


def is_one_cluster(text):
    assert len(text.encode()) < 6
    return clusters(text) == "Z"


# Bits of a character's class; BL_CHAR_… in characters.h.
def bits(cp):
    c = chr(cp)
    size = len(c.encode())
    around = [p for p, _ in words("a" + c + "a")]
    facts = [
        clean(c) == "",
        clean(c) == " " and c != " " or c == " ",
        chinese(c) != c,
        accents(c) == "" and nfd(c) == c,
        not punctuation(c),
        marks(c) == "",
        nmt(c) == "",
        nmt(c) == " ",
        trim(c) == "",
        len(around) == 1,  # a word's
        len(around) == 2,  # white space
        size < 5 and is_one_cluster("a" + c) and cp != 0,
        size < 5 and is_one_cluster(c + "a"),
        # A mark after a control is a cluster of its own.
        size <= 3 and not is_one_cluster(c + "\u0301"),
    ]
    return sum(1 << i for i, fact in enumerate(facts) if fact)


def lower_runs():
    """(first, last, step, distance) of characters with a lower case of one character."""
    pairs = [(cp, ord(lower(chr(cp)))) for cp in CODES if lower(chr(cp)) != chr(cp) and cp != 0x130]
    runs = []
    for cp, to in pairs:
        if runs:
            first, last, step, distance = runs[-1]
            if to - cp == distance and cp - last in (1, 2) and (step in (0, cp - last)):
                runs[-1] = (first, cp, cp - last, distance)
                continue
        runs.append((cp, cp, 0, to - cp))
    return runs


print("/* Made by make_characters.py from tokenizers 0.23.3. */")
print('#include "text/characters.h"\n\n/* clang-format off */')
starts, values, last = [], [], None
for cp in range(0x110000):
    value = 0 if 0xD800 <= cp < 0xE000 else bits(cp)
    if value != last:
        starts.append(cp)
        values.append(value)
        last = value
kinds = sorted(set(values))
assert len(kinds) < 256
ascending("bl_char_starts", starts)
table("const uint8_t", "bl_char_values", (kinds.index(v) for v in values))
table("const uint16_t", "bl_char_kinds", kinds)

assert lower("\u0130") == "i\u0307"
runs = lower_runs()
print(f"const bl_lower_run bl_lower_runs[{len(runs)}] = {{")
for first, end, step, distance in runs:
    print(f"    {{{first:#x}, {end:#x}, {max(step, 1)}, {distance}}},")
print(f"}};\nconst int bl_n_lower_runs = {len(runs)};\n")

rows = [(cp, nfkd(chr(cp))) for cp in CODES
        if nfkd(chr(cp)) != nfd(chr(cp)) and not 0xAC00 <= cp < 0xD7A4]
pool, places = b"", []
known = {}
for cp, text in rows:
    if text not in known:
        known[text] = len(pool)
        pool += text.encode() + b"\0"
    places.append(known[text])
assert len(pool) < 65536
ascending("bl_compat_chars", [cp for cp, _ in rows])
table("const uint16_t", "bl_compat_places", places)
table("const uint8_t", "bl_compat_texts", pool)
