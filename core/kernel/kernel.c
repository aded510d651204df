/* Which kernels this machine runs, and products that share their rows among threads. */
#include "kernel/kernel.h"

#include <string.h>

#include "base/checked.h"
#include "kernel/kernel_table.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#if defined(__aarch64__)
static bool has_dot_product(void) {
#if defined(__APPLE__)
  return true; /* from the first of them on */
#elif defined(__linux__)
  enum { HAS_ASIMDDP = 1 << 20 }; /* HWCAP_ASIMDDP of asm/hwcap.h */
  return getauxval(AT_HWCAP) & HAS_ASIMDDP;
#else
  return false;
#endif
}
#endif

/* Fills in what this machine runs, the definition first and the best last; returns how many. */
#define MAX_KERNELS 5
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
  bool has_vnni = has_avx512 && __builtin_cpu_supports("avx512vnni");
  if (has_vnni && bl_kernels_avx512vnni()) list[n++] = bl_kernels_avx512vnni();
#elif defined(__aarch64__)
  list[n++] = bl_kernels_neon();
  if (has_dot_product() && bl_kernels_neon_dotprod()) list[n++] = bl_kernels_neon_dotprod();
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

struct rounding_job {
  const bl_quantizer *quantizer;
  int64_t n_cols;
  const float *x;
  float *rounded;
};

static void round_token(void *context, int64_t t, int thread) {
  const struct rounding_job *job = context;
  (void)thread;
  bl_round_activations(job->quantizer, job->x + t * job->n_cols, job->n_cols,
                       job->rounded + t * job->n_cols);
}

/* Room for the rounded x of a product. */
static int64_t rounded_floats(int64_t n_cols, int64_t n_tokens) {
  return (n_tokens * n_cols + 15) / 16 * 16;
}

/* Matrices of one format. */
static void multiply(const bl_kernels *kernels, bl_pool *pool, const bl_products *products,
                     bl_activations activations, const float *x, int64_t n_tokens, void *work) {
  const bl_tensor *w = products->w[0];
  bl_quantizer quantizer = {.rounding = BL_ROUNDING_NONE};
  if (activations != BL_ACTIVATIONS_FLOAT) quantizer = bl_quantizer_make(w, x, n_tokens);
  if (quantizer.rounding == BL_ROUNDING_NONE) {
    kernels->matmul(pool, products, x, n_tokens, work);
  } else if (!kernels->matmul_int8 ||
             !kernels->matmul_int8(pool, products, &quantizer, x, n_tokens, work)) {
    struct rounding_job job = {
        .quantizer = &quantizer, .n_cols = w->n_cols, .x = x, .rounded = work};
    bl_pool_run(pool, round_token, &job, n_tokens);
    kernels->matmul(pool, products, job.rounded, n_tokens,
                    job.rounded + rounded_floats(w->n_cols, n_tokens));
  }
}

/* Is what x becomes the same for both? */
static bool takes_alike(const bl_tensor *a, const bl_tensor *b) {
  const bl_format *f = &a->format, *g = &b->format;
  return f->codec == g->codec && f->bits == g->bits && f->group == g->group &&
         f->param_dtype == g->param_dtype && a->input_scale == b->input_scale &&
         a->input_zero == b->input_zero;
}

void bl_matmul_all(const bl_kernels *kernels, bl_pool *pool, const bl_products *products,
                   bl_activations activations, const float *x, int64_t n_tokens, void *work) {
  for (int i = 0; i < products->n;) {
    bl_products alike = {0};
    const bl_tensor *first = products->w[i];
    for (; i < products->n && takes_alike(products->w[i], first); i++) {
      alike.w[alike.n] = products->w[i];
      alike.y[alike.n++] = products->y[i];
    }
    if (alike.w[0]->n_cols > 0) {
      multiply(kernels, pool, &alike, activations, x, n_tokens, work);
      continue;
    }
    for (int j = 0; j < alike.n; j++)
      memset(alike.y[j], 0, (size_t)(n_tokens * alike.w[j]->n_rows) * sizeof *alike.y[j]);
  }
}

void bl_matmul(const bl_kernels *kernels, bl_pool *pool, const bl_tensor *w,
               bl_activations activations, const float *x, int64_t n_tokens, float *y, void *work) {
  const bl_products one = {.n = 1, .w = {w}, .y = {y}};
  bl_matmul_all(kernels, pool, &one, activations, x, n_tokens, work);
}

/* Gives SIZE_MAX when the size can't be expressed, so that allocating it fails. */
size_t bl_matmul_work_bytes(int64_t max_cols, int64_t max_tokens, int n_threads,
                            bl_activations activations) {
  const int64_t limit = INT64_C(1) << 40;
  bool int8 = activations != BL_ACTIVATIONS_FLOAT;
  uint64_t tokens, threads, floats, bytes;
  if (max_cols < 0 || max_cols > limit || max_tokens < 0 || n_threads < 1) return SIZE_MAX;
  int64_t token_floats = bl_token_floats(max_cols) + (int8 ? bl_padded_cols(max_cols) : 0);
  int64_t thread_floats = int8 ? bl_int8_thread_floats(max_cols) : bl_thread_floats(max_cols);
  if (!bl_mul_u64((uint64_t)max_tokens, (uint64_t)token_floats, &tokens) ||
      !bl_mul_u64((uint64_t)n_threads, (uint64_t)thread_floats, &threads) ||
      !bl_add_u64(tokens, threads, &floats) || !bl_mul_u64(floats, sizeof(float), &bytes) ||
      bytes > SIZE_MAX)
    return SIZE_MAX;
  return (size_t)bytes;
}

float bl_dot(const bl_kernels *kernels, const float *a, const float *b, int64_t n) {
  return kernels->dot(a, b, n);
}
