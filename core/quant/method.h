/* The table of methods: ways to choose the codes of a matrix that lose less than rounding each
 * weight by itself. A method changes no format: what it makes are ordinary bytes of the codec's.
 *
 * Methods work on a *fitting* (fitting.h): some rows of a matrix, grids for each block of their
 * weights and a code for each weight. They follow one another, each beginning with what the one
 * before it left. Rows are fitted independently of each other, so that a matrix may come in pieces
 * and be spread over threads, and no result depends on either.
 *
 * To add a method: write core/quant/methods/NAME.c with a `const bl_method`, name it in
 * methods/rows.h, and add its row to method_table.c, where its `stage` belongs. */
#ifndef BL_QUANT_METHOD_H
#define BL_QUANT_METHOD_H

#include "quant/fitting.h"

typedef struct bl_method bl_method;
struct bl_method {
  const char *name;
  const char *summary; /* a sentence for help and menus: what it does, and what it takes */
  bl_stage stage;
  bl_needs needs;

  /* Of a method that chooses grids: those of one block of n weights, in the place of the gridding's
   * fit, so that the sum of importance * error^2 is small. importance (n) is NULL where nothing is
   * known of the input: then the weights alone tell. The grids are not stored yet. */
  void (*fit)(const bl_gridding *gridding, const bl_format *format, const float *weights,
              const float *importance, int64_t n, bl_grids *grids);

  /* Of such a method that alone chooses codes too: a whole row, for the formats of which `encodes`
   * is true, and where no other method follows. importance is not NULL. Both may be NULL. */
  bool (*encodes)(const bl_codec *codec);
  void (*encode_row)(const bl_format *format, const float *weights, const float *importance,
                     int64_t n_cols, uint8_t *const *parts);

  /* Of one that learns, once all matrices have been fitted (train/learn.c): codes and norms too, or
   * scales and biases alone? */
  bool learns_codes;

  /* Of any other. begin makes what all rows share, fitting->state[stage], and may be NULL, as may
   * end, which releases it; end is called though begin failed. n_work is how many floats `rows`
   * wants at rows->work. */
  bl_code (*begin)(bl_fitting *fitting, bl_error *error);
  void (*end)(bl_fitting *fitting);
  size_t (*n_work)(const bl_fitting *fitting);
  void (*rows)(const bl_fitting *fitting, bl_fit_rows *rows);
};

/* The table, in the order of stages. */
extern const bl_method *const bl_methods[];
extern const int bl_n_methods; /* at most 32 */

/* "+search+gptq", or "" for none; cut off where the text is too short for it. */
void bl_methods_print(uint32_t methods, char *text, size_t text_size);
/* Those of the methods that choose the codec's codes: all, or 0 for a codec whose codes they can't
 * choose. */
uint32_t bl_methods_for(uint32_t methods, const bl_codec *codec);
/* Those of all of a recipe's formats. */
uint32_t bl_recipe_all_methods(const bl_recipe *recipe);
/* Those of them that learn: what is left is for a fitting. */
uint32_t bl_methods_learned(uint32_t methods);
/* What the methods need, together. */
bl_needs bl_methods_need(uint32_t methods);

#endif
