/* Gemma 2, and Gemma 3's language model: of two layers one looks back over a window, and of six
 * five, which have rotary positions of their own. Gemma 2 holds scores and logits within bounds.
 * Fields and defaults as in transformers 5.23 and mlx_lm 0.32, and required where the two have
 * different ones. */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"embed_tokens", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.q_proj", "blk.#.attn_q", BL_Q, BL_NO_ROLE, BL_BY_Q, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.k_proj", "blk.#.attn_k", BL_K, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.v_proj", "blk.#.attn_v", BL_V, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.o_proj", "blk.#.attn_output", BL_O, BL_NO_ROLE, BL_BY_DIM, BL_BY_Q, 0, 0},
    {"layers.#.self_attn.q_norm", "blk.#.attn_q_norm", BL_Q_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_HEAD,
     BL_WITH_QK_NORM, 0},
    {"layers.#.self_attn.k_norm", "blk.#.attn_k_norm", BL_K_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_HEAD,
     BL_WITH_QK_NORM, 0},
    {"layers.#.mlp.gate_proj", "blk.#.ffn_gate", BL_GATE, BL_NO_ROLE, BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"layers.#.mlp.down_proj", "blk.#.ffn_down", BL_DOWN, BL_NO_ROLE, BL_BY_DIM, BL_BY_FFN, 0, 0},
    {"layers.#.mlp.up_proj", "blk.#.ffn_up", BL_UP, BL_NO_ROLE, BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"layers.#.input_layernorm", "blk.#.attn_norm", BL_ATTN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM,
     0, 0},
    {"layers.#.post_attention_layernorm", "blk.#.post_attention_norm", BL_ATTN_AFTER, BL_NO_ROLE,
     BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"layers.#.pre_feedforward_layernorm", "blk.#.ffn_norm", BL_FFN_NORM, BL_NO_ROLE, BL_BY_ONE,
     BL_BY_DIM, 0, 0},
    {"layers.#.post_feedforward_layernorm", "blk.#.post_ffw_norm", BL_FFN_AFTER, BL_NO_ROLE,
     BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"norm", "output_norm", BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

static const bl_expected_field expected[] = {
    {"attention_bias", false},
    {"use_bidirectional_attention", false},
    {NULL, false},
};

#define GEMMA_FIELDS BL_LLAMA_FIELDS_BUT("intermediate_size", "hidden_activation")
#define GEMMA_BLOCK               \
  {                               \
      .norm = BL_NORM_RMS,        \
      .has_rope = true,           \
      .is_gated = true,           \
      .adds_one = true,           \
      .scales_embedding = true,   \
      .activation = BL_GELU_TANH, \
  }

const bl_family bl_family_gemma2 = {
    .name = "gemma2",
    .gguf = "gemma2",
    .prefix = "model.",
    .fields = GEMMA_FIELDS,
    .default_head_dim = 256,
    .default_context = 8192,
    .needs_kv_heads = true,
    .default_rope_theta = 10000,
    .default_norm_eps = 1e-6,
    .any_class = true,
    .is_tied = true,
    .has_window = true,
    .window_pattern = 2,
    .default_query_scale = 256,
    .default_attention_cap = 50,
    .default_logits_cap = 30,
    .wide_layers = 46,
    .block = GEMMA_BLOCK,
    .models = (const bl_model_class[]){{"Gemma2ForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .expected = expected,
    .entries = entries,
};

const bl_family bl_family_gemma3 = {
    .name = "gemma3_text",
    .gguf = "gemma3",
    .prefix = "model.",
    .is_part = true,
    .fields = GEMMA_FIELDS,
    .default_head_dim = 256,
    .needs_kv_heads = true,
    .default_rope_theta = 1e6,
    .default_norm_eps = 1e-6,
    .any_class = true,
    .is_tied = true,
    .has_qk_norm = true,
    .has_window = true,
    .window_pattern = 6,
    .default_local_theta = 10000,
    .default_query_scale = 256,
    .wide_layers = 62,
    .block = GEMMA_BLOCK,
    .models = (const bl_model_class[]){{"Gemma3ForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .expected = expected,
    .entries = entries,
};
