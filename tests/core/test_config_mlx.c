/* Which layers are quantized, and how, as an MLX model's config.json says. */
#include <time.h>

#include "config_texts.h"

#define QUANT "\"quantization\":{\"group_size\":64,\"bits\":4"

/* Is the module at this path stored as the recipe `text` says; NULL: not quantized? */
static void check_layer(const cJSON *json, const char *path, const char *text) {
  bl_format format;
  char found[32] = "";
  bl_mlx_layers layers;
  CHECK_OK(bl_mlx_layers_make("c", json, &layers, error));
  CHECK_OK(bl_mlx_layers_find(&layers, path, &format, error));
  bl_mlx_layers_free(&layers);
  if (format.codec)
    snprintf(found, sizeof found, "%s %d %d", format.codec->name, format.bits, format.group);
  CHECK_MSG(strcmp(found, text) == 0, "%s is '%s', expected '%s'", path, found, text);
}

static void mlx_layers_have_their_own_settings(void) {
  static const char text[] =
      "{\"quantization\":{\"group_size\":64,\"bits\":4,\"mode\":\"affine\","
      "\"model.embed_tokens\":{\"group_size\":32,\"bits\":8},\"lm_head\":false,"
      "\"model.layers.0.mlp.up_proj\":true,\"bad\":3,"
      "\"nv\":{\"group_size\":16,\"bits\":4,\"mode\":\"nvfp4\"},\"mx\":{\"mode\":\"mxfp8\"},"
      "\"null\":{\"group_size\":null,\"bits\":6,\"mode\":\"affine\"},"
      "\"other\":{\"group_size\":32,\"bits\":4,\"mode\":\"nvfp4\"}},"
      "\"quantization_config\":{\"quant_method\":\"ignored beside quantization\"}}";
  cJSON *json = NULL;
  bl_error found = {0};
  bl_format format;
  CHECK_OK(bl_json_parse("c", text, strlen(text), &json, error));
  check_layer(json, "model.layers.0.mlp.down_proj", "affine 4 64");
  check_layer(json, "model.embed_tokens", "affine 8 32");
  check_layer(json, "model.layers.0.mlp.up_proj", "affine 4 64");
  check_layer(json, "lm_head", "");
  check_layer(json, "nv", "nvfp4 4 16");
  check_layer(json, "mx", "mxfp8 8 32");
  check_layer(json, "null", "affine 6 64");
  bl_mlx_layers layers;
  CHECK_OK(bl_mlx_layers_make("c", json, &layers, error));
  CHECK(bl_mlx_layers_find(&layers, "other", &format, &found) == BL_ERR_UNSUPPORTED);
  CHECK(strstr(found.message, "quantization of other") && strstr(found.message, "expected 16"));
  CHECK(bl_mlx_layers_find(&layers, "bad", &format, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "quantization of bad"));
  bl_mlx_layers_free(&layers);
  cJSON_Delete(json);

  bl_config c;
  CHECK_OK(read_small(QUANT "}", NULL, &c, error));
  CHECK(c.mlx_group == 64 && c.mlx_bits == 4);
  CHECK_OK(read_small("\"quantization_config\":{\"group_size\":128,\"bits\":3}", NULL, &c, error));
  CHECK(c.mlx_group == 128 && c.mlx_bits == 3);
  CHECK_OK(read_small("\"quantization\":{\"group_size\":32,\"bits\":8,\"mode\":\"mxfp8\"}", NULL,
                      &c, error));
  CHECK(c.mlx_group == 32 && c.mlx_bits == 8);
  /* Settings of nothing are none. */
  CHECK_OK(read_small("\"quantization_config\":{}", NULL, &c, error));
  CHECK(c.mlx_group == 0);
  CHECK_OK(read_small("\"quantization\":{},\"quantization_config\":{\"group_size\":128,\"bits\":3}",
                      NULL, &c, error));
  CHECK(c.mlx_group == 128 && c.mlx_bits == 3);
}

/* Looked through one after another they would take minutes. Of two with one name the last counts.
 */
static void a_hundred_thousand_mlx_layers_are_found_at_once(void) {
  enum { N = 100000 };
  size_t capacity = (size_t)N * 64, at = 0;
  char *text = malloc(capacity);
  at += (size_t)snprintf(text, capacity, "{\"quantization\":{\"group_size\":64,\"bits\":4");
  for (int i = 0; i < N; i++)
    at += (size_t)snprintf(text + at, capacity - at, ",\"layers.%d\":{\"bits\":%d}", i,
                           i % 2 ? 8 : 3);
  at +=
      (size_t)snprintf(text + at, capacity - at, ",\"layers.7\":{\"bits\":6},\"layers.9\":null}}");
  cJSON *json = NULL;
  CHECK_OK(bl_json_parse("c", text, at, &json, error));
  bl_mlx_layers layers;
  clock_t start = clock();
  CHECK_OK(bl_mlx_layers_make("c", json, &layers, error));
  int n_wrong = 0;
  for (int i = 0; i < N; i++) {
    char path[32];
    bl_format format;
    snprintf(path, sizeof path, "layers.%d", i);
    int expected = i == 7 ? 6 : i == 9 ? 4 : i % 2 ? 8 : 3;
    CHECK_OK(bl_mlx_layers_find(&layers, path, &format, error));
    n_wrong += format.bits != expected;
  }
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  CHECK(n_wrong == 0);
  CHECK_MSG(seconds < 2, "%.1f s", seconds);
  bl_mlx_layers_free(&layers);
  cJSON_Delete(json);
  free(text);
}

int main(void) {
  RUN(mlx_layers_have_their_own_settings);
  RUN(a_hundred_thousand_mlx_layers_are_found_at_once);
  return check_result();
}
