/* How a format's codes are chosen, step by step, for methods that choose them better than by
 * rounding each weight by itself.
 *
 * The codes of neighbouring weights stand on a *grid*:
 *
 *     w' = scale * level[code] + bias
 *
 * with code as unpack_codes gives it, from 0. A code's level is the code itself, less zero_code,
 * or what the codec's lookup says.
 *
 * A *block* is as many weights as have their grids stored jointly: one group with one grid in most
 * formats; in GGML's K formats 256 weights with 8 grids of 32 or 16 of 16, whose scales and biases
 * are whole multiples of a unit; in int8 a row with one grid. Four functions take a block from
 * weights to bytes:
 *
 *     fit     finds the grids by the format's own rule
 *     store   rounds them to those that will be decoded
 *     round   the nearest codes on the grids given, by the format's own rule
 *     pack    writes grids and codes
 *
 * The format's encode_row is fit, round, store, pack; or fit, store, round, pack where
 * `rounds_stored`: its owner chooses codes on the grids that a reader will see. A method may put
 * any grids between fit and store, and any codes before pack. What it should be judged by is always
 * the stored grid.
 *
 * All are as bit-identical on every target as encode_row is. */
#ifndef BL_QUANT_GRID_H
#define BL_QUANT_GRID_H

#include "quant/lookup.h"

/* Grids of a block, at most; and weights of a block that is no whole row. */
enum { BL_MAX_GRIDS = 16, BL_MAX_BLOCK = 256 };

typedef struct bl_grid {
  float scale, bias; /* bias is 0 where the format stores none */
} bl_grid;

typedef struct bl_grids {
  bl_grid at[BL_MAX_GRIDS];

  /* Only where the gridding is `nested`: stored scales are steps * scale_unit, and biases
   * bias_steps * bias_unit. store chooses a unit by the format's own rule where it is 0, as fit
   * leaves it, and else keeps it, rounded to its stored type; then it rounds the grids to steps. */
  float scale_unit, bias_unit;
  int16_t scale_steps[BL_MAX_GRIDS], bias_steps[BL_MAX_GRIDS];
} bl_grids;

typedef struct bl_gridding {
  int n_grids;    /* of a block: 1, 8 or 16 of equal spans */
  bool row_block; /* a block is a whole row */
  bool has_bias;
  int zero_code;             /* whose level is 0, unless there is a lookup */
  int first_code;            /* codes below are not used: 0, or 1 where the grid is symmetric */
  bool unsigned_grid;        /* scales are not negative, and biases not positive */
  bool nested;               /* scales (and biases) are whole multiples of a unit */
  int least_step, most_step; /* these multiples; those of biases are not negative */
  bool rounds_stored;

  /* `n` is the block's weights. fit leaves the units 0. store and round take grids of any kind,
   * infinite and NaN too, and store is idempotent. pack takes stored grids; where nothing is
   * nested it takes others too, and rounds them as store does. */
  void (*fit)(const bl_format *format, const float *weights, int64_t n, bl_grids *grids);
  void (*store)(const bl_format *format, bl_grids *grids);
  void (*round)(const bl_format *format, const bl_grids *grids, const float *weights, int64_t n,
                uint8_t *codes);
  /* parts[p] is the block's place in part p: bl_block_parts. */
  void (*pack)(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
               uint8_t *const *parts);
  /* Where it is nested: the multiples in a block that was packed. */
  void (*read_steps)(const uint8_t *block, bl_grids *grids);
} bl_gridding;

/* NULL: the format's codes can't be chosen so, and methods are refused. */
const bl_gridding *bl_gridding_of(const bl_codec *codec);

/* Weights of a block in rows of n_cols. */
static inline int64_t bl_gridding_block(const bl_gridding *gridding, const bl_format *format,
                                        int64_t n_cols) {
  return gridding->row_block ? n_cols : format->group;
}

/* The grids that pack wrote, of the block at `parts`. */
void bl_gridding_read(const bl_gridding *gridding, const bl_format *format,
                      const uint8_t *const *parts, bl_grids *grids);

/* The level of each of the 2^bits codes. */
void bl_gridding_levels(const bl_gridding *gridding, const bl_format *format, float levels[256]);

/* A row's blocks one after another: each block's place in every part. */
typedef struct bl_block_parts {
  uint8_t *at[BL_MAX_PARTS]; /* as pack takes it */
  size_t bytes[BL_MAX_PARTS];
} bl_block_parts;

/* The first block, of n weights, in the row at `parts`. */
static inline bl_block_parts bl_block_parts_first(const bl_format *format, int64_t n,
                                                  uint8_t *const *parts) {
  bl_block_parts b = {{NULL}, {0}};
  for (int p = 0; p < format->codec->n_parts; p++) {
    b.at[p] = parts[p];
    b.bytes[p] = bl_format_row_bytes(format, p, n);
  }
  return b;
}

static inline void bl_block_parts_next(bl_block_parts *b) {
  for (int p = 0; p < BL_MAX_PARTS && b->at[p]; p++) b->at[p] += b->bytes[p];
}

/* encode_row of a format whose blocks are no whole rows. Here so that it is compiled with the
 * format's four functions in it. */
static inline void bl_gridding_encode_row(const bl_gridding *gridding, const bl_format *format,
                                          const float *src, int64_t n_cols, uint8_t *const *parts) {
  const int64_t n = format->group;
  bl_block_parts block = bl_block_parts_first(format, n, parts);
  for (int64_t col = 0; col < n_cols; col += n, bl_block_parts_next(&block)) {
    bl_grids grids;
    uint8_t codes[BL_MAX_BLOCK];
    gridding->fit(format, src + col, n, &grids);
    if (gridding->rounds_stored) gridding->store(format, &grids);
    gridding->round(format, &grids, src + col, n, codes);
    gridding->pack(format, &grids, codes, n, block.at); /* rounds the grids, where not yet done */
  }
}

#endif
