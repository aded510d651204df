/* Granite 3 and SmolLM3: Llama's tensors and block, which in Granite multiplies its parts by
 * numbers and in SmolLM3 has no rotary positions in every fourth layer. Fields and defaults as in
 * transformers 5.23. */
#include "family/rows.h"

const bl_family bl_family_granite = {
    .name = "granite",
    .gguf = "granite",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_context = 2048,
    .default_rope_theta = 10000,
    .any_class = true,
    .interleaved_rope = true,
    .block = {.norm = BL_NORM_RMS,
              .has_rope = true,
              .is_gated = true,
              .has_multipliers = true,
              .activation = BL_SILU},
    .models = (const bl_model_class[]){{"GraniteForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .entries = bl_llama_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};

const bl_family bl_family_smollm3 = {
    .name = "smollm3",
    .gguf = "smollm3",
    .prefix = "model.",
    .fields = BL_LLAMA_FIELDS,
    .default_context = 32768,
    .default_rope_theta = 2000000,
    .needs_kv_heads = true,
    .any_class = true,
    .is_tied = true,
    .interleaved_rope = true,
    .rope_pattern = 4,
    .block = {.norm = BL_NORM_RMS,
              .has_rope = true,
              .is_gated = true,
              .skips_rope = true,
              .activation = BL_SILU},
    .models = (const bl_model_class[]){{"SmolLM3ForCausalLM", BL_HEAD_LANGUAGE}, {NULL, 0}},
    .entries = bl_llama_entries,
    .ignored = bl_llama_ignored,
    .ignored_gguf = bl_llama_ignored_gguf,
};
