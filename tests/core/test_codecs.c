/* The codec table, and the plain float formats. */
#include "base/number.h"
#include "check.h"
#include "format/index_build.h"
#include "quant/tensor.h"

static bl_format fixed(const char *name) {
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  CHECK_MSG(codec, "no codec %s", name);
  if (!codec) exit(1);
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

/* ---- the table --------------------------------------------------------------------------------
 */

static void every_codec_is_found_by_its_own_name_only(void) {
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    CHECK(bl_codec_find(codec->name, strlen(codec->name)) == codec);
    CHECK(bl_codec_find(codec->name, strlen(codec->name) - 1) != codec);
  }
  CHECK(bl_codec_find("affine:4", 6) == bl_codec_find("affine", 6));
  CHECK(!bl_codec_find("", 0));
  CHECK(!bl_codec_find("Affine", 6));
}

static void every_codec_is_complete(void) {
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    CHECK(codec->n_parts >= 1 && codec->n_parts <= BL_MAX_PARTS);
    for (int p = 0; p < codec->n_parts; p++) CHECK_MSG(codec->part_names[p], "%s", codec->name);
    CHECK_MSG(!codec->row_bytes == (codec->block_bytes > 0), "%s", codec->name);
    CHECK_MSG(codec->decode_row || codec->decode_tensor_row, "%s", codec->name);
    CHECK_MSG(codec->bits ? codec->default_bits > 0 : codec->fixed_bits > 0, "%s", codec->name);
    CHECK_MSG(codec->groups ? codec->default_group > 0 : codec->fixed_group > 0, "%s", codec->name);
    if (!bl_codec_has_settings(codec)) continue;
    CHECK_MSG(bl_codec_takes(codec, codec->bits ? codec->default_bits : codec->fixed_bits,
                             codec->groups ? codec->default_group : codec->fixed_group),
              "%s", codec->name);
  }
}

static void settings_are_told_in_words(void) {
  const struct {
    uint16_t settings[5];
    const char *words;
  } cases[] = {{{4}, "4"}, {{2, 3}, "2 or 3"}, {{32, 64, 128, 256}, "32, 64, 128 or 256"}};
  for (int i = 0; i < 3; i++) {
    char words[BL_CHOICES_TEXT];
    bl_print_choices(cases[i].settings, words);
    CHECK_MSG(strcmp(words, cases[i].words) == 0, "'%s'", words);
  }
  const bl_codec *affine = bl_codec_find("affine", 6);
  CHECK(bl_codec_takes(affine, 8, 128) && !bl_codec_takes(affine, 7, 64));
  CHECK(!bl_codec_takes(affine, 4, 256) && !bl_codec_takes(affine, 0, 0));
}

/* GGUF's numbers of types are in another table. */
static void a_gguf_file_holds_what_ggml_has_a_type_for(void) {
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    uint32_t number;
    CHECK_MSG(bl_gguf_type_of_codec(codec->name, &number) == !!(codec->containers & BL_HOLDS_GGUF),
              "%s", codec->name);
  }
}

/* As the formats' owners publish them: OCP's e2m1 and e4m3, bitsandbytes' quantiles, ggml's table.
 */
static void levels_that_are_uneven_are_those_of_the_formats_owners(void) {
  const struct {
    const char *name;
    int n;
    float first, second, last;
  } cases[] = {
      {"mxfp4", 15, -6, -4, 6},
      {"mxfp4_ggml", 15, -6, -4, 6},
      {"nvfp4", 15, -6, -4, 6},
      {"mxfp8", 253, -448, -416, 448},
      {"iq4_nl", 16, -127, -104, 113},
      {"nf4", 16, -1, -0.6961928009986877f, 1},
      {"nf4_double", 16, -1, -0.6961928009986877f, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    float levels[256];
    int n = bl_codec_levels(bl_codec_find(cases[i].name, strlen(cases[i].name)), levels);
    CHECK_MSG(n == cases[i].n, "%s has %d", cases[i].name, n);
    CHECK_MSG(levels[0] == cases[i].first && levels[1] == cases[i].second &&
                  levels[n - 1] == cases[i].last,
              "%s: %g, %g … %g", cases[i].name, (double)levels[0], (double)levels[1],
              (double)levels[n - 1]);
    for (int k = 1; k < n; k++) CHECK_MSG(levels[k] > levels[k - 1], "%s", cases[i].name);
  }
}

static void formats_print_as_recipes_do(void) {
  const struct {
    bl_format format;
    const char *text;
  } cases[] = {
      {{bl_codec_find("affine", 6), 3, 128, BL_F16}, "affine:3:128"},
      {bl_format_plain(BL_F32), "f32"},
      {bl_format_plain(BL_F16), "f16"},
      {bl_format_plain(BL_BF16), "bf16"},
      {fixed("q4_1"), "q4_1"},
      {fixed("q6_k"), "q6_k"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[32];
    bl_format_print(&cases[i].format, text, sizeof text);
    CHECK_MSG(strcmp(text, cases[i].text) == 0, "'%s', expected '%s'", text, cases[i].text);
  }
}

static void only_plain_floats_are_a_dtype(void) {
  const bl_dtype plain[] = {BL_F32, BL_F16, BL_BF16};
  for (int i = 0; i < 3; i++) {
    bl_format format = bl_format_plain(plain[i]);
    CHECK(bl_format_dtype(&format) == plain[i]);
  }
  bl_format blocks = fixed("q8_0");
  CHECK(bl_format_dtype(&blocks) == BL_DTYPE_NONE);
}

/* Bits per weight as llama.cpp and the types' definitions state them. */
static void sizes_are_those_of_the_formats_owners(void) {
  const struct {
    const char *name;
    double bits_per_weight;
    uint64_t bytes_3x512;
  } cases[] = {
      {"f32", 32, 6144},  {"f16", 16, 3072},   {"bf16", 16, 3072},
      {"q4_0", 4.5, 864}, {"q4_1", 5, 960},    {"q5_0", 5.5, 1056},
      {"q5_1", 6, 1152},  {"q8_0", 8.5, 1632}, {"q6_k", 6.5625, 1260},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_format format = fixed(cases[i].name);
    bl_tensor tensor = bl_tensor_make(format, 3, 512);
    CHECK_MSG(bl_format_bits_per_weight(&format) == cases[i].bits_per_weight, "%s", cases[i].name);
    CHECK_MSG(bl_format_bytes(&format, 3, 512) == cases[i].bytes_3x512, "%s", cases[i].name);
    CHECK_MSG(3 * tensor.row_bytes[0] == cases[i].bytes_3x512, "%s", cases[i].name);
  }
}

static void sizes_beyond_32_bits_are_exact_and_beyond_64_are_refused(void) {
  bl_format f32 = bl_format_plain(BL_F32), q4_0 = fixed("q4_0");
  CHECK(bl_format_bytes(&f32, 1 << 20, 1 << 20) == (uint64_t)1 << 42);
  CHECK(bl_format_bytes(&q4_0, 1 << 20, (int64_t)1 << 35) == (uint64_t)18 << 50);
  CHECK(bl_format_bytes(&f32, INT64_MAX, INT64_MAX) == UINT64_MAX);
  CHECK(bl_format_bytes(&f32, 1, INT64_MAX) == UINT64_MAX);
  CHECK(bl_format_bytes(&f32, INT64_MAX, 0) == 0);
}

/* ---- plain floats -----------------------------------------------------------------------------
 */

static void plain_floats_keep_what_their_type_can_hold(void) {
  const float values[] = {0, -0.0f, 1, -1.5f, 0.125f, 240, INFINITY, -INFINITY};
  const bl_dtype plain[] = {BL_F32, BL_F16, BL_BF16};
  for (int d = 0; d < 3; d++) {
    bl_tensor tensor = bl_tensor_make(bl_format_plain(plain[d]), 2, 4);
    uint8_t bytes[33];
    uint8_t *parts[] = {bytes + 1};
    tensor.parts[0] = parts[0];
    for (int r = 0; r < 2; r++) bl_tensor_encode_row(&tensor, parts, r, values + 4 * r);
    float decoded[8];
    for (int r = 0; r < 2; r++) bl_tensor_decode_row(&tensor, r, decoded + 4 * r);
    CHECK_MSG(memcmp(decoded, values, sizeof values) == 0, "%s", bl_dtype_name(plain[d]));
  }
}

static void plain_floats_round_to_nearest_even(void) {
  /* 1 + 2^-8 and 1 + 3 * 2^-8 lie halfway between two bf16; 1 + 2^-11 and so on for f16. */
  const float bf16_in[] = {0x1.01p0f, 0x1.03p0f}, bf16_out[] = {1, 0x1.04p0f};
  const float f16_in[] = {0x1.002p0f, 0x1.006p0f}, f16_out[] = {1, 0x1.008p0f};
  const struct {
    bl_dtype dtype;
    const float *in, *out;
  } cases[] = {{BL_BF16, bf16_in, bf16_out}, {BL_F16, f16_in, f16_out}};
  for (int c = 0; c < 2; c++) {
    bl_tensor tensor = bl_tensor_make(bl_format_plain(cases[c].dtype), 1, 2);
    uint8_t bytes[4], *parts[] = {bytes};
    float decoded[2];
    tensor.parts[0] = bytes;
    bl_tensor_encode_row(&tensor, parts, 0, cases[c].in);
    bl_tensor_decode_row(&tensor, 0, decoded);
    CHECK(memcmp(decoded, cases[c].out, sizeof decoded) == 0);
  }
}

/* ---- what the bytes are for -------------------------------------------------------------------
 */

static bl_format with(const char *name, int bits, int group, bl_dtype dtype) {
  bl_format format = fixed(name);
  if (bits) format.bits = bits;
  if (group) format.group = group;
  format.param_dtype = dtype;
  return format;
}

/* Of 3 rows of 512 weights, counted from each format's definition. A Q4_K block, say, has 8 scales
 * and 8 minimums of 6 bits and an f16 for either: 8 bytes each, and there are 6 blocks. */
static void bytes_are_split_as_the_formats_lay_them_out(void) {
  const struct {
    const char *name;
    int bits, group;
    bl_dtype dtype;
    uint64_t codes, scales, biases;
  } cases[] = {
      {"affine", 4, 64, BL_BF16, 768, 24 * 2, 24 * 2},
      {"affine", 3, 32, BL_F32, 576, 48 * 4, 48 * 4},
      {"q4_0", 0, 0, 0, 768, 48 * 2, 0},
      {"q4_1", 0, 0, 0, 768, 48 * 2, 48 * 2},
      {"q5_0", 0, 0, 0, 960, 48 * 2, 0},
      {"q5_1", 0, 0, 0, 960, 48 * 2, 48 * 2},
      {"q8_0", 0, 0, 0, 1536, 48 * 2, 0},
      {"iq4_nl", 0, 0, 0, 768, 48 * 2, 0},
      {"mxfp4_ggml", 0, 0, 0, 768, 48, 0},
      {"q2_k", 0, 0, 0, 384, 6 * (8 + 2), 6 * (8 + 2)},
      {"q3_k", 0, 0, 0, 576, 6 * (12 + 2), 0},
      {"q4_k", 0, 0, 0, 768, 6 * (6 + 2), 6 * (6 + 2)},
      {"q5_k", 0, 0, 0, 960, 6 * (6 + 2), 6 * (6 + 2)},
      {"q6_k", 0, 0, 0, 1152, 6 * (16 + 2), 0},
      {"mxfp4", 0, 0, BL_F32, 768, 48, 0},
      {"mxfp8", 0, 0, BL_F32, 1536, 48, 0},
      {"nvfp4", 0, 0, BL_F32, 768, 96, 0},
      {"nvfp4_tensor", 0, 0, BL_F32, 768, 96 + 4, 0},
      {"int8", 0, 0, BL_F32, 1536, 3 * 4, 0},
      {"int4", 0, 128, BL_BF16, 768, 12 * 2, 12 * 2},
      {"qint8", 0, 0, 0, 1536, 8, 0},
      {"nf4", 0, 0, 0, 768, 24 * 4, 0},
      {"nf4_double", 0, 0, 0, 768, 24 + 4 + 4, 0},
      {"tensor", 3, 0, 0, 576, 4, 0},
      {"tensor_asym", 7, 0, 0, 1344, 4, 1},
      {"channel", 2, 0, 0, 384, 3 * 4, 0},
      {"channel_asym", 8, 0, 0, 1536, 3 * 4, 3},
  };
  int n_cases = (int)(sizeof cases / sizeof *cases);
  for (int i = 0; i < n_cases; i++) {
    bl_format format = with(cases[i].name, cases[i].bits, cases[i].group, cases[i].dtype);
    bl_byte_split split = {1, 2, 3, 4}; /* they are added */
    bl_format_split(&format, 3, 512, &split);
    CHECK_MSG(split.codes - 1 == cases[i].codes, "%s: %d", cases[i].name, (int)split.codes);
    CHECK_MSG(split.scales - 2 == cases[i].scales, "%s: %d", cases[i].name, (int)split.scales);
    CHECK_MSG(split.biases - 3 == cases[i].biases, "%s: %d", cases[i].name, (int)split.biases);
    CHECK_MSG(split.untouched == 4, "%s", cases[i].name);
    CHECK_MSG(
        cases[i].codes + cases[i].scales + cases[i].biases == bl_format_bytes(&format, 3, 512),
        "%s", cases[i].name);
  }
  for (int i = 0; i < bl_codec_count(); i++) {
    bool covered = bl_codec_at(i)->fixed_group == 1 && bl_codec_at(i)->fixed_bits >= 16;
    for (int c = 0; c < n_cases; c++) covered |= strcmp(cases[c].name, bl_codec_at(i)->name) == 0;
    CHECK_MSG(covered, "%s", bl_codec_at(i)->name);
  }
}

static void plain_floats_are_untouched(void) {
  bl_byte_split split = {0};
  bl_format f32 = bl_format_plain(BL_F32), bf16 = bl_format_plain(BL_BF16);
  bl_format_split(&f32, 3, 5, &split);
  bl_format_split(&bf16, 1, 7, &split);
  CHECK(split.untouched == 60 + 14 && !split.codes && !split.scales && !split.biases);
}

/* Where groups have no scale of their own, a row's weights are together. */
static void weights_that_share_a_scale_are_counted(void) {
  const struct {
    const char *name;
    int64_t group; /* in rows of 512 */
  } cases[] = {{"q4_0", 32},  {"q6_k", 256}, {"nvfp4", 16},  {"nf4", 64},    {"nf4_double", 64},
               {"int8", 512}, {"f32", 512},  {"qint8", 512}, {"tensor", 512}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bl_format format = with(cases[i].name, strcmp(cases[i].name, "tensor") ? 0 : 4, 0, BL_F32);
    CHECK_MSG(bl_format_scale_group(&format, 512) == cases[i].group, "%s", cases[i].name);
  }
}

/* ---- codes ------------------------------------------------------------------------------------
 */

/* A tensor of a few rows encoded from weights; free memory[p] and values. */
typedef struct encoded {
  bl_tensor tensor;
  uint8_t *memory[BL_MAX_PARTS];
  float *values; /* (n_rows, n_cols), decoded */
} encoded;

static encoded encode(bl_format format, int64_t n_rows, int64_t n_cols, const float *weights) {
  encoded e = {.tensor = bl_tensor_make(format, n_rows, n_cols)};
  for (int p = 0; p < format.codec->n_parts; p++) {
    e.memory[p] = malloc(bl_tensor_part_bytes(&e.tensor, p));
    if (!e.memory[p]) exit(1);
    e.tensor.parts[p] = e.memory[p];
  }
  e.values = malloc((size_t)(n_rows * n_cols) * sizeof *e.values);
  if (!e.values) exit(1);
  if (format.codec->encode_tensor)
    format.codec->encode_tensor(&format, weights, n_rows, n_cols, e.memory);
  for (int64_t r = 0; r < n_rows; r++) {
    if (format.codec->encode_row)
      bl_tensor_encode_row(&e.tensor, e.memory, r, weights + r * n_cols);
    bl_tensor_decode_row(&e.tensor, r, e.values + r * n_cols);
  }
  return e;
}

static void encoded_free(encoded *e) {
  for (int p = 0; p < BL_MAX_PARTS; p++) free(e->memory[p]);
  free(e->values);
}

/* Are 16 neighbours, which share a scale in every format, in the same order by code as by value, or
 * in the opposite one, and are equal codes equal values? */
static bool order_agrees(const uint8_t *codes, const float *values) {
  bool rises = true, falls = true, same = true;
  for (int i = 0; i < 16; i++) {
    for (int j = 0; j < 16; j++) {
      if (codes[i] == codes[j]) same &= values[i] == values[j];
      if (codes[i] >= codes[j]) continue;
      rises &= values[i] <= values[j];
      falls &= values[i] >= values[j];
    }
  }
  return same && (rises || falls);
}

/* Counts the rows' codes and compares their order with the values'; returns how many of the
 * format's codes occur. */
static int check_codes(bl_format format, const float *weights, int64_t n_rows, int64_t n_cols) {
  char name[32];
  bl_format_print(&format, name, sizeof name);
  encoded e = encode(format, n_rows, n_cols, weights);
  uint8_t *codes = malloc((size_t)n_cols); /* exactly, for a sanitizer to guard */
  if (!codes) exit(1);
  int64_t counts[256] = {0};
  for (int64_t r = 0; r < n_rows; r++) {
    bl_tensor_row_codes(&e.tensor, r, codes);
    for (int64_t i = 0; i < n_cols; i++) {
      CHECK_MSG(codes[i] < 1 << format.bits, "%s: code %d", name, codes[i]);
      counts[codes[i]]++;
    }
    for (int64_t i = 0; i < n_cols; i += 16)
      CHECK_MSG(order_agrees(codes + i, e.values + r * n_cols + i), "%s: row %d, weight %d", name,
                (int)r, (int)i);
  }
  int n_used = 0;
  for (int c = 0; c < 256; c++) n_used += counts[c] > 0;
  free(codes);
  encoded_free(&e);
  return n_used;
}

/* With every setting, on weights for which all codes but those at the ends should occur. */
static void codes_are_in_the_order_of_the_values(void) {
  enum { ROWS = 12, COLS = 2048 };
  static float weights[ROWS * COLS];
  uint64_t state = 1;
  for (int i = 0; i < ROWS * COLS; i++)
    weights[i] = check_uniform(&state) * (1 + (float)(i / 32 % 8) / 8);
  int n_formats = 0;
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    CHECK_MSG(!codec->unpack_codes == (codec->fixed_bits >= 16), "%s", codec->name);
    if (!codec->unpack_codes) continue;
    for (int bits = 2; bits <= 8; bits++) {
      for (int group = 1; group <= 256; group *= 2) {
        bl_format format = {codec, bits, group, BL_F32};
        if (!bl_codec_takes(codec, bits, group)) continue;
        int n_used = check_codes(format, weights, ROWS, COLS), n_codes = 1 << bits;
        /* e4m3 has few numbers for the upper half of a range, and many for what is near 0. */
        bool is_float = strcmp(codec->name, "mxfp8") == 0;
        CHECK_MSG(n_used <= n_codes && n_used >= (is_float ? 100 : n_codes - 2), "%s:%d:%d uses %d",
                  codec->name, bits, group, n_used);
        n_formats++;
      }
    }
  }
  CHECK(n_formats >= 18 + 4 * 7 + 4 + 20); /* affine, the plain grids, int4, all others */
}

/* What a code means is known of formats whose values are written down: here each value is a weight,
 * so that the codes are their places. */
static void codes_of_known_values_are_their_places(void) {
  const struct {
    const char *name;
    float values[16];
    uint8_t codes[16];
  } cases[] = {
      {"mxfp4",
       {-6, -4, -3, -2, -1.5f, -1, -.5f, 0, .5f, 1, 1.5f, 2, 3, 4, 6, 0},
       {0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 8}},
      {"mxfp4_ggml",
       {-6, -4, -3, -2, -1.5f, -1, -.5f, 0, .5f, 1, 1.5f, 2, 3, 4, 6, 0},
       {0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 8}},
      {"mxfp8", /* -448 is the lowest but NaN, 2^-9 the least above 0 */
       {-448, 448, 0, 0x1p-9f, -0x1p-9f, -0.0f, 1, -1, 416},
       {1, 254, 128, 129, 126, 127, 184, 71, 253, 128, 128, 128, 128, 128, 128, 128}},
      {"iq4_nl",
       {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113},
       {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
      {"q8_0",
       {-127, -126, -1, 0, 1, 2, 126, 127},
       {1, 2, 127, 128, 129, 130, 254, 255, 128, 128, 128, 128, 128, 128, 128, 128}},
      {"nf4",
       {-1, -.6962f, -.5251f, -.3949f, -.2844f, -.1848f, -.0911f, 0, .0796f, .1609f, .2461f, .3379f,
        .4407f, .5626f, .723f, 1},
       {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}},
      {"int8", /* 127.5 would be the end of the range */
       {-127.5f, -127, -1, 0, 1, 126, 127},
       {0, 1, 127, 128, 129, 254, 255, 128, 128, 128, 128, 128, 128, 128, 128, 128}},
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    float weights[64] = {0};
    uint8_t codes[64];
    memcpy(weights, cases[c].values, sizeof cases[c].values);
    encoded e = encode(with(cases[c].name, 0, 0, BL_F32), 1, 64, weights);
    bl_tensor_row_codes(&e.tensor, 0, codes);
    for (int i = 0; i < 16; i++)
      CHECK_MSG(codes[i] == cases[c].codes[i], "%s: %g has code %d", cases[c].name,
                (double)weights[i], codes[i]);
    encoded_free(&e);
  }
}

int main(void) {
  RUN(every_codec_is_found_by_its_own_name_only);
  RUN(every_codec_is_complete);
  RUN(settings_are_told_in_words);
  RUN(a_gguf_file_holds_what_ggml_has_a_type_for);
  RUN(levels_that_are_uneven_are_those_of_the_formats_owners);
  RUN(formats_print_as_recipes_do);
  RUN(only_plain_floats_are_a_dtype);
  RUN(sizes_are_those_of_the_formats_owners);
  RUN(sizes_beyond_32_bits_are_exact_and_beyond_64_are_refused);
  RUN(plain_floats_keep_what_their_type_can_hold);
  RUN(plain_floats_round_to_nearest_even);
  RUN(bytes_are_split_as_the_formats_lay_them_out);
  RUN(plain_floats_are_untouched);
  RUN(weights_that_share_a_scale_are_counted);
  RUN(codes_are_in_the_order_of_the_values);
  RUN(codes_of_known_values_are_their_places);
  return check_result();
}
