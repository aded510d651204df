/* What inspect says of checkpoints of bitsandbytes and torchao: their parts are joined to matrices,
 * as core/model/torch_parts.h lays them out. Files that are not what they say are left as they
 * are: loading such a model tells what is wrong with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "summary.h"

static bool has_type(const cli_tensor *tensor, const char *type) {
  return tensor && strcmp(tensor->entry.type, type) == 0;
}

/* The tensors by the names that they have in the file, sorted. */
typedef struct sorted_tensors {
  int n;
  cli_tensor **list;  /* (n) */
  const char **names; /* (n): an entry's name changes when its parts are joined */
} sorted_tensors;

/* The first whose name is not less than `name`. */
static int lower_bound(const sorted_tensors *s, const char *name) {
  int low = 0, high = s->n;
  while (low < high) {
    int middle = low + (high - low) / 2;
    if (strcmp(s->names[middle], name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static cli_tensor *find(const sorted_tensors *s, const char *stem, int stem_size,
                        const char *suffix) {
  char *name = cli_print("%.*s%s", stem_size, stem, suffix);
  int i = lower_bound(s, name);
  bool is_there = i < s->n && strcmp(s->names[i], name) == 0;
  free(name);
  return is_there ? s->list[i] : NULL;
}

/* Counts every tensor whose name begins with the stem as a part of `codes`. */
static void take_parts(const sorted_tensors *s, cli_tensor *codes, const char *stem) {
  size_t size = strlen(stem);
  codes->is_codes = true;
  for (int i = lower_bound(s, stem); i < s->n && strncmp(s->names[i], stem, size) == 0; i++) {
    cli_tensor *part = s->list[i];
    if (part == codes) continue;
    codes->size_bytes += part->size_bytes;
    part->is_part = true;
    part->n_params = 0;
    part->size_bytes = 0;
  }
}

static void set_shape(cli_tensor *tensor, int64_t n_rows, int64_t n_cols) {
  tensor->own_dims[0] = n_rows;
  tensor->own_dims[1] = n_cols;
  tensor->entry.dims = tensor->own_dims;
  tensor->entry.n_dims = 2;
  tensor->n_params = n_rows * n_cols;
}

/* Reads "shape" of the JSON that bitsandbytes keeps in a tensor. */
static bool read_shape(const cli_source *source, const cli_tensor *state, int64_t shape[2]) {
  const uint8_t *bytes = NULL;
  for (int i = 0; i < source->n_weights; i++)
    if (strcmp(source->weights[i].name, state->file) == 0) bytes = source->weights[i].bytes;
  if (!bytes) return false;
  bl_error error;
  cJSON *json;
  cli_json_parse(state->entry.name, bytes + state->entry.offset, (size_t)state->entry.size_bytes,
                 &json, &error);
  const cJSON *dims = cJSON_GetObjectItemCaseSensitive(json, "shape");
  for (int d = 0; d < 2; d++) {
    const cJSON *dim = cJSON_GetArrayItem(dims, d);
    bool valid = cJSON_IsNumber(dim) && dim->valuedouble >= 1 && dim->valuedouble < 1e9;
    shape[d] = valid ? (int64_t)dim->valuedouble : 0;
  }
  cJSON_Delete(json);
  return shape[0] > 0 && shape[1] > 0;
}

static void join_bitsandbytes(const sorted_tensors *s, const cli_source *source,
                              cli_tensor *codes) {
  const char *name = codes->entry.name;
  int size = (int)strlen(name);
  const cli_tensor *absmax = find(s, name, size, ".absmax");
  const cli_tensor *state = find(s, name, size, ".quant_state.bitsandbytes__nf4");
  int64_t shape[2];
  if (!absmax || !state || !read_shape(source, state, shape) ||
      (uint64_t)(shape[0] * shape[1]) != 2 * codes->entry.size_bytes)
    return;
  snprintf(codes->format, sizeof codes->format, has_type(absmax, "U8") ? "nf4_double" : "nf4");
  char *stem = cli_print("%s.", name);
  take_parts(s, codes, stem);
  free(stem);
  set_shape(codes, shape[0], shape[1]);
}

static void join_torchao(const sorted_tensors *s, cli_tensor *codes) {
  const char *name = codes->entry.name, *mark = strstr(name, "._weight_qdata");
  if (!mark || mark[strlen("._weight_qdata")] || codes->entry.n_dims != 2) return;
  int path = (int)(mark - name);
  const cli_tensor *scale = find(s, name, path, "._weight_scale");
  const cli_tensor *zero = find(s, name, path, "._weight_zero_point");
  if (!scale || scale->entry.n_dims != 2 || scale->entry.dims[0] < 1) return;
  int64_t n_rows = codes->entry.dims[0], n_cols = codes->entry.dims[1];
  bool is_int8 = has_type(zero, "I8");
  if (is_int8) {
    snprintf(codes->format, sizeof codes->format, "int8");
  } else {
    n_cols *= 2;
    snprintf(codes->format, sizeof codes->format, "int4:%d", (int)(n_cols / scale->entry.dims[0]));
  }
  char *stem = cli_print("%.*s._weight_", path, name);
  take_parts(s, codes, stem);
  free(stem);
  codes->own_name = cli_print("%.*s.weight", path, name);
  codes->entry.name = codes->own_name;
  set_shape(codes, n_rows, n_cols);
}

void cli_join_torch(cli_summary *s, const cli_source *source, const cJSON *config) {
  const cJSON *settings = cJSON_GetObjectItemCaseSensitive(config, "quantization_config");
  const char *method =
      cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(settings, "quant_method"));
  const char *keys[] = {"torch_dtype", "dtype"};
  bl_dtype dtype = BL_F32;
  for (int i = 0; i < 2; i++) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(config, keys[i]));
    if (name) bl_dtype_parse(name, &dtype);
  }
  if (!method) return;
  sorted_tensors sorted = {s->n_tensors, cli_sort_tensors(s), NULL};
  sorted.names = cli_alloc((size_t)sorted.n * sizeof *sorted.names);
  for (int i = 0; i < sorted.n; i++) sorted.names[i] = sorted.list[i]->entry.name;
  for (int i = 0; i < s->n_tensors; i++) {
    cli_tensor *codes = &s->tensors[i];
    if (codes->is_part) continue;
    if (strcmp(method, "bitsandbytes") == 0 && has_type(codes, "U8"))
      join_bitsandbytes(&sorted, source, codes);
    if (strcmp(method, "torchao") == 0 && has_type(codes, "I8")) join_torchao(&sorted, codes);
    if (codes->is_codes) codes->param_dtype = dtype;
  }
  free(sorted.list);
  free(sorted.names);
}
