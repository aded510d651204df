/* In the place of core/family/table.c in the first module: the families whose blocks it runs. Of
 * any other name it says that the full module knows. */
#include "family/rows.h"

const bl_family *const bl_families[] = {&bl_family_llama, &bl_family_mistral, &bl_family_qwen2,
                                        &bl_family_qwen3, NULL};
const bool bl_families_are_all = false;
