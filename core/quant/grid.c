/* Which formats have their codes chosen step by step. The table is apart from the codecs' so that a
 * program that knows no methods need not have all of this in it. */
#include "quant/grid.h"

#include <string.h>

#include "base/number.h"

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

/* Where a format's only part is a row of blocks the codec tells where in a block its f16 numbers
 * are; else scales are part 1, of the type that the weights had or of float32. */
static void read_numbers(const bl_format *format, const uint8_t *const *parts, bool has_bias,
                         float *scale, float *bias) {
  const bl_codec *codec = format->codec;
  *bias = 0;
  if (codec->n_parts == 1) {
    bl_to_f32(BL_F16, parts[0] + codec->f16_at[0], 1, scale);
    if (has_bias) bl_to_f32(BL_F16, parts[0] + codec->f16_at[1], 1, bias);
    return;
  }
  const bool is_f32 = bl_format_row_bytes(format, 1, format->group) == sizeof(float);
  const bl_dtype dtype = is_f32 ? BL_F32 : format->param_dtype;
  bl_to_f32(dtype, parts[1], 1, scale);
  if (has_bias) bl_to_f32(dtype, parts[codec->bias_part], 1, bias);
}

void bl_gridding_read(const bl_gridding *gridding, const bl_format *format,
                      const uint8_t *const *parts, bl_grids *grids) {
  memset(grids, 0, sizeof *grids);
  if (!gridding->nested) {
    read_numbers(format, parts, gridding->has_bias, &grids->at[0].scale, &grids->at[0].bias);
    return;
  }
  read_numbers(format, parts, gridding->has_bias, &grids->scale_unit, &grids->bias_unit);
  gridding->read_steps(parts[0], grids);
  for (int j = 0; j < gridding->n_grids; j++) {
    grids->at[j].scale = grids->scale_unit * (float)grids->scale_steps[j];
    if (gridding->has_bias) grids->at[j].bias = -(grids->bias_unit * (float)grids->bias_steps[j]);
  }
}
