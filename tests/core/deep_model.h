/* A model with many small layers, made in memory: where the golden ones have too few. */
#ifndef BL_TESTS_DEEP_MODEL_H
#define BL_TESTS_DEEP_MODEL_H

#include "bitloss.h"
#include "check.h"

enum { DEEP_DIM = 64, DEEP_FFN = 128, DEEP_VOCAB = 64, DEEP_MAX_TENSORS = 512 };

/* Appends one tensor to the header of a safetensors file; returns the bytes of its data. */
static inline size_t deep_add(char **at, const char *end, const char *name, int n_rows, int n_cols,
                              size_t offset) {
  char shape[32];
  if (n_rows == 1)
    snprintf(shape, sizeof shape, "[%d]", n_cols);
  else
    snprintf(shape, sizeof shape, "[%d,%d]", n_rows, n_cols);
  size_t size = (size_t)(n_rows * n_cols) * sizeof(float);
  *at += snprintf(*at, (size_t)(end - *at),
                  "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%zu,%zu]}",
                  offset ? "," : "{", name, shape, offset, offset + size);
  return size;
}

/* Loads a model of n_layers with random weights, tied, of type f32. The caller frees the file's
 * bytes after the model. */
static inline bl_model *deep_model(int n_layers, uint64_t seed, uint8_t **file) {
  static const struct {
    const char *name;
    int n_rows, n_cols;
  } tensors[] = {
      {"input_layernorm", 1, DEEP_DIM},         {"self_attn.q_proj", DEEP_DIM, DEEP_DIM},
      {"self_attn.k_proj", 32, DEEP_DIM},       {"self_attn.v_proj", 32, DEEP_DIM},
      {"self_attn.o_proj", DEEP_DIM, DEEP_DIM}, {"post_attention_layernorm", 1, DEEP_DIM},
      {"mlp.gate_proj", DEEP_FFN, DEEP_DIM},    {"mlp.up_proj", DEEP_FFN, DEEP_DIM},
      {"mlp.down_proj", DEEP_DIM, DEEP_FFN}};
  char config[512];
  snprintf(config, sizeof config,
           "{\"model_type\":\"llama\",\"architectures\":[\"LlamaForCausalLM\"],\"hidden_act\":"
           "\"silu\",\"hidden_size\":%d,\"intermediate_size\":%d,\"num_hidden_layers\":%d,"
           "\"num_attention_heads\":2,\"num_key_value_heads\":1,\"vocab_size\":%d,"
           "\"rms_norm_eps\":1e-5,\"rope_theta\":10000,\"max_position_embeddings\":128,"
           "\"tie_word_embeddings\":true}",
           DEEP_DIM, DEEP_FFN, n_layers, DEEP_VOCAB);
  const size_t header_capacity = (size_t)DEEP_MAX_TENSORS * 160;
  char *header = malloc(header_capacity), *at = header, *end = header + header_capacity;
  if (!header) exit(1);
  size_t n_bytes = deep_add(&at, end, "model.embed_tokens.weight", DEEP_VOCAB, DEEP_DIM, 0);
  for (int l = 0; l < n_layers; l++) {
    for (size_t t = 0; t < sizeof tensors / sizeof *tensors; t++) {
      char name[96];
      snprintf(name, sizeof name, "model.layers.%d.%s.weight", l, tensors[t].name);
      n_bytes += deep_add(&at, end, name, tensors[t].n_rows, tensors[t].n_cols, n_bytes);
    }
  }
  n_bytes += deep_add(&at, end, "model.norm.weight", 1, DEEP_DIM, n_bytes);
  at += snprintf(at, (size_t)(end - at), "}");
  while ((at - header) % 8 != 0) *at++ = ' ';
  const uint64_t header_size = (uint64_t)(at - header);
  const size_t file_size = sizeof header_size + (size_t)header_size + n_bytes;
  *file = malloc(file_size);
  if (!*file) exit(1);
  memcpy(*file, &header_size, sizeof header_size);
  memcpy(*file + sizeof header_size, header, (size_t)header_size);
  uint8_t *data = *file + sizeof header_size + header_size;
  for (size_t i = 0; i < n_bytes / sizeof(float); i++) {
    float w = check_uniform(&seed) * 0.25f;
    memcpy(data + i * sizeof w, &w, sizeof w);
  }
  free(header);
  bl_model *model = NULL;
  bl_loader *loader = bl_loader_new(NULL, NULL);
  CHECK_OK(bl_loader_add_text(loader, "config.json", config, strlen(config), error));
  CHECK_OK(bl_loader_add_file(loader, "model.safetensors", *file, file_size, error));
  CHECK_OK(bl_loader_finish(loader, &model, error));
  bl_loader_free(loader);
  if (!model) exit(1);
  return model;
}

#endif
