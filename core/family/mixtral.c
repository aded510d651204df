/* Mixtral: Mistral's attention, and experts in the place of its feed-forward block. Names as
 * transformers 5.23 saves them. */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"embed_tokens", NULL, BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"layers.#.input_layernorm", NULL, BL_ATTN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.q_proj", NULL, BL_Q, BL_NO_ROLE, BL_BY_Q, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.k_proj", NULL, BL_K, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.v_proj", NULL, BL_V, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.o_proj", NULL, BL_O, BL_NO_ROLE, BL_BY_DIM, BL_BY_Q, 0, 0},
    {"layers.#.post_attention_layernorm", NULL, BL_FFN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0,
     0},
    {"layers.#.block_sparse_moe.gate", NULL, BL_ROUTER, BL_NO_ROLE, BL_BY_EXPERTS, BL_BY_DIM, 0, 0},
    {"layers.#.block_sparse_moe.experts.@.w1", NULL, BL_EXPERT_GATE, BL_NO_ROLE, BL_BY_FFN,
     BL_BY_DIM, 0, 0},
    {"layers.#.block_sparse_moe.experts.@.w2", NULL, BL_EXPERT_DOWN, BL_NO_ROLE, BL_BY_DIM,
     BL_BY_FFN, 0, 0},
    {"layers.#.block_sparse_moe.experts.@.w3", NULL, BL_EXPERT_UP, BL_NO_ROLE, BL_BY_FFN, BL_BY_DIM,
     0, 0},
    {"norm", NULL, BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", NULL, BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM,
     BL_HEAD_LANGUAGE | BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

const bl_family bl_family_mixtral = {
    .name = "mixtral",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_rope_theta = 10000,
    .block = BL_LLAMA_BLOCK,
    .models = (const bl_model_class[]){{"MixtralForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .entries = entries,
};
