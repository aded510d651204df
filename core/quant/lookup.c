/* Decoding rows of codes that choose among 16 values. */
#include "quant/lookup.h"

void bl_lookup_decode_row(const bl_format *format, const uint8_t *const *parts, int64_t n_cols,
                          float *dst) {
  enum { RUN = 32 }; /* groups whose scales are read at once */
  const bl_lookup *lookup = format->codec->lookup;
  const int group = format->group, n_bytes = group / 2;
  const int64_t n_groups = n_cols / group;
  /* Byte i goes to places step * i + low and step * i + high. */
  bool halves = lookup->order == BL_CODES_HALVES;
  int step = halves ? 1 : 2, low = lookup->order == BL_CODES_HIGH_FIRST;
  int high = halves ? n_bytes : 1 - low;
  const uint8_t *codes = parts[0] + bl_lookup_offset(format);
  float scales[RUN];
  for (int64_t g = 0; g < n_groups; g++, codes += bl_lookup_stride(format), dst += group) {
    if (g % RUN == 0)
      lookup->read_scales(parts, g, n_groups - g < RUN ? n_groups - g : RUN, scales);
    float scaled[16];
    for (int c = 0; c < 16; c++) scaled[c] = lookup->values[c] * scales[g % RUN];
    for (int i = 0; i < n_bytes; i++) {
      dst[step * i + low] = scaled[codes[i] & 15];
      dst[step * i + high] = scaled[codes[i] >> 4];
    }
  }
}
