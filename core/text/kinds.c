/* The tables of what tokenizers consist of. The WebAssembly module of the first screen has shorter
 * ones in their place, wasm/first/kinds.c. */
#include "text/gguf_reading.h"
#include "text/kind.h"
#include "text/pipeline.h"

const bl_kind *const bl_kinds[] = {&bl_kind_bpe, &bl_kind_wordpiece, &bl_kind_unigram};
const int bl_n_kinds = sizeof bl_kinds / sizeof *bl_kinds;

const bl_pipeline_row *const bl_pipeline_rows = bl_pipeline_more;

static const bl_gguf_row gguf_rows[] = {{"bert", bl_gguf_bert}, {"t5", bl_gguf_t5}, {0}};
const bl_gguf_row *const bl_gguf_rows = gguf_rows;

bl_code bl_no_such_part(const char *file, const char *what, const char *name, bl_error *error) {
  return bl_fail(error, BL_ERR_UNSUPPORTED, "%s: %s '%.64s' is not supported", file, what, name);
}
