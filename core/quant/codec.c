/* The table of codecs, and what can be worked out from a row of it. */
#include "quant/codec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"
#include "quant/lookup.h"

extern const bl_codec bl_codec_affine, bl_codec_f32, bl_codec_f16, bl_codec_bf16, bl_codec_q4_0,
    bl_codec_q4_1, bl_codec_q5_0, bl_codec_q5_1, bl_codec_q8_0, bl_codec_q2_k, bl_codec_q3_k,
    bl_codec_q4_k, bl_codec_q5_k, bl_codec_q6_k, bl_codec_iq4_nl, bl_codec_mxfp4_ggml,
    bl_codec_mxfp4, bl_codec_mxfp8, bl_codec_nvfp4, bl_codec_nvfp4_tensor, bl_codec_int8,
    bl_codec_int4, bl_codec_qint8, bl_codec_nf4, bl_codec_nf4_double, bl_codec_tensor,
    bl_codec_tensor_asym, bl_codec_channel, bl_codec_channel_asym;

static const bl_codec *const table[] = {
    &bl_codec_affine,       &bl_codec_f32,    &bl_codec_f16,         &bl_codec_bf16,
    &bl_codec_q4_0,         &bl_codec_q4_1,   &bl_codec_q5_0,        &bl_codec_q5_1,
    &bl_codec_q8_0,         &bl_codec_q2_k,   &bl_codec_q3_k,        &bl_codec_q4_k,
    &bl_codec_q5_k,         &bl_codec_q6_k,   &bl_codec_iq4_nl,      &bl_codec_mxfp4_ggml,
    &bl_codec_mxfp4,        &bl_codec_mxfp8,  &bl_codec_nvfp4,       &bl_codec_nvfp4_tensor,
    &bl_codec_int8,         &bl_codec_int4,   &bl_codec_qint8,       &bl_codec_nf4,
    &bl_codec_nf4_double,   &bl_codec_tensor, &bl_codec_tensor_asym, &bl_codec_channel,
    &bl_codec_channel_asym,
};

int bl_codec_count(void) {
  return (int)(sizeof table / sizeof *table);
}

const bl_codec *bl_codec_at(int i) {
  return table[i];
}

const bl_codec *bl_codec_find(const char *name, size_t name_size) {
  for (int i = 0; i < bl_codec_count(); i++) {
    if (strlen(table[i]->name) == name_size && memcmp(table[i]->name, name, name_size) == 0)
      return table[i];
  }
  return NULL;
}

/* Floats have no mode, and every container has them. */
bool bl_is_mlx_mode(const bl_codec *codec) {
  return codec->containers == BL_HOLDS_MLX;
}

/* ---- settings and levels -------------------------------------------------------------------- */

static bool is_among(const uint16_t *settings, int fixed, int value) {
  if (!settings) return value == fixed;
  while (*settings && *settings != value) settings++;
  return *settings != 0;
}

bool bl_codec_takes(const bl_codec *codec, int bits, int group) {
  return is_among(codec->bits, codec->fixed_bits, bits) &&
         is_among(codec->groups, codec->fixed_group, group);
}

void bl_print_choices(const uint16_t *settings, char text[BL_CHOICES_TEXT]) {
  size_t n = 0;
  for (int i = 0; settings[i]; i++) {
    const char *separator = i == 0 ? "" : settings[i + 1] ? ", " : " or ";
    n += (size_t)snprintf(text + n, BL_CHOICES_TEXT - n, "%s%d", separator, settings[i]);
  }
}

int bl_codec_levels(const bl_codec *codec, float levels[256]) {
  int n = 0;
  for (int code = 0; (codec->level || codec->lookup) && code < 1 << codec->fixed_bits; code++) {
    float level = codec->level ? codec->level(code) : codec->lookup->values[code];
    if (!isfinite(level) || (n > 0 && level == levels[n - 1])) continue;
    levels[n++] = level;
  }
  return n;
}

/* ---- formats -------------------------------------------------------------------------------- */

bl_format bl_format_plain(bl_dtype dtype) {
  const bl_codec *codec = dtype == BL_F32   ? &bl_codec_f32
                          : dtype == BL_F16 ? &bl_codec_f16
                                            : &bl_codec_bf16;
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

bl_dtype bl_format_dtype(const bl_format *format) {
  if (format->codec == &bl_codec_f32) return BL_F32;
  if (format->codec == &bl_codec_f16) return BL_F16;
  if (format->codec == &bl_codec_bf16) return BL_BF16;
  return BL_DTYPE_NONE;
}

bool bl_format_same(const bl_format *a, const bl_format *b) {
  return a->codec == b->codec && a->bits == b->bits && a->group == b->group &&
         (a->param_dtype == b->param_dtype || a->codec->uses_dtype);
}

void bl_format_print(const bl_format *format, char *text, size_t text_size) {
  const bl_codec *codec = format->codec;
  char bits[16] = "", group[16] = "";
  if (codec->bits) snprintf(bits, sizeof bits, ":%d", format->bits);
  if (codec->groups) snprintf(group, sizeof group, ":%d", format->group);
  snprintf(text, text_size, "%s%s%s", codec->name, bits, group);
}

size_t bl_format_row_bytes(const bl_format *format, int part, int64_t n_cols) {
  const bl_codec *codec = format->codec;
  if (codec->row_bytes) return codec->row_bytes(format, part, n_cols);
  return (size_t)(n_cols / format->group) * (size_t)codec->block_bytes;
}

/* Bytes of a row of n_groups groups, all parts. */
static uint64_t row_bytes(const bl_format *format, int64_t n_groups) {
  uint64_t bytes = 0;
  for (int p = 0; p < format->codec->n_parts; p++)
    bytes += bl_format_row_bytes(format, p, n_groups * format->group);
  return bytes;
}

/* Of a group's codes. */
static uint64_t code_bytes(const bl_format *format) {
  return (uint64_t)format->group * (uint64_t)format->bits / 8;
}

/* What a group costs: row_bytes is a straight line. */
static uint64_t group_bytes(const bl_format *format) {
  return row_bytes(format, 2) - row_bytes(format, 1);
}

/* Worked out from single groups, which keeps it in 64 bits where size_t has 32. */
uint64_t bl_format_bytes(const bl_format *format, int64_t n_rows, int64_t n_cols) {
  uint64_t bytes, once = row_bytes(format, 1) - group_bytes(format);
  if (!bl_mul_u64((uint64_t)(n_cols / format->group), group_bytes(format), &bytes) ||
      !bl_add_u64(bytes, once, &bytes) || !bl_mul_u64(bytes, (uint64_t)n_rows, &bytes))
    return UINT64_MAX;
  for (int p = 0; format->codec->shared_bytes && p < format->codec->n_parts; p++)
    if (!bl_add_u64(bytes, format->codec->shared_bytes(format, p, n_rows, n_cols), &bytes))
      return UINT64_MAX;
  return bytes;
}

static uint64_t bias_bytes(const bl_format *format, int64_t n_rows, int64_t n_cols) {
  const bl_codec *codec = format->codec;
  uint64_t rows = (uint64_t)n_rows, n_groups = rows * (uint64_t)(n_cols / format->group);
  if (codec->block_bytes) return n_groups * (uint64_t)codec->block_bias_bytes;
  if (!codec->bias_part) return 0;
  uint64_t bytes = rows * bl_format_row_bytes(format, codec->bias_part, n_cols);
  if (codec->shared_bytes) bytes += codec->shared_bytes(format, codec->bias_part, n_rows, n_cols);
  return bytes;
}

void bl_format_split(const bl_format *format, int64_t n_rows, int64_t n_cols,
                     bl_byte_split *split) {
  uint64_t all = bl_format_bytes(format, n_rows, n_cols);
  if (bl_format_dtype(format) != BL_DTYPE_NONE) {
    split->untouched += all;
    return;
  }
  uint64_t n_groups = (uint64_t)n_rows * (uint64_t)(n_cols / format->group);
  uint64_t codes = n_groups * code_bytes(format), biases = bias_bytes(format, n_rows, n_cols);
  split->codes += codes;
  split->biases += biases;
  split->scales += all - codes - biases;
}

int64_t bl_format_scale_group(const bl_format *format, int64_t n_cols) {
  return group_bytes(format) > code_bytes(format) ? format->group : n_cols;
}

double bl_format_bits_per_weight(const bl_format *format) {
  return 8.0 * (double)group_bytes(format) / format->group;
}
