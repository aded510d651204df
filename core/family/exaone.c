/* EXAONE 3 and 3.5 of LG AI Research: Llama's block under other names. Fields and defaults as in
 * mlx_lm 0.32. */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"wte", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"h.#.ln_1", "blk.#.attn_norm", BL_ATTN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"h.#.attn.attention.q_proj", "blk.#.attn_q", BL_Q, BL_Q_BIAS, BL_BY_Q, BL_BY_DIM, 0,
     BL_WITH_QKV_BIAS},
    {"h.#.attn.attention.k_proj", "blk.#.attn_k", BL_K, BL_K_BIAS, BL_BY_KV, BL_BY_DIM, 0,
     BL_WITH_QKV_BIAS},
    {"h.#.attn.attention.v_proj", "blk.#.attn_v", BL_V, BL_V_BIAS, BL_BY_KV, BL_BY_DIM, 0,
     BL_WITH_QKV_BIAS},
    {"h.#.attn.attention.out_proj", "blk.#.attn_output", BL_O, BL_O_BIAS, BL_BY_DIM, BL_BY_Q, 0,
     BL_WITH_O_BIAS},
    {"h.#.ln_2", "blk.#.ffn_norm", BL_FFN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"h.#.mlp.c_fc_0", "blk.#.ffn_gate", BL_GATE, BL_GATE_BIAS, BL_BY_FFN, BL_BY_DIM, 0,
     BL_WITH_MLP_BIAS},
    {"h.#.mlp.c_fc_1", "blk.#.ffn_up", BL_UP, BL_UP_BIAS, BL_BY_FFN, BL_BY_DIM, 0,
     BL_WITH_MLP_BIAS},
    {"h.#.mlp.c_proj", "blk.#.ffn_down", BL_DOWN, BL_DOWN_BIAS, BL_BY_DIM, BL_BY_FFN, 0,
     BL_WITH_MLP_BIAS},
    {"ln_f", "output_norm", BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

/* Rotary frequencies that can be computed. */
static const char *const ignored[] = {"h.#.attn.attention.rotary.inv_freq", NULL};

const bl_family bl_family_exaone = {
    .name = "exaone",
    .gguf = "exaone",
    .prefix = "transformer.",
    .fields = {.dim = "hidden_size",
               .n_layers = "num_layers",
               .n_heads = "num_attention_heads",
               .n_kv_heads = "num_key_value_heads",
               .head_dim = "head_dim",
               .ffn_dim = "intermediate_size",
               .max_context = "max_position_embeddings",
               .norm_eps = "layer_norm_epsilon",
               .activation = "activation_function"},
    .default_context = 2048,
    .needs_kv_heads = true,
    .any_class = true,
    .is_tied = true,
    .block = BL_LLAMA_BLOCK,
    .models = (const bl_model_class[]){{"ExaoneForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .entries = entries,
    .ignored = ignored,
};
