/* BERT, DistilBERT and RoBERTa: states, classes and embeddings against transformers'
 * (tests/golden/make_encoders.py). */
#include <cJSON.h>
#include <math.h>

#include "check.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "model_files.h"
#include "sink.h"

static const char *const folders[] = {"tiny_bert", "tiny_minilm", "tiny_distilbert",
                                      "tiny_roberta"};
enum { N_FOLDERS = 4, MOST = 64, DIM = 32 };

static bl_model *load(const char *folder, const char *recipe) {
  bl_model *model = NULL;
  CHECK_OK(golden_load(folder, recipe, &model, error));
  if (!model) exit(1);
  return model;
}

static cJSON *read_expected(const char *folder) {
  size_t size;
  char *text = (char *)golden_read(folder, "expected.json", &size);
  cJSON *json = cJSON_ParseWithLength(text, size);
  free(text);
  CHECK(cJSON_GetArraySize(json) == 5);
  return json;
}

static int read_ints(const cJSON *list, int32_t numbers[MOST]) {
  int n = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, list) if (n < MOST) numbers[n++] = item->valueint;
  return n;
}

/* The largest difference of `found` from the numbers of a list, which may be one of lists. */
static double difference(const cJSON *expected, const float **found) {
  double worst = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, expected) {
    double d = cJSON_IsArray(item) ? difference(item, found)
                                   : fabs(item->valuedouble - (double)*(*found)++);
    if (!(d <= worst)) worst = d;
  }
  return worst;
}

typedef struct worst {
  double states, logits, embedding;
} worst;

static double larger(double a, double b) {
  return b <= a ? a : b;
}

/* Runs all texts of a folder. */
static worst compare(const bl_model *model, const char *folder, const char *kernels) {
  worst w = {0};
  cJSON *expected = read_expected(folder);
  const cJSON *text;
  bl_encoder *encoder = bl_encoder_new(model, &(bl_session_options){.kernels = kernels}, NULL);
  CHECK(encoder != NULL);
  cJSON_ArrayForEach(text, expected) {
    int32_t ids[MOST], types[MOST];
    const int n = read_ints(cJSON_GetObjectItem(text, "ids"), ids);
    const int n_types = read_ints(cJSON_GetObjectItem(text, "types"), types);
    float embedding[DIM], logits[8];
    CHECK_OK(bl_encoder_run(encoder, ids, n_types ? types : NULL, (size_t)n, error));
    const float *found = bl_encoder_states(encoder);
    w.states = larger(w.states, difference(cJSON_GetObjectItem(text, "hidden"), &found));
    CHECK(found == bl_encoder_states(encoder) + n * DIM);
    CHECK_OK(bl_encoder_embed(encoder, embedding, error));
    found = embedding;
    w.embedding = larger(w.embedding, difference(cJSON_GetObjectItem(text, "embedding"), &found));
    if (!cJSON_GetObjectItem(text, "logits")) continue;
    CHECK_OK(bl_encoder_classify(encoder, logits, error));
    found = logits;
    w.logits = larger(w.logits, difference(cJSON_GetObjectItem(text, "logits"), &found));
    CHECK(found == logits + bl_model_n_labels(model));
  }
  bl_encoder_free(encoder);
  cJSON_Delete(expected);
  return w;
}

static void states_logits_and_embeddings_are_those_of_transformers(void) {
  for (int i = 0; i < N_FOLDERS; i++) {
    bl_model *model = load(folders[i], "reference");
    for (int k = 0; k < bl_kernels_count(); k++) {
      const char *kernels = bl_kernels_name(bl_kernels_at(k));
      worst w = compare(model, folders[i], kernels);
      CHECK_MSG(w.states < 1e-4 && w.logits < 1e-4 && w.embedding < 1e-5,
                "%s with %s kernels: states differ by %g, logits by %g, embeddings by %g",
                folders[i], kernels, w.states, w.logits, w.embedding);
      if (k == 0)
        printf("    %s: states %.1e, logits %.1e, embeddings %.1e\n", folders[i], w.states,
               w.logits, w.embedding);
    }
    bl_model_free(model);
  }
}

static void labels_are_those_of_the_config(void) {
  char buffer[24];
  bl_model *bert = load("tiny_bert", "reference"), *minilm = load("tiny_minilm", "reference");
  CHECK(bl_model_n_labels(bert) == 3 && strcmp(bl_model_label(bert, 1, buffer), "glad") == 0);
  CHECK(strcmp(bl_model_label(bert, 3, buffer), "LABEL_3") == 0);
  CHECK(bl_model_n_labels(minilm) == 0);
  bl_model_free(bert);
  bl_model_free(minilm);
}

/* Every format that divides the rows gives a model that still tells what it is for. */
static void a_recipe_quantizes_its_matrices(void) {
  static const char *const recipes[] = {"affine:8:32", "q8_0", "qint8@int8", "mxfp8"};
  for (int i = 0; i < N_FOLDERS; i++)
    for (int k = 0; k < 4; k++) {
      bl_model *model = load(folders[i], recipes[k]);
      bl_model_info info;
      bl_model_get_info(model, &info);
      worst w = compare(model, folders[i], NULL);
      CHECK_MSG(w.embedding > 1e-6 && w.embedding < 0.2, "%s as %s: %g", folders[i], recipes[k],
                w.embedding);
      CHECK(info.size_bytes < info.source_bytes / 2);
      bl_model_free(model);
    }
}

static bl_model *reload(bl_export *ex) {
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, NULL);
  CHECK(ex && loader);
  for (int i = 0; ex && i < bl_export_n_files(ex); i++) {
    sink s = {0};
    const char *name = bl_export_file_name(ex, i);
    CHECK_OK(bl_export_write(ex, i, sink_write, &s, error));
    if (strcmp(name, "config.json") == 0)
      CHECK_OK(bl_loader_add_text(loader, name, (char *)s.bytes, s.size, error));
    free(s.bytes);
  }
  for (int i = 0; ex && i < bl_export_n_files(ex); i++) {
    sink s = {0};
    const char *name = bl_export_file_name(ex, i);
    if (strcmp(name, "model.safetensors") != 0) continue;
    CHECK_OK(bl_export_write(ex, i, sink_write, &s, error));
    CHECK_OK(golden_push(loader, name, s.bytes, s.size, 777, error));
    free(s.bytes);
  }
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  bl_export_free(ex);
  if (!model) exit(1);
  return model;
}

static void what_is_written_reads_back_the_same(void) {
  for (int i = 0; i < N_FOLDERS; i++) {
    bl_model *model = load(folders[i], "reference");
    bl_model *back[] = {reload(bl_export_mlx_new(model, NULL)),
                        reload(bl_export_torch_new(model, NULL))};
    for (int k = 0; k < 2; k++) {
      worst w = compare(back[k], folders[i], NULL);
      CHECK(w.states < 1e-4 && w.logits < 1e-4);
      bl_model_free(back[k]);
    }
    bl_model_free(model);
  }
}

static void what_does_not_fit_is_refused_in_a_sentence(void) {
  bl_error error = {0};
  const bl_session_options options = {.n_context = 8};
  bl_model *bert = load("tiny_bert", "reference"), *minilm = load("tiny_minilm", "reference");
  bl_model *llama = load("tiny_llama", "reference");
  float logits[8];
  int32_t ids[9] = {4, 5, 6}, types[9] = {0, 1, 2};
  CHECK(!bl_session_new(bert, &options, &error) && error.code == BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "a bert model reads whole texts"));
  CHECK(!bl_encoder_new(llama, &options, &error) && error.code == BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "a llama model continues texts"));
  bl_encoder *e = bl_encoder_new(minilm, &options, NULL);
  CHECK(!bl_encoder_states(e) && bl_encoder_classify(e, logits, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_encoder_run(e, ids, NULL, 0, &error) == BL_ERR_ARGUMENT);
  CHECK(bl_encoder_run(e, ids, NULL, 9, &error) == BL_ERR_ARGUMENT);
  CHECK(strstr(error.message, "9 tokens, expected 1 to 8"));
  CHECK(bl_encoder_run(e, ids, types, 3, &error) == BL_ERR_ARGUMENT);
  CHECK(strstr(error.message, "token 2 is of type 2, expected 0 to 1"));
  ids[1] = 320;
  CHECK(bl_encoder_run(e, ids, NULL, 3, &error) == BL_ERR_ARGUMENT);
  CHECK(strstr(error.message, "token 1 has id 320, expected 0 to 319"));
  ids[1] = 5;
  CHECK(bl_encoder_run(e, ids, NULL, 3, &error) == BL_OK);
  CHECK(bl_encoder_classify(e, logits, &error) == BL_ERR_UNSUPPORTED);
  bl_encoder_free(e);
  CHECK(!bl_encoder_new(minilm, &(bl_session_options){.n_context = 49}, &error));
  CHECK(strstr(error.message, "the context is 49 tokens, expected 1 to 48"));
  bl_model_free(bert);
  bl_model_free(minilm);
  bl_model_free(llama);
}

int main(void) {
  RUN(states_logits_and_embeddings_are_those_of_transformers);
  RUN(labels_are_those_of_the_config);
  RUN(a_recipe_quantizes_its_matrices);
  RUN(what_is_written_reads_back_the_same);
  RUN(what_does_not_fit_is_refused_in_a_sentence);
  return check_result();
}
