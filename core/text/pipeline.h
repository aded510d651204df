/* Reading the members normalizer, pre_tokenizer, post_processor and decoder of tokenizer.json: what
 * its readers share, and the table of the rarer parts. */
#ifndef BL_TEXT_PIPELINE_H
#define BL_TEXT_PIPELINE_H

#include "base/json.h"
#include "text/parts.h"

/* What every reader needs. */
typedef struct bl_pipeline {
  bl_tokenizer *tokenizer;
  const char *file;
  bl_error *error;
} bl_pipeline;

/* A part that tokenizer_pipeline.c does not read itself. */
typedef struct bl_pipeline_row {
  const char *part, *type; /* "normalizer", "NFD"; of a normalizer Replace "replace" and its regex,
                              where the text's ends are meant, which patterns do not know; "pair"
                              for what a post-processor makes of two texts */
  bl_code (*read)(const bl_pipeline *r, const cJSON *object);
} bl_pipeline_row;
extern const bl_pipeline_row *const bl_pipeline_rows; /* ends with one without a part */

/* The row of pipeline_more.c, for the table. */
extern const bl_pipeline_row bl_pipeline_more[];

/* An object's field 'type', which must be there; `what` is for the sentence. */
bl_code bl_pipeline_type(const bl_pipeline *r, const char *what, const cJSON *object,
                         const char **type);
/* A string that must be there. */
bl_code bl_pipeline_string(const bl_pipeline *r, const cJSON *object, const char *key,
                           const char **value);
bl_code bl_pipeline_unsupported(const bl_pipeline *r, const char *what, const char *type);
/* Adds the step of a Replace. */
bl_code bl_pipeline_replace(const bl_pipeline *r, bl_text_steps *steps, const cJSON *object);
/* How a split's behavior is called. */
bl_code bl_pipeline_behavior(const bl_pipeline *r, const char *behavior, bool invert,
                             bl_split *split);

#endif
