/* Llama, and the families whose block is Llama's apart from a few flags. Fields, defaults and what
 * they mean as in transformers 5.23 and mlx_lm 0.32; where the two have different defaults the
 * field is required. */
#include "family/rows.h"

const bl_family_entry bl_llama_entries[] = {
    {"embed_tokens", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.q_proj", "blk.#.attn_q", BL_Q, BL_Q_BIAS, BL_BY_Q, BL_BY_DIM, 0,
     BL_WITH_QKV_BIAS},
    {"layers.#.self_attn.k_proj", "blk.#.attn_k", BL_K, BL_K_BIAS, BL_BY_KV, BL_BY_DIM, 0,
     BL_WITH_QKV_BIAS},
    {"layers.#.self_attn.v_proj", "blk.#.attn_v", BL_V, BL_V_BIAS, BL_BY_KV, BL_BY_DIM, 0,
     BL_WITH_QKV_BIAS},
    {"layers.#.self_attn.o_proj", "blk.#.attn_output", BL_O, BL_O_BIAS, BL_BY_DIM, BL_BY_Q, 0,
     BL_WITH_O_BIAS},
    {"layers.#.self_attn.q_norm", "blk.#.attn_q_norm", BL_Q_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_HEAD,
     BL_WITH_QK_NORM, 0},
    {"layers.#.self_attn.k_norm", "blk.#.attn_k_norm", BL_K_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_HEAD,
     BL_WITH_QK_NORM, 0},
    {"layers.#.mlp.gate_proj", "blk.#.ffn_gate", BL_GATE, BL_GATE_BIAS, BL_BY_FFN, BL_BY_DIM, 0,
     BL_WITH_MLP_BIAS},
    {"layers.#.mlp.down_proj", "blk.#.ffn_down", BL_DOWN, BL_DOWN_BIAS, BL_BY_DIM, BL_BY_FFN, 0,
     BL_WITH_MLP_BIAS},
    {"layers.#.mlp.up_proj", "blk.#.ffn_up", BL_UP, BL_UP_BIAS, BL_BY_FFN, BL_BY_DIM, 0,
     BL_WITH_MLP_BIAS},
    {"layers.#.input_layernorm", "blk.#.attn_norm", BL_ATTN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM,
     0, 0},
    {"layers.#.post_attention_layernorm", "blk.#.ffn_norm", BL_FFN_NORM, BL_NO_ROLE, BL_BY_ONE,
     BL_BY_DIM, 0, 0},
    {"norm", "output_norm", BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

/* Rotary frequencies that can be computed. */
const char *const bl_llama_ignored[] = {"layers.#.self_attn.rotary_emb.inv_freq",
                                        "rotary_emb.inv_freq", NULL};
const char *const bl_llama_ignored_gguf[] = {"blk.#.attn_rot_embd.weight", NULL};

#define MODEL(class_name) ((const bl_model_class[]){{class_name, BL_HEAD_LANGUAGE}, {NULL, 0}})

const bl_family bl_family_llama = {
    .name = "llama",
    .gguf = "llama",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_context = 2048,
    .default_rope_theta = 10000,
    .interleaved_rope = true,
    .any_class = true,
    .block = BL_LLAMA_BLOCK,
    .models = MODEL("LlamaForCausalLM"),
    .entries = bl_llama_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};

/* llama.cpp has one name for it and Llama. */
const bl_family bl_family_mistral = {
    .name = "mistral",
    .gguf = "llama",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_context = 131072,
    .needs_kv_heads = true,
    .default_rope_theta = 10000,
    .has_window = true,
    .interleaved_rope = true,
    .any_class = true,
    .block = BL_LLAMA_BLOCK,
    .models = MODEL("MistralForCausalLM"),
    .entries = bl_llama_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};

const bl_family bl_family_qwen2 = {
    .name = "qwen2",
    .gguf = "qwen2",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_context = 32768,
    .needs_kv_heads = true,
    .has_qkv_bias = true,
    .any_class = true,
    .block = BL_LLAMA_BLOCK,
    .models = MODEL("Qwen2ForCausalLM"),
    .entries = bl_llama_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};

const bl_family bl_family_qwen3 = {
    .name = "qwen3",
    .gguf = "qwen3",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_context = 32768,
    .default_head_dim = 128,
    .needs_kv_heads = true,
    .has_qk_norm = true,
    .any_class = true,
    .block = BL_LLAMA_BLOCK,
    .models = MODEL("Qwen3ForCausalLM"),
    .entries = bl_llama_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};
