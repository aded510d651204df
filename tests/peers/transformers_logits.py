"""Are the golden logits those of transformers in torch? Every tests/golden/tiny_* directory that transformers
reads is loaded in float32 and run on the golden ids; what is printed is the largest difference from logits.f32.

    pip install torch==2.6.0 transformers==5.24.0 safetensors
    python tests/peers/transformers_logits.py [NAME ...]

Exit status 1 where one differs by 1e-3 or more."""

import json
import pathlib
import sys

import numpy as np
import torch
import transformers

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
# Llama's windows are mlx_lm's: transformers' Llama has none.
OTHERWISE = {"tiny_llama_window"}


def logits_of(folder, ids):
    """(n_ids, vocabulary); ValueError where transformers has no such model."""
    model = transformers.AutoModelForCausalLM.from_pretrained(
        # Padding is of no account here, and Phi-3's default is outside a small vocabulary.
        folder, dtype=torch.float32, attn_implementation="eager", pad_token_id=None
    ).eval()
    with torch.no_grad():
        return model(torch.tensor([ids])).logits[0].numpy()


def main(names):
    failed = False
    for expected in sorted(GOLDEN.glob("tiny_*/expected.json")):
        folder = expected.parent
        if names and folder.name not in names:
            continue
        config = json.loads((folder / "config.json").read_text())
        is_quantized = "quantization" in config or "quantization_config" in config
        has_files = (folder / "logits.f32").exists() and list(folder.glob("*.safetensors"))
        if folder.name in OTHERWISE or is_quantized or not has_files:
            continue
        ids = json.loads(expected.read_text())["ids"]
        golden = np.fromfile(folder / "logits.f32", np.float32).reshape(len(ids), -1)
        try:
            found = logits_of(folder, ids)
        except (OSError, ValueError) as error:
            print(f"{folder.name:24} not read: {str(error).splitlines()[0][:80]}")
            continue
        largest = float(np.abs(found[:, : golden.shape[1]] - golden).max())
        failed |= not largest < 1e-3
        print(f"{folder.name:24} {largest:.2e}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
