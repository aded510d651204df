/* The golden models of families: loading them, their logits against the expected ones, and what
 * they are written as against the files that others wrote. */
#ifndef BL_TESTS_FAMILY_FILES_H
#define BL_TESTS_FAMILY_FILES_H

#include <cJSON.h>
#include <math.h>

#include "check.h"
#include "model/model.h"
#include "model_files.h"
#include "sink.h"

enum { N_VOCAB = 320 };

static inline bl_model *load(const char *folder, const char *file, const char *recipe) {
  const char *files[] = {file, NULL};
  bl_load_options options = {0};
  bl_model *model = NULL;
  CHECK_OK(bl_recipe_parse(recipe, &options.recipe, error));
  CHECK_OK(golden_load_files(folder, files, &options, 1000, &model, error));
  if (!model) exit(1);
  return model;
}

/* ---- logits --------------------------------------------------------------------------------- */

typedef struct expected {
  int32_t ids[64];
  int n_ids;
  float *logits; /* (n_ids, N_VOCAB) */
} expected;

static inline expected read_expected(const char *folder) {
  expected e = {0};
  size_t size;
  char *text = (char *)golden_read(folder, "expected.json", &size);
  cJSON *json = cJSON_ParseWithLength(text, size);
  const cJSON *id;
  cJSON_ArrayForEach(id, cJSON_GetObjectItem(json, "ids")) e.ids[e.n_ids++] = id->valueint;
  cJSON_Delete(json);
  free(text);
  const char *file = golden_exists(folder, "logits.f32") ? "logits.f32" : "language.f32";
  e.logits = (float *)(void *)golden_read(folder, file, &size);
  CHECK(size == (size_t)e.n_ids * N_VOCAB * sizeof(float) && e.n_ids > 30);
  return e;
}

typedef struct comparison {
  const float *expected;
  double worst;
} comparison;

static inline bool compare_row(void *context, int position, const float *logits) {
  comparison *c = context;
  for (int i = 0; i < N_VOCAB; i++) {
    double d = fabs((double)logits[i] - (double)c->expected[position * N_VOCAB + i]);
    if (!(d <= c->worst)) c->worst = d;
  }
  return true;
}

/* The largest difference from what is expected, the text in batches of `n_batch`. */
static inline double difference(const bl_model *model, const expected *e, int n_batch) {
  comparison c = {.expected = e->logits};
  bl_session *session = bl_session_new(model, &(bl_session_options){.n_batch = n_batch}, NULL);
  CHECK(session != NULL);
  if (!session) return INFINITY;
  CHECK_OK(bl_session_eval(session, e->ids, (size_t)e->n_ids, compare_row, &c, error));
  bl_session_free(session);
  return c.worst;
}

static inline void check_logits(const bl_model *model, const char *folder) {
  static const int batches[] = {1, 2, 3, 64};
  expected e = read_expected(folder);
  for (int i = 0; i < 4; i++) {
    double d = difference(model, &e, batches[i]);
    CHECK_MSG(d < 1e-3, "%s, a batch of %d: logits differ by %g", folder, batches[i], d);
  }
  free(e.logits);
}

/* ---- what it is written as ------------------------------------------------------------------ */

/* The file of this name, of an export that is freed if `last`. */
static inline sink exported(bl_export *ex, const char *name, bool last) {
  sink s = {0};
  CHECK(ex != NULL);
  for (int i = 0; ex && i < bl_export_n_files(ex); i++)
    if (strcmp(bl_export_file_name(ex, i), name) == 0)
      CHECK_OK(bl_export_write(ex, i, sink_write, &s, error));
  if (last) bl_export_free(ex);
  return s;
}

static inline bl_index *parse(const uint8_t *bytes, size_t size) {
  bl_index *index = NULL;
  uint64_t needed;
  CHECK_OK(bl_index_parse("file", bytes, size, size, &index, &needed, error));
  return index;
}

/* Every tensor of the golden file is in the other, with the same type, shape and bytes; n_extra are
 * there that ours leaves out. */
static inline void check_same_tensors(const sink *ours, const char *folder, const char *file,
                                      int n_extra) {
  size_t size;
  uint8_t *theirs = golden_read(folder, file, &size);
  bl_index *a = parse(ours->bytes, ours->size), *b = parse(theirs, size);
  int n_found = 0;
  for (int i = 0; a && b && i < bl_index_n_tensors(b); i++) {
    bl_index_tensor t, u;
    bl_index_get_tensor(b, i, &t);
    for (int k = 0; k < bl_index_n_tensors(a); k++) {
      bl_index_get_tensor(a, k, &u);
      if (strcmp(t.name, u.name) != 0) continue;
      n_found++;
      bool same = strcmp(t.type, u.type) == 0 && t.n_dims == u.n_dims &&
                  memcmp(t.dims, u.dims, (size_t)t.n_dims * sizeof *t.dims) == 0;
      CHECK_MSG(same, "%s has another type or shape", t.name);
      same = same && t.size_bytes == u.size_bytes &&
             memcmp(theirs + t.offset, ours->bytes + u.offset, (size_t)t.size_bytes) == 0;
      CHECK_MSG(same, "%s has other bytes", t.name);
    }
  }
  CHECK(a && b && n_found == bl_index_n_tensors(a));
  CHECK(a && b && n_found == bl_index_n_tensors(b) - n_extra && n_found > 10);
  bl_index_free(a);
  bl_index_free(b);
  free(theirs);
}

/* Loads what an export wrote. */
static inline bl_model *reload(bl_export *ex, const char *weights) {
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, NULL);
  sink config = exported(ex, "config.json", false), file = exported(ex, weights, true);
  CHECK(loader != NULL);
  if (config.bytes)
    CHECK_OK(bl_loader_add_text(loader, "config.json", (char *)config.bytes, config.size, error));
  CHECK_OK(golden_push(loader, weights, file.bytes, file.size, 777, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  free(config.bytes);
  free(file.bytes);
  if (!model) exit(1);
  return model;
}

#endif
