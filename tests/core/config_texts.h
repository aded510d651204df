/* Configs that the tests of them read: config.json and GGUF metadata, with variations. */
#ifndef CONFIG_TEXTS_H
#define CONFIG_TEXTS_H

#include "base/json.h"
#include "check.h"
#include "model/config.h"

static inline bl_code read_json(const char *text, bl_config *config, bl_error *error) {
  cJSON *json = NULL;
  bl_code code = bl_json_parse("config.json", text, strlen(text), &json, error);
  if (code == BL_OK) code = bl_config_from_json("config.json", json, config, error);
  cJSON_Delete(json);
  return code;
}

/* As published with Llama 3.2 1B Instruct. */
static const char llama32[] =
    "{\"architectures\":[\"LlamaForCausalLM\"],\"attention_bias\":false,\"attention_dropout\":0.0,"
    "\"bos_token_id\":128000,\"eos_token_id\":[128001,128008,128009],\"head_dim\":64,"
    "\"hidden_act\":\"silu\",\"hidden_size\":2048,\"initializer_range\":0.02,"
    "\"intermediate_size\":8192,\"max_position_embeddings\":131072,\"mlp_bias\":false,"
    "\"model_type\":\"llama\",\"num_attention_heads\":32,\"num_hidden_layers\":16,"
    "\"num_key_value_heads\":8,\"pretraining_tp\":1,\"rms_norm_eps\":1e-05,"
    "\"rope_scaling\":{\"factor\":32.0,\"high_freq_factor\":4.0,\"low_freq_factor\":1.0,"
    "\"original_max_position_embeddings\":8192,\"rope_type\":\"llama3\"},\"rope_theta\":500000.0,"
    "\"tie_word_embeddings\":true,\"torch_dtype\":\"bfloat16\",\"use_cache\":true,"
    "\"vocab_size\":128256}";

/* The least that a Llama config must have. */
static const char *const small[][2] = {
    {"model_type", "\"llama\""},  {"hidden_size", "64"},       {"num_hidden_layers", "2"},
    {"num_attention_heads", "4"}, {"intermediate_size", "96"}, {"vocab_size", "100"},
    {"rms_norm_eps", "1e-5"},
};
enum { N_SMALL = sizeof small / sizeof *small };

/* The small config with `extra` (members, or NULL) added and the member `without` left out; a key
 * in `extra` stands for the small config's own. */
static inline bl_code read_small(const char *extra, const char *without, bl_config *config,
                                 bl_error *error) {
  char text[4096] = "{", key[64];
  for (int i = 0; i < N_SMALL; i++) {
    snprintf(key, sizeof key, "\"%s\":", small[i][0]);
    if (without && strcmp(small[i][0], without) == 0) continue;
    if (extra && strstr(extra, key)) continue;
    strcat(strcat(strcat(text, key), small[i][1]), ",");
  }
  strcat(text, extra ? extra : "\"x\":0");
  strcat(text, "}");
  return read_json(text, config, error);
}

/* Metadata as SmolLM2 135M has it, with one entry replaced or left out, and extra entries. */
static inline bl_code read_gguf(const bl_meta *change, const char *without,
                                const char *const *tensors, bl_config *config, bl_error *error) {
  const char *architecture = "llama";
  if (change && change->s.bytes && strcmp(change->key, "general.architecture") == 0)
    architecture = change->s.bytes;
  static const struct {
    const char *key;
    int64_t value;
  } sizes[] = {{"block_count", 30},         {"context_length", 8192},
               {"embedding_length", 576},   {"feed_forward_length", 1536},
               {"attention.head_count", 9}, {"attention.head_count_kv", 3},
               {"vocab_size", 49152},       {"rope.dimension_count", 64}};
  bl_meta meta[16];
  char keys[16][80];
  int n = 0;
  memset(meta, 0, sizeof meta);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    snprintf(keys[n], sizeof keys[n], "%s.%s", architecture, sizes[i].key);
    meta[n] = (bl_meta){.key = keys[n], .kind = BL_META_INT, .i = sizes[i].value};
    n++;
  }
  snprintf(keys[n], sizeof keys[n], "%s.attention.layer_norm_rms_epsilon", architecture);
  meta[n] = (bl_meta){.key = keys[n], .kind = BL_META_FLOAT, .f = (double)1e-5f};
  n++;
  snprintf(keys[n], sizeof keys[n], "%s.rope.freq_base", architecture);
  meta[n] = (bl_meta){.key = keys[n], .kind = BL_META_FLOAT, .f = 100000};
  n++;
  meta[n++] = (bl_meta){.key = "general.architecture", .kind = BL_META_STRING, .s = {"llama", 5}};
  meta[n++] = (bl_meta){.key = "tokenizer.ggml.tokens",
                        .kind = BL_META_ARRAY,
                        .item_kind = BL_META_STRING,
                        .n = 1000};
  int kept = 0;
  for (int i = 0; i < n; i++) {
    bool drop = (without && strcmp(meta[i].key, without) == 0) ||
                (change && strcmp(meta[i].key, change->key) == 0);
    if (!drop) meta[kept++] = meta[i];
  }
  if (change) meta[kept++] = *change;

  bl_entry entries[8];
  bl_index index = {.file_name = "m.gguf",
                    .container = BL_GGUF,
                    .meta = meta,
                    .n_meta = kept,
                    .entries = entries};
  memset(entries, 0, sizeof entries);
  for (; tensors && tensors[index.n_entries]; index.n_entries++)
    entries[index.n_entries].name = tensors[index.n_entries];
  return bl_config_from_gguf(&index, config, error);
}

#endif
