/* The table of kinds of models. */
#include "text/kind.h"

const bl_kind *const bl_kinds[] = {&bl_kind_bpe};
const int bl_n_kinds = sizeof bl_kinds / sizeof *bl_kinds;
