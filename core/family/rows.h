/* The rows of the table of families, each in the file that its name says, or in llama.c. */
#ifndef BL_FAMILY_ROWS_H
#define BL_FAMILY_ROWS_H

#include "family/family.h"

extern const bl_family bl_family_mistral, bl_family_mixtral, bl_family_qwen2, bl_family_qwen3;
extern const bl_family bl_family_gpt2, bl_family_bert, bl_family_distilbert, bl_family_roberta,
    bl_family_exaone, bl_family_gemma2, bl_family_gemma3, bl_family_phi3, bl_family_granite,
    bl_family_smollm3, bl_family_olmo2;

/* Of llama.c, for families that have its tensors. */
extern const bl_family_entry bl_llama_entries[];
extern const char *const bl_llama_ignored[], *const bl_llama_ignored_gguf[];

#endif
