/* Bounds and checks that config.json and GGUF metadata share. The bounds are far above any model
 * that exists and keep every product of two of them within 64 bits. */
#ifndef BL_MODEL_CONFIG_CHECK_H
#define BL_MODEL_CONFIG_CHECK_H

#include <math.h>

#include "model/config.h"

#define BL_MAX_DIM (1 << 20)
#define BL_MAX_HEADS (1 << 14)
#define BL_MAX_HEAD_DIM (1 << 13)
#define BL_MAX_FFN (1 << 24)
#define BL_MAX_VOCAB (1 << 24)
#define BL_MAX_CONTEXT (1 << 28)

#define BL_MAX_EXPERTS 1024

/* The family that "model_type" names; an error lists those that there are. */
bl_code bl_config_find_family(const char *file_name, const cJSON *json, const bl_family **family,
                              bl_error *error);
/* Refuses a name that no family has. */
bl_code bl_config_refuse_family(const char *file_name, bool is_gguf, const char *name,
                                int name_size, bl_error *error);
/* A whole number from 1 to max; one that is absent keeps *value, or is an error when that is 0. No
 * key: there is no such field. */
bl_code bl_config_read_size(const char *file_name, const cJSON *json, const char *key, int64_t max,
                            int32_t *value, bl_error *error);
/* Which of its family's models it is, where there are several. */
bl_code bl_config_read_head(const char *file_name, const cJSON *json, bl_config *config,
                            bl_error *error);
/* What a block does that is not gated; an error where bitloss does otherwise. */
bl_code bl_config_read_block(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error);
/* Granite's multipliers, as config.json and GGUF call them; logits are divided by the last. */
enum {
  BL_MULTIPLY_EMBEDDING,
  BL_MULTIPLY_ATTENTION,
  BL_MULTIPLY_RESIDUAL,
  BL_DIVIDE_LOGITS,
  BL_N_MULTIPLIERS
};
extern const char *const bl_multiplier_names[BL_N_MULTIPLIERS][2];
void bl_config_put_multipliers(bl_config *config, const double values[BL_N_MULTIPLIERS]);
void bl_config_get_multipliers(const bl_config *config, double values[BL_N_MULTIPLIERS]);
/* Takes rotary positions from every so many layers. */
static inline void bl_config_skip_rope(bl_config *config, int32_t pattern) {
  for (int32_t l = 0; pattern > 0 && l < config->n_layers; l++)
    if ((l + 1) % pattern == 0) config->unturned[l / 8] |= (uint8_t)(1 << l % 8);
}
/* What follows from the sizes and the family's block. */
static inline void bl_config_settle_scales(bl_config *config) {
  if (config->block.scales_embedding) config->scales.embedding = sqrtf((float)config->dim);
  if (config->query_scale != 0) config->scales.attention = (float)(1 / sqrt(config->query_scale));
}
/* What LONG multiplies cosines and sines by where nothing else is said. */
double bl_longrope_attention(const bl_config *config);
/* Which layers have a window of attention. */
bl_code bl_config_read_window(const char *file_name, const cJSON *json, bl_config *config,
                              bl_error *error);
/* Gives the layers from `first` on a window, but for those that window_pattern leaves out. */
void bl_config_spread_window(bl_config *config, int32_t first);
/* config_gguf_encoder.c: of an encoder's metadata, which family's it is, which of its models, and
 * how many token types and classes there are. */
bl_code bl_config_gguf_encoder(const bl_index *index, bl_config *config, bl_error *error);
/* Sizes, and which of its family's models it is. */
bl_code bl_config_read_shape(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error);

/* What the container calls these, for sentences. */
typedef struct bl_shape_fields {
  const char *heads, *kv_heads, *head_dim;
} bl_shape_fields;

/* Heads divide evenly among key-value heads; a head can be split into pairs for the rotary
 * embedding; all heads together are at most BL_MAX_DIM wide. */
bl_code bl_config_check_heads(const char *file_name, const bl_config *config,
                              const bl_shape_fields *fields, bl_error *error);

#endif
