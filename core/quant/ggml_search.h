/* How GGML's K formats find the scale of a group of weights: by trying.
 *
 * The obvious scale puts the group's largest weight on the last code. It is often not the best: a
 * slightly smaller or larger one lets that weight err a little and moves many others nearer to a
 * code. So each search tries several scales. A candidate is judged by the error it leaves, weighted
 * so that large weights, which carry more of a product, count for more; and once codes have been
 * rounded under it, the scale is replaced by the one that is best for these codes, for which least
 * squares has a formula.
 *
 * All searches take a block of 256 weights as bl_k_encode_row gives it, and give a scale for each
 * group and a code for each weight. They are those of llama.cpp's reference quantizers, with every
 * float32 operation in its order, so that the choice between two nearly equal candidates is the
 * same. Four groups are searched at once, one in each lane of a vector: sums along a group keep
 * their order. */
#ifndef BL_QUANT_GGML_SEARCH_H
#define BL_QUANT_GGML_SEARCH_H

#include "quant/ggml_k.h"

/* q6_k, groups of 16: w' = scale * (code - 32), code from 0 to 63. Minimises the sum over the group
 * of w^2 (w - w')^2.
 *
 * Candidates put the weight furthest from 0 on -r, where r is 32, then 31.1, 31.2, … 32.9; beyond
 * -32 codes are clamped. With l = code - 32 the best scale for given codes is
 * sum(w^2 w l) / sum(w^2 l^2), and the error it leaves is smallest where
 * sum(w^2 w l)^2 / sum(w^2 l^2) is largest. A group in which no |w| reaches 1e-15 gets scale and
 * codes 0. */
void bl_search_scale(const float *weights, float scales[16], uint8_t *codes);

/* q3_k, groups of 16: w' = scale * (code - 4), code from 0 to 7; the error is that of
 * bl_search_scale.
 *
 * Only one scale is tried, with the weight furthest from 0 on -4. From there on the codes move:
 * taken in turn, each is replaced by the one nearest under the scale that would be best for the 15
 * others, if that makes the whole better; up to five times round, or until nothing changes. As in
 * ggml this happens only where the furthest weight is negative: with a positive one scale and sums
 * are negative, and no code is moved. */
void bl_search_scale_by_codes(const float *weights, float scales[16], uint8_t *codes);

/* q2_k, q4_k and q5_k: w' = scale * code - min, code from 0 to max_code, min not negative.
 * Minimises the sum over the group of importance * (w - w')^2, or of importance * |w - w'|.
 *
 * The first candidate spans the group, with 0 within it, from code 0 to max_code. The others
 * stretch the grid: what is now the range, from the best minimum so far to the largest weight, is
 * divided into max_code + first, max_code + first + step, … steps, with codes clamped. For the
 * codes of each, weighted least squares gives scale and min; where min would be negative, it is 0
 * and the scale the best one without it. A group whose weights are all one negative number, or all
 * 0, gets that as its minimum, and scale and codes 0. */
typedef struct bl_line_search {
  int group; /* 16 or 32 */
  int max_code;
  float first, step;
  int n_candidates; /* beyond the first */
  /* false: importance, where it is not given, is |w| plus the group's root mean square, and the
   * error is squared.
   * true: importance is |w|, the error is absolute (but scale and min are still of least squares).
   */
  bool absolute;
} bl_line_search;

/* scales and mins (256 / group). */
void bl_search_line(const bl_line_search *search, const float *weights, float *scales, float *mins,
                    uint8_t *codes);

/* ---- with an importance matrix: of four groups, each weight's importance is given -------------
 */

/* bl_search_scale for groups of 16 or 32 and codes from 0 to 2 * half - 1, w' = scale * (code -
 * half).
 */
void bl_search_scale_weighted(int group, int half, const float *weights, const float *importance,
                              float scales[4], uint8_t *codes);

/* bl_search_line; importance NULL: its own. */
void bl_search_line_weighted(const bl_line_search *search, const float *weights,
                             const float *importance, float scales[4], float mins[4],
                             uint8_t *codes);

#endif
