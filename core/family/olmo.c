/* OLMo 2: Llama's block with norms of what its parts give in the place of what they read, and of
 * query and key over all heads together. Fields and defaults as in transformers 5.23. */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"embed_tokens", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.q_proj", "blk.#.attn_q", BL_Q, BL_NO_ROLE, BL_BY_Q, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.k_proj", "blk.#.attn_k", BL_K, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.v_proj", "blk.#.attn_v", BL_V, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.o_proj", "blk.#.attn_output", BL_O, BL_NO_ROLE, BL_BY_DIM, BL_BY_Q, 0, 0},
    {"layers.#.self_attn.q_norm", "blk.#.attn_q_norm", BL_Q_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_Q, 0,
     0},
    {"layers.#.self_attn.k_norm", "blk.#.attn_k_norm", BL_K_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_KV,
     0, 0},
    {"layers.#.mlp.gate_proj", "blk.#.ffn_gate", BL_GATE, BL_NO_ROLE, BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"layers.#.mlp.down_proj", "blk.#.ffn_down", BL_DOWN, BL_NO_ROLE, BL_BY_DIM, BL_BY_FFN, 0, 0},
    {"layers.#.mlp.up_proj", "blk.#.ffn_up", BL_UP, BL_NO_ROLE, BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"layers.#.post_attention_layernorm", "blk.#.post_attention_norm", BL_ATTN_AFTER, BL_NO_ROLE,
     BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"layers.#.post_feedforward_layernorm", "blk.#.post_ffw_norm", BL_FFN_AFTER, BL_NO_ROLE,
     BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"norm", "output_norm", BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

static const bl_expected_field expected[] = {{"attention_bias", false}, {NULL, false}};

const bl_family bl_family_olmo2 = {
    .name = "olmo2",
    .gguf = "olmo2",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_rope_theta = 10000,
    .any_class = true,
    .block = {.norm = BL_NORM_RMS,
              .has_rope = true,
              .is_gated = true,
              .joins_heads = true,
              .activation = BL_SILU},
    .models = (const bl_model_class[]){{"Olmo2ForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .expected = expected,
    .entries = entries,
};
