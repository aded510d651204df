/* What the kernels must know of each format: where its codes lie, in which order lanes meet them,
 * and how the scales and biases of a row become floats. */
#ifndef BL_KERNEL_LANES_LAYOUT_H
#define BL_KERNEL_LANES_LAYOUT_H

#include "kernel/lanes_codes.h"
#include "quant/lookup.h"

/* ---- formats ------------------------------------------------------------------------------ */

enum path {
  PATH_CODES, /* integer codes with a scale and perhaps a bias per group */
  PATH_Q4_K,  /* as in lanes_q4k.h: a few tokens; many go by PATH_OTHER */
  PATH_Q5_K,
  PATH_Q6_K, /* as in lanes_q6k.h */
  PATH_Q2_K, /* as in lanes_q2k.h: a few tokens; many go by PATH_OTHER */
  PATH_Q3_K,
  PATH_PLAIN, /* floats */
  PATH_OTHER, /* whatever else: decoded by its codec */
};

/* Left to their codecs in WebAssembly, where they would make every download longer. */
#if defined(__wasm__)
enum { HAS_Q2K = 0 };
#else
enum { HAS_Q2K = 1 };
#endif

struct layout {
  enum path path;
  enum packing packing;
  enum order order;
  /* Of code j in its word. The kernels read them from here: where clang sees the constants it knows
   * that no word is negative and converts to float as unsigned, many instructions on x86. For codes
   * that are looked up: the bits of the 16 numbers. */
  uint32_t mask[16];
  size_t unit_bytes;   /* from one unit's codes to the next */
  size_t codes_offset; /* of the first code in part 0 */
  int group_shift;     /* log2 of units per group; -1 for two groups in a unit */
  bl_dtype dtype;      /* of scales and biases; for PATH_PLAIN, of the weights */
  int scale_part, bias_part;
  size_t scale_offset, bias_offset; /* of the first scale and bias in their part */
  size_t param_stride;
  bool stores_bias;
  float bias_from_scale; /* the bias as a multiple of the scale, where none is stored; or 0 */
};

/* GGML's blocks of 32 with an f16 scale first and perhaps an f16 minimum after it. */
static struct layout layout_of_blocks(enum packing packing, enum order order, size_t block_bytes,
                                      bool has_minimum, float bias_from_scale) {
  return (struct layout){.path = PATH_CODES,
                         .packing = packing,
                         .order = order,
                         .unit_bytes = block_bytes,
                         .codes_offset = has_minimum ? 4 : 2,
                         .dtype = BL_F16,
                         .bias_offset = 2,
                         .param_stride = block_bytes,
                         .stores_bias = has_minimum,
                         .bias_from_scale = bias_from_scale};
}

static struct layout layout_of_affine(const bl_format *format) {
  return (struct layout){.path = PATH_CODES,
                         .packing = (enum packing)format->bits,
                         .order = format->bits == 8 ? ORDER_BYTES : ORDER_EIGHTS,
                         .unit_bytes = 4 * (size_t)format->bits,
                         .group_shift = format->group == 128  ? 2
                                        : format->group == 64 ? 1
                                                              : 0,
                         .dtype = format->param_dtype,
                         .scale_part = 1,
                         .bias_part = 2,
                         .param_stride = bl_dtype_size(format->param_dtype),
                         .stores_bias = true};
}

#if BL_LOOKS_UP
/* PATH_OTHER for an arrangement of codes that no format has yet. */
static struct layout layout_of_lookup(const bl_format *format) {
  const bl_lookup *lookup = format->codec->lookup;
  bool has_halves = lookup->order == BL_CODES_HALVES, in_16 = format->group == 16;
  bool is_high_first = lookup->order == BL_CODES_HIGH_FIRST;
  bool is_block = format->codec->block_bytes > 0;
  if (((has_halves || is_block) && format->group != 32) || (is_high_first && in_16))
    return (struct layout){.path = PATH_OTHER};
  struct layout l = {.path = PATH_CODES,
                     .packing = in_16           ? PACKED_LOOKUP_16
                                : is_high_first ? PACKED_LOOKUP_HIGH_FIRST
                                                : PACKED_LOOKUP,
                     .order = has_halves ? ORDER_NIBBLES : ORDER_EIGHTS,
                     .unit_bytes = is_block ? bl_lookup_stride(format) : 16,
                     .codes_offset = bl_lookup_offset(format),
                     .group_shift = -1};
  for (int weights = 16; weights < format->group; weights *= 2) l.group_shift++;
  memcpy(l.mask, lookup->values, sizeof l.mask);
  return l;
}
#endif

static inline struct layout layout_of(const bl_format *format) {
  const char *name = format->codec->name;
  bl_dtype plain = bl_format_dtype(format);
  struct layout l = {.path = PATH_OTHER};
  if (plain != BL_DTYPE_NONE)
    l = (struct layout){.path = PATH_PLAIN, .dtype = plain};
  else if (strcmp(name, "affine") == 0)
    l = layout_of_affine(format);
  else if (strcmp(name, "q4_0") == 0)
    l = layout_of_blocks(PACKED_4, ORDER_NIBBLES, 18, false, -8);
  else if (strcmp(name, "q4_1") == 0)
    l = layout_of_blocks(PACKED_4, ORDER_NIBBLES, 20, true, 0);
  else if (strcmp(name, "q5_0") == 0)
    l = layout_of_blocks(PACKED_1_AND_4, ORDER_BYTES, 22, false, -16);
  else if (strcmp(name, "q5_1") == 0)
    l = layout_of_blocks(PACKED_1_AND_4, ORDER_BYTES, 24, true, 0);
  else if (strcmp(name, "q8_0") == 0)
    l = layout_of_blocks(PACKED_SIGNED_8, ORDER_BYTES, 34, false, 0);
  else if (strcmp(name, "q4_k") == 0)
    l = (struct layout){.path = PATH_Q4_K};
  else if (strcmp(name, "q5_k") == 0)
    l = (struct layout){.path = PATH_Q5_K};
  else if (strcmp(name, "q6_k") == 0)
    l = (struct layout){.path = PATH_Q6_K};
  else if (HAS_Q2K && strcmp(name, "q2_k") == 0)
    l = (struct layout){.path = PATH_Q2_K};
  else if (HAS_Q2K && strcmp(name, "q3_k") == 0)
    l = (struct layout){.path = PATH_Q3_K};
  for (int j = 0; l.path == PATH_CODES && j < 8; j++) l.mask[j] = code_mask(l.packing, j);
#if BL_LOOKS_UP
  if (format->codec->lookup) l = layout_of_lookup(format);
#endif
  return l;
}

static inline bool layout_has_bias(const struct layout *l) {
  return l->stores_bias || l->bias_from_scale < 0;
}

/* ---- scales and biases -------------------------------------------------------------------- */

/* n numbers of `dtype`, `stride` bytes apart, to dst, and zeros after them to a whole vector.
 * n_readable >= n of them may be read: those of later rows. */
BL_INLINE void load_params_of(bl_dtype dtype, const uint8_t *p, size_t stride, int64_t n,
                              int64_t n_readable, float *dst) {
  bl_veci lane = {0};
  for (int i = 0; i < BL_LANES; i++) lane[i] = i;
  for (int64_t i = 0; i < n; i += BL_LANES, p += BL_LANES * stride, dst += BL_LANES) {
    int left = n - i < BL_LANES ? (int)(n - i) : BL_LANES;
    if (i + BL_LANES > n_readable) {
      for (int k = 0; k < BL_LANES; k++) {
        dst[k] = 0;
        if (k < left) bl_to_f32(dtype, p + (size_t)k * stride, 1, dst + k);
      }
      continue;
    }
    bl_vecf v = load_floats(dtype, p, stride);
    if (left < BL_LANES) v = (bl_vecf)((bl_veci)v & (lane < left));
    memcpy(dst, &v, sizeof v);
  }
}

/* The same, for any dtype; only F16 has a stride other than its size. */
static void load_params(bl_dtype dtype, const uint8_t *p, size_t stride, int64_t n,
                        int64_t n_readable, float *dst) {
  if (dtype == BL_F32)
    load_params_of(BL_F32, p, 4, n, n_readable, dst);
  else if (dtype == BL_BF16)
    load_params_of(BL_BF16, p, 2, n, n_readable, dst);
  else if (stride == 2)
    load_params_of(BL_F16, p, 2, n, n_readable, dst);
  else
    load_params_of(BL_F16, p, stride, n, n_readable, dst);
}

/* Scales and biases of one row, as floats, one per group. Biases stay as they are for a format that
 * has none. */
static inline void load_row_params(const struct layout *l, const bl_tensor *w, int64_t row,
                                   int64_t n_groups, float *scales, float *biases) {
  if (code_is_looked_up(l->packing)) {
    const uint8_t *parts[BL_MAX_PARTS];
    for (int p = 0; p < w->format.codec->n_parts; p++)
      parts[p] = w->parts[p] + (size_t)row * w->row_bytes[p];
    w->format.codec->lookup->read_scales(parts, 0, n_groups, scales);
    return;
  }
  const uint8_t *scale = w->parts[l->scale_part] + (size_t)row * w->row_bytes[l->scale_part];
  int64_t n_readable = (w->n_rows - row) * n_groups;
  load_params(l->dtype, scale + l->scale_offset, l->param_stride, n_groups, n_readable, scales);
  if (l->stores_bias) {
    const uint8_t *bias = w->parts[l->bias_part] + (size_t)row * w->row_bytes[l->bias_part];
    load_params(l->dtype, bias + l->bias_offset, l->param_stride, n_groups, n_readable, biases);
  } else if (l->bias_from_scale < 0) {
    for (int64_t g = 0; g < n_groups; g++) biases[g] = l->bias_from_scale * scales[g];
  }
}

/* The group that a unit belongs to; the first of its two where group_shift is -1. */
BL_INLINE int64_t group_of_unit(enum packing packing, int64_t unit, int group_shift) {
  return packing == PACKED_LOOKUP_16 ? unit << 1 : unit >> group_shift;
}

/* Lane l of a vector belongs to the group lane[l] after that of the vector's first unit; not where
 * a unit has two groups. */
static inline bl_vecu group_lanes(int group_shift) {
  bl_vecu lane;
  for (unsigned i = 0; i < BL_LANES; i++) lane[i] = i / 4 >> (group_shift < 0 ? 0 : group_shift);
  return lane;
}

/* Lane l gets p[l / 2]. */
BL_INLINE bl_vecf spread_pairs(const float *p) {
  typedef float half __attribute__((vector_size(2 * BL_LANES)));
  half h;
  memcpy(&h, p, sizeof h);
#if BL_LANES == 4
  return __builtin_shufflevector(h, h, 0, 0, 1, 1);
#elif BL_LANES == 8
  return __builtin_shufflevector(h, h, 0, 0, 1, 1, 2, 2, 3, 3);
#else
  return __builtin_shufflevector(h, h, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
#endif
}

/* The scales of the units in a vector, of which the first is in `group`. */
BL_INLINE bl_vecf spread_scales(enum packing packing, const float *scales, int64_t group,
                                bl_vecu lane) {
  if (packing == PACKED_LOOKUP_16) return spread_pairs(scales + group);
  return bl_spread(scales + group, lane);
}

/* Adds the products of each row's biases with the sums of x, (n_groups, zeros to whole vectors). */
BL_INLINE void add_biases(const float *const *biases, const float *sums, int64_t n_groups,
                          bl_vecf total[BL_SET_ROWS]) {
  for (int64_t g = 0; g < n_groups; g += BL_LANES) {
    bl_vecf sum, bias;
    memcpy(&sum, sums + g, sizeof sum);
    for (int r = 0; r < BL_SET_ROWS; r++) {
      memcpy(&bias, biases[r] + g, sizeof bias);
      total[r] = bl_madd(bias, sum, total[r]);
    }
  }
}

#endif
