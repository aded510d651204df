/* Exporting: what is written is what mlx_lm.convert wrote for the same model and settings. */
#include "model/model.h"
#include "model/rope.h"
#include "model_files.h"
#include "sink.h"

/* A file that grows in memory. */
/* The exported file of this name; size 0 when there is none. */
static sink exported(const bl_export *ex, const char *name) {
  sink s = {0};
  for (int i = 0; i < bl_export_n_files(ex); i++) {
    if (strcmp(bl_export_file_name(ex, i), name) != 0) continue;
    CHECK_OK(bl_export_write(ex, i, sink_write, &s, error));
    CHECK(s.size == bl_export_file_size(ex, i));
  }
  return s;
}

static bl_index *parse_index(const char *name, const uint8_t *bytes, size_t size) {
  bl_index *index = NULL;
  uint64_t needed;
  CHECK_OK(bl_index_parse(name, bytes, size, size, &index, &needed, error));
  return index;
}

/* Every tensor of one file is in the other with the same type, shape and bytes. */
static void check_same_tensors(const sink *ours, const uint8_t *theirs, size_t their_size) {
  bl_index *a = parse_index("ours", ours->bytes, ours->size);
  bl_index *b = parse_index("theirs", theirs, their_size);
  if (!a || !b) return;
  CHECK(bl_index_n_tensors(a) == bl_index_n_tensors(b) && bl_index_n_tensors(a) > 0);
  for (int i = 0; i < bl_index_n_tensors(b); i++) {
    bl_index_tensor t, u = {0};
    bl_index_get_tensor(b, i, &t);
    for (int j = 0; j < bl_index_n_tensors(a) && !u.name; j++) {
      bl_index_get_tensor(a, j, &u);
      if (strcmp(u.name, t.name) != 0) u.name = NULL;
    }
    CHECK_MSG(u.name, "%s is not exported", t.name);
    if (!u.name) continue;
    CHECK_MSG(strcmp(t.type, u.type) == 0 && t.n_dims == u.n_dims &&
                  memcmp(t.dims, u.dims, (size_t)t.n_dims * sizeof *t.dims) == 0,
              "%s has another type or shape", t.name);
    CHECK_MSG(t.size_bytes == u.size_bytes &&
                  memcmp(theirs + t.offset, ours->bytes + u.offset, (size_t)t.size_bytes) == 0,
              "%s has other bytes", t.name);
  }
  bl_index_free(a);
  bl_index_free(b);
}

static void check_same_bytes(const sink *ours, const char *folder, const char *name) {
  size_t size;
  uint8_t *theirs = golden_read(folder, name, &size);
  CHECK_MSG(ours->size == size && memcmp(ours->bytes, theirs, size) == 0, "%s/%s differs: %s",
            folder, name, (const char *)ours->bytes);
  free(theirs);
}

static void an_export_is_what_mlx_lm_convert_writes(void) {
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama", "affine:4:64", &model, error));
  if (!model) return;
  bl_export *ex = bl_export_mlx_new(model, NULL);
  CHECK(ex != NULL);
  if (!ex) return;
  size_t size;
  uint8_t *golden = golden_read("tiny_llama_mlx4", "model.safetensors", &size);
  sink weights = exported(ex, "model.safetensors");
  sink config = exported(ex, "config.json");
  sink index = exported(ex, "model.safetensors.index.json");
  check_same_tensors(&weights, golden, size);
  check_same_bytes(&config, "tiny_llama_mlx4", "config.json");
  check_same_bytes(&index, "tiny_llama_mlx4", "model.safetensors.index.json");
  free(golden);
  free(weights.bytes);
  free(config.bytes);
  free(index.bytes);
  bl_export_free(ex);
  bl_model_free(model);
}

static void an_mlx_directory_comes_back_as_it_was(void) {
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama_mlx_mixed", "reference", &model, error));
  if (!model) return;
  bl_export *ex = bl_export_mlx_new(model, NULL);
  CHECK(ex != NULL);
  if (!ex) return;
  size_t size;
  uint8_t *golden = golden_read("tiny_llama_mlx_mixed", "model.safetensors", &size);
  sink weights = exported(ex, "model.safetensors");
  sink config = exported(ex, "config.json");
  check_same_tensors(&weights, golden, size);
  check_same_bytes(&config, "tiny_llama_mlx_mixed", "config.json");
  free(golden);
  free(weights.bytes);
  free(config.bytes);
  bl_export_free(ex);
  bl_model_free(model);
}

static bool refuse(void *context, const void *bytes, size_t n) {
  (void)context, (void)bytes, (void)n;
  return false;
}

static void writing_stops_when_the_caller_says_so(void) {
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama", "affine:8:32", &model, error));
  bl_export *ex = model ? bl_export_mlx_new(model, NULL) : NULL;
  if (!ex) return;
  bl_error error = {0};
  CHECK(bl_export_write(ex, 0, refuse, NULL, &error) == BL_ERR_CANCELLED);
  CHECK(bl_export_write(ex, 99, refuse, NULL, &error) == BL_ERR_ARGUMENT);
  bl_export_free(ex);
  bl_model_free(model);
}

/* The table that llama.cpp's converter writes for Llama 3.2 1B: factor 32, 64 values a head. */
static void llama3_table(float *factors, int head_dim, double theta) {
  for (int i = 0; i < head_dim / 2; i++) {
    double wavelength = 2 * 3.14159265358979 * pow(theta, 2.0 * i / head_dim);
    double smooth = fmin(fmax((8192 / wavelength - 1) / (4 - 1), 0), 1);
    factors[i] = (float)(1 / ((1 - smooth) / 32 + smooth));
  }
}

static void a_table_of_rotary_factors_is_recognized_as_llama_3(void) {
  bl_config config = {.head_dim = 64, .rope_dim = 64, .rope_theta = 500000};
  float factors[32];
  llama3_table(factors, 64, 500000);
  CHECK(factors[0] == 1 && factors[31] == 32);
  CHECK(bl_rope_recognize_llama3(&config, factors));
  CHECK(config.rope_scaling == BL_ROPE_LLAMA3 && config.rope_factor == 32);
  CHECK(config.rope_low_freq_factor == 1 && config.rope_high_freq_factor == 4);
  CHECK(config.rope_original_context == 8192);

  bl_config other = {.head_dim = 64, .rope_dim = 64, .rope_theta = 500000};
  factors[16] *= 1.01f;
  CHECK(!bl_rope_recognize_llama3(&other, factors));
  CHECK(other.rope_scaling == BL_ROPE_PLAIN);
}

static void rotary_factors_that_follow_no_rule_are_not_exported(void) {
  bl_model *model = NULL;
  CHECK_OK(golden_load("tiny_llama", "affine:8:32", &model, error));
  if (!model) return;
  model->rope_factors = calloc(16, sizeof(float));
  bl_error error = {0};
  bl_export *ex = bl_export_mlx_new(model, &error);
  CHECK(!ex && error.code == BL_ERR_UNSUPPORTED);
  CHECK_MSG(strstr(error.message, "rope_freqs.weight"), "%s", error.message);
  bl_export_free(ex);
  bl_model_free(model);
}

int main(void) {
  RUN(an_export_is_what_mlx_lm_convert_writes);
  RUN(an_mlx_directory_comes_back_as_it_was);
  RUN(writing_stops_when_the_caller_says_so);
  RUN(a_table_of_rotary_factors_is_recognized_as_llama_3);
  RUN(rotary_factors_that_follow_no_rule_are_not_exported);
  return check_result();
}
