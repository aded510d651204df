"""Writes tests/golden/tiny_{bert,minilm,distilbert,roberta}: small encoders with random weights, and
what transformers computes with them.

    python make_encoders.py [FOLDER]        default: the folder of this script

Each directory is a model as transformers saves it, plus expected.json: for every text its `ids`, its
`types` (of tokens; absent for a family without them), `hidden` (n_ids, dim) after the last layer,
`logits` of a classifier, and `embedding`: the mean of the hidden states, of length 1, as
sentence-transformers makes it with its mean pooling and normalization.

The judge is transformers' own code in its Flax edition, in float32: it runs where torch is not
installed. With torch's edition, of transformers 4.46.3 and torch 2.2.2, states, logits and embeddings are the same
within 0.000006. tiny_minilm has the names and the class of sentence-transformers/all-MiniLM-L6-v2 (BertModel
without a prefix), and its norms under the names that older files have (gamma, beta). The tokenizer is a
byte-level BPE, so that the command can be given texts; the ids below are not its own.

Made with transformers 4.56.2 (of the last line with Flax), flax 0.11.2, jax 0.10.2, safetensors 0.8.0,
numpy 2.4.6.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from transformers import (
    FlaxBertForSequenceClassification,
    FlaxBertModel,
    FlaxDistilBertForSequenceClassification,
    FlaxRobertaForSequenceClassification,
)

VOCAB, DIM, FFN, LAYERS, HEADS, CONTEXT = 320, 32, 64, 2, 4, 48

COMMON = {"vocab_size": VOCAB, "max_position_embeddings": CONTEXT, "torch_dtype": "float32"}
BERT = {
    **COMMON,
    "model_type": "bert",
    "hidden_size": DIM,
    "intermediate_size": FFN,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "hidden_act": "gelu",
    "layer_norm_eps": 1e-12,
    "type_vocab_size": 2,
    "position_embedding_type": "absolute",
}
CONFIGS = {
    "tiny_bert": {
        **BERT,
        "architectures": ["BertForSequenceClassification"],
        "id2label": {"0": "sad", "1": "glad", "2": "neither"},
        "label2id": {"sad": 0, "glad": 1, "neither": 2},
    },
    "tiny_minilm": {**BERT, "architectures": ["BertModel"]},
    "tiny_distilbert": {
        **COMMON,
        "architectures": ["DistilBertForSequenceClassification"],
        "model_type": "distilbert",
        "dim": DIM,
        "hidden_dim": FFN,
        "n_layers": LAYERS,
        "n_heads": HEADS,
        "activation": "gelu",
        "id2label": {"0": "NEGATIVE", "1": "POSITIVE"},
        "label2id": {"NEGATIVE": 0, "POSITIVE": 1},
    },
    "tiny_roberta": {
        **BERT,
        "architectures": ["RobertaForSequenceClassification"],
        "model_type": "roberta",
        "layer_norm_eps": 1e-5,
        "type_vocab_size": 1,
        "pad_token_id": 1,
        "id2label": {"0": "no", "1": "yes"},
        "label2id": {"no": 0, "yes": 1},
    },
}
CLASSES = {
    "tiny_bert": FlaxBertForSequenceClassification,
    "tiny_minilm": FlaxBertModel,
    "tiny_distilbert": FlaxDistilBertForSequenceClassification,
    "tiny_roberta": FlaxRobertaForSequenceClassification,
}


def bert_shapes(c, prefix):
    yield prefix + "embeddings.word_embeddings.weight", (VOCAB, DIM)
    yield prefix + "embeddings.position_embeddings.weight", (CONTEXT, DIM)
    yield prefix + "embeddings.token_type_embeddings.weight", (c["type_vocab_size"], DIM)
    yield from norm_shapes(prefix + "embeddings.LayerNorm")
    for i in range(LAYERS):
        p = f"{prefix}encoder.layer.{i}."
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            yield from linear_shapes(p + "attention." + name, DIM, DIM)
        yield from norm_shapes(p + "attention.output.LayerNorm")
        yield from linear_shapes(p + "intermediate.dense", FFN, DIM)
        yield from linear_shapes(p + "output.dense", DIM, FFN)
        yield from norm_shapes(p + "output.LayerNorm")


def distilbert_shapes():
    yield "distilbert.embeddings.word_embeddings.weight", (VOCAB, DIM)
    yield "distilbert.embeddings.position_embeddings.weight", (CONTEXT, DIM)
    yield from norm_shapes("distilbert.embeddings.LayerNorm")
    for i in range(LAYERS):
        p = f"distilbert.transformer.layer.{i}."
        for name in ("q_lin", "k_lin", "v_lin", "out_lin"):
            yield from linear_shapes(p + "attention." + name, DIM, DIM)
        yield from norm_shapes(p + "sa_layer_norm")
        yield from linear_shapes(p + "ffn.lin1", FFN, DIM)
        yield from linear_shapes(p + "ffn.lin2", DIM, FFN)
        yield from norm_shapes(p + "output_layer_norm")


def linear_shapes(name, n_out, n_in):
    yield name + ".weight", (n_out, n_in)
    yield name + ".bias", (n_out,)


def norm_shapes(name):
    yield name + ".weight", (DIM,)
    yield name + ".bias", (DIM,)


def shapes(name, c):
    n_labels = len(c.get("id2label", {}))
    if name == "tiny_distilbert":
        yield from distilbert_shapes()
        yield from linear_shapes("pre_classifier", DIM, DIM)
        yield from linear_shapes("classifier", n_labels, DIM)
        return
    prefix = {"tiny_bert": "bert.", "tiny_minilm": "", "tiny_roberta": "roberta."}[name]
    yield from bert_shapes(c, prefix)
    if name == "tiny_roberta":
        yield from linear_shapes("classifier.dense", DIM, DIM)
        yield from linear_shapes("classifier.out_proj", n_labels, DIM)
        return
    yield from linear_shapes(prefix + "pooler.dense", DIM, DIM)
    if name == "tiny_bert":
        yield from linear_shapes("classifier", n_labels, DIM)


def random_weights(name, c, seed=5):
    rng = np.random.default_rng(seed)
    weights = {}
    for tensor, shape in shapes(name, c):
        values = rng.standard_normal(shape)
        is_norm = "LayerNorm" in tensor or "layer_norm" in tensor
        if is_norm:
            values = 0.3 * values + (1 if tensor.endswith("weight") else 0)
        elif "embeddings" in tensor or tensor.endswith("bias"):
            values = 0.5 * values
        else:
            values = 2 / np.sqrt(shape[1]) * values
        weights[tensor] = values.astype(np.float32)
    return weights


def texts(c):
    """Some texts of ids, of which none is RoBERTa's padding."""
    rng = np.random.default_rng(11)
    for n in (1, 2, 3, 17, 40):
        ids = rng.integers(4, VOCAB, n)
        types = (np.arange(n) >= n - n // 3).astype(int) if c.get("type_vocab_size") == 2 else None
        yield ids, types


def make(folder, name):
    c, path = CONFIGS[name], folder / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(c, indent=2) + "\n")
    weights = random_weights(name, c)
    save_file(weights, path / "model.safetensors", metadata={"format": "pt"})
    model = CLASSES[name].from_pretrained(path)
    expected = []
    for ids, types in texts(c):
        given = {"input_ids": ids[None], "attention_mask": np.ones((1, len(ids)), int)}
        if types is not None:
            given["token_type_ids"] = types[None]
        out = model(**given, output_hidden_states=True)
        hidden = np.asarray(out.hidden_states[-1][0], np.float64)
        mean = hidden.mean(0)
        item = {"ids": ids.tolist()}
        if types is not None:
            item["types"] = types.tolist()
        item["hidden"] = np.round(hidden, 6).tolist()
        if hasattr(out, "logits"):
            item["logits"] = np.asarray(out.logits[0], np.float64).tolist()
        item["embedding"] = np.round(mean / np.linalg.norm(mean), 7).tolist()
        expected.append(item)
    (path / "expected.json").write_text(json.dumps(expected) + "\n")
    if name == "tiny_minilm":  # as older files have it
        old = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
        for new, other in old.items():
            weights = {k.replace(new, other): v for k, v in weights.items()}
        weights["embeddings.position_ids"] = np.arange(CONTEXT)[None]
        save_file(weights, path / "model.safetensors", metadata={"format": "pt"})
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(folder / "tiny_llama" / file, path / file)
    print(name, [np.round(e.get("logits", e["embedding"][:2]), 3).tolist() for e in expected])


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name in CONFIGS:
        make(folder, name)


if __name__ == "__main__":
    main()
