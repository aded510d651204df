/* GGML's blocks of 32 weights, encoded and decoded, against llama.cpp
 * (tests/golden/make_ggml_blocks.py). */
#include "base/number.h"
#include "check.h"
#include "quant/tensor.h"

static bl_format fixed(const char *name) {
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  CHECK_MSG(codec, "no codec %s", name);
  if (!codec) exit(1);
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

static void *allocate(size_t n_bytes) {
  void *memory = malloc(n_bytes);
  if (!memory) exit(1);
  return memory;
}

static const char *const formats[] = {"q4_0", "q4_1",   "q5_0",      "q5_1",
                                      "q8_0", "iq4_nl", "mxfp4_ggml"};
enum { N_FORMATS = sizeof formats / sizeof *formats };

/* ---- the golden file --------------------------------------------------------------------------
 */

enum { NAME_BYTES = 16 };

typedef struct golden {
  uint8_t *file;
  size_t file_size;
  uint32_t n_tensors, n_weights, n_formats;
  const uint8_t *tensors; /* n_tensors times a name and n_weights f32 */
  const uint8_t *formats; /* where the first format starts */
} golden;

typedef struct golden_format {
  const char *name;
  uint32_t n_bytes, n_random;
  const uint8_t *encoded; /* (n_tensors + n_random, n_bytes) */
  const uint8_t *hashes;  /* n_tensors + n_random, 8 bytes each */
} golden_format;

static golden open_golden(void) {
  golden g;
  g.file = check_read_file(BL_GOLDEN "/ggml_blocks/ggml_blocks.bin", &g.file_size);
  CHECK(memcmp(g.file, "BLBLOCK2", 8) == 0);
  memcpy(&g.n_tensors, g.file + 8, 4);
  memcpy(&g.n_weights, g.file + 12, 4);
  memcpy(&g.n_formats, g.file + 16, 4);
  g.tensors = g.file + 20;
  g.formats = g.tensors + (size_t)g.n_tensors * (NAME_BYTES + (size_t)g.n_weights * 4);
  return g;
}

static const char *tensor_name(const golden *g, uint32_t t) {
  return (const char *)g->tensors + t * (NAME_BYTES + (size_t)g->n_weights * 4);
}

static void read_tensor(const golden *g, uint32_t t, float *weights) {
  memcpy(weights, tensor_name(g, t) + NAME_BYTES, (size_t)g->n_weights * 4);
}

/* The format at `at`, which moves on to the next one. */
static golden_format next_format(const golden *g, const uint8_t **at) {
  golden_format f = {.name = (const char *)*at};
  memcpy(&f.n_bytes, *at + NAME_BYTES, 4);
  memcpy(&f.n_random, *at + NAME_BYTES + 4, 4);
  size_t n = g->n_tensors + f.n_random;
  f.encoded = *at + NAME_BYTES + 8;
  f.hashes = f.encoded + n * f.n_bytes;
  *at = f.hashes + n * 8;
  return f;
}

/* FNV-1a over the words of floats, every NaN counted as the same one. */
static uint64_t hash(const float *values, int64_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  for (int64_t i = 0; i < n; i++)
    h = (h ^ (isnan(values[i]) ? 0x7fc00000u : bl_f32_bits(values[i]))) * 0x100000001b3u;
  return h;
}

/* ---- against llama.cpp ------------------------------------------------------------------------
 */

static void golden_file_has_every_format_and_enough_tensors(void) {
  golden g = open_golden();
  CHECK(g.n_tensors >= 50);
  CHECK(g.n_formats == N_FORMATS);
  const uint8_t *at = g.formats;
  for (int i = 0; i < N_FORMATS; i++) {
    golden_format f = next_format(&g, &at);
    bl_format format = fixed(formats[i]);
    CHECK(strcmp(f.name, formats[i]) == 0);
    CHECK_MSG(bl_format_row_bytes(&format, 0, g.n_weights) == f.n_bytes, "%s", f.name);
  }
  CHECK(at == g.file + g.file_size);
  free(g.file);
}

static void blocks_encode_to_the_bytes_of_llama_cpp(void) {
  golden g = open_golden();
  float *weights = allocate((size_t)g.n_weights * sizeof *weights);
  const uint8_t *at = g.formats;
  for (uint32_t i = 0; i < g.n_formats; i++) {
    golden_format f = next_format(&g, &at);
    bl_tensor tensor = bl_tensor_make(fixed(f.name), g.n_tensors, g.n_weights);
    uint8_t *unaligned = allocate((size_t)g.n_tensors * f.n_bytes + 1);
    uint8_t *parts[BL_MAX_PARTS] = {unaligned + 1};
    int different = 0;
    for (uint32_t t = 0; t < g.n_tensors; t++) {
      read_tensor(&g, t, weights);
      bl_tensor_encode_row(&tensor, parts, t, weights);
      const uint8_t *ours = parts[0] + (size_t)t * f.n_bytes;
      bool same = memcmp(ours, f.encoded + (size_t)t * f.n_bytes, f.n_bytes) == 0;
      CHECK_MSG(same, "%s of '%s'", f.name, tensor_name(&g, t));
      different += !same;
    }
    printf("    %s: %u tensors, %d mismatches\n", f.name, g.n_tensors, different);
    free(unaligned);
  }
  free(weights);
  free(g.file);
}

static void blocks_decode_to_the_bits_of_llama_cpp(void) {
  golden g = open_golden();
  float *weights = allocate((size_t)g.n_weights * sizeof *weights);
  const uint8_t *at = g.formats;
  for (uint32_t i = 0; i < g.n_formats; i++) {
    golden_format f = next_format(&g, &at);
    uint32_t n = g.n_tensors + f.n_random;
    bl_tensor tensor = bl_tensor_make(fixed(f.name), n, g.n_weights);
    uint8_t *unaligned = allocate((size_t)n * f.n_bytes + 1);
    memcpy(unaligned + 1, f.encoded, (size_t)n * f.n_bytes);
    tensor.parts[0] = unaligned + 1;
    int different = 0;
    for (uint32_t t = 0; t < n; t++) {
      uint64_t expected;
      memcpy(&expected, f.hashes + (size_t)t * 8, 8);
      bl_tensor_decode_row(&tensor, t, weights);
      bool same = hash(weights, g.n_weights) == expected;
      CHECK_MSG(same, "%s of '%s'", f.name, t < g.n_tensors ? tensor_name(&g, t) : "random blocks");
      different += !same;
    }
    printf("    %s: %u tensors, %d mismatches\n", f.name, n, different);
    free(unaligned);
  }
  free(weights);
  free(g.file);
}

/* ---- by arithmetic ----------------------------------------------------------------------------
 */

/* Any 32 bits are encoded and decoded again, each block on its own in exactly its size, so that a
 * sanitizer sees every byte too far and every number that does not fit. Twice gives the same. */
static void any_bits_are_encoded_safely_and_always_alike(void) {
  uint64_t state = 1;
  for (int f = 0; f < N_FORMATS; f++) {
    bl_tensor tensor = bl_tensor_make(fixed(formats[f]), 1, 32);
    size_t size = tensor.row_bytes[0];
    float *weights = allocate(32 * sizeof *weights), *decoded = allocate(32 * sizeof *decoded);
    uint8_t *once = allocate(size), *twice = allocate(size);
    int different = 0;
    for (int round = 0; round < 20000; round++) {
      /* Exponents near one another, as they are in real blocks, or any. */
      uint32_t mask = round % 2 ? 0xffffffffu : 0x87ffffffu;
      uint32_t base = (uint32_t)check_random(&state) & ~mask;
      for (int i = 0; i < 32; i++)
        weights[i] = bl_f32_from_bits(((uint32_t)check_random(&state) & mask) | base);
      bl_tensor_encode_row(&tensor, &once, 0, weights);
      bl_tensor_encode_row(&tensor, &twice, 0, weights);
      different += memcmp(once, twice, size) != 0;
      tensor.parts[0] = once;
      bl_tensor_decode_row(&tensor, 0, decoded);
    }
    CHECK_MSG(different == 0, "%s", formats[f]);
    free(weights);
    free(decoded);
    free(once);
    free(twice);
  }
}

/* No weight is further off than half the widest gap of its block's grid, and what f16 costs. */
static void errors_are_at_most_half_a_step(void) {
  const struct {
    const char *name;
    double half_step; /* for the largest weight, or for a range, of 1 */
    bool of_range;
  } cases[] = {
      {"q4_0", 1.0 / 8, false}, /* a whole step: the other end of the grid is one short */
      {"q4_1", 0.5 / 15, true},   {"q5_0", 1.0 / 16, false},      {"q5_1", 0.5 / 31, true},
      {"q8_0", 0.5 / 127, false}, {"mxfp4_ggml", 2.0 / 8, false}, /* 8 - 6 with the largest weight
                                                                     just below 8 */
  };
  uint64_t state = 2;
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    bl_tensor tensor = bl_tensor_make(fixed(cases[c].name), 1, 32);
    uint8_t bytes[64], *parts[BL_MAX_PARTS] = {bytes};
    tensor.parts[0] = bytes;
    double worst = 0;
    for (int round = 0; round < 2000; round++) {
      float weights[32], decoded[32], lo = INFINITY, hi = -INFINITY;
      for (int i = 0; i < 32; i++) {
        weights[i] = check_uniform(&state);
        lo = fminf(lo, weights[i]);
        hi = fmaxf(hi, weights[i]);
      }
      double size = cases[c].of_range ? (double)hi - (double)lo : (double)fmaxf(hi, -lo);
      bl_tensor_encode_row(&tensor, parts, 0, weights);
      bl_tensor_decode_row(&tensor, 0, decoded);
      for (int i = 0; i < 32; i++)
        worst = fmax(worst, fabs((double)decoded[i] - (double)weights[i]) / size);
    }
    CHECK_MSG(worst <= cases[c].half_step + 1e-3, "%s: %f", cases[c].name, worst);
    CHECK_MSG(worst >= cases[c].half_step / 2, "%s: %f", cases[c].name, worst);
  }
}

/* OCP's MX 1.0: a block's scale is the largest power of two in its largest weight divided by that
 * in the largest value, 4; every value of e2m1 then has its own code. */
static void mxfp4_values_are_those_of_the_standard(void) {
  const float values[8] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
  bl_tensor tensor = bl_tensor_make(fixed("mxfp4_ggml"), 1, 32);
  uint8_t bytes[17], *parts[BL_MAX_PARTS] = {bytes};
  tensor.parts[0] = bytes;
  for (int exponent = -120; exponent <= 120; exponent += 8) {
    float weights[32], decoded[32];
    for (int i = 0; i < 32; i++)
      weights[i] = ldexpf(i % 16 < 8 ? values[i % 8] : -values[i % 8], exponent);
    bl_tensor_encode_row(&tensor, parts, 0, weights);
    CHECK(bytes[0] == exponent + 127);
    /* Bytes hold weights i and i + 16, here equal; code 8, a negative 0, is never written. */
    for (int i = 0; i < 16; i++) CHECK(bytes[1 + i] == (i == 8 ? 0 : i * 0x11));
    bl_tensor_decode_row(&tensor, 0, decoded);
    for (int i = 0; i < 32; i++) CHECK(decoded[i] == weights[i]);
  }
}

int main(void) {
  RUN(golden_file_has_every_format_and_enough_tensors);
  RUN(blocks_encode_to_the_bytes_of_llama_cpp);
  RUN(blocks_decode_to_the_bits_of_llama_cpp);
  RUN(any_bits_are_encoded_safely_and_always_alike);
  RUN(errors_are_at_most_half_a_step);
  RUN(mxfp4_values_are_those_of_the_standard);
  return check_result();
}
