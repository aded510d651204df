/* Reading a model: experts' matrices that a file has one by one. Those of one layer are gathered as
 * they are stored, and the recipe is applied when the last has come, so that no more of them are in
 * memory than a file has begun and not completed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/flaws.h"
#include "model/loader.h"

/* The format that an entry is stored in; its codec is NULL where it can't be read as one. */
static bl_format format_of(const bl_entry *entry) {
  const bl_codec *codec =
      entry->type->codec ? bl_codec_find(entry->type->codec, strlen(entry->type->codec)) : NULL;
  if (!codec) return (bl_format){0};
  return (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
}

bl_code bl_loader_open_expert(bl_loader *loader, const bl_entry *entry,
                              const bl_family_place *place, int64_t n_rows, int64_t n_cols,
                              bl_error *error) {
  const bl_config *config = &loader->model->config;
  const bl_format format = format_of(entry);
  const int64_t own_rows = n_rows / config->n_experts;
  if (place->expert >= config->n_experts) return bl_loader_fail_unknown(loader, entry, error);
  if (!bl_entry_has_shape(entry, own_rows, n_cols))
    return bl_loader_fail_shape(loader, entry, own_rows, n_cols, error);
  if (!format.codec || bl_format_dtype(&format) == BL_DTYPE_NONE)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: tensor '%.96s' is stored as %s, expected F32, F16 or BF16 where the "
                   "experts come one by one",
                   loader->file_name, entry->name, entry->type->name);
  bool is_new;
  bl_weight *weight = bl_loader_weight(loader, place->role, place->layer, &is_new);
  if (!weight) return bl_fail_memory(error, sizeof *weight);
  bl_arrival *arrival = &loader->arrivals[weight - loader->model->weights];
  if (is_new) {
    arrival->experts = calloc((size_t)config->n_experts, sizeof *arrival->experts);
    if (!arrival->experts) return bl_fail_memory(error, (uint64_t)config->n_experts);
    weight->tensor = bl_tensor_make(format, n_rows, n_cols);
    weight->source_format = format;
    weight->n_singles = config->n_experts;
    arrival->parts[0] = true;
  }
  if (!arrival->experts || arrival->experts[place->expert])
    return bl_loader_fail_twice(loader, entry, error);
  if (!bl_format_same(&format, &weight->source_format))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is %s, but other experts' are %s",
                   loader->file_name, entry->name, entry->type->name,
                   weight->source_format.codec->name);
  arrival->experts[place->expert] = true;
  weight->source_bytes += entry->size_bytes;
  loader->sink = (bl_sink){.kind = BL_SINK_EXPERT, .weight = weight, .expert = place->expert};
  return BL_OK;
}

bl_code bl_loader_begin_expert(bl_loader *loader, const bl_entry *entry, bl_error *error) {
  bl_weight *weight = loader->sink.weight;
  if (!weight->owned[0]) {
    const size_t n_bytes = bl_tensor_part_bytes(&weight->tensor, 0);
    weight->owned[0] = bl_aligned_alloc(n_bytes);
    if (!weight->owned[0]) return bl_fail_memory(error, n_bytes);
    weight->tensor.parts[0] = weight->owned[0];
  }
  loader->sink.copy_to = weight->owned[0] + (size_t)loader->sink.expert * (size_t)entry->size_bytes;
  return BL_OK;
}

bl_code bl_loader_end_expert(bl_loader *loader, bl_error *error) {
  bl_weight *weight = loader->sink.weight;
  bl_arrival *arrival = &loader->arrivals[weight - loader->model->weights];
  if (++arrival->n_done < loader->model->config.n_experts) return BL_OK;
  free(arrival->experts);
  arrival->experts = NULL;
  return bl_loader_requantize(loader, weight, error);
}

static bl_code fail_missing(const bl_loader *loader, bl_role role, int layer, int expert,
                            bl_error *error) {
  const bl_config *config = &loader->model->config;
  char name[128];
  bl_family_print_name(bl_family_entry_of(config->family, bl_config_has(config), role),
                       config->family->prefix, false, layer, expert, name, sizeof name);
  return bl_loader_fail_missing(loader, name, error);
}

bl_code bl_loader_check_experts(const bl_loader *loader, bl_error *error) {
  const bl_config *config = &loader->model->config;
  for (int i = 0; i < loader->model->n_weights; i++) {
    const bl_weight *weight = &loader->model->weights[i];
    const bool *experts = loader->arrivals[i].experts;
    for (int e = 0; experts && e < config->n_experts; e++)
      if (!experts[e]) return fail_missing(loader, weight->role, weight->layer, e, error);
  }
  const bool come_one_by_one = strcmp(loader->model->container, "safetensors") == 0;
  for (int layer = 0; config->block.has_experts && come_one_by_one && layer < config->n_layers;
       layer++)
    for (int role = BL_EXPERT_GATE; role <= BL_EXPERT_DOWN; role++)
      if (!loader->places || !loader->places[(layer + 1) * BL_N_ROLES + role])
        return fail_missing(loader, (bl_role)role, layer, 0, error);
  return BL_OK;
}

/* "model.layers.0.mlp.experts.3.up_proj.weight", where files call it so. */
void bl_weight_own_name(const bl_weight *weight, char *text, size_t size) {
  static const char all[] = "experts.";
  const char *at = weight->flawed_single ? strstr(weight->name, all) : NULL;
  const int n = at ? (int)(at + strlen(all) - weight->name) : 0;
  if (at)
    snprintf(text, size, "%.*s%d.%s", n, weight->name, weight->flawed_single - 1, weight->name + n);
  else
    snprintf(text, size, "%s", weight->name);
}

bl_code bl_weight_find_single(bl_weight *weight, const bl_tensor *stored, bl_pool *pool,
                              bl_error *error) {
  if (weight->n_singles == 0 || weight->not_finite.n == 0) return BL_OK;
  bl_tensor own = *stored;
  own.n_rows /= weight->n_singles;
  const int64_t expert = weight->not_finite.row / own.n_rows;
  for (int p = 0; p < own.format.codec->n_parts; p++)
    own.parts[p] += (size_t)(expert * own.n_rows) * own.row_bytes[p];
  weight->flawed_single = (int)expert + 1;
  weight->not_finite = (bl_flaw){0};
  return bl_tensor_find_not_finite(&own, pool, &weight->not_finite, error);
}

void bl_loader_free_experts(bl_loader *loader) {
  for (int i = 0; loader->model && i < loader->model->n_weights; i++)
    free(loader->arrivals[i].experts);
}
