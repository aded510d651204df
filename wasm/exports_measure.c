/* What is measured of a model, for JavaScript; the conventions are those of exports.c, and
 * wasm/measure.ts is the only caller. Results that are nothing but numbers go out as an array of
 * doubles, in the order that the comment gives, which stays valid until the next call. Long work is
 * cut up by the caller: none of these functions reports progress. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "exports.h"
#include "imports.h"
#include "model/model.h"

/* Results that are numbers. */
static double numbers[16 + 2 * BL_HISTOGRAM_BINS + 256];

/* ---- variants ------------------------------------------------------------------------------ */

/* Errors of weights are measured. `codes`, which may be NULL, are what bw_variant_write wrote
 * elsewhere, and `calibration` what they were chosen by. NULL on an error. */
EXPORT(bw_model_variant)
bl_model *bw_model_variant(const bl_model *reference, const char *recipe, const uint8_t *codes,
                           size_t n_codes, const char *calibration) {
  bl_load_options options = {
      .measure = true, .codes = codes, .n_codes = n_codes, .calibration = calibration};
  bl_model *variant = NULL;
  if (bl_recipe_parse(recipe, &options.recipe, &bw_last_error) != BL_OK ||
      bl_model_variant(reference, &options, NULL, NULL, &variant, &bw_last_error) != BL_OK)
    return NULL;
  return variant;
}

/* codes, scales, biases, untouched */
EXPORT(bw_model_bytes) const double *bw_model_bytes(const bl_model *model) {
  bl_byte_split split;
  bl_model_get_bytes(model, &split);
  numbers[0] = (double)split.codes;
  numbers[1] = (double)split.scales;
  numbers[2] = (double)split.biases;
  numbers[3] = (double)split.untouched;
  return numbers;
}

static bool has_tensor(const bl_model *model, int tensor) {
  bl_tensor_info info;
  return bl_model_get_tensor(model, tensor, &info, &bw_last_error) == BL_OK;
}

/* Weights that share a scale in a tensor, whose index is that of the list of tensors; -1 on an
 * error. */
EXPORT(bw_scale_group) double bw_scale_group(const bl_model *model, int tensor) {
  if (!has_tensor(model, tensor)) return -1;
  const bl_tensor *t = &model->weights[tensor].tensor;
  return (double)bl_format_scale_group(&t->format, t->n_cols);
}

/* A TensorLayout of wasm/stored_row.ts; NULL on an error. */
EXPORT(bw_tensor_layout) const char *bw_tensor_layout(const bl_model *model, int tensor) {
  if (!has_tensor(model, tensor)) return NULL;
  const bl_tensor *t = &model->weights[tensor].tensor;
  const bl_codec *codec = t->format.codec;
  bw_json_begin();
  bw_json_open(NULL, '{');
  bw_json_string("codec", codec->name);
  bw_json_number("bits", t->format.bits);
  bw_json_number("group", t->format.group);
  bw_json_string("dtype", bl_dtype_name(t->format.param_dtype));
  bw_json_open("parts", '[');
  for (int p = 0; p < codec->n_parts; p++) {
    bw_json_open(NULL, '{');
    bw_json_string("name", codec->part_names[p]);
    bw_json_number("address", (double)(uintptr_t)t->parts[p]);
    bw_json_number("rowBytes", (double)t->row_bytes[p]);
    bw_json_number("sharedBytes", (double)t->shared_bytes[p]);
    bw_json_close('}');
  }
  bw_json_close(']');
  bw_json_close('}');
  return bw_json_end();
}

/* n, rmse, snr_db, max_abs, cosine; low, high, outliers, n_codes; then the histograms of originals
 * and of converted weights (BL_HISTOGRAM_BINS), and the codes (n_codes). Fills row_rmse (n_rows)
 * and group_rmse (n_rows * n_cols / group). */
EXPORT(bw_weight_detail)
const double *bw_weight_detail(const bl_model *reference, const bl_model *variant, int tensor,
                               float *row_rmse, float *group_rmse) {
  if (!has_tensor(reference, tensor) || !has_tensor(variant, tensor)) return NULL;
  size_t n_rows = (size_t)variant->weights[tensor].tensor.n_rows;
  bl_weight_detail *detail = malloc(sizeof *detail);
  bl_weight_error *rows = calloc(n_rows, sizeof *rows);
  bl_code code = BL_ERR_MEMORY;
  if (!detail || !rows)
    bl_fail_memory(&bw_last_error, n_rows * sizeof *rows);
  else
    code =
        bl_weight_detail_get(reference, variant, tensor, detail, rows, group_rmse, &bw_last_error);
  if (code == BL_OK) {
    const bl_weight_error *e = &detail->error;
    double *to = numbers;
    *to++ = (double)e->n;
    *to++ = e->rmse;
    *to++ = e->snr_db;
    *to++ = e->max_abs;
    *to++ = e->cosine;
    *to++ = (double)detail->low;
    *to++ = (double)detail->high;
    *to++ = detail->outliers;
    *to++ = detail->n_codes;
    for (int i = 0; i < BL_HISTOGRAM_BINS; i++) *to++ = (double)detail->originals[i];
    for (int i = 0; i < BL_HISTOGRAM_BINS; i++) *to++ = (double)detail->converted[i];
    for (int i = 0; i < detail->n_codes; i++) *to++ = (double)detail->codes[i];
    for (size_t i = 0; i < n_rows; i++) row_rmse[i] = (float)rows[i].rmse;
  }
  free(rows);
  free(detail);
  return code == BL_OK ? numbers : NULL;
}

/* ---- predictions on a text ----------------------------------------------------------------- */

/* The first document of a text at `at` or later: where it begins, where it ends, and from where the
 * next is to be looked for; NULL when there is none. */
EXPORT(bw_text_next_document)
const double *bw_text_next_document(int by, const char *text, size_t size, size_t at) {
  size_t start, end;
  if (!bl_text_next_document((bl_documents)by, text, size, &at, &start, &end)) return NULL;
  numbers[0] = (double)start;
  numbers[1] = (double)end;
  numbers[2] = (double)at;
  return numbers;
}

/* How a text is cut up; `ends` (n_documents) may be NULL, as in bl_text_options. */
static bl_text_options text_options(const size_t *ends, size_t n_documents, int n_context,
                                    int first) {
  return (bl_text_options){
      .ends = ends, .n_documents = n_documents, .n_context = n_context, .first = first};
}

/* Tokens that bw_text_run scores of a text. */
EXPORT(bw_text_n_scored)
double bw_text_n_scored(const bl_model *model, size_t n_ids, const size_t *ends, size_t n_documents,
                        int n_context, int first) {
  bl_text_options options = text_options(ends, n_documents, n_context, first);
  return (double)bl_text_n_scored(model, n_ids, &options);
}

/* Fills scores (n_models, bw_text_n_scored). ref_logits (bw_text_n_scored, vocabulary) may be NULL,
 * as in bl_text_options. */
EXPORT(bw_text_run)
int bw_text_run(const bl_model *reference, const bl_model *const *models, int n_models,
                const int32_t *ids, size_t n_ids, const size_t *ends, size_t n_documents,
                int n_context, int first, float *ref_logits, int has_ref_logits,
                bl_token_score *scores) {
  bl_text_options options = text_options(ends, n_documents, n_context, first);
  options.ref_logits = ref_logits;
  options.has_ref_logits = has_ref_logits != 0;
  return (int)bl_text_run(reference, models, n_models, ids, n_ids, &options, NULL, NULL, scores,
                          &bw_last_error);
}

/* wasm/measure.ts takes scores apart as six 32-bit words in this order. */
_Static_assert(sizeof(bl_token_score) == 24 && offsetof(bl_token_score, index) == 0 &&
                   offsetof(bl_token_score, log_p) == 4 &&
                   offsetof(bl_token_score, ref_log_p) == 8 && offsetof(bl_token_score, kl) == 12 &&
                   offsetof(bl_token_score, logit_diff) == 16 &&
                   offsetof(bl_token_score, is_same_top) == 20,
               "bl_token_score is six words");

/* bl_text_stats, field by field, an estimate as its value and its error; then the bl_loss. NULL on
 * an error. */
EXPORT(bw_text_summarize)
const double *bw_text_summarize(const bl_token_score *scores, double n) {
  bl_text_stats s;
  if (bl_text_summarize(scores, (int64_t)n, &s, &bw_last_error) != BL_OK) return NULL;
  const double values[] = {(double)s.n,
                           s.ppl.value,
                           s.ppl.error,
                           s.ref_ppl.value,
                           s.ref_ppl.error,
                           s.ln_ratio.value,
                           s.ln_ratio.error,
                           s.correlation,
                           s.kl_mean.value,
                           s.kl_mean.error,
                           s.kl_median,
                           s.kl_90,
                           s.kl_95,
                           s.kl_99,
                           s.kl_999,
                           s.kl_max,
                           s.delta_p.value,
                           s.delta_p.error,
                           s.delta_p_rms.value,
                           s.delta_p_rms.error,
                           s.same_top.value,
                           s.same_top.error,
                           s.logit_diff.value,
                           s.logit_diff.error,
                           (double)bl_loss_of_text(&s)};
  memcpy(numbers, values, sizeof values);
  return numbers;
}

/* ---- tasks --------------------------------------------------------------------------------- */

/* wasm/measure.ts writes tasks as five 32-bit words in this order. */
_Static_assert(sizeof(bl_task) == 20 && offsetof(bl_task, id) == 0 &&
                   offsetof(bl_task, prompt) == 4 && offsetof(bl_task, answer) == 8 &&
                   offsetof(bl_task, prompt_size) == 12 && offsetof(bl_task, answer_size) == 16,
               "bl_task is five words");

EXPORT(bw_tasks_run)
int bw_tasks_run(const bl_model *model, const bl_task *tasks, int n_tasks, bool *is_right) {
  int n_not_finite;
  bl_code code = bl_tasks_run(model, tasks, n_tasks, NULL, NULL, NULL, is_right, &n_not_finite,
                              &bw_last_error);
  /* What others are compared with must have answered. */
  if (code == BL_OK && n_not_finite > 0 && !model->reference)
    code = bl_fail(&bw_last_error, BL_ERR_NOT_FINITE, "the reference's logits are not numbers");
  return (int)code;
}

/* value, low, high */
static void put_proportion(double to[3], bl_proportion share) {
  to[0] = share.value;
  to[1] = share.low;
  to[2] = share.high;
}

EXPORT(bw_share) const double *bw_share(double n_right, double n) {
  put_proportion(numbers, bl_proportion_of((int64_t)n_right, (int64_t)n));
  return numbers;
}

/* n, n_gained, n_lost; value, low and high of the difference; p; the bl_verdict and the bl_loss. */
EXPORT(bw_paired)
const double *bw_paired(const bool *first, const bool *second, double n) {
  bl_paired paired = bl_paired_compare(first, second, (int64_t)n);
  int64_t n_first = 0;
  for (int64_t i = 0; i < paired.n; i++) n_first += first[i];
  numbers[0] = (double)paired.n;
  numbers[1] = (double)paired.n_gained;
  numbers[2] = (double)paired.n_lost;
  put_proportion(numbers + 3, paired.difference);
  numbers[6] = paired.p;
  numbers[7] = bl_paired_verdict(&paired);
  numbers[8] = bl_loss_of_tasks(&paired, n_first);
  return numbers;
}

/* ---- sensitivity --------------------------------------------------------------------------- */

/* wasm/measure.ts writes units for bw_mix so. */
_Static_assert(sizeof(bl_unit) == 88 && offsetof(bl_unit, pattern) == 0 &&
                   offsetof(bl_unit, layer) == 48 && offsetof(bl_unit, kind) == 52 &&
                   offsetof(bl_unit, n_params) == 80,
               "bl_unit has 88 bytes");

/* An array of Unit of wasm/measure_types.ts; NULL when memory ran out. */
EXPORT(bw_units) const char *bw_units(const bl_model *model, int by) {
  int n = bl_units_list(model, (bl_unit_by)by, NULL, 0);
  bl_unit *units = calloc((size_t)n + 1, sizeof *units);
  if (!units) {
    bl_fail_memory(&bw_last_error, ((uint64_t)n + 1) * sizeof *units);
    return NULL;
  }
  bl_units_list(model, (bl_unit_by)by, units, n);
  bw_json_begin();
  bw_json_open(NULL, '[');
  for (int i = 0; i < n; i++) {
    bw_json_open(NULL, '{');
    bw_json_string("pattern", units[i].pattern);
    bw_json_number("layer", units[i].layer);
    bw_json_string("kind", units[i].kind);
    bw_json_number("nParams", (double)units[i].n_params);
    bw_json_close('}');
  }
  bw_json_close(']');
  free(units);
  return bw_json_end();
}

/* A Mix of wasm/measure_types.ts for n_units units with their kl; `formats` are n_formats recipes,
 * one after another, each ended by a NUL. NULL on an error. */
EXPORT(bw_mix)
const char *bw_mix(const bl_model *reference, const bl_unit *units, int n_units, const double *kl,
                   const char *measured, const char *formats, int n_formats, double target_bits) {
  bl_recipe *recipes = calloc((size_t)n_formats + 2, sizeof *recipes);
  bl_recipe *mixed = recipes, *from = recipes + 1, *to = recipes + 2;
  const char *json = NULL;
  double bits, expected_kl;
  if (!recipes) {
    bl_fail_memory(&bw_last_error, ((uint64_t)n_formats + 2) * sizeof *recipes);
    return NULL;
  }
  bl_code code = bl_recipe_parse(measured, from, &bw_last_error);
  for (int i = 0; i < n_formats && code == BL_OK; i++) {
    code = bl_recipe_parse(formats, &to[i], &bw_last_error);
    formats += strlen(formats) + 1;
  }
  if (code == BL_OK)
    code = bl_mix_make(reference, units, n_units, kl, from, to, n_formats, target_bits, NULL, NULL,
                       NULL, mixed, &bits, &expected_kl, &bw_last_error);
  if (code == BL_OK) {
    char text[BL_RECIPE_TEXT];
    bl_recipe_print(mixed, text, sizeof text);
    bw_json_begin();
    bw_json_open(NULL, '{');
    bw_json_string("recipe", text);
    bw_json_number("bitsPerWeight", bits);
    bw_json_number("expectedKl", expected_kl);
    bw_json_close('}');
    json = bw_json_end();
  }
  free(recipes);
  return json;
}

EXPORT(bw_pareto_front)
void bw_pareto_front(const double *size, const double *loss, int n, bool *on_front) {
  bl_pareto_front(size, loss, n, on_front);
}

/* ---- cost ---------------------------------------------------------------------------------- */

EXPORT(bw_n_work) int bw_n_work(void) {
  return BL_N_WORK;
}

/* "" for what is none. */
EXPORT(bw_work_name) const char *bw_work_name(int work) {
  if (work < 0 || work >= BL_N_WORK) return "";
  return bl_work_name((bl_work)work);
}

/* One run: n_prompt, n_written, prompt_seconds, written_seconds, model_bytes, session_bytes, then
 * prompt_work and written_work (BL_N_WORK). NULL on an error. */
EXPORT(bw_cost_run) const double *bw_cost_run(const bl_model *model) {
  bl_cost_options options = {.n_runs = 1, .clock = bw_now};
  bl_cost cost;
  if (bl_cost_run(model, &options, NULL, NULL, &cost, &bw_last_error) != BL_OK) return NULL;
  numbers[0] = cost.n_prompt;
  numbers[1] = cost.n_written;
  numbers[2] = cost.prompt_seconds;
  numbers[3] = cost.written_seconds;
  numbers[4] = (double)cost.model_bytes;
  numbers[5] = (double)cost.session_bytes;
  memcpy(numbers + 6, cost.prompt_work, sizeof cost.prompt_work);
  memcpy(numbers + 6 + BL_N_WORK, cost.written_work, sizeof cost.written_work);
  return numbers;
}

/* ---- budget -------------------------------------------------------------------------------- */

/* A Budget of wasm/measure_types.ts. A text that is "" leaves the choice to the core, as does 0 for
 * n_context. NULL on an error. */
EXPORT(bw_budget)
const char *bw_budget(const char *config, size_t config_size, const char *recipe, const char *dtype,
                      const char *kv_dtype, double n_context) {
  bl_budget_options options = {.n_context = (int64_t)n_context};
  bl_budget b;
  if (*recipe && bl_recipe_parse(recipe, &options.recipe, &bw_last_error) != BL_OK) return NULL;
  if ((*dtype && !bl_dtype_parse(dtype, &options.dtype)) ||
      (*kv_dtype && !bl_dtype_parse(kv_dtype, &options.kv_dtype))) {
    bl_fail(&bw_last_error, BL_ERR_ARGUMENT, "dtype: expected f32, f16 or bf16");
    return NULL;
  }
  if (bl_budget_from_config(config, config_size, &options, &b, &bw_last_error) != BL_OK)
    return NULL;
  bw_json_begin();
  bw_json_open(NULL, '{');
  bw_json_string("architecture", b.architecture);
  bw_json_number("nParams", (double)b.n_params);
  bw_json_number("nEmbedding", (double)b.n_embedding);
  bw_json_number("nOutput", (double)b.n_output);
  bw_json_number("nAttention", (double)b.n_attention);
  bw_json_number("nFfn", (double)b.n_ffn);
  bw_json_number("nOther", (double)b.n_other);
  bw_json_number("weightBytes", (double)b.weight_bytes);
  bw_json_number("kvBytes", (double)b.kv_bytes);
  bw_json_number("activationBytes", (double)b.activation_bytes);
  bw_json_number("bitsPerWeight", b.bits_per_weight);
  bw_json_close('}');
  return bw_json_end();
}

/* The text of a config.json; NULL on an error. */
EXPORT(bw_budget_config) const char *bw_budget_config(const char *size) {
  static char config[4096];
  return bl_budget_config(size, config, sizeof config, &bw_last_error) == BL_OK ? config : NULL;
}
