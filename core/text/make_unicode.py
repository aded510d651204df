#!/usr/bin/env python3
"""Writes unicode_tables.c: general categories and canonical composition, as Hugging Face `tokenizers`
0.23.3 has them.

General categories are those of its regex engine (Oniguruma 6.9.10), Unicode 16.0. Its normalization
form C is an older one (the crate unicode-normalization-alignments, Unicode 9.0): characters that came
later neither compose nor have a combining class there. Which these are is asked of it. That both
agree with it on every code point is checked by tests/golden/make_unicode.py and test_unicode.c.

    pip install tokenizers==0.23.3 unicodedata2==16.0.0
    python make_unicode.py > unicode_tables.c
"""
import unicodedata2 as unicode
from tokenizers import normalizers

from c_tables import ascending, table

assert unicode.unidata_version == "16.0.0"
nfd = normalizers.NFD().normalize_str
LOW, HIGH = "\u0334", "\u0345"  # of the lowest combining class, 1, and of the highest, 240

CATEGORIES = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps",
              "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs",
              "Co", "Cn"]
FLAG = 0x80  # BL_SECOND_FLAG in unicode.h
SPACE_CONTROLS = len(CATEGORIES)  # the controls that are white space have a number of their own


def category(cp):
    if 9 <= cp <= 13 or cp == 0x85:
        return SPACE_CONTROLS
    return CATEGORIES.index(unicode.category(chr(cp)))


def category_ranges():
    last = -1
    for cp in range(0x110000):
        if category(cp) != last:
            last = category(cp)
            yield cp, last


def decompositions():
    """(code point, first, second or 0) of every canonical decomposition outside Hangul."""
    for cp in range(0x110000):
        parts = unicode.decomposition(chr(cp)).split()
        if parts and not parts[0].startswith("<") and nfd(chr(cp)) != chr(cp):
            numbers = [int(p, 16) for p in parts] + [0]
            yield cp, numbers[0], numbers[1]


def combining_class(char):
    """Its class, or 0 where `tokenizers` takes it for a starter, which no mark passes."""
    if unicode.combining(char) == 0 or nfd(HIGH + char + LOW) == HIGH + char + LOW:
        return 0
    return unicode.combining(char)


def combining_classes():
    """(first code point, class) of each run of equal classes."""
    last = -1
    for cp in range(0x110000):
        ccc = combining_class(chr(cp))
        if ccc != last:
            last = ccc
            yield cp, ccc


print("/* Made by make_unicode.py from the Unicode Character Database 16.0.0 and tokenizers 0.23.3. */")
print('#include "text/unicode.h"\n\n/* clang-format off */')
ranges = list(category_ranges())
ascending("bl_category_starts", [r[0] for r in ranges])
table("const uint8_t", "bl_category_values", (r[1] for r in ranges))
runs = list(combining_classes())
ascending("bl_combining_starts", [r[0] for r in runs])
table("const uint8_t", "bl_combining_values", (r[1] for r in runs))
rows = list(decompositions())
marks = sorted({b for _, _, b in rows})
assert marks[0] == 0 and len(marks) <= FLAG


def second_byte(cp, first, second):
    """The number of the second part, and the flag that bl_decomposed_second explains."""
    if second:
        composes = unicode.normalize("NFC", chr(first) + chr(second)) == chr(cp)
        assert first >> 16 == cp >> 16
        return marks.index(second) | (0 if composes else FLAG)
    assert first >> 16 in (0, 2)
    return FLAG if first >> 16 else 0


ascending("bl_decomposed", [r[0] for r in rows])
table("const uint16_t", "bl_decomposed_first", (r[1] & 0xFFFF for r in rows))
table("const uint8_t", "bl_decomposed_second", (second_byte(*r) for r in rows))
table("const uint32_t", "bl_second_parts", marks)
print(f"const int bl_n_second_parts = {len(marks)};")
