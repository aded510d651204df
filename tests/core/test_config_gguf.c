/* GGUF metadata, read into the numbers that the transformer runs by. */
#include "config_texts.h"

static void gguf_metadata_of_smollm2_is_read(void) {
  bl_config c = {0};
  CHECK_OK(read_gguf(NULL, NULL, NULL, &c, error));
  CHECK(strcmp(c.architecture, "llama") == 0);
  CHECK(c.n_layers == 30 && c.dim == 576 && c.n_heads == 9 && c.n_kv_heads == 3);
  CHECK(c.head_dim == 64 && c.ffn_dim == 1536 && c.vocab_size == 49152);
  CHECK(c.max_context == 8192 && c.rope_theta == 100000 && c.norm_eps == (double)1e-5f);
  CHECK(c.tied_output && c.interleaved_rope && !c.qkv_bias && !c.o_bias && !c.qk_norm);
  CHECK(c.rope_scaling == BL_ROPE_PLAIN && c.mlx_group == 0);
}

static void gguf_tensors_tell_what_metadata_does_not(void) {
  bl_config c = {0};
  static const char *const tensors[] = {"output.weight",       "rope_freqs.weight",
                                        "blk.0.attn_q.bias",   "blk.0.attn_output.bias",
                                        "blk.0.ffn_gate.bias", NULL};
  CHECK_OK(read_gguf(NULL, NULL, tensors, &c, error));
  CHECK(!c.tied_output && c.qkv_bias && c.o_bias && c.mlp_bias);
}

static void gguf_defaults_are_those_of_llama_cpp(void) {
  bl_config c = {0};
  CHECK_OK(read_gguf(NULL, "llama.vocab_size", NULL, &c, error));
  CHECK(c.vocab_size == 1000); /* the number of tokens */
  CHECK_OK(read_gguf(NULL, "llama.attention.head_count_kv", NULL, &c, error));
  CHECK(c.n_kv_heads == 9);
  CHECK_OK(read_gguf(NULL, "llama.rope.freq_base", NULL, &c, error));
  CHECK(c.rope_theta == 10000);
  bl_meta scale = {.key = "llama.rope.scale_linear", .kind = BL_META_FLOAT, .f = 2};
  CHECK_OK(read_gguf(&scale, NULL, NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_LINEAR && c.rope_factor == 2);
}

static void qwen_files_keep_their_rotary_order(void) {
  bl_config c = {0};
  bl_meta change = {.key = "general.architecture", .kind = BL_META_STRING, .s = {"qwen2", 5}};
  CHECK_OK(read_gguf(&change, NULL, NULL, &c, error));
  CHECK(strcmp(c.architecture, "qwen2") == 0 && c.qkv_bias && !c.o_bias && !c.interleaved_rope);
  change.s.bytes = "qwen3";
  CHECK_OK(read_gguf(&change, NULL, NULL, &c, error));
  CHECK(strcmp(c.architecture, "qwen3") == 0 && c.qk_norm && !c.qkv_bias && !c.interleaved_rope);
}

/* llama.cpp reads such keys as one number or as an array with one for each layer. */
static void a_value_for_each_layer_is_one_value_where_all_are_equal(void) {
  static const int64_t nines[30] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
                                    9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9};
  static const int64_t threes[2] = {3, 3}, mixed[2] = {3, 9};
  bl_config c = {0};
  bl_error found = {0};
  bl_meta change = {.key = "llama.attention.head_count",
                    .kind = BL_META_ARRAY,
                    .item_kind = BL_META_INT,
                    .n = 30,
                    .ints = nines};
  CHECK_OK(read_gguf(&change, NULL, NULL, &c, error));
  CHECK(c.n_heads == 9);
  change.key = "llama.attention.head_count_kv";
  change.n = 2;
  change.ints = threes;
  CHECK_OK(read_gguf(&change, NULL, NULL, &c, error));
  CHECK(c.n_kv_heads == 3);
  change.ints = mixed;
  CHECK(read_gguf(&change, NULL, NULL, &c, &found) == BL_ERR_UNSUPPORTED);
  CHECK(strstr(found.message, "is 3 for one layer and 9 for another"));
}

static void gguf_models_that_differ_are_refused(void) {
#define INT(name, value) {.key = name, .kind = BL_META_INT, .i = value}
#define TEXT(name, value) {.key = name, .kind = BL_META_STRING, .s = {value, sizeof value - 1}}
  static const struct {
    bl_meta change;
    bl_code code;
    const char *words[2];
  } cases[] = {
      {TEXT("general.architecture", "mamba"), BL_ERR_UNSUPPORTED, {"'mamba'", "llama, qwen2"}},
      {INT("general.architecture", 3), BL_ERR_INPUT, {"a whole number", "a string"}},
      {INT("llama.expert_count", 8), BL_ERR_INPUT, {"expert_used_count' is missing", "1 to 8"}},
      {INT("llama.expert_count", 1 << 20), BL_ERR_INPUT, {"expert_count' is 1048576", "0 to 1024"}},
      {INT("llama.rope.dimension_count", 32), BL_ERR_UNSUPPORTED, {"is 32", "expected 64"}},
      {INT("llama.attention.value_length", 32), BL_ERR_UNSUPPORTED, {"is 32", "expected 64"}},
      {INT("llama.attention.head_count_kv", 2), BL_ERR_INPUT, {"head_count_kv' is 2", "(9)"}},
      {INT("llama.attention.head_count", 0), BL_ERR_INPUT, {"head_count' is 0", "1 to"}},
      {INT("llama.block_count", -1), BL_ERR_INPUT, {"block_count' is -1", "1 to 4096"}},
      {INT("llama.embedding_length", 577), BL_ERR_INPUT, {"key_length' is missing"}},
      {{.key = "llama.block_count", .kind = BL_META_ARRAY},
       BL_ERR_INPUT,
       {"block_count' is an array", "a whole number"}},
      {TEXT("llama.rope.scaling.type", "longrope"), BL_ERR_UNSUPPORTED, {"'longrope'", "linear"}},
      {{.key = "llama.rope.freq_base", .kind = BL_META_FLOAT, .f = NAN},
       BL_ERR_INPUT,
       {"'llama.rope.freq_base'", "expected 1 to"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_config c = {.n_layers = -1};
    bl_error found = {0};
    bl_code code = read_gguf(&cases[i].change, NULL, NULL, &c, &found);
    CHECK_MSG(code == cases[i].code && c.n_layers == -1, "%s: code %d: %s", cases[i].change.key,
              (int)code, found.message);
    CHECK_MSG(strncmp(found.message, "m.gguf: ", 8) == 0, "%s", found.message);
    for (int k = 0; k < 2; k++)
      CHECK_MSG(!cases[i].words[k] || strstr(found.message, cases[i].words[k]),
                "'%s' is not in: %s", cases[i].words[k], found.message);
  }
  static const char *const required[] = {"general.architecture",
                                         "llama.block_count",
                                         "llama.context_length",
                                         "llama.embedding_length",
                                         "llama.feed_forward_length",
                                         "llama.attention.head_count",
                                         "llama.attention.layer_norm_rms_epsilon"};
  for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
    bl_config c;
    bl_error found = {0};
    CHECK_MSG(read_gguf(NULL, required[i], NULL, &c, &found) != BL_OK, "%s", required[i]);
    CHECK_MSG(strstr(found.message, required[i]), "%s: %s", required[i], found.message);
  }
}

static void yarn_and_windows_are_read_from_gguf(void) {
  const bl_meta yarn = TEXT("llama.rope.scaling.type", "yarn");
  const bl_meta window = INT("llama.attention.sliding_window", 4096);
  bl_config c;
  CHECK_OK(read_gguf(&yarn, NULL, NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_YARN && c.rope_attention == 1 && !*c.cannot_run);
  CHECK_OK(read_gguf(&window, NULL, NULL, &c, error));
  CHECK(c.window == 4096 && bl_config_windowed(&c, 0) && !*c.cannot_run);
}

static void linear_scaling_in_gguf_may_be_off(void) {
  bl_config c = {0};
  bl_error found = {0};
  bl_meta scale = {.key = "llama.rope.scale_linear", .kind = BL_META_FLOAT, .f = 1};
  CHECK_OK(read_gguf(&scale, NULL, NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_PLAIN);
  scale.f = 0.5; /* positions move apart, as in llama.cpp: what it divides by is no less for that */
  CHECK_OK(read_gguf(&scale, NULL, NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_LINEAR && c.rope_factor == 0.5);
  cJSON *json = NULL;
  bl_config again = {0};
  CHECK_OK(bl_config_to_json(&c, NULL, &json, error));
  CHECK_OK(bl_config_from_json("config.json", json, &again, error));
  CHECK(again.rope_scaling == BL_ROPE_LINEAR && again.rope_factor == 0.5);
  cJSON_Delete(json);
  scale.f = 1e-9;
  CHECK(read_gguf(&scale, NULL, NULL, &c, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "is 1e-09, expected 1e-06 to"));
  /* A factor alone is that of linear scaling (llama.cpp, llama_model::load_hparams). */
  bl_meta factor = {.key = "llama.rope.scaling.factor", .kind = BL_META_FLOAT, .f = 4};
  CHECK_OK(read_gguf(&factor, NULL, NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_LINEAR && c.rope_factor == 4);
  bl_meta type = {.key = "llama.rope.scaling.type", .kind = BL_META_STRING, .s = {"linear", 6}};
  CHECK_OK(read_gguf(&type, NULL, NULL, &c, error)); /* without a factor there is no scaling */
  CHECK(c.rope_scaling == BL_ROPE_PLAIN);
}

int main(void) {
  RUN(gguf_metadata_of_smollm2_is_read);
  RUN(gguf_tensors_tell_what_metadata_does_not);
  RUN(gguf_defaults_are_those_of_llama_cpp);
  RUN(qwen_files_keep_their_rotary_order);
  RUN(a_value_for_each_layer_is_one_value_where_all_are_equal);
  RUN(gguf_models_that_differ_are_refused);
  RUN(yarn_and_windows_are_read_from_gguf);
  RUN(linear_scaling_in_gguf_may_be_off);
  return check_result();
}
