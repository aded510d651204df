/* What every format loses of the matrices in one safetensors file, of whatever model: also of one
 * that bitloss can't run, an encoder. Mixtures are left out, which go by a tensor's place in a
 * model.
 *
 *     bench_weight_error FILE.safetensors [f16|bf16]
 *
 * With a type the weights are cast to it first, so that it is the type of scales too. Prints a line
 * for each recipe, in Markdown: bits per weight over all tensors, RMSE and SNR over what the recipe
 * changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "format/index.h"
#include "model/convert.h"
#include "quant/recipe.h"

static void fail(const char *sentence) {
  fprintf(stderr, "bench_weight_error: %s\n", sentence);
  exit(1);
}

static uint8_t *read_file(const char *path, uint64_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) fail("the file can't be opened");
  fseek(file, 0, SEEK_END);
  long end = ftell(file);
  rewind(file);
  uint8_t *bytes = end > 0 ? malloc((size_t)end) : NULL;
  if (!bytes || fread(bytes, 1, (size_t)end, file) != (size_t)end) fail("the file can't be read");
  fclose(file);
  *size = (uint64_t)end;
  return bytes;
}

typedef struct totals {
  bl_error_sums error;
  double bits, n_weights;
} totals;

/* NONE for what is not a float: positions, masks. */
static bl_dtype float_type(const bl_entry *entry) {
  static const struct {
    const char *name;
    bl_dtype dtype;
  } types[] = {{"F32", BL_F32}, {"F16", BL_F16}, {"BF16", BL_BF16}};
  for (int i = 0; i < 3; i++)
    if (strcmp(entry->type->name, types[i].name) == 0) return types[i].dtype;
  return BL_DTYPE_NONE;
}

/* Adds what becomes of one tensor under the recipe. */
static void add_tensor(totals *sums, const bl_entry *entry, const uint8_t *bytes,
                       const bl_recipe *recipe, const bl_load_options *options) {
  bl_dtype kept = float_type(entry);
  if (kept == BL_DTYPE_NONE) return;
  const bl_codec *codec = bl_codec_find(entry->type->codec, strlen(entry->type->codec));
  const bl_format stored = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
  if (options->cast != BL_DTYPE_NONE) kept = options->cast;
  const int64_t n_cols = entry->n_dims > 0 ? entry->dims[entry->n_dims - 1] : 1;
  const int64_t n_rows = entry->n_dims == 2 ? entry->dims[0] : 1;
  int64_t n = 1;
  for (int d = 0; d < entry->n_dims; d++) n *= entry->dims[d];
  const bl_place place = {.name = entry->name, .layer = -1};
  sums->n_weights += (double)n;
  bl_format format;
  if (entry->n_dims != 2 || !bl_recipe_format(recipe, &place, n_rows, n_cols, kept, &format)) {
    sums->bits += 8.0 * (double)bl_dtype_size(kept) * (double)n;
    return;
  }
  const bl_tensor source = bl_tensor_make(stored, n_rows, n_cols);
  bl_weight weight = {.converted = true};
  bl_conversion conversion = bl_conversion_make(&weight, &source, format, 0, options);
  bl_error error;
  if (bl_conversion_begin(&conversion, &error) != BL_OK) fail(error.message);
  const uint8_t *const parts[BL_MAX_PARTS] = {bytes + entry->offset};
  bl_conversion_rows(&conversion, 0, n_rows, parts);
  bl_conversion_end(&conversion);
  bl_error_sums_add(&sums->error, &weight.error);
  sums->bits += 8.0 * (double)bl_format_bytes(&format, n_rows, n_cols);
  bl_weight_release(&weight);
}

int main(int argc, char **argv) {
  if (argc < 2) fail("usage: bench_weight_error FILE.safetensors [f16|bf16]");
  bl_error error;
  uint64_t size, needed;
  uint8_t *bytes = read_file(argv[1], &size);
  bl_index *index = NULL;
  if (bl_index_parse(argv[1], bytes, size, size, &index, &needed, &error) != BL_OK)
    fail(error.message);
  if (!index) fail("the file ends before its header does");
  bl_load_options options = {.measure = true};
  if (argc > 2) options.cast = strcmp(argv[2], "f16") == 0 ? BL_F16 : BL_BF16;
  printf("| recipe | bits per weight | RMSE | SNR, dB |\n| --- | ---: | ---: | ---: |\n");
  for (int k = 0; k < bl_recipe_kind_count(); k++) {
    bl_recipe_kind kind;
    bl_recipe_kind_get(k, &kind);
    bl_recipe recipe;
    if (kind.is_mixture || bl_recipe_parse(kind.name, &recipe, &error) != BL_OK) continue;
    totals sums = {0};
    for (int i = 0; i < index->n_entries; i++)
      add_tensor(&sums, &index->entries[i], bytes, &recipe, &options);
    const bl_weight_error lost = bl_error_sums_result(&sums.error);
    char name[BL_RECIPE_TEXT];
    bl_recipe_print(&recipe, name, sizeof name);
    printf("| `%s` | %.2f | %.3g | ", name, sums.bits / sums.n_weights, lost.rmse);
    printf(lost.rmse > 0 ? "%.1f |\n" : "exact |\n", lost.snr_db);
    fflush(stdout);
  }
  bl_index_free(index);
  free(bytes);
  return 0;
}
