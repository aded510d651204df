/* Models in several files: shards of safetensors ("model-00001-of-00002.safetensors") and the parts
 * that llama.cpp's gguf-split makes of a GGUF file, which say in their metadata what they are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/loader.h"

enum { MAX_PARTS = 99999 }; /* five digits */

/* ---- which part a file is ------------------------------------------------------------------- */

/* Reads `n` digits. */
static bool read_digits(const char *text, int n, int64_t *number) {
  *number = 0;
  for (int i = 0; i < n; i++) {
    if (text[i] < '0' || text[i] > '9') return false;
    *number = *number * 10 + (text[i] - '0');
  }
  return true;
}

/* Where "-00001-of-00002" begins in a name that has it before its last dot; NULL for another. */
static const char *find_numbers(const char *name, int64_t *number, int64_t *count) {
  const char *dot = strrchr(name, '.');
  const char *at = dot && dot - name >= 15 ? dot - 15 : NULL;
  if (!at || at[0] != '-' || strncmp(at + 6, "-of-", 4) != 0 || !read_digits(at + 1, 5, number) ||
      !read_digits(at + 10, 5, count) || *number < 1 || *number > *count)
    return NULL;
  return at;
}

/* From 1; *count is 0 for a file that is no part. */
static bl_code find_part(const bl_index *index, int64_t *number, int64_t *count, bl_error *error) {
  *number = *count = 0;
  if (index->container == BL_SAFETENSORS) {
    find_numbers(index->file_name, number, count);
    return BL_OK;
  }
  bl_code code = bl_meta_int(index, "split.count", 0, MAX_PARTS, count, error);
  if (code != BL_OK || *count < 2) return *count = 0, code;
  code = bl_meta_int(index, "split.no", 0, *count - 1, number, error);
  ++*number;
  return code;
}

bl_code bl_loader_take_part(bl_loader *loader, bool *is_part, bl_error *error) {
  int64_t number, count;
  const char *name = loader->index->file_name;
  bl_code code = find_part(loader->index, &number, &count, error);
  *is_part = count > 0;
  loader->n_tensors += loader->index->n_entries;
  if (code != BL_OK || count == 0) return code;
  if (!loader->parts) {
    loader->parts = calloc((size_t)count, sizeof *loader->parts);
    loader->part_name = bl_copy_string(name);
    if (!loader->parts || !loader->part_name) return bl_fail_memory(error, (uint64_t)count);
    loader->n_parts = (int)count;
  }
  const bool is_gguf = loader->index->container == BL_GGUF;
  if (loader->n_parts != count && is_gguf)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: metadata 'split.count' is %lld, but %d in %.128s",
                   name, (long long)count, loader->n_parts, loader->part_name);
  if (loader->n_parts != count) return BL_OK; /* a name that means nothing */
  if (loader->parts[number - 1] && is_gguf)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: metadata 'split.no' is %lld, as in an earlier file", name,
                   (long long)number - 1);
  loader->parts[number - 1] = true;
  return BL_OK;
}

bool bl_loader_missing_part(const bl_loader *loader, char *name, size_t name_size) {
  int64_t number, count;
  int i = 0;
  while (i < loader->n_parts && loader->parts[i]) i++;
  if (i >= loader->n_parts) return false;
  const char *at = find_numbers(loader->part_name, &number, &count);
  if (at)
    snprintf(name, name_size, "%.*s-%05d-of-%05d%s", (int)(at - loader->part_name),
             loader->part_name, i + 1, loader->n_parts, at + 15);
  else
    snprintf(name, name_size, "part %d of %d of the model", i + 1, loader->n_parts);
  return true;
}

bl_code bl_loader_check_parts(const bl_loader *loader, bl_error *error) {
  char name[300];
  if (strcmp(loader->model->container, "gguf") != 0 || !bl_loader_missing_part(loader, name, 300))
    return BL_OK;
  return bl_fail(error, BL_ERR_INPUT, "%.200s is missing: the model is split into %d files", name,
                 loader->n_parts);
}

/* ---- headers that are shown ----------------------------------------------------------------- */

bl_code bl_loader_take_header(bl_loader *loader, bl_index *index, bl_error *error) {
  size_t n = (size_t)loader->n_shown + 1;
  bl_index **grown = realloc(loader->shown, n * sizeof *grown);
  if (!grown) {
    bl_index_free(index);
    return bl_fail_memory(error, n * sizeof *grown);
  }
  loader->shown = grown;
  grown[loader->n_shown++] = index;
  return BL_OK;
}

bl_code bl_loader_join_headers(const bl_loader *loader, bl_index *joined, bl_entry **entries,
                               bl_error *error) {
  int64_t number = 1, count = 0;
  size_t n = 0;
  *joined = *loader->index;
  *entries = NULL;
  bl_code code = BL_OK;
  for (int i = 0; code == BL_OK && i < loader->n_shown; i++) {
    n += (size_t)loader->shown[i]->n_entries;
    code = find_part(loader->shown[i], &number, &count, error);
    if (code == BL_OK && number <= 1) *joined = *loader->shown[i];
  }
  if (code == BL_OK) code = find_part(joined, &number, &count, error);
  if (code != BL_OK) return code;
  if (number > 1)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: this is part %lld of %lld, expected the first part", joined->file_name,
                   (long long)number, (long long)count);
  if (loader->n_shown < 2) return BL_OK;
  *entries = malloc((n + 1) * sizeof **entries);
  if (!*entries) return bl_fail_memory(error, (n + 1) * sizeof **entries);
  joined->entries = *entries;
  joined->n_entries = 0;
  for (int i = 0; i < loader->n_shown; i++)
    for (int k = 0; k < loader->shown[i]->n_entries; k++)
      (*entries)[joined->n_entries++] = loader->shown[i]->entries[k];
  return BL_OK;
}

static bool lists(const bl_index *index, const char *module) {
  for (int i = 0; i < index->n_entries; i++) {
    const char *name = strstr(index->entries[i].name, module);
    bool is_whole = name && (name == index->entries[i].name || name[-1] == '.');
    if (is_whole) return true;
  }
  return false;
}

/* In any header known so far, or by the index of the shards, which has names in quotes. */
static bool is_listed(const bl_loader *loader, bl_role role, const char *before) {
  const bl_config *config = &loader->model->config;
  char module[64], quoted[96];
  const bl_family_entry *entry = bl_family_entry_of(config->family, bl_config_has(config), role);
  if (!entry) return false;
  snprintf(module, sizeof module, "%s.", entry->hf);
  snprintf(quoted, sizeof quoted, "%s%s", before, module);
  bool is_there = lists(loader->index, module);
  for (int i = 0; i < loader->n_shown; i++) is_there |= lists(loader->shown[i], module);
  const char *text = loader->texts[BL_TEXT_SHARD_INDEX];
  return is_there || (text && strstr(text, quoted));
}

bool bl_loader_lists_output(const bl_loader *loader) {
  return is_listed(loader, BL_OUTPUT, "\"");
}

bool bl_loader_lists_embedding(const bl_loader *loader) {
  return is_listed(loader, BL_EMBED, "");
}

void bl_loader_free_parts(bl_loader *loader) {
  for (int i = 0; i < loader->n_shown; i++) bl_index_free(loader->shown[i]);
  free(loader->shown);
  free(loader->parts);
  free(loader->part_name);
}
