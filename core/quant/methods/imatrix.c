/* The importance matrix, as in llama.cpp: in its imatrix files each column of a matrix has a number
 * q, the mean of the squares of what the layer is given there over a calibration text. An error in
 * that column costs as much.
 *
 * Bytes are those of llama.cpp v0.5.0's ggml_quantize_chunk with an importance matrix, as built for
 * x86-64: the same float32 operations in the same order. What the importance h of a weight w is
 * made of differs a little between formats:
 *
 *     format                  h                        sigma^2
 *     q4_0, q4_1, q5_0, q5_1  q sqrt(sigma^2 + w^2)    mean w^2 of the row
 *     iq4_nl                  the same                 twice the mean w^2 of the block of 32
 *     q3_k, q4_k, q5_k        the same                 twice the mean w^2 of the block of 256
 *     q2_k                    the same                 the mean w^2 of that block
 *     q6_k                    q
 *
 * Grids are searched for as they are without (ggml_search.h), but that a line's candidates are
 * 0.05 steps apart. In the basic formats the codes of the search are stored. In the K formats the
 * unit of a block's scales, or of its minima, and their multiples are searched for too, with the
 * sums of the groups' h as importance; then codes are chosen anew. */
#include "quant/methods/imatrix.h"

#include <math.h>
#include <string.h>

#include "quant/ggml_search.h"

enum { QUAD = 4, MAX_GROUP = 32 };
#define NEGLIGIBLE 1e-15f

/* What a format does with the matrix. */
typedef struct rule {
  const bl_codec *codec;
  bool has_line; /* a scale and a minimum; else a scale with a sign */
  int group;
  float sigma;   /* times the mean w^2, of the row where there is no block of 256; 0: h is q */
  int most_step; /* of the scales of a block of 256; 0: there is none */
} rule;

extern const bl_codec bl_codec_q4_0, bl_codec_q4_1, bl_codec_q5_0, bl_codec_q5_1, bl_codec_q8_0,
    bl_codec_q2_k, bl_codec_q3_k, bl_codec_q4_k, bl_codec_q5_k, bl_codec_q6_k, bl_codec_iq4_nl;

static const rule rules[] = {
    {&bl_codec_q4_0, false, 32, 1, 0},   {&bl_codec_q4_1, true, 32, 1, 0},
    {&bl_codec_q5_0, false, 32, 1, 0},   {&bl_codec_q5_1, true, 32, 1, 0},
    {&bl_codec_iq4_nl, false, 32, 2, 0}, {&bl_codec_q2_k, true, 16, 1, 15},
    {&bl_codec_q3_k, false, 16, 2, 31},  {&bl_codec_q4_k, true, 32, 2, 63},
    {&bl_codec_q5_k, true, 32, 2, 63},   {&bl_codec_q6_k, false, 16, 0, 127},
};

static const rule *rule_of(const bl_codec *codec) {
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (rules[i].codec == codec) return &rules[i];
  return NULL;
}

bool bl_imatrix_encodes(const bl_codec *codec) {
  return rule_of(codec) != NULL || codec == &bl_codec_q8_0;
}

/* ---- importance ------------------------------------------------------------------------------ */

static float sum_of_squares(const float *weights, int64_t n) {
  float sum = 0;
  for (int64_t i = 0; i < n; i++) sum += weights[i] * weights[i];
  return sum;
}

static void weigh(const float *weights, const float *q, int64_t n, float sigma_squared, float *h) {
  for (int64_t i = 0; i < n; i++) h[i] = q[i] * sqrtf(sigma_squared + weights[i] * weights[i]);
}

/* Where sums overflow and a column has no importance, 0 * infinity, a scale is no number: the one
 * that x86 makes, on every target. */
static float one_nan(float x) {
  return isnan(x) ? bl_f32_from_bits(0xffc00000u) : x;
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Finds the grids of four groups, not yet stored, and codes for them. */
static void search_groups(const rule *r, const bl_format *format, const float *weights,
                          const float *h, bl_grid grids[QUAD], uint8_t *codes) {
  float scales[QUAD], mins[QUAD] = {0};
  const int max_code = (1 << format->bits) - 1;
  const bl_line_search line = {r->group, max_code, -0.9f, 0.05f, 37, false};
  if (r->has_line)
    bl_search_line_weighted(&line, weights, h, scales, mins, codes);
  else
    bl_search_scale_weighted(r->group, (max_code + 1) / 2, weights, h, scales, codes);
  for (int k = 0; k < QUAD; k++) grids[k] = (bl_grid){one_nan(scales[k]), -mins[k]};
}

/* ---- the basic formats ----------------------------------------------------------------------- */

/* Four blocks at once; what is missing from the last four is 0. */
static void encode_blocks(const rule *r, const bl_format *format, const float *weights,
                          const float *h, int n, uint8_t *bytes) {
  float w[QUAD * MAX_GROUP] = {0}, v[QUAD * MAX_GROUP] = {0};
  bl_grid found[QUAD];
  uint8_t codes[QUAD * MAX_GROUP];
  memcpy(w, weights, (size_t)(n * r->group) * sizeof *w);
  memcpy(v, h, (size_t)(n * r->group) * sizeof *v);
  search_groups(r, format, w, v, found, codes);
  for (int k = 0; k < n; k++, bytes += format->codec->block_bytes) {
    bl_grids grids = {.at = {found[k]}};
    bl_gridding_of(format->codec)->pack(format, &grids, codes + r->group * k, r->group, &bytes);
  }
}

static void encode_basic_row(const rule *r, const bl_format *format, const float *weights,
                             const float *q, int64_t n_cols, uint8_t *bytes) {
  const float sigma_squared = sum_of_squares(weights, n_cols) / (float)n_cols;
  const int64_t n_blocks = n_cols / r->group;
  for (int64_t b = 0; b < n_blocks; b += QUAD) {
    const int n = n_blocks - b < QUAD ? (int)(n_blocks - b) : QUAD;
    const int64_t col = b * r->group;
    float h[QUAD * MAX_GROUP];
    weigh(weights + col, q + col, n * r->group, sigma_squared, h);
    encode_blocks(r, format, weights + col, h, n, bytes + b * format->codec->block_bytes);
  }
}

static void encode_iq4_nl_row(const rule *r, const bl_format *format, const float *weights,
                              const float *q, int64_t n_cols, uint8_t *bytes) {
  for (int64_t col = 0; col < n_cols; col += r->group, bytes += format->codec->block_bytes) {
    const float *w = weights + col;
    float h[MAX_GROUP];
    uint8_t codes[MAX_GROUP];
    weigh(w, q + col, r->group, sum_of_squares(w, r->group) * (r->sigma / (float)r->group), h);
    bl_grids grids = {.at = {{bl_iq4_nl_scale(w, h), 0}}};
    const bl_gridding *gridding = bl_gridding_of(format->codec);
    gridding->round(format, &grids, w, r->group, codes);
    gridding->pack(format, &grids, codes, r->group, &bytes);
  }
}

/* ---- units of the K formats ------------------------------------------------------------------ */

/* Values x (n) that are to be whole multiples of a unit, from 0 to most; each has an importance. */
typedef struct values {
  int n, most;
  const float *x, *h;
  int16_t *steps;
} values;

static int nearest_step(const values *v, float x) {
  int step = bl_k_nearest(x);
  return step < v->most ? step : v->most;
}

static float unit_error(const values *v, float per_unit, bool limited) {
  const float unit = 1 / per_unit;
  float error = 0;
  for (int i = 0; i < v->n; i++) {
    int step = limited ? nearest_step(v, per_unit * v->x[i]) : bl_k_nearest(per_unit * v->x[i]);
    float difference = v->x[i] - unit * (float)step;
    error += v->h[i] * difference * difference;
  }
  return error;
}

/* Takes each step in turn out of the sums and puts the one in its place that is nearest under the
 * unit that is best for the others, where that is an improvement. */
static bool move_steps(const values *v, float *sum_xl, float *sum_ll) {
  bool moved = false;
  for (int i = 0; i < v->n; i++) {
    const float h = v->h[i], step = v->steps[i];
    float xl = *sum_xl - h * v->x[i] * step, ll = *sum_ll - h * step * step;
    if (!(xl > 0 && ll > 0)) continue;
    const int other = nearest_step(v, v->x[i] * ll / xl);
    if (other == v->steps[i]) continue;
    xl += h * v->x[i] * (float)other;
    ll += h * (float)other * (float)other;
    if (!(xl * xl * *sum_ll > *sum_xl * *sum_xl * ll)) continue;
    v->steps[i] = (int16_t)other;
    *sum_xl = xl;
    *sum_ll = ll;
    moved = true;
  }
  return moved;
}

/* Finds the unit and the steps. */
static float search_unit(const values *v) {
  float max = 0;
  for (int i = 0; i < v->n; i++) max = v->x[i] > max ? v->x[i] : max;
  memset(v->steps, 0, (size_t)v->n * sizeof *v->steps);
  if (max < NEGLIGIBLE) return 0;
  float best_per_unit = (float)v->most / max, best_error = unit_error(v, best_per_unit, false);
  for (int k = -4; k <= 4; k++) {
    const float per_unit = (0.1f * (float)k + (float)v->most) / max;
    const float error = k == 0 ? best_error : unit_error(v, per_unit, true);
    if (!(error < best_error)) continue;
    best_error = error;
    best_per_unit = per_unit;
  }
  float sum_xl = 0, sum_ll = 0;
  for (int i = 0; i < v->n; i++) {
    v->steps[i] = (int16_t)nearest_step(v, best_per_unit * v->x[i]);
    sum_xl += v->h[i] * v->x[i] * (float)v->steps[i];
    sum_ll += v->h[i] * (float)v->steps[i] * (float)v->steps[i];
  }
  for (int round = 0; round < 5 && move_steps(v, &sum_xl, &sum_ll); round++) continue;
  return sum_ll > 0 ? one_nan(sum_xl / sum_ll) : 0;
}

/* The same for values with a sign and steps from -most - 1 to most, as a group of weights is
 * searched (bl_search_scale_weighted); 16 of them. */
static float search_signed_unit(const values *v) {
  const int half = v->most + 1;
  float x[QUAD * 16] = {0}, h[QUAD * 16] = {0}, unit[QUAD];
  uint8_t codes[QUAD * 16];
  memcpy(x, v->x, 16 * sizeof *x);
  memcpy(h, v->h, 16 * sizeof *h);
  bl_search_scale_weighted(16, half, x, h, unit, codes);
  for (int i = 0; i < v->n; i++) v->steps[i] = (int16_t)(codes[i] - half);
  return one_nan(unit[0]);
}

/* ---- a block of a K format ------------------------------------------------------------------- */

static void store_units(const rule *r, const bl_format *format, const float *h_sums,
                        bl_grids *grids) {
  const bl_gridding *gridding = bl_gridding_of(format->codec);
  float x[BL_MAX_GRIDS];
  values v = {gridding->n_grids, r->most_step, x, h_sums, grids->scale_steps};
  if (r->sigma == 0) { /* q6_k: by its own rule */
    gridding->store(format, grids);
    return;
  }
  for (int j = 0; j < v.n; j++) x[j] = grids->at[j].scale;
  grids->scale_unit = r->has_line ? search_unit(&v) : search_signed_unit(&v);
  bl_round_to(BL_F16, &grids->scale_unit, 1);
  v.steps = grids->bias_steps;
  for (int j = 0; j < v.n; j++) x[j] = -grids->at[j].bias;
  if (r->has_line) grids->bias_unit = search_unit(&v);
  bl_round_to(BL_F16, &grids->bias_unit, 1);
  bl_k_set_grids(grids, v.n);
}

static void encode_k_block(const rule *r, const bl_format *format, const float *weights,
                           const float *q, uint8_t *block) {
  const bl_gridding *gridding = bl_gridding_of(format->codec);
  const int n = BL_K_WEIGHTS / r->group;
  bl_grids grids = {.scale_unit = 0};
  uint8_t codes[BL_K_WEIGHTS];
  float h[BL_K_WEIGHTS], h_sums[BL_MAX_GRIDS] = {0};
  memcpy(h, q, sizeof h);
  if (r->sigma != 0)
    weigh(weights, q, BL_K_WEIGHTS,
          r->sigma * sum_of_squares(weights, BL_K_WEIGHTS) / (float)BL_K_WEIGHTS, h);
  for (int i = 0; i < BL_K_WEIGHTS; i++) h_sums[i / r->group] += h[i];
  for (int j = 0; j < n; j += QUAD)
    search_groups(r, format, weights + r->group * j, h + r->group * j, grids.at + j,
                  codes + r->group * j);
  store_units(r, format, h_sums, &grids);
  for (int j = 0; j < n; j++) {
    if (grids.at[j].scale != 0)
      bl_k_choose_codes(weights + r->group * j, r->group, grids.at[j].scale, -grids.at[j].bias,
                        -gridding->zero_code, 1 << format->bits, codes + r->group * j);
  }
  gridding->pack(format, &grids, codes, BL_K_WEIGHTS, &block);
}

void bl_imatrix_encode_row(const bl_format *format, const float *weights, const float *importance,
                           int64_t n_cols, uint8_t *const *parts) {
  const rule *r = rule_of(format->codec);
  uint8_t *block = parts[0];
  if (!r)
    format->codec->encode_row(format, weights, n_cols, parts);
  else if (format->codec == &bl_codec_iq4_nl)
    encode_iq4_nl_row(r, format, weights, importance, n_cols, block);
  else if (r->most_step == 0)
    encode_basic_row(r, format, weights, importance, n_cols, block);
  for (int64_t col = 0; r && r->most_step && col < n_cols; col += BL_K_WEIGHTS) {
    encode_k_block(r, format, weights + col, importance + col, block);
    block += format->codec->block_bytes;
  }
}
