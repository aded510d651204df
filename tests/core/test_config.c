/* config.json, read into the numbers that the transformer runs by. */
#include "config_texts.h"

static void llama_3_2_is_read(void) {
  bl_config c = {0};
  CHECK_OK(read_json(llama32, &c, error));
  CHECK(strcmp(c.architecture, "llama") == 0);
  CHECK(c.n_layers == 16 && c.dim == 2048 && c.n_heads == 32 && c.n_kv_heads == 8);
  CHECK(c.head_dim == 64 && c.ffn_dim == 8192 && c.vocab_size == 128256);
  CHECK(c.max_context == 131072 && c.norm_eps == 1e-5 && c.rope_theta == 500000);
  CHECK(c.rope_scaling == BL_ROPE_LLAMA3 && c.rope_factor == 32);
  CHECK(c.rope_low_freq_factor == 1 && c.rope_high_freq_factor == 4);
  CHECK(c.rope_original_context == 8192 && c.tied_output);
  CHECK(!c.qkv_bias && !c.o_bias && !c.mlp_bias && !c.qk_norm && !c.interleaved_rope);
  CHECK(c.mlx_group == 0 && c.mlx_bits == 0);
}

/* As published with Qwen2.5 0.5B Instruct. */
static void qwen2_has_biases_on_q_k_and_v(void) {
  bl_config c = {0};
  CHECK_OK(
      read_json("{\"architectures\":[\"Qwen2ForCausalLM\"],\"attention_dropout\":0.0,"
                "\"hidden_act\":\"silu\",\"hidden_size\":896,\"intermediate_size\":4864,"
                "\"max_position_embeddings\":32768,\"max_window_layers\":21,"
                "\"model_type\":\"qwen2\",\"num_attention_heads\":14,"
                "\"num_hidden_layers\":24,\"num_key_value_heads\":2,\"rms_norm_eps\":1e-06,"
                "\"rope_theta\":1000000.0,\"sliding_window\":32768,"
                "\"tie_word_embeddings\":true,\"torch_dtype\":\"bfloat16\","
                "\"use_sliding_window\":false,\"vocab_size\":151936}",
                &c, error));
  CHECK(strcmp(c.architecture, "qwen2") == 0 && c.head_dim == 64 && c.n_kv_heads == 2);
  CHECK(c.qkv_bias && !c.o_bias && !c.mlp_bias && !c.qk_norm && c.tied_output);
  CHECK(c.rope_theta == 1e6 && c.rope_scaling == BL_ROPE_PLAIN && c.norm_eps == 1e-6);
}

/* Qwen3 0.6B as transformers 5 saves it: rope_parameters and dtype. */
static void qwen3_has_head_norms_and_nested_rope_parameters(void) {
  bl_config c = {0};
  CHECK_OK(
      read_json("{\"architectures\":[\"Qwen3ForCausalLM\"],\"attention_bias\":false,"
                "\"dtype\":\"bfloat16\",\"head_dim\":128,\"hidden_act\":\"silu\","
                "\"hidden_size\":1024,\"intermediate_size\":3072,"
                "\"layer_types\":[\"full_attention\",\"full_attention\"],"
                "\"max_position_embeddings\":40960,\"model_type\":\"qwen3\","
                "\"num_attention_heads\":16,\"num_hidden_layers\":28,"
                "\"num_key_value_heads\":8,\"rms_norm_eps\":1e-06,"
                "\"rope_parameters\":{\"rope_theta\":1000000,\"rope_type\":\"default\"},"
                "\"sliding_window\":null,\"tie_word_embeddings\":true,"
                "\"use_sliding_window\":false,\"vocab_size\":151936}",
                &c, error));
  CHECK(strcmp(c.architecture, "qwen3") == 0 && c.head_dim == 128 && c.n_heads == 16);
  CHECK(c.qk_norm && !c.qkv_bias && c.rope_theta == 1e6);
}

/* What transformers 5.23 makes of each: LlamaConfig.from_dict(…).rope_parameters. */
static void rotary_settings_are_found_where_transformers_finds_them(void) {
#define DEFAULT_500 "{\"rope_theta\":500,\"rope_type\":\"default\"}"
  static const struct {
    const char *members;
    double theta, linear; /* linear: the factor, 0 for none */
    int n_notes;
  } cases[] = {
      {"\"rope_scaling\":" DEFAULT_500, 500, 0, 0},
      {"\"rope_scaling\":{\"rope_theta\":500}", 500, 0, 0},
      {"\"rope_scaling\":" DEFAULT_500 ",\"rope_theta\":700", 500, 0, 1},
      {"\"rope_parameters\":" DEFAULT_500 ",\"rope_theta\":700", 500, 0, 1},
      {"\"rope_parameters\":" DEFAULT_500 ",\"rope_theta\":500.0", 500, 0, 0},
      {"\"rope_parameters\":{\"rope_type\":\"default\"},\"rope_theta\":700", 700, 0, 0},
      {"\"rope_parameters\":" DEFAULT_500 ",\"rope_scaling\":null", 500, 0, 0},
      {"\"rope_parameters\":" DEFAULT_500 ",\"rope_scaling\":{}", 500, 0, 0},
      {"\"rope_parameters\":" DEFAULT_500
       ",\"rope_scaling\":{\"rope_theta\":600,\"rope_type\":\"linear\",\"factor\":2}",
       600, 2, 1},
      {"\"rope_parameters\":" DEFAULT_500
       ",\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":2}",
       10000, 2, 1},
      {"\"rope_parameters\":{},\"rope_scaling\":{\"type\":\"linear\",\"factor\":2},"
       "\"rope_theta\":300",
       300, 2, 0},
      {"\"rope_parameters\":{\"rope_theta\":500,\"type\":\"linear\",\"factor\":2}", 500, 2, 0},
      {"\"rope_scaling\":{\"type\":\"linear\",\"rope_type\":\"default\",\"factor\":2}", 10000, 0,
       0},
      {"\"rope_scaling\":{\"factor\":2}", 10000, 0, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_config c = {0};
    bl_notes notes = {0};
    cJSON *json = NULL;
    char text[512];
    snprintf(text, sizeof text, "{%s}", cases[i].members);
    CHECK_OK(read_small(cases[i].members, NULL, &c, error));
    CHECK_MSG(c.rope_theta == cases[i].theta, "%s: theta is %g", cases[i].members, c.rope_theta);
    CHECK_MSG(c.rope_factor == cases[i].linear &&
                  (c.rope_scaling == BL_ROPE_LINEAR) == (cases[i].linear > 0),
              "%s: factor %g", cases[i].members, c.rope_factor);
    CHECK_OK(bl_json_parse("config.json", text, strlen(text), &json, error));
    CHECK_OK(bl_config_take_notes("config.json", json, &notes, error));
    CHECK_MSG(notes.n == cases[i].n_notes, "%s: %d notes", cases[i].members, notes.n);
    for (int k = 0; k < notes.n; k++) CHECK(strcmp(notes.list[k].kind, "rope") == 0);
    bl_notes_free(&notes);
    cJSON_Delete(json);
  }
}

static void a_config_says_how_texts_are_divided_and_nothing_else_is_believed(void) {
  static const struct {
    const char *members;
    bl_documents documents;
    int n_notes;
  } cases[] = {
      {"\"x\":1", BL_DOCUMENTS_WHOLE, 0},
      {"\"text_documents\":\"blank\"", BL_DOCUMENTS_BLANK, 0},
      {"\"text_documents\":\"lines\"", BL_DOCUMENTS_LINES, 0},
      {"\"text_documents\":null", BL_DOCUMENTS_WHOLE, 0},
      {"\"text_documents\":\"pages\"", BL_DOCUMENTS_WHOLE, 1},
      {"\"text_documents\":2", BL_DOCUMENTS_WHOLE, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_config c = {0};
    bl_notes notes = {0};
    cJSON *json = NULL;
    char text[128];
    snprintf(text, sizeof text, "{%s}", cases[i].members);
    CHECK_OK(read_small(cases[i].members, NULL, &c, error));
    CHECK_MSG(c.documents == cases[i].documents, "%s", cases[i].members);
    CHECK_OK(bl_json_parse("config.json", text, strlen(text), &json, error));
    CHECK_OK(bl_config_take_notes("config.json", json, &notes, error));
    CHECK_MSG(notes.n == cases[i].n_notes, "%s: %d notes", cases[i].members, notes.n);
    for (int k = 0; k < notes.n; k++) CHECK(strcmp(notes.list[k].kind, "text-documents") == 0);
    bl_notes_free(&notes);
    cJSON_Delete(json);
  }
}

/* Defaults of transformers' LlamaConfig and mlx_lm's llama.ModelArgs, which agree on these. */
static void optional_fields_have_the_libraries_defaults(void) {
  bl_config c = {0};
  CHECK_OK(read_small(NULL, NULL, &c, error));
  CHECK(c.n_kv_heads == 4 && c.head_dim == 16 && c.rope_theta == 10000);
  CHECK(c.max_context == 2048 && !c.tied_output && !c.qkv_bias && !c.mlp_bias);
  CHECK(c.rope_scaling == BL_ROPE_PLAIN);
  CHECK_OK(
      read_small("\"num_key_value_heads\":null,\"head_dim\":null,\"rope_scaling\":null,"
                 "\"torch_dtype\":null",
                 NULL, &c, error));
  CHECK(c.n_kv_heads == 4 && c.head_dim == 16);
  CHECK_OK(read_small("\"model_type\":\"mistral\",\"num_key_value_heads\":2", NULL, &c, error));
  CHECK(c.max_context == 131072 && c.rope_theta == 10000 && !c.qk_norm);
  CHECK_OK(read_small("\"model_type\":\"qwen3\",\"num_key_value_heads\":2,\"rope_theta\":1e6", NULL,
                      &c, error));
  CHECK(c.head_dim == 128 && c.max_context == 32768);
}

static void flags_and_scalings_are_read(void) {
  bl_config c = {0};
  CHECK_OK(read_small("\"attention_bias\":true,\"mlp_bias\":true,\"torch_dtype\":\"float8\"", NULL,
                      &c, error));
  CHECK(c.qkv_bias && c.o_bias && c.mlp_bias);
  CHECK_OK(read_small("\"rope_scaling\":{\"type\":\"linear\",\"factor\":4}", NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_LINEAR && c.rope_factor == 4);
  CHECK_OK(read_small("\"rope_scaling\":{\"rope_type\":\"default\"}", NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_PLAIN);
  CHECK_OK(
      read_small("\"rope_parameters\":{\"rope_type\":\"llama3\",\"factor\":8,"
                 "\"low_freq_factor\":1,\"high_freq_factor\":4,\"rope_theta\":500000,"
                 "\"original_max_position_embeddings\":8192}",
                 NULL, &c, error));
  CHECK(c.rope_scaling == BL_ROPE_LLAMA3 && c.rope_factor == 8 && c.rope_theta == 500000);
  CHECK_OK(
      read_small("\"model_type\":\"mistral\",\"num_key_value_heads\":2,"
                 "\"sliding_window\":4096,\"max_position_embeddings\":4096",
                 NULL, &c, error));
  CHECK(c.window == 0 && !bl_config_windowed(&c, 0));
  CHECK_OK(read_small("\"partial_rotary_factor\":1.0,\"rope_traditional\":false", NULL, &c, error));
}

static void windows_are_those_of_transformers(void) {
  static const struct {
    const char *extra;
    int window;
    bool windowed[2];
  } cases[] = {
      {"\"model_type\":\"mistral\",\"num_key_value_heads\":2,\"sliding_window\":1024",
       1024,
       {1, 1}},
      {"\"model_type\":\"mistral\",\"num_key_value_heads\":2,\"sliding_window\":null", 0, {0, 0}},
      {"\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"rope_theta\":1e6,"
       "\"sliding_window\":1024",
       0,
       {0, 0}},
      {"\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"rope_theta\":1e6,"
       "\"use_sliding_window\":true,\"sliding_window\":1024",
       0, /* from the layer on that is 28 where it is not named */
       {0, 0}},
      {"\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"rope_theta\":1e6,"
       "\"use_sliding_window\":true,\"sliding_window\":1024,\"max_window_layers\":1",
       1024,
       {0, 1}},
      {"\"sliding_window\":16,\"layer_types\":[\"sliding_attention\",\"full_attention\"]",
       16,
       {1, 0}},
      {"\"sliding_window\":16,\"use_sliding_window\":false,"
       "\"layer_types\":[\"sliding_attention\",\"full_attention\"]",
       0,
       {0, 0}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_config c;
    CHECK_OK(read_small(cases[i].extra, NULL, &c, error));
    for (int l = 0; l < 2; l++)
      CHECK_MSG(bl_config_windowed(&c, l) == cases[i].windowed[l], "%s: layer %d", cases[i].extra,
                l);
    CHECK_MSG(c.window == cases[i].window, "%s: %d", cases[i].extra, (int)c.window);
  }
}

#define QUANT "\"quantization\":{\"group_size\":64,\"bits\":4"
static const struct bad {
  const char *extra; /* members put in the place of the small config's */
  bl_code code;
  const char *words[3];
} bad_configs[] = {
    {"\"model_type\":\"mamba\"", BL_ERR_UNSUPPORTED, {"'model_type'", "'mamba'", "qwen3"}},
    {"\"model_type\":\"t5\"", BL_ERR_UNSUPPORTED, {"'t5'", "llama, mistral, mixtral, qwen2"}},
    {"\"model_type\":7", BL_ERR_INPUT, {"'model_type'", "a number", "a string"}},
    {"\"hidden_size\":0", BL_ERR_INPUT, {"'hidden_size' is 0", "from 1 to 1048576"}},
    {"\"hidden_size\":-64", BL_ERR_INPUT, {"'hidden_size' is -64"}},
    {"\"hidden_size\":64.5", BL_ERR_INPUT, {"'hidden_size' is 64.5", "whole number"}},
    {"\"hidden_size\":2097152", BL_ERR_INPUT, {"'hidden_size' is 2097152"}},
    {"\"hidden_size\":1e300", BL_ERR_INPUT, {"'hidden_size' is 1", "whole number"}},
    {"\"hidden_size\":\"64\"", BL_ERR_INPUT, {"'hidden_size' is a string"}},
    {"\"hidden_size\":66", BL_ERR_INPUT, {"'hidden_size' is 66", "num_attention_heads (4)"}},
    {"\"num_hidden_layers\":4097", BL_ERR_INPUT, {"'num_hidden_layers' is 4097", "4096"}},
    {"\"num_attention_heads\":0", BL_ERR_INPUT, {"'num_attention_heads' is 0"}},
    {"\"num_key_value_heads\":3", BL_ERR_INPUT, {"'num_key_value_heads' is 3", "divisor", "(4)"}},
    {"\"num_key_value_heads\":8", BL_ERR_INPUT, {"'num_key_value_heads' is 8", "divisor"}},
    {"\"num_key_value_heads\":0", BL_ERR_INPUT, {"'num_key_value_heads' is 0"}},
    {"\"head_dim\":15", BL_ERR_INPUT, {"'head_dim' is 15", "even"}},
    {"\"head_dim\":8194", BL_ERR_INPUT, {"'head_dim' is 8194"}},
    {"\"head_dim\":8192,\"num_attention_heads\":256,\"num_key_value_heads\":1",
     BL_ERR_INPUT,
     {"'head_dim'", "multiply to 2097152", "1048576"}},
    {"\"intermediate_size\":16777217", BL_ERR_INPUT, {"'intermediate_size' is 16777217"}},
    {"\"vocab_size\":16777217", BL_ERR_INPUT, {"'vocab_size' is 16777217"}},
    {"\"max_position_embeddings\":0", BL_ERR_INPUT, {"'max_position_embeddings' is 0"}},
    {"\"rms_norm_eps\":-1e-5", BL_ERR_INPUT, {"'rms_norm_eps' is -1e-05"}},
    {"\"rms_norm_eps\":1e999", BL_ERR_INPUT, {"found '1', expected a number below 1.8e308"}},
    {"\"hidden_act\":\"gelu\"", BL_ERR_UNSUPPORTED, {"'hidden_act'", "'gelu'", "silu"}},
    {"\"tie_word_embeddings\":1", BL_ERR_INPUT, {"'tie_word_embeddings'", "true or false"}},
    {"\"rope_theta\":0", BL_ERR_INPUT, {"'rope_theta' is 0"}},
    {"\"rope_traditional\":true", BL_ERR_UNSUPPORTED, {"'rope_traditional'"}},
    {"\"partial_rotary_factor\":0.5", BL_ERR_UNSUPPORTED, {"'partial_rotary_factor' is 0.5"}},
    {"\"rope_scaling\":3", BL_ERR_INPUT, {"'rope_scaling'", "object"}},
    {"\"rope_scaling\":{\"type\":\"ntk\",\"factor\":4}",
     BL_ERR_UNSUPPORTED,
     {"rope_scaling", "'ntk'", "default, linear, llama3, yarn, longrope or dynamic"}},
    {"\"rope_parameters\":{\"rope_type\":\"longrope\"}",
     BL_ERR_INPUT,
     {"rope_parameters", "'short_factor' is no list of 8 positive"}},
    {"\"rope_scaling\":{\"type\":\"linear\"}",
     BL_ERR_INPUT,
     {"rope_scaling", "'factor' is missing"}},
    {"\"rope_scaling\":{\"type\":\"linear\",\"factor\":1e-9}", BL_ERR_INPUT, {"'factor' is 1e-09"}},
    {"\"rope_scaling\":{\"type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,"
     "\"high_freq_factor\":4}",
     BL_ERR_INPUT,
     {"'original_max_position_embeddings' is missing"}},
    {"\"rope_scaling\":{\"type\":\"yarn\",\"factor\":8,\"truncate\":false}",
     BL_ERR_UNSUPPORTED,
     {"'truncate' is false"}},
    {"\"rope_scaling\":{\"type\":\"yarn\"}", BL_ERR_INPUT, {"'factor' is missing"}},
    {"\"rope_scaling\":{\"type\":\"llama3\",\"factor\":8,\"low_freq_factor\":4,"
     "\"high_freq_factor\":4,\"original_max_position_embeddings\":8192}",
     BL_ERR_INPUT,
     {"'high_freq_factor' is 4", "low_freq_factor (4)"}},
    {"\"layer_types\":[\"full_attention\",\"linear_attention\"]",
     BL_ERR_UNSUPPORTED,
     {"'layer_types'", "'linear_attention'", "sliding_attention"}},
    {"\"sliding_window\":9,\"layer_types\":[\"sliding_attention\"]",
     BL_ERR_INPUT,
     {"'layer_types' has 1 layers, expected 2"}},
    {"\"sliding_window\":-1", BL_ERR_INPUT, {"'sliding_window' is -1"}},
    {"\"model_type\":\"mistral\"", BL_ERR_INPUT, {"'num_key_value_heads' is missing"}},
    {"\"model_type\":\"qwen2\",\"num_key_value_heads\":2",
     BL_ERR_INPUT,
     {"'rope_theta' is missing"}},
    {"\"quantization\":4", BL_ERR_INPUT, {"'quantization'", "object"}},
    {QUANT ",\"mode\":\"nf4\"}", BL_ERR_UNSUPPORTED, {"quantization", "'nf4'", "mxfp8 or nvfp4"}},
    {QUANT ",\"mode\":\"nvfp4_tensor\"}", BL_ERR_UNSUPPORTED, {"'nvfp4_tensor'"}},
    {QUANT ",\"mode\":\"mxfp4\"}", BL_ERR_UNSUPPORTED, {"'group_size' is 64", "expected 32"}},
    {"\"quantization\":{\"group_size\":32,\"bits\":4,\"mode\":\"mxfp8\"}",
     BL_ERR_UNSUPPORTED,
     {"'bits' is 4", "expected 8"}},
    {"\"quantization\":{\"group_size\":64}", BL_ERR_INPUT, {"quantization", "'bits'", "2, 3, 4"}},
    {"\"quantization\":{\"bits\":4}", BL_ERR_INPUT, {"quantization", "'group_size'", "128"}},
    {"\"quantization\":{\"group_size\":64,\"bits\":7}", BL_ERR_UNSUPPORTED, {"'bits' is 7"}},
    {"\"quantization\":{\"group_size\":16,\"bits\":4}", BL_ERR_UNSUPPORTED, {"'group_size' is 16"}},
    {"\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":4}",
     BL_ERR_UNSUPPORTED,
     {"'quantization_config'", "'gptq'"}},
};

static void malformed_and_unsupported_configs_are_named(void) {
  for (size_t i = 0; i < sizeof bad_configs / sizeof *bad_configs; i++) {
    const struct bad *bad = &bad_configs[i];
    bl_config c = {.n_layers = -1};
    bl_error found = {0};
    bl_code code = read_small(bad->extra, NULL, &c, &found);
    CHECK_MSG(code == bad->code, "%s: code %d: %s", bad->extra, (int)code, found.message);
    CHECK_MSG(strncmp(found.message, "config.json: ", 13) == 0, "%s: %s", bad->extra,
              found.message);
    for (int k = 0; k < 3; k++)
      CHECK_MSG(!bad->words[k] || strstr(found.message, bad->words[k]), "%s: '%s' is not in: %s",
                bad->extra, bad->words[k], found.message);
    CHECK_MSG(c.n_layers == -1, "%s: the result was written", bad->extra);
  }
}

static void required_fields_are_named_when_missing(void) {
  for (int i = 0; i < N_SMALL; i++) {
    bl_config c;
    bl_error found = {0};
    char words[64];
    snprintf(words, sizeof words, "field '%s' is missing", small[i][0]);
    CHECK(read_small(NULL, small[i][0], &c, &found) == BL_ERR_INPUT);
    CHECK_MSG(strstr(found.message, words), "%s: %s", words, found.message);
  }
  bl_config c;
  bl_error found = {0};
  CHECK(read_json("[]", &c, &found) == BL_ERR_INPUT && strstr(found.message, "object"));
}

int main(void) {
  RUN(llama_3_2_is_read);
  RUN(qwen2_has_biases_on_q_k_and_v);
  RUN(qwen3_has_head_norms_and_nested_rope_parameters);
  RUN(windows_are_those_of_transformers);
  RUN(rotary_settings_are_found_where_transformers_finds_them);
  RUN(a_config_says_how_texts_are_divided_and_nothing_else_is_believed);
  RUN(optional_fields_have_the_libraries_defaults);
  RUN(flags_and_scalings_are_read);
  RUN(malformed_and_unsupported_configs_are_named);
  RUN(required_fields_are_named_when_missing);
  return check_result();
}
