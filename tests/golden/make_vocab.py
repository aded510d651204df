"""Writes tests/golden/vocab: tokenizers in their older files, and the ids that transformers makes with them.

    python make_vocab.py

Each folder has vocab.json and merges.txt, cut from the tokenizers of the tiny_* models, or vocab.txt, or a
small tokenizer.model trained here, and what may lie beside them, but no tokenizer.json; expected.json holds
texts with their ids, special tokens added.

    gpt2      no settings but the class: <|endoftext|> is every special token
    gpt2_bos  a token before every text, a space before every text, added tokens in added_tokens.json, special
              tokens in special_tokens_map.json
    qwen2     added tokens in tokenizer_config.json; NFC; Qwen's pattern
    roberta   <s> and </s> around every text
    bert      vocab.txt with a token on two lines; no settings but the class
    cased     vocab.txt: capitals and accents kept, Chinese characters not apart, other special tokens
    llama     tokenizer.model, BPE, by LlamaTokenizer
    gemma     the same by GemmaTokenizer, with user-defined pieces
    spm       the same by what the file itself says, with user-defined pieces
    spm_unigram, t5, xlmr   tokenizer.model, unigram, by what the file says, and by two classes

Made with transformers 5.24.0, tokenizers 0.23.3, sentencepiece 0.2.3.
"""

import io
import json
import shutil
from pathlib import Path

import sentencepiece
from transformers import (AutoTokenizer, BertTokenizer, GemmaTokenizer, GPT2Tokenizer, LlamaTokenizer,
                          Qwen2Tokenizer, RobertaTokenizer, T5Tokenizer, XLMRobertaTokenizer)

HERE = Path(__file__).parent
OUT = HERE / "vocab"
TEXTS = [
    "",
    " ",
    "The old boat",
    " The  old\tboat\n\n went   down\r\n",
    "It's 1440 minutes; we'LL see, THEY'VE 12 boats' sails",
    "안녕하세요, 작은 강에 오신 것을 환영합니다.",
    "cafe\u0301 caf\u00e9 \u1112\u1161\u11ab \U0001f642\u200d\u2764",
    "a<|endoftext|>b <|im_start|> c<|im_end|> <tool> x<tool>y",
    "x <mask> <extra_id_2> </s> [SEP] naïve ÀÉÎ river 中文字 (*old*) \u2581boat",
    "x\u00a0y\u3000z \ufeff?!...---",
]


def make(name, cls, vocab, merges, extra):
    folder = OUT / name
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    for file, value in extra.items():
        (folder / file).write_text(json.dumps(value) + "\n")
    finish(folder, cls.from_pretrained(folder))


def finish(folder, tokenizer):
    expected = [{"text": text, "ids": tokenizer(text)["input_ids"]} for text in TEXTS]
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def make_words(name, words, settings):
    folder = OUT / name
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("".join(f"{w}\n" for w in words))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings) + "\n")
    finish(folder, BertTokenizer.from_pretrained(folder))


def make_pieces(name, cls, settings, **training):
    """`cls` may have another name for the file than tokenizer.model, which it has here."""
    folder = OUT / name
    folder.mkdir(parents=True)
    out = io.BytesIO()
    lines = [t.replace("\n", " ") for t in TEXTS if t.strip()] * 20 + ["The old boat went down the river"] * 30
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, minloglevel=2, hard_vocab_limit=False, num_threads=1,
        normalization_rule_name="identity", character_coverage=1.0, **training)
    (folder / "tokenizer.model").write_bytes(out.getvalue())
    (folder / "tokenizer_config.json").write_text(json.dumps(settings) + "\n")
    if cls in (T5Tokenizer, XLMRobertaTokenizer):
        other = folder / ("spiece.model" if cls is T5Tokenizer else "sentencepiece.bpe.model")
        other.write_bytes(out.getvalue())
        tokenizer = cls.from_pretrained(folder)
        other.unlink()
    else:
        tokenizer = cls.from_pretrained(folder)
    finish(folder, tokenizer)


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    model = json.loads((HERE / "tiny_llama" / "tokenizer.json").read_text())["model"]
    merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in model["merges"]]
    specials = {"<s>", "</s>", "<|im_start|>", "<|im_end|>"}
    words = [w for w in sorted(model["vocab"], key=model["vocab"].get) if w not in specials]
    vocab = {w: i for i, w in enumerate(words)}
    n = len(vocab)
    end = "<|endoftext|>"
    make("gpt2", GPT2Tokenizer, {**vocab, end: n}, merges,
         {"tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"}})
    make("gpt2_bos", GPT2Tokenizer, {**vocab, end: n}, merges, {
        "tokenizer_config.json": {"tokenizer_class": "GPT2TokenizerFast", "add_bos_token": True,
                                  "add_prefix_space": True},
        "added_tokens.json": {"<|im_start|>": n + 1, "<tool>": n + 2},
        "special_tokens_map.json": {"bos_token": "<|im_start|>", "eos_token": {"content": end},
                                    "unk_token": end}})
    decoder = {
        str(n): {"content": end, "lstrip": False, "normalized": False, "rstrip": False,
                 "single_word": False, "special": True},
        str(n + 1): {"content": "<|im_start|>", "lstrip": False, "normalized": False,
                     "rstrip": False, "single_word": False, "special": True},
        str(n + 2): {"content": "<tool>", "lstrip": True, "normalized": False, "rstrip": False,
                     "single_word": True, "special": False}}
    make("qwen2", Qwen2Tokenizer, vocab, merges, {
        "tokenizer_config.json": {"tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": False,
                                  "added_tokens_decoder": decoder, "eos_token": "<|im_start|>",
                                  "bos_token": None, "pad_token": end, "unk_token": None}})
    make("roberta", RobertaTokenizer, {**vocab, "<s>": n, "</s>": n + 1, "<unk>": n + 2, "<pad>": n + 3, "<mask>": n + 4},
         merges, {"tokenizer_config.json": {"tokenizer_class": "RobertaTokenizer"}})
    pieces = list("abcdefghijklmnopqrstuvwxyz0123456789,.?!;'-안녕하세요작은강에") + [
        "##" + c for c in "abcdefghijklmnopqrstuvwxyz0123456789녕하세요은"] + ["the", "old", "boat", "##at", "cafe", "The", "é"]
    words = ["[PAD]", "the", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + pieces
    make_words("bert", words, {"tokenizer_class": "BertTokenizer"})
    make_words("cased", ["<u>", "<c>", "</c>"] + [w for w in pieces if w != "the"], {
        "tokenizer_class": "BertTokenizer", "do_lower_case": False, "tokenize_chinese_chars": False, "strip_accents": False,
        "unk_token": "<u>", "cls_token": "<c>", "sep_token": "</c>", "pad_token": None, "mask_token": None})
    make_pieces("llama", LlamaTokenizer, {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "legacy": True},
                model_type="bpe", vocab_size=420, byte_fallback=True, remove_extra_whitespaces=False)
    make_pieces("gemma", GemmaTokenizer, {"tokenizer_class": "GemmaTokenizer", "add_bos_token": True},
                model_type="bpe", vocab_size=440, byte_fallback=True, remove_extra_whitespaces=False, add_dummy_prefix=False,
                pad_id=0, eos_id=1, bos_id=2, unk_id=3, bos_piece="<bos>", eos_piece="<eos>",
                user_defined_symbols=["<mask>", "\n", "\n\n", "<tool>"])
    make_pieces("spm", AutoTokenizer, {"add_bos_token": True, "add_eos_token": True}, model_type="bpe", vocab_size=160,
                user_defined_symbols=["<tool>", "(*", "오신"])
    make_pieces("spm_unigram", AutoTokenizer, {"legacy": False}, model_type="unigram", vocab_size=400, byte_fallback=True)
    make_pieces("t5", T5Tokenizer, {"tokenizer_class": "T5Tokenizer", "extra_ids": 3}, model_type="unigram", vocab_size=120,
                pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    make_pieces("xlmr", XLMRobertaTokenizer, {"tokenizer_class": "XLMRobertaTokenizer"}, model_type="unigram", vocab_size=120)


if __name__ == "__main__":
    main()
