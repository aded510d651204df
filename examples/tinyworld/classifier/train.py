"""Trains the review classifier of this folder: DistilBERT's architecture, in float32, on one thread.

    node examples/tinyworld/classifier/texts.mjs --out DATA
    python examples/tinyworld/classifier/train.py DATA OUT

Every text of DATA/train.tsv is shown once, in about the order of the file.

Told the label alone, such a model does not find within thousands of steps which of two parts a question is about. So
three things help, of which none stays in the model:
- Short texts come first.
- Every word is asked too, by the same head, after every layer: a word of a clause, what the clause says; a word of the
  question, from the second layer on, what its answer is.
- Queries and keys begin equal, positions as sines, and words that begin with the same letters ("수프는", "수프를") as
  neighbours: at first a word looks to those beside it and to those like it.

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
POOL = 50 * BATCH  # texts among which those of about the same length are put together
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, EPS = 0, 1e-12
# A token's label is that of its clause, 0 or 1, more by ASKED where the clause is the question; or none.
UNASKED, ASKED = -1, 2
LABELS = ["NEGATIVE", "POSITIVE"]


def read_texts(path):
    """Texts, 1 where a text is positive, and what its clauses say where the file tells it."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    labels = np.array([LABELS.index(row[1]) for row in rows])
    return [row[0] for row in rows], labels, [row[2] if len(row) > 2 else "" for row in rows]


def read_mark(mark):
    """'+4:26', '?+52:74': a token's label, and where its clause stands."""
    start, end = mark.lstrip("?+-").split(":")
    return int("+" in mark) + ASKED * int("?" in mark), int(start), int(end)


def label_tokens(encoding, label, marks):
    """The text's label for [CLS], its clause's for a token of a clause."""
    labels = np.full(len(encoding.ids), UNASKED, np.int8)
    labels[0] = label
    for of_clause, start, end in map(read_mark, marks.split()):
        for i, (first, last) in enumerate(encoding.offsets):
            if start <= first < last <= end:
                labels[i] = of_clause
    return labels


def encode(tokenizer, texts, labels, marks):
    """Each text's ids and its tokens' labels; a few texts at a time, as encodings are large."""
    rows, token_labels = [], []
    for at in range(0, len(texts), POOL):
        for i, encoding in enumerate(tokenizer.encode_batch(texts[at : at + POOL]), at):
            rows.append(np.array(encoding.ids, np.int16))
            token_labels.append(label_tokens(encoding, labels[i], marks[i]))
    return rows, token_labels


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


def first_words(words, rng):
    """Each a sum of its letters and of something that it alone has; a letter counts by its place."""
    own = 0.03 * rng.standard_normal((len(words), DIM))
    letters = {}
    for i, word in enumerate(words):
        places = list(enumerate(word.removeprefix("##")))
        for place in places:
            if place not in letters:
                letters[place] = 0.04 * rng.standard_normal(DIM)
            own[i] += letters[place] / np.sqrt(len(places))
    return own


def first_weights(words):
    """Matrices as BERT begins, a little wider as the model is narrow; norms 1, biases 0."""
    rng = np.random.default_rng(SEED)
    weights = {}
    for name, shape in shapes(len(words)):
        value = 0.05 * rng.standard_normal(shape)
        if name.endswith("bias"):
            value = np.zeros(shape)
        elif len(shape) == 1:
            value = np.ones(shape)
        elif "word_embeddings" in name:
            value = first_words(words, rng)
        elif "position_embeddings" in name:
            angles = np.arange(CONTEXT)[:, None] / 1e4 ** (np.arange(0, DIM, 2) / DIM)
            value = 0.05 * np.stack([np.sin(angles), np.cos(angles)], -1).reshape(shape)
        elif "q_lin" in name:
            value *= 1.5
        elif "k_lin" in name:
            value = weights[name.replace("k_lin", "q_lin")]
        weights[name] = jnp.asarray(value, jnp.float32)
    return weights


def forward(w, ids):
    """ids: (batch, tokens), PAD at the end of shorter texts. Logits: (layers, batch, tokens, labels); those
    of [CLS], the first token, after the last layer are the text's."""

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
    states = []
    for i in range(LAYERS):
        p = f"distilbert.transformer.layer.{i}."
        q, k, v = (heads(linear(f"{p}attention.{name}_lin", x)) for name in "qkv")
        scores = q @ k.transpose(0, 1, 3, 2) * (DIM // HEADS) ** -0.5 + hidden
        seen = (jax.nn.softmax(scores, -1) @ v).transpose(0, 2, 1, 3).reshape(n, t, DIM)
        x = norm(p + "sa_layer_norm", x + linear(p + "attention.out_lin", seen))
        inner = jax.nn.gelu(linear(p + "ffn.lin1", x), approximate=False)
        x = norm(p + "output_layer_norm", x + linear(p + "ffn.lin2", inner))
        states.append(x)
    return linear("classifier", jax.nn.relu(linear("pre_classifier", jnp.stack(states))))


def loss_of(w, ids, labels):
    """Cross entropy of the texts, of the clauses' tokens after every layer and of the questions' after all but the
    first, each a mean; and that of the texts alone."""
    chances = jax.nn.log_softmax(forward(w, ids), -1)
    found = jnp.broadcast_to(jnp.maximum(labels, 0) % ASKED, chances.shape[:-1])
    losses = -jnp.take_along_axis(chances, found[..., None], -1)[..., 0]
    of_texts = losses[-1, :, 0].mean()
    told = (labels != UNASKED).at[:, 0].set(False)
    mean = lambda x, which: (x * which).sum() / jnp.maximum(which.sum(), 1) / len(x)
    of_tokens = mean(losses, told & (labels < ASKED)) + mean(losses[1:], told & (labels >= ASKED))
    return of_texts + of_tokens, of_texts


def make_step(n_steps):
    """AdamW: the rate rises over WARM_UP steps, then falls along a cosine to 0 at n_steps."""

    @jax.jit
    def step(w, m, v, i, ids, labels):
        (_, loss), g = jax.value_and_grad(loss_of, has_aux=True)(w, ids, labels)
        size = jnp.sqrt(sum(jnp.sum(x * x) for x in g.values()))
        g = {k: x * jnp.minimum(1, 1 / (size + 1e-6)) for k, x in g.items()}
        down = 0.5 * (1 + jnp.cos(jnp.pi * (i - WARM_UP) / (n_steps - WARM_UP)))
        rate = RATE * jnp.where(i < WARM_UP, i / WARM_UP, down)
        m = {k: 0.9 * m[k] + 0.1 * g[k] for k in w}
        v = {k: 0.98 * v[k] + 0.02 * g[k] ** 2 for k in w}
        move = lambda k: m[k] / (1 - 0.9**i) / (jnp.sqrt(v[k] / (1 - 0.98**i)) + 1e-8)
        return {k: w[k] - rate * (move(k) + DECAY * w[k]) for k in w}, m, v, loss

    return step


def pad(rows, filler=PAD):
    """To a multiple of 8 tokens, so that few shapes are compiled."""
    longest = -(-max(map(len, rows)) // 8) * 8
    filled = np.full((len(rows), longest), filler, np.int32)
    for i, row in enumerate(rows):
        filled[i, : len(row)] = row
    return filled


def batches(rows, labels):
    """Texts of about the same length together."""
    rng = np.random.default_rng(SEED)
    for start in range(0, len(rows), POOL):
        pool = sorted(range(start, min(start + POOL, len(rows))), key=lambda i: len(rows[i]))
        groups = [pool[i : i + BATCH] for i in range(0, len(pool) - BATCH + 1, BATCH)]
        for g in rng.permutation(len(groups)):
            yield pad([rows[i] for i in groups[g]]), pad([labels[i] for i in groups[g]], UNASKED)


def accuracy(w, rows, labels):
    run = jax.jit(forward)
    n_right = 0
    for i in range(0, len(rows), 100):
        logits = np.array(run(w, pad(rows[i : i + 100])))[-1, :, 0]
        n_right += int((logits.argmax(1) == labels[i : i + 100]).sum())
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


def save_tokenizer(out, tokenizer, words):
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    (out / "vocab.txt").write_text("".join(word + "\n" for word in words), encoding="utf-8")
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
    a = parser.parse_args()
    a.out.mkdir(parents=True, exist_ok=True)
    texts, labels, marks = read_texts(a.data / "train.tsv")
    held_texts, held_labels, held_marks = read_texts(a.data / "held_out.tsv")
    tokenizer = make_tokenizer(texts)
    rows, token_labels = encode(tokenizer, texts, labels, marks)
    held, _ = encode(tokenizer, held_texts, held_labels, held_marks)
    words = sorted(tokenizer.get_vocab(), key=tokenizer.token_to_id)
    vocab = len(words)
    save_tokenizer(a.out, tokenizer, words)

    w = first_weights(words)
    m = v = {k: jnp.zeros_like(x) for k, x in w.items()}
    longest = max(map(len, rows + held))
    n_weights = sum(x.size for x in w.values())
    print(f"{n_weights} weights, vocabulary {vocab}, longest text {longest} tokens", flush=True)
    step, began, total = make_step(len(rows) // BATCH), time.time(), 0.0
    for i, (ids, y) in enumerate(batches(rows, token_labels), 1):
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
