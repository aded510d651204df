/* Encoders as GGUF: read from files as llama.cpp's converter makes them (make_encoder_gguf.py), and
 * written. What the models compute is what transformers does (make_encoders.py). */
#include <cJSON.h>
#include <math.h>

#include "check.h"
#include "family_files.h"
#include "model/export_gguf.h"
#include "model/pooling.h"

enum { MOST = 64, DIM = 32 };

static int read_ints(const cJSON *list, int32_t numbers[MOST]) {
  int n = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, list) if (n < MOST) numbers[n++] = item->valueint;
  return n;
}

static double largest(const cJSON *expected, const float *found) {
  double worst = 0;
  const cJSON *item;
  cJSON_ArrayForEach(item, expected) {
    double d = fabs(item->valuedouble - (double)*found++);
    if (!(d <= worst)) worst = d;
  }
  return worst;
}

/* The texts of expected.json through a model: logits where it classifies, embeddings always. */
static void check_texts(const bl_model *model, const char *folder, bool classifies) {
  size_t size;
  char *text = (char *)golden_read(folder, "expected.json", &size);
  cJSON *json = cJSON_ParseWithLength(text, size);
  const cJSON *item;
  bl_encoder *encoder = bl_encoder_new(model, &(bl_session_options){0}, NULL);
  CHECK(encoder && cJSON_GetArraySize(json) == 5);
  cJSON_ArrayForEach(item, json) {
    int32_t ids[MOST], types[MOST];
    float embedding[DIM], logits[8];
    const cJSON *expected = cJSON_GetObjectItem(item, "logits");
    const int n = read_ints(cJSON_GetObjectItem(item, "ids"), ids);
    const int n_types = read_ints(cJSON_GetObjectItem(item, "types"), types);
    CHECK_OK(bl_encoder_run(encoder, ids, n_types ? types : NULL, (size_t)n, error));
    CHECK_OK(bl_encoder_embed(encoder, embedding, error));
    CHECK(largest(cJSON_GetObjectItem(item, "embedding"), embedding) < 1e-5);
    if (!classifies || !expected) continue;
    CHECK(bl_model_n_labels(model) == cJSON_GetArraySize(expected));
    CHECK_OK(bl_encoder_classify(encoder, logits, error));
    CHECK(largest(expected, logits) < 1e-4);
  }
  bl_encoder_free(encoder);
  cJSON_Delete(json);
  free(text);
}

static void files_of_the_converter_compute_what_transformers_does(void) {
  static const char *const names[][3] = {{"tiny_distilbert", "tiny_distilbert.gguf", "distilbert"},
                                         {"tiny_roberta", "tiny_roberta.gguf", "bert"}};
  for (int i = 0; i < 2; i++) {
    char buffer[24];
    bl_model_info info;
    bl_model *model = load("tiny_gguf", names[i][1], "reference");
    bl_model_get_info(model, &info);
    CHECK(strcmp(info.architecture, names[i][2]) == 0);
    CHECK(info.max_context == (i == 0 ? 48 : 46));
    CHECK(strcmp(bl_model_label(model, 0, buffer), i == 0 ? "NEGATIVE" : "no") == 0);
    check_texts(model, names[i][0], true);
    bl_model_free(model);
  }
}

/* The converter leaves a BERT's pooler out, without which llama.cpp tells other classes. */
static void a_file_without_a_pooler_gives_embeddings_but_no_classes(void) {
  bl_model *model = load("tiny_gguf", "tiny_bert.gguf", "reference");
  bl_encoder *encoder = bl_encoder_new(model, &(bl_session_options){0}, NULL);
  const int32_t ids[] = {4, 5, 6};
  float logits[8];
  bl_error error = {0};
  check_texts(model, "tiny_bert", false);
  CHECK_OK(bl_encoder_run(encoder, ids, NULL, 3, error));
  CHECK(bl_encoder_classify(encoder, logits, &error) == BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "the file has no cls.weight"));
  bl_encoder_free(encoder);
  bl_model_free(model);
}

static sink written(const bl_model *model) {
  return exported(bl_export_gguf_new(model, NULL), "model.gguf", true);
}

static bl_model *read_back(const sink *file) {
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, NULL);
  CHECK_OK(golden_push(loader, "model.gguf", file->bytes, file->size, 777, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  if (!model) exit(1);
  return model;
}

static void tensors_are_those_that_the_gguf_library_wrote(void) {
  static const char *const folders[] = {"tiny_distilbert", "tiny_roberta"};
  for (int i = 0; i < 2; i++) {
    char golden[64];
    bl_model *model = load(folders[i], "model.safetensors", "reference");
    sink file = written(model);
    snprintf(golden, sizeof golden, "%s.gguf", folders[i]);
    check_same_tensors(&file, "tiny_gguf", golden, 0);
    free(file.bytes);
    bl_model_free(model);
  }
}

/* As GGUF, then as the directory for transformers that this is written as, and as GGUF again. */
static void what_is_written_reads_back_the_same(void) {
  static const char *const folders[] = {"tiny_bert", "tiny_minilm", "tiny_distilbert",
                                        "tiny_roberta"};
  for (int i = 0; i < 4; i++) {
    bl_model *model = load(folders[i], "model.safetensors", "reference");
    sink file = written(model);
    bl_model *gguf = read_back(&file);
    bl_model *torch = reload(bl_export_torch_new(gguf, NULL), "model.safetensors");
    sink again = written(torch);
    CHECK(bl_model_n_labels(gguf) == bl_model_n_labels(model));
    check_texts(gguf, folders[i], true);
    check_texts(torch, folders[i], true);
    bl_model *last = read_back(&again);
    check_texts(last, folders[i], true);
    free(file.bytes);
    free(again.bytes);
    bl_model_free(last);
    bl_model_free(torch);
    bl_model_free(gguf);
    bl_model_free(model);
  }
}

static bool has_note(const bl_export *ex, const char *kind) {
  for (int i = 0; i < bl_export_n_notes(ex); i++)
    if (strcmp(bl_export_note(ex, i)->kind, kind) == 0) return true;
  return false;
}

static void losses_are_told(void) {
  static const struct {
    const char *folder, *kind;
    bool is_told;
  } all[] = {{"tiny_bert", "head-left-out", false},   {"tiny_minilm", "head-left-out", true},
             {"tiny_bert", "head-differs", false},    {"tiny_distilbert", "head-differs", true},
             {"tiny_roberta", "head-differs", false}, {"tiny_bert", "gelu-approximated", true}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    bl_model *model = load(all[i].folder, "model.safetensors", "reference");
    bl_export *ex = bl_export_gguf_new(model, NULL);
    CHECK_MSG(ex && has_note(ex, all[i].kind) == all[i].is_told, "%s: %s", all[i].folder,
              all[i].kind);
    bl_export_free(ex);
    bl_model_free(model);
  }
}

/* Loads a folder with a config, and sentence-transformers' file unless that is NULL. */
static bl_model *load_with(const char *folder, const char *from, const char *to,
                           const char *pooling) {
  size_t size;
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(&(bl_load_options){0}, NULL);
  char *text = (char *)golden_read(folder, "config.json", &size), *config = malloc(size + 64);
  text[size - 1] = '\0';
  char *at = strstr(text, from);
  CHECK(at != NULL);
  int n = snprintf(config, size + 64, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
  CHECK_OK(bl_loader_add_text(loader, "config.json", config, (size_t)n, error));
  if (pooling)
    CHECK_OK(bl_loader_add_text(loader, BL_POOLING_FILE, pooling, strlen(pooling), error));
  uint8_t *bytes = golden_read(folder, "model.safetensors", &size);
  CHECK_OK(golden_push(loader, "model.safetensors", bytes, size, 0, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  free(bytes);
  free(text);
  free(config);
  if (!model) exit(1);
  return model;
}

static void what_llama_cpp_would_compute_otherwise_is_refused(void) {
  bl_error error = {0};
  bl_model *model = load_with("tiny_bert", "\"gelu\"", "\"relu\"", NULL);
  CHECK(!bl_export_gguf_new(model, &error) && error.code == BL_ERR_UNSUPPORTED);
  CHECK_MSG(strstr(error.message, "the model's activation is relu"), "%s", error.message);
  bl_model_free(model);
  bl_config config = {.head = BL_HEAD_TOKENS, .block.activation = BL_GELU_ERF};
  CHECK(bl_gguf_refuse_encoder(&config, &error) == BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "tells classes of single tokens apart"));
}

/* The state that is taken for the text's, of length 1. */
static void check_state(const bl_model *model, int token) {
  const int32_t ids[] = {7, 30, 200, 9};
  float embedding[DIM];
  double length = 0, worst = 0;
  bl_encoder *encoder = bl_encoder_new(model, &(bl_session_options){0}, NULL);
  CHECK_OK(bl_encoder_run(encoder, ids, NULL, 4, error));
  const float *state = bl_encoder_states(encoder) + token * DIM;
  CHECK_OK(bl_encoder_embed(encoder, embedding, error));
  for (int d = 0; d < DIM; d++) length += (double)state[d] * (double)state[d];
  for (int d = 0; d < DIM; d++)
    worst = fmax(worst, fabs((double)embedding[d] - (double)state[d] / sqrt(length)));
  CHECK_MSG(worst < 1e-6, "%g", worst);
  bl_encoder_free(encoder);
}

/* "pooling_type" carries what sentence-transformers' file says. */
static void the_first_or_last_state_is_the_texts_where_the_files_say_so(void) {
  static const char *const texts[] = {"{\"pooling_mode_cls_token\": true}",
                                      "{\"pooling_mode_lasttoken\": true}"};
  for (int i = 0; i < 2; i++) {
    bl_model *model = load_with("tiny_minilm", "\"gelu\"", "\"gelu\"", texts[i]);
    sink file = written(model);
    bl_model *gguf = read_back(&file);
    check_state(model, i == 0 ? 0 : 3);
    check_state(gguf, i == 0 ? 0 : 3);
    free(file.bytes);
    bl_model_free(gguf);
    bl_model_free(model);
  }
}

static void a_pooling_that_is_not_known_is_refused(void) {
  const int32_t ids[] = {7};
  float embedding[DIM];
  bl_error error = {0};
  bl_model *model =
      load_with("tiny_minilm", "\"gelu\"", "\"gelu\"", "{\"pooling_mode_max_tokens\": true}");
  bl_encoder *encoder = bl_encoder_new(model, &(bl_session_options){0}, NULL);
  CHECK_OK(bl_encoder_run(encoder, ids, NULL, 1, error));
  CHECK(bl_encoder_embed(encoder, embedding, &error) == BL_ERR_UNSUPPORTED);
  CHECK(strstr(error.message, "field 'pooling_mode_max_tokens' is true"));
  CHECK(!bl_export_gguf_new(model, &error));
  bl_encoder_free(encoder);
  bl_model_free(model);
}

int main(void) {
  RUN(files_of_the_converter_compute_what_transformers_does);
  RUN(a_file_without_a_pooler_gives_embeddings_but_no_classes);
  RUN(tensors_are_those_that_the_gguf_library_wrote);
  RUN(what_is_written_reads_back_the_same);
  RUN(losses_are_told);
  RUN(what_llama_cpp_would_compute_otherwise_is_refused);
  RUN(the_first_or_last_state_is_the_texts_where_the_files_say_so);
  RUN(a_pooling_that_is_not_known_is_refused);
  return check_result();
}
