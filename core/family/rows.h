/* The rows of the table of families, each in the file that its name says, or in llama.c. */
#ifndef BL_FAMILY_ROWS_H
#define BL_FAMILY_ROWS_H

#include "family/family.h"

extern const bl_family bl_family_mistral, bl_family_mixtral, bl_family_qwen2, bl_family_qwen3,
    bl_family_qwen3_moe;
extern const bl_family bl_family_gpt2, bl_family_bert, bl_family_distilbert, bl_family_roberta,
    bl_family_exaone, bl_family_gemma2, bl_family_gemma3, bl_family_phi3, bl_family_granite,
    bl_family_smollm3, bl_family_olmo2;

/* What Llama's config.json calls things and what its block does, for those that have the same; and
 * for those that have another name for the width of the feed-forward block, or for its activation.
 */
#define BL_LLAMA_FIELDS BL_LLAMA_FIELDS_BUT("intermediate_size", "hidden_act")
#define BL_LLAMA_FIELDS_BUT(ffn_dim_name, activation_name) \
  {                                                        \
      .dim = "hidden_size",                                \
      .n_layers = "num_hidden_layers",                     \
      .n_heads = "num_attention_heads",                    \
      .n_kv_heads = "num_key_value_heads",                 \
      .head_dim = "head_dim",                              \
      .ffn_dim = ffn_dim_name,                             \
      .max_context = "max_position_embeddings",            \
      .norm_eps = "rms_norm_eps",                          \
      .activation = activation_name,                       \
  }
#define BL_LLAMA_BLOCK \
  {.norm = BL_NORM_RMS, .has_rope = true, .is_gated = true, .activation = BL_SILU}
/* The same with experts. */
#define BL_EXPERTS_BLOCK \
  {.norm = BL_NORM_RMS,  \
   .has_rope = true,     \
   .is_gated = true,     \
   .has_experts = true,  \
   .activation = BL_SILU}
/* And BERT's. */
#define BL_BERT_FIELDS                          \
  {                                             \
      .dim = "hidden_size",                     \
      .n_layers = "num_hidden_layers",          \
      .n_heads = "num_attention_heads",         \
      .ffn_dim = "intermediate_size",           \
      .max_context = "max_position_embeddings", \
      .norm_eps = "layer_norm_eps",             \
      .activation = "hidden_act",               \
  }
#define BL_BERT_BLOCK \
  {.norm = BL_NORM_LAYER, .norm_after = true, .is_encoder = true, .activation = BL_GELU_ERF}

/* Of llama.c, for families that have its tensors. */
extern const bl_family_entry bl_llama_entries[];
extern const char *const bl_llama_ignored[], *const bl_llama_ignored_gguf[];

#endif
