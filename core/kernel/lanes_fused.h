/* A few tokens: each code is used as it is read, once per token.
 *
 * A row's product is the sum over groups of scale * (sum of code * x) + bias * (sum of x); the sums
 * of x are the same for all rows and come prepared. Four rows go together so that each load of x
 * serves four. */
#ifndef BL_KERNEL_LANES_FUSED_H
#define BL_KERNEL_LANES_FUSED_H

/* What one task needs, in units of 32 weights and groups of them. */
typedef struct fused {
  const uint32_t *mask;
  const uint8_t *codes[BL_SET_ROWS];
  const float *scales[BL_SET_ROWS], *biases[BL_SET_ROWS]; /* (n_groups, zeros to whole vectors) */
  size_t unit_bytes;
  int64_t n_units, n_groups;
  int group_shift;
  bool has_bias;
} fused;

/* One vector of codes, with n_present units, of every row: adds scale * (sum of code * x). */
BL_INLINE void fused_step(enum packing packing, const fused *f, size_t at, int n_present,
                          int64_t group, const bl_vecf x[8], bl_vecu lane,
                          bl_vecf total[BL_SET_ROWS]) {
  for (int r = 0; r < BL_SET_ROWS; r++) {
    bl_vecu a, b;
    load_units(packing, f->codes[r] + at, f->unit_bytes, n_present, &a, &b);
    bl_vecf sum = code_value(packing, 0, f->mask, a, b) * x[0];
#pragma GCC unroll 8
    for (int j = 1; j < 8; j++) sum = bl_madd(code_value(packing, j, f->mask, a, b), x[j], sum);
    total[r] = bl_madd(spread_scales(packing, f->scales[r], group, lane), sum, total[r]);
  }
}

/* The products of BL_SET_ROWS rows with one token: x (n_vectors, 8) in the layout's order with the
 * codes' exponents taken out, sums (n_groups, zeros to whole vectors). */
BL_INLINE void fused_rows(enum packing packing, const fused *f, const bl_vecf *x, const float *sums,
                          float y[BL_SET_ROWS]) {
  bl_vecf total[BL_SET_ROWS];
  clear_rows(total);
  bl_vecu lane = group_lanes(f->group_shift);
  int64_t unit = 0;
  size_t at = 0;
  for (; unit + UNITS <= f->n_units; unit += UNITS, at += UNITS * f->unit_bytes, x += 8)
    fused_step(packing, f, at, UNITS, group_of_unit(packing, unit, f->group_shift), x, lane, total);
  if (unit < f->n_units)
    fused_step(packing, f, at, (int)(f->n_units - unit),
               group_of_unit(packing, unit, f->group_shift), x, lane, total);
  if (f->has_bias) add_biases(f->biases, sums, f->n_groups, total);
  bl_quadf result = sum_lanes(total);
  memcpy(y, &result, sizeof result);
}

static void fused_2(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_2, f, x, sums, y);
}
static void fused_3(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_3, f, x, sums, y);
}
static void fused_4(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_4, f, x, sums, y);
}
static void fused_5(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_5, f, x, sums, y);
}
static void fused_6(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_6, f, x, sums, y);
}
static void fused_8(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_8, f, x, sums, y);
}
static void fused_signed_8(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_SIGNED_8, f, x, sums, y);
}
static void fused_1_and_4(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_1_AND_4, f, x, sums, y);
}
#if BL_LOOKS_UP
static void fused_lookup(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_LOOKUP, f, x, sums, y);
}
static void fused_lookup_high_first(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_LOOKUP_HIGH_FIRST, f, x, sums, y);
}
static void fused_lookup_16(const fused *f, const bl_vecf *x, const float *sums, float *y) {
  fused_rows(PACKED_LOOKUP_16, f, x, sums, y);
}
#endif

typedef void (*fused_fn)(const fused *f, const bl_vecf *x, const float *sums, float *y);

static fused_fn fused_for(enum packing packing) {
  static const fused_fn table[] = {
      [PACKED_2] = fused_2,
      [PACKED_3] = fused_3,
      [PACKED_4] = fused_4,
      [PACKED_5] = fused_5,
      [PACKED_6] = fused_6,
      [PACKED_8] = fused_8,
      [PACKED_SIGNED_8] = fused_signed_8,
      [PACKED_1_AND_4] = fused_1_and_4,
#if BL_LOOKS_UP
      [PACKED_LOOKUP] = fused_lookup,
      [PACKED_LOOKUP_HIGH_FIRST] = fused_lookup_high_first,
      [PACKED_LOOKUP_16] = fused_lookup_16,
#endif
  };
  return table[packing];
}

/* Rows of plain floats with one token, x (n_cols, zeros to whole vectors). */
BL_INLINE void plain_rows(bl_dtype dtype, const uint8_t *const *rows, int64_t n_cols,
                          const bl_vecf *x, float *y) {
  bl_vecf even[BL_SET_ROWS], odd[BL_SET_ROWS];
  clear_rows(even);
  clear_rows(odd);
  size_t size = bl_dtype_size(dtype), at = 0;
  int64_t left = n_cols;
  for (; left >= 2 * BL_LANES; left -= 2 * BL_LANES, at += 2 * BL_LANES * size, x += 2) {
    for (int r = 0; r < BL_SET_ROWS; r++) {
      bl_vecf w[2];
      load_float_pair(dtype, rows[r] + at, w);
      even[r] = bl_madd(w[0], x[0], even[r]);
      odd[r] = bl_madd(w[1], x[1], odd[r]);
    }
  }
  for (int r = 0; left > 0 && r < BL_SET_ROWS; r++) {
    float tail[2 * BL_LANES] = {0};
    bl_vecf w[2];
    bl_to_f32(dtype, rows[r] + at, left, tail);
    memcpy(w, tail, sizeof w);
    even[r] = bl_madd(w[0], x[0], even[r]);
    if (left > BL_LANES) odd[r] = bl_madd(w[1], x[1], odd[r]);
  }
  for (int r = 0; r < BL_SET_ROWS; r++) even[r] += odd[r];
  bl_quadf result = sum_lanes(even);
  memcpy(y, &result, sizeof result);
}

static void plain_for(bl_dtype dtype, const uint8_t *const *rows, int64_t n_cols, const bl_vecf *x,
                      float *y) {
  if (dtype == BL_F32)
    plain_rows(BL_F32, rows, n_cols, x, y);
  else if (dtype == BL_F16)
    plain_rows(BL_F16, rows, n_cols, x, y);
  else
    plain_rows(BL_BF16, rows, n_cols, x, y);
}

#endif
