/* Encoders: a text goes through whole, then a head or a mean makes something of its states. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "bitloss_encode.h"
#include "model/exp.h"
#include "model/pooling.h"
#include "model/session.h"

struct bl_encoder {
  bl_session *session;
  size_t n_ids; /* of the last text */
  float *bias;  /* (dim or labels): of the head's layer at work */
  float *first; /* (dim): what the head makes of the first token's state */
};

bl_encoder *bl_encoder_new(const bl_model *model, const bl_session_options *options,
                           bl_error *error) {
  const bl_config *c = &model->config;
  bl_encoder *e = calloc(1, sizeof *e);
  if (!e) {
    bl_fail_memory(error, sizeof *e);
    return NULL;
  }
  size_t widest = (size_t)(c->dim > c->n_labels ? c->dim : c->n_labels);
  e->bias = malloc(widest * sizeof *e->bias);
  e->first = malloc((size_t)c->dim * sizeof *e->first);
  if (!e->bias || !e->first)
    bl_fail_memory(error, 2 * widest * sizeof *e->bias);
  else
    e->session = bl_session_open(model, options, true, error);
  if (e->session) return e;
  bl_encoder_free(e);
  return NULL;
}

void bl_encoder_free(bl_encoder *encoder) {
  if (!encoder) return;
  bl_session_free(encoder->session);
  free(encoder->bias);
  free(encoder->first);
  free(encoder);
}

bl_session *bl_encoder_session(bl_encoder *encoder) {
  return encoder->session;
}

const char *bl_encoder_kernels(const bl_encoder *encoder) {
  return bl_session_kernels(encoder->session);
}

bl_code bl_encoder_run(bl_encoder *encoder, const int32_t *ids, const int32_t *types, size_t n_ids,
                       bl_error *error) {
  bl_session *s = encoder->session;
  const bl_config *c = &s->model->config;
  encoder->n_ids = 0;
  if (n_ids == 0 || n_ids > (size_t)s->n_context)
    return bl_fail(error, BL_ERR_ARGUMENT, "the text has %zu tokens, expected 1 to %d", n_ids,
                   s->n_context);
  for (size_t i = 0; i < n_ids; i++) {
    if (ids[i] < 0 || ids[i] >= c->vocab_size)
      return bl_fail(error, BL_ERR_ARGUMENT, "token %zu has id %d, expected 0 to %d", i, ids[i],
                     c->vocab_size - 1);
    if (types && (types[i] < 0 || types[i] >= c->n_types))
      return bl_fail(error, BL_ERR_ARGUMENT, "token %zu is of type %d, expected 0 to %d", i,
                     types[i], c->n_types - 1);
  }
  s->types = types;
  bl_forward(s, ids, (int)n_ids);
  s->types = NULL;
  encoder->n_ids = n_ids;
  return BL_OK;
}

const float *bl_encoder_states(const bl_encoder *encoder) {
  return encoder->n_ids > 0 ? encoder->session->x : NULL;
}

static bl_code check_run(const bl_encoder *encoder, bl_error *error) {
  if (encoder->n_ids > 0) return BL_OK;
  return bl_fail(error, BL_ERR_ARGUMENT, "no text has gone through the encoder");
}

bl_code bl_encoder_embed(const bl_encoder *encoder, float *embedding, bl_error *error) {
  const bl_model *model = encoder->session->model;
  const int64_t dim = model->config.dim;
  const float *states = encoder->session->x;
  double squares = 0;
  bl_pooling pooling;
  bl_code code = check_run(encoder, error);
  if (code == BL_OK) code = bl_pooling_of(&model->texts, &pooling, error);
  if (code != BL_OK) return code;
  const size_t first = pooling == BL_POOL_LAST ? encoder->n_ids - 1 : 0;
  const size_t n = pooling == BL_POOL_MEAN ? encoder->n_ids : 1;
  for (int64_t d = 0; d < dim; d++) {
    double sum = 0;
    for (size_t t = first; t < first + n; t++) sum += (double)states[(int64_t)t * dim + d];
    embedding[d] = (float)(sum / (double)n);
    squares += (double)embedding[d] * (double)embedding[d];
  }
  /* As torch's normalize: a mean that is nearly 0 is not blown up. */
  const double length = sqrt(squares) > 1e-12 ? sqrt(squares) : 1e-12;
  for (int64_t d = 0; d < dim; d++) embedding[d] = (float)((double)embedding[d] / length);
  if (isfinite(squares)) return BL_OK;
  return bl_fail(error, BL_ERR_NOT_FINITE,
                 "the model's state for the text is not a number: its weights are damaged");
}

/* ---- classes -------------------------------------------------------------------------------- */

int bl_model_n_labels(const bl_model *model) {
  return model->config.head == BL_HEAD_SEQUENCE ? model->config.n_labels : 0;
}

const char *bl_model_label(const bl_model *model, int i, char buffer[24]) {
  snprintf(buffer, 24, "%d", i);
  const cJSON *labels = bl_json_member(model->config_json, "id2label");
  const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(labels, buffer));
  if (label) return label;
  snprintf(buffer, 24, "LABEL_%d", i);
  return buffer;
}

/* y = w x + bias of one of the head's layers; false where the model has none of that role. */
static bool apply(bl_encoder *e, bl_role role, bl_role bias_role, const float *x, float *y) {
  const bl_session *s = e->session;
  const bl_tensor *w = bl_model_tensor(s->model, role, -1);
  const bl_tensor *bias = bl_model_tensor(s->model, bias_role, -1);
  if (!w) return false;
  if (bias) bl_tensor_decode_row(bias, 0, e->bias);
  bl_linear(s, w, bias ? e->bias : NULL, x, 1, y);
  return true;
}

/* Are the logits those of classes, of which a text belongs to one? */
static bl_code check_classes(const bl_model *model, bl_error *error) {
  static const char file_name[] = "config.json";
  const char *type = "single_label_classification";
  if (bl_model_n_labels(model) == 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the model has no classes: expected one for sequence classification");
  bl_code code = bl_json_string(file_name, model->config_json, "problem_type", &type, error);
  if (code != BL_OK) return code;
  if (strcmp(type, "single_label_classification") != 0)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: field 'problem_type' is '%.64s', expected "
                   "single_label_classification",
                   file_name, type);
  if (bl_model_n_labels(model) == 1)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the model gives a text one number and does not choose among classes");
  return BL_OK;
}

bl_code bl_encoder_classify(bl_encoder *encoder, float *logits, bl_error *error) {
  bl_session *s = encoder->session;
  const bl_config *c = &s->model->config;
  bl_code code = check_run(encoder, error);
  if (code == BL_OK) code = check_classes(s->model, error);
  if (code != BL_OK) return code;
  float *first = encoder->first;
  if (apply(encoder, BL_POOLER, BL_POOLER_BIAS, s->x, first)) {
    for (int64_t i = 0; i < c->dim; i++) first[i] = 1 - 2 / (1 + bl_exp(2 * first[i])); /* tanh */
  } else if (apply(encoder, BL_HEAD_DENSE, BL_HEAD_DENSE_BIAS, s->x, first)) {
    s->steps->activate(BL_RELU, first, c->dim);
  } else {
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "the file has no cls.weight, the layer between the first token's state and the "
                   "classes, which llama.cpp's converter leaves out of a BERT: its classes can't "
                   "be told, only embeddings");
  }
  apply(encoder, BL_CLASSIFIER, BL_CLASSIFIER_BIAS, first, logits);
  for (int i = 0; i < c->n_labels; i++)
    if (!isfinite(logits[i]))
      return bl_fail(error, BL_ERR_NOT_FINITE,
                     "the model's logit for class %d is not a number: its weights are damaged", i);
  return BL_OK;
}
