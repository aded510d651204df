/* Reading tests/golden/perplexity. */
#ifndef BL_TESTS_TEXT_GOLDEN_H
#define BL_TESTS_TEXT_GOLDEN_H

#include <cJSON.h>

#include "bitloss.h"
#include "model_files.h"

static inline cJSON *text_golden(const char *name) {
  size_t size;
  char *text = (char *)golden_read("perplexity", name, &size);
  cJSON *json = cJSON_ParseWithLength(text, size);
  free(text);
  if (!json) {
    printf("    %s is not JSON\n", name);
    exit(1);
  }
  return json;
}

static inline double json_number(const cJSON *object, const char *key) {
  return cJSON_GetObjectItem(object, key)->valuedouble;
}

static inline int json_count(const cJSON *object, const char *key) {
  return cJSON_GetArraySize(cJSON_GetObjectItem(object, key));
}

/* An allocated copy of an array of numbers. */
static inline float *json_floats(const cJSON *object, const char *key) {
  const cJSON *array = cJSON_GetObjectItem(object, key), *item;
  float *values = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof *values);
  int n = 0;
  cJSON_ArrayForEach(item, array) values[n++] = (float)item->valuedouble;
  return values;
}

static inline int32_t *json_ids(const cJSON *object, const char *key) {
  const cJSON *array = cJSON_GetObjectItem(object, key), *item;
  int32_t *values = calloc((size_t)cJSON_GetArraySize(array) + 1, sizeof *values);
  int n = 0;
  cJSON_ArrayForEach(item, array) values[n++] = item->valueint;
  return values;
}

/* The scores (n) whose fields are arrays of an object. */
static inline bl_token_score *json_scores(const cJSON *object) {
  int n = json_count(object, "kl");
  bl_token_score *scores = calloc((size_t)n, sizeof *scores);
  float *log_p = json_floats(object, "log_p"), *ref_log_p = json_floats(object, "ref_log_p");
  float *kl = json_floats(object, "kl"), *logit_diff = json_floats(object, "logit_diff");
  int32_t *is_same_top = json_ids(object, "is_same_top");
  for (int i = 0; i < n; i++)
    scores[i] = (bl_token_score){.index = i,
                                 .log_p = log_p[i],
                                 .ref_log_p = ref_log_p[i],
                                 .kl = kl[i],
                                 .logit_diff = logit_diff[i],
                                 .is_same_top = is_same_top[i]};
  free(log_p);
  free(ref_log_p);
  free(kl);
  free(logit_diff);
  free(is_same_top);
  return scores;
}

/* Within a relative tolerance, or `least` where the expected value is small. */
static inline bool is_near(double found, double expected, double relative, double least) {
  if (isinf(expected)) return found == expected;
  return fabs(found - expected) <= relative * fabs(expected) + least;
}

/* "inf" stands for infinity. */
static inline double json_value(const cJSON *item) {
  return cJSON_IsString(item) ? (double)INFINITY : item->valuedouble;
}

/* Every figure of `stats` is the one in the golden object, to so many parts. */
static inline void check_stats(const bl_text_stats *stats, const cJSON *golden, double relative) {
  const struct {
    const char *key;
    bl_estimate found;
  } estimates[] = {
      {"ppl", stats->ppl},           {"ref_ppl", stats->ref_ppl},
      {"ln_ratio", stats->ln_ratio}, {"kl_mean", stats->kl_mean},
      {"delta_p", stats->delta_p},   {"delta_p_rms", stats->delta_p_rms},
      {"same_top", stats->same_top}, {"logit_diff", stats->logit_diff},
  };
  const struct {
    const char *key;
    double found;
  } values[] = {
      {"correlation", stats->correlation},
      {"kl_median", stats->kl_median},
      {"kl_90", stats->kl_90},
      {"kl_95", stats->kl_95},
      {"kl_99", stats->kl_99},
      {"kl_999", stats->kl_999},
      {"kl_max", stats->kl_max},
  };
  CHECK(stats->n == (int64_t)json_number(golden, "n"));
  for (size_t i = 0; i < sizeof estimates / sizeof *estimates; i++) {
    const cJSON *pair = cJSON_GetObjectItem(golden, estimates[i].key);
    double value = json_value(cJSON_GetArrayItem(pair, 0));
    double error = json_value(cJSON_GetArrayItem(pair, 1));
    CHECK_MSG(is_near(estimates[i].found.value, value, relative, relative * 1e-2),
              "%s is %.10g, expected %.10g (n = %d)", estimates[i].key, estimates[i].found.value,
              value, (int)stats->n);
    CHECK_MSG(is_near(estimates[i].found.error, error, relative, relative * 1e-2),
              "the error of %s is %.10g, expected %.10g (n = %d)", estimates[i].key,
              estimates[i].found.error, error, (int)stats->n);
  }
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    const cJSON *item = cJSON_GetObjectItem(golden, values[i].key);
    CHECK_MSG(!item || is_near(values[i].found, json_value(item), relative, relative * 1e-2),
              "%s is %.10g, expected %.10g (n = %d)", values[i].key, values[i].found,
              json_value(item), (int)stats->n);
  }
}

#endif
