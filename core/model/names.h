/* The tensors of a Llama-family model, by role, and their names in each container. */
#ifndef BL_MODEL_NAMES_H
#define BL_MODEL_NAMES_H

#include "model/config.h"

/* Roles outside the layers, then roles within a layer. */
typedef enum bl_role {
  BL_EMBED,
  BL_FINAL_NORM,
  BL_OUTPUT,
  BL_ATTN_NORM,
  BL_Q,
  BL_K,
  BL_V,
  BL_O,
  BL_Q_BIAS,
  BL_K_BIAS,
  BL_V_BIAS,
  BL_O_BIAS,
  BL_Q_NORM,
  BL_K_NORM,
  BL_FFN_NORM,
  BL_GATE,
  BL_UP,
  BL_DOWN,
  BL_GATE_BIAS,
  BL_UP_BIAS,
  BL_DOWN_BIAS,
  BL_N_ROLES,
} bl_role;

/* Finds a tensor's place from its name in the file. Returns false for a name that this family does
 * not have (the caller decides whether that is an error: see bl_name_ignored). *layer is -1 for
 * roles outside the layers. For MLX, put ".weight" in the place of ".scales" or ".biases" first. */
bool bl_role_from_name(bl_container container, const char *name, bl_role *role, int *layer);
/* Tensors that may be in a file and carry nothing the model needs: precomputed rotary frequencies.
 */
bool bl_name_ignored(bl_container container, const char *name);
/* Hugging Face's name, and GGUF's; 96 bytes suffice. */
void bl_role_name(bl_role role, int layer, char *name, size_t name_size);
void bl_role_gguf_name(bl_role role, int layer, char *name, size_t name_size);

/* Does a model of this config have this tensor, and of what shape? A vector has n_rows 1. */
bool bl_role_shape(const bl_config *config, bl_role role, int64_t *n_rows, int64_t *n_cols);
/* Is it a matrix that a recipe applies to: a linear layer's weight or the embedding? */
bool bl_role_quantizable(bl_role role);

#endif
