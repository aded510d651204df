/* Codes chosen step by step: fit, store, round and pack of every format that offers them, held
 * against its encode_row and decode_row. */
#include "quant/grid.h"
#include "quant/tensor.h"
#include "weight_kinds.h"

enum { N_COLS = 768, N_ROWS = 4 };

static const bl_dtype dtypes[] = {BL_F32, BL_F16, BL_BF16};

/* A row in some format, written in two ways. */
typedef struct row {
  bl_tensor tensor;
  uint8_t *parts[BL_MAX_PARTS];
} row;

static row make_row(bl_format format) {
  row r = {.tensor = bl_tensor_make(format, 1, N_COLS)};
  for (int p = 0; p < format.codec->n_parts; p++) {
    r.parts[p] = allocate(bl_tensor_part_bytes(&r.tensor, p));
    memset(r.parts[p], 0xa5, bl_tensor_part_bytes(&r.tensor, p));
    r.tensor.parts[p] = r.parts[p];
  }
  return r;
}

static void free_row(row *r) {
  for (int p = 0; p < r->tensor.format.codec->n_parts; p++) free(r->parts[p]);
}

static bool same_bytes(const row *a, const row *b) {
  for (int p = 0; p < a->tensor.format.codec->n_parts; p++)
    if (memcmp(a->parts[p], b->parts[p], bl_tensor_part_bytes(&a->tensor, p)) != 0) return false;
  return true;
}

static bool same_value(float a, float b) {
  return isnan(a) ? isnan(b) : bl_f32_bits(a) == bl_f32_bits(b) || (a == 0 && b == 0);
}

/* Codes of no effect are not looked at: those on a grid whose scale is 0. int4 measures weights
 * from another place than its encode_row, which tells when two codes are nearly equally near. */
static bool same_but_for_codes(const row *a, const row *b) {
  float theirs[N_COLS], ours[N_COLS];
  bl_tensor_decode_row(&a->tensor, 0, theirs);
  bl_tensor_decode_row(&b->tensor, 0, ours);
  for (int p = 1; p < a->tensor.format.codec->n_parts; p++)
    if (memcmp(a->parts[p], b->parts[p], bl_tensor_part_bytes(&a->tensor, p)) != 0) return false;
  bool same = true;
  for (int i = 0; i < N_COLS; i++) same = same && same_value(theirs[i], ours[i]);
  return same || a->tensor.format.codec->n_parts > 1;
}

/* Calls check for every format that has a gridding, with each of its settings and types of
 * weights, and every kind of weights. */
typedef void (*check_fn)(const bl_gridding *gridding, bl_format format, const float *weights,
                         enum kind kind);

static void each_format(check_fn check) {
  int n_formats = 0;
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    const bl_gridding *gridding = bl_gridding_of(codec);
    for (int bits = 1; gridding && bits <= 8; bits++) {
      for (int group = 1; group <= 256; group *= 2) {
        if (!bl_codec_takes(codec, bits, group)) continue;
        const bool depends = bl_codec_has_settings(codec) || codec->uses_dtype;
        for (int d = 0; d < (depends ? 3 : 1); d++) {
          bl_format format = {codec, bits, group, depends ? dtypes[d] : BL_DTYPE_NONE};
          for (int kind = 0; kind < N_KINDS; kind++) {
            float *weights = make_weights((enum kind)kind, dtypes[d], N_ROWS, N_COLS);
            for (int r = 0; r < N_ROWS; r++)
              check(gridding, format, weights + r * N_COLS, (enum kind)kind);
            free(weights);
          }
          n_formats++;
        }
      }
    }
  }
  CHECK_MSG(n_formats > 0, "some format has its codes chosen step by step");
}

/* Given every block as it is packed. */
typedef void (*block_fn)(const bl_gridding *gridding, const bl_format *format,
                         const bl_grids *grids, const uint8_t *codes, int64_t n, float *values);

static void write_by_steps(const bl_gridding *gridding, const float *weights, row *r,
                           block_fn block_fn, float *values) {
  const bl_format *format = &r->tensor.format;
  const int64_t n = bl_gridding_block(gridding, format, N_COLS);
  bl_block_parts block = bl_block_parts_first(format, n, r->parts);
  uint8_t codes[N_COLS];
  for (int64_t col = 0; col < N_COLS; col += n, bl_block_parts_next(&block)) {
    bl_grids grids = {0};
    gridding->fit(format, weights + col, n, &grids);
    if (gridding->rounds_stored) gridding->store(format, &grids);
    gridding->round(format, &grids, weights + col, n, codes);
    gridding->store(format, &grids);
    gridding->pack(format, &grids, codes, n, block.at);
    if (block_fn) block_fn(gridding, format, &grids, codes, n, values + col);
  }
}

static void values_of_grids(const bl_gridding *gridding, const bl_format *format,
                            const bl_grids *grids, const uint8_t *codes, int64_t n, float *values) {
  float levels[256];
  const int64_t span = n / gridding->n_grids;
  bl_gridding_levels(gridding, format, levels);
  for (int64_t i = 0; i < n; i++) {
    bl_grid g = grids->at[i / span];
    values[i] = g.scale * levels[codes[i]] + g.bias;
  }
}

static void check_bytes(const bl_gridding *gridding, bl_format format, const float *weights,
                        enum kind kind) {
  row whole = make_row(format), steps = make_row(format);
  char name[32];
  bl_format_print(&format, name, sizeof name);
  bl_tensor_encode_row(&whole.tensor, whole.parts, 0, weights);
  write_by_steps(gridding, weights, &steps, NULL, NULL);
  bool same = gridding->nested || strcmp(format.codec->name, "int4") == 0
                  ? same_but_for_codes(&whole, &steps)
                  : same_bytes(&whole, &steps);
  CHECK_MSG(same, "%s, %s, kind %d: bytes of the steps", name, bl_dtype_name(format.param_dtype),
            (int)kind);
  free_row(&whole);
  free_row(&steps);
}

static void the_steps_write_the_bytes_of_encode_row(void) {
  each_format(check_bytes);
}

static void check_values(const bl_gridding *gridding, bl_format format, const float *weights,
                         enum kind kind) {
  row steps = make_row(format);
  char name[32];
  float expected[N_COLS], decoded[N_COLS];
  bl_format_print(&format, name, sizeof name);
  write_by_steps(gridding, weights, &steps, values_of_grids, expected);
  bl_tensor_decode_row(&steps.tensor, 0, decoded);
  for (int i = 0; i < N_COLS; i++)
    CHECK_MSG(same_value(decoded[i], expected[i]), "%s, %s, kind %d: %g, expected %g", name,
              bl_dtype_name(format.param_dtype), (int)kind, (double)decoded[i],
              (double)expected[i]);
  free_row(&steps);
}

static void what_is_packed_decodes_to_the_stored_grids(void) {
  each_format(check_values);
}

static void check_idempotent(const bl_gridding *gridding, bl_format format, const float *weights,
                             enum kind kind) {
  char name[32];
  bl_format_print(&format, name, sizeof name);
  const int64_t n = bl_gridding_block(gridding, &format, N_COLS);
  for (int64_t col = 0; col < N_COLS; col += n) {
    bl_grids once = {0}, twice;
    gridding->fit(&format, weights + col, n, &once);
    gridding->store(&format, &once);
    twice = once;
    gridding->store(&format, &twice);
    for (int g = 0; g < gridding->n_grids; g++)
      CHECK_MSG(same_value(once.at[g].scale, twice.at[g].scale) &&
                    same_value(once.at[g].bias, twice.at[g].bias),
                "%s, kind %d: grid %d stored again", name, (int)kind, g);
  }
}

static void storing_a_stored_grid_changes_nothing(void) {
  each_format(check_idempotent);
}

static bool same_grids(const bl_gridding *gridding, const bl_grids *a, const bl_grids *b) {
  bool same = same_value(a->scale_unit, b->scale_unit) && same_value(a->bias_unit, b->bias_unit);
  for (int g = 0; g < gridding->n_grids; g++)
    same = same && same_value(a->at[g].scale, b->at[g].scale) &&
           same_value(a->at[g].bias, b->at[g].bias) && a->scale_steps[g] == b->scale_steps[g] &&
           a->bias_steps[g] == b->bias_steps[g];
  return same;
}

static void check_read(const bl_gridding *gridding, bl_format format, const float *weights,
                       enum kind kind) {
  row r = make_row(format);
  char name[32];
  bl_format_print(&format, name, sizeof name);
  const int64_t n = bl_gridding_block(gridding, &format, N_COLS);
  bl_block_parts block = bl_block_parts_first(&format, n, r.parts);
  uint8_t codes[N_COLS];
  for (int64_t col = 0; col < N_COLS; col += n, bl_block_parts_next(&block)) {
    bl_grids stored = {0}, read;
    gridding->fit(&format, weights + col, n, &stored);
    gridding->store(&format, &stored);
    gridding->round(&format, &stored, weights + col, n, codes);
    gridding->pack(&format, &stored, codes, n, block.at);
    bl_gridding_read(gridding, &format, (const uint8_t *const *)block.at, &read);
    CHECK_MSG(same_grids(gridding, &stored, &read), "%s, %s, kind %d: grids of column %d", name,
              bl_dtype_name(format.param_dtype), (int)kind, (int)col);
  }
  free_row(&r);
}

static void what_is_packed_is_read_again(void) {
  each_format(check_read);
}

int main(void) {
  RUN(the_steps_write_the_bytes_of_encode_row);
  RUN(what_is_packed_decodes_to_the_stored_grids);
  RUN(storing_a_stored_grid_changes_nothing);
  RUN(what_is_packed_is_read_again);
  return check_result();
}
