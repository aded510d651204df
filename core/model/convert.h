/* Turning the rows of one tensor, as they arrive, into the form the model keeps. */
#ifndef BL_MODEL_CONVERT_H
#define BL_MODEL_CONVERT_H

#include "base/pool.h"
#include "model/model.h"
#include "quant/fitting.h"

/* What is found of a row while it is converted. */
typedef struct bl_row_check {
  bl_error_sums sums;
  bl_flaw not_finite, lost, vanished;
  bool has_extremes; /* bl_has_extremes of it */
  bool has_small;    /* bl_has_small_groups of it */
  uint64_t hash;     /* bl_row_hash of it, where it is wanted */
} bl_row_check;

/* One tensor on its way in. Rows may come in any number of pieces, in order. */
typedef struct bl_conversion {
  bl_weight *weight;     /* its tensor has the target format and owned parts */
  bl_tensor source;      /* format and shape as read; its parts are NULL */
  bl_dtype cast;         /* originals are rounded to this before they are encoded; NONE: not */
  bool as_column;        /* a vector whose elements are permuted: they go through as rows of one */
  bool measure;          /* gather weight->error */
  bool hashes;           /* and weight->hash; false unless the caller sets it */
  int64_t rows_per_head; /* > 0: rows were permuted in blocks of this many for interleaved rotary
                            embedding, and are put back in rotate-half order */
  float less;            /* is taken from every weight before anything else */
  bl_pool *pool;
  uint32_t methods;      /* that choose the codes; 0: they are rounded */
  const bl_input *input; /* what the matrix is multiplied with; NULL: nothing is known of it */
  bl_fitting fitting;    /* where there are methods */
  bool has_codes;        /* they are in the weight's parts already, and only looked at */
  float *scratch; /* two rows, or two times BL_FIT_ROWS of them, for each thread of the pool */
  bl_row_check *checks; /* BL_CONVERT_BATCH of them */
  bool has_extremes;    /* has any row so far? */
  bool has_small;
  float smallest; /* bl_smallest_kept of the target */
  /* For a format in which rows share something: (n_rows, n_cols) originals in their final order,
   * encoded when the last has come. */
  float *originals;
  float *rounded; /* the same after the cast, if there is one */
} bl_conversion;

#define BL_CONVERT_BATCH 1024

/* Describes the conversion of a tensor in the form `source`, whose parts are not looked at, into
 * `target`, and gives the weight that form. A tensor of several parts was quantized when it was
 * read, so that the options' cast is of its scales and not of its weights. */
bl_conversion bl_conversion_make(bl_weight *weight, const bl_tensor *source, bl_format target,
                                 int64_t rows_per_head, const bl_load_options *options);
/* Allocates the weight's parts and the work space. What is found of the weights, their error and
 * their flaws, goes to conversion->weight. */
bl_code bl_conversion_begin(bl_conversion *conversion, bl_error *error);
/* Takes source rows [first_row, first_row + n_rows); parts[p] points at the bytes of the first of
 * them in part p, and the others follow. */
void bl_conversion_rows(bl_conversion *conversion, int64_t first_row, int64_t n_rows,
                        const uint8_t *const *parts);
/* The same for a tensor that lies in memory as a whole, its rows in their final order: takes those
 * that come as [first_row, first_row + n_rows) in a file. So errors add up in the same order, and
 * to the same bits, as when the file is read. */
void bl_conversion_rows_of(bl_conversion *conversion, const bl_tensor *whole, int64_t first_row,
                           int64_t n_rows);
/* Releases the work space (not the weight). Safe on a zeroed conversion. */
void bl_conversion_end(bl_conversion *conversion);

/* Casts the scales and biases of a tensor in MLX's affine, whose parts are all there, as mlx_lm's
 * --dtype casts every array of floats; does nothing to any other format, or for NONE. Finds the
 * flaws that its weights had and have then, and with `measure` adds what that did to them to
 * weight->error. */
bl_code bl_weight_cast_scales(bl_weight *weight, bl_dtype dtype, bool measure, bl_error *error);

/* Of the n weights of a row; equal rows have equal ones, and others, with all likelihood, have not.
 */
uint64_t bl_row_hash(const float *weights, int64_t n);
/* Makes the hash of a tensor out of those of its rows, in order. */
static inline uint64_t bl_hash_add(uint64_t hash, uint64_t row_hash) {
  return (hash ^ row_hash) * 0x9e3779b97f4a7c15u;
}

/* The row at which a row of a permuted matrix belongs. GGUF stores each head's rows in the order
 * 0, h, 1, h + 1, … with h half the head's rows, so that the two halves that rotary embedding pairs
 * are neighbours. */
int64_t bl_unpermuted_row(int64_t row, int64_t rows_per_head);

/* Allocates all parts of a tensor; false when out of memory (nothing is then left allocated). */
bool bl_weight_allocate(bl_weight *weight);
void bl_weight_release(bl_weight *weight);

#endif
