/* The normalizer Precompiled, which does what SentencePiece's character maps say. */
#ifndef BL_TEXT_CHARSMAP_H
#define BL_TEXT_CHARSMAP_H

#include "text/steps.h"

/* Is it a map? Places in it that lead out of it are met with care, when they are. */
bool bl_charsmap_is_valid(const char *bytes, size_t size);

/* A step's rewriting, whose text is the map. */
bl_code bl_rewrite_by_charsmap(const bl_text_step *step, const char *text, size_t size,
                               bl_buffer *out, size_t limit, bl_error *error);

#endif
