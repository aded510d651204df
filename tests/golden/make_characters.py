#!/usr/bin/env python3
"""Writes tests/golden/text/characters.txt: what the normalizers and pre-tokenizers of Hugging Face `tokenizers`
0.23.3 make of every code point.

    pip install tokenizers==0.23.3
    python make_characters.py

A line begins with what was asked. For a set there follow the ranges of its code points, in hexadecimal. For what
makes another text of a character there follows, for every 4096 code points, the FNV-1a hash (64 bits) of these
texts in UTF-8, each with a NUL behind it.
"""
from pathlib import Path

from tokenizers import normalizers, pre_tokenizers

OUT = Path(__file__).parent / "text" / "characters.txt"
CODES = [cp for cp in range(0x110000) if not 0xD800 <= cp < 0xE000]


def bert(**settings):
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**off | settings).normalize_str


def ranges(has):
    found = []
    for cp in CODES:
        if not has(chr(cp)):
            continue
        if found and found[-1][1] == cp - 1:
            found[-1][1] = cp
        else:
            found.append([cp, cp])
    return ",".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in found)


def hashes(change):
    """Surrogates count as the empty text."""
    result = []
    for start in range(0, 0x110000, 4096):
        h = 0xCBF29CE484222325
        for cp in range(start, start + 4096):
            text = "" if 0xD800 <= cp < 0xE000 else change(chr(cp))
            for byte in text.encode() + b"\0":
                h = (h ^ byte) * 0x100000001B3 & (1 << 64) - 1
        result.append(f"{h:x}")
    return ",".join(result)


def cuts(pre_tokenizer):
    """Is a character no part of what the pre-tokenizer leaves?"""
    return lambda c: not pre_tokenizer.pre_tokenize_str(c)


punctuation = pre_tokenizers.Punctuation("removed")
whitespace = pre_tokenizers.Whitespace()
sets = {
    "punctuation": cuts(punctuation),
    "space": cuts(pre_tokenizers.WhitespaceSplit()),
    "between": cuts(whitespace),
    "word": lambda c: len(whitespace.pre_tokenize_str("a" + c)) == 1 and not cuts(whitespace)(c),
}
changes = {
    "bert_clean": bert(clean_text=True),
    "bert_chinese": bert(handle_chinese_chars=True),
    "bert_accents": bert(strip_accents=True),
    "bert": bert(clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True),
    "lower": normalizers.Lowercase().normalize_str,
    "strip_accents": normalizers.StripAccents().normalize_str,
    "nmt": normalizers.Nmt().normalize_str,
    "strip": normalizers.Strip().normalize_str,
    "nfd": normalizers.NFD().normalize_str,
    "nfkc": normalizers.NFKC().normalize_str,
    "nfkd": normalizers.NFKD().normalize_str,
}
with open(OUT, "w", newline="\n") as f:
    for name, has in sets.items():
        f.write(f"{name} {ranges(has)}\n")
    for name, change in changes.items():
        f.write(f"{name} {hashes(change)}\n")
