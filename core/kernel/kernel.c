#include "kernel/kernel.h"

#include <string.h>

#include "base/checked.h"
#include "kernel/kernel_table.h"

/* Fills in what this machine runs, the definition first and the best last; returns how many. */
#define MAX_KERNELS 4
static int available(const bl_kernels *list[MAX_KERNELS]) {
  int n = 0;
  list[n++] = bl_kernels_scalar();
  if (bl_kernels_wasm_simd128()) list[n++] = bl_kernels_wasm_simd128();
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("f16c");
  if (has_avx2 && bl_kernels_avx2()) list[n++] = bl_kernels_avx2();
  bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
  if (has_avx512 && bl_kernels_avx512()) list[n++] = bl_kernels_avx512();
#endif
  return n;
}

int bl_kernels_count(void) {
  const bl_kernels *list[MAX_KERNELS];
  return available(list);
}

const bl_kernels *bl_kernels_at(int i) {
  const bl_kernels *list[MAX_KERNELS];
  return i >= 0 && i < available(list) ? list[i] : NULL;
}

const bl_kernels *bl_kernels_find(const char *name) {
  const bl_kernels *list[MAX_KERNELS];
  int n = available(list);
  if (!name) return list[n - 1];
  for (int i = 0; i < n; i++) {
    if (strcmp(list[i]->name, name) == 0) return list[i];
  }
  return NULL;
}

const char *bl_kernels_name(const bl_kernels *kernels) {
  return kernels->name;
}

void bl_matmul(const bl_kernels *kernels, bl_pool *pool, const bl_tensor *w, const float *x,
               int64_t n_tokens, float *y, void *work) {
  if (w->n_cols == 0) {
    memset(y, 0, (size_t)(n_tokens * w->n_rows) * sizeof *y);
    return;
  }
  kernels->matmul(pool, w, x, n_tokens, y, work);
}

/* Gives SIZE_MAX when the size can't be expressed, so that allocating it fails. */
size_t bl_matmul_work_bytes(int64_t max_cols, int64_t max_tokens, int n_threads) {
  const int64_t limit = INT64_C(1) << 40;
  uint64_t tokens, threads, floats, bytes;
  if (max_cols < 0 || max_cols > limit || max_tokens < 0 || n_threads < 1) return SIZE_MAX;
  if (!bl_mul_u64((uint64_t)max_tokens, (uint64_t)bl_token_floats(max_cols), &tokens) ||
      !bl_mul_u64((uint64_t)n_threads, (uint64_t)bl_thread_floats(max_cols), &threads) ||
      !bl_add_u64(tokens, threads, &floats) || !bl_mul_u64(floats, sizeof(float), &bytes) ||
      bytes > SIZE_MAX)
    return SIZE_MAX;
  return (size_t)bytes;
}

float bl_dot(const bl_kernels *kernels, const float *a, const float *b, int64_t n) {
  return kernels->dot(a, b, n);
}
