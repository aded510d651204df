/* Tensors by role: their names at Hugging Face and in GGUF, and the shapes that a config gives
 * them. */
#include "model/names.h"

#include <stdio.h>
#include <string.h>

/* A role's name in each container; '#' stands for the layer's number. */
static const struct {
  const char *hf, *gguf;
} names[BL_N_ROLES] = {
    [BL_EMBED] = {"model.embed_tokens.weight", "token_embd.weight"},
    [BL_FINAL_NORM] = {"model.norm.weight", "output_norm.weight"},
    [BL_OUTPUT] = {"lm_head.weight", "output.weight"},
    [BL_ATTN_NORM] = {"model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"},
    [BL_Q] = {"model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight"},
    [BL_K] = {"model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight"},
    [BL_V] = {"model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight"},
    [BL_O] = {"model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"},
    [BL_Q_BIAS] = {"model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias"},
    [BL_K_BIAS] = {"model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias"},
    [BL_V_BIAS] = {"model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias"},
    [BL_O_BIAS] = {"model.layers.#.self_attn.o_proj.bias", "blk.#.attn_output.bias"},
    [BL_Q_NORM] = {"model.layers.#.self_attn.q_norm.weight", "blk.#.attn_q_norm.weight"},
    [BL_K_NORM] = {"model.layers.#.self_attn.k_norm.weight", "blk.#.attn_k_norm.weight"},
    [BL_FFN_NORM] = {"model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight"},
    [BL_GATE] = {"model.layers.#.mlp.gate_proj.weight", "blk.#.ffn_gate.weight"},
    [BL_UP] = {"model.layers.#.mlp.up_proj.weight", "blk.#.ffn_up.weight"},
    [BL_DOWN] = {"model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"},
    [BL_GATE_BIAS] = {"model.layers.#.mlp.gate_proj.bias", "blk.#.ffn_gate.bias"},
    [BL_UP_BIAS] = {"model.layers.#.mlp.up_proj.bias", "blk.#.ffn_up.bias"},
    [BL_DOWN_BIAS] = {"model.layers.#.mlp.down_proj.bias", "blk.#.ffn_down.bias"},
};

/* Does `name` read like `pattern`, with a number in the place of '#'? The number is written as
 * programs write it, without a sign or leading zeros, and has at most 6 digits. *layer is -1 for a
 * pattern without one. */
static bool matches(const char *pattern, const char *name, int *layer) {
  *layer = -1;
  for (; *pattern; pattern++) {
    if (*pattern != '#') {
      if (*name++ != *pattern) return false;
      continue;
    }
    int n_digits = 0, number = 0;
    for (; *name >= '0' && *name <= '9' && n_digits < 6; n_digits++)
      number = number * 10 + (*name++ - '0');
    if (n_digits == 0 || (n_digits > 1 && name[-n_digits] == '0')) return false;
    *layer = number;
  }
  return *name == '\0';
}

bool bl_role_from_name(bl_container container, const char *name, bl_role *role, int *layer) {
  for (int r = 0; r < BL_N_ROLES; r++) {
    int number;
    if (!matches(container == BL_GGUF ? names[r].gguf : names[r].hf, name, &number)) continue;
    *role = (bl_role)r;
    *layer = number;
    return true;
  }
  return false;
}

bool bl_name_ignored(bl_container container, const char *name) {
  int layer;
  if (container == BL_GGUF) return matches("blk.#.attn_rot_embd.weight", name, &layer);
  return matches("model.layers.#.self_attn.rotary_emb.inv_freq", name, &layer) ||
         matches("model.rotary_emb.inv_freq", name, &layer);
}

/* Puts the layer's number into a pattern. */
static void print_name(const char *pattern, int layer, char *name, size_t name_size) {
  const char *mark = strchr(pattern, '#');
  if (!mark) {
    snprintf(name, name_size, "%s", pattern);
    return;
  }
  snprintf(name, name_size, "%.*s%d%s", (int)(mark - pattern), pattern, layer, mark + 1);
}

void bl_role_name(bl_role role, int layer, char *name, size_t name_size) {
  print_name(names[role].hf, layer, name, name_size);
}

void bl_role_gguf_name(bl_role role, int layer, char *name, size_t name_size) {
  print_name(names[role].gguf, layer, name, name_size);
}

bool bl_role_shape(const bl_config *config, bl_role role, int64_t *n_rows, int64_t *n_cols) {
  int64_t dim = config->dim, ffn = config->ffn_dim, head = config->head_dim;
  int64_t q = config->n_heads * head, kv = config->n_kv_heads * head;
  bool qkv_bias = config->qkv_bias, mlp_bias = config->mlp_bias, qk_norm = config->qk_norm;
  const struct {
    bool present;
    int64_t n_rows, n_cols;
  } shapes[BL_N_ROLES] = {
      [BL_EMBED] = {true, config->vocab_size, dim},
      [BL_FINAL_NORM] = {true, 1, dim},
      [BL_OUTPUT] = {!config->tied_output, config->vocab_size, dim},
      [BL_ATTN_NORM] = {true, 1, dim},
      [BL_Q] = {true, q, dim},
      [BL_K] = {true, kv, dim},
      [BL_V] = {true, kv, dim},
      [BL_O] = {true, dim, q},
      [BL_Q_BIAS] = {qkv_bias, 1, q},
      [BL_K_BIAS] = {qkv_bias, 1, kv},
      [BL_V_BIAS] = {qkv_bias, 1, kv},
      [BL_O_BIAS] = {config->o_bias, 1, dim},
      [BL_Q_NORM] = {qk_norm, 1, head},
      [BL_K_NORM] = {qk_norm, 1, head},
      [BL_FFN_NORM] = {true, 1, dim},
      [BL_GATE] = {true, ffn, dim},
      [BL_UP] = {true, ffn, dim},
      [BL_DOWN] = {true, dim, ffn},
      [BL_GATE_BIAS] = {mlp_bias, 1, ffn},
      [BL_UP_BIAS] = {mlp_bias, 1, ffn},
      [BL_DOWN_BIAS] = {mlp_bias, 1, dim},
  };
  *n_rows = shapes[role].n_rows;
  *n_cols = shapes[role].n_cols;
  return shapes[role].present;
}

bool bl_role_quantizable(bl_role role) {
  switch (role) {
    case BL_EMBED:
    case BL_OUTPUT:
    case BL_Q:
    case BL_K:
    case BL_V:
    case BL_O:
    case BL_GATE:
    case BL_UP:
    case BL_DOWN:
      return true;
    default:
      return false;
  }
}
