/* The block formats of GGUF files: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q6_K. A row is a sequence of
 * blocks of 32 or 256 weights, each holding its scale (and minimum) beside its codes.
 *
 * Decoding gives the float32 values of llama.cpp's dequantize_row_*: the same operations in the
 * same order, a product and a sum each rounded. Field names are those of its block_* structures:
 *
 *     format  bits  block  bytes  fields, in order
 *     q4_0    4     32     18     f16 d, qs[16]
 *     q4_1    4     32     20     f16 d, f16 m, qs[16]
 *     q5_0    5     32     22     f16 d, u32 qh, qs[16]
 *     q5_1    5     32     24     f16 d, f16 m, u32 qh, qs[16]
 *     q8_0    8     32     34     f16 d, i8 qs[32]
 *     q6_k    6     256    210    ql[128], qh[64], i8 scales[16], f16 d
 */
#include "base/number.h"
#include "quant/codec.h"

enum { BLOCK = 32, SUPER_BLOCK = 256 };
enum {
  Q4_0_BYTES = 2 + 16,
  Q4_1_BYTES = 2 + 2 + 16,
  Q5_0_BYTES = 2 + 4 + 16,
  Q5_1_BYTES = 2 + 2 + 4 + 16,
  Q8_0_BYTES = 2 + 32,
  Q6_K_BYTES = 128 + 64 + 16 + 2,
};

static float read_f16(const uint8_t *bytes) {
  uint16_t h;
  memcpy(&h, bytes, sizeof h);
  return bl_f16_to_f32(h);
}

/* The 32 codes of 4 bits in qs[16]: the low halves of the bytes are weights 0 to 15, the high
 * halves weights 16 to 31. */
static void unpack_nibbles(const uint8_t *qs, uint8_t *codes) {
  for (int i = 0; i < BLOCK / 2; i++) {
    codes[i] = qs[i] & 15;
    codes[i + BLOCK / 2] = qs[i] >> 4;
  }
}

/* The same with a fifth bit for each: bit i of the little-endian word qh belongs to weight i. */
static void unpack_nibbles_and_high_bits(const uint8_t *qh, const uint8_t *qs, uint8_t *codes) {
  uint32_t high;
  memcpy(&high, qh, sizeof high);
  unpack_nibbles(qs, codes);
  for (int i = 0; i < BLOCK; i++) codes[i] = (uint8_t)(codes[i] | (high >> i & 1) << 4);
}

/* w' = d * (code - 8) */
static void q4_0_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                            float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BLOCK, block += Q4_0_BYTES) {
    float d = read_f16(block);
    uint8_t codes[BLOCK];
    unpack_nibbles(block + 2, codes);
    for (int i = 0; i < BLOCK; i++) dst[col + i] = d * (float)(codes[i] - 8);
  }
}

/* w' = d * code + m */
static void q4_1_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                            float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BLOCK, block += Q4_1_BYTES) {
    float d = read_f16(block), m = read_f16(block + 2);
    uint8_t codes[BLOCK];
    unpack_nibbles(block + 4, codes);
    for (int i = 0; i < BLOCK; i++) dst[col + i] = d * (float)codes[i] + m;
  }
}

/* w' = d * (code - 16) */
static void q5_0_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                            float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BLOCK, block += Q5_0_BYTES) {
    float d = read_f16(block);
    uint8_t codes[BLOCK];
    unpack_nibbles_and_high_bits(block + 2, block + 6, codes);
    for (int i = 0; i < BLOCK; i++) dst[col + i] = d * (float)(codes[i] - 16);
  }
}

/* w' = d * code + m */
static void q5_1_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                            float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BLOCK, block += Q5_1_BYTES) {
    float d = read_f16(block), m = read_f16(block + 2);
    uint8_t codes[BLOCK];
    unpack_nibbles_and_high_bits(block + 4, block + 8, codes);
    for (int i = 0; i < BLOCK; i++) dst[col + i] = d * (float)codes[i] + m;
  }
}

/* w' = d * code, the code a signed byte */
static void q8_0_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                            float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += BLOCK, block += Q8_0_BYTES) {
    float d = read_f16(block);
    const int8_t *codes = (const int8_t *)(block + 2);
    for (int i = 0; i < BLOCK; i++) dst[col + i] = d * (float)codes[i];
  }
}

/* w' = (d * scales[i / 16]) * (code - 32). Each half of the super-block, 128 weights, has 64 bytes
 * of low nibbles and 32 of high bits: with quarter = i / 32 of the half and j = i % 32, weight i
 * has its low 4 bits in ql[j + 32 * (quarter % 2)], in the upper nibble for the last two quarters,
 * and its high 2 bits in qh[j] from bit 2 * quarter on. */
static void q6_k_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                            float *dst) {
  (void)format;
  const uint8_t *block = parts[0];
  for (int64_t col = 0; col < n_cols; col += SUPER_BLOCK, block += Q6_K_BYTES) {
    const int8_t *scales = (const int8_t *)(block + 128 + 64);
    float d = read_f16(block + 128 + 64 + 16);
    for (int quarter = 0; quarter < 8; quarter++) { /* of both halves, in order */
      const uint8_t *ql = block + 64 * (quarter / 4) + 32 * (quarter % 2);
      const uint8_t *qh = block + 128 + 32 * (quarter / 4);
      int low_shift = quarter % 4 < 2 ? 0 : 4, high_shift = 2 * (quarter % 4);
      float *weights = dst + col + 32 * quarter;
      for (int j = 0; j < 32; j++) {
        int code = (ql[j] >> low_shift & 15) | (qh[j] >> high_shift & 3) << 4;
        weights[j] = d * (float)scales[2 * quarter + j / 16] * (float)(code - 32);
      }
    }
  }
}

static size_t q4_0_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format, (void)part;
  return (size_t)(n_cols / BLOCK) * Q4_0_BYTES;
}

static size_t q4_1_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format, (void)part;
  return (size_t)(n_cols / BLOCK) * Q4_1_BYTES;
}

static size_t q5_0_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format, (void)part;
  return (size_t)(n_cols / BLOCK) * Q5_0_BYTES;
}

static size_t q5_1_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format, (void)part;
  return (size_t)(n_cols / BLOCK) * Q5_1_BYTES;
}

static size_t q8_0_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format, (void)part;
  return (size_t)(n_cols / BLOCK) * Q8_0_BYTES;
}

static size_t q6_k_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format, (void)part;
  return (size_t)(n_cols / SUPER_BLOCK) * Q6_K_BYTES;
}

const bl_codec bl_codec_q4_0 = {
    .name = "q4_0",
    .n_parts = 1,
    .part_names = {"weight"},
    .fixed_bits = 4,
    .fixed_group = BLOCK,
    .row_bytes = q4_0_row_bytes,
    .decode_row = q4_0_decode_row,
};

const bl_codec bl_codec_q4_1 = {
    .name = "q4_1",
    .n_parts = 1,
    .part_names = {"weight"},
    .fixed_bits = 4,
    .fixed_group = BLOCK,
    .row_bytes = q4_1_row_bytes,
    .decode_row = q4_1_decode_row,
};

const bl_codec bl_codec_q5_0 = {
    .name = "q5_0",
    .n_parts = 1,
    .part_names = {"weight"},
    .fixed_bits = 5,
    .fixed_group = BLOCK,
    .row_bytes = q5_0_row_bytes,
    .decode_row = q5_0_decode_row,
};

const bl_codec bl_codec_q5_1 = {
    .name = "q5_1",
    .n_parts = 1,
    .part_names = {"weight"},
    .fixed_bits = 5,
    .fixed_group = BLOCK,
    .row_bytes = q5_1_row_bytes,
    .decode_row = q5_1_decode_row,
};

const bl_codec bl_codec_q8_0 = {
    .name = "q8_0",
    .n_parts = 1,
    .part_names = {"weight"},
    .fixed_bits = 8,
    .fixed_group = BLOCK,
    .row_bytes = q8_0_row_bytes,
    .decode_row = q8_0_decode_row,
};

const bl_codec bl_codec_q6_k = {
    .name = "q6_k",
    .n_parts = 1,
    .part_names = {"weight"},
    .fixed_bits = 6,
    .fixed_group = SUPER_BLOCK,
    .row_bytes = q6_k_row_bytes,
    .decode_row = q6_k_decode_row,
};
