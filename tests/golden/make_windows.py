"""Models whose layers look back over a window only, as transformers runs them: Mistral's in every layer, Qwen2's
from max_window_layers on. The weights are tiny_llama's and tiny_qwen2's; what is written is
tiny_mistral_window and tiny_qwen2_window: config.json, expected.json and logits.f32.

    pip install torch==2.6.0 transformers==5.24.0 safetensors
    python tests/golden/make_windows.py
"""

import json
import pathlib

import torch
import transformers

GOLDEN = pathlib.Path(__file__).parent
WINDOW = 6

MODELS = {
    "tiny_mistral_window": (
        "tiny_llama",
        {
            "architectures": ["MistralForCausalLM"],
            "model_type": "mistral",
            "sliding_window": WINDOW,
        },
    ),
    "tiny_qwen2_window": (
        "tiny_qwen2",
        {"use_sliding_window": True, "sliding_window": WINDOW, "max_window_layers": 1},
    ),
}

for name, (origin, changes) in MODELS.items():
    folder = GOLDEN / name
    folder.mkdir(exist_ok=True)
    config = json.loads((GOLDEN / origin / "config.json").read_text()) | changes
    ids = json.loads((GOLDEN / origin / "expected.json").read_text())["ids"]
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "expected.json").write_text(json.dumps({"weights": origin, "ids": ids}) + "\n")
    model = transformers.AutoModelForCausalLM.from_pretrained(
        GOLDEN / origin,
        config=transformers.AutoConfig.from_pretrained(folder),
        dtype=torch.float32,
        attn_implementation="eager",
    ).eval()
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0]
    logits.numpy().tofile(folder / "logits.f32")
    print(name, tuple(logits.shape), model.config.layer_types if hasattr(model.config, "layer_types") else "")
