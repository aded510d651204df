/* What GGML's K formats share. They store a row in blocks of 256 weights. A block is cut into
 * groups of 16 or 32 neighbours, each with a scale (and in some formats a minimum) of its own;
 * these are small whole numbers, and one or two f16 factors d (and dmin) say what they count.
 *
 * Encoding a block takes three steps, and each format's file has them in this order:
 *
 *   1. A search finds for every group on its own the best scale in float32 (ggml_search.h).
 *   2. The scales of the block are rounded to whole multiples of the largest divided by the largest
 *      whole number there is room for; that quotient becomes d, itself rounded to f16. The same
 *      for the minimums.
 *   3. The scales have moved a little, so every weight gets a new code: the nearest under the scale
 *      that a reader will see. A group whose scale came out as 0 keeps the codes of the search;
 *      they have no effect.
 *
 * Blocks are those of quantize_row_*_K_ref and values those of dequantize_row_*_K in llama.cpp
 * v0.5.0 as built for x86-64, to the bit: the same float32 operations in the same order. That holds
 * for every input but one kind: a NaN that carries a payload counts as the usual NaN here, where
 * llama.cpp makes codes of the payload. */
#ifndef BL_QUANT_GGML_K_H
#define BL_QUANT_GGML_K_H

#include "quant/ggml.h"

enum { BL_K_WEIGHTS = 256 };

/* The nearest whole number, ties to the even one, for |x| < 2^22: adding 3 * 2^22 moves x to where
 * neighbouring floats are 1 apart, so that the addition itself rounds, and the number is then the
 * low bits of the sum. Every other x gives what those bits happen to say, as it does in ggml: an
 * infinity -2^22, a NaN without payload 0. */
static inline int bl_k_nearest(float x) {
  return (int)(bl_f32_bits(x + 0x1.8p23f) & 0x7fffffu) - 0x400000;
}

/* Step 1: the grids of a block by the format's search, not yet rounded, and the search's codes. It
 * is given weights in which every NaN is the one without payload, so that what comes of it does not
 * depend on the target. */
typedef void (*bl_k_search_fn)(const float weights[BL_K_WEIGHTS], bl_grids *grids,
                               uint8_t codes[BL_K_WEIGHTS]);

/* What a K format's gridding consists of. Apart from it, so that what only encodes a row does not
 * need all of a gridding. */
typedef struct bl_k_steps {
  int n_grids, zero_code;
  bl_k_search_fn search;
  void (*store)(bl_grids *grids); /* step 2: chooses the units, whatever they were */
  void (*pack)(const bl_format *format, const bl_grids *grids, const uint8_t *codes, int64_t n,
               uint8_t *const *parts);
} bl_k_steps;

/* Encodes a row of n_cols weights, block after block: search, store, the nearest codes, pack; but
 * that where a group's scale came out as 0 the search's codes stay. */
void bl_k_encode_row(const bl_k_steps *steps, const bl_format *format, const float *src,
                     int64_t n_cols, uint8_t *blocks);

/* What a gridding consists of. round: where a scale is 0 codes are zero_code. */
void bl_k_store(const bl_gridding *gridding, const bl_k_steps *steps, bl_grids *grids);
void bl_k_fit(const bl_k_steps *steps, const float *weights, bl_grids *grids);
void bl_k_round(const bl_k_steps *steps, const bl_format *format, const bl_grids *grids,
                const float *weights, uint8_t codes[BL_K_WEIGHTS]);

/* The grids that the units and steps make. */
void bl_k_set_grids(bl_grids *grids, int n_grids);

/* Step 3 for one group of n weights, 16 or 32: the nearest of the values
 * scale * (lowest + code) - min, with code from 0 to n_codes - 1. */
void bl_k_choose_codes(const float *weights, int n, float scale, float min, int lowest, int n_codes,
                       uint8_t *codes);

/* Of scales with a sign, the first of those furthest from 0; 0 when there is none but NaN. */
float bl_k_furthest_scale(const bl_grids *grids, int n_grids);

/* Codes of 2 bits: byte j of the 32 for weights 0 to 127 holds weights j, j + 32, j + 64 and
 * j + 96, from the lowest bits up; the next 32 bytes hold weights 128 to 255 in the same way. Codes
 * are taken modulo 4. */
void bl_k_pack_2_bits(const uint8_t *codes, uint8_t packed[64]);

void bl_k_unpack_2_bits(const uint8_t packed[64], uint8_t codes[BL_K_WEIGHTS]);

/* Codes of 4 bits: byte j of the 32 for weights 0 to 63 holds weight j and, in its upper half,
 * weight j + 32; and so on for every 64 weights. Codes are taken modulo 16. */
void bl_k_pack_4_bits(const uint8_t *codes, uint8_t packed[128]);

void bl_k_unpack_4_bits(const uint8_t packed[128], uint8_t codes[BL_K_WEIGHTS]);

/* ---- the head of q4_k and q5_k ----------------------------------------------------------------
 *
 * 16 bytes: f16 d, f16 dmin, and 12 with a 6-bit scale and a 6-bit minimum for each of 8 groups:
 *
 *     byte           bits 0-5 or 0-3                  bits 6-7 or 4-7
 *     0 to 3         scale of group 0 to 3            high 2 bits of the scale of group 4 to 7
 *     4 to 7         minimum of group 0 to 3          high 2 bits of the minimum of group 4 to 7
 *     8 to 11        low 4 bits, scale of 4 to 7      low 4 bits, minimum of 4 to 7
 */
enum { BL_K_HEAD_BYTES = 16, BL_K_HEAD_GROUPS = 8 };

/* A group's values are scale * code - min. */
typedef struct bl_k_line {
  float scale, min;
} bl_k_line;

/* Step 2 of either format. */
void bl_k_store_head(bl_grids *grids);
void bl_k_write_head(const bl_grids *grids, uint8_t head[BL_K_HEAD_BYTES]);
void bl_k_read_head_steps(const uint8_t head[BL_K_HEAD_BYTES], bl_grids *grids);
void bl_k_read_head(const uint8_t head[BL_K_HEAD_BYTES], bl_k_line lines[BL_K_HEAD_GROUPS]);

#endif
