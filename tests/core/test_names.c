/* Tensors' names and shapes, against those that published models have. */
#include "check.h"
#include "model/names.h"

/* SmolLM2 135M and Llama 3.2 1B. */
static const bl_config smollm2 = {.family = &bl_family_llama,
                                  .head = BL_HEAD_LANGUAGE,
                                  .n_layers = 30,
                                  .dim = 576,
                                  .n_heads = 9,
                                  .n_kv_heads = 3,
                                  .head_dim = 64,
                                  .ffn_dim = 1536,
                                  .vocab_size = 49152,
                                  .tied_output = true};
static const bl_config llama32 = {.family = &bl_family_llama,
                                  .head = BL_HEAD_LANGUAGE,
                                  .n_layers = 16,
                                  .dim = 2048,
                                  .n_heads = 32,
                                  .n_kv_heads = 8,
                                  .head_dim = 64,
                                  .ffn_dim = 8192,
                                  .vocab_size = 128256,
                                  .tied_output = true};

static bool is_ignored(bl_container container, const char *name) {
  return bl_name_ignored(&bl_family_llama, container, name);
}

static void names_are_found_in_both_containers(void) {
  static const struct {
    const char *hf, *gguf;
    bl_role role;
    int layer;
  } names[] = {
      {"model.embed_tokens.weight", "token_embd.weight", BL_EMBED, -1},
      {"model.norm.weight", "output_norm.weight", BL_FINAL_NORM, -1},
      {"lm_head.weight", "output.weight", BL_OUTPUT, -1},
      {"model.layers.0.input_layernorm.weight", "blk.0.attn_norm.weight", BL_ATTN_NORM, 0},
      {"model.layers.7.self_attn.q_proj.weight", "blk.7.attn_q.weight", BL_Q, 7},
      {"model.layers.7.self_attn.k_proj.weight", "blk.7.attn_k.weight", BL_K, 7},
      {"model.layers.7.self_attn.v_proj.weight", "blk.7.attn_v.weight", BL_V, 7},
      {"model.layers.7.self_attn.o_proj.weight", "blk.7.attn_output.weight", BL_O, 7},
      {"model.layers.10.self_attn.q_proj.bias", "blk.10.attn_q.bias", BL_Q_BIAS, 10},
      {"model.layers.10.self_attn.k_proj.bias", "blk.10.attn_k.bias", BL_K_BIAS, 10},
      {"model.layers.10.self_attn.v_proj.bias", "blk.10.attn_v.bias", BL_V_BIAS, 10},
      {"model.layers.10.self_attn.o_proj.bias", "blk.10.attn_output.bias", BL_O_BIAS, 10},
      {"model.layers.127.self_attn.q_norm.weight", "blk.127.attn_q_norm.weight", BL_Q_NORM, 127},
      {"model.layers.127.self_attn.k_norm.weight", "blk.127.attn_k_norm.weight", BL_K_NORM, 127},
      {"model.layers.1.post_attention_layernorm.weight", "blk.1.ffn_norm.weight", BL_FFN_NORM, 1},
      {"model.layers.1.mlp.gate_proj.weight", "blk.1.ffn_gate.weight", BL_GATE, 1},
      {"model.layers.1.mlp.up_proj.weight", "blk.1.ffn_up.weight", BL_UP, 1},
      {"model.layers.1.mlp.down_proj.weight", "blk.1.ffn_down.weight", BL_DOWN, 1},
      {"model.layers.1.mlp.gate_proj.bias", "blk.1.ffn_gate.bias", BL_GATE_BIAS, 1},
      {"model.layers.1.mlp.up_proj.bias", "blk.1.ffn_up.bias", BL_UP_BIAS, 1},
      {"model.layers.1.mlp.down_proj.bias", "blk.1.ffn_down.bias", BL_DOWN_BIAS, 1},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    bl_family_place place;
    char text[96];
    CHECK(bl_find_name(&bl_family_llama, BL_SAFETENSORS, names[i].hf, &place));
    CHECK(place.role == names[i].role && place.layer == names[i].layer && !place.turned);
    CHECK(bl_find_name(&bl_family_llama, BL_GGUF, names[i].gguf, &place));
    CHECK(place.role == names[i].role && place.layer == names[i].layer);
    CHECK(!bl_find_name(&bl_family_llama, BL_GGUF, names[i].hf, &place));
    bl_role_name(&llama32, names[i].role, names[i].layer, text, sizeof text);
    CHECK(strcmp(text, names[i].hf) == 0);
    bl_role_gguf_name(&llama32, names[i].role, names[i].layer, text, sizeof text);
    CHECK(strcmp(text, names[i].gguf) == 0);
    CHECK(!is_ignored(BL_SAFETENSORS, names[i].hf) && !is_ignored(BL_GGUF, names[i].gguf));
  }
}

static void near_misses_are_no_names(void) {
  static const char *const hf[] = {
      "",
      "model.layers..self_attn.q_proj.weight",
      "model.layers.-1.self_attn.q_proj.weight",
      "model.layers.+1.self_attn.q_proj.weight",
      "model.layers.01.self_attn.q_proj.weight",
      "model.layers. 1.self_attn.q_proj.weight",
      "model.layers.1x.self_attn.q_proj.weight",
      "model.layers.1.self_attn.q_proj.weight2",
      "model.layers.1.self_attn.q_proj",
      "model.layers.1.self_attn.q_proj.scales",
      "model.layers.99999999999999999999.self_attn.q_proj.weight",
      "xmodel.norm.weight",
      "model.norm.weigh",
      "lm_head.weight.",
  };
  bl_family_place place;
  for (size_t i = 0; i < sizeof hf / sizeof *hf; i++)
    CHECK_MSG(!bl_find_name(&bl_family_llama, BL_SAFETENSORS, hf[i], &place), "%s", hf[i]);
  CHECK(!bl_find_name(&bl_family_llama, BL_GGUF, "blk.00.attn_q.weight", &place));
  CHECK(!bl_find_name(&bl_family_llama, BL_GGUF, "blk.1.attn_q.weight ", &place));
  CHECK(is_ignored(BL_SAFETENSORS, "model.layers.3.self_attn.rotary_emb.inv_freq"));
  CHECK(!is_ignored(BL_SAFETENSORS, "model.layers.x.self_attn.rotary_emb.inv_freq"));
  CHECK(is_ignored(BL_GGUF, "blk.3.attn_rot_embd.weight"));
  CHECK(!is_ignored(BL_GGUF, "model.layers.3.self_attn.rotary_emb.inv_freq"));
  CHECK(!is_ignored(BL_GGUF, "rope_freqs.weight")); /* its factors change the model */
}

/* The parameters of models whose size their authors state add up. */
static void shapes_add_up_to_the_published_number_of_parameters(void) {
  const bl_config *configs[] = {&smollm2, &llama32};
  static const int64_t published[] = {134515008, 1235814400};
  for (int k = 0; k < 2; k++) {
    int64_t total = 0, rows, cols;
    for (int r = 0; r < BL_N_ROLES; r++)
      if (bl_role_shape(configs[k], (bl_role)r, &rows, &cols))
        total += rows * cols * (bl_role_in_layers((bl_role)r) ? configs[k]->n_layers : 1);
    CHECK_MSG(total == published[k], "%lld", (long long)total);
  }
}

static void flags_decide_which_tensors_there_are(void) {
  bl_config c = llama32;
  int64_t rows, cols;
  CHECK(!bl_role_shape(&c, BL_OUTPUT, &rows, &cols) && !bl_role_shape(&c, BL_Q_BIAS, &rows, &cols));
  CHECK(!bl_role_shape(&c, BL_Q_NORM, &rows, &cols) &&
        !bl_role_shape(&c, BL_UP_BIAS, &rows, &cols));
  c.tied_output = false;
  c.qkv_bias = c.o_bias = c.mlp_bias = c.qk_norm = true;
  CHECK(bl_role_shape(&c, BL_OUTPUT, &rows, &cols) && rows == 128256 && cols == 2048);
  CHECK(bl_role_shape(&c, BL_Q_BIAS, &rows, &cols) && rows == 1 && cols == 2048);
  CHECK(bl_role_shape(&c, BL_V_BIAS, &rows, &cols) && rows == 1 && cols == 512);
  CHECK(bl_role_shape(&c, BL_O_BIAS, &rows, &cols) && rows == 1 && cols == 2048);
  CHECK(bl_role_shape(&c, BL_UP_BIAS, &rows, &cols) && rows == 1 && cols == 8192);
  CHECK(bl_role_shape(&c, BL_K_NORM, &rows, &cols) && rows == 1 && cols == 64);
  CHECK(bl_role_shape(&c, BL_K, &rows, &cols) && rows == 512 && cols == 2048);
  CHECK(bl_role_shape(&c, BL_DOWN, &rows, &cols) && rows == 2048 && cols == 8192);
}

static void recipes_apply_to_matrices_only(void) {
  static const bool quantizable[BL_N_ROLES] = {
      [BL_EMBED] = true, [BL_OUTPUT] = true, [BL_Q] = true,  [BL_K] = true,   [BL_V] = true,
      [BL_O] = true,     [BL_GATE] = true,   [BL_UP] = true, [BL_DOWN] = true};
  for (int r = 0; r < BL_N_ROLES; r++)
    if (bl_family_entry_of(&bl_family_llama, BL_HEAD_LANGUAGE, (bl_role)r))
      CHECK(bl_role_quantizable((bl_role)r) == quantizable[r]);
}

int main(void) {
  RUN(names_are_found_in_both_containers);
  RUN(near_misses_are_no_names);
  RUN(shapes_add_up_to_the_published_number_of_parameters);
  RUN(flags_decide_which_tensors_there_are);
  RUN(recipes_apply_to_matrices_only);
  return check_result();
}
