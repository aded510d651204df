"""Writes tests/golden/vocab: tokenizers in their older files, and the ids that transformers makes with them.

    python make_vocab.py

Each folder has vocab.json, merges.txt and what may lie beside them, cut from the tokenizers of the tiny_*
models, and no tokenizer.json; expected.json holds texts with their ids, special tokens added.

    gpt2      no settings but the class: <|endoftext|> is every special token
    gpt2_bos  a token before every text, a space before every text, added tokens in added_tokens.json, special
              tokens in special_tokens_map.json
    qwen2     added tokens in tokenizer_config.json; NFC; Qwen's pattern

Made with transformers 5.24.0, tokenizers 0.23.3.
"""

import json
import shutil
from pathlib import Path

from transformers import GPT2Tokenizer, Qwen2Tokenizer

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
    "x\u00a0y\u3000z \ufeff?!...---",
]


def make(name, cls, vocab, merges, extra):
    folder = OUT / name
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    for file, value in extra.items():
        (folder / file).write_text(json.dumps(value) + "\n")
    tokenizer = cls.from_pretrained(folder)
    expected = [{"text": text, "ids": tokenizer(text)["input_ids"]} for text in TEXTS]
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


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


if __name__ == "__main__":
    main()
