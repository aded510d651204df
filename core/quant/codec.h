/* The codec table: one row for each number format that a weight tensor can be stored in.
 *
 * A codec works on one row of a tensor at a time. What it stores for a row is split into up to
 * four parts, each an array with a fixed number of bytes per row, laid out exactly as the format's
 * owner writes it to a file: MLX affine has codes, scales and biases; GGML's blocks are one part.
 *
 * To add a format: write core/quant/NAME.c with a `const bl_codec` and add its row to codec.c;
 * where GGUF or safetensors stores it, name it in format/types.c. It also gets golden vectors and
 * hashes in tests/golden/, and what the page says and shows of it: see README.md. */
#ifndef BL_QUANT_CODEC_H
#define BL_QUANT_CODEC_H

#include "bitloss.h"

#define BL_MAX_PARTS 4

/* Numbers in f16 below this are one step from 0 or fewer: 0 and 2^-24 are all that there is. */
#define BL_F16_COARSE 0x1p-23f

typedef struct bl_codec bl_codec;
typedef struct bl_lookup bl_lookup;

/* A codec with its settings: everything needed to read a tensor's bytes. A value. */
typedef struct bl_format {
  const bl_codec *codec;
  int bits;             /* bits per code */
  int group;            /* weights that share a scale; 1 for plain floats */
  bl_dtype param_dtype; /* how scales and biases are stored; NONE where the codec fixes it */
} bl_format;

struct bl_codec {
  const char *name; /* as in a recipe: "affine", "q4_0", "bf16" */
  int n_parts;
  const char *part_names[BL_MAX_PARTS]; /* "weight", "scales", "biases" */
  const char *family;  /* for menus: "float", "mlx", "ggml", "torch", "bitsandbytes" or "plain" */
  unsigned containers; /* BL_HOLDS_MLX and so on: what a model in it can be written as */

  /* Recipe settings: rising numbers and a 0, of which any may stand with any. Where they are NULL
   * the format has no such setting, and `fixed_bits` or `fixed_group` holds. */
  const uint16_t *bits, *groups;
  int fixed_bits, fixed_group;
  int default_bits, default_group; /* for a recipe that leaves them out */

  /* What the 2^bits codes stand for before they are scaled: evenly spaced numbers; these but the
   * lowest, which is not used; or as `level` or `lookup` has it. A format of which none of this is
   * so has scales within scales. */
  bool even_levels, lowest_unused;
  float (*level)(int code);

  bool uses_dtype; /* how it encodes depends on the type that the weights had: param_dtype says
                      which, though nothing is stored in it */
  bool int8_activations;   /* there are kernels that multiply it with activations in int8 */
  bool static_activations; /* and these may have scales from calibration */

  /* A format whose only part is a row of blocks, one to a group, says how many bytes a block has,
   * and how many of them are not for scales but for biases (minima). */
  int block_bytes, block_bias_bytes;
  /* Offsets of the n_f16 numbers in a block that are f16: where these are finite, so are its
   * weights. 0: there are none, or they do not tell. */
  int n_f16;
  uint8_t f16_at[2];
  /* Any other says how many bytes one row of n_cols weights has in part `part`: so many per group,
   * and so many whatever the row's length (one scale, say). n_cols is a multiple of format->group.
   * Codes come first, in part 0, those of each group in group * bits / 8 bytes of their own; the
   * others are scales but for bias_part, which holds biases or zero points; 0: there is none. */
  size_t (*row_bytes)(const bl_format *format, int part, int64_t n_cols);
  int bias_part;
  bool floats_after_codes; /* all other parts are numbers of format->param_dtype */

  /* Weights of a greater magnitude are cut off. 0: as much as its numbers hold, and what is more
   * becomes infinite or NaN. */
  float largest;
  /* Groups of weights all of a smaller magnitude may be lost: their scale is 0 or the least that
   * there can be, or was rounded by a fifth or more. 0: none are, whatever is lost beside larger
   * weights that share the scale. */
  float smallest;

  /* parts[p] points at the row's bytes in part p; no alignment is promised. encode_row is NULL for
   * a format that can only be read. Encoding is bit-identical on every target: these files are
   * compiled without contraction of a * b + c and without fast-math. */
  void (*encode_row)(const bl_format *format, const float *src, int64_t n_cols,
                     uint8_t *const *parts);
  void (*decode_row)(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                     float *dst);
  /* Decodes to what the format's owner makes of the row as weights of type param_dtype: with the
   * roundings of arithmetic in that type. NULL: they are decode_row's, rounded. */
  void (*decode_row_rounded)(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                             float *dst);
  /* The codes of one group, from 0 for the lowest to 2^bits - 1: `bytes` is the group's block, or
   * where its codes are in part 0. Within a group a greater code never means a smaller weight, or
   * never a greater one where the scale is negative. NULL in the plain float formats. */
  void (*unpack_codes)(const bl_format *format, const uint8_t *bytes, uint8_t *codes);
  /* Where a weight is scale * values[code]: lookup.h. NULL in every other format. */
  const bl_lookup *lookup;

  /* Only where all rows share something, such as one scale; NULL in every other format.
   *
   * Bytes of `part` that belong to the tensor as a whole; NULL: none. Such a part's row_bytes are
   * 0, so that decode_row is given its beginning. */
  size_t (*shared_bytes)(const bl_format *format, int part, int64_t n_rows, int64_t n_cols);
  /* Instead of encode_row: src is (n_rows, n_cols), parts[p] the beginning of each part. */
  void (*encode_tensor)(const bl_format *format, const float *src, int64_t n_rows, int64_t n_cols,
                        uint8_t *const *parts);
  /* Instead of decode_row, where a row must know its number: parts[p] is the beginning of each. */
  void (*decode_tensor_row)(const bl_format *format, const uint8_t *const *parts, int64_t row,
                            int64_t n_cols, float *dst);
};

/* Can it be chosen in a recipe? */
static inline bool bl_codec_encodes(const bl_codec *codec) {
  return codec->encode_row || codec->encode_tensor;
}
static inline bool bl_codec_has_settings(const bl_codec *codec) {
  return codec->bits || codec->groups;
}
/* Is that one of its settings, or for a setting that it has not the fixed value? */
bool bl_codec_takes(const bl_codec *codec, int bits, int group);
/* Settings as words for a sentence: "2, 3, 4, 5, 6 or 8". */
enum { BL_CHOICES_TEXT = 40 };
void bl_print_choices(const uint16_t *settings, char text[BL_CHOICES_TEXT]);
/* The different levels from the lowest up; 0 where they are evenly spaced or not known. */
int bl_codec_levels(const bl_codec *codec, float levels[256]);

/* The table. */
int bl_codec_count(void);
const bl_codec *bl_codec_at(int i);
const bl_codec *bl_codec_find(const char *name, size_t name_size); /* NULL: no such format */
/* Is it one that an MLX config can name, as its "mode"? */
bool bl_is_mlx_mode(const bl_codec *codec);
bl_format bl_format_plain(bl_dtype dtype); /* f32, f16 or bf16 */
/* F32, F16 or BF16 for a plain float format, NONE for any other. */
bl_dtype bl_format_dtype(const bl_format *format);

/* Are a tensor's bytes in one format the same as in the other? */
bool bl_format_same(const bl_format *a, const bl_format *b);

/* "affine:4:64", "int4:128", "q4_1", "bf16": the name and those settings that the format has. */
void bl_format_print(const bl_format *format, char *text, size_t text_size);
/* Bytes of one row of n_cols weights, a multiple of format->group, in one part. */
size_t bl_format_row_bytes(const bl_format *format, int part, int64_t n_cols);
/* Bytes of a whole tensor, all parts; exact, or UINT64_MAX when that many can't be counted. n_cols
 * is a multiple of format->group. */
uint64_t bl_format_bytes(const bl_format *format, int64_t n_rows, int64_t n_cols);
/* Adds the same bytes, which must be fewer than UINT64_MAX, to what they are for. */
void bl_format_split(const bl_format *format, int64_t n_rows, int64_t n_cols, bl_byte_split *split);
/* Weights that share a scale in rows of n_cols: format->group, or all of a row where groups have
 * none of their own. */
int64_t bl_format_scale_group(const bl_format *format, int64_t n_cols);
/* Of a row that is long: what a row or the tensor has once is not counted. */
double bl_format_bits_per_weight(const bl_format *format);

#endif
