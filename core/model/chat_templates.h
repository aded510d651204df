/* The chat templates of a model: Jinja programs that put a conversation into the words that the
 * model was trained on. Most models have one, called "default". */
#ifndef BL_MODEL_CHAT_TEMPLATES_H
#define BL_MODEL_CHAT_TEMPLATES_H

#include "format/gguf_write.h"
#include "model/texts.h"

typedef struct bl_chat_template {
  char *name; /* "default", "tool_use", … */
  char *text;
} bl_chat_template;

typedef struct bl_chat_templates {
  int n;
  bl_chat_template *list;
} bl_chat_templates;

/* From a folder's files, as transformers 5.23 finds them: chat_template.jinja and the further ones
 * beside it, else what tokenizer_config.json has, one text or a list; and where there is neither,
 * chat_template.json, as gguf 0.19 does. A template in tokenizer_config.json that differs from
 * chat_template.jinja gets a note. */
bl_code bl_chat_templates_from_texts(const bl_texts *texts, bl_chat_templates *templates,
                                     bl_notes *notes, bl_error *error);
/* From GGUF metadata: tokenizer.chat_template, and tokenizer.chat_template.NAME. */
bl_code bl_chat_templates_from_gguf(const bl_index *index, bl_chat_templates *templates,
                                    bl_notes *notes, bl_error *error);
/* Adds them to GGUF metadata as gguf 0.19 does. */
bl_code bl_chat_templates_to_gguf(const bl_chat_templates *templates, bl_gguf_header *header,
                                  bl_error *error);
void bl_chat_templates_free(bl_chat_templates *templates);

#endif
