/* Tensors of checkpoints that bitsandbytes and torchao quantized; torch_parts.h says how they lie
 * in the files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/number.h"
#include "model/loader.h"
#include "model/torch_parts.h"
#include "quant/nf4.h"

enum { MAX_STATE_BYTES = 1 << 16, RUN = 256 };

/* One entry on its way in. */
typedef struct arrival {
  bl_loader *loader;
  const bl_entry *entry;
  char name[160]; /* of the weight that it belongs to */
  bl_weight *weight;
  int64_t n_rows, n_cols; /* of the weight */
} arrival;

static const bl_codec *codec_of(const char *name) {
  return bl_codec_find(name, strlen(name));
}

/* Is the entry of this type and shape? n_dims is 1 where cols is 0. */
static bl_code check_entry(const arrival *a, const char *type, int64_t rows, int64_t cols,
                           bl_error *error) {
  const bl_entry *entry = a->entry;
  if (strcmp(entry->type->name, type) != 0)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is %s, expected %s",
                   a->loader->file_name, entry->name, entry->type->name, type);
  bool valid = cols == 0 ? entry->n_dims == 1 && entry->dims[0] == rows
                         : entry->n_dims == 2 && entry->dims[0] == rows && entry->dims[1] == cols;
  if (valid) return BL_OK;
  return bl_loader_fail_shape(a->loader, entry, cols ? rows : 1, cols ? cols : rows, error);
}

/* Prepares the weight's tensor for a part of it in this format. The param_dtype may become known
 * with a later part. */
static bl_code set_format(const arrival *a, bl_format format, bl_error *error) {
  bl_tensor *tensor = &a->weight->tensor;
  const bl_codec *known = tensor->format.codec;
  if (known && known != format.codec)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' is there, but its weights are %s and not %s",
                   a->loader->file_name, a->entry->name, known->name, format.codec->name);
  if (a->n_cols % format.group != 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: tensor '%.96s' is quantized in groups of %d, but has rows of %lld",
                   a->loader->file_name, a->entry->name, format.group, (long long)a->n_cols);
  bl_dtype earlier = tensor->format.param_dtype;
  if (format.param_dtype == BL_DTYPE_NONE) format.param_dtype = earlier;
  if (earlier != BL_DTYPE_NONE && earlier != format.param_dtype)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: tensor '%.96s' is %s, but the other of scale and zero_point is %s",
                   a->loader->file_name, a->entry->name, bl_dtype_name(format.param_dtype),
                   bl_dtype_name(earlier));
  bl_tensor described = bl_tensor_make(format, a->n_rows, a->n_cols);
  memcpy(described.parts, tensor->parts, sizeof described.parts);
  *tensor = described;
  return BL_OK;
}

/* Gets ready for a part of the weight: its bytes as they are, or for what `sink` says. */
static bl_code begin_part(const arrival *a, int part, bl_sink sink, bl_error *error) {
  bl_arrival *so_far = &a->loader->arrivals[a->weight - a->loader->model->weights];
  if (so_far->parts[part]) return bl_loader_fail_twice(a->loader, a->entry, error);
  so_far->parts[part] = true;
  a->weight->source_bytes += a->entry->size_bytes;
  sink.weight = a->weight;
  sink.part = part;
  a->loader->sink = sink;
  return BL_OK;
}

static const bl_sink as_it_is = {.kind = BL_SINK_COPY, .can_stay = true};

/* Gets ready for an entry that is no part of the weight. */
static bl_code begin_item(const arrival *a, bl_torch_item item) {
  a->weight->source_bytes += a->entry->size_bytes;
  a->loader->sink = (bl_sink){.kind = BL_SINK_TORCH, .weight = a->weight, .item = item};
  return BL_OK;
}

/* ---- bitsandbytes -------------------------------------------------------------------------- */

enum { CODES, ABSMAX, NESTED, OFFSET };

/* The suffix of an entry, after the weight's name, and what it is. */
typedef enum bnb_entry {
  BNB_NOTHING,
  BNB_CODES,
  BNB_ABSMAX,
  BNB_NESTED,
  BNB_MAP,
  BNB_NESTED_MAP,
  BNB_STATE
} bnb_entry;

static const struct {
  const char *suffix;
  bnb_entry entry;
} bnb_suffixes[] = {
    {".absmax", BNB_ABSMAX},   {".nested_absmax", BNB_NESTED},
    {BL_BNB_MAP, BNB_MAP},     {BL_BNB_NESTED_MAP, BNB_NESTED_MAP},
    {BL_BNB_STATE, BNB_STATE},
};

/* What an entry is, and which weight it belongs to. Weights that are not bytes are plain floats. */
static bnb_entry find_bnb(arrival *a) {
  const char *name = a->entry->name;
  bnb_entry found = strcmp(a->entry->type->name, "U8") == 0 ? BNB_CODES : BNB_NOTHING;
  size_t n = strlen(name);
  for (size_t i = 0; i < sizeof bnb_suffixes / sizeof *bnb_suffixes; i++) {
    size_t m = strlen(bnb_suffixes[i].suffix);
    if (strlen(name) <= m || strcmp(name + strlen(name) - m, bnb_suffixes[i].suffix) != 0) continue;
    found = bnb_suffixes[i].entry;
    n = strlen(name) - m;
  }
  if (n >= sizeof a->name) return BNB_NOTHING;
  snprintf(a->name, sizeof a->name, "%.*s", (int)n, name);
  return found;
}

static bl_code open_bnb(const arrival *a, bnb_entry what, bl_error *error) {
  bool is_double = a->loader->model->config.torch_method == BL_TORCH_NF4_DOUBLE;
  const bl_codec *codec = codec_of(is_double ? "nf4_double" : "nf4");
  const bl_format format = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
  const int64_t n_blocks = a->n_rows * (a->n_cols / BL_NF4_BLOCK);
  bl_code code = set_format(a, format, error);
  if (code != BL_OK) return code;
  switch (what) {
    case BNB_CODES:
      code = check_entry(a, "U8", n_blocks * BL_NF4_BLOCK_BYTES, 1, error);
      return code == BL_OK ? begin_part(a, CODES, as_it_is, error) : code;
    case BNB_ABSMAX:
      code = check_entry(a, is_double ? "U8" : "F32", n_blocks, 0, error);
      return code == BL_OK ? begin_part(a, ABSMAX, as_it_is, error) : code;
    case BNB_MAP:
      code = check_entry(a, "F32", 16, 0, error);
      return code == BL_OK ? begin_item(a, BL_TORCH_MAP) : code;
    case BNB_NESTED:
    case BNB_NESTED_MAP:
      if (!is_double)
        return bl_fail(error, BL_ERR_INPUT,
                       "%.128s: tensor '%.96s' is there, but bnb_4bit_use_double_quant of the "
                       "config is false",
                       a->loader->file_name, a->entry->name);
      code = check_entry(a, "F32", what == BNB_NESTED ? (n_blocks + RUN - 1) / RUN : 256, 0, error);
      if (code != BL_OK) return code;
      return what == BNB_NESTED ? begin_part(a, NESTED, as_it_is, error)
                                : begin_item(a, BL_TORCH_NESTED_MAP);
    case BNB_STATE:
    case BNB_NOTHING:
      break;
  }
  bool is_text = strcmp(a->entry->type->name, "U8") == 0 && a->entry->n_dims == 1;
  if (!is_text || a->entry->size_bytes == 0 || a->entry->size_bytes > MAX_STATE_BYTES)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is not a JSON text in U8",
                   a->loader->file_name, a->entry->name);
  const bl_sink text = {.kind = BL_SINK_TORCH, .item = BL_TORCH_STATE};
  return is_double ? begin_part(a, OFFSET, text, error) : begin_item(a, BL_TORCH_STATE);
}

/* The map must be the one whose values the codes stand for here. */
static bl_code take_map(const bl_loader *loader, const bl_entry *entry, const uint8_t *bytes,
                        bool nested, bl_error *error) {
  int n = nested ? 256 : 16;
  for (int i = 0; i < n; i++) {
    float value, expected = nested ? bl_nf4_dynamic_value(i) : bl_nf4_values[i];
    memcpy(&value, bytes + (size_t)i * sizeof value, sizeof value);
    if (value == expected) continue;
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: tensor '%.96s' gives code %d the value %.9g, expected %.9g, as in NF4",
                   loader->file_name, entry->name, i, (double)value, (double)expected);
  }
  return BL_OK;
}

/* A whole number that must be the expected one. */
static bl_code expect_int(const char *label, const cJSON *json, const char *key, int expected,
                          bl_error *error) {
  int64_t value = 0;
  bl_code code = bl_json_int(label, json, key, 1, INT32_MAX, &value, error);
  if (code != BL_OK || value == expected) return code;
  return bl_fail(error, BL_ERR_UNSUPPORTED, "%s: field '%s' is %lld, expected %d", label, key,
                 (long long)value, expected);
}

static bl_code take_state(bl_loader *loader, const bl_entry *entry, const uint8_t *bytes,
                          bl_error *error) {
  bl_weight *weight = loader->sink.weight;
  const bl_tensor *t = &weight->tensor;
  bool is_double = t->format.codec->n_parts > 2;
  const char *type = "";
  double offset = 0;
  char label[256];
  cJSON *json = NULL;
  snprintf(label, sizeof label, "%.128s: %.96s", loader->file_name, entry->name);
  bl_code code = bl_json_parse(label, (const char *)bytes, (size_t)entry->size_bytes, &json, error);
  if (code == BL_OK) code = bl_json_string(label, json, "quant_type", &type, error);
  if (code == BL_OK && strcmp(type, "nf4") != 0)
    code = bl_fail(error, BL_ERR_UNSUPPORTED, "%s: field 'quant_type' is '%.32s', expected nf4",
                   label, type);
  if (code == BL_OK) code = expect_int(label, json, "blocksize", BL_NF4_BLOCK, error);
  const cJSON *shape = bl_json_member(json, "shape");
  const cJSON *rows = cJSON_GetArrayItem(shape, 0), *cols = cJSON_GetArrayItem(shape, 1);
  if (code == BL_OK &&
      !(cJSON_IsNumber(rows) && cJSON_IsNumber(cols) && cJSON_GetArraySize(shape) == 2 &&
        rows->valuedouble == (double)t->n_rows && cols->valuedouble == (double)t->n_cols))
    code = bl_fail(error, BL_ERR_INPUT, "%s: field 'shape' is not [%lld, %lld], as in the config",
                   label, (long long)t->n_rows, (long long)t->n_cols);
  if (code == BL_OK && is_double) {
    code = expect_int(label, json, "nested_blocksize", RUN, error);
    if (code == BL_OK && !cJSON_IsNumber(bl_json_member(json, "nested_offset")))
      code = bl_fail(error, BL_ERR_INPUT, "%s: field 'nested_offset' is missing", label);
    if (code == BL_OK)
      code = bl_json_float(label, json, "nested_offset", -3e38, 3e38, &offset, error);
  }
  cJSON_Delete(json);
  if (code != BL_OK || !is_double) return code;
  const float as_float = (float)offset;
  uint8_t *part = bl_aligned_alloc(sizeof as_float);
  if (!part) return bl_fail_memory(error, sizeof as_float);
  memcpy(part, &as_float, sizeof as_float);
  weight->owned[OFFSET] = part;
  weight->tensor.parts[OFFSET] = part;
  return BL_OK;
}

/* ---- torchao ------------------------------------------------------------------------------- */

/* Splits "X._weight_NAME" into "X.weight" and NAME; NULL for another name. */
static const char *split_torchao(const char *name, char *weight, size_t weight_size) {
  const char *mark = strstr(name, BL_TORCHAO_PART);
  if (!mark ||
      (size_t)snprintf(weight, weight_size, "%.*s.weight", (int)(mark - name), name) >= weight_size)
    return NULL;
  return mark + strlen(BL_TORCHAO_PART);
}

/* "block_size" must be [1, n]. */
static bl_code read_group(const char *label, const cJSON *data, int64_t *group, bl_error *error) {
  const cJSON *block = bl_json_member(data, "block_size");
  const cJSON *rows = cJSON_GetArrayItem(block, 0), *cols = cJSON_GetArrayItem(block, 1);
  bool valid = cJSON_GetArraySize(block) == 2 && cJSON_IsNumber(rows) && rows->valuedouble == 1 &&
               cJSON_IsNumber(cols) && cols->valuedouble >= 1 && cols->valuedouble <= INT32_MAX;
  if (!valid)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: field 'block_size' is not [1, n]: expected scales for parts of rows",
                   label);
  *group = (int64_t)cols->valuedouble;
  return BL_OK;
}

static bl_code read_int8(const char *label, const cJSON *data, int64_t n_cols, bl_format *format,
                         bl_error *error) {
  int64_t group;
  const char *dtype = "";
  bl_code code = read_group(label, data, &group, error);
  if (code == BL_OK)
    code = bl_json_string(label, bl_json_member(data, "dtype"), "_data", &dtype, error);
  if (code != BL_OK) return code;
  if (bl_json_member(data, "act_quant_kwargs"))
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: field 'act_quant_kwargs' asks for quantized activations, expected null",
                   label);
  if (group != n_cols)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: field 'block_size' is [1, %lld], expected [1, %lld]: one scale for a row",
                   label, (long long)group, (long long)n_cols);
  const bl_codec *codec = codec_of("int8");
  *format = (bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
  if (bl_dtype_parse(dtype, &format->param_dtype)) return BL_OK;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%s: field 'dtype' is '%.32s', expected float32, float16 or bfloat16", label,
                 dtype);
}

static bl_code read_int4(const char *label, const cJSON *data, bl_format *format, bl_error *error) {
  int64_t group;
  bl_code code = read_group(label, data, &group, error);
  if (code != BL_OK) return code;
  const bl_codec *codec = codec_of("int4");
  char choices[BL_CHOICES_TEXT];
  bl_print_choices(codec->groups, choices);
  if (!bl_codec_takes(codec, codec->fixed_bits, (int)group))
    return bl_fail(error, BL_ERR_UNSUPPORTED, "%s: field 'block_size' is [1, %lld], expected %s",
                   label, (long long)group, choices);
  *format = (bl_format){codec, codec->fixed_bits, (int)group, BL_DTYPE_NONE};
  return BL_OK;
}

/* The format that the header's metadata tells; its codec is NULL for a plain tensor. */
static bl_code read_format(const arrival *a, bl_format *format, bl_error *error) {
  char label[256];
  cJSON *json = NULL;
  const char *type = "nothing";
  *format = (bl_format){0};
  const bl_meta *meta = bl_index_meta(a->loader->index, a->name);
  snprintf(label, sizeof label, "%.128s: metadata of %.96s", a->loader->file_name, a->name);
  if (!meta) return bl_fail(error, BL_ERR_INPUT, "%s is missing", label);
  bl_code code = bl_json_parse(label, meta->s.bytes, meta->s.size, &json, error);
  if (code == BL_OK) code = bl_json_string(label, json, "_type", &type, error);
  const cJSON *data = bl_json_member(json, "_data");
  if (code == BL_OK && strcmp(type, "Int8Tensor") == 0)
    code = read_int8(label, data, a->n_cols, format, error);
  else if (code == BL_OK && strcmp(type, "Int4Tensor") == 0)
    code = read_int4(label, data, format, error);
  else if (code == BL_OK)
    code = bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: field '_type' is '%.48s', expected Int8Tensor or Int4Tensor", label, type);
  cJSON_Delete(json);
  return code;
}

static bl_code open_int8(const arrival *a, const char *part, bl_error *error) {
  bool is_codes = strcmp(part, "qdata") == 0, is_scale = strcmp(part, "scale") == 0;
  if (!is_codes && !is_scale && strcmp(part, "zero_point") != 0)
    return bl_loader_fail_unknown(a->loader, a->entry, error);
  bl_code code =
      check_entry(a, is_scale ? "F32" : "I8", a->n_rows, is_codes ? a->n_cols : 1, error);
  if (code != BL_OK) return code;
  return is_codes   ? begin_part(a, 0, as_it_is, error)
         : is_scale ? begin_part(a, 1, as_it_is, error)
                    : begin_item(a, BL_TORCH_ZEROS);
}

static bl_code open_int4(const arrival *a, const char *part, bl_format format, bl_error *error) {
  if (strcmp(part, "qdata") == 0) {
    bl_code code = check_entry(a, "I8", a->n_rows, a->n_cols / 2, error);
    return code == BL_OK ? begin_part(a, 0, as_it_is, error) : code;
  }
  bool is_scale = strcmp(part, "scale") == 0;
  if (!is_scale && strcmp(part, "zero_point") != 0)
    return bl_loader_fail_unknown(a->loader, a->entry, error);
  const char *type = a->entry->type->name;
  if (!a->entry->type->codec || !bl_dtype_parse(a->entry->type->codec, &format.param_dtype))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: tensor '%.96s' is %s, expected F32, F16 or BF16",
                   a->loader->file_name, a->entry->name, type);
  bl_code code = check_entry(a, type, a->n_cols / format.group, a->n_rows, error);
  if (code == BL_OK) code = set_format(a, format, error);
  if (code != BL_OK) return code;
  const bl_sink turned = {.kind = BL_SINK_TORCH, .item = BL_TORCH_TURNED};
  return begin_part(a, is_scale ? 1 : 2, turned, error);
}

static bl_code take_zeros(const bl_loader *loader, const bl_entry *entry, const uint8_t *bytes,
                          bl_error *error) {
  for (uint64_t i = 0; i < entry->size_bytes; i++)
    if (bytes[i])
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "%.128s: tensor '%.96s' has %d for row %llu, expected zero points of 0",
                     loader->file_name, entry->name, (int8_t)bytes[i], (unsigned long long)i);
  return BL_OK;
}

static bl_code take_turned(bl_loader *loader, const bl_entry *entry, const uint8_t *bytes,
                           bl_error *error) {
  bl_weight *weight = loader->sink.weight;
  int part = loader->sink.part;
  uint8_t *turned = bl_aligned_alloc((size_t)entry->size_bytes);
  if (!turned) return bl_fail_memory(error, entry->size_bytes);
  bl_transpose(bytes, (size_t)entry->dims[0], (size_t)entry->dims[1],
               bl_dtype_size(weight->tensor.format.param_dtype), turned);
  weight->owned[part] = turned;
  weight->tensor.parts[part] = turned;
  return BL_OK;
}

/* ---- both ---------------------------------------------------------------------------------- */

bl_code bl_loader_open_torch(bl_loader *loader, const bl_entry *entry, bool *taken,
                             bl_error *error) {
  arrival a = {.loader = loader, .entry = entry};
  const bl_config *config = &loader->model->config;
  bool is_torchao = config->torch_method == BL_TORCH_TORCHAO;
  bnb_entry what = is_torchao ? BNB_NOTHING : find_bnb(&a);
  const char *part = is_torchao ? split_torchao(entry->name, a.name, sizeof a.name) : NULL;
  *taken = what != BNB_NOTHING || part;
  if (!*taken) return BL_OK;

  bl_family_place place;
  bool is_new;
  if (!bl_find_name(config->family, BL_SAFETENSORS, a.name, &place) ||
      place.layer >= config->n_layers || !bl_role_quantizable(place.role))
    return bl_loader_fail_unknown(loader, entry, error);
  const bl_role role = place.role;
  bl_role_shape(config, role == BL_OUTPUT ? BL_EMBED : role, &a.n_rows, &a.n_cols);
  a.weight = bl_loader_weight(loader, role, place.layer, &is_new);
  if (!a.weight) return bl_fail_memory(error, sizeof *a.weight);
  if (!is_torchao) return open_bnb(&a, what, error);

  bl_format format;
  bl_code code = read_format(&a, &format, error);
  if (code == BL_OK) code = set_format(&a, format, error);
  if (code != BL_OK) return code;
  return strcmp(format.codec->name, "int8") == 0 ? open_int8(&a, part, error)
                                                 : open_int4(&a, part, format, error);
}

bl_code bl_loader_take_torch(bl_loader *loader, const bl_entry *entry, const uint8_t *bytes,
                             bl_error *error) {
  switch (loader->sink.item) {
    case BL_TORCH_MAP:
    case BL_TORCH_NESTED_MAP:
      return take_map(loader, entry, bytes, loader->sink.item == BL_TORCH_NESTED_MAP, error);
    case BL_TORCH_STATE:
      return take_state(loader, entry, bytes, error);
    case BL_TORCH_ZEROS:
      return take_zeros(loader, entry, bytes, error);
    case BL_TORCH_TURNED:
      break;
  }
  return take_turned(loader, entry, bytes, error);
}
