"""Writes tests/golden/travels/: what travels with a model beside its weights, and what the
libraries read of it.

    python make_travels.py [FOLDER]        default: the folder of this script; run make_models.py first

    texts/          the small files of a model's folder, to be laid over tiny_llama's
    templates.json  a chat template in each of the places where it can lie: for each, the files, and
                    the templates that gguf's SpecialVocab (which convert_hf_to_gguf.py uses) finds
    expected.json   of tiny_llama with texts/: general.* as gguf's Metadata.load finds it, the
                    special tokens and the rendered template as transformers' AutoTokenizer has
                    them, and what GenerationConfig reads

Made with gguf 0.19.0, transformers 5.23.0.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import gguf
from transformers import AutoTokenizer, GenerationConfig

TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TOOLS = "{{ tools }} \"quoted\" \\ and ü"
CARD = """---
license: apache-2.0
license_link: https://example.com/LICENSE   # where it is
language:
- en
- ko
tags: [tiny, 'random weights']
pipeline_tag: text-generation
model_name: Tiny Rich
author: "Somebody \\"S\\" Else"
description: >-
  a text that is folded
  over two lines
base_model: org-name/tiny-base-v0.1-7b
datasets:
- some-org/some-data
- https://example.org/data
---
# Tiny

license: not this one
"""
TEXTS = {
    "chat_template.jinja": TEMPLATE,
    "additional_chat_templates/tool-use.jinja": TOOLS,
    "README.md": CARD,
    "tokenizer_config.json": {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "add_bos_token": True,
        "model_max_length": 512,
    },
    "special_tokens_map.json": {"pad_token": "<|im_end|>"},
    "generation_config.json": {
        "bos_token_id": 0,
        "eos_token_id": [1, 3],
        "pad_token_id": 3,
        "do_sample": True,
        "temperature": 0.6,
        "top_k": 20,
        "top_p": 0.95,
        "repetition_penalty": 1.1,
        "max_new_tokens": 512,
        "transformers_version": "4.51.0",
    },
}
NAMED = [{"name": "tool-use", "template": TOOLS}, {"name": "default", "template": TEMPLATE}]
PLACES = {
    "chat_template.jinja": {"chat_template.jinja": TEMPLATE},
    "further files": {
        "chat_template.jinja": TEMPLATE,
        "additional_chat_templates/tool-use.jinja": TOOLS,
        "additional_chat_templates/rag.jinja": "RAG",
    },
    "tokenizer_config.json": {"tokenizer_config.json": {"chat_template": TEMPLATE}},
    "a list": {"tokenizer_config.json": {"chat_template": NAMED}},
    "a list without a default": {"tokenizer_config.json": {"chat_template": NAMED[:1]}},
    "chat_template.json": {"chat_template.json": {"chat_template": TEMPLATE}},
    "nowhere": {},
}


def write_texts(folder, texts):
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(text, str):
            known = json.loads(path.read_text()) if path.exists() else {}
            text = json.dumps(known | text, indent=2, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8")


def templates_of(folder):
    """As gguf's writer names them."""
    found = gguf.SpecialVocab(folder).chat_template
    if found is None or isinstance(found, str):
        return {"default": found} if found else {}
    plain = lambda name: "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    return {plain(entry["name"]): entry["template"] for entry in found}


def general_of(folder):
    """general.* as gguf's writer writes it, but for what it guesses from the folder's name."""
    metadata = gguf.Metadata.load(None, folder)
    metadata.basename = metadata.finetune = metadata.size_label = metadata.version = None
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "x.gguf"
        writer = gguf.GGUFWriter(path, "llama")
        metadata.set_gguf_meta_model(writer)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        fields = gguf.GGUFReader(path).fields
        return {
            key: field.contents()
            for key, field in fields.items()
            if key.startswith("general.") and key != "general.architecture"
        }


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    out = folder / "travels"
    shutil.rmtree(out, ignore_errors=True)
    write_texts(out / "texts", TEXTS)
    with tempfile.TemporaryDirectory() as scratch:
        places = {}
        for i, (place, texts) in enumerate(PLACES.items()):
            model = Path(scratch) / str(i)
            shutil.copytree(folder / "tiny_llama", model)
            write_texts(model, texts)
            files = {name: (model / name).read_text() for name in texts}
            places[place] = {"files": files, "templates": templates_of(model)}
        model = Path(scratch) / "model"
        shutil.copytree(folder / "tiny_llama", model)
        shutil.copytree(out / "texts", model, dirs_exist_ok=True)
        tokenizer = AutoTokenizer.from_pretrained(model)
        generation = GenerationConfig.from_pretrained(model)
        expected = {
            "general": general_of(model),
            "templates": templates_of(model),
            "tokens": {
                key: getattr(tokenizer, f"{key}_token") for key in ("bos", "eos", "pad", "unk")
            },
            "generation": {
                key: getattr(generation, key)
                for key in ("bos_token_id", "eos_token_id", "pad_token_id")
                + ("do_sample", "temperature", "top_k", "top_p")
            },
        }
    (out / "templates.json").write_text(json.dumps(places, indent=1) + "\n")
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
