"""Trains the review classifier of this folder: DistilBERT's architecture, in float32, on one thread.

    node examples/tinyworld/classifier/texts.mjs --out DATA
    python examples/tinyworld/classifier/train.py DATA OUT [--steps N] [--stop N]

The learning rate falls to 0 at --steps; --stop ends before that, as the shipped model did.

Writes OUT as transformers saves a DistilBertForSequenceClassification: config.json, tokenizer.json,
tokenizer_config.json, vocab.txt, model.safetensors (float16). Every 500 steps it keeps a checkpoint there
and prints the share of the held-out texts that it labels rightly; nothing is chosen by that figure: the
last step's weights are the model. The seed is fixed, so the same versions give the same model on the
same kind of machine.

Made with jax 0.10.2 (CPU; MLX multiplies matrices a hundred times slower there), tokenizers 0.22.2,
safetensors 0.8.0, numpy 2.4.6.
"""

import argparse
import json
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

DIM, FFN, LAYERS, HEADS, CONTEXT, MAX_VOCAB = 128, 256, 3, 4, 128, 1536
BATCH, RATE, WARM_UP, DECAY, SEED = 64, 1e-3, 200, 0.01, 1
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, EPS = 0, 1e-12
LABELS = ["NEGATIVE", "POSITIVE"]


def read_texts(path):
    """Texts, and 1 where a text is positive."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [text for text, _ in rows], np.array([LABELS.index(label) for _, label in rows])


def make_tokenizer(texts):
    """WordPiece as BERT has it, but accents stay: taking them off would take Hangul apart."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    trainer = trainers.WordPieceTrainer(
        vocab_size=MAX_VOCAB, min_frequency=2, special_tokens=SPECIAL, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def shapes(vocab):
    """Every tensor by its name in transformers' DistilBERT; a matrix is (outputs, inputs)."""
    embeddings = "distilbert.embeddings."
    yield embeddings + "word_embeddings.weight", (vocab, DIM)
    yield embeddings + "position_embeddings.weight", (CONTEXT, DIM)
    layers = [(embeddings + "LayerNorm", None)]
    for i in range(LAYERS):
        p = f"distilbert.transformer.layer.{i}."
        layers += [(f"{p}attention.{name}", (DIM, DIM)) for name in ("q_lin", "k_lin", "v_lin", "out_lin")]
        layers += [(p + "sa_layer_norm", None), (p + "ffn.lin1", (FFN, DIM)), (p + "ffn.lin2", (DIM, FFN))]
        layers += [(p + "output_layer_norm", None)]
    layers += [("pre_classifier", (DIM, DIM)), ("classifier", (len(LABELS), DIM))]
    for name, shape in layers:
        yield name + ".weight", shape or (DIM,)
        yield name + ".bias", (shape[0] if shape else DIM,)


def first_weights(vocab):
    """Matrices as BERT begins, a little wider as the model is narrow; norms 1, biases 0."""
    rng = np.random.default_rng(SEED)
    weights = {}
    for name, shape in shapes(vocab):
        value = 0.05 * rng.standard_normal(shape)
        if name.endswith("bias"):
            value = np.zeros(shape)
        elif len(shape) == 1:
            value = np.ones(shape)
        weights[name] = jnp.asarray(value, jnp.float32)
    return weights


def forward(w, ids):
    """ids: (batch, tokens), PAD at the end of shorter texts. Logits: (batch, labels)."""

    def linear(name, x):
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(name, x):
        x = x - x.mean(-1, keepdims=True)
        x = x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + EPS)
        return x * w[name + ".weight"] + w[name + ".bias"]

    n, t = ids.shape
    heads = lambda y: y.reshape(n, t, HEADS, DIM // HEADS).transpose(0, 2, 1, 3)
    hidden = jnp.where(ids == PAD, -1e30, 0.0)[:, None, None, :]
    e = "distilbert.embeddings."
    x = w[e + "word_embeddings.weight"][ids] + w[e + "position_embeddings.weight"][:t]
    x = norm(e + "LayerNorm", x)
    for i in range(LAYERS):
        p = f"distilbert.transformer.layer.{i}."
        q, k, v = (heads(linear(f"{p}attention.{name}_lin", x)) for name in "qkv")
        scores = q @ k.transpose(0, 1, 3, 2) * (DIM // HEADS) ** -0.5 + hidden
        seen = (jax.nn.softmax(scores, -1) @ v).transpose(0, 2, 1, 3).reshape(n, t, DIM)
        x = norm(p + "sa_layer_norm", x + linear(p + "attention.out_lin", seen))
        inner = jax.nn.gelu(linear(p + "ffn.lin1", x), approximate=False)
        x = norm(p + "output_layer_norm", x + linear(p + "ffn.lin2", inner))
    return linear("classifier", jax.nn.relu(linear("pre_classifier", x[:, 0])))


def loss_of(w, ids, labels):
    """Cross entropy, the mean of a batch."""
    chances = jax.nn.log_softmax(forward(w, ids), -1)
    return -jnp.take_along_axis(chances, labels[:, None], 1).mean()


def make_step(n_steps):
    """AdamW: the rate rises over WARM_UP steps, then falls along a cosine to 0 at n_steps."""

    @jax.jit
    def step(w, m, v, i, ids, labels):
        loss, g = jax.value_and_grad(loss_of)(w, ids, labels)
        size = jnp.sqrt(sum(jnp.sum(x * x) for x in g.values()))
        g = {k: x * jnp.minimum(1, 1 / (size + 1e-6)) for k, x in g.items()}
        down = 0.5 * (1 + jnp.cos(jnp.pi * (i - WARM_UP) / (n_steps - WARM_UP)))
        rate = RATE * jnp.where(i < WARM_UP, i / WARM_UP, down)
        m = {k: 0.9 * m[k] + 0.1 * g[k] for k in w}
        v = {k: 0.98 * v[k] + 0.02 * g[k] ** 2 for k in w}
        move = lambda k: m[k] / (1 - 0.9**i) / (jnp.sqrt(v[k] / (1 - 0.98**i)) + 1e-8)
        return {k: w[k] - rate * (move(k) + DECAY * w[k]) for k in w}, m, v, loss

    return step


def pad(rows):
    """To a multiple of 8 tokens, so that few shapes are compiled."""
    longest = -(-max(map(len, rows)) // 8) * 8
    return np.array([row + [PAD] * (longest - len(row)) for row in rows], np.int32)


def batches(rows, labels, n_steps):
    """Texts of about the same length together, in a new order on every round."""
    rng = np.random.default_rng(SEED)
    while True:
        order = rng.permutation(len(rows))
        pools = [order[i : i + 50 * BATCH] for i in range(0, len(order), 50 * BATCH)]
        for pool in pools:
            pool = sorted(pool, key=lambda i: len(rows[i]))
            groups = [pool[i : i + BATCH] for i in range(0, len(pool) - BATCH + 1, BATCH)]
            for g in rng.permutation(len(groups)):
                if n_steps == 0:
                    return
                n_steps -= 1
                yield pad([rows[i] for i in groups[g]]), labels[groups[g]].astype(np.int32)


def accuracy(w, rows, labels):
    run = jax.jit(forward)
    n_right = 0
    for i in range(0, len(rows), 100):
        n_right += int((np.array(run(w, pad(rows[i : i + 100]))).argmax(1) == labels[i : i + 100]).sum())
    return n_right / len(rows)


def save(out, w, vocab):
    save_file({k: np.asarray(x).astype(np.float16) for k, x in w.items()}, out / "model.safetensors", metadata={"format": "pt"})
    config = {
        "activation": "gelu",
        "architectures": ["DistilBertForSequenceClassification"],
        "attention_dropout": 0.0,
        "dim": DIM,
        "dropout": 0.0,
        "hidden_dim": FFN,
        "id2label": dict(enumerate(LABELS)),
        "initializer_range": 0.05,
        "label2id": {label: i for i, label in enumerate(LABELS)},
        "max_position_embeddings": CONTEXT,
        "model_type": "distilbert",
        "n_heads": HEADS,
        "n_layers": LAYERS,
        "pad_token_id": PAD,
        "qa_dropout": 0.0,
        "seq_classif_dropout": 0.0,
        "sinusoidal_pos_embds": False,
        "tie_weights_": True,
        "torch_dtype": "float16",
        "vocab_size": vocab,
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def save_tokenizer(out, tokenizer):
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    words = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (out / "vocab.txt").write_text("".join(word + "\n" for word, _ in words), encoding="utf-8")
    config = {
        "cls_token": "[CLS]",
        "do_lower_case": True,
        "mask_token": "[MASK]",
        "model_max_length": CONTEXT,
        "pad_token": "[PAD]",
        "sep_token": "[SEP]",
        "strip_accents": False,
        "tokenize_chinese_chars": True,
        "tokenizer_class": "DistilBertTokenizer",
        "unk_token": "[UNK]",
    }
    (out / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--stop", type=int, default=1500)
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    texts, labels = read_texts(a.data / "train.tsv")
    held_texts, held_labels = read_texts(a.data / "held_out.tsv")
    tokenizer = make_tokenizer(texts)
    rows = [e.ids for e in tokenizer.encode_batch(texts)]
    held = [e.ids for e in tokenizer.encode_batch(held_texts)]
    vocab = tokenizer.get_vocab_size()
    save_tokenizer(a.out, tokenizer)

    w = first_weights(vocab)
    m = v = {k: jnp.zeros_like(x) for k, x in w.items()}
    longest = max(map(len, rows + held))
    n_weights = sum(x.size for x in w.values())
    print(f"{n_weights} weights, vocabulary {vocab}, longest text {longest} tokens", flush=True)
    step, began, total = make_step(a.steps), time.time(), 0.0
    for i, (ids, y) in enumerate(batches(rows, labels, min(a.stop, a.steps)), 1):
        w, m, v, loss = step(w, m, v, float(i), ids, y)
        total += float(loss)
        if i % 100 == 0:
            line = f"step {i}: loss {total / 100:.4f}, {time.time() - began:.0f} s"
            total = 0.0
            if i % 500 == 0:
                save(a.out, w, vocab)
                line += f", held out {100 * accuracy(w, held, held_labels):.1f}%"
            print(line, flush=True)
    save(a.out, w, vocab)


if __name__ == "__main__":
    main()
