/* GPT-2. Its matrices are Conv1D's, (in, out), on Hugging Face, and (out, in) in an MLX directory
 * and in GGUF; query, key and value are one matrix. */
#include "family/rows.h"

static const bl_family_entry entries[] = {
    {"wte", "token_embd", BL_EMBED, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM, 0, 0},
    {"wpe", "position_embd", BL_POSITIONS, BL_NO_ROLE, BL_BY_CONTEXT, BL_BY_DIM, 0, 0},
    {"h.#.attn.c_attn", "blk.#.attn_qkv", BL_QKV, BL_QKV_BIAS, BL_BY_QKV, BL_BY_DIM, BL_TURNED, 0},
    {"h.#.attn.c_proj", "blk.#.attn_output", BL_O, BL_O_BIAS, BL_BY_DIM, BL_BY_Q, BL_TURNED, 0},
    {"h.#.mlp.c_fc", "blk.#.ffn_up", BL_UP, BL_UP_BIAS, BL_BY_FFN, BL_BY_DIM, BL_TURNED, 0},
    {"h.#.mlp.c_proj", "blk.#.ffn_down", BL_DOWN, BL_DOWN_BIAS, BL_BY_DIM, BL_BY_FFN, BL_TURNED, 0},
    {"h.#.ln_1", "blk.#.attn_norm", BL_ATTN_NORM, BL_ATTN_NORM_BIAS, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"h.#.ln_2", "blk.#.ffn_norm", BL_FFN_NORM, BL_FFN_NORM_BIAS, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"ln_f", "output_norm", BL_FINAL_NORM, BL_FINAL_NORM_BIAS, BL_BY_ONE, BL_BY_DIM, 0, 0},
    {"lm_head", "output", BL_OUTPUT, BL_NO_ROLE, BL_BY_VOCAB, BL_BY_DIM,
     BL_HEAD_LANGUAGE | BL_OUTSIDE | BL_UNTIED, 0},
    {0},
};

/* Masks that older files keep. */
static const char *const ignored[] = {"h.#.attn.bias", "h.#.attn.masked_bias", NULL};

static const bl_expected_field expected[] = {
    {"scale_attn_weights", true},
    {"scale_attn_by_inverse_layer_idx", false},
    {"add_cross_attention", false},
    {NULL, false},
};

const bl_family bl_family_gpt2 = {
    .name = "gpt2",
    .gguf = "gpt2",
    .prefix = "transformer.",
    .mlx_prefix = "model.",
    .may_be_bare = true,
    .fields = {.dim = "n_embd",
               .n_layers = "n_layer",
               .n_heads = "n_head",
               .ffn_dim = "n_inner",
               .max_context = "n_positions",
               .old_context = "n_ctx",
               .norm_eps = "layer_norm_epsilon",
               .activation = "activation_function"},
    .default_context = 1024,
    .default_ffn = 4,
    .default_norm_eps = 1e-5,
    .is_tied = true,
    .block = {.norm = BL_NORM_LAYER, .activation = BL_GELU_TANH},
    .models =
        (const bl_model_class[]){
            {"GPT2LMHeadModel", BL_HEAD_LANGUAGE}, {"GPT2Model", BL_HEAD_NONE}, {NULL, 0}},
    .expected = expected,
    .entries = entries,
    .ignored = ignored,
};
