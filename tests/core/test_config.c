/* config.json and GGUF metadata, read into the numbers that the transformer runs by. */
#include <time.h>

#include "base/json.h"
#include "check.h"
#include "model/config.h"
#include "text/tokenizer.h"

/* ---- config.json --------------------------------------------------------------------------- */

static bl_code read_json(const char *text, bl_config *config, bl_error *error) {
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

/* ---- variations of a small config ---------------------------------------------------------- */

/* The least that a Llama config must have. */
static const char *const small[][2] = {
    {"model_type", "\"llama\""},  {"hidden_size", "64"},       {"num_hidden_layers", "2"},
    {"num_attention_heads", "4"}, {"intermediate_size", "96"}, {"vocab_size", "100"},
    {"rms_norm_eps", "1e-5"},
};
enum { N_SMALL = sizeof small / sizeof *small };

/* The small config with `extra` (members, or NULL) added and the member `without` left out; a key
 * in `extra` stands for the small config's own. */
static bl_code read_small(const char *extra, const char *without, bl_config *config,
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
  CHECK_OK(read_small("\"partial_rotary_factor\":1.0,\"rope_traditional\":false", NULL, &c, error));
}

#define QUANT "\"quantization\":{\"group_size\":64,\"bits\":4"
static const struct bad {
  const char *extra; /* members put in the place of the small config's */
  bl_code code;
  const char *words[3];
} bad_configs[] = {
    {"\"model_type\":\"gpt2\"", BL_ERR_UNSUPPORTED, {"'model_type'", "'gpt2'", "qwen3"}},
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
    {"\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4}",
     BL_ERR_UNSUPPORTED,
     {"rope_scaling", "'yarn'", "default, linear or llama3"}},
    {"\"rope_scaling\":{\"rope_type\":\"dynamic\",\"factor\":4}",
     BL_ERR_UNSUPPORTED,
     {"'dynamic'"}},
    {"\"rope_parameters\":{\"rope_type\":\"longrope\"}",
     BL_ERR_UNSUPPORTED,
     {"rope_parameters", "'longrope'"}},
    {"\"rope_scaling\":{\"type\":\"linear\"}",
     BL_ERR_INPUT,
     {"rope_scaling", "'factor' is missing"}},
    {"\"rope_scaling\":{\"type\":\"linear\",\"factor\":1e-9}", BL_ERR_INPUT, {"'factor' is 1e-09"}},
    {"\"rope_scaling\":{\"type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,"
     "\"high_freq_factor\":4}",
     BL_ERR_INPUT,
     {"'original_max_position_embeddings' is missing"}},
    {"\"rope_scaling\":{\"type\":\"llama3\",\"factor\":8,\"low_freq_factor\":4,"
     "\"high_freq_factor\":4,\"original_max_position_embeddings\":8192}",
     BL_ERR_INPUT,
     {"'high_freq_factor' is 4", "low_freq_factor (4)"}},
    {"\"model_type\":\"mistral\",\"num_key_value_heads\":2,\"sliding_window\":1024,"
     "\"max_position_embeddings\":4096",
     BL_ERR_UNSUPPORTED,
     {"'sliding_window' is 1024", "(4096)"}},
    {"\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"rope_theta\":1e6,"
     "\"use_sliding_window\":true,\"sliding_window\":1024",
     BL_ERR_UNSUPPORTED,
     {"'sliding_window' is 1024", "(32768)"}},
    {"\"layer_types\":[\"full_attention\",\"sliding_attention\"]",
     BL_ERR_UNSUPPORTED,
     {"'layer_types'", "'sliding_attention'"}},
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

/* ---- MLX quantization ---------------------------------------------------------------------- */

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

/* ---- GGUF ---------------------------------------------------------------------------------- */

/* Metadata as SmolLM2 135M has it, with one entry replaced or left out, and extra entries. */
static bl_code read_gguf(const bl_meta *change, const char *without, const char *const *tensors,
                         bl_config *config, bl_error *error) {
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
      {TEXT("general.architecture", "gemma3"), BL_ERR_UNSUPPORTED, {"'gemma3'", "llama, qwen2"}},
      {INT("general.architecture", 3), BL_ERR_INPUT, {"a whole number", "a string"}},
      {INT("llama.expert_count", 8), BL_ERR_UNSUPPORTED, {"'llama.expert_count' is 8", "0"}},
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

static void gguf_models_that_can_be_converted_only_say_why(void) {
  static const struct {
    bl_meta change;
    const char *words[2];
  } cases[] = {
      {INT("llama.attention.sliding_window", 4096),
       {"m.gguf: metadata 'llama.attention.sliding_window' is 4096", "8192"}},
      {TEXT("llama.rope.scaling.type", "yarn"), {"m.gguf: ", "is 'yarn'"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_config c;
    CHECK_OK(read_gguf(&cases[i].change, NULL, NULL, &c, error));
    for (int k = 0; k < 2; k++)
      CHECK_MSG(strstr(c.cannot_run, cases[i].words[k]), "'%s' is not in: %s", cases[i].words[k],
                c.cannot_run);
  }
}

/* ---- back to config.json ------------------------------------------------------------------- */

static void a_written_config_reads_back_the_same(void) {
  bl_config from_gguf = {0}, again = {0};
  CHECK_OK(read_gguf(NULL, NULL, NULL, &from_gguf, error));
  cJSON *json = NULL;
  CHECK_OK(bl_config_to_json(&from_gguf, NULL, &json, error));
  CHECK_OK(bl_config_from_json("config.json", json, &again, error));
  CHECK(again.norm_eps == 1e-5); /* the decimal number, not the float32 nearest to it */
  CHECK(!again.interleaved_rope);
  const cJSON *dtype = bl_json_member(json, "torch_dtype");
  CHECK(dtype && strcmp(dtype->valuestring, "float16") == 0);
  again.norm_eps = from_gguf.norm_eps;
  again.interleaved_rope = true;
  CHECK(memcmp(&again, &from_gguf, sizeof again) == 0);
  const cJSON *classes = bl_json_member(json, "architectures");
  CHECK(classes && strcmp(cJSON_GetArrayItem(classes, 0)->valuestring, "LlamaForCausalLM") == 0);
  cJSON_Delete(json);

  bl_config llama3 = {0};
  CHECK_OK(read_json(llama32, &llama3, error));
  CHECK_OK(bl_config_to_json(&llama3, NULL, &json, error));
  CHECK_OK(bl_config_from_json("config.json", json, &again, error));
  CHECK(memcmp(&again, &llama3, sizeof again) == 0);
  cJSON_Delete(json);
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

static void a_written_config_names_its_class_and_scaling(void) {
  static const char *const classes[][2] = {{"llama", "LlamaForCausalLM"},
                                           {"mistral", "MistralForCausalLM"},
                                           {"qwen2", "Qwen2ForCausalLM"},
                                           {"qwen3", "Qwen3ForCausalLM"}};
  for (int i = 0; i < 4; i++) {
    char extra[256];
    bl_config c = {0}, again = {0};
    snprintf(extra, sizeof extra,
             "\"model_type\":\"%s\",\"num_key_value_heads\":2,\"rope_theta\":1000000.1,"
             "\"rope_scaling\":{\"type\":\"linear\",\"factor\":2.5}",
             classes[i][0]);
    CHECK_OK(read_small(extra, NULL, &c, error));
    cJSON *json = NULL;
    CHECK_OK(bl_config_to_json(&c, NULL, &json, error));
    const cJSON *class = bl_json_member(json, "architectures")->child;
    CHECK(strcmp(class->valuestring, classes[i][1]) == 0);
    CHECK_OK(bl_config_from_json("config.json", json, &again, error));
    CHECK(again.rope_scaling == BL_ROPE_LINEAR && again.rope_factor == 2.5);
    CHECK(again.rope_theta == 1000000.1); /* which float32 does not have */
    CHECK(again.qkv_bias == c.qkv_bias && again.qk_norm == c.qk_norm);
    cJSON_Delete(json);
  }
}

static void a_written_config_has_the_tokenizers_ends(void) {
  static const char text[] =
      "{\"version\":\"1.0\",\"added_tokens\":["
      "{\"id\":2,\"content\":\"<s>\",\"special\":true},"
      "{\"id\":3,\"content\":\"<e>\",\"special\":true}],"
      "\"post_processor\":{\"type\":\"TemplateProcessing\","
      "\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}},"
      "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[],"
      "\"special_tokens\":{\"<s>\":{\"id\":\"<s>\",\"ids\":[2],\"tokens\":[\"<s>\"]}}},"
      "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"b\":1,\"<s>\":2,\"<e>\":3},"
      "\"merges\":[]}}";
  static const char settings[] = "{\"eos_token\":\"<e>\"}";
  bl_config c = {0};
  bl_tokenizer *tokenizer = NULL;
  CHECK_OK(read_small(NULL, NULL, &c, error));
  CHECK_OK(bl_tokenizer_from_json(text, strlen(text), settings, strlen(settings), NULL, 0,
                                  &tokenizer, error));
  if (!tokenizer) return;
  cJSON *json = NULL;
  CHECK_OK(bl_config_to_json(&c, tokenizer, &json, error));
  CHECK(cJSON_GetNumberValue(bl_json_member(json, "bos_token_id")) == 2);
  CHECK(cJSON_GetNumberValue(bl_json_member(json, "eos_token_id")) == 3);
  cJSON_Delete(json);

  bl_tokenizer_add_end(tokenizer, 1);
  CHECK_OK(bl_config_to_json(&c, tokenizer, &json, error));
  const cJSON *ends = bl_json_member(json, "eos_token_id");
  CHECK(cJSON_GetArraySize(ends) == 2);
  CHECK(cJSON_GetArrayItem(ends, 0)->valueint == 1 && cJSON_GetArrayItem(ends, 1)->valueint == 3);
  cJSON_Delete(json);
  bl_tokenizer_free(tokenizer);
}

int main(void) {
  RUN(llama_3_2_is_read);
  RUN(qwen2_has_biases_on_q_k_and_v);
  RUN(qwen3_has_head_norms_and_nested_rope_parameters);
  RUN(rotary_settings_are_found_where_transformers_finds_them);
  RUN(a_config_says_how_texts_are_divided_and_nothing_else_is_believed);
  RUN(optional_fields_have_the_libraries_defaults);
  RUN(flags_and_scalings_are_read);
  RUN(malformed_and_unsupported_configs_are_named);
  RUN(required_fields_are_named_when_missing);
  RUN(mlx_layers_have_their_own_settings);
  RUN(a_hundred_thousand_mlx_layers_are_found_at_once);
  RUN(gguf_metadata_of_smollm2_is_read);
  RUN(gguf_tensors_tell_what_metadata_does_not);
  RUN(gguf_defaults_are_those_of_llama_cpp);
  RUN(qwen_files_keep_their_rotary_order);
  RUN(a_value_for_each_layer_is_one_value_where_all_are_equal);
  RUN(gguf_models_that_differ_are_refused);
  RUN(gguf_models_that_can_be_converted_only_say_why);
  RUN(linear_scaling_in_gguf_may_be_off);
  RUN(a_written_config_reads_back_the_same);
  RUN(a_written_config_names_its_class_and_scaling);
  RUN(a_written_config_has_the_tokenizers_ends);
  return check_result();
}
