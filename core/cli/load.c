/* Loading a model through the core, with progress. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "read.h"

/* Large enough that the pool has rows to share, small enough for a bar that moves. */
#define SLICE_BYTES ((size_t)8 << 20)

static bool fail(const bl_error *error) {
  const bool can_go_on = error->code == BL_ERR_NOT_FINITE;
  return cli_fail("%s%s", error->message, can_go_on ? "; --allow-not-finite goes on" : "");
}

/* A link may lead anywhere, and what it leads to would go wherever the output goes. */
static bool is_left_out(const cli_source *source, const cli_file *text) {
  static const char *const read_only[] = {
      "config.json",     "tokenizer.json", "model.safetensors.index.json",
      "vocab.json",      "merges.txt",     "vocab.txt",
      "tokenizer.model", "spiece.model",   "sentencepiece.bpe.model"};
  for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
    if (strcmp(text->name, read_only[i]) == 0) return false;
  if (!source->is_to_travel || cli_is_of_model(source, text->path)) return false;
  cli_note("%s is a link that leads out of the model's folder: it was not copied", text->path);
  return true;
}

/* A tokenizer.json made of older files, where these are. Without one the model can still be
 * converted. */
static bool add_tokenizer(const cli_source *source, bl_loader *loader) {
  bl_error error;
  char *text = NULL;
  size_t size;
  if (!cli_has_vocab(source)) return true;
  bl_code code = cli_make_tokenizer(source, &text, &size, &error);
  if (code == BL_ERR_UNSUPPORTED) {
    cli_note("%s: the model has no tokenizer", error.message);
    return true;
  }
  if (code == BL_OK) code = bl_loader_add_text(loader, "tokenizer.json", text, size, &error);
  free(text);
  return code == BL_OK || fail(&error);
}

static bool add_texts(const cli_source *source, bl_loader *loader) {
  bl_error error;
  if (source->is_gguf) return true; /* carries its own; what lies beside it is another model's */
  for (int i = 0; i < source->n_texts; i++) {
    const cli_file *text = &source->texts[i];
    if (is_left_out(source, text)) continue;
    if (bl_loader_add_text(loader, text->name, (const char *)text->bytes, (size_t)text->size,
                           &error) != BL_OK) {
      return fail(&error);
    }
  }
  return add_tokenizer(source, loader);
}

/* Reads a file in slices. Not through the map: its pages would count as this process's memory, and
 * the point of conversion by slices is that the originals are never resident. */
static bool push_file(const cli_file *file, bl_loader *loader, uint8_t *slice) {
  bl_error error;
  struct stat info;
  int fd = cli_open_file(file->path, &info);
  if (fd < 0) return false;
  bool ok = true;
  if (bl_loader_begin_file(loader, file->name, file->size, &error) != BL_OK) {
    ok = fail(&error);
  }
  for (uint64_t at = 0; ok && at < file->size;) {
    uint64_t left = file->size - at;
    ssize_t n = read(fd, slice, left < SLICE_BYTES ? (size_t)left : SLICE_BYTES);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      ok = cli_fail("cannot read %s: %s", file->path, strerror(errno));
    } else if (n == 0) {
      ok = cli_fail("%s became shorter while it was read", file->path);
    } else if (bl_loader_push(loader, slice, (size_t)n, &error) != BL_OK) {
      ok = fail(&error);
    } else {
      at += (uint64_t)n;
      cli_progress(bl_loader_bytes_done(loader));
      ok = !cli_interrupted();
    }
  }
  close(fd);
  if (ok && bl_loader_end_file(loader, &error) != BL_OK) ok = fail(&error);
  return ok;
}

static bool add_mapped(cli_file *file, bl_loader *loader) {
  bl_error error;
  if (!cli_map(file)) return false;
  if (bl_loader_add_file(loader, file->name, file->bytes, file->size, &error) == BL_OK) return true;
  return fail(&error);
}

/* Of several files all headers are shown first. */
static bool show_headers(cli_source *source, bl_loader *loader) {
  bl_error error;
  for (int i = 0; source->n_weights > 1 && i < source->n_weights; i++) {
    cli_file *file = &source->weights[i];
    uint64_t n_needed;
    if (!cli_map(file)) return false;
    if (bl_loader_show_header(loader, file->name, file->bytes, (size_t)file->size, file->size,
                              &n_needed, &error) != BL_OK)
      return fail(&error);
  }
  return true;
}

bool cli_can_load(cli_source *source, const bl_recipe *recipe, bl_error *reason) {
  bl_load_options options = {0};
  if (recipe) options.recipe = *recipe;
  bl_loader *loader = bl_loader_new(&options, reason);
  bl_code code = loader ? BL_OK : BL_ERR_MEMORY;
  for (int i = 0; code == BL_OK && !source->is_gguf && i < source->n_texts; i++) {
    const cli_file *text = &source->texts[i];
    code = bl_loader_add_text(loader, text->name, (const char *)text->bytes, (size_t)text->size,
                              reason);
  }
  for (int i = 0; code == BL_OK && i < source->n_weights; i++) {
    cli_file *file = &source->weights[i];
    uint64_t n_needed;
    code = bl_loader_show_header(loader, file->name, file->bytes, (size_t)file->size, file->size,
                                 &n_needed, reason);
  }
  if (code == BL_OK) code = bl_loader_check(loader, reason);
  bl_loader_free(loader);
  if (code == BL_ERR_MEMORY) cli_die("%s", reason->message); /* which says nothing of the model */
  return code == BL_OK;
}

bool cli_load(cli_source *source, const bl_load_options *options, const char *label,
              bl_model **model) {
  bl_error error;
  bool converts = !bl_recipe_is_reference(&options->recipe) || options->cast != BL_DTYPE_NONE;
  bl_loader *loader = bl_loader_new(options, &error);
  if (!loader) return fail(&error);
  uint8_t *slice = converts ? cli_alloc(SLICE_BYTES) : NULL;
  bool ok = add_texts(source, loader) && show_headers(source, loader);
  if (converts) cli_progress_start(label, "B", source->weights_size);
  for (int i = 0; ok && i < source->n_weights; i++) {
    cli_file *file = &source->weights[i];
    ok = converts ? push_file(file, loader, slice) : add_mapped(file, loader);
    ok = ok && !cli_interrupted();
  }
  if (ok && bl_loader_finish(loader, model, &error) != BL_OK) ok = fail(&error);
  cli_progress_end();
  if (ok) cli_model_notes(*model);
  free(slice);
  bl_loader_free(loader);
  return ok;
}
