"""Writes tests/golden/choices/choices.json: how likely mlx_lm finds several continuations.

    pip install mlx==0.32.4 mlx-cpu==0.32.4 mlx-lm==0.32.2 numpy==2.4.6 tokenizers==0.23.3
    python make_choices.py [FOLDER]        default: the folder of this script

For each of the models, a list of tasks: prompt, choices, the sum of the log-probabilities of each
choice's tokens, their number, and which choice has the greatest sum, and the greatest sum per byte.
The tokens are those that lm-evaluation-harness 0.4 would take: white space at the end of the prompt
goes to the choices, the prompt is encoded alone and then with each choice, and what is longer is
the choice. Every choice is run from the first token on, in float32 on the CPU; the logarithms are
float64.
"""

import json
import pathlib
import sys

import mlx.core as mx
import numpy as np
from mlx.utils import tree_map
from mlx_lm.utils import load_model
from tokenizers import Tokenizer

mx.set_default_device(mx.cpu)

MODELS = ["tiny_llama3", "tiny_qwen2"]
TASKS = [
    ("The old boat", [" was red", " was so old that nobody knew", " 안녕"]),
    ("The old boat ", ["was red", "x"]),
    ("Q: What colour?\nA:", [" red", " blue", " red and blue", " r"]),
    ("count the bo", ["ats and letters", "x = 12"]),
    ("방앗간 \t", ["에 갔다", " 🙂", "\n"]),
    ("same", [" one", " one"]),
]


def rstrip(text):
    return text.rstrip(" \t\n\v\f\r")


def score(model, tokenizer, prompt, choice):
    context = tokenizer.encode(rstrip(prompt)).ids
    continuation = tokenizer.encode(prompt + choice).ids[len(context) :]
    ids = context + continuation
    logits = np.array(model(mx.array([ids[:-1]]))[0], dtype=np.float64)[len(context) - 1 :]
    top = logits.max(axis=1, keepdims=True)
    log_p = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return float(log_p[np.arange(len(continuation)), continuation].sum()), len(continuation)


def main():
    here = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    result = {}
    for name in MODELS:
        model, _ = load_model(here / name)
        is_float = lambda x: mx.issubdtype(x.dtype, mx.floating)
        model.update(
            tree_map(lambda x: x.astype(mx.float32) if is_float(x) else x, model.parameters())
        )
        tokenizer = Tokenizer.from_file(str(here / name / "tokenizer.json"))
        result[name] = []
        for prompt, choices in TASKS:
            scored = [score(model, tokenizer, prompt, choice) for choice in choices]
            sums = [total for total, _ in scored]
            sizes = [len(choice.lstrip(" \t\n").encode()) or 1 for choice in choices]
            result[name].append(
                {
                    "prompt": prompt,
                    "choices": choices,
                    "sums": sums,
                    "n_tokens": [n for _, n in scored],
                    "pick": int(np.argmax(sums)),
                    "pick_by_byte": int(np.argmax(np.array(sums) / sizes)),
                }
            )
    (here / "choices").mkdir(exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False)
    (here / "choices" / "choices.json").write_text(text + "\n")


main()
