/* The families that there are. */
#include "family/rows.h"

const bl_family *const bl_families[] = {
    &bl_family_llama,      &bl_family_mistral, &bl_family_mixtral,
    &bl_family_qwen2,      &bl_family_qwen3,   &bl_family_qwen3_moe,
    &bl_family_exaone,     &bl_family_gemma2,  &bl_family_gemma3,
    &bl_family_phi3,       &bl_family_granite, &bl_family_smollm3,
    &bl_family_olmo2,      &bl_family_gpt2,    &bl_family_bert,
    &bl_family_distilbert, &bl_family_roberta, NULL,
};

const bool bl_families_are_all = true;
