/* What was seen of a model's inputs, from an importance matrix of llama.cpp's and as one. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bitloss_measure.h"
#include "format/imatrix.h"
#include "model/names.h"
#include "model/statistics.h"

/* Does the matrix get codes, and so has a place in the file? */
static bool is_fitted(const bl_weight *weight) {
  return weight->tensor.n_rows > 1 && bl_role_quantizable(weight->role);
}

static int *slot_of(const bl_statistics *s, const bl_weight *weight) {
  return &s->of_role[(weight->layer + 1) * BL_N_ROLES + (int)weight->role];
}

/* ---- reading --------------------------------------------------------------------------------- */

static bl_code make_statistics(const bl_model *model, bl_statistics **statistics, bl_error *error) {
  const size_t n_slots = ((size_t)model->config.n_layers + 1) * BL_N_ROLES;
  bl_statistics *s = *statistics = calloc(1, sizeof *s);
  if (!s) return bl_fail_memory(error, sizeof *s);
  s->n_layers = model->config.n_layers;
  s->kind = BL_NEEDS_MEAN_SQUARES;
  s->inputs = calloc((size_t)model->n_weights + 1, sizeof *s->inputs);
  s->of_role = malloc(n_slots * sizeof *s->of_role);
  if (!s->inputs || !s->of_role) return bl_fail_memory(error, n_slots * sizeof *s->of_role);
  for (size_t i = 0; i < n_slots; i++) s->of_role[i] = -1;
  return BL_OK;
}

/* Takes the entry, or where there is none counts all columns the same. */
static bl_code add_input(bl_statistics *s, const char *file_name, const bl_weight *weight,
                         const bl_imatrix_entry *entry, bl_error *error) {
  const int64_t n_cols = weight->tensor.n_cols;
  if (entry && (entry->n_cols != n_cols || entry->n_experts != 1))
    return bl_fail(
        error, BL_ERR_INPUT,
        "%.128s: the importance of '%.64s' is of %lld columns, expected %lld, as many as "
        "the matrix has",
        file_name, entry->name, (long long)(entry->n_cols * entry->n_experts), (long long)n_cols);
  bl_input *input = &s->inputs[s->n_inputs];
  input->n_cols = n_cols;
  input->n_tokens = entry ? (int64_t)entry->counts[0] : 0;
  input->mean_squares = malloc((size_t)n_cols * sizeof *input->mean_squares);
  if (!input->mean_squares) return bl_fail_memory(error, (uint64_t)n_cols * sizeof(float));
  for (int64_t i = 0; i < n_cols; i++) input->mean_squares[i] = entry ? entry->mean_squares[i] : 1;
  if (input->n_tokens > s->n_tokens) s->n_tokens = input->n_tokens;
  *slot_of(s, weight) = s->n_inputs++;
  return BL_OK;
}

bl_code bl_statistics_from_imatrix(const bl_model *model, const char *file_name, const void *bytes,
                                   size_t n_bytes, bl_statistics **statistics, int *n_missing,
                                   bl_error *error) {
  bl_imatrix *imatrix = NULL;
  int n_found = 0;
  *statistics = NULL;
  *n_missing = 0;
  bl_code code = bl_imatrix_parse(file_name, bytes, n_bytes, &imatrix, error);
  if (code == BL_OK) code = make_statistics(model, statistics, error);
  for (int i = 0; code == BL_OK && i < model->n_weights; i++) {
    const bl_weight *weight = &model->weights[i];
    char name[96];
    if (!is_fitted(weight)) continue;
    bl_role_gguf_name(&model->config, weight->role, weight->layer, name, sizeof name);
    const bl_imatrix_entry *entry = *name ? bl_imatrix_find(imatrix, name) : NULL;
    *(entry ? &n_found : n_missing) += 1;
    code = add_input(*statistics, file_name, weight, entry, error);
  }
  if (code == BL_OK && n_found == 0)
    code = bl_fail(error, BL_ERR_INPUT,
                   "%.128s: none of the model's matrices is in the file: it is of another model",
                   file_name);
  bl_imatrix_free(imatrix);
  if (code == BL_OK) return BL_OK;
  bl_statistics_free(*statistics);
  *statistics = NULL;
  return code;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Room for names and numbers beside an importance matrix whose means are the statistics' own. */
typedef struct writing {
  char (*names)[96];
  float *counts;
  bl_imatrix imatrix;
} writing;

static void add_entry(writing *w, const bl_statistics *s, const bl_model *model,
                      const bl_weight *weight) {
  const int slot = is_fitted(weight) ? *slot_of(s, weight) : -1, i = w->imatrix.n_entries;
  if (slot < 0) return;
  bl_role_gguf_name(&model->config, weight->role, weight->layer, w->names[i], sizeof *w->names);
  if (!*w->names[i]) return;
  const bl_input *input = &s->inputs[slot];
  w->counts[i] = (float)input->n_tokens;
  w->imatrix.entries[w->imatrix.n_entries++] =
      (bl_imatrix_entry){w->names[i], input->n_cols, 1, input->mean_squares, &w->counts[i]};
}

bl_code bl_statistics_to_imatrix(const bl_statistics *statistics, const bl_model *model,
                                 const char *dataset, bool as_dat, char **bytes, size_t *size,
                                 bl_error *error) {
  const size_t n = (size_t)model->n_weights + 1;
  writing w = {.names = malloc(n * sizeof *w.names), .counts = malloc(n * sizeof *w.counts)};
  w.imatrix = (bl_imatrix){.entries = malloc(n * sizeof *w.imatrix.entries),
                           .dataset = dataset,
                           .n_chunks = 1,
                           .chunk_tokens = statistics->n_tokens};
  bl_code code = BL_OK;
  if (!w.names || !w.counts || !w.imatrix.entries)
    code = bl_fail_memory(error, n * sizeof *w.names);
  for (int i = 0; code == BL_OK && i < model->n_weights; i++)
    add_entry(&w, statistics, model, &model->weights[i]);
  if (code == BL_OK)
    code = as_dat ? bl_imatrix_write_dat(&w.imatrix, bytes, size, error)
                  : bl_imatrix_write_gguf(&w.imatrix, bytes, size, error);
  free(w.names);
  free(w.counts);
  free(w.imatrix.entries);
  return code;
}
