/* GGML's K formats against llama.cpp's reference quantizers (tests/golden/make_ggml_k.py), and what
 * their definitions promise. */
#include "ggml_weights.h"
#include "quant/recipe.h"
#include "quant/tensor.h"

enum { N_FORMATS = 5 };
static const char *const names[N_FORMATS] = {"q2_k", "q3_k", "q4_k", "q5_k", "q6_k"};

static bl_format format_named(const char *name) {
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  if (!codec) {
    printf("    no codec %s\n", name);
    exit(1);
  }
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

/* Encodes one row to malloc'ed bytes: at an odd address, and followed by guard bytes. */
typedef struct encoded {
  uint8_t *memory, *bytes;
  size_t size;
} encoded;

enum { GUARD = 64, GUARD_BYTE = 0xa5 };

static encoded encode(bl_format format, const float *weights, int64_t n_cols) {
  encoded e = {.size = bl_format_row_bytes(&format, 0, n_cols)};
  e.memory = allocate(e.size + GUARD + 1);
  e.bytes = e.memory + 1;
  memset(e.memory, GUARD_BYTE, e.size + GUARD + 1);
  format.codec->encode_row(&format, weights, n_cols, (uint8_t *[]){e.bytes});
  for (int i = 0; i < GUARD; i++) CHECK(e.bytes[e.size + (size_t)i] == GUARD_BYTE);
  CHECK(e.memory[0] == GUARD_BYTE);
  return e;
}

/* A tensor of the golden file. */
typedef struct tensor_case {
  int32_t kind, exponent, n_blocks;
} tensor_case;

enum { N_RANDOM = 64, N_LONG = 4, LONG_BLOCKS = 512, LONG_SEED = 1077 };
static const tensor_case long_tensors[N_LONG] = {
    {BELL, -22, LONG_BLOCKS},
    {HEAVY_TAILED, -55, LONG_BLOCKS},
    {FEW_VALUES, 0, LONG_BLOCKS},
    {UNEVEN_GROUPS, -22, LONG_BLOCKS},
};

static float *make_weights(const tensor_case *c, uint64_t seed) {
  int n = c->n_blocks * BLOCK;
  float *weights = allocate((size_t)n * sizeof *weights);
  for (int i = 0; i < n; i++)
    weights[i] = make_weight(c->kind, c->exponent, i, check_random(&seed));
  return weights;
}

/* ---- the golden file --------------------------------------------------------------------------
 */

typedef struct golden {
  uint8_t *file;
  uint32_t n_tensors;
  tensor_case *cases;
  int64_t n_blocks;
  const uint8_t *blocks[N_FORMATS]; /* of all tensors */
  const uint8_t *hashes[N_FORMATS]; /* uint64 of each, decoded; and of N_RANDOM random blocks */
  const uint8_t *long_hashes[N_FORMATS]; /* uint64 of each block of the long tensors, encoded */
} golden;

static size_t block_bytes(int f) {
  bl_format format = format_named(names[f]);
  return bl_format_row_bytes(&format, 0, BLOCK);
}

static golden read_golden(void) {
  size_t size;
  golden g = {.file = check_read_file(BL_GOLDEN "/ggml_k/ggml_k.bin", &size)};
  CHECK(memcmp(g.file, "BLGGMLK1", 8) == 0);
  memcpy(&g.n_tensors, g.file + 8, 4);
  CHECK(g.n_tensors >= 50);
  size_t cases_size = g.n_tensors * sizeof *g.cases;
  g.cases = allocate(cases_size);
  memcpy(g.cases, g.file + 12, cases_size);
  for (uint32_t t = 0; t < g.n_tensors; t++) g.n_blocks += g.cases[t].n_blocks;
  const uint8_t *at = g.file + 12 + cases_size;
  for (int f = 0; f < N_FORMATS; f++) {
    g.blocks[f] = at;
    g.hashes[f] = at + (size_t)g.n_blocks * block_bytes(f);
    g.long_hashes[f] = g.hashes[f] + (size_t)(g.n_blocks + N_RANDOM) * 8;
    at = g.long_hashes[f] + (size_t)(N_LONG * LONG_BLOCKS) * 8;
  }
  CHECK(at == g.file + size);
  return g;
}

static void golden_free(golden *g) {
  free(g->cases);
  free(g->file);
}

/* 64-bit FNV-1a: of a block's floats, all NaNs as one, and of bytes. */
static uint64_t hash_of_floats(const float *values) {
  uint64_t h = 0xcbf29ce484222325u;
  for (int i = 0; i < BLOCK; i++)
    h = (h ^ (isnan(values[i]) ? 0x7fc00000u : bl_f32_bits(values[i]))) * 0x100000001b3u;
  return h;
}

static uint64_t hash_of_bytes(const uint8_t *bytes, size_t n) {
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t i = 0; i < n; i++) h = (h ^ bytes[i]) * 0x100000001b3u;
  return h;
}

/* How many of n blocks decode to something else than `hashes` say. */
static int count_misread_blocks(bl_format format, const uint8_t *blocks, int64_t n,
                                const uint8_t *hashes) {
  size_t size = bl_format_row_bytes(&format, 0, n * BLOCK);
  uint8_t *unaligned = allocate(size + 1);
  float *values = allocate((size_t)n * BLOCK * sizeof *values);
  memcpy(unaligned + 1, blocks, size);
  format.codec->decode_row(&format, (const uint8_t *[]){unaligned + 1}, n * BLOCK, values);
  int different = 0;
  for (int64_t b = 0; b < n; b++) {
    uint64_t expected;
    memcpy(&expected, hashes + 8 * b, 8);
    different += hash_of_floats(values + b * BLOCK) != expected;
  }
  free(unaligned);
  free(values);
  return different;
}

static void encoding_writes_the_bytes_of_llama_cpp(void) {
  golden g = read_golden();
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_named(names[f]);
    const uint8_t *theirs = g.blocks[f];
    int different = 0;
    for (uint32_t t = 0; t < g.n_tensors; t++) {
      float *weights = make_weights(&g.cases[t], t);
      encoded ours = encode(format, weights, g.cases[t].n_blocks * BLOCK);
      bool same = memcmp(ours.bytes, theirs, ours.size) == 0;
      CHECK_MSG(same, "%s: tensor %u of kind %d, exponent %d", names[f], t, g.cases[t].kind,
                g.cases[t].exponent);
      different += !same;
      theirs += ours.size;
      free(ours.memory);
      free(weights);
    }
    printf("    %s: %u tensors, %d weights, %d mismatches\n", names[f], g.n_tensors,
           (int)g.n_blocks * BLOCK, different);
  }
  golden_free(&g);
}

static void encoding_long_tensors_writes_the_bytes_of_llama_cpp(void) {
  golden g = read_golden();
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_named(names[f]);
    size_t size = block_bytes(f);
    const uint8_t *theirs = g.long_hashes[f];
    int different = 0;
    for (int t = 0; t < N_LONG; t++) {
      float *weights = make_weights(&long_tensors[t], (uint64_t)(LONG_SEED + t));
      encoded ours = encode(format, weights, LONG_BLOCKS * BLOCK);
      for (size_t b = 0; b < LONG_BLOCKS; b++, theirs += 8) {
        uint64_t expected;
        memcpy(&expected, theirs, 8);
        different += hash_of_bytes(ours.bytes + b * size, size) != expected;
      }
      free(ours.memory);
      free(weights);
    }
    printf("    %s: %d blocks, %d mismatches\n", names[f], N_LONG * LONG_BLOCKS, different);
    CHECK_MSG(different == 0, "%s", names[f]);
  }
  golden_free(&g);
}

static void decoding_gives_the_floats_of_llama_cpp(void) {
  golden g = read_golden();
  for (int f = 0; f < N_FORMATS; f++) {
    size_t size = block_bytes(f);
    uint8_t *random = allocate(N_RANDOM * size);
    uint64_t state = size;
    for (size_t i = 0; i < N_RANDOM * size; i++) random[i] = (uint8_t)(check_random(&state) >> 56);
    bl_format format = format_named(names[f]);
    int different = count_misread_blocks(format, g.blocks[f], g.n_blocks, g.hashes[f]);
    different += count_misread_blocks(format, random, N_RANDOM, g.hashes[f] + 8 * g.n_blocks);
    printf("    %s: %d blocks, %d mismatches\n", names[f], (int)g.n_blocks + N_RANDOM, different);
    CHECK_MSG(different == 0, "%s", names[f]);
    free(random);
  }
  golden_free(&g);
}

/* ---- what the formats promise -----------------------------------------------------------------
 */

/* Block sizes of ggml-common.h. */
static void sizes_are_those_of_ggml(void) {
  const int bytes[N_FORMATS] = {84, 110, 144, 176, 210};
  for (int f = 0; f < N_FORMATS; f++) {
    bl_format format = format_named(names[f]);
    CHECK_MSG(block_bytes(f) == (size_t)bytes[f], "%s", names[f]);
    CHECK_MSG(bl_format_bytes(&format, 3, 1024) == (uint64_t)(12 * bytes[f]), "%s", names[f]);
    CHECK_MSG(bl_format_bits_per_weight(&format) == bytes[f] / 32.0, "%s", names[f]);
  }
}

/* A matrix whose rows 256 does not divide keeps its own format, as with every group. */
static void rows_that_256_does_not_divide_are_left_alone(void) {
  const bl_place place = {.name = "model.layers.0.mlp.up_proj.weight", .n_layers = 1};
  const int64_t refused[] = {1, 32, 128, 255, 257, 576, 1000};
  for (int f = 0; f < N_FORMATS; f++) {
    bl_recipe recipe;
    bl_format format;
    CHECK_OK(bl_recipe_parse(names[f], &recipe, error));
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
      CHECK_MSG(!bl_recipe_format(&recipe, &place, 4, refused[i], BL_BF16, &format), "%s: %d",
                names[f], (int)refused[i]);
    CHECK_MSG(bl_recipe_format(&recipe, &place, 4, 768, BL_BF16, &format), "%s", names[f]);
    CHECK_MSG(format.codec == format_named(names[f]).codec && format.group == 256, "%s", names[f]);
  }
}

/* NaNs differ in their payloads; which one it is must not show. */
static void the_payload_of_a_nan_does_not_matter(void) {
  float a[BLOCK], b[BLOCK];
  uint64_t state = 7;
  for (int i = 0; i < BLOCK; i++) {
    float w = check_uniform(&state);
    a[i] = i % 10 == 3 ? NAN : w;
    b[i] = i % 10 == 3 ? bl_f32_from_bits(0xff812345u + (uint32_t)i) : w;
  }
  for (int f = 0; f < N_FORMATS; f++) {
    encoded x = encode(format_named(names[f]), a, BLOCK),
            y = encode(format_named(names[f]), b, BLOCK);
    CHECK_MSG(memcmp(x.bytes, y.bytes, x.size) == 0, "%s", names[f]);
    free(x.memory);
    free(y.memory);
  }
}

/* Blocks know nothing of one another. */
static void a_block_is_encoded_alike_wherever_it_lies(void) {
  tensor_case c = {BELL, -22, 3};
  float *weights = make_weights(&c, 5);
  for (int f = 0; f < N_FORMATS; f++) {
    size_t size = block_bytes(f);
    encoded row = encode(format_named(names[f]), weights, 3 * BLOCK);
    for (int b = 0; b < 3; b++) {
      encoded alone = encode(format_named(names[f]), weights + b * BLOCK, BLOCK);
      CHECK_MSG(memcmp(alone.bytes, row.bytes + (size_t)b * size, size) == 0, "%s", names[f]);
      free(alone.memory);
    }
    free(row.memory);
  }
  free(weights);
}

/* Root mean square of the error, as a share of the weights' own. */
static double relative_error(bl_format format, const float *weights, int64_t n) {
  encoded e = encode(format, weights, n);
  float *values = allocate((size_t)n * sizeof *values);
  format.codec->decode_row(&format, (const uint8_t *[]){e.bytes}, n, values);
  double error = 0, total = 0;
  for (int64_t i = 0; i < n; i++) {
    error += ((double)values[i] - weights[i]) * ((double)values[i] - weights[i]);
    total += (double)weights[i] * weights[i];
  }
  free(values);
  free(e.memory);
  return sqrt(error / total);
}

/* Each bit more halves the step between codes, at least nearly. */
static void each_format_errs_less_than_the_one_with_a_bit_fewer(void) {
  tensor_case c = {BELL, -22, 64};
  float *weights = make_weights(&c, 11);
  double last = 1;
  for (int f = 0; f < N_FORMATS; f++) {
    double error = relative_error(format_named(names[f]), weights, 64 * BLOCK);
    printf("    %s: %.2f%%\n", names[f], 100 * error);
    CHECK_MSG(error < 0.65 * last, "%s: %g after %g", names[f], error, last);
    last = error;
  }
  free(weights);
}

int main(void) {
  RUN(encoding_writes_the_bytes_of_llama_cpp);
  RUN(encoding_long_tensors_writes_the_bytes_of_llama_cpp);
  RUN(decoding_gives_the_floats_of_llama_cpp);
  RUN(sizes_are_those_of_ggml);
  RUN(rows_that_256_does_not_divide_are_left_alone);
  RUN(the_payload_of_a_nan_does_not_matter);
  RUN(a_block_is_encoded_alike_wherever_it_lies);
  RUN(each_format_errs_less_than_the_one_with_a_bit_fewer);
  return check_result();
}
