/* Phi-3, 3.5 and Phi-4-mini: Llama's block with query, key and value in one matrix, and gate and up
 * in another; a part of each head may be turned only. Fields and defaults as in transformers 5.23.
 */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"embed_tokens", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"layers.#.self_attn.qkv_proj", "blk.#.attn_qkv", BL_QKV, BL_NO_ROLE, BL_BY_QKV, BL_BY_DIM, 0,
     0},
    {"layers.#.self_attn.o_proj", "blk.#.attn_output", BL_O, BL_NO_ROLE, BL_BY_DIM, BL_BY_Q, 0, 0},
    {"layers.#.mlp.gate_up_proj", "blk.#.ffn_up", BL_GATE_UP, BL_NO_ROLE, BL_BY_GATE_UP, BL_BY_DIM,
     0, 0},
    {"layers.#.mlp.down_proj", "blk.#.ffn_down", BL_DOWN, BL_NO_ROLE, BL_BY_DIM, BL_BY_FFN, 0, 0},
    {"layers.#.input_layernorm", "blk.#.attn_norm", BL_ATTN_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM,
     0, 0},
    {"layers.#.post_attention_layernorm", "blk.#.ffn_norm", BL_FFN_NORM, BL_NO_ROLE, BL_BY_ONE,
     BL_BY_DIM, 0, 0},
    {"norm", "output_norm", BL_FINAL_NORM, BL_NO_ROLE, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

/* Rotary frequencies that can be computed. */
static const char *const ignored[] = {"layers.#.self_attn.rotary_emb.inv_freq", NULL};

const bl_family bl_family_phi3 = {
    .name = "phi3",
    .gguf = "phi3",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_rope_theta = 10000,
    .any_class = true,
    .has_window = true,
    .has_partial_rope = true,
    .block = BL_LLAMA_BLOCK,
    .models = (const bl_model_class[]){{"Phi3ForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .entries = entries,
    .ignored = ignored,
};
