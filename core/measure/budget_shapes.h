/* Which tensors a model has, from its config alone. */
#ifndef BL_MEASURE_BUDGET_SHAPES_H
#define BL_MEASURE_BUDGET_SHAPES_H

#include "model/config.h"
#include "model/names.h"

/* What a tensor is for. */
typedef enum bl_share_of_model {
  BL_IN_EMBEDDING, /* of tokens, positions and token types */
  BL_IN_OUTPUT,    /* the output matrix, or the head of an encoder */
  BL_IN_ATTENTION, /* projections and their biases */
  BL_IN_FFN,       /* the same, and the router of experts */
  BL_IN_OTHER,     /* norms */
  BL_N_SHARES,
} bl_share_of_model;

typedef struct bl_shape {
  char name[128]; /* as in a checkpoint on Hugging Face */
  bl_share_of_model share;
  bl_role role;           /* BL_N_ROLES for a family that is not Llama's */
  int layer;              /* -1 outside the layers */
  bool is_matrix;         /* a linear layer or an embedding: what a recipe applies to */
  int64_t n_rows, n_cols; /* of a matrix (out, in), also where a file has it turned; a vector is one
                             row */
} bl_shape;

typedef struct bl_family bl_family;

/* What the config says. */
typedef struct bl_architecture {
  const bl_family *family; /* NULL: one whose block is Llama's, of which `config` tells all */
  bl_config config;        /* of another family: the sizes, and tied_output */
  int32_t n_experts, n_types, n_labels;
  unsigned head;            /* which of the family's models it is */
  bool is_encoder;          /* every token looks at all others: no key-value cache */
  bool has_rope;            /* positions are turned in, and not learned */
  bl_dtype dtype;           /* of its floats; bf16 where the config does not tell */
  const cJSON *json;        /* borrowed */
  bl_mlx_layers mlx_layers; /* of a Llama block */
} bl_architecture;

/* Reads a config.json. The error names the field, what was found and what was expected. Free with
 * bl_architecture_free, where it was read. */
bl_code bl_architecture_read(const char *file_name, const cJSON *json,
                             bl_architecture *architecture, bl_error *error);

void bl_architecture_free(bl_architecture *architecture);

/* Calls `take` for every tensor, in the order of the forward pass; false stops. Returns whether
 * there was no stop. */
typedef bool (*bl_shape_fn)(void *context, const bl_shape *shape);
bool bl_architecture_each(const bl_architecture *architecture, bl_shape_fn take, void *context);

/* The format in which the checkpoint holds a tensor whose floats are of `dtype`: plain, or as MLX,
 * bitsandbytes or torchao quantized it, by what the config says of that. */
bl_code bl_architecture_format(const char *file_name, const bl_architecture *architecture,
                               const bl_shape *shape, bl_dtype dtype, bl_format *format,
                               bl_error *error);

#endif
