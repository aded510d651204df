/* What inspect finds out beside the headers' plain facts: whether the model would load, which of
 * its parts are missing, and weights that are not finite. */
#include "inspect_look.h"

#include <stdlib.h>
#include <string.h>

static void add_note(cli_look *look, char *sentence) {
  look->notes = cli_grow(look->notes, ((size_t)look->n_notes + 1) * sizeof *look->notes);
  look->notes[look->n_notes++] = sentence;
}

/* Types whose numbers are weights by themselves. */
static bool is_weights(const bl_index *index, int i) {
  bl_index_tensor tensor;
  bl_index_get_tensor(index, i, &tensor);
  return strcmp(bl_index_container(index), "gguf") == 0 || strcmp(tensor.type, "F32") == 0 ||
         strcmp(tensor.type, "F16") == 0 || strcmp(tensor.type, "BF16") == 0;
}

static bool has_unread(const cli_summary *s) {
  int at = 0;
  for (int f = 0; f < s->n_indexes; f++) {
    for (int i = 0; i < bl_index_n_tensors(s->indexes[f]); i++, at++) {
      const cli_tensor *tensor = &s->tensors[at];
      if (!tensor->is_part && !tensor->is_codes && !is_weights(s->indexes[f], i)) return true;
    }
  }
  return false;
}

/* Looks for weights that are not finite, file by file. */
static bool read_weights(const cli_source *source, const cli_summary *s, cli_look *look) {
  bl_error error;
  bl_pool *pool = bl_pool_new(cli_default_threads());
  uint64_t n_done = 0;
  bool ok = true;
  cli_progress_start("Reading", "B", source->weights_size);
  for (int f = 0; ok && f < s->n_indexes; f++) {
    for (int i = 0; ok && i < bl_index_n_tensors(s->indexes[f]); i++) {
      bl_index_tensor tensor;
      int64_t n, first;
      bl_index_get_tensor(s->indexes[f], i, &tensor);
      ok = bl_index_count_not_finite(s->indexes[f], i, source->weights[f].bytes + tensor.offset,
                                     pool, &n, &first, &error) == BL_OK ||
           cli_fail("%s", error.message);
      ok = ok && !cli_interrupted();
      cli_progress(n_done += tensor.size_bytes);
      if (!ok || n <= 0) continue;
      const int64_t n_cols = tensor.n_dims ? tensor.dims[tensor.n_dims - 1] : 1;
      char *place = tensor.n_dims < 2 ? cli_print("[%lld]", (long long)first)
                                      : cli_print("[%lld, %lld]", (long long)(first / n_cols),
                                                  (long long)(first % n_cols));
      add_note(look, cli_print("tensor '%s' has %lld number%s that %s not finite, the first at %s",
                               tensor.name, (long long)n, n == 1 ? "" : "s", n == 1 ? "is" : "are",
                               place));
      free(place);
    }
  }
  cli_progress_end();
  bl_pool_free(pool);
  look->was_read = ok;
  return ok;
}

bool cli_look_at(cli_source *source, const cli_summary *s, bool reads, cli_look *look) {
  *look = (cli_look){.is_unread = has_unread(s)};
  look->can_load = cli_can_load(source, NULL, &look->reason);
  const bool lacks_config = !source->is_gguf && !cli_source_text(source, "config.json");
  look->can_cost = !source->missing_part && (look->can_load || (lacks_config && !look->is_unread));
  if (source->missing_part)
    add_note(look, cli_print("this is %d of the %lld files of a model: %s is missing%s",
                             source->n_weights, (long long)source->n_parts, source->missing_part,
                             source->n_parts - source->n_weights > 1 ? ", and others" : ""));
  if (s->was_tied)
    add_note(
        look,
        cli_copy("the config says that the embedding is the output matrix too, but lm_head has "
                 "other weights: the model has both, as in transformers"));
  if (s->was_part)
    add_note(look, cli_copy("the model reads texts and images; what looks at images is left out of "
                            "these figures, and of what it is converted to"));
  if (!reads && source->weights_size > CLI_LOOK_BYTES) return true;
  return read_weights(source, s, look);
}

void cli_look_free(cli_look *look) {
  for (int i = 0; i < look->n_notes; i++) free(look->notes[i]);
  free(look->notes);
}
