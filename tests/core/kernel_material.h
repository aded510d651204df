/* Matrices in every format, and their products in every implementation, for the tests of the
 * kernels.
 */
#ifndef BL_TESTS_KERNEL_MATERIAL_H
#define BL_TESTS_KERNEL_MATERIAL_H

#include "base/number.h"
#include "check.h"
#include "kernel/kernel.h"

/* All formats with all their settings. */
static inline int list_formats(bl_format *formats, int capacity) {
  static const int all_bits[] = {2, 3, 4, 5, 6, 8}, all_groups[] = {32, 64, 128};
  static const bl_dtype all_dtypes[] = {BL_F32, BL_F16, BL_BF16};
  int n = 0;
  for (int c = 0; c < bl_codec_count(); c++) {
    const bl_codec *codec = bl_codec_at(c);
    if (!codec->has_settings) {
      if (n < capacity) formats[n++] = (bl_format){codec, codec->fixed_bits, codec->fixed_group, 0};
      continue;
    }
    for (int b = 0; b < 6; b++) {
      for (int g = 0; g < 3; g++) {
        for (int d = 0; d < 3; d++) {
          if (codec->settings_valid(all_bits[b], all_groups[g]) && n < capacity)
            formats[n++] = (bl_format){codec, all_bits[b], all_groups[g], all_dtypes[d]};
        }
      }
    }
  }
  return n;
}

static inline bool is_named(const bl_format *format, const char *name) {
  return strcmp(format->codec->name, name) == 0;
}

/* A tensor whose parts are exactly as large as they need be, at odd addresses. */
typedef struct matrix {
  bl_tensor w;
  uint8_t *allocated[BL_MAX_PARTS];
} matrix;

static inline void put(bl_dtype dtype, float value, uint8_t *dst) {
  bl_from_f32(dtype, &value, 1, dst);
}

/* Random codes; scales and biases of magnitude `size`. */
static inline matrix make_matrix(bl_format format, int64_t n_rows, int64_t n_cols, float size,
                                 uint64_t *state) {
  matrix m = {.w = bl_tensor_make(format, n_rows, n_cols)};
  bl_dtype plain = bl_format_dtype(&format);
  for (int p = 0; p < format.codec->n_parts; p++) {
    size_t n_bytes = (size_t)n_rows * m.w.row_bytes[p];
    m.allocated[p] = malloc(n_bytes + 1);
    uint8_t *bytes = m.allocated[p] + 1;
    m.w.parts[p] = bytes;
    for (size_t i = 0; i < n_bytes; i++) bytes[i] = (uint8_t)(check_random(state) >> 40);
    bl_dtype dtype = p > 0 ? format.param_dtype : plain;
    size_t step = dtype != BL_DTYPE_NONE ? bl_dtype_size(dtype) : n_bytes;
    for (size_t i = 0; dtype != BL_DTYPE_NONE && i < n_bytes; i += step)
      put(dtype, size * check_uniform(state), bytes + i);
  }
  /* GGML's blocks hold one or two f16 numbers among their codes. */
  static const struct {
    const char *name;
    size_t block_bytes, at[2];
  } blocks[] = {{"q4_0", 18, {0, 0}}, {"q4_1", 20, {0, 2}}, {"q5_0", 22, {0, 0}},
                {"q5_1", 24, {0, 2}}, {"q8_0", 34, {0, 0}}, {"q6_k", 210, {208, 208}}};
  for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
    if (!is_named(&format, blocks[b].name)) continue;
    size_t n_bytes = (size_t)n_rows * m.w.row_bytes[0];
    for (size_t i = 0; i < n_bytes; i += blocks[b].block_bytes) {
      for (int k = 0; k < 2; k++)
        put(BL_F16, size * check_uniform(state), m.allocated[0] + 1 + i + blocks[b].at[k]);
    }
  }
  return m;
}

static inline void free_matrix(matrix *m) {
  for (int p = 0; p < BL_MAX_PARTS; p++) free(m->allocated[p]);
}

/* y = x w' in an implementation, with guards around everything that may be written. */
static inline float *multiply(const bl_kernels *kernels, bl_pool *pool, const bl_tensor *w,
                              const float *x, int64_t n_tokens) {
  enum { GUARD = 64 };
  size_t n = (size_t)(n_tokens * w->n_rows);
  float *y = malloc((n + 2 * GUARD) * sizeof *y);
  memset(y, 0x5a, (n + 2 * GUARD) * sizeof *y);
  size_t work_size = bl_matmul_work_bytes(w->n_cols, n_tokens, bl_pool_threads(pool));
  uint8_t *work = aligned_alloc(64, work_size + 64);
  memset(work, 0xff, work_size + 64); /* NaN, where it is read before it is written */
  bl_matmul(kernels, pool, w, x, n_tokens, y + GUARD, work);
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

enum { MAX_FORMATS = 80 };

/* The fewest columns that a format allows, and counts that end inside vectors of every width. */
static inline int64_t columns(const bl_format *format, int i) {
  static const int64_t multiples[] = {1, 3, 5};
  static const int64_t plain[] = {1, 67, 160};
  return format->group == 1 ? plain[i] : multiples[i] * format->group;
}

#endif
