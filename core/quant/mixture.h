/* Mixtures: recipes that give each matrix of a model a format by its place. */
#ifndef BL_QUANT_MIXTURE_H
#define BL_QUANT_MIXTURE_H

#include "quant/recipe.h"

/* A codec with the bits that a mixture chose; 0 where the codec has no choice. */
typedef struct bl_mixture_choice {
  const char *codec; /* its name */
  int bits;
} bl_mixture_choice;

typedef struct bl_mixture bl_mixture;
struct bl_mixture {
  const char *name, *family;
  bool has_group; /* the setting of affine, with its choices */
  int file_type;  /* what llama.cpp writes as general.file_type; 0 for a mixture of mlx_lm's */

  /* The choice for a matrix with rows of n_cols. A row that the chosen format's group does not
   * divide stays as it is. */
  bl_mixture_choice (*choose)(const bl_mixture *mixture, const bl_place *place, int64_t n_cols);
  const char *const *codecs; /* names, to NULL: floats apart, `choose` gives none but these */
  const void *rule;          /* what `choose` goes by */
};

/* The table. */
int bl_mixture_count(void);
const bl_mixture *bl_mixture_at(int i);
const bl_mixture *bl_mixture_find(const char *name, size_t name_size); /* NULL: no such mixture */

/* Can activations be int8 under every format that it gives? */
bool bl_mixture_int8_activations(const bl_mixture *mixture);

/* The rows of the table: mixture_mlx.c and mixture_llama.c. */
extern const bl_mixture bl_mixtures_mlx[];
extern const int bl_n_mixtures_mlx;
extern const bl_mixture bl_mixtures_llama[];
extern const int bl_n_mixtures_llama;

/* mlx_lm and llama.cpp both give the first and the last eighth of the layers, and every third
 * between, more bits. */
bool bl_mixture_more_bits(int layer, int n_layers);

/* Is `component` one of the dotted components of the name? */
bool bl_name_has(const char *name, const char *component);

#endif
