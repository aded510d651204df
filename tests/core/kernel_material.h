/* Matrices in every format, and their products in every implementation: what the kernels are
 * checked on and timed on. */
#ifndef BL_TESTS_KERNEL_MATERIAL_H
#define BL_TESTS_KERNEL_MATERIAL_H

#include "base/number.h"
#include "check.h"
#include "kernel/kernel.h"

/* Under emulation the definition (kernels 0), which is portable C and is checked where it runs
 * itself, is left out where every implementation is compared, and of 64 and 65 tokens the 64. */
#if defined(BL_EMULATED)
enum { EMULATED = 1 };
#else
enum { EMULATED = 0 };
#endif

/* All formats with all their settings; those whose scales have a type of their own, in each. */
static inline int list_formats(bl_format *formats, int capacity) {
  static const bl_dtype all_dtypes[] = {BL_F32, BL_F16, BL_BF16};
  int n = 0;
  for (int c = 0; c < bl_codec_count(); c++) {
    const bl_codec *codec = bl_codec_at(c);
    bool has_bits = codec->bits, has_group = codec->groups;
    for (int bits = has_bits ? 2 : codec->fixed_bits; bits <= (has_bits ? 8 : codec->fixed_bits);
         bits++) {
      for (int group = has_group ? 32 : codec->fixed_group;
           group <= (has_group ? 256 : codec->fixed_group); group *= 2) {
        if (!bl_codec_takes(codec, bits, group)) continue;
        int n_dtypes = has_bits && has_group ? 3 : 1;
        for (int d = 0; d < n_dtypes && n < capacity; d++)
          formats[n++] =
              (bl_format){codec, bits, group, bl_codec_has_settings(codec) ? all_dtypes[d] : 0};
      }
    }
  }
  return n;
}

static inline bool is_named(const bl_format *format, const char *name) {
  return strcmp(format->codec->name, name) == 0;
}

/* A tensor whose parts are exactly as large as they need be. */
typedef struct matrix {
  bl_tensor w;
  uint8_t *allocated[BL_MAX_PARTS];
} matrix;

static inline void put(bl_dtype dtype, float value, uint8_t *dst) {
  bl_from_f32(dtype, &value, 1, dst);
}

/* Any bytes are codes of MLX affine; scales and biases are of magnitude `size`. So are plain
 * floats. */
static inline void fill_any(const bl_tensor *w, uint8_t *const *parts, float size,
                            uint64_t *state) {
  bl_dtype plain = bl_format_dtype(&w->format);
  for (int p = 0; p < w->format.codec->n_parts; p++) {
    size_t n_bytes = bl_tensor_part_bytes(w, p);
    for (size_t i = 0; i < n_bytes; i++) parts[p][i] = (uint8_t)(check_random(state) >> 40);
    bl_dtype dtype = p > 0 ? w->format.param_dtype : plain;
    size_t step = dtype != BL_DTYPE_NONE ? bl_dtype_size(dtype) : n_bytes;
    for (size_t i = 0; dtype != BL_DTYPE_NONE && i < n_bytes; i += step)
      put(dtype, size * check_uniform(state), parts[p] + i);
  }
}

/* Random weights, each group of 16 with its own magnitude up to `size`, encoded. */
static inline void fill_encoded(const bl_tensor *w, uint8_t *const *parts, float size,
                                uint64_t *state) {
  const bl_codec *codec = w->format.codec;
  float *weights = malloc((size_t)(w->n_rows * w->n_cols) * sizeof *weights), scale = 0;
  if (!weights) exit(1);
  for (int64_t i = 0; i < w->n_rows * w->n_cols; i++) {
    if (i % 16 == 0) scale = size * check_uniform(state);
    weights[i] = scale * check_uniform(state);
  }
  if (codec->encode_tensor) codec->encode_tensor(&w->format, weights, w->n_rows, w->n_cols, parts);
  for (int64_t r = 0; codec->encode_row && r < w->n_rows; r++)
    bl_tensor_encode_row(w, parts, r, weights + r * w->n_cols);
  free(weights);
}

/* Weights of magnitude `size` in parts that are there. */
static inline void fill_matrix(const bl_tensor *w, uint8_t *const *parts, float size,
                               uint64_t *state) {
  if (is_named(&w->format, "affine") || bl_format_dtype(&w->format) != BL_DTYPE_NONE)
    fill_any(w, parts, size, state);
  else
    fill_encoded(w, parts, size, state);
}

/* At odd addresses. */
static inline matrix make_matrix(bl_format format, int64_t n_rows, int64_t n_cols, float size,
                                 uint64_t *state) {
  matrix m = {.w = bl_tensor_make(format, n_rows, n_cols)};
  uint8_t *parts[BL_MAX_PARTS] = {NULL};
  for (int p = 0; p < format.codec->n_parts; p++) {
    m.allocated[p] = malloc(bl_tensor_part_bytes(&m.w, p) + 1);
    if (!m.allocated[p]) exit(1);
    m.w.parts[p] = parts[p] = m.allocated[p] + 1;
  }
  fill_matrix(&m.w, parts, size, state);
  return m;
}

static inline void free_matrix(matrix *m) {
  for (int p = 0; p < BL_MAX_PARTS; p++) free(m->allocated[p]);
}

/* y = x w' in an implementation, with guards around everything that may be written. */
static inline float *multiply_as(const bl_kernels *kernels, bl_pool *pool, const bl_tensor *w,
                                 bl_activations activations, const float *x, int64_t n_tokens) {
  enum { GUARD = 64 };
  size_t n = (size_t)(n_tokens * w->n_rows);
  float *y = malloc((n + 2 * GUARD) * sizeof *y);
  memset(y, 0x5a, (n + 2 * GUARD) * sizeof *y);
  size_t work_size = bl_matmul_work_bytes(w->n_cols, n_tokens, bl_pool_threads(pool), activations);
  uint8_t *work = aligned_alloc(64, work_size + 64);
  memset(work, 0xff, work_size + 64); /* NaN, where it is read before it is written */
  bl_matmul(kernels, pool, w, activations, x, n_tokens, y + GUARD, work);
  bool intact = true;
  for (size_t i = 0; i < 4 * GUARD; i++) {
    intact &= ((uint8_t *)y)[i] == 0x5a;
    intact &= ((uint8_t *)(y + GUARD + n))[i] == 0x5a;
  }
  for (size_t i = 0; i < 64; i++) intact &= work[work_size + i] == 0xff;
  CHECK_MSG(intact, "%s writes only y and its work space", bl_kernels_name(kernels));
  memmove(y, y + GUARD, n * sizeof *y);
  free(work);
  return y;
}

/* With float activations. */
static inline float *multiply(const bl_kernels *kernels, bl_pool *pool, const bl_tensor *w,
                              const float *x, int64_t n_tokens) {
  return multiply_as(kernels, pool, w, BL_ACTIVATIONS_FLOAT, x, n_tokens);
}

static inline float *random_values(int64_t n, float size, uint64_t *state) {
  float *x = malloc((size_t)n * sizeof *x);
  for (int64_t i = 0; i < n; i++) x[i] = size * check_uniform(state);
  return x;
}

static inline void describe(const bl_kernels *kernels, const bl_tensor *w, int64_t n_tokens,
                            char *text, size_t size) {
  char format[64];
  bl_format_print(&w->format, format, sizeof format);
  snprintf(text, size, "%s %s/%s (%d, %d), %d tokens", bl_kernels_name(kernels), format,
           bl_dtype_name(w->format.param_dtype), (int)w->n_rows, (int)w->n_cols, (int)n_tokens);
}

enum { MAX_FORMATS = 160 };

/* The fewest columns that a format allows, and counts that end inside vectors of every width. */
static inline int64_t columns(const bl_format *format, int i) {
  static const int64_t multiples[] = {1, 3, 5};
  static const int64_t plain[] = {1, 67, 160};
  return format->group == 1 ? plain[i] : multiples[i] * format->group;
}

#endif
