/* config.json written for a model: it reads back the same, and says what readers look for. */
#include "config_texts.h"
#include "text/tokenizer.h"

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

/* As of GGUF, which has the number itself where config.json has a share of the head. */
static void a_written_config_turns_as_much_of_a_head(void) {
  int n_wrong = 0;
  bl_config c = {0};
  CHECK_OK(
      read_small("\"model_type\":\"phi3\",\"rope_theta\":10000,\"num_key_value_heads\":2,"
                 "\"max_position_embeddings\":128",
                 NULL, &c, error));
  for (c.head_dim = 4; c.head_dim <= 256; c.head_dim += 2) {
    c.dim = c.head_dim * c.n_heads;
    for (c.rope_dim = 2; c.rope_dim < c.head_dim; c.rope_dim += 2) {
      bl_config again = {0};
      cJSON *json = NULL;
      CHECK_OK(bl_config_to_json(&c, NULL, &json, error));
      CHECK_OK(bl_config_from_json("config.json", json, &again, error));
      n_wrong += again.rope_dim != c.rope_dim;
      cJSON_Delete(json);
    }
  }
  CHECK_MSG(n_wrong == 0, "%d are turned otherwise", n_wrong);
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
  RUN(a_written_config_reads_back_the_same);
  RUN(a_written_config_names_its_class_and_scaling);
  RUN(a_written_config_turns_as_much_of_a_head);
  RUN(a_written_config_has_the_tokenizers_ends);
  return check_result();
}
