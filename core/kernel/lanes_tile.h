/* Many tokens: a few rows are decoded to floats, once, and multiplied with every token from there.
 * Rows stay in the order of the layout, in which x is too. */
#ifndef BL_KERNEL_LANES_TILE_H
#define BL_KERNEL_LANES_TILE_H

/* A set of rows and so many tokens are a block, whose sums stay in registers: 4 * 3 of them and
 * what feeds them fill the sixteen of AVX2 and WebAssembly on x86; elsewhere there are 32. */
enum { BLOCK_TOKENS = BL_REGISTERS == 32 ? 6 : 3 };

/* One vector of codes with n_present units to eight of weights: scale * code + bias. */
BL_INLINE void tile_step(enum packing packing, const fused *f, size_t at, int n_present,
                         int64_t group, bl_vecu lane, bl_vecf dst[8]) {
  bl_vecu a, b;
  load_units(packing, f->codes[0] + at, f->unit_bytes, n_present, &a, &b);
  bl_vecf scale = bl_spread(f->scales[0] + group, lane);
  bl_vecf bias = f->has_bias ? bl_spread(f->biases[0] + group, lane) : (bl_vecf){0};
  for (int i = 4 * n_present; i < BL_LANES; i++) scale[i] = bias[i] = 0;
#pragma GCC unroll 8
  for (int j = 0; j < 8; j++) {
    float unit_scale = bl_f32_from_bits((uint32_t)(127 - code_exponent(packing, j)) << 23);
    dst[j] = scale * (code_value(packing, j, f->mask, a, b) * unit_scale) + bias;
  }
}

/* Decodes row 0 of f to (n_vectors, 8), zeros past the row's end. */
BL_INLINE void tile_row(enum packing packing, const fused *f, bl_vecf *dst) {
  bl_vecu lane = group_lanes(f->group_shift);
  int64_t unit = 0;
  size_t at = 0;
  for (; unit + UNITS <= f->n_units; unit += UNITS, at += UNITS * f->unit_bytes, dst += 8)
    tile_step(packing, f, at, UNITS, unit >> f->group_shift, lane, dst);
  if (unit < f->n_units)
    tile_step(packing, f, at, (int)(f->n_units - unit), unit >> f->group_shift, lane, dst);
}

static void tile_codes(enum packing packing, const fused *f, bl_vecf *dst) {
  switch (packing) {
    case PACKED_2:
      tile_row(PACKED_2, f, dst);
      break;
    case PACKED_3:
      tile_row(PACKED_3, f, dst);
      break;
    case PACKED_4:
      tile_row(PACKED_4, f, dst);
      break;
    case PACKED_5:
      tile_row(PACKED_5, f, dst);
      break;
    case PACKED_6:
      tile_row(PACKED_6, f, dst);
      break;
    case PACKED_8:
      tile_row(PACKED_8, f, dst);
      break;
    case PACKED_SIGNED_8:
      tile_row(PACKED_SIGNED_8, f, dst);
      break;
    case PACKED_1_AND_4:
      tile_row(PACKED_1_AND_4, f, dst);
      break;
    case PACKED_LOOKUP: /* goes_by_codec */
    case PACKED_LOOKUP_HIGH_FIRST:
    case PACKED_LOOKUP_16:
      break;
  }
}

/* n floats of `dtype` to dst, in whole vectors where they fill them. */
static void tile_plain(bl_dtype dtype, const uint8_t *src, int64_t n, float *dst) {
  size_t size = bl_dtype_size(dtype);
  int64_t i = 0;
  for (; i + BL_LANES <= n; i += BL_LANES) {
    const uint8_t *from = src + (size_t)i * size;
    bl_vecf v;
    if (dtype == BL_F32)
      v = load_floats(BL_F32, from, 4);
    else if (dtype == BL_F16)
      v = load_floats(BL_F16, from, 2);
    else
      v = load_floats(BL_BF16, from, 2);
    memcpy(dst + i, &v, sizeof v);
  }
  bl_to_f32(dtype, src + (size_t)i * size, n - i, dst + i);
}

/* y[t * n_rows + r] = sum over k of rows[r][k] * x[t][k], for n_tokens (a constant where this is
 * called) and the first n_valid rows. rows and x are `stride` vectors apart. */
BL_INLINE void tile_block(int n_tokens, const bl_vecf *rows, const bl_vecf *x, int64_t stride,
                          int n_valid, int64_t n_rows, float *y) {
  bl_vecf sum[BLOCK_TOKENS][BL_SET_ROWS];
  for (int t = 0; t < n_tokens; t++) {
    for (int r = 0; r < BL_SET_ROWS; r++) sum[t][r] = (bl_vecf){0};
  }
  for (int64_t k = 0; k < stride; k++) {
    bl_vecf w[BL_SET_ROWS];
    for (int r = 0; r < BL_SET_ROWS; r++) w[r] = rows[r * stride + k];
    for (int t = 0; t < n_tokens; t++) {
      bl_vecf xt = x[t * stride + k];
      for (int r = 0; r < BL_SET_ROWS; r++) sum[t][r] = bl_madd(w[r], xt, sum[t][r]);
    }
  }
  for (int t = 0; t < n_tokens; t++) {
    bl_quadf result = sum_lanes(sum[t]);
    if (n_valid == BL_SET_ROWS)
      memcpy(y + t * n_rows, &result, sizeof result);
    else
      memcpy(y + t * n_rows, &result, (size_t)n_valid * sizeof *y);
  }
}

/* Decoded rows times all tokens. */
static void tile_multiply(const bl_vecf *rows, const bl_vecf *x, int64_t stride, int64_t n_tokens,
                          int n_valid, int64_t n_rows, float *y) {
  int64_t t = 0;
  for (; t + BLOCK_TOKENS <= n_tokens; t += BLOCK_TOKENS)
    tile_block(BLOCK_TOKENS, rows, x + t * stride, stride, n_valid, n_rows, y + t * n_rows);
  for (; t + 2 <= n_tokens; t += 2)
    tile_block(2, rows, x + t * stride, stride, n_valid, n_rows, y + t * n_rows);
  for (; t < n_tokens; t++)
    tile_block(1, rows, x + t * stride, stride, n_valid, n_rows, y + t * n_rows);
}

#endif
