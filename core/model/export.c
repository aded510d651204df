/* Files and arrays of an export, whatever its kind. */
#include "model/export.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "model/convert.h"

void bl_export_free(bl_export *ex) {
  if (!ex) return;
  for (int i = 0; i < ex->n_files; i++) free(ex->files[i].text);
  for (int i = 0; i < ex->n_arrays; i++) free(ex->arrays[i].owned);
  free(ex->files);
  free(ex->arrays);
  free(ex->rope_factors);
  bl_notes_free(&ex->notes);
  free(ex);
}

void bl_export_part_experts(const bl_export *ex, const bl_weight *weight, bl_export_array *array) {
  if (!bl_role_is_expert(weight->role)) return;
  const int64_t n_experts = ex->model->config.n_experts;
  array->n_dims = 3;
  array->dims[2] = array->dims[1];
  array->dims[1] = array->dims[0] / n_experts;
  array->dims[0] = n_experts;
}

bl_code bl_export_add_file(bl_export *ex, const char *name, char *text, size_t text_size, int shard,
                           bl_error *error) {
  if (!text) return bl_fail_memory(error, text_size);
  bl_export_file *files = realloc(ex->files, ((size_t)ex->n_files + 1) * sizeof *files);
  if (!files) {
    free(text);
    return bl_fail_memory(error, sizeof *files);
  }
  ex->files = files;
  bl_export_file *file = &files[ex->n_files++];
  *file = (bl_export_file){.text = text, .text_size = text_size, .shard = shard};
  snprintf(file->name, sizeof file->name, "%s", name);
  file->size_bytes = text_size;
  for (int i = 0; i < ex->n_arrays; i++)
    if (ex->arrays[i].shard == shard)
      file->size_bytes += ex->arrays[i].size_bytes + ex->arrays[i].padding;
  return BL_OK;
}

int bl_export_n_files(const bl_export *ex) {
  return ex->n_files;
}
const char *bl_export_file_name(const bl_export *ex, int file) {
  return ex->files[file].name;
}
uint64_t bl_export_file_size(const bl_export *ex, int file) {
  return ex->files[file].size_bytes;
}

int bl_export_n_notes(const bl_export *ex) {
  return ex->notes.n;
}
const bl_note *bl_export_note(const bl_export *ex, int i) {
  return &ex->notes.list[i];
}

/* ---- writing ------------------------------------------------------------------------------- */

typedef struct output {
  bl_write_fn write;
  void *context;
} output;

static bool write_in_pieces(const output *out, const uint8_t *bytes, uint64_t n_bytes) {
  const uint64_t piece = (uint64_t)4 << 20;
  for (uint64_t done = 0; done < n_bytes; done += piece) {
    uint64_t n = n_bytes - done < piece ? n_bytes - done : piece;
    if (!out->write(out->context, bytes + done, (size_t)n)) return false;
  }
  return true;
}

/* Row `row` of the array as it is written. */
static int64_t source_row(const bl_export_array *a, int64_t row) {
  return a->rows_per_head > 0 ? bl_unpermuted_row(row, a->rows_per_head) : row;
}

/* A vector's elements, as float32. `row` has room for two rows. */
static bool write_vector(const output *out, const bl_export_array *a, float *row) {
  int64_t n = a->tensor->n_cols;
  float *moved = row + n;
  bl_tensor_decode_row(a->tensor, 0, row);
  for (int64_t i = 0; i < n; i++) moved[i] = row[source_row(a, i)] + a->more;
  return write_in_pieces(out, (const uint8_t *)moved, (uint64_t)n * sizeof *moved);
}

static bool write_rows(const output *out, const bl_export_array *a) {
  const bl_tensor *t = a->tensor;
  bool going = true;
  for (int64_t r = 0; going && r < t->n_rows; r++)
    going = write_in_pieces(out, t->parts[0] + (size_t)source_row(a, r) * t->row_bytes[0],
                            t->row_bytes[0]);
  return going;
}

/* Refuses a row with a weight that the type it is written in has no number for. `rounded` has room
 * for another. */
static bl_code check_range(const bl_export_array *a, int64_t r, const float *row, float *rounded,
                           bl_error *error) {
  const int64_t n = a->tensor->n_cols;
  if (!bl_has_extremes(row, n)) return BL_OK;
  memcpy(rounded, row, (size_t)n * sizeof *rounded);
  bl_round_to(a->decode_to, rounded, n);
  for (int64_t i = 0; i < n; i++)
    if (isfinite(row[i]) && !isfinite(rounded[i]))
      return bl_fail(error, BL_ERR_NOT_FINITE,
                     "tensor '%.96s' has a weight of %.6g at [%lld, %lld], more than %s, which it "
                     "is to be written in, holds: bf16 and f32 hold it",
                     a->name, (double)row[i], (long long)r, (long long)i,
                     bl_format_plain(a->decode_to).codec->name);
  return BL_OK;
}

/* `row` has room for two rows. */
static bl_code write_decoded(const output *out, const bl_export_array *a, float *row, bool *going,
                             bl_error *error) {
  const bl_tensor *t = a->tensor;
  float *stored = row + t->n_cols;
  for (int64_t r = a->first_row; *going && r < t->n_rows; r++) {
    bl_tensor_decode_row(t, r, row);
    bl_code code = check_range(a, r, row, stored, error);
    if (code != BL_OK) return code;
    bl_from_f32(a->decode_to, row, t->n_cols, stored);
    *going = write_in_pieces(out, (const uint8_t *)stored,
                             (uint64_t)t->n_cols * bl_dtype_size(a->decode_to));
  }
  return BL_OK;
}

/* The same of a tensor whose columns are written as rows, as many at a time as fit into some
 * megabytes. */
static bl_code write_turned(const output *out, const bl_export_array *a, bool *going,
                            bl_error *error) {
  enum { NUMBERS = 1 << 21 };
  const bl_tensor *t = a->tensor;
  const int64_t n_rows = t->n_rows, n_cols = t->n_cols;
  const size_t size = bl_dtype_size(a->decode_to);
  const int64_t most = n_rows < NUMBERS ? NUMBERS / n_rows : 1,
                step = most < n_cols ? most : n_cols;
  float *row = malloc(2 * (size_t)n_cols * sizeof *row);
  uint8_t *columns = malloc((size_t)(step * n_rows) * size);
  bl_code code = row && columns ? BL_OK : bl_fail_memory(error, (uint64_t)(step * n_rows) * size);
  for (int64_t first = 0; code == BL_OK && *going && first < n_cols; first += step) {
    const int64_t n = n_cols - first < step ? n_cols - first : step;
    for (int64_t r = 0; code == BL_OK && r < n_rows; r++) {
      bl_tensor_decode_row(t, r, row);
      code = check_range(a, r, row, row + n_cols, error);
      for (int64_t c = 0; c < n; c++)
        bl_from_f32(a->decode_to, row + first + c, 1, columns + (size_t)(c * n_rows + r) * size);
    }
    if (code == BL_OK) *going = write_in_pieces(out, columns, (uint64_t)(n * n_rows) * size);
  }
  free(row);
  free(columns);
  return code;
}

static bl_code write_array(const output *out, const bl_export_array *a, bool *going,
                           bl_error *error) {
  static const uint8_t zeros[64];
  bl_code code = BL_OK;
  if (a->bytes) {
    *going = write_in_pieces(out, a->bytes, a->size_bytes);
  } else if (a->turned) {
    code = write_turned(out, a, going, error);
  } else if (a->n_dims > 1 && a->decode_to == BL_DTYPE_NONE) {
    *going = write_rows(out, a);
  } else {
    float *row = malloc(2 * (size_t)a->tensor->n_cols * sizeof *row);
    if (!row) return bl_fail_memory(error, 2 * (uint64_t)a->tensor->n_cols * sizeof *row);
    if (a->decode_to == BL_DTYPE_NONE)
      *going = write_vector(out, a, row);
    else
      code = write_decoded(out, a, row, going, error);
    free(row);
  }
  *going = code == BL_OK && *going && write_in_pieces(out, zeros, a->padding);
  return code;
}

bl_code bl_export_write(const bl_export *ex, int file, bl_write_fn write, void *context,
                        bl_error *error) {
  if (file < 0 || file >= ex->n_files)
    return bl_fail(error, BL_ERR_ARGUMENT, "file %d does not exist: the export has %d", file,
                   ex->n_files);
  const bl_export_file *f = &ex->files[file];
  const output out = {write, context};
  bool going = write_in_pieces(&out, (const uint8_t *)f->text, f->text_size);
  for (int i = 0; going && f->shard >= 0 && i < ex->n_arrays; i++) {
    if (ex->arrays[i].shard != f->shard) continue;
    bl_code code = write_array(&out, &ex->arrays[i], &going, error);
    if (code != BL_OK) return code;
  }
  return going ? BL_OK : bl_fail(error, BL_ERR_CANCELLED, "writing %s was stopped", f->name);
}
