/* Which formats have their codes chosen step by step. The table is apart from the codecs' so that a
 * program that knows no methods need not have all of this in it. */
#include "quant/grid.h"

extern const bl_codec bl_codec_affine;
extern const bl_gridding bl_gridding_affine;

static const struct {
  const bl_codec *codec;
  const bl_gridding *gridding;
} table[] = {
    {&bl_codec_affine, &bl_gridding_affine},
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
