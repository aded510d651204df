/* Rotary position embedding: frequencies with their rescaling, and the rotation. */
#include <math.h>

#include "model/rope.h"

/* The pair that turns so many times within the original context, as a fraction of a number. */
static double pair_of(const bl_config *config, double n_turns) {
  const double two_pi = 6.283185307179586;
  return config->rope_dim * log(config->rope_original_context / (n_turns * two_pi)) /
         (2 * log(config->rope_theta));
}

/* How much of its frequency pair i keeps: all where it turns often, none where it turns seldom. */
static double yarn_keeps(const bl_config *config, int i) {
  const double fast = config->yarn[BL_YARN_FAST], slow = config->yarn[BL_YARN_SLOW];
  double low = floor(pair_of(config, fast > 0 ? fast : 32));
  double high = ceil(pair_of(config, slow > 0 ? slow : 1));
  if (low < 0) low = 0;
  if (high > config->rope_dim - 1) high = config->rope_dim - 1;
  if (low == high) high += 0.001;
  double ramp = (i - low) / (high - low);
  return 1 - (ramp < 0 ? 0 : ramp > 1 ? 1 : ramp);
}

/* Rotary frequency of pair i in radians per position: theta^(-2i / rope_dim), rescaled.
 *
 * LLAMA3 (Llama 3.1's rule): with `turns` the number of full turns that a pair makes within the
 * original context, pairs that turn more than high_freq_factor times keep their frequency, those
 * that turn less than low_freq_factor times have it divided by the factor, and in between the two
 * are blended linearly in `turns`.
 *
 * YARN blends so too, but linearly in the pair's number, as in transformers 5.23. */
static double frequency(const bl_config *config, int i) {
  const double two_pi = 6.283185307179586;
  double f = pow(config->rope_theta, -2.0 * i / config->rope_dim);
  switch (config->rope_scaling) {
    case BL_ROPE_PLAIN:
    case BL_ROPE_DYNAMIC:
    case BL_ROPE_LONG:
      break;
    case BL_ROPE_YARN: {
      double keep = yarn_keeps(config, i);
      return f * (keep + (1 - keep) / config->rope_factor);
    }
    case BL_ROPE_LINEAR:
      return f / config->rope_factor;
    case BL_ROPE_LLAMA3: {
      double low = config->rope_low_freq_factor, high = config->rope_high_freq_factor;
      double turns = config->rope_original_context * f / two_pi;
      if (turns > high) return f;
      if (turns < low) return f / config->rope_factor;
      double keep = high > low ? (turns - low) / (high - low) : 1;
      return f * (keep + (1 - keep) / config->rope_factor);
    }
  }
  return f;
}

void bl_rope_table(const bl_config *config, const float *factors, int n_positions, float *cosines,
                   float *sines) {
  int64_t half = config->rope_dim / 2;
  const double scale = config->rope_attention != 0 ? config->rope_attention : 1;
  for (int i = 0; i < half; i++) {
    double f = frequency(config, i);
    if (factors) f /= (double)factors[i];
    for (int64_t p = 0; p < n_positions; p++) {
      cosines[p * half + i] = (float)(scale * cos((double)p * f));
      sines[p * half + i] = (float)(scale * sin((double)p * f));
    }
  }
}

void bl_rope_llama3_factors(const bl_config *config, float *factors) {
  bl_config plain = *config;
  plain.rope_scaling = BL_ROPE_PLAIN;
  for (int i = 0; i < config->rope_dim / 2; i++)
    factors[i] = (float)(frequency(&plain, i) / frequency(config, i));
}

bool bl_rope_recognize_llama3(bl_config *config, const float *factors) {
  int half = config->rope_dim / 2;
  bl_config scaled = *config;
  scaled.rope_scaling = BL_ROPE_LLAMA3;
  scaled.rope_factor = 1;
  for (int i = 0; i < half; i++)
    if ((double)factors[i] > scaled.rope_factor) scaled.rope_factor = (double)factors[i];
  scaled.rope_low_freq_factor = 1;
  scaled.rope_high_freq_factor = 4;
  scaled.rope_original_context = 8192;
  for (int i = 0; i < half; i++) {
    double expected = frequency(config, i) / frequency(&scaled, i);
    if (!(fabs((double)factors[i] - expected) <= 1e-4 * expected)) return false;
  }
  *config = scaled;
  return true;
}

void bl_rope_rotate(float *x, int rope_dim, const float *cosines, const float *sines) {
  int half = rope_dim / 2;
  for (int i = 0; i < half; i++) {
    float a = x[i], b = x[i + half];
    x[i] = a * cosines[i] - b * sines[i];
    x[i + half] = b * cosines[i] + a * sines[i];
  }
}
