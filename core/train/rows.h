/* The row operations of training, and the table of all of them. They are loops that compilers turn
 * into vectors of whatever width the file that includes this is compiled for; sums run in 16 lanes,
 * so that they can. */
#ifndef BL_TRAIN_ROWS_H
#define BL_TRAIN_ROWS_H

#include <math.h>

#include "model/exp.h"
#include "train/kernels.h"
#include "train/vector.h"

enum { SUM_LANES = 16 };

static float add_lanes(const float lane[SUM_LANES]) {
  double sum = 0;
  for (int j = 0; j < SUM_LANES; j++) sum += (double)lane[j];
  return (float)sum;
}

static float rows_dot(const float *a, const float *b, int64_t n) {
  float lane[SUM_LANES] = {0};
  int64_t i = 0;
  for (; i + SUM_LANES <= n; i += SUM_LANES)
    for (int j = 0; j < SUM_LANES; j++) lane[j] += a[i + j] * b[i + j];
  for (int j = 0; i < n; i++, j++) lane[j] += a[i] * b[i];
  return add_lanes(lane);
}

static float rows_norm(const float *x, const float *weight, int64_t n, float eps, float *y) {
  float s = 1.0f / sqrtf(rows_dot(x, x, n) / (float)n + eps);
  for (int64_t i = 0; i < n; i++) y[i] = x[i] * s * weight[i];
  return s;
}

/* With h = dy * weight: dx = s * h - s^3 / n * (sum of h * x) * x, and dweight = dy * x * s. */
static void rows_norm_backward(const float *x, const float *weight, const float *dy, int64_t n,
                               float s, float *dx, float *dweight) {
  float lane[SUM_LANES] = {0};
  int64_t i = 0;
  for (; i + SUM_LANES <= n; i += SUM_LANES)
    for (int j = 0; j < SUM_LANES; j++) lane[j] += dy[i + j] * weight[i + j] * x[i + j];
  for (int j = 0; i < n; i++, j++) lane[j] += dy[i] * weight[i] * x[i];
  float pull = s * s * s / (float)n * add_lanes(lane);
  for (i = 0; i < n; i++) {
    dx[i] += dy[i] * weight[i] * s - pull * x[i];
    dweight[i] += dy[i] * x[i] * s;
  }
}

static void rows_swiglu(const float *gate, const float *up, int64_t n, float *y) {
  for (int64_t i = 0; i < n; i++) y[i] = gate[i] / (1 + bl_exp(-gate[i])) * up[i];
}

static void rows_swiglu_backward(const float *gate, const float *up, const float *dy, int64_t n,
                                 float *restrict y, float *restrict dgate, float *restrict dup) {
  for (int64_t i = 0; i < n; i++) {
    float g = gate[i], u = up[i], d = dy[i], share = 1 / (1 + bl_exp(-g));
    y[i] = g * share * u;
    dgate[i] = d * u * share * (1 + g * (1 - share));
    dup[i] = d * g * share;
  }
}

/* With vectors written out: compilers do not find them in a running maximum. */
static float rows_max(const float *x, int64_t n) {
  bl_vecf most = x[0] - (bl_vecf){0};
  float max = x[0];
  int64_t i = 0;
  for (; i + BL_LANES <= n; i += BL_LANES) {
    bl_vecf v;
    memcpy(&v, x + i, sizeof v);
    bl_veci above = v > most;
    most = (bl_vecf)(((bl_veci)v & above) | ((bl_veci)most & ~above));
  }
  for (; i < n; i++) max = x[i] > max ? x[i] : max;
  for (int j = 0; j < BL_LANES; j++) max = most[j] > max ? most[j] : max;
  return max;
}

static void rows_exponentials(float *x, int64_t n, float offset) {
  for (int64_t i = 0; i < n; i++) x[i] = bl_exp(x[i] - offset);
}

static void rows_scale(float s, int64_t n, float *x) {
  for (int64_t i = 0; i < n; i++) x[i] *= s;
}

static float rows_softmax(float *x, int64_t n) {
  float lane[SUM_LANES] = {0}, max = rows_max(x, n);
  rows_exponentials(x, n, max);
  int64_t i = 0;
  for (; i + SUM_LANES <= n; i += SUM_LANES)
    for (int j = 0; j < SUM_LANES; j++) lane[j] += x[i + j];
  for (int j = 0; i < n; i++, j++) lane[j] += x[i];
  float sum = add_lanes(lane);
  rows_scale(1 / sum, n, x);
  return max + logf(sum);
}

static void rows_softmax_backward(const float *p, int64_t n, float offset, float scale, float *y) {
  for (int64_t i = 0; i < n; i++) y[i] = p[i] * (y[i] - offset) * scale;
}

static void rows_add(const float *x, int64_t n, float *y) {
  for (int64_t i = 0; i < n; i++) y[i] += x[i];
}

static void rows_adamw(const bl_adamw *settings, int64_t n, float *restrict p, float *restrict m,
                       float *restrict v, float *restrict g) {
  const bl_adamw s = *settings;
  for (int64_t i = 0; i < n; i++) {
    float gradient = g[i] * s.gradient_scale;
    m[i] = s.beta1 * m[i] + (1 - s.beta1) * gradient;
    v[i] = s.beta2 * v[i] + (1 - s.beta2) * gradient * gradient;
    p[i] = p[i] * s.decay - s.step * m[i] / (sqrtf(v[i]) * s.root + s.epsilon);
    g[i] = 0;
  }
}

static const bl_train_kernels lanes_math = {
    .name = BL_MATH_NAME,
    .gemm = lanes_gemm,
    .pack = lanes_pack,
    .norm = rows_norm,
    .norm_backward = rows_norm_backward,
    .swiglu = rows_swiglu,
    .swiglu_backward = rows_swiglu_backward,
    .softmax = rows_softmax,
    .exponentials = rows_exponentials,
    .softmax_backward = rows_softmax_backward,
    .scale = rows_scale,
    .add = rows_add,
    .dot = rows_dot,
    .adamw = rows_adamw,
};

#endif
