/* Any text as a config.json. What the strict reader takes cJSON must take too, a config that is
 * taken must keep its promises, and written out again it must read back the same. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "model/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

static void check_config(const bl_config *c) {
  demand(c->n_layers > 0 && c->dim > 0 && c->ffn_dim > 0 && c->vocab_size > 0);
  demand(c->n_heads > 0 && c->n_kv_heads > 0 && c->n_heads % c->n_kv_heads == 0);
  demand(c->head_dim > 0 && c->head_dim % 2 == 0 && c->max_context > 0);
  demand(c->norm_eps > 0 && c->norm_eps <= 1 && c->rope_theta >= 1 && c->rope_theta <= 1e12);
  demand(c->rope_scaling == BL_ROPE_PLAIN || c->rope_factor > 0);
  demand((c->mlx_group == 0) == (c->mlx_bits == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bl_error error = {0};
  cJSON *json = NULL;
  bl_code code = bl_json_parse("config.json", (const char *)data, size, &json, &error);
  demand(code != BL_ERR_MEMORY && (code == BL_OK) == (json != NULL));
  if (!json) return 0;

  bl_config config, again;
  code = bl_config_from_json("config.json", json, &config, &error);
  demand(code == BL_OK || error.message[0] != '\0');
  if (code == BL_OK) {
    check_config(&config);
    bl_format format;
    bl_mlx_layers layers;
    code = bl_mlx_layers_make("config.json", json, &layers, &error);
    if (code == BL_OK) code = bl_mlx_layers_find(&layers, "model.embed_tokens", &format, &error);
    demand(code != BL_OK || (format.codec == NULL) == (format.group == 0));
    bl_mlx_layers_free(&layers);
    cJSON *written = NULL;
    demand(bl_config_to_json(&config, NULL, &written, &error) == BL_OK);
    demand(bl_config_from_json("config.json", written, &again, &error) == BL_OK);
    demand(again.dim == config.dim && again.head_dim == config.head_dim);
    demand(again.rope_scaling == config.rope_scaling && again.rope_factor == config.rope_factor);
    cJSON_Delete(written);
  }
  cJSON_Delete(json);
  return 0;
}
