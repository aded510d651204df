#!/usr/bin/env python3
"""Golden vectors for core/text/unicode.c: what Hugging Face `tokenizers` makes of each code point.

    pip install tokenizers==0.23.3 unicodedata2==17.0.0
    python make_unicode.py > tests/golden/text/unicode.txt

Lines are
    R <pattern> <ranges>    the code points that a regular expression matches
    D <ranges>              those that the pre-tokenizer Digits cuts off
    W <ranges>              those that an added token with single_word may not stand next to
    S <ranges>              those that one with rstrip takes along
    N <text> <normalized>   normalization form C, where the text is not its own: of every code point
                            alone, between two marks of the last and the first combining class, and
                            of both parts of every canonical decomposition
Patterns and texts are in hexadecimal UTF-8; ranges are hexadecimal, as 41-5a,61. Surrogates, which no
text has, are left out.
"""
import unicodedata2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

assert unicodedata2.unidata_version == "17.0.0"
ALL = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORIES = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi",
              "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Co", "Cn"]
PATTERNS = [rf"\p{{{c}}}" for c in CATEGORIES] + [r"\w", r"\W", r"[\w]", r"[^\W_]", r"\d", r"\s", r"[\p{L}\p{M}]", r"\P{N}"]


def ranges(points):
    runs = []
    for c in sorted(points):
        if runs and c == runs[-1][1] + 1 + (0x800 if c == 0xE000 else 0):
            runs[-1][1] = c
        else:
            runs.append([c, c])
    return ",".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in runs)


def matched(pattern):
    split = pre_tokenizers.Split(Regex(pattern), "removed")
    kept = set()
    for start in range(0, len(ALL), 4096):
        for _, (a, b) in split.pre_tokenize_str("".join(map(chr, ALL[start : start + 4096]))):
            kept.update(ALL[start + a : start + b])
    return [c for c in ALL if c not in kept]


def added(**options):
    tokenizer = Tokenizer(models.BPE(vocab={"q": 0}, merges=[]))
    tokenizer.add_tokens([AddedToken("x", normalized=False, **options)])
    return tokenizer


def hexed(text):
    return text.encode().hex()


def normalize():
    nfc = normalizers.NFC().normalize_str
    for c in ALL:
        for text in (chr(c), "\u0345" + chr(c) + "\u0334"):
            yield text, nfc(text)
        parts = unicodedata2.decomposition(chr(c)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            text = "".join(chr(int(p, 16)) for p in parts)
            yield text, nfc(text)


for pattern in PATTERNS:
    print("R", hexed(pattern), ranges(matched(pattern)))
digits = pre_tokenizers.Digits(individual_digits=False)
print("D", ranges(c for c in ALL if len(digits.pre_tokenize_str("a" + chr(c))) == 2))
alone = added(single_word=True)
print("W", ranges(c for c in ALL if 1 not in alone.encode("x" + chr(c)).ids))
strip = added(rstrip=True)
print("S", ranges(c for c in ALL if strip.encode("x" + chr(c)).offsets[0] == (0, 2)))
for text, normal in normalize():
    if text != normal:
        print("N", hexed(text), hexed(normal))
