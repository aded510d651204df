/* What an MLX directory and one for transformers have in common: safetensors files with an index,
 * config.json and the tokenizer's files. */
#ifndef BL_MODEL_EXPORT_HF_H
#define BL_MODEL_EXPORT_HF_H

#include <cJSON.h>

#include "base/json_write.h"
#include "model/export.h"

/* "F32", "F16" or "BF16". */
const char *bl_safetensors_dtype(bl_dtype dtype);

/* The module that a weight belongs to is the beginning of its name: "model.norm" of
 * "model.norm.weight". Returns its length. */
int bl_path_length(const char *name);

/* Appends an array to ex->arrays, which has room for it, with the shape of a weight that is written
 * as floats of type `dtype` under `name`: as it is where it is stored so, else decoded; with rows
 * and columns exchanged if `turned`. */
void bl_export_add_floats(bl_export *ex, const bl_weight *weight, const char *name, bl_dtype dtype,
                          bool turned);

/* Spreads the arrays over as few files of 5 GiB as their order allows. */
void bl_export_split(bl_export *ex);

/* Appends the safetensors files, each with `metadata` (a JSON object) in its header, then
 * model.safetensors.index.json, which one file alone has only with `always_index`. */
bl_code bl_export_add_safetensors(bl_export *ex, const char *metadata, bool always_index,
                                  bl_error *error);

/* A copy of the model's config.json without the fields that only its source has a use for. An error
 * where it can't say what the model computes. Free with cJSON_Delete. */
bl_code bl_export_config(const bl_model *model, cJSON **config, bl_error *error);

/* Appends a file of JSON that was written in the place of bl_json_finish. */
bl_code bl_export_add_json(bl_export *ex, const char *name, bl_json_writer *w, bl_error *error);

/* Appends config.json, with its members in order. */
bl_code bl_export_add_config(bl_export *ex, cJSON *config, bl_error *error);

/* Appends tokenizer.json, where the model has a tokenizer, and the texts that travel with it. */
bl_code bl_export_add_texts(bl_export *ex, bl_error *error);

#endif
