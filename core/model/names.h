/* The tensors of a model: which of its family's there are, under which names and of what shapes. */
#ifndef BL_MODEL_NAMES_H
#define BL_MODEL_NAMES_H

#include "model/config.h"

/* Finds a tensor's place from its name in the file. Returns false for a name that the family does
 * not have (the caller decides whether that is an error: see bl_name_ignored). For MLX, put
 * ".weight" in the place of ".scales" or ".biases" first. */
bool bl_find_name(const bl_family *family, bl_container container, const char *name,
                  bl_family_place *place);
/* Tensors that may be in a file and carry nothing the model needs. */
bool bl_name_ignored(const bl_family *family, bl_container container, const char *name);
/* Hugging Face's name, an MLX directory's, and GGUF's, which is "" where there is none; 96 bytes
 * suffice. */
void bl_role_name(const bl_config *config, bl_role role, int layer, char *name, size_t name_size);
void bl_role_mlx_name(const bl_config *config, bl_role role, int layer, char *name,
                      size_t name_size);
void bl_role_gguf_name(const bl_config *config, bl_role role, int layer, char *name,
                       size_t name_size);

/* The kind of matrix that a role is in this family: as much of the end of its name as no other
 * matrix of the family has, such as "q_proj" or "mlp.c_proj". And the part of names that all
 * tensors of a layer have in common, such as "layers.3". Both are patterns for a recipe's rules. */
void bl_role_kind(const bl_config *config, bl_role role, char *kind, size_t kind_size);
void bl_layer_pattern(const bl_config *config, int layer, char *pattern, size_t pattern_size);

/* Does a model of this config have this tensor, and of what shape? A vector has n_rows 1; the rows
 * of experts' matrices are all experts'. */
bool bl_role_shape(const bl_config *config, bl_role role, int64_t *n_rows, int64_t *n_cols);
/* The number of rows or columns that a config gives. */
int64_t bl_extent_of(const bl_config *config, bl_extent extent);
/* The conditions of the family's table that hold. */
unsigned bl_config_has(const bl_config *config);

#endif
