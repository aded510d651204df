/* Reading a model: the public functions, files and the chunks that they come in. */
#include "model/loader.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "model/flaws.h"

static const char *const text_file_names[BL_N_TEXT_FILES] = {
    "config.json",
    "tokenizer.json",
    "model.safetensors.index.json",
};

bl_loader *bl_loader_new(const bl_load_options *options, bl_error *error) {
  bl_loader *loader = calloc(1, sizeof *loader);
  bl_model *model = calloc(1, sizeof *model);
  if (!loader || !model) {
    free(loader);
    free(model);
    bl_fail_memory(error, sizeof *loader + sizeof *model);
    return NULL;
  }
  if (options) loader->options = *options;
  model->recipe = loader->options.recipe;
  const char *calibration = loader->options.calibration;
  if (calibration)
    bl_copy_sentence(model->calibration, sizeof model->calibration, "%s", calibration);
  loader->model = model;
  return loader;
}

static void close_file(bl_loader *loader) {
  bl_loader_close_entry(loader);
  free(loader->file_name);
  free(loader->header);
  bl_index_free(loader->index);
  loader->file_name = NULL;
  loader->header = NULL;
  loader->header_size = loader->header_capacity = 0;
  loader->index = NULL;
  loader->in_file = false;
}

void bl_loader_free(bl_loader *loader) {
  if (!loader) return;
  close_file(loader);
  for (int i = 0; i < BL_N_TEXT_FILES; i++) free(loader->texts[i]);
  bl_loader_free_experts(loader);
  free(loader->arrivals);
  free(loader->places);
  bl_mlx_layers_free(&loader->mlx_layers);
  free(loader->long_factors[0]);
  free(loader->long_factors[1]);
  bl_loader_free_parts(loader);
  bl_model_free(loader->model);
  free(loader);
}

/* Every public function ends here, so that a loader that failed stays failed. */
static bl_code result(bl_loader *loader, bl_code code) {
  if (code != BL_OK) loader->failed = true;
  return code;
}

static bl_code check_usable(const bl_loader *loader, bl_error *error) {
  if (loader->failed || !loader->model)
    return bl_fail(error, BL_ERR_ARGUMENT, "this loader has failed or finished already");
  return BL_OK;
}

bl_code bl_loader_add_text(bl_loader *loader, const char *file_name, const char *text,
                           size_t text_size, bl_error *error) {
  bl_code code = check_usable(loader, error);
  if (code != BL_OK) return code;
  if (loader->has_texts)
    return result(
        loader, bl_fail(error, BL_ERR_ARGUMENT, "%.128s came after the first weights", file_name));
  for (int i = 0; i < BL_N_TEXT_FILES; i++) {
    if (strcmp(file_name, text_file_names[i]) != 0) continue;
    char *copy = malloc(text_size + 1);
    if (!copy) return result(loader, bl_fail_memory(error, text_size));
    memcpy(copy, text, text_size);
    copy[text_size] = '\0';
    free(loader->texts[i]);
    loader->texts[i] = copy;
    loader->text_sizes[i] = text_size;
  }
  if (!bl_text_travels(file_name)) return BL_OK;
  bl_model *model = loader->model;
  return result(loader,
                bl_texts_add(&model->texts, file_name, text, text_size, &model->notes, error));
}

bl_code bl_loader_show_header(bl_loader *loader, const char *file_name, const void *bytes,
                              size_t n_bytes, uint64_t file_size, uint64_t *n_needed,
                              bl_error *error) {
  bl_index *index = NULL;
  *n_needed = 0;
  bl_code code = check_usable(loader, error);
  if (code != BL_OK) return code;
  code = bl_index_parse(file_name, bytes, n_bytes, file_size, &index, n_needed, error);
  if (code == BL_OK && index) {
    *n_needed = 0;
    code = bl_loader_take_header(loader, index, error);
  }
  return result(loader, code);
}

/* Opens all entries of a file, without their bytes. */
static bl_code check_file(bl_loader *loader, const bl_index *index, bl_error *error) {
  bl_code code = bl_loader_read_config(loader, error);
  for (int i = 0; code == BL_OK && i < index->n_entries; i++) {
    code = bl_loader_open_entry(loader, &index->entries[i], error);
    bl_loader_close_entry(loader);
  }
  return code;
}

bl_code bl_loader_check(bl_loader *loader, bl_error *error) {
  bl_code code = check_usable(loader, error);
  for (int i = 0; code == BL_OK && i < loader->n_shown; i++) {
    loader->index = loader->shown[i];
    loader->file_name = loader->index->file_name;
    code = check_file(loader, loader->index, error);
    loader->index = NULL;
    loader->file_name = NULL;
  }
  if (code == BL_OK) code = bl_loader_check_complete(loader, error);
  loader->failed = true;
  return code;
}

uint64_t bl_loader_planned_bytes(const bl_loader *loader) {
  uint64_t total = 0;
  for (int i = 0; i < loader->model->n_weights; i++) {
    const bl_tensor *tensor = &loader->model->weights[i].tensor;
    total += bl_format_bytes(&tensor->format, tensor->n_rows, tensor->n_cols);
  }
  return total;
}

bl_code bl_loader_outline(bl_loader *loader, const bl_model **outline, bl_error *error) {
  bl_code code = bl_loader_check(loader, error);
  bl_model *model = loader->model;
  for (int i = 0; code == BL_OK && i < model->n_weights; i++)
    if (!model->weights[i].source_format.codec) /* of several parts */
      model->weights[i].source_format = model->weights[i].tensor.format;
  if (code == BL_OK) code = bl_loader_outline_output(loader, error);
  if (code == BL_OK) *outline = model;
  return code;
}

bl_code bl_loader_begin_file(bl_loader *loader, const char *file_name, uint64_t file_size,
                             bl_error *error) {
  bl_code code = check_usable(loader, error);
  if (code != BL_OK) return code;
  if (loader->in_file)
    return result(loader, bl_fail(error, BL_ERR_ARGUMENT, "%.128s begins before %.128s has ended",
                                  file_name, loader->file_name));
  loader->file_name = bl_copy_string(file_name);
  if (!loader->file_name) return result(loader, bl_fail_memory(error, strlen(file_name) + 1));
  loader->file_size = file_size;
  loader->file_at = 0;
  loader->header_needed = 0;
  loader->next_entry = 0;
  loader->in_file = true;
  return BL_OK;
}

/* What lies beside the weights is read before the first of them: it is small, and what is wrong
 * with it is told before anything large has been read. A GGUF file's metadata was read with its
 * header. */
static bl_code make_tokenizer(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  const char *json = loader->texts[BL_TEXT_TOKENIZER];
  if (!json) return BL_OK;
  const bl_text *config = bl_texts_find(&model->texts, "tokenizer_config.json");
  const bl_text *generation = bl_texts_find(&model->texts, "generation_config.json");
  const bl_text *map = bl_texts_find(&model->texts, "special_tokens_map.json");
  bl_code code = bl_tokenizer_from_json(
      json, loader->text_sizes[BL_TEXT_TOKENIZER], config ? config->bytes : NULL,
      config ? config->size : 0, generation ? generation->bytes : NULL,
      generation ? generation->size : 0, &model->tokenizer, error);
  if (code == BL_OK && map)
    code = bl_tokenizer_add_specials(model->tokenizer, map->bytes, map->size, error);
  return code == BL_OK
             ? bl_tokenizer_add_ends(model->tokenizer, "config.json", model->config_json, error)
             : code;
}

static bl_code read_beside(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  bl_code code = BL_OK;
  if (loader->has_texts) return BL_OK;
  if (strcmp(model->container, "gguf") != 0) {
    code = make_tokenizer(loader, error);
    if (code == BL_OK)
      code = bl_chat_templates_from_texts(&model->texts, &model->templates, &model->notes, error);
  }
  if (code == BL_OK && model->tokenizer)
    code = bl_tokenizer_take_notes(model->tokenizer, &model->notes, error);
  loader->has_texts = true;
  return code;
}

/* Tries to parse the header from the file's first bytes; loader->index stays NULL when more are
 * needed, and loader->header_needed says how many to collect before the next try. */
static bl_code parse_header(bl_loader *loader, const uint8_t *bytes, size_t n_bytes,
                            bl_error *error) {
  bl_code code = bl_index_parse(loader->file_name, bytes, n_bytes, loader->file_size,
                                &loader->index, &loader->header_needed, error);
  if (code == BL_OK && loader->index) code = bl_loader_read_config(loader, error);
  if (code == BL_OK && loader->index) code = read_beside(loader, error);
  return code;
}

static bl_code collect_header(bl_loader *loader, const uint8_t *bytes, size_t n_bytes,
                              bl_error *error) {
  size_t size = loader->header_size + n_bytes;
  if (size > loader->header_capacity) {
    size_t capacity = size + size / 2;
    uint8_t *grown = realloc(loader->header, capacity);
    if (!grown) return bl_fail_memory(error, capacity);
    loader->header = grown;
    loader->header_capacity = capacity;
  }
  memcpy(loader->header + loader->header_size, bytes, n_bytes);
  loader->header_size = size;
  if (size < loader->header_needed && size < loader->file_size) return BL_OK;
  return parse_header(loader, loader->header, size, error);
}

/* Takes bytes that follow the header, wherever they begin and end. */
static bl_code feed(bl_loader *loader, const uint8_t *bytes, size_t n_bytes, bool mapped,
                    bl_error *error) {
  while (n_bytes > 0) {
    size_t n = n_bytes;
    if (loader->next_entry < loader->index->n_entries) {
      const bl_entry *entry = &loader->index->entries[loader->next_entry];
      uint64_t end = entry->offset + entry->size_bytes;
      if (loader->file_at < entry->offset) { /* padding between tensors */
        if (n > entry->offset - loader->file_at) n = (size_t)(entry->offset - loader->file_at);
      } else {
        if (!loader->in_entry) {
          bl_code code = bl_loader_open_entry(loader, entry, error);
          if (code != BL_OK) return code;
          loader->in_entry = true;
        }
        if (n > end - loader->file_at) n = (size_t)(end - loader->file_at);
        bl_code code = bl_loader_feed_entry(loader, bytes, n, mapped, error);
        if (code != BL_OK) return code;
        if (loader->file_at + n == end) {
          const bl_sink sink = loader->sink;
          bl_loader_close_entry(loader);
          loader->next_entry++;
          if ((sink.kind == BL_SINK_CONVERT || sink.kind == BL_SINK_TURN) && sink.weight->converted)
            code = bl_weight_judge(sink.weight, &loader->options, &loader->model->notes, error);
          if (code != BL_OK) return code;
        }
      }
    }
    bytes += n;
    n_bytes -= n;
    loader->file_at += n;
    loader->bytes_done += n;
  }
  return BL_OK;
}

static bl_code push(bl_loader *loader, const uint8_t *bytes, size_t n_bytes, bl_error *error) {
  if (!loader->in_file)
    return bl_fail(error, BL_ERR_ARGUMENT, "bytes were pushed before a file began");
  uint64_t taken = loader->index ? loader->file_at : loader->header_size;
  if (n_bytes > loader->file_size - taken)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: more bytes than the %llu that were announced",
                   loader->file_name, (unsigned long long)loader->file_size);
  if (n_bytes == 0) return BL_OK;
  if (loader->index) return feed(loader, bytes, n_bytes, false, error);
  bl_code code = collect_header(loader, bytes, n_bytes, error);
  if (code != BL_OK || !loader->index) return code;
  uint8_t *header = loader->header;
  loader->header = NULL;
  code = feed(loader, header, loader->header_size, false, error);
  free(header);
  return code;
}

bl_code bl_loader_push(bl_loader *loader, const void *bytes, size_t n_bytes, bl_error *error) {
  bl_code code = check_usable(loader, error);
  return code == BL_OK ? result(loader, push(loader, bytes, n_bytes, error)) : code;
}

static bl_code end_file(bl_loader *loader, bl_error *error) {
  if (!loader->in_file) return bl_fail(error, BL_ERR_ARGUMENT, "a file ended before one began");
  uint64_t taken = loader->index ? loader->file_at : loader->header_size;
  if (loader->file_size == 0)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: the file is empty", loader->file_name);
  if (taken < loader->file_size)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: ended after %llu of %llu bytes", loader->file_name,
                   (unsigned long long)taken, (unsigned long long)loader->file_size);
  /* Entries of no bytes at the very end are never fed. */
  while (loader->next_entry < loader->index->n_entries) {
    bl_code code =
        bl_loader_open_entry(loader, &loader->index->entries[loader->next_entry++], error);
    if (code != BL_OK) return code;
    bl_loader_close_entry(loader);
  }
  close_file(loader);
  return BL_OK;
}

bl_code bl_loader_end_file(bl_loader *loader, bl_error *error) {
  bl_code code = check_usable(loader, error);
  return code == BL_OK ? result(loader, end_file(loader, error)) : code;
}

bl_code bl_loader_add_file(bl_loader *loader, const char *file_name, const void *bytes,
                           uint64_t file_size, bl_error *error) {
  bl_code code = bl_loader_begin_file(loader, file_name, file_size, error);
  if (code != BL_OK) return code;
  if (file_size > SIZE_MAX)
    return result(loader,
                  bl_fail(error, BL_ERR_ARGUMENT, "%.128s: too large for this machine", file_name));
  if (file_size > 0) code = parse_header(loader, bytes, (size_t)file_size, error);
  if (code == BL_OK && loader->index) code = feed(loader, bytes, (size_t)file_size, true, error);
  if (code == BL_OK) code = end_file(loader, error);
  return result(loader, code);
}

uint64_t bl_loader_bytes_done(const bl_loader *loader) {
  return loader->bytes_done;
}

const char *bl_loader_tensor_name(const bl_loader *loader) {
  return loader->in_entry ? loader->index->entries[loader->next_entry].name : "";
}

/* What the caller calls the model, where its files call it nothing. */
static bl_code settle_name(bl_loader *loader, bl_error *error) {
  bl_model *model = loader->model;
  const char *name = loader->options.name;
  if (!name || (model->name && *model->name)) return BL_OK;
  free(model->name);
  model->name = bl_copy_string(name);
  return model->name ? BL_OK : bl_fail_memory(error, strlen(name));
}

static bl_code finish(bl_loader *loader, bl_model **model, bl_error *error) {
  if (loader->in_file)
    return bl_fail(error, BL_ERR_ARGUMENT, "%.128s has not ended", loader->file_name);
  bl_code code = bl_loader_complete_tensors(loader, error);
  if (code == BL_OK) code = settle_name(loader, error);
  if (code != BL_OK) return code;
  *model = loader->model;
  loader->model = NULL;
  return BL_OK;
}

bl_code bl_loader_finish(bl_loader *loader, bl_model **model, bl_error *error) {
  bl_code code = check_usable(loader, error);
  return code == BL_OK ? result(loader, finish(loader, model, error)) : code;
}
