/* Codes of weights as whole numbers, for products with activations in int8.
 *
 * A step is what one vector of sums is computed from: every four lanes of it take 32 codes (16 in
 * GGML's K formats) that share a scale, DOT_CODES to a lane. All codes are made positive; `zero` is
 * the one that stands for 0. In which order a lane meets codes follows from where they lie. The
 * activations are put into that order once for all rows. */
#ifndef BL_KERNEL_LANES_INT8_CODES_H
#define BL_KERNEL_LANES_INT8_CODES_H

#include "kernel/lanes_layout.h"
#include "kernel/lanes_q2k.h"

/* Adds to each lane the products of the DOT_CODES codes in it, as unsigned bytes for 4 or 16-bit
 * numbers for 2, with as many activations. Codes above 127 only where `wide`. */
BL_INLINE bl_veci bl_dot_add(bl_veci sum, bl_vecu codes, bl_veci x, bool wide);

/* How codes are read: a value of enum packing, or one of these. */
enum kind { KIND_Q4_K = 20, KIND_Q5_K, KIND_Q6_K, KIND_Q2_K, KIND_Q3_K };

/* Those with four runs in a piece, as the paths of lanes_q2k.h. */
BL_INLINE bool kind_has_runs(int kind) {
  return kind >= KIND_Q6_K;
}
BL_INLINE enum path kind_path(int kind) {
  return kind == KIND_Q6_K ? PATH_Q6_K : kind == KIND_Q3_K ? PATH_Q3_K : PATH_Q2_K;
}

BL_INLINE bool kind_is_k(int kind) {
  return kind >= KIND_Q4_K;
}
/* Steps that one load gives, and vectors of DOT_CODES codes in a step. */
BL_INLINE int kind_steps(int kind) {
  return kind_has_runs(kind) ? Q6K_RUNS : kind_is_k(kind) ? Q4K_RUNS : 1;
}
BL_INLINE int kind_vectors(int kind) {
  return (kind_is_k(kind) ? 4 : 8) / DOT_CODES;
}
enum { MAX_LOAD_VECTORS = 16 / DOT_CODES }; /* of all steps */

BL_INLINE bool kind_is_wide(int kind) {
  return kind == PACKED_8 || kind == PACKED_SIGNED_8;
}

/* ---- units -------------------------------------------------------------------------------- */

/* Which of a lane's eight codes is the e-th of vector v. Whole bytes keep their places. */
BL_INLINE int code_in_vector(enum packing packing, int v, int e) {
  const int per_word = 4 / DOT_CODES; /* vectors that one word of bytes gives */
  if (packing < PACKED_8) return v + 8 / DOT_CODES * e;
  return 4 * (v / per_word) + v % per_word + per_word * e;
}

/* Which of its unit's weights code j of lane l is. */
static inline int weight_of_code(enum order order, int l, int j) {
  if (order == ORDER_EIGHTS) return 8 * l + j;
  if (order == ORDER_NIBBLES) return 4 * l + j / 2 + 16 * (j & 1);
  return 4 * l + (j & 3) + 16 * (j >> 2);
}

/* How far right code (v, e) is moved from its word to its place; left when negative. */
BL_INLINE int code_shift(enum packing packing, int v, int e) {
  return code_bit(packing, code_in_vector(packing, v, e)) - 32 / DOT_CODES * e;
}

/* Vector v of a unit's codes from the lanes' words a and b. Codes that move equally far in the same
 * word move together. */
BL_INLINE bl_vecu gather_codes(enum packing packing, int v, bl_vecu a, bl_vecu b) {
  bl_vecu codes = {0};
#pragma GCC unroll 4
  for (int e = 0; e < DOT_CODES; e++) {
    uint32_t mask = 0;
    bool in_b = code_in_b(packing, code_in_vector(packing, v, e)), moved = false;
    int shift = code_shift(packing, v, e);
#pragma GCC unroll 4
    for (int k = 0; k < DOT_CODES; k++) {
      bool along = code_in_b(packing, code_in_vector(packing, v, k)) == in_b &&
                   code_shift(packing, v, k) == shift;
      if (along && k < e) moved = true;
      if (along) mask |= ((1u << code_bits(packing)) - 1) << (32 / DOT_CODES * k);
    }
    bl_vecu word = in_b ? b : a;
    if (!moved) codes |= (shift < 0 ? word << -shift : word >> shift) & mask;
  }
  return codes;
}

/* ---- GGML's K formats ----------------------------------------------------------------------- */

/* Codes in bytes, four to a lane, as vectors of DOT_CODES. */
BL_INLINE void spread_bytes(bl_vecu bytes, bl_vecu *dst) {
#if DOT_CODES == 4
  *dst = bytes;
#else
  dst[0] = bytes & 0x00ff00ff;
  dst[1] = bytes >> 8 & 0x00ff00ff;
#endif
}

BL_INLINE int k_loads_of_block(int kind) {
  return kind_has_runs(kind) ? Q6K_VECTORS : Q4K_VECTORS;
}

/* The first of the 16 weights, within its block, that four lanes meet together: those from lane
 * 4 * (place % UNITS) on, at step place / UNITS. */
static inline int k_first_weight(int kind, int place) {
  int step = place / UNITS, n_steps = kind_steps(kind);
  int piece = step / n_steps * UNITS + place % UNITS, run = step % n_steps;
  if (kind_has_runs(kind)) return q6k_weight(piece, run);
  return q4k_weight(piece, run);
}

/* ---- any of them ---------------------------------------------------------------------------- */

/* The steps of load `at` of a row: (kind_steps, kind_vectors). The last load of a row may have
 * fewer than UNITS units; what the lanes past them get is not to be used. */
BL_INLINE void load_steps(int kind, const uint8_t *codes, size_t unit_bytes, const uint32_t *mask,
                          int64_t at, int n_present, bl_vecu *dst) {
  if (kind_is_k(kind)) {
    int64_t block = at / k_loads_of_block(kind);
    int v = (int)(at % k_loads_of_block(kind));
    bl_vecu bytes[Q6K_RUNS];
    if (kind_has_runs(kind)) {
      const enum path path = kind_path(kind);
      runs_codes(path, codes + block * runs_bytes(path), v, mask, bytes);
    } else {
      bool has_fifth = kind == KIND_Q5_K;
      q4k_codes(has_fifth, codes + block * q4k_bytes(has_fifth), v, mask, bytes);
    }
#pragma GCC unroll 4
    for (int s = 0; s < kind_steps(kind); s++) spread_bytes(bytes[s], dst + s * kind_vectors(kind));
  } else {
    const enum packing packing = (enum packing)kind;
    bl_vecu a, b;
    load_units(packing, codes + (size_t)at * UNITS * unit_bytes, unit_bytes, n_present, &a, &b);
    if (kind == PACKED_SIGNED_8) {
      a ^= 0x80808080;
      b ^= 0x80808080;
    }
#pragma GCC unroll 4
    for (int v = 0; v < kind_vectors(kind); v++) dst[v] = gather_codes(packing, v, a, b);
  }
}

/* Leaves the first n lanes as they are, the others 0. */
BL_INLINE bl_vecf first_lanes(bl_vecf v, int n) {
  bl_veci lane = {0};
  for (int i = 0; i < BL_LANES; i++) lane[i] = i;
  return (bl_vecf)((bl_veci)v & (lane < n));
}

/* ---- formats ------------------------------------------------------------------------------ */

struct int8_layout {
  int kind;
  struct layout codes; /* unit_bytes, codes_offset, scales and biases; for a K format the mask */
  int zero;            /* the code that stands for 0 */
  bool has_bias;
  int group_shift;      /* log2 of the quarters of a vector that share a scale, along a row */
  int bias_shift;       /* log2 of the weights that share a bias */
  bool scale_is_double; /* one for all rows */
};

/* One scale for a whole row; no tensor has more columns than this. */
enum { WHOLE_ROW = 31 };

/* torch's signed bytes, with a scale in part 1. */
static inline struct int8_layout int8_layout_of_bytes(bool scale_is_double) {
  struct layout codes = {.path = PATH_CODES,
                         .packing = PACKED_SIGNED_8,
                         .order = ORDER_BYTES,
                         .unit_bytes = 32,
                         .group_shift = WHOLE_ROW,
                         .dtype = BL_F32,
                         .scale_part = 1,
                         .param_stride = 4};
  return (struct int8_layout){.kind = PACKED_SIGNED_8,
                              .codes = codes,
                              .zero = 128,
                              .group_shift = WHOLE_ROW,
                              .scale_is_double = scale_is_double};
}

/* Codes of odd widths are left to the general path in WebAssembly, where they would make every
 * download longer. */
#if defined(__wasm__)
enum { INT8_HAS_ALL = 0 };
#else
enum { INT8_HAS_ALL = 1 };
#endif
BL_INLINE bool int8_has(int kind) {
  return INT8_HAS_ALL || kind == PACKED_4 || kind == PACKED_8 || kind == PACKED_SIGNED_8 ||
         kind == KIND_Q4_K || kind == KIND_Q6_K;
}

/* A scale in f16, then 32 codes of 4 bits, and so on. */
static inline bool int8_is_q4_0(const struct int8_layout *l) {
  return l->kind == PACKED_4 && !l->has_bias && l->codes.unit_bytes == 18;
}

/* False for a format that is multiplied as floats. */
static inline bool int8_layout_of(const bl_tensor *w, struct int8_layout *l) {
  const char *name = w->format.codec->name;
  struct layout codes = layout_of(&w->format);
  if (w->n_cols % 32 != 0 || w->n_cols >= INT64_C(1) << WHOLE_ROW) return false;
  if (strcmp(name, "int8") == 0 || strcmp(name, "qint8") == 0) {
    *l = int8_layout_of_bytes(name[0] == 'q');
  } else if (codes.path == PATH_Q4_K || (codes.path == PATH_Q5_K && int8_has(KIND_Q5_K))) {
    int kind = codes.path == PATH_Q5_K ? KIND_Q5_K : KIND_Q4_K;
    *l = (struct int8_layout){.kind = kind, .has_bias = true, .bias_shift = 5};
    q4k_masks(l->codes.mask);
  } else if (has_four_runs(codes.path)) {
    bool is_q2 = codes.path == PATH_Q2_K;
    int kind = is_q2 ? KIND_Q2_K : codes.path == PATH_Q3_K ? KIND_Q3_K : KIND_Q6_K;
    *l = (struct int8_layout){
        .kind = kind, .zero = runs_zero(codes.path), .has_bias = is_q2, .bias_shift = 4};
    q2k_masks(l->codes.mask);
  } else if (codes.path == PATH_CODES && !code_is_looked_up(codes.packing) &&
             int8_has((int)codes.packing)) {
    *l = (struct int8_layout){
        .kind = (int)codes.packing,
        .codes = codes,
        .zero = codes.packing == PACKED_SIGNED_8 ? 128 : (int)-codes.bias_from_scale,
        .has_bias = codes.stores_bias,
        .group_shift = codes.group_shift,
        .bias_shift = 5 + codes.group_shift};
    l->codes.bias_from_scale = 0; /* `zero` says it */
  } else {
    return false;
  }
  return true;
}

/* Four bytes from each of BL_LANES places, `stride` bytes apart. */
BL_INLINE bl_vecu load_words(const uint8_t *p, size_t stride) {
  bl_quadu q[UNITS];
  for (int i = 0; i < UNITS; i++, p += 4 * stride)
    q[i] = (bl_quadu){load_u32(p), load_u32(p + stride), load_u32(p + 2 * stride),
                      load_u32(p + 3 * stride)};
  return join_quads(q);
}

/* The f16 scales, and the minimums after them unless `biases` is NULL, of n of GGML's blocks. The
 * last vector reaches back over what is there already. */
BL_INLINE void load_block_params(const uint8_t *p, size_t stride, int64_t n, float *scales,
                                 float *biases) {
  for (int64_t i = 0; n >= BL_LANES && i < n; i += BL_LANES) {
    int64_t at = i + BL_LANES <= n ? i : n - BL_LANES;
    bl_vecu words = load_words(p + (size_t)at * stride, stride);
    bl_vecf v = bl_from_f16(__builtin_convertvector(words & 0xffff, bl_halves));
    memcpy(scales + at, &v, sizeof v);
    if (!biases) continue;
    v = bl_from_f16(__builtin_convertvector(words >> 16, bl_halves));
    memcpy(biases + at, &v, sizeof v);
  }
  for (int64_t i = 0; n < BL_LANES && i < n; i++, p += stride) {
    bl_to_f32(BL_F16, p, 1, scales + i);
    if (biases) bl_to_f32(BL_F16, p + 2, 1, biases + i);
  }
}

/* Of n_rows rows from `row` on: scales (n_rows, n_groups), one for each 2^group_shift quarters of a
 * vector, and biases (n_rows, n_biases), one for each 2^bias_shift weights. Each array has room for
 * a vector more. */
static inline void load_int8_params(const struct int8_layout *l, const bl_tensor *w, int64_t row,
                                    int64_t n_rows, int64_t n_groups, int64_t n_biases,
                                    float *scales, float *biases) {
  const uint8_t *bytes = w->parts[0] + (size_t)row * w->row_bytes[0];
  const struct layout *c = &l->codes;
  int64_t n = n_rows * n_groups, n_readable = (w->n_rows - row) * n_groups;
  if (kind_is_k(l->kind)) {
    for (int64_t r = 0; r < n_rows; r++, bytes += w->row_bytes[0]) {
      if (kind_has_runs(l->kind))
        runs_params(kind_path(l->kind), bytes, n_groups / 16, scales + r * n_groups,
                    biases + r * n_biases);
      else
        q4k_params(bytes, q4k_bytes(l->kind == KIND_Q5_K), n_groups / 16, scales + r * n_groups,
                   biases + r * n_biases);
    }
  } else if (l->scale_is_double) {
    double scale;
    memcpy(&scale, w->parts[1], sizeof scale);
    for (int64_t r = 0; r < n_rows; r++) scales[r] = (float)scale;
  } else if (c->param_stride > sizeof(float)) {
    load_block_params(bytes, c->param_stride, n, scales, l->has_bias ? biases : NULL);
  } else {
    const uint8_t *scale = w->parts[c->scale_part] + (size_t)row * w->row_bytes[c->scale_part];
    const uint8_t *bias = w->parts[c->bias_part] + (size_t)row * w->row_bytes[c->bias_part];
    load_params(c->dtype, scale, c->param_stride, n, n_readable, scales);
    if (l->has_bias) load_params(c->dtype, bias, c->param_stride, n, n_readable, biases);
  }
}

#endif
