/* Do all targets write the same bytes? Every format of the codec table that can be written, under
 * each of its settings, encodes weights that are made here; the bytes are hashed, and so are the
 * bits that come back from decoding them. The hashes must be those of tests/golden/same_bytes.txt
 * with gcc and clang, at every level of optimisation, on x86-64, arm64 and WebAssembly.
 *
 * Whether the bytes are right is not asked here. For that each format has a test of its own,
 * against the library that it comes from; the hashes were taken from a build that had passed all of
 * those. What a target may do in its own way, unless it is kept from it: leave a * b unrounded
 * before it adds c, give a NaN another sign, turn a float into an integer that can't hold it, take
 * char for signed or not, round halves as its C library does.
 *
 * A new format needs one more row for each of its settings. The test prints what is missing:
 *
 *     build/native/test_same_bytes | sed -n 's/^ *missing: //p' >> tests/golden/same_bytes.txt */
#include <inttypes.h>

#include "base/number.h"
#include "quant/methods/search.h"
#include "quant/tensor.h"
#include "weight_kinds.h"

/* ---- hashes ---------------------------------------------------------------------------------- */

/* 64-bit FNV-1a. */
#define HASH_START 0xcbf29ce484222325u

static void hash_bytes(uint64_t *hash, const void *bytes, size_t n) {
  const uint8_t *byte = bytes;
  for (size_t i = 0; i < n; i++) *hash = (*hash ^ byte[i]) * 0x100000001b3u;
}

/* Of float32 values: all NaNs count as one. */
static void hash_values(uint64_t *hash, const float *values, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    uint32_t bits = isnan(values[i]) ? 0x7fc00000u : bl_f32_bits(values[i]);
    hash_bytes(hash, &bits, sizeof bits);
  }
}

/* A row of the file. */
typedef struct hashes {
  char name[32];
  uint64_t finite, not_finite; /* the bytes for weights that all are, and for those of which some
                                  or all are not */
  uint64_t decoded;            /* the values from both */
} hashes;

/* A row whose grids are searched for. */
static void encode_searched(const bl_format *format, const float *src, int64_t n_cols,
                            uint8_t *const *parts) {
  const bl_gridding *gridding = bl_gridding_of(format->codec);
  const int64_t n = bl_gridding_block(gridding, format, n_cols);
  bl_block_parts block = bl_block_parts_first(format, n, parts);
  uint8_t *codes = allocate((size_t)n);
  for (int64_t col = 0; col < n_cols; col += n, bl_block_parts_next(&block)) {
    bl_grids grids;
    bl_search_fit(gridding, format, src + col, NULL, n, &grids);
    gridding->round(format, &grids, src + col, n, codes);
    gridding->pack(format, &grids, codes, n, block.at);
  }
  free(codes);
}

/* Encodes a matrix, decodes it, and goes on with the hashes. */
static void hash_matrix(bl_format format, bool searched, enum kind kind, bl_dtype dtype,
                        int64_t n_rows, int64_t n_cols, hashes *h) {
  float *weights = make_weights(kind, dtype, n_rows, n_cols);
  bl_tensor tensor = bl_tensor_make(format, n_rows, n_cols);
  uint8_t *parts[BL_MAX_PARTS] = {NULL};
  for (int p = 0; p < format.codec->n_parts; p++) {
    parts[p] = allocate(bl_tensor_part_bytes(&tensor, p));
    memset(parts[p], 0, bl_tensor_part_bytes(&tensor, p));
    tensor.parts[p] = parts[p];
  }
  if (format.codec->encode_tensor)
    format.codec->encode_tensor(&format, weights, n_rows, n_cols, parts);
  for (int64_t r = 0; !format.codec->encode_tensor && r < n_rows; r++) {
    uint8_t *row[BL_MAX_PARTS] = {NULL};
    for (int p = 0; p < format.codec->n_parts; p++)
      row[p] = parts[p] + (size_t)r * tensor.row_bytes[p];
    (searched ? encode_searched : format.codec->encode_row)(&format, weights + r * n_cols, n_cols,
                                                            row);
  }
  for (int p = 0; p < format.codec->n_parts; p++)
    hash_bytes(kind < N_FINITE ? &h->finite : &h->not_finite, parts[p],
               bl_tensor_part_bytes(&tensor, p));
  for (int64_t r = 0; r < n_rows; r++) {
    bl_tensor_decode_row(&tensor, r, weights);
    hash_values(&h->decoded, weights, n_cols);
  }
  for (int p = 0; p < format.codec->n_parts; p++) free(parts[p]);
  free(weights);
}

/* In every kind there are 4 rows of 512 columns. Two more matrices of the commonest: a large one,
 * for formats in which a scale is shared by 16384 weights, and a narrow one, for what compilers
 * make of the ends of loops. */
static void hash_all_kinds(bl_format format, bool searched, bl_dtype dtype, hashes *h) {
  for (int kind = 0; kind < N_KINDS; kind++)
    hash_matrix(format, searched, (enum kind)kind, dtype, 4, 512, h);
  hash_matrix(format, searched, BELL, dtype, 36, 512, h);
  hash_matrix(format, searched, BELL, dtype, 5, 3 * format.group, h);
}

static const bl_dtype dtypes[] = {BL_F32, BL_F16, BL_BF16};

/* Where the weights' type is none of the format's business they are float32. */
static hashes hash_format(bl_format format, bool searched) {
  const bool depends = bl_codec_has_settings(format.codec) || format.codec->uses_dtype;
  hashes h = {.finite = HASH_START, .not_finite = HASH_START, .decoded = HASH_START};
  bl_format_print(&format, h.name, sizeof h.name);
  if (searched) strcat(h.name, "+search");
  for (int d = 0; d < (depends ? 3 : 1); d++) {
    format.param_dtype = depends ? dtypes[d] : BL_DTYPE_NONE;
    hash_all_kinds(format, searched, dtypes[d], &h);
  }
  return h;
}

/* ---- the file -------------------------------------------------------------------------------- */

enum { MAX_ROWS = 1000 };

typedef struct table {
  hashes rows[MAX_ROWS];
  bool used[MAX_ROWS];
  int n_rows;
} table;

/* Lines that begin with '#' say what the file is. */
static void read_table(table *t) {
  size_t size;
  char *text = (char *)check_read_file(BL_GOLDEN "/same_bytes.txt", &size), *line = text;
  *t = (table){.n_rows = 0};
  for (; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    hashes *h = &t->rows[t->n_rows];
    if (*line == '#' || t->n_rows == MAX_ROWS) continue;
    int n_read = sscanf(line, "%31s %" SCNx64 " %" SCNx64 " %" SCNx64, h->name, &h->finite,
                        &h->not_finite, &h->decoded);
    CHECK_MSG(n_read == 4, "a row has a name and three hashes: %.40s", line);
    t->n_rows++;
  }
  free(text);
}

/* Compares with the row of that name, or prints the row that is missing. `what` names the hashes.
 */
static void check_row(table *t, const hashes *h, const char *const what[3]) {
  int row = 0;
  while (row < t->n_rows && strcmp(t->rows[row].name, h->name) != 0) row++;
  if (row == t->n_rows) {
    printf("    missing: %-16s %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", h->name, h->finite,
           h->not_finite, h->decoded);
    CHECK_MSG(false, "same_bytes.txt has a row for %s", h->name);
    return;
  }
  const hashes *expected = &t->rows[row];
  const uint64_t found[] = {h->finite, h->not_finite, h->decoded};
  const uint64_t wanted[] = {expected->finite, expected->not_finite, expected->decoded};
  t->used[row] = true;
  for (int i = 0; i < 3; i++) {
    if (found[i] == wanted[i]) continue;
    printf("    %s: %s: %016" PRIx64 ", expected %016" PRIx64 "\n", h->name, what[i], found[i],
           wanted[i]);
    CHECK_MSG(false, "%s as everywhere", h->name);
  }
}

static table expected;

/* If this fails the formats' hashes say nothing. */
static void the_weights_are_the_same(void) {
  static const char *const what[] = {"f32", "f16", "bf16"};
  uint64_t hash[3] = {HASH_START, HASH_START, HASH_START};
  for (int d = 0; d < 3; d++) {
    for (int kind = 0; kind < N_KINDS; kind++) {
      float *weights = make_weights((enum kind)kind, dtypes[d], 36, 512);
      hash_bytes(&hash[d], weights, 36 * 512 * sizeof *weights);
      free(weights);
    }
  }
  check_row(&expected, &(hashes){"weights", hash[0], hash[1], hash[2]}, what);
}

static void check_format(bl_format format, bool searched) {
  static const char *const what[] = {"bytes for finite weights", "bytes for others",
                                     "decoded values"};
  hashes h = hash_format(format, searched);
  check_row(&expected, &h, what);
}

static void every_format_writes_the_same_bytes_as_elsewhere(void) {
  int n_formats = 0;
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    if (!bl_codec_encodes(codec)) continue;
    for (int bits = 1; bits <= 32; bits++) {
      for (int group = 1; group <= 1024; group *= 2) {
        if (!bl_codec_takes(codec, bits, group)) continue;
        check_format((bl_format){codec, bits, group, BL_DTYPE_NONE}, false);
        n_formats++;
      }
    }
  }
  printf("    %d formats\n", n_formats);
}

/* With the settings that a format has by default. */
static void searching_writes_the_same_bytes_as_elsewhere(void) {
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    if (!bl_gridding_of(codec)) continue;
    const int bits = codec->bits ? codec->default_bits : codec->fixed_bits;
    const int group = codec->groups ? codec->default_group : codec->fixed_group;
    check_format((bl_format){codec, bits, group, BL_DTYPE_NONE}, true);
  }
}

static void every_row_is_that_of_a_format(void) {
  for (int row = 0; row < expected.n_rows; row++)
    CHECK_MSG(expected.used[row], "there is a format %s", expected.rows[row].name);
}

int main(void) {
  read_table(&expected);
  RUN(the_weights_are_the_same);
  RUN(every_format_writes_the_same_bytes_as_elsewhere);
  RUN(searching_writes_the_same_bytes_as_elsewhere);
  RUN(every_row_is_that_of_a_format);
  return check_result();
}
