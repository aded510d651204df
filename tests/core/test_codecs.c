/* The codec table, the plain float formats, and GGML's blocks against llama.cpp
 * (tests/golden/make_ggml.py). */
#include "base/number.h"
#include "check.h"
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
    CHECK_MSG(codec->row_bytes && (codec->decode_row || codec->decode_tensor_row), "%s",
              codec->name);
    CHECK_MSG(codec->bits_choices ? codec->default_bits > 0 : codec->fixed_bits > 0, "%s",
              codec->name);
    CHECK_MSG(codec->group_choices ? codec->default_group > 0 : codec->fixed_group > 0, "%s",
              codec->name);
    CHECK_MSG(codec->has_settings == (codec->bits_choices || codec->group_choices), "%s",
              codec->name);
    if (!codec->has_settings) continue;
    CHECK_MSG(
        codec->settings_valid(codec->bits_choices ? codec->default_bits : codec->fixed_bits,
                              codec->group_choices ? codec->default_group : codec->fixed_group),
        "%s", codec->name);
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

/* ---- GGML's blocks ----------------------------------------------------------------------------
 */

/* Decodes every row from an odd address, and returns how many values differ from theirs. */
static int count_differences(bl_format format, int64_t n_rows, int64_t n_cols,
                             const uint8_t *blocks, const uint8_t *theirs) {
  bl_tensor tensor = bl_tensor_make(format, n_rows, n_cols);
  size_t size = (size_t)n_rows * tensor.row_bytes[0];
  uint8_t *unaligned = malloc(size + 1);
  float *values = malloc((size_t)n_cols * sizeof *values);
  if (!unaligned || !values) exit(1);
  memcpy(unaligned + 1, blocks, size);
  tensor.parts[0] = unaligned + 1;
  int different = 0;
  for (int64_t r = 0; r < n_rows; r++) {
    bl_tensor_decode_row(&tensor, r, values);
    for (int64_t i = 0; i < n_cols; i++) {
      float expected;
      memcpy(&expected, theirs + (r * n_cols + i) * 4, 4);
      different +=
          bl_f32_bits(values[i]) != bl_f32_bits(expected) && !(isnan(values[i]) && isnan(expected));
    }
  }
  free(values);
  free(unaligned);
  return different;
}

static void blocks_decode_to_the_bits_of_llama_cpp(void) {
  size_t size;
  uint8_t *file = check_read_file(BL_GOLDEN "/ggml/ggml.bin", &size);
  CHECK(memcmp(file, "BLBLOCKS", 8) == 0);
  uint32_t n_types;
  memcpy(&n_types, file + 8, 4);
  CHECK(n_types == 6);
  const uint8_t *at = file + 12;
  for (uint32_t t = 0; t < n_types; t++) {
    const char *name = (const char *)at;
    uint32_t shape[3]; /* rows, columns, bytes of a row */
    memcpy(shape, at + 8, sizeof shape);
    const uint8_t *blocks = at + 20, *theirs = blocks + (size_t)shape[0] * shape[2];
    bl_format format = fixed(name);
    CHECK_MSG(format.codec->row_bytes(&format, 0, shape[1]) == shape[2], "%s", name);
    int different = count_differences(format, shape[0], shape[1], blocks, theirs);
    printf("    %s: %u weights, %d mismatches\n", name, shape[0] * shape[1], different);
    CHECK(different == 0);
    at = theirs + (size_t)shape[0] * shape[1] * 4;
  }
  CHECK(at == file + size);
  free(file);
}

int main(void) {
  RUN(every_codec_is_found_by_its_own_name_only);
  RUN(every_codec_is_complete);
  RUN(formats_print_as_recipes_do);
  RUN(only_plain_floats_are_a_dtype);
  RUN(sizes_are_those_of_the_formats_owners);
  RUN(sizes_beyond_32_bits_are_exact_and_beyond_64_are_refused);
  RUN(plain_floats_keep_what_their_type_can_hold);
  RUN(plain_floats_round_to_nearest_even);
  RUN(blocks_decode_to_the_bits_of_llama_cpp);
  return check_result();
}
