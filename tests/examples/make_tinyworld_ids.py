"""Makes tinyworld_ids.json: texts with the ids that Hugging Face's tokenizers gives them.

    python tests/examples/make_tinyworld_ids.py

Pinned: tokenizers 0.23.3. Run again when examples/tinyworld/tokenizer.json changes.
"""
import json
from pathlib import Path

import tokenizers

assert tokenizers.__version__ == "0.23.3", tokenizers.__version__
here = Path(__file__).resolve().parent
world = here.parent.parent / "examples" / "tinyworld"
tokenizer = tokenizers.Tokenizer.from_file(str(world / "tokenizer.json"))

texts = ["", " ", "a  b\n\n\nc ", "It's 20 o'clock, isn't it?", "café ☂ 가각힣 𝄞", "\tQ: 7 + 12 = ?\nA: 19\n"]
for path in sorted((world / "tests").glob("*.jsonl")):
    for line in path.read_text(encoding="utf-8").splitlines()[:2]:
        item = json.loads(line)
        texts.append(f"{item['prompt']} {item['answer']}\n")
rows = [{"text": text, "ids": tokenizer.encode(text).ids} for text in texts]
lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
(here / "tinyworld_ids.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
