/* What convert.c and convert_fit.c share: rows of a conversion whose codes methods choose. */
#ifndef BL_MODEL_CONVERT_FIT_H
#define BL_MODEL_CONVERT_FIT_H

#include "model/convert.h"

/* Rows that are converted together. */
typedef struct bl_batch {
  bl_conversion *c;
  const bl_tensor *source; /* its parts are those of the rows that came together, or of all */
  bool whole;              /* all, and in their final order */
  int64_t first;           /* the batch's first row among those that came together */
  int64_t first_row;       /* and in the file's tensor */
  int64_t n;               /* rows */
} bl_batch;

/* Where a row of the file belongs. */
static inline int64_t bl_conversion_target_row(const bl_conversion *c, int64_t row) {
  return c->rows_per_head > 0 ? bl_unpermuted_row(row, c->rows_per_head) : row;
}

/* Decodes row i of a batch, which belongs at `row`, to `original`, and looks at it. */
void bl_conversion_read_row(const bl_batch *b, int64_t i, int64_t row, float *original);
/* Compares a row with what became of it, which is put into `converted`. */
void bl_conversion_check_row(const bl_conversion *c, int64_t row, const float *original,
                             float *converted, bl_row_check *check);

/* Finds the methods that the recipe has for the matrix, and what is known of its input. */
void bl_conversion_set_methods(bl_conversion *c, const bl_format *target,
                               const bl_load_options *options);
/* The rest is for a conversion that has any. */
bl_code bl_conversion_begin_fitting(bl_conversion *c, bl_error *error);
void bl_conversion_fit_rows(bl_batch *b);
void bl_conversion_end_fitting(bl_conversion *c);

/* How many matrices had their codes chosen by the recipe's methods. */
int bl_model_n_fitted(const bl_model *model);
/* Leaves a note, "not-fitted", where methods had nothing to choose, as matrices were stored in the
 * recipe's format already; its count is that of these matrices, its subject the recipe's text. */
bl_code bl_model_note_not_fitted(bl_model *model, bl_error *error);

#endif
