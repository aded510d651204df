/* What tokenizers of the first screen's module consist of: byte-pair encoding as decoder models use
 * it. All else is in the full module. */
#include "text/gguf_reading.h"
#include "text/kind.h"
#include "text/pipeline.h"

const bl_kind *const bl_kinds[] = {&bl_kind_bpe};
const int bl_n_kinds = 1;

static const bl_pipeline_row none[] = {{0}};
const bl_pipeline_row *const bl_pipeline_rows = none;

static const bl_gguf_row no_gguf[] = {{0}};
const bl_gguf_row *const bl_gguf_rows = no_gguf;

bl_code bl_no_such_part(const char *file, const char *what, const char *name, bl_error *error) {
  return bl_fail(error, BL_ERR_ELSEWHERE, "%s: this module has no %s '%.64s' for tokenizers", file,
                 what, name);
}
