/* What was seen of a model's inputs as a file of llama.cpp's imatrix, and from one. */
#include "format/imatrix.h"
#include "model/names.h"
#include "model/statistics.h"
#include "model_files.h"

static bl_model *load(const char *folder) {
  static const char *const files[] = {"model.safetensors", NULL};
  const bl_load_options options = {.measure = false};
  bl_model *model = NULL;
  CHECK_OK(golden_load_files(folder, files, &options, 0, &model, error));
  if (!model) exit(1);
  return model;
}

static bl_statistics *calibrate(const bl_model *model) {
  int32_t ids[64];
  for (int i = 0; i < 64; i++) ids[i] = 1 + (i * 37 + 11) % 50;
  const bl_calibration text = {.ids = ids, .n_ids = 64};
  bl_statistics *statistics = NULL;
  CHECK_OK(bl_calibrate(model, BL_NEEDS_MEAN_SQUARES, &text, NULL, NULL, &statistics, error));
  if (!statistics) exit(1);
  return statistics;
}

static void both_kinds_of_file_keep_the_mean_squares(void) {
  bl_model *model = load("tiny_llama");
  bl_statistics *statistics = calibrate(model);
  for (int as_dat = 0; as_dat < 2; as_dat++) {
    char *bytes = NULL;
    size_t size = 0;
    int n_missing = -1;
    bl_statistics *again = NULL;
    CHECK_OK(
        bl_statistics_to_imatrix(statistics, model, "text", as_dat == 1, &bytes, &size, error));
    CHECK_OK(bl_statistics_from_imatrix(model, "f", bytes, size, &again, &n_missing, error));
    CHECK_MSG(n_missing == 0, "%d are missing", n_missing);
    for (int i = 0; again && i < model->n_weights; i++) {
      const bl_weight *weight = &model->weights[i];
      const bl_input *a = bl_statistics_find(statistics, weight->role, weight->layer);
      const bl_input *b = bl_statistics_find(again, weight->role, weight->layer);
      CHECK_MSG(!a == !b, "%s", weight->name);
      /* In GGUF there are sums, which are rounded. */
      for (int64_t k = 0; a && b && k < a->n_cols; k++)
        CHECK_MSG(fabsf(a->mean_squares[k] - b->mean_squares[k]) <= 2e-7f * a->mean_squares[k],
                  "%s: %g, not %g", weight->name, (double)b->mean_squares[k],
                  (double)a->mean_squares[k]);
    }
    free(bytes);
    bl_statistics_free(again);
  }
  bl_statistics_free(statistics);
  bl_model_free(model);
}

/* llama.cpp's names, with which its tools look an entry up. */
static void entries_are_named_as_in_gguf(void) {
  bl_model *model = load("tiny_llama");
  bl_statistics *statistics = calibrate(model);
  char *bytes = NULL;
  size_t size = 0;
  bl_imatrix *imatrix = NULL;
  CHECK_OK(bl_statistics_to_imatrix(statistics, model, "text", false, &bytes, &size, error));
  CHECK_OK(bl_imatrix_parse("f.gguf", bytes, size, &imatrix, error));
  static const char *const names[] = {"blk.0.attn_q.weight", "blk.1.attn_output.weight",
                                      "blk.0.ffn_gate.weight", "blk.1.ffn_down.weight"};
  for (int i = 0; imatrix && i < 4; i++)
    CHECK_MSG(bl_imatrix_find(imatrix, names[i]), "there is no %s", names[i]);
  CHECK(imatrix && !bl_imatrix_find(imatrix, "blk.0.attn_norm.weight"));
  free(bytes);
  bl_imatrix_free(imatrix);
  bl_statistics_free(statistics);
  bl_model_free(model);
}

/* Another number of columns; and a layer that the model has not. */
static void files_of_other_models_are_refused(void) {
  bl_model *model = load("tiny_llama");
  float mean[3] = {1, 2, 3}, count = 4;
  bl_imatrix_entry entry = {"blk.0.attn_q.weight", 3, 1, mean, &count};
  const bl_imatrix other = {.n_entries = 1, .entries = &entry, .dataset = ""};
  static const char *const problems[] = {"is of 3 columns", "another model"};
  for (int i = 0; i < 2; i++) {
    char *bytes = NULL;
    size_t size = 0;
    int n_missing;
    bl_statistics *statistics = NULL;
    bl_error error = {0};
    if (i == 1) entry.name = "blk.7.attn_q.weight";
    CHECK(bl_imatrix_write_dat(&other, &bytes, &size, NULL) == BL_OK);
    CHECK(bl_statistics_from_imatrix(model, "x.dat", bytes, size, &statistics, &n_missing,
                                     &error) == BL_ERR_INPUT);
    CHECK_MSG(!statistics && strstr(error.message, problems[i]), "%s", error.message);
    free(bytes);
  }
  bl_model_free(model);
}

/* One matrix is in the file; the columns of all others count the same. */
static void matrices_that_are_missing_are_counted_and_count_all_columns_the_same(void) {
  bl_model *model = load("tiny_llama");
  bl_statistics *all = calibrate(model);
  const bl_input *q = bl_statistics_find(all, BL_Q, 0);
  float count = 64;
  bl_imatrix_entry entry = {"blk.0.attn_q.weight", q->n_cols, 1, q->mean_squares, &count};
  const bl_imatrix one = {.n_entries = 1, .entries = &entry, .dataset = ""};
  char *bytes = NULL;
  size_t size = 0;
  int n_missing = 0, n_fitted = 0;
  bl_statistics *found = NULL;
  for (int i = 0; i < model->n_weights; i++)
    n_fitted += bl_statistics_find(all, model->weights[i].role, model->weights[i].layer) != NULL;
  CHECK_OK(bl_imatrix_write_gguf(&one, &bytes, &size, error));
  CHECK_OK(bl_statistics_from_imatrix(model, "one.gguf", bytes, size, &found, &n_missing, error));
  CHECK_MSG(n_missing == n_fitted - 1, "%d of %d", n_missing, n_fitted);
  const bl_input *k = bl_statistics_find(found, BL_K, 0);
  for (int64_t i = 0; k && i < k->n_cols; i++) CHECK(k->mean_squares[i] == 1);
  CHECK(k && bl_statistics_tokens(found) == 64);
  free(bytes);
  bl_statistics_free(found);
  bl_statistics_free(all);
  bl_model_free(model);
}

int main(void) {
  RUN(both_kinds_of_file_keep_the_mean_squares);
  RUN(entries_are_named_as_in_gguf);
  RUN(files_of_other_models_are_refused);
  RUN(matrices_that_are_missing_are_counted_and_count_all_columns_the_same);
  return check_result();
}
