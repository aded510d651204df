/* Which tensors a model has, from its config alone. */
#ifndef BL_MEASURE_BUDGET_SHAPES_H
#define BL_MEASURE_BUDGET_SHAPES_H

#include "model/config.h"
#include "model/names.h"

typedef struct bl_shape {
  char name[128]; /* as in a checkpoint on Hugging Face, of all experts together */
  bl_role role;
  int layer;              /* -1 outside the layers */
  int64_t n_rows, n_cols; /* of a matrix (out, in), also where a file has it turned; a vector is one
                             row */
} bl_shape;

/* What the config says. */
typedef struct bl_architecture {
  bl_config config;
  bl_dtype dtype;    /* of its floats; bf16 where the config does not tell */
  const cJSON *json; /* borrowed */
  bl_mlx_layers mlx_layers;
} bl_architecture;

/* Reads a config.json. The error names the field, what was found and what was expected. Free with
 * bl_architecture_free, where it was read. */
bl_code bl_architecture_read(const char *file_name, const cJSON *json,
                             bl_architecture *architecture, bl_error *error);

void bl_architecture_free(bl_architecture *architecture);

/* Calls `take` for every tensor: those before the layers, each layer's, those after; false stops.
 * Returns whether there was no stop. */
typedef bool (*bl_shape_fn)(void *context, const bl_shape *shape);
bool bl_architecture_each(const bl_architecture *architecture, bl_shape_fn take, void *context);

/* The format in which the checkpoint holds a tensor whose floats are of `dtype`: plain, or as MLX,
 * bitsandbytes or torchao quantized it, by what the config says of that. */
bl_code bl_architecture_format(const char *file_name, const bl_architecture *architecture,
                               const bl_shape *shape, bl_dtype dtype, bl_format *format,
                               bl_error *error);

#endif
