/* The text that a model learns from, and the batches that are made of it. */
#include "train/learn_text.h"

#include <stdlib.h>

#include "base/error.h"
#include "measure/calibrate.h"

enum {
  HELD_OUT = 16,          /* every so manieth document is held out, or of a long text */
  HELD_OUT_TOKENS = 8192, /* fewer, all over it, so that they have about this many tokens */
};

/* ---- dividing -------------------------------------------------------------------------------- */

/* How many parts the text has that are read together: documents, or what goes into a context of
 * longer ones. */
static size_t count_parts(const bl_learn_text *t) {
  const bl_calibration *text = &t->options->text;
  const size_t most = (size_t)t->n_context;
  size_t n = 0, start = 0;
  for (size_t i = 0; i < text->n_documents; start = text->ends[i++])
    n += (text->ends[i] - start + most - 1) / most;
  return n;
}

static size_t held_stride(const bl_learn_text *t, size_t n) {
  const size_t wanted = t->options->text.n_ids / HELD_OUT_TOKENS;
  const size_t stride = wanted > HELD_OUT ? wanted : HELD_OUT;
  return stride < n ? stride : n;
}

/* Lists those of the n parts that are held out, or the others. Every token of a part is predicted
 * from, so one more than it has is counted. */
static size_t list(const bl_learn_text *t, bool held, size_t n, bl_train_document *documents) {
  const bl_calibration *text = &t->options->text;
  const size_t most = (size_t)t->n_context, stride = held_stride(t, n);
  size_t n_listed = 0, part = 0, at = 0;
  for (size_t i = 0; i < text->n_documents; i++)
    for (size_t size; at < text->ends[i]; at += size, part++) {
      const size_t left = text->ends[i] - at;
      size = left < most ? left : most;
      if ((part % stride == stride - 1) == held)
        documents[n_listed++] = (bl_train_document){at, (uint32_t)size + 1};
    }
  return n_listed;
}

static bl_code divide(bl_learn_text *t, bl_error *error) {
  bl_code code = bl_calibration_check(&t->options->text, t->n_vocab, error);
  if (code != BL_OK) return code;
  const size_t n = count_parts(t);
  if (n < 2)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "the calibration text is one document of up to %d tokens, expected more: a part "
                   "of it is held out, to see what learning has gained",
                   t->n_context);
  t->documents = malloc(n * sizeof *t->documents);
  if (!t->documents) return bl_fail_memory(error, n * sizeof *t->documents);
  t->n_documents = list(t, false, n, t->documents);
  t->n_held = list(t, true, n, t->documents + t->n_documents);
  return BL_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A new order for a pass of the stream. */
static void shuffle(bl_stream *s) {
  for (size_t i = 0; i < s->n; i++) s->order[i] = i;
  for (size_t i = s->n; s->seed && i > 1; i--) {
    const size_t j = (size_t)(bl_random(&s->seed) % i), kept = s->order[i - 1];
    s->order[i - 1] = s->order[j];
    s->order[j] = kept;
  }
  s->next = s->at = 0;
}

static bl_code open_stream(bl_stream *s, const bl_train_document *documents, size_t n,
                           uint64_t seed, bl_error *error) {
  *s = (bl_stream){.documents = documents, .n = n, .seed = seed};
  s->order = malloc((n + 1) * sizeof *s->order);
  if (!s->order) return bl_fail_memory(error, n * sizeof *s->order);
  shuffle(s);
  return BL_OK;
}

/* The next token of the stream. What begins a document by itself does not stand within a text. */
static int32_t next_token(const bl_learn_text *t, bl_stream *s) {
  const bl_learn_options *o = t->options;
  if (s->n_between > 0) return o->between[o->n_between - s->n_between--];
  const bl_train_document *d = &s->documents[s->order[s->next]];
  const int32_t *ids = o->text.ids + d->first;
  if (s->at == 0 && ids[0] == t->bos && d->n > 2) s->at = 1;
  const int32_t id = ids[s->at++];
  if (s->at + 1 < d->n) return id;
  s->at = 0;
  s->n_between = o->n_between;
  if (++s->next == s->n) shuffle(s);
  return id;
}

/* What is read together counts whole: the teacher says what should follow, so no target is needed
 * but any. */
static void fill_joined(const bl_learn_text *t, bl_stream *s, int row) {
  const int64_t at = (int64_t)row * t->n_context;
  for (int i = 0; i < t->n_context; i++) {
    t->ids[at + i] = i == 0 && t->bos >= 0 ? t->bos : next_token(t, s);
    t->targets[at + i] = 0;
    t->starts[at + i] = 0;
  }
}

static void fill_apart(const bl_learn_text *t, const bl_train_packing *packing, size_t sequence,
                       int row) {
  const int64_t first = (int64_t)row * t->n_context;
  int at = 0;
  for (size_t i = packing->sequences[sequence]; i < packing->ends[sequence]; i++) {
    const bl_train_piece *piece = &packing->pieces[i];
    const int start = at;
    for (uint32_t j = 0; j < piece->n; j++, at++) {
      t->ids[first + at] = t->options->text.ids[piece->first + j];
      t->targets[first + at] = 0;
      t->starts[first + at] = start;
    }
  }
  for (; at < t->n_context; at++) {
    t->ids[first + at] = 0;
    t->targets[first + at] = -1;
    t->starts[first + at] = at;
  }
}

static bl_train_batch batch_of(const bl_learn_text *t, int n_rows) {
  return (bl_train_batch){n_rows, t->ids, t->targets, t->starts};
}

bl_code bl_learn_text_next(bl_learn_text *t, bl_reading reading, bl_train_batch *batch,
                           bl_error *error) {
  bl_code code = BL_OK;
  for (int row = 0; code == BL_OK && row < t->n_sequences; row++) {
    if (reading == BL_READ_JOINED) {
      fill_joined(t, &t->joined, row);
      continue;
    }
    if (t->next_sequence == t->packing.n_sequences) {
      t->next_sequence = 0;
      code = bl_train_pack_pass(&t->packing, t->documents, t->n_documents, t->n_context,
                                t->options->seed, t->pass++, error);
    }
    if (code == BL_OK) fill_apart(t, &t->packing, t->next_sequence++, row);
  }
  *batch = batch_of(t, t->n_sequences);
  return code;
}

/* As many rows joined as there are apart. */
bl_code bl_learn_text_held(bl_learn_text *t, bl_reading reading, bl_batch_fn show, void *context,
                           bl_error *error) {
  const bl_train_document *held = t->documents + t->n_documents;
  bl_train_packing packing = {0};
  bl_stream joined = {0};
  bl_code code = open_stream(&joined, held, t->n_held, 0, error);
  if (code == BL_OK) code = bl_train_pack(&packing, held, t->n_held, t->n_context, 0, error);
  for (size_t at = 0; code == BL_OK && at < packing.n_sequences;) {
    int rows = 0;
    for (; rows < t->n_sequences && at < packing.n_sequences; rows++, at++) {
      if (reading == BL_READ_APART) fill_apart(t, &packing, at, rows);
      if (reading == BL_READ_JOINED) fill_joined(t, &joined, rows);
    }
    const bl_train_batch batch = batch_of(t, rows);
    code = show(context, &batch, error);
  }
  bl_train_packing_free(&packing);
  free(joined.order);
  return code;
}

/* ---- beginning and end ----------------------------------------------------------------------- */

void bl_learn_text_sizes(bl_learn_text *t, const bl_learn_options *o, int max_context) {
  const int wanted = o->text.n_context > 0 ? o->text.n_context : BL_TEXT_CONTEXT;
  const int n_tokens = o->n_tokens > 0 ? o->n_tokens : BL_LEARN_TOKENS;
  t->n_context = wanted < max_context ? wanted : max_context;
  t->n_sequences = t->n_context < n_tokens ? n_tokens / t->n_context : 1;
}

bl_code bl_learn_text_begin(bl_learn_text *t, const bl_learn_options *options, int max_context,
                            bl_error *error) {
  t->options = options;
  bl_learn_text_sizes(t, options, max_context);
  const size_t n = (size_t)t->n_sequences * (size_t)t->n_context;
  t->ids = malloc(3 * n * sizeof *t->ids);
  if (!t->ids) return bl_fail_memory(error, 3 * n * sizeof *t->ids);
  t->targets = t->ids + n;
  t->starts = t->targets + n;
  bl_code code = divide(t, error);
  if (code == BL_OK)
    code = open_stream(&t->joined, t->documents, t->n_documents, options->seed | 1, error);
  return code;
}

void bl_learn_text_end(bl_learn_text *t) {
  bl_train_packing_free(&t->packing);
  free(t->documents);
  free(t->joined.order);
  free(t->ids);
}
