/* The arithmetic of training: every implementation against sums in double. */
#include "check.h"
#include "train/kernels.h"

static const char *const names[] = {"portable", "avx2", "avx512", "amx"};
enum { N_KERNELS = sizeof names / sizeof *names };

static void fill(float *x, int64_t n, uint64_t *state) {
  for (int64_t i = 0; i < n; i++) x[i] = check_uniform(state);
}

static void round_bf16(float *x, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    bits = (bits + 0x8000) & 0xffff0000;
    memcpy(&x[i], &bits, sizeof bits);
  }
}

/* One product of random matrices against sums in double. */
static void check_gemm(const bl_train_kernels *kernels, int64_t m, int64_t n, int64_t k,
                       bool a_transposed, bool b_transposed, bool add, float *work) {
  uint64_t state = (uint64_t)(m * 1000003 + n * 1009 + k);
  int64_t a_stride = (a_transposed ? m : k) + 3, b_stride = (b_transposed ? k : n) + 5;
  int64_t c_stride = n + 2;
  float *a = malloc((size_t)(a_stride * (a_transposed ? k : m)) * sizeof *a);
  float *b = malloc((size_t)(b_stride * (b_transposed ? n : k)) * sizeof *b);
  float *c = malloc((size_t)(c_stride * m) * sizeof *c), *old = malloc((size_t)(c_stride * m) * 4);
  if (!a || !b || !c || !old) exit(1);
  fill(a, a_stride * (a_transposed ? k : m), &state);
  fill(b, b_stride * (b_transposed ? n : k), &state);
  fill(c, c_stride * m, &state);
  if (strcmp(kernels->name, "amx") == 0) { /* exact for factors of bfloat16 */
    round_bf16(a, a_stride * (a_transposed ? k : m));
    round_bf16(b, b_stride * (b_transposed ? n : k));
  }
  memcpy(old, c, (size_t)(c_stride * m) * sizeof *c);
  bl_view va = a_transposed ? bl_columns(a, a_stride) : bl_rows(a, a_stride);
  bl_view vb = b_transposed ? bl_columns(b, b_stride) : bl_rows(b, b_stride);
  kernels->gemm(m, n, k, va, vb, c, c_stride, add, work);
  float *packed = aligned_alloc(64, (size_t)bl_packed_size(n, k) * sizeof *packed);
  float *again = malloc((size_t)(c_stride * m) * sizeof *again);
  if (!packed || !again) exit(1);
  memcpy(again, old, (size_t)(c_stride * m) * sizeof *again);
  kernels->pack(n, k, vb, packed);
  kernels->gemm(m, n, k, va, bl_packed(packed), again, c_stride, add, work);
  CHECK(memcmp(c, again, (size_t)(c_stride * m) * sizeof *c) == 0);
  free(packed);
  free(again);
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < c_stride; j++) {
      double expected = j >= n || add ? (double)old[i * c_stride + j] : 0, size = 1;
      for (int64_t l = 0; l < k && j < n; l++) {
        double product = (double)va.at[i * va.row + l * va.col] * vb.at[l * vb.row + j * vb.col];
        expected += product;
        size += fabs(product);
      }
      double error = fabs((double)c[i * c_stride + j] - expected);
      CHECK_MSG(error <= 4e-7 * size, "%s: (%d,%d) of %dx%dx%d is off by %.3g", kernels->name,
                (int)i, (int)j, (int)m, (int)n, (int)k, error);
    }
  }
  free(a);
  free(b);
  free(c);
  free(old);
}

static void products_of_any_shape_agree_with_sums_in_double(void) {
  static const int64_t shapes[][3] = {{1, 1, 1},    {2, 3, 5},     {7, 31, 129},  {8, 32, 128},
                                      {9, 33, 127}, {17, 65, 260}, {129, 40, 13}, {250, 7, 300}};
  float *work = aligned_alloc(64, BL_GEMM_WORK * sizeof *work);
  if (!work) exit(1);
  for (int v = 0; v < N_KERNELS; v++) {
    const bl_train_kernels *kernels = bl_train_kernels_find(names[v]);
    for (size_t s = 0; kernels && s < sizeof shapes / sizeof *shapes; s++)
      for (int flags = 0; flags < 8; flags++)
        check_gemm(kernels, shapes[s][0], shapes[s][1], shapes[s][2], flags & 1, flags & 2,
                   flags & 4, work);
  }
  free(work);
}

static void adamw_agrees_with_its_definition_in_double(void) {
  enum { N = 1003 };
  const double rate = 3e-4, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.1;
  for (int v = 0; v < N_KERNELS; v++) {
    const bl_train_kernels *kernels = bl_train_kernels_find(names[v]);
    if (!kernels) continue;
    static float p[N], m[N], s[N], g[N];
    static double dp[N], dm[N], ds[N];
    uint64_t state = 5;
    fill(p, N, &state);
    for (int i = 0; i < N; i++) {
      dp[i] = (double)p[i];
      m[i] = s[i] = 0;
      dm[i] = ds[i] = 0;
    }
    for (int t = 1; t <= 20; t++) {
      bl_adamw settings = {.beta1 = (float)beta1,
                           .beta2 = (float)beta2,
                           .epsilon = (float)epsilon,
                           .decay = (float)(1 - rate * decay),
                           .step = (float)(rate / (1 - pow(beta1, t))),
                           .root = (float)(1 / sqrt(1 - pow(beta2, t))),
                           .gradient_scale = 0.5f};
      fill(g, N, &state);
      for (int i = 0; i < N; i++) {
        double gradient = 0.5 * (double)g[i];
        dm[i] = beta1 * dm[i] + (1 - beta1) * gradient;
        ds[i] = beta2 * ds[i] + (1 - beta2) * gradient * gradient;
        dp[i] -= rate * decay * dp[i];
        dp[i] -=
            rate * (dm[i] / (1 - pow(beta1, t))) / (sqrt(ds[i] / (1 - pow(beta2, t))) + epsilon);
      }
      kernels->adamw(&settings, N, p, m, s, g);
    }
    for (int i = 0; i < N; i++) {
      CHECK_MSG(fabs((double)p[i] - dp[i]) < 2e-6, "%s: %.9g, expected %.9g", kernels->name,
                (double)p[i], dp[i]);
      CHECK(g[i] == 0);
    }
  }
}

/* Of any length: with whole vectors and without. */
static void softmax_agrees_with_its_definition_in_double(void) {
  enum { MOST = 70 };
  for (int v = 0; v < N_KERNELS; v++) {
    const bl_train_kernels *kernels = bl_train_kernels_find(names[v]);
    for (int n = 1; kernels && n <= MOST; n++) {
      float x[MOST];
      double e[MOST], sum = 0;
      uint64_t state = (uint64_t)n;
      fill(x, n, &state);
      x[n * 7 % 11 % n] += 80; /* the largest must be taken off, wherever it stands */
      for (int i = 0; i < n; i++) sum += e[i] = exp((double)x[i]);
      float log_sum = kernels->softmax(x, n);
      CHECK(fabs((double)log_sum - log(sum)) < 1e-5);
      for (int i = 0; i < n; i++)
        CHECK_MSG(fabs((double)x[i] - e[i] / sum) < 1e-6, "%s: %d of %d is %.9g, not %.9g",
                  kernels->name, i, n, (double)x[i], e[i] / sum);
    }
  }
}

int main(void) {
  RUN(products_of_any_shape_agree_with_sums_in_double);
  RUN(adamw_agrees_with_its_definition_in_double);
  RUN(softmax_agrees_with_its_definition_in_double);
  return check_result();
}
