/* A model written as files, for JavaScript; the conventions are those of exports.c. Only the full
 * module has this: the one that the page starts with is linked without it (wasm/build.mjs). */
#include <string.h>

#include "exports.h"

EXPORT(bw_export_mlx_new) bl_export *bw_export_mlx_new(const bl_model *model) {
  return bl_export_mlx_new(model, &bw_last_error);
}

EXPORT(bw_export_torch_new) bl_export *bw_export_torch_new(const bl_model *model) {
  return bl_export_torch_new(model, &bw_last_error);
}

EXPORT(bw_export_gguf_new) bl_export *bw_export_gguf_new(const bl_model *model) {
  return bl_export_gguf_new(model, &bw_last_error);
}

EXPORT(bw_export_free) void bw_export_free(bl_export *ex) {
  bl_export_free(ex);
}

/* An array of Note of wasm/types.ts. */
EXPORT(bw_export_notes) const char *bw_export_notes(const bl_export *ex) {
  bw_json_begin();
  bw_json_open(NULL, '[');
  for (int i = 0; i < bl_export_n_notes(ex); i++) bw_json_note(bl_export_note(ex, i));
  bw_json_close(']');
  return bw_json_end();
}

EXPORT(bw_export_n_files) int bw_export_n_files(const bl_export *ex) {
  return bl_export_n_files(ex);
}

EXPORT(bw_export_file_name) const char *bw_export_file_name(const bl_export *ex, int file) {
  return bl_export_file_name(ex, file);
}

EXPORT(bw_export_file_size) double bw_export_file_size(const bl_export *ex, int file) {
  return (double)bl_export_file_size(ex, file);
}

/* The part of a file that a reader asked for. */
typedef struct window {
  uint64_t skip; /* bytes of the file before the window that are still to come */
  uint8_t *to;
  size_t n_left;
} window;

static bool copy_window(void *context, const void *bytes, size_t n_bytes) {
  window *w = context;
  if (w->skip >= n_bytes) {
    w->skip -= n_bytes;
    return true;
  }
  size_t n = n_bytes - (size_t)w->skip;
  if (n > w->n_left) n = w->n_left;
  memcpy(w->to, (const uint8_t *)bytes + w->skip, n);
  w->skip = 0;
  w->to += n;
  w->n_left -= n;
  return w->n_left > 0;
}

/* Writes the n_bytes of a file from `offset` on, which must lie inside it. The core writes a file
 * from its start; what comes before the window is passed over, not copied, and the writing is
 * stopped at its end. So a reader can pull at its own pace, with no calls from C into JavaScript.
 */
EXPORT(bw_export_read)
int bw_export_read(const bl_export *ex, int file, double offset, void *bytes, size_t n_bytes) {
  window w = {(uint64_t)offset, bytes, n_bytes};
  bl_code code = bl_export_write(ex, file, copy_window, &w, &bw_last_error);
  if (code == BL_ERR_CANCELLED && w.n_left == 0) return BL_OK;
  return (int)code;
}
