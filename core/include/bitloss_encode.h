/* bitloss: encoders, which read a whole text at once: states, classes, embeddings. Part of
 * bitloss.h.
 */
#ifndef BITLOSS_ENCODE_H
#define BITLOSS_ENCODE_H

#include "bitloss_base.h"
#include "bitloss_model.h"
#include "bitloss_run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An encoder and the last text that went through it. The model (bert, distilbert, roberta) is
 * borrowed; one of another family is refused with BL_ERR_UNSUPPORTED. */
typedef struct bl_encoder bl_encoder;

/* options->n_context is the longest text in tokens, 0 for what the model takes but at most
 * BL_SESSION_CONTEXT; n_batch has no meaning here. */
bl_encoder *bl_encoder_new(const bl_model *model, const bl_session_options *options,
                           bl_error *error);
void bl_encoder_free(bl_encoder *encoder);
const char *bl_encoder_kernels(const bl_encoder *encoder); /* the name of the kernels in use */

/* Runs a text of n_ids tokens, at least one. types (n_ids) says to which of two texts each belongs;
 * NULL: to the first. A model without types (distilbert) does not look at them. */
bl_code bl_encoder_run(bl_encoder *encoder, const int32_t *ids, const int32_t *types, size_t n_ids,
                       bl_error *error);

/* Of that text: the states after the last layer, (n_ids, dim); NULL before the first. */
const float *bl_encoder_states(const bl_encoder *encoder);
/* Their mean over all tokens, of length 1: embedding (dim). As sentence-transformers has it with
 * mean pooling and normalization. Where its file beside the model's, or a GGUF file's metadata,
 * says so, in the place of the mean the first token's state or the last's; BL_ERR_UNSUPPORTED where
 * they say something else. BL_ERR_NOT_FINITE where it is not a number. */
bl_code bl_encoder_embed(const bl_encoder *encoder, float *embedding, bl_error *error);
/* Logits (bl_model_n_labels) of the model's classes. BL_ERR_UNSUPPORTED where it has none, one
 * alone, or such as a text may have several of; BL_ERR_NOT_FINITE where a logit is not a number. */
bl_code bl_encoder_classify(bl_encoder *encoder, float *logits, bl_error *error);

/* Classes that the model tells apart, 0 where it does not classify; and what its config.json calls
 * them ("LABEL_0" where it does not say), borrowed from the model or the buffer. */
int bl_model_n_labels(const bl_model *model);
const char *bl_model_label(const bl_model *model, int i, char buffer[24]);

#ifdef __cplusplus
}
#endif

#endif
