/* A trainer's state as bytes: checkpoints, and the weights as a safetensors file. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "train/trainer.h"

/* ---- checkpoints ---------------------------------------------------------------------------- */

/* Begins a checkpoint: little-endian, as all machines are that this runs on. The shape says whose
 * it is. Values, then the two moments, follow as float32 in the order of the parameters. */
typedef struct header {
  char magic[8];
  int64_t step;
  double smoothed;
  int64_t n_values;
  int32_t shape[8]; /* layers, dim, heads, key heads, head dim, ffn dim, vocabulary, tied */
  uint64_t aim;     /* what was learned: 0 the text with the weights as they are */
} header;

/* Checkpoints had no aim before there were others: those that begin so have none. */
static const char first_magic[8] = {'b', 'l', 't', 'r', 'a', 'i', 'n', '1'};

/* Tells training through the rounding of one recipe from that of another, and learning from a
 * teacher from learning from the text. */
static uint64_t aim_of(const bl_trainer *t) {
  char recipe[BL_RECIPE_TEXT];
  uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
  if (bl_recipe_is_reference(&t->options.quantize) && !t->teacher) return 0;
  bl_recipe_print(&t->options.quantize, recipe, sizeof recipe);
  for (const char *c = recipe; *c; c++) hash = (hash ^ (uint8_t)*c) * 0x100000001b3u;
  return (hash ^ (t->teacher ? 2 : 1)) * 0x100000001b3u;
}

static header make_header(const bl_trainer *t) {
  const bl_config *c = &t->config;
  header h = {.step = t->step,
              .smoothed = t->smoothed,
              .n_values = t->n_values,
              .shape = {c->n_layers, c->dim, c->n_heads, c->n_kv_heads, c->head_dim, c->ffn_dim,
                        c->vocab_size, c->tied_output},
              .aim = aim_of(t)};
  memcpy(h.magic, "bltrain2", sizeof h.magic);
  return h;
}

bl_code bl_trainer_save(const bl_trainer *t, bl_write_fn write, void *context, bl_error *error) {
  const float *arrays[] = {t->values, t->means, t->squares};
  const size_t piece = (size_t)1 << 20;
  header h = make_header(t);
  if (t->n_targets > 0)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "a checkpoint can be written between two steps, not within one");
  bool going = write(context, &h, sizeof h);
  for (int a = 0; a < 3; a++) {
    const uint8_t *bytes = (const uint8_t *)arrays[a];
    size_t size = (size_t)t->n_values * sizeof(float);
    for (size_t at = 0; going && at < size; at += piece)
      going = write(context, bytes + at, size - at < piece ? size - at : piece);
  }
  return going ? BL_OK : bl_fail(error, BL_ERR_CANCELLED, "writing the checkpoint was stopped");
}

void bl_trainer_forget(bl_trainer *t) {
  memset(t->gradients, 0, (size_t)t->n_values * sizeof(float));
  t->loss = 0;
  t->n_targets = 0;
}

bl_code bl_trainer_restore(bl_trainer *t, const void *bytes, size_t n_bytes, bl_error *error) {
  float *arrays[] = {t->values, t->means, t->squares};
  size_t size = (size_t)t->n_values * sizeof(float);
  const uint8_t *from = bytes;
  header h = {.aim = 0}, own = make_header(t);
  const bool is_first =
      n_bytes >= sizeof first_magic && memcmp(bytes, first_magic, sizeof first_magic) == 0;
  const size_t head_size = is_first ? offsetof(header, aim) : sizeof h;
  if (n_bytes < head_size || (!is_first && memcmp(bytes, own.magic, sizeof own.magic) != 0))
    return bl_fail(error, BL_ERR_INPUT, "this is not a checkpoint of bitloss");
  memcpy(&h, from, head_size);
  if (h.n_values != own.n_values || memcmp(h.shape, own.shape, sizeof h.shape) != 0)
    return bl_fail(error, BL_ERR_INPUT,
                   "the checkpoint is of another model: %d layers of width %d, expected %d of %d, "
                   "or other sizes differ",
                   h.shape[0], h.shape[1], own.shape[0], own.shape[1]);
  if (h.aim != own.aim)
    return bl_fail(error, BL_ERR_INPUT,
                   "the checkpoint is of a run that learned something else: give the recipe that "
                   "weights were rounded by, and the teacher, as it was begun with");
  if (n_bytes != head_size + 3 * size)
    return bl_fail(error, BL_ERR_INPUT, "the checkpoint has %zu bytes, expected %zu", n_bytes,
                   head_size + 3 * size);
  if (h.step < 0)
    return bl_fail(error, BL_ERR_INPUT, "the checkpoint is of step %lld, expected 0 or more",
                   (long long)h.step);
  for (int a = 0; a < 3; a++) memcpy(arrays[a], from + head_size + (size_t)a * size, size);
  bl_trainer_forget(t);
  t->is_packed = false;
  t->step = h.step;
  t->smoothed = h.smoothed;
  return BL_OK;
}

/* ---- safetensors ---------------------------------------------------------------------------- */

/* The length and the JSON that begin the file, padded to a multiple of 8 bytes; *size of them,
 * allocated with malloc. */
static char *make_index(const bl_trainer *t, bl_dtype dtype, size_t *size) {
  static const char *const names[] = {[BL_F32] = "F32", [BL_F16] = "F16", [BL_BF16] = "BF16"};
  size_t capacity = 64 + (size_t)t->n_params * 256, n = 8;
  char *text = malloc(capacity);
  if (!text) return NULL;
  n += (size_t)snprintf(text + n, capacity - n, "{\"__metadata__\":{\"format\":\"pt\"}");
  uint64_t offset = 0;
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    char name[96], shape[48];
    bl_role_name(&t->config, p->role, p->layer, name, sizeof name);
    if (p->n_rows == 1)
      snprintf(shape, sizeof shape, "%lld", (long long)p->n_cols);
    else
      snprintf(shape, sizeof shape, "%lld,%lld", (long long)p->n_rows, (long long)p->n_cols);
    uint64_t end = offset + (uint64_t)(p->n_rows * p->n_cols) * bl_dtype_size(dtype);
    n += (size_t)snprintf(text + n, capacity - n,
                          ",\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%llu,%llu]}",
                          name, names[dtype], shape, (unsigned long long)offset,
                          (unsigned long long)end);
    offset = end;
  }
  text[n++] = '}';
  while (n % 8 != 0) text[n++] = ' ';
  for (int i = 0; i < 8; i++) text[i] = (char)((uint64_t)(n - 8) >> 8 * i & 0xff);
  *size = n;
  return text;
}

bl_code bl_trainer_export(const bl_trainer *t, bl_dtype dtype, bl_write_fn write, void *context,
                          bl_error *error) {
  enum { PIECE = 1024 };
  uint32_t piece[PIECE];
  size_t size = 0;
  if (dtype == BL_DTYPE_NONE)
    return bl_fail(error, BL_ERR_ARGUMENT, "the weights' type is none, expected f32, f16 or bf16");
  char *index = make_index(t, dtype, &size);
  if (!index) return bl_fail_memory(error, (uint64_t)t->n_params * 256);
  bool going = write(context, index, size);
  free(index);
  for (int i = 0; i < t->n_params; i++) {
    const bl_param *p = &t->params[i];
    int64_t n_all = p->n_rows * p->n_cols;
    for (int64_t at = 0; going && at < n_all; at += PIECE) {
      int64_t n = n_all - at < PIECE ? n_all - at : PIECE;
      bl_from_f32(dtype, p->value + at, n, piece);
      going = write(context, piece, (size_t)n * bl_dtype_size(dtype));
    }
  }
  return going ? BL_OK : bl_fail(error, BL_ERR_CANCELLED, "writing the weights was stopped");
}
