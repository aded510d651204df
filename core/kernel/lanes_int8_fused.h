/* Products with int8 activations, a few tokens: each code is used as it is read, once per token.
 *
 * For each step the products of codes are summed as whole numbers, starting from what `zero` takes
 * off; then comes the activations' scale, then the weights'.
 *
 * With BL_SCALES_IN_PLACE 1 an instruction set has bl_scales_in_place, which reads the f16 scales
 * of the n_present units that begin at p, each 2 bytes before its codes of 16, for the lanes that
 * these units fill; 0 in the others. Picking them out one by one was a third of q4_0's time. */
#ifndef BL_KERNEL_LANES_INT8_FUSED_H
#define BL_KERNEL_LANES_INT8_FUSED_H

#include "kernel/lanes_int8_codes.h"

/* One token, in the order of the weights' codes. */
typedef struct int8_token {
  const bl_veci *codes;  /* (n_steps, kind_vectors) */
  const bl_vecf *scales; /* (n_steps) */
  const bl_veci *starts; /* (n_steps): -zero * (sum of codes), in the first of every four lanes */
  const float *sums; /* of the rounded x over the weights of each bias; zeros to whole vectors */
} int8_token;

/* BL_SET_ROWS rows. Past the ends of scales and biases there is anything, to a whole vector. */
typedef struct int8_rows {
  const uint8_t *codes[BL_SET_ROWS];
  const float *scales[BL_SET_ROWS], *biases[BL_SET_ROWS];
  size_t unit_bytes;
  const uint32_t *mask;
  int64_t n_units, n_loads, n_biases;
  int group_shift;
  bool scales_in_place; /* there are none in `scales` */
} int8_rows;

BL_INLINE int units_present(const int8_rows *f, int64_t at) {
  return f->n_units - at * UNITS < UNITS ? (int)(f->n_units - at * UNITS) : UNITS;
}

#if !BL_SCALES_IN_PLACE
BL_INLINE bl_vecf bl_scales_in_place(const uint8_t *p, int n_present) {
  (void)p, (void)n_present;
  return (bl_vecf){0};
}
#endif

BL_INLINE bl_vecf int8_scales(bool in_place, const int8_rows *f, int r, int64_t step, int n_present,
                              bl_vecu lane) {
  if (in_place) return bl_scales_in_place(f->codes[r] - 2 + step * UNITS * 18, n_present);
  bl_vecf scale = bl_spread(f->scales[r] + (step * UNITS >> f->group_shift), lane);
  return n_present < UNITS ? first_lanes(scale, 4 * n_present) : scale;
}

BL_INLINE void int8_fused_load(int kind, bool in_place, const int8_rows *f, int64_t at,
                               int n_present, const int8_token *t, bl_vecu lane,
                               bl_vecf total[BL_SET_ROWS]) {
  const int n_steps = kind_steps(kind), n_vectors = kind_vectors(kind);
  for (int r = 0; r < BL_SET_ROWS; r++) {
    bl_vecu codes[MAX_LOAD_VECTORS];
    load_steps(kind, f->codes[r], f->unit_bytes, f->mask, at, n_present, codes);
#pragma GCC unroll 4
    for (int s = 0; s < n_steps; s++) {
      int64_t step = at * n_steps + s;
      bl_veci sum = t->starts[step];
#pragma GCC unroll 4
      for (int v = 0; v < n_vectors; v++)
        sum = bl_dot_add(sum, codes[s * n_vectors + v], t->codes[step * n_vectors + v],
                         kind_is_wide(kind));
      bl_vecf scale = int8_scales(in_place, f, r, step, n_present, lane);
      bl_vecf product = __builtin_convertvector(sum, bl_vecf) * t->scales[step];
      total[r] = bl_madd(scale, product, total[r]);
    }
  }
}

BL_INLINE void int8_fused_rows_of(int kind, bool in_place, const int8_rows *f, const int8_token *t,
                                  float y[BL_SET_ROWS]) {
  bl_vecf total[BL_SET_ROWS];
  clear_rows(total);
  bl_vecu lane = group_lanes(f->group_shift);
  int64_t n_whole = kind_is_k(kind) || UNITS == 1 ? f->n_loads : f->n_units / UNITS;
  for (int64_t at = 0; at < n_whole; at++)
    int8_fused_load(kind, in_place, f, at, UNITS, t, lane, total);
  if (UNITS > 1 && n_whole < f->n_loads)
    int8_fused_load(kind, in_place, f, n_whole, units_present(f, n_whole), t, lane, total);
  for (int64_t g = 0; g < f->n_biases; g += BL_LANES) {
    int64_t left = f->n_biases - g;
    bl_vecf sum, bias;
    memcpy(&sum, t->sums + g, sizeof sum);
    for (int r = 0; r < BL_SET_ROWS; r++) {
      memcpy(&bias, f->biases[r] + g, sizeof bias);
      if (left < BL_LANES) bias = first_lanes(bias, (int)left);
      total[r] = bl_madd(bias, sum, total[r]);
    }
  }
  bl_quadf result = sum_lanes(total);
  memcpy(y, &result, sizeof result);
}

BL_INLINE void int8_fused_rows(int kind, const int8_rows *f, const int8_token *t,
                               float y[BL_SET_ROWS]) {
  if (BL_SCALES_IN_PLACE && kind == PACKED_4 && f->scales_in_place)
    int8_fused_rows_of(kind, true, f, t, y);
  else
    int8_fused_rows_of(kind, false, f, t, y);
}

/* The products of BL_SET_ROWS rows with one token. */
static void int8_fused(int kind, const int8_rows *f, const int8_token *t, float y[BL_SET_ROWS]) {
  switch (kind) {
    case PACKED_2:
      if (int8_has(PACKED_2)) int8_fused_rows(PACKED_2, f, t, y);
      break;
    case PACKED_3:
      if (int8_has(PACKED_3)) int8_fused_rows(PACKED_3, f, t, y);
      break;
    case PACKED_4:
      int8_fused_rows(PACKED_4, f, t, y);
      break;
    case PACKED_5:
      if (int8_has(PACKED_5)) int8_fused_rows(PACKED_5, f, t, y);
      break;
    case PACKED_6:
      if (int8_has(PACKED_6)) int8_fused_rows(PACKED_6, f, t, y);
      break;
    case PACKED_8:
      int8_fused_rows(PACKED_8, f, t, y);
      break;
    case PACKED_SIGNED_8:
      int8_fused_rows(PACKED_SIGNED_8, f, t, y);
      break;
    case PACKED_1_AND_4:
      if (int8_has(PACKED_1_AND_4)) int8_fused_rows(PACKED_1_AND_4, f, t, y);
      break;
    case KIND_Q4_K:
      int8_fused_rows(KIND_Q4_K, f, t, y);
      break;
    case KIND_Q5_K:
      if (int8_has(KIND_Q5_K)) int8_fused_rows(KIND_Q5_K, f, t, y);
      break;
    case KIND_Q6_K:
      int8_fused_rows(KIND_Q6_K, f, t, y);
      break;
    case KIND_Q2_K:
      if (int8_has(KIND_Q2_K)) int8_fused_rows(KIND_Q2_K, f, t, y);
      break;
    case KIND_Q3_K:
      if (int8_has(KIND_Q3_K)) int8_fused_rows(KIND_Q3_K, f, t, y);
      break;
  }
}

#endif
