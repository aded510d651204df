/* Which formats have their codes chosen step by step. The table is apart from the codecs' so that a
 * program that knows no methods need not have all of this in it. */
#include "quant/grid.h"

extern const bl_codec bl_codec_affine, bl_codec_q4_0, bl_codec_q4_1, bl_codec_q5_0, bl_codec_q5_1,
    bl_codec_q8_0, bl_codec_q2_k, bl_codec_q3_k, bl_codec_q4_k, bl_codec_q5_k, bl_codec_q6_k,
    bl_codec_iq4_nl, bl_codec_int8, bl_codec_int4, bl_codec_nf4;
extern const bl_gridding bl_gridding_affine, bl_gridding_q4_0, bl_gridding_q4_1, bl_gridding_q5_0,
    bl_gridding_q5_1, bl_gridding_q8_0, bl_gridding_q2_k, bl_gridding_q3_k, bl_gridding_q4_k,
    bl_gridding_q5_k, bl_gridding_q6_k, bl_gridding_iq4_nl, bl_gridding_int8, bl_gridding_int4,
    bl_gridding_nf4;

static const struct {
  const bl_codec *codec;
  const bl_gridding *gridding;
} table[] = {
    {&bl_codec_affine, &bl_gridding_affine}, {&bl_codec_q4_0, &bl_gridding_q4_0},
    {&bl_codec_q4_1, &bl_gridding_q4_1},     {&bl_codec_q5_0, &bl_gridding_q5_0},
    {&bl_codec_q5_1, &bl_gridding_q5_1},     {&bl_codec_q8_0, &bl_gridding_q8_0},
    {&bl_codec_q2_k, &bl_gridding_q2_k},     {&bl_codec_q3_k, &bl_gridding_q3_k},
    {&bl_codec_q4_k, &bl_gridding_q4_k},     {&bl_codec_q5_k, &bl_gridding_q5_k},
    {&bl_codec_q6_k, &bl_gridding_q6_k},     {&bl_codec_iq4_nl, &bl_gridding_iq4_nl},
    {&bl_codec_int8, &bl_gridding_int8},     {&bl_codec_int4, &bl_gridding_int4},
    {&bl_codec_nf4, &bl_gridding_nf4},
};

const bl_gridding *bl_gridding_of(const bl_codec *codec) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (table[i].codec == codec) return table[i].gridding;
  return NULL;
}

void bl_gridding_levels(const bl_gridding *gridding, const bl_format *format, float levels[256]) {
  const bl_lookup *lookup = format->codec->lookup;
  for (int code = 0; code < 1 << format->bits; code++)
    levels[code] = lookup ? lookup->values[code] : (float)(code - gridding->zero_code);
}
