"""Writes tests/golden/tiny_gemma3_nested: a small Gemma 3 that looks at images too, as transformers saves
it, and what its language model computes.

    python make_gemma_nested.py [FOLDER]        default: the folder of this script

config.json has the language model's fields in text_config, and model.safetensors its tensors below
language_model., beside those of the vision tower and the projector. expected.json has the token `ids`,
language.f32 the logits (n_ids, vocab_size) in float32, and parameters.json the number of parameters of
google/gemma-3-4b-it's language model as transformers makes it of that config, gemma-3-4b.config.json,
which leaves most fields out.

Made with transformers 5.24.0, torch 2.6.0, safetensors 0.8.0.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import Gemma3Config, Gemma3ForCausalLM, Gemma3ForConditionalGeneration

TEXT = {
    "model_type": "gemma3_text", "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 6,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 320,
    "max_position_embeddings": 512, "sliding_window": 8, "query_pre_attn_scalar": 16,
    "rope_scaling": {"rope_type": "linear", "factor": 8.0},
}
VISION = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
          "image_size": 16, "patch_size": 8}
# As the hub has it, but for the vision tower.
GEMMA_4B = {
    "architectures": ["Gemma3ForConditionalGeneration"], "boi_token_index": 255999,
    "eoi_token_index": 256000, "eos_token_id": [1, 106], "image_token_index": 262144,
    "initializer_range": 0.02, "mm_tokens_per_image": 256, "model_type": "gemma3",
    "text_config": {"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text",
                    "num_hidden_layers": 34, "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
                    "sliding_window": 1024},
    "torch_dtype": "bfloat16", "transformers_version": "4.50.0.dev0",
}


def randomize(model):
    generator = torch.Generator().manual_seed(7)
    for name, p in model.named_parameters():
        scale = 0.2 if p.ndim == 1 else 0.05 if "embed" in name else 1.6 / p.shape[-1] ** 0.5
        values = scale * torch.randn(p.shape, generator=generator)
        if name.endswith("language_model.norm.weight"):
            values += 4
        p.data = values.bfloat16().float()


def main():
    folder = (Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent) / "tiny_gemma3_nested"
    shutil.rmtree(folder, ignore_errors=True)
    config = Gemma3Config(text_config=TEXT, vision_config=VISION, mm_tokens_per_image=1)
    model = Gemma3ForConditionalGeneration(config).eval()
    randomize(model)
    model.bfloat16().save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    ids = torch.randint(2, 320, (1, 40), generator=torch.Generator().manual_seed(3))
    model = Gemma3ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        logits = model(input_ids=ids).logits[0]
    logits.numpy().astype("<f4").tofile(folder / "language.f32")
    (folder / "expected.json").write_text(json.dumps({"ids": ids[0].tolist()}) + "\n")

    (folder / "gemma-3-4b.config.json").write_text(json.dumps(GEMMA_4B, indent=2) + "\n")
    with torch.device("meta"):
        text = Gemma3ForCausalLM(Gemma3Config(**GEMMA_4B).text_config)
    n = sum(p.numel() for p in text.parameters())  # the output matrix is the embedding
    (folder / "parameters.json").write_text(json.dumps({"gemma-3-4b": n}) + "\n")
    print(n, logits.abs().max())


main()
