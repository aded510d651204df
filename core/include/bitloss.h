/* bitloss: quantize a language model, measure what was lost, and let it speak.
 *
 * This is the public interface of the core, and the only header that others include; it brings in
 * one for each subject: bitloss_base.h (errors, notes, threads), bitloss_recipe.h (number formats),
 * bitloss_model.h (loading), bitloss_text.h (tokenizers), bitloss_run.h (sessions, generation),
 * bitloss_files.h (file headers, exports), bitloss_measure.h (what was lost) and bitloss_train.h.
 * Conventions, for every function in them:
 *
 *  - The core never opens a file, prints, exits or keeps global mutable state. Bytes are pushed in,
 *    results come out.
 *  - A function that can fail returns a bl_code and takes a bl_error last, in which it leaves one
 *    sentence for the user. The error may be NULL. Results are written only on BL_OK.
 *  - Objects are made by *_new and released by *_free, which accept NULL. What an object returns
 *    (strings, views) belongs to it and lives as long as it does.
 *  - Text is UTF-8 with a length; it need not end in NUL unless it is declared as a plain string.
 *  - An object may be used by one thread at a time. A bl_model does not change after loading, so
 *    any number of sessions may read it at once.
 */
#ifndef BITLOSS_H
#define BITLOSS_H

#include "bitloss_base.h"
#include "bitloss_encode.h"
#include "bitloss_files.h"
#include "bitloss_measure.h"
#include "bitloss_model.h"
#include "bitloss_recipe.h"
#include "bitloss_run.h"
#include "bitloss_text.h"
#include "bitloss_train.h"

#endif
