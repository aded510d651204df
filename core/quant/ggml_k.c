/* What the K formats share: rows in blocks of 256, codes of 2 and 4 bits packed, the head of
 * 6-bit scales and minima. */
#include "quant/ggml_k.h"

void bl_k_encode_row(const bl_format *format, const float *src, int64_t n_cols,
                     bl_k_encode_fn encode_block, uint8_t *blocks) {
  for (int64_t col = 0; col < n_cols; col += BL_K_WEIGHTS, src += BL_K_WEIGHTS) {
    float weights[BL_K_WEIGHTS];
    for (int i = 0; i < BL_K_WEIGHTS; i++) weights[i] = src[i] != src[i] ? NAN : src[i];
    encode_block(weights, blocks);
    blocks += format->codec->block_bytes;
  }
}

void bl_k_choose_codes(const float *weights, int n, float scale, float min, int lowest, int n_codes,
                       uint8_t *codes) {
  for (int start = 0; start < n; start += 16) {
    for (int i = start; i < start + 16; i++) {
      int code = bl_k_nearest((weights[i] + min) / scale) - lowest;
      code = code < 0 ? 0 : code;
      code = code < n_codes ? code : n_codes - 1;
      codes[i] = (uint8_t)code;
    }
  }
}

float bl_k_furthest_scale(const float scales[16]) {
  float furthest = 0, distance = 0; /* kept apart: clang 19 at -O3 drops a fabsf(furthest) */
  for (int j = 0; j < 16; j++) {
    if (!(fabsf(scales[j]) > distance)) continue;
    distance = fabsf(scales[j]);
    furthest = scales[j];
  }
  return furthest;
}

void bl_k_pack_2_bits(const uint8_t *codes, uint8_t packed[64]) {
  for (int half = 0; half < 2; half++) {
    const uint8_t *c = codes + 128 * half;
    for (int j = 0; j < 32; j++)
      packed[32 * half + j] = (uint8_t)((c[j] & 3) | (c[j + 32] & 3) << 2 | (c[j + 64] & 3) << 4 |
                                        (c[j + 96] & 3) << 6);
  }
}

void bl_k_unpack_2_bits(const uint8_t packed[64], uint8_t codes[BL_K_WEIGHTS]) {
  for (int half = 0; half < 2; half++) {
    const uint8_t *p = packed + 32 * half;
    uint8_t *c = codes + 128 * half;
    for (int j = 0; j < 32; j++) c[j] = p[j] & 3;
    for (int j = 0; j < 32; j++) c[j + 32] = p[j] >> 2 & 3;
    for (int j = 0; j < 32; j++) c[j + 64] = p[j] >> 4 & 3;
    for (int j = 0; j < 32; j++) c[j + 96] = p[j] >> 6;
  }
}

void bl_k_pack_4_bits(const uint8_t *codes, uint8_t packed[128]) {
  for (int quarter = 0; quarter < 4; quarter++) {
    const uint8_t *c = codes + 64 * quarter;
    for (int j = 0; j < 32; j++)
      packed[32 * quarter + j] = (uint8_t)((c[j] & 15) | (c[j + 32] & 15) << 4);
  }
}

void bl_k_unpack_4_bits(const uint8_t packed[128], uint8_t codes[BL_K_WEIGHTS]) {
  for (int quarter = 0; quarter < 4; quarter++) {
    const uint8_t *p = packed + 32 * quarter;
    uint8_t *c = codes + 64 * quarter;
    for (int j = 0; j < 32; j++) c[j] = p[j] & 15;
    for (int j = 0; j < 32; j++) c[j + 32] = p[j] >> 4;
  }
}

/* The largest of 8 positive numbers; 0 when there is none. */
static float largest(const float values[BL_K_HEAD_GROUPS]) {
  float max = 0;
  for (int i = 0; i < BL_K_HEAD_GROUPS; i++) max = values[i] > max ? values[i] : max;
  return max;
}

/* The whole number from 0 to 63 that stands for `value`. A negative one, which only sums that went
 * wrong can give, counts modulo 256 as it does in ggml. */
static unsigned to_6_bits(float value, float per_unit) {
  unsigned q = (unsigned)bl_k_nearest(per_unit * value) & 255;
  return q < 63 ? q : 63;
}

void bl_k_write_head(const float scales[BL_K_HEAD_GROUPS], const float mins[BL_K_HEAD_GROUPS],
                     uint8_t head[BL_K_HEAD_BYTES]) {
  float max_scale = largest(scales), max_min = largest(mins);
  float per_scale = max_scale > 0 ? 63 / max_scale : 0;
  float per_min = max_min > 0 ? 63 / max_min : 0;
  bl_ggml_write_f16(max_scale / 63, head);
  bl_ggml_write_f16(max_min / 63, head + 2);
  uint8_t *bytes = head + 4;
  for (int j = 0; j < 4; j++) {
    unsigned scale = to_6_bits(scales[j], per_scale), min = to_6_bits(mins[j], per_min);
    unsigned scale_4 = to_6_bits(scales[j + 4], per_scale), min_4 = to_6_bits(mins[j + 4], per_min);
    bytes[j] = (uint8_t)(scale | scale_4 >> 4 << 6);
    bytes[j + 4] = (uint8_t)(min | min_4 >> 4 << 6);
    bytes[j + 8] = (uint8_t)((scale_4 & 15) | (min_4 & 15) << 4);
  }
}

void bl_k_read_head(const uint8_t head[BL_K_HEAD_BYTES], bl_k_line lines[BL_K_HEAD_GROUPS]) {
  float d = bl_ggml_read_f16(head), dmin = bl_ggml_read_f16(head + 2);
  const uint8_t *bytes = head + 4;
  for (int j = 0; j < 4; j++) {
    int scale_4 = (bytes[j + 8] & 15) | bytes[j] >> 6 << 4;
    int min_4 = bytes[j + 8] >> 4 | bytes[j + 4] >> 6 << 4;
    lines[j] = (bl_k_line){d * (float)(bytes[j] & 63), dmin * (float)(bytes[j + 4] & 63)};
    lines[j + 4] = (bl_k_line){d * (float)scale_4, dmin * (float)min_4};
  }
}
