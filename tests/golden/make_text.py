#!/usr/bin/env python3
"""Golden vectors for core/text: small tokenizers in the styles of well-known models, and what the real
libraries make of adversarial texts with them.

    pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf gguf==0.19.0 unicodedata2==16.0.0
    python make_text.py tests/golden/text

For each style NAME: NAME.json (or NAME.gguf) and NAME.txt, whose lines are
    E <text> <ids>                     encoding, with special tokens added
    D <ids> <text> <text>              decoding, without and with special tokens
Texts are in hexadecimal UTF-8 ("-" when empty), ids are separated by commas. patterns.txt has lines
P <pattern> and, below each, S <text> <piece>,<piece>… as a Split(isolated) cuts it; nfc.txt has lines
<text> <normalized text>.
"""
import io
import json
import os
import random
import sys

import gguf
import sentencepiece
import unicodedata2
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

assert unicodedata2.unidata_version == "16.0.0"
OUT = sys.argv[1]
rng = random.Random(20240607)

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
          r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
         r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+"
         r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}|"
         r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def training_text():
    names = "Mina Tom Ana Joon Lily Max".split()
    things = "apple river house garden letter mountain stone window friend song".split()
    verbs = "found lost painted carried remembered counted watched opened".split()
    korean = "나는 사과를 먹었다. 그녀는 강가에서 노래를 불렀다. 우리는 집에 갔다. 안녕하세요, 세계!".split()
    for i in range(1500):
        yield (f"{rng.choice(names)} {rng.choice(verbs)} the {rng.choice(things)}, and it's "
               f"{rng.randint(0, 3000)} years old. I'm sure they'll don't!")
        yield " ".join(rng.choice(korean) for _ in range(6))
        yield (f"static int {rng.choice(things)}_{i % 40} = {rng.randint(0, 99)};\n"
               f"    for (int i = 0; i < n; i++) {{\n\treturn {rng.choice(things)};\n    }}")
        yield rng.choice(["🙂", "🎉🎉", "❤️", "👩‍🔬"]) + rng.choice(["。", "…", "café", "naïve"])


CORPUS = list(training_text())
PARTS = [" ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r", "\v", "\f", "\x85", "\xa0", "\u1680",
         "\u2003", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\u200b", "\u200d", "\ufeff",
         "\u180e", "\u2060", "'s", "'S", "'\u017f", "'LL", "'Re", "\u2019s", "'t", "'ve", "'M", "'\u212a",
         "I'm", "don't", "YOU'RE", "\u2163", "\u00b2", "\u00bd", "\u2460", "\u0661\u0662", "\u0e53",
         "\U0001d7d8", "abc", "ABC", "Ab", "\u00e9", "e\u0301", "\u0301", "\u0323\u0307", "\uac00",
         "\u1100\u1161\u11a8", "\u1100", "\u1161", "\uac00\u11a8", "\u212b", "\u2126", "\ufb01", "\u00df",
         "\u1e9b\u0323", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1f0\U0001f1f7", "\u2764\ufe0f",
         "\x00", "\x01", "\x1b", "\x7f", "1", "12", "1234", "1234567", "!", "!!", "...", "/", "\\", "\"",
         "#include", "<", ">", "{}", "_", "-", "\u2014", "\u20ac", "+", "^", "`", "|", "\u4e2d\u6587",
         "\u304b\u3099", "\u30fc", "\U0010ffff", "\ue000", "\u0f73", "\u0344", "\u2581", "\u2581\u2581", "<0x41>",
         "\u0120", "\u010a", "the", " the", " apple", "사과", " 강가에서", "\U0001f642", "café",
         "<s>", "</s>", "<unk>", "<|end|>", "<|END|>", "<|user|>", "<mask>", "word", "<pad>"]


def texts():
    yield from ["", " ", "\n", "a", "Hello, world!", " leading", "trailing ", "two  spaces"]
    yield from PARTS
    for n in (40, 400):
        yield from [" " * n, "\n" * n + "x", "a" * n, "ab" * n, "가" * n, "1" * n, "!" * n, " \n" * n, "\t \n" * n]
    for _ in range(180):
        yield "".join(rng.choice(PARTS) for _ in range(rng.randint(2, 9)))
    for _ in range(40):
        yield "".join(chr(c) for c in (rng.choice([rng.randrange(0x250), rng.randrange(0x3100),
                      rng.randrange(0x12000), rng.randrange(0x110000)]) for _ in range(9))
                      if not 0xd800 <= c < 0xe000)
    yield from CORPUS[:12]


TEXTS = list(texts())
assert len(TEXTS) >= 300


def hexed(text):
    return text.encode().hex() or "-"


def listed(ids):
    return ",".join(map(str, ids)) or "-"


def write_vectors(name, encode, decode, random_ids):
    """random_ids: how many ids to draw random sequences from; 0 for only those of the texts."""
    with open(f"{OUT}/{name}.txt", "w", newline="\n") as f:
        sequences = []
        for text in TEXTS:
            ids = encode(text)
            sequences.append(ids)
            f.write(f"E {hexed(text)} {listed(ids)}\n")
        sequences = sequences[::4]
        for _ in range(100 if random_ids else 0):
            sequences.append([rng.randrange(random_ids) for _ in range(rng.randint(1, 8))])
        for ids in sequences:
            f.write(f"D {listed(ids)} {hexed(decode(ids, True))} {hexed(decode(ids, False))}\n")


def write(name, tokenizer, random_ids=True):
    text = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
    open(f"{OUT}/{name}.json", "w", newline="\n").write(text + "\n")
    real = Tokenizer.from_str(text)
    write_vectors(name, lambda t: real.encode(t).ids,
                  lambda ids, skip: real.decode(ids, skip_special_tokens=skip),
                  real.get_vocab_size() if random_ids else 0)


BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def byte_level(pre_tokenizer, specials, ignore_merges=False):
    t = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    t.pre_tokenizer = pre_tokenizer
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=specials, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    t.train_from_iterator(CORPUS, trainer)
    return t


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def make_byte_level():
    gpt2 = byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False), ["<|end|>"])
    gpt2.post_processor = processors.ByteLevel(trim_offsets=False)
    write("gpt2", gpt2)
    llama3 = byte_level(pre_tokenizers.Sequence([split(LLAMA3), BYTE_LEVEL]), ["<s>", "<|end|>"], True)
    llama3.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=True),
        processors.TemplateProcessing(single="<s> $A <|end|>", special_tokens=[("<s>", 0), ("<|end|>", 1)])])
    write("llama3", llama3)
    qwen2 = byte_level(pre_tokenizers.Sequence([split(QWEN2), BYTE_LEVEL]), ["<|end|>"])
    qwen2.normalizer = normalizers.NFC()
    qwen2.add_tokens([AddedToken("<mask>", lstrip=True, rstrip=True, normalized=False),
                      AddedToken("word", single_word=True, normalized=True),
                      AddedToken("e\u0301", normalized=True)])
    write("qwen2", qwen2)
    smollm = byte_level(pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)]), ["<|end|>", "<|user|>"])
    write("smollm", smollm)
    write("prefix", byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True), ["<s>"]))
    return smollm


def sentencepiece_like(pre_tokenizer, specials, unknown="<unk>"):
    t = Tokenizer(models.BPE(unk_token=unknown, fuse_unk=True, byte_fallback=True))
    t.pre_tokenizer = pre_tokenizer
    trainer = trainers.BpeTrainer(vocab_size=1100, special_tokens=specials, show_progress=False)
    t.train_from_iterator(CORPUS, trainer)
    return t


def make_metaspace():
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    t = sentencepiece_like(pre_tokenizers.Metaspace(), ["<unk>", "<s>", "</s>"] + bytes_)
    data = json.loads(t.to_str())
    data["added_tokens"] = data["added_tokens"][:3]
    data["pre_tokenizer"] = None
    t = Tokenizer.from_str(json.dumps(data))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    t.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(),
                                   decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    write("llama2", t, random_ids=False)
    t = sentencepiece_like(pre_tokenizers.Metaspace(prepend_scheme="first"), ["<unk>", "<s>", "<|end|>"])
    t.decoder = decoders.Metaspace(prepend_scheme="first")
    write("metaspace", t)


def write_gguf(name, model, tokens, types, **more):
    w = gguf.GGUFWriter(f"{OUT}/{name}.gguf", "llama")
    w.add_tokenizer_model(model)
    if "pre" in more:
        w.add_tokenizer_pre(more["pre"])
    w.add_token_list(tokens)
    w.add_token_types(types)
    if "scores" in more:
        w.add_token_scores(more["scores"])
    if "merges" in more:
        w.add_token_merges(more["merges"])
    for key, token in more.get("ids", {}).items():
        w.add_uint32(f"tokenizer.ggml.{key}_token_id", token)
    if more["bos"] is not None:
        w.add_bos_token_id(more["bos"])
    w.add_eos_token_id(more["eos"])
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def make_gguf(smollm):
    model = json.loads(smollm.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    types = [3 if t in ("<|end|>", "<|user|>") else 1 for t in tokens]
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    write_gguf("smollm_gguf", "gpt2", tokens, types, pre="smollm", merges=merges, bos=0, eos=0)

    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=out, vocab_size=700, model_type="bpe",
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        split_digits=True, minloglevel=2)
    sp = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    n = sp.vocab_size()
    types = [2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 1 for i in range(n)]
    write_gguf("sentencepiece", "llama", [sp.id_to_piece(i) for i in range(n)], types,
               scores=[sp.get_score(i) for i in range(n)], bos=1, eos=2)
    # SentencePiece itself does not look for control tokens in a text, takes U+2581 for a space, and
    # puts nothing around an empty text.
    with open(f"{OUT}/sentencepiece.txt", "w", newline="\n") as f:
        for text in TEXTS:
            if text and not any(x in text for x in ("<s>", "</s>", "<unk>", "\u2581")):
                f.write(f"E {hexed(text)} {listed([1] + sp.encode(text))}\n")


def make_patterns():
    patterns = [GPT2, LLAMA3, GPT4O, r"\p{N}", r"[^\s]+|\s", r"a|ab|abc", r"(?:ab)+c?", r"[a-cé-í]{2,3}",
                r"\P{L}+", r"[^\S\n]+", r"(?i:k[s-t]?)", r"\d+(?=\s)", r"x{2}|\.", r"(a|b)*c|a", r"[\-\]a]+",
                r"[一-龥぀-ゟ゠-ヿ]+", r"\p{^L}{1,2}", r"(?:a?){3}b"]
    with open(f"{OUT}/patterns.txt", "w", newline="\n") as f:
        for pattern in patterns:
            f.write(f"P {hexed(pattern)}\n")
            cutter = pre_tokenizers.Split(Regex(pattern), "isolated")
            for text in TEXTS[8:] + ["abcabcababab", "kS K ſt", "aab ab b", "12 34\t5x", "éíîa-b]c", "xxxxx...x"]:
                if text and len(text) < 100:
                    pieces = ",".join(hexed(p) for p, _ in cutter.pre_tokenize_str(text))
                    f.write(f"S {hexed(text)} {pieces}\n")


def make_hole():
    """A vocabulary with holes in its ids: added tokens get ids of its last tokens, one after them."""
    signs = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("t", "h"), ("th", "e"), ("a", "b"), ("ab", "ab"), ("o", "r"), ("w", "or")]
    tokens = signs + ["".join(m) for m in merges]
    holes = {70, 200, 257}
    ids = [i for i in range(len(tokens) + len(holes)) if i not in holes]
    t = Tokenizer(models.BPE(dict(zip(tokens, ids)), merges))
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.add_special_tokens([AddedToken("<|end|>", normalized=False)])
    t.add_tokens([AddedToken("<mask>", lstrip=True, normalized=False), AddedToken("word"), "the",
                  AddedToken("<pad>", normalized=False)])
    added = [t.token_to_id(x) for x in ("<|end|>", "<mask>", "word", "<pad>")]
    assert [i in ids for i in added] == [True, True, True, False], added
    write("hole", t, random_ids=False)


def make_nfc():
    chars = [chr(c) for c in range(0x30000) if unicodedata2.decomposition(chr(c)) or unicodedata2.combining(chr(c))]
    with open(f"{OUT}/nfc.txt", "w", newline="\n") as f:
        # A mark that does not compose blocks a later one of its class, but not one of another class.
        texts = ["a\u030d\u0301", "a\u0316\u0301", "a\u030d\u0323", "a\u0301\u030d\u0323", "\uac00\u0301\u11a8"]
        for _ in range(600):
            pool = chars + list("aeiouAEIOUSs") * 60 + [chr(c) for c in range(0x1100, 0x1200)] + PARTS * 3
            texts.append("".join(rng.choice(pool) for _ in range(rng.randint(1, 7))))
        for text in texts:
            f.write(f"{hexed(text)} {hexed(normalizers.NFC().normalize_str(text))}\n")


def make_wordpiece():
    """The trainer makes other tokens each time. As bert-base-uncased, as a cased one, and with the parts that BERT does not use."""
    styles = {
        "bert": (normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), "##", True, 100),
        "bert_cased": (normalizers.BertNormalizer(lowercase=False, strip_accents=None),
                       pre_tokenizers.BertPreTokenizer(), "##", True, 100),
        "wordpiece": (normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.Nmt()]),
                      pre_tokenizers.Sequence([pre_tokenizers.Whitespace(),
                                               pre_tokenizers.Punctuation("merged_with_next")]), "@@", False, 12),
    }
    for name, (normalizer, pre_tokenizer, prefix, cleanup, longest) in styles.items():
        specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        t = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=longest))
        t.normalizer = normalizer
        t.pre_tokenizer = pre_tokenizer
        t.decoder = decoders.WordPiece(prefix=prefix, cleanup=cleanup)
        t.train_from_iterator(CORPUS, trainers.WordPieceTrainer(
            vocab_size=500, special_tokens=specials, continuing_subword_prefix=prefix, show_progress=False))
        if name == "bert":
            t.post_processor = processors.TemplateProcessing(
                single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
                special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
        else:
            t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        write(name, t)


def charsmap():
    """A small character map as SentencePiece makes them: ligatures, wide letters, spaces, controls, a line's
    end, letters with their marks."""
    rules = {"ﬁ": "fi", "Ａ": "A", "\u3000": " ", "\xa0": " ", "\r": " ", "\n": " ", "\t": " ", "\x01": "", "\u200b": "",
             "A\u0301": "Á", "e\u0301": "é", "\u1100\u1161": "가", "½": "1⁄2", "\u0301": "", "ß": "ss", "②": "2"}
    tsv = "".join(" ".join(f"{ord(c):X}" for c in a) + "\t" + " ".join(f"{ord(c):X}" for c in b) + "\n"
                  for a, b in rules.items())
    open(f"{OUT}/rules.tsv", "w").write(tsv)
    model = trained_unigram(normalization_rule_tsv=f"{OUT}/rules.tsv", vocab_size=300)
    os.remove(f"{OUT}/rules.tsv")
    return model.normalizer_spec.precompiled_charsmap


def trained_unigram(**settings):
    out = io.BytesIO()
    settings = {"model_type": "unigram", "vocab_size": 420, "hard_vocab_limit": False, "minloglevel": 2,
                "num_threads": 1, "character_coverage": 1.0} | settings
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(CORPUS), model_writer=out, **settings)
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(out.getvalue())
    return model


def make_gguf_more():
    """"bert" as llama.cpp's converter writes it, and "t5"."""
    real = Tokenizer.from_file(f"{OUT}/bert.json")
    vocab = real.get_vocab()
    tokens = sorted(vocab, key=vocab.get)
    special = {"[PAD]": "padding", "[UNK]": "unknown", "[CLS]": "cls", "[SEP]": "seperator", "[MASK]": "mask"}
    phantom = [t if t in special else t[2:] if t.startswith("##") else "\u2581" + t for t in tokens]
    write_gguf("bert_gguf", "bert", phantom, [3 if t in special else 1 for t in tokens], bos=vocab["[CLS]"],
               eos=vocab["[SEP]"], ids={k: vocab[t] for t, k in special.items()})

    model = trained_unigram(pad_id=0, eos_id=1, unk_id=2, bos_id=-1, normalization_rule_name="identity")
    write_gguf("t5_gguf", "t5", [p.piece for p in model.pieces], [p.type for p in model.pieces],
               scores=[p.score for p in model.pieces], bos=None, eos=1, ids={"padding": 0, "unknown": 2})
    # The pipeline that transformers makes of what SentencePiece's file says; sentencepiece itself, which adds
    # in float32, takes another of two equally good ways at times.
    t = Tokenizer(models.Unigram([(p.piece, p.score) for p in model.pieces], unk_id=2))
    t.normalizer = normalizers.Sequence([
        normalizers.Replace(Regex(r"\A +| +\z"), ""), normalizers.Replace(Regex(" {2,}"), " "),
        normalizers.Replace(" ", "\u2581"), normalizers.Replace(Regex("\\A\u2581"), "\u2581\u2581")])
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=False)
    t.add_special_tokens(["<pad>", "</s>", "<unk>"])
    with open(f"{OUT}/t5_gguf.txt", "w", newline="\n") as f:
        for text in TEXTS:
            f.write(f"E {hexed(text)} {listed(t.encode(text).ids + [1])}\n")


def make_pairs():
    """What becomes of two texts: the style, both in hexadecimal, ids, types."""
    with open(f"{OUT}/pairs.txt", "w", newline="\n") as f:
        for name in ("bert", "bert_cased", "t5", "xlmr"):
            real = Tokenizer.from_file(f"{OUT}/{name}.json")
            for a, b in (("the river", "a Garden, it's"), ("", "x"), ("사과를 먹었다", ""), ("[SEP] apple", " </s> 12")):
                e = real.encode(a, b)
                f.write(f"{name} {hexed(a)} {hexed(b)} {listed(e.ids)} {listed(e.type_ids)}\n")


def make_unigram():
    """As T5, XLM-R and ALBERT, and one with bytes for what is unknown and the rarer parts."""
    map_ = charsmap()
    metaspace = dict(replacement="▁", prepend_scheme="always")
    t5 = trained_unigram(pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    xlmr = trained_unigram()
    styles = {
        "t5": ([(p.piece, p.score) for p in t5.pieces] + [(f"<extra_id_{i}>", 0.0) for i in (1, 0)], 2, False,
               normalizers.Sequence([normalizers.Precompiled(map_), normalizers.Strip(False, True),
                                     normalizers.Replace(Regex(" {2,}"), "▁")]),
               pre_tokenizers.Metaspace(**metaspace), [("</s>", 1)], ["$A", "</s>"]),
        "xlmr": ([("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
                 + [(p.piece, p.score) for p in xlmr.pieces[3:]] + [("<mask>", 0.0)], 3, False,
                 normalizers.Precompiled(map_),
                 pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(**metaspace)]),
                 [("<s>", 0), ("</s>", 2)], ["<s>", "$A", "</s>"]),
        "albert": ([(p.piece, p.score) for p in xlmr.pieces], 0, False,
                   normalizers.Sequence([normalizers.Replace("``", '"'), normalizers.Replace("\'\'", '"'),
                                         normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(),
                                         normalizers.Precompiled(map_), normalizers.Replace(Regex(" {2,}"), " ")]),
                   pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first"), [], None),
        "unigram": ([(p.piece, p.score) for p in trained_unigram(byte_fallback=True, vocab_size=620).pieces], 0, True,
                    normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip()]),
                    pre_tokenizers.Sequence([pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(True),
                                             pre_tokenizers.CharDelimiterSplit("-"),
                                             pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first")]), [], None),
    }
    for name, (vocab, unknown, fallback, normalizer, pre_tokenizer, ends, single) in styles.items():
        t = Tokenizer(models.Unigram(vocab, unk_id=unknown, byte_fallback=fallback))
        t.normalizer = normalizer
        t.pre_tokenizer = pre_tokenizer
        scheme = "first" if name in ("albert", "unigram") else "always"
        t.decoder = (decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                        decoders.Strip(" ", 1, 0)])
                     if fallback else decoders.Metaspace(replacement="▁", prepend_scheme=scheme))
        t.add_special_tokens([x for x in ("<s>", "</s>", "<unk>", "<pad>", "<mask>", "<extra_id_0>") if
                              t.token_to_id(x) is not None])
        if single:
            t.post_processor = processors.TemplateProcessing(single=single, pair=single + ["$B:1", "</s>:1"], special_tokens=ends)
        write(name, t, random_ids=not fallback)  # of bytes that are no character all become U+FFFD there


smollm = make_byte_level()
make_metaspace()
make_gguf(smollm)
make_patterns()
make_nfc()
make_hole()
make_wordpiece()
make_unigram()
make_gguf_more()
make_pairs()
