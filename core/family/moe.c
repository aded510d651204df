/* Mixtral and Qwen3's models with experts: attention of their families, and in the place of the
 * feed-forward block several of them, the experts, of which a router chooses some for each token.
 * Names as transformers 5.24 saves them, an expert's matrices one by one, and as mlx_lm 0.32 and
 * llama.cpp have them, those of a layer's experts in one. Fields and defaults are transformers'. */
#include "family/rows.h"

static const bl_family_entry mixtral_entries[] = {
    {"embed_tokens", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.q_proj", "blk.#.attn_q", BL_Q, BL_NO_ROLE, BL_BY_Q, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.k_proj", "blk.#.attn_k", BL_K, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.v_proj", "blk.#.attn_v", BL_V, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.o_proj", "blk.#.attn_output", BL_O, BL_NO_ROLE, BL_BY_DIM, BL_BY_Q, 0, 0},
    {"layers.#.block_sparse_moe.gate", "blk.#.ffn_gate_inp", BL_ROUTER, BL_NO_ROLE, BL_BY_EXPERTS,
     BL_BY_DIM, 0, 0},
    {"layers.#.block_sparse_moe.experts.@.w1", "blk.#.ffn_gate_exps", BL_EXPERT_GATE, BL_NO_ROLE,
     BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"layers.#.block_sparse_moe.experts.@.w3", "blk.#.ffn_up_exps", BL_EXPERT_UP, BL_NO_ROLE,
     BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"layers.#.block_sparse_moe.experts.@.w2", "blk.#.ffn_down_exps", BL_EXPERT_DOWN, BL_NO_ROLE,
     BL_BY_DIM, BL_BY_FFN, 0, 0},
    {"layers.#.input_layernorm", "blk.#.attn_norm", BL_ATTN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM,
     0, 0},
    {"layers.#.post_attention_layernorm", "blk.#.ffn_norm", BL_FFN_NORM, BL_NO_ROLE, BL_BY_ONE,
     BL_BY_DIM, 0, 0},
    {"norm", "output_norm", BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM,
     BL_HEAD_LANGUAGE | BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

/* llama.cpp has one name for it and Llama. */
const bl_family bl_family_mixtral = {
    .name = "mixtral",
    .gguf = "llama",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .experts = {"num_local_experts", "num_experts_per_tok", 8, 2, NULL},
    .default_context = 131072,
    .needs_kv_heads = true,
    .default_rope_theta = 1000000,
    .has_window = true,
    .interleaved_rope = true,
    .block = BL_EXPERTS_BLOCK,
    .models = (const bl_model_class[]){{"MixtralForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .entries = mixtral_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};

static const bl_family_entry qwen3_entries[] = {
    {"embed_tokens", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.q_proj", "blk.#.attn_q", BL_Q, BL_NO_ROLE, BL_BY_Q, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.k_proj", "blk.#.attn_k", BL_K, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.v_proj", "blk.#.attn_v", BL_V, BL_NO_ROLE, BL_BY_KV, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.o_proj", "blk.#.attn_output", BL_O, BL_NO_ROLE, BL_BY_DIM, BL_BY_Q, 0, 0},
    {"layers.#.self_attn.q_norm", "blk.#.attn_q_norm", BL_Q_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_HEAD,
     0, 0},
    {"layers.#.self_attn.k_norm", "blk.#.attn_k_norm", BL_K_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_HEAD,
     0, 0},
    {"layers.#.mlp.gate", "blk.#.ffn_gate_inp", BL_ROUTER, BL_NO_ROLE, BL_BY_EXPERTS, BL_BY_DIM, 0,
     0},
    {"layers.#.mlp.experts.@.gate_proj", "blk.#.ffn_gate_exps", BL_EXPERT_GATE, BL_NO_ROLE,
     BL_BY_FFN, BL_BY_DIM, 0, 0},
    {"layers.#.mlp.experts.@.up_proj", "blk.#.ffn_up_exps", BL_EXPERT_UP, BL_NO_ROLE, BL_BY_FFN,
     BL_BY_DIM, 0, 0},
    {"layers.#.mlp.experts.@.down_proj", "blk.#.ffn_down_exps", BL_EXPERT_DOWN, BL_NO_ROLE,
     BL_BY_DIM, BL_BY_FFN, 0, 0},
    {"layers.#.input_layernorm", "blk.#.attn_norm", BL_ATTN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM,
     0, 0},
    {"layers.#.post_attention_layernorm", "blk.#.ffn_norm", BL_FFN_NORM, BL_NO_ROLE, BL_BY_ONE,
     BL_BY_DIM, 0, 0},
    {"norm", "output_norm", BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM,
     BL_HEAD_LANGUAGE | BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

const bl_family bl_family_qwen3_moe = {
    .name = "qwen3_moe",
    .gguf = "qwen3moe",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS_BUT("moe_intermediate_size", "hidden_act"),
    .experts = {"num_experts", "num_experts_per_tok", 128, 8, "norm_topk_prob"},
    .default_context = 32768,
    .default_head_dim = 128,
    .needs_kv_heads = true,
    .has_qk_norm = true,
    .router_at_8_bits = true,
    .block = BL_EXPERTS_BLOCK,
    .models = (const bl_model_class[]){{"Qwen3MoeForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .entries = qwen3_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};
