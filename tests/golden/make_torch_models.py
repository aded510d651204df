"""Writes tests/golden/tiny_llama_bnb*, tiny_llama_torchao_*: tiny_llama as transformers quantizes
and saves it with bitsandbytes and torchao, and what it computes with the result.

    pip install torch==2.15.0 torchao==0.18.0 bitsandbytes==0.50.2 transformers==5.23.0
    pip install accelerate==1.15.0 numpy==2.4.6
    pip install --no-deps mslk-cuda==1.1.0
    python make_torch_models.py [FOLDER]        default: the folder of this script

Each directory is what save_pretrained writes, with tiny_llama's tokenizer, and expected.json and
logits.f32 as make_models.py describes them. The logits are those of the directory loaded again, on
the CPU, in float32: bitsandbytes must be told not to multiply in bfloat16 on CPUs that can. torchao multiplies int4 on a GPU only: there the logits are those of tiny_llama
with weights scale * code + zero_point, from the tensors that were loaded.
"""

import json
import pathlib
import shutil
import sys

import make_torch  # stands in for mslk's CUDA library, and runs torch on one thread
import numpy as np
import torch
from torchao.quantization import Int4WeightOnlyConfig, Int8WeightOnlyConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, TorchAoConfig

SOURCE = "tiny_llama"
N_CONTINUE = 24


def bitsandbytes(double):
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=double,
        bnb_4bit_compute_dtype=torch.float32,
    )


MODELS = {
    "tiny_llama_bnb": lambda: bitsandbytes(False),
    "tiny_llama_bnb_double": lambda: bitsandbytes(True),
    "tiny_llama_torchao_int8": lambda: TorchAoConfig(Int8WeightOnlyConfig()),
    "tiny_llama_torchao_int4": lambda: TorchAoConfig(Int4WeightOnlyConfig(group_size=64)),
}


def decode_int4(weight):
    """The matrix that an Int4Tensor stands for."""
    packed = weight.qdata.view(torch.uint8)
    codes = torch.stack([packed & 15, packed >> 4], dim=-1).reshape(packed.shape[0], -1)
    signed = ((codes ^ 8).to(torch.float32) - 8).reshape(packed.shape[0], -1, weight.block_size[1])
    scale, zero = weight.scale.T[..., None], weight.zero_point.T[..., None]
    return (signed * scale.to(torch.float32) + zero.to(torch.float32)).reshape(codes.shape)


def load_again(path, source):
    model = AutoModelForCausalLM.from_pretrained(path, device_map="cpu")
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
    quantized = {
        name: module.weight
        for name, module in model.named_modules()
        if type(getattr(module, "weight", None)).__name__ == "Int4Tensor"
    }
    if not quantized:
        return model
    plain = AutoModelForCausalLM.from_pretrained(source, device_map="cpu")
    for name, weight in quantized.items():
        plain.get_submodule(name).weight.data = decode_int4(weight)
    return plain


def main():
    folder = pathlib.Path(__file__).parent
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else folder
    source = folder / SOURCE
    known = json.loads((source / "expected.json").read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(source)
    for name, config in MODELS.items():
        path = out / name
        shutil.rmtree(path, ignore_errors=True)
        model = AutoModelForCausalLM.from_pretrained(
            source, quantization_config=config(), device_map="cpu"
        )
        model.save_pretrained(path)
        for text in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(source / text, path / text)
        model = load_again(path, source)
        ids, greedy, margin = list(known["ids"]), [], np.inf
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].float().numpy()
            for _ in range(N_CONTINUE):
                row = model(torch.tensor([ids + greedy])).logits[0, -1].float().numpy()
                best = np.sort(row)[-2:]
                margin = min(margin, float(best[1] - best[0]))
                greedy.append(int(row.argmax()))
        assert margin > 0.005, margin
        logits.astype("<f4").tofile(path / "logits.f32")
        expected = {
            "prompt": known["prompt"],
            "ids": ids,
            "greedy_ids": greedy,
            "greedy_text": tokenizer.decode(greedy, skip_special_tokens=True),
            "end": "length",
            "max_tokens": N_CONTINUE,
            "margin": margin,
        }
        text = json.dumps(expected, indent=2, ensure_ascii=False) + "\n"
        (path / "expected.json").write_text(text, encoding="utf-8")
        (path / "model.safetensors").chmod(0o644)
        print(name, f"margin {margin:.3f}", len(set(greedy)), "distinct ids")


if __name__ == "__main__":
    main()
