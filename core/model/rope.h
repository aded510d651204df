/* Rotary position embedding. */
#ifndef BL_MODEL_ROPE_H
#define BL_MODEL_ROPE_H

#include "model/config.h"

/* Fills cosines and sines (n_positions, rope_dim / 2) of the rotary angles. Each frequency is
 * divided by its factor, unless factors (rope_dim / 2) is NULL. */
void bl_rope_table(const bl_config *config, const float *factors, int n_positions, float *cosines,
                   float *sines);

/* Rotates the first rope_dim of one head x by the angles whose cosines and sines (rope_dim / 2) are
 * given: element i is paired with element i + rope_dim / 2. */
void bl_rope_rotate(float *x, int rope_dim, const float *cosines, const float *sines);

/* What LLAMA3 divides each rotary frequency by: factors (rope_dim / 2). */
void bl_rope_llama3_factors(const bl_config *config, float *factors);

/* GGUF writes Llama 3.1's rescaling as a table of factors (rope_dim / 2). When the factors are what
 * that rule gives with the settings that all of Meta's models have (low 1, high 4, original context
 * 8192), puts the rule into the config, so that it can be exported, and returns true. */
bool bl_rope_recognize_llama3(bl_config *config, const float *factors);

#endif
