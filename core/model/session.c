/* A session: its key-value cache and work space, and running tokens through the model in
 * batches. */
#include "model/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/arrays.h"
#include "base/checked.h"

/* Logits are wide: 16 tokens' rows reuse each weight often enough, and stay small. */
#define MAX_LOGIT_ROWS 16
#define DEFAULT_BATCH 64

/* ---- memory --------------------------------------------------------------------------------- */

/* Floats in all vectors of the model, each rounded up so that the next starts aligned. */
static uint64_t vectors_size(const bl_model *model) {
  uint64_t n = 0;
  for (int i = 0; i < model->n_weights; i++)
    if (model->weights[i].tensor.n_rows == 1)
      n += ((uint64_t)model->weights[i].tensor.n_cols + 15) / 16 * 16;
  return n;
}

/* Columns of the widest matrix. */
static int64_t max_cols(const bl_model *model) {
  int64_t n = 0;
  for (int i = 0; i < model->n_weights; i++)
    if (model->weights[i].tensor.n_cols > n) n = model->weights[i].tensor.n_cols;
  return n;
}

/* The work space of bl_matmul, in floats and in whole lines of 64 bytes. A size that can't be
 * expressed stays one that can't be allocated. */
static uint64_t work_floats(int64_t n_cols, int n_tokens, int n_threads,
                            bl_activations activations) {
  uint64_t n_bytes = bl_matmul_work_bytes(n_cols, n_tokens, n_threads, activations);
  return (n_bytes / 64 + 1) * 16;
}

/* Sizes and places everything that the session works in. */
static bl_code allocate(bl_session *s, bl_error *error) {
  const bl_config *c = &s->model->config;
  int n_threads = bl_pool_threads(s->pool);
  int64_t longest_row = c->head_dim > s->n_context ? c->head_dim : s->n_context;
  s->n_queries = c->n_heads / c->n_kv_heads *
                 (s->n_batch < BL_ATTENTION_TOKENS ? s->n_batch : BL_ATTENTION_TOKENS);
  /* Not a power of two, so that a token's values do not all fall into the same cache set. */
  s->value_stride = ((int64_t)s->n_context + 15) / 16 * 16 + 16;
  s->query_work_size = work_floats(longest_row, s->n_queries, 1, BL_ACTIVATIONS_FLOAT);

  uint64_t threads = (uint64_t)n_threads, batch = (uint64_t)s->n_batch;
  uint64_t context = (uint64_t)s->n_context, queries = threads * (uint64_t)s->n_queries;
  uint64_t head = (uint64_t)c->head_dim, kv_heads = (uint64_t)c->n_kv_heads;
  uint64_t turned = (uint64_t)c->rope_dim;
  uint64_t n_cached = c->block.is_encoder ? 1 : (uint64_t)c->n_layers;
  uint64_t cache_heads = n_cached * kv_heads, q_heads = (uint64_t)c->n_heads;
  uint64_t experts_batch = c->block.has_experts ? batch : 0;
  uint64_t key_rows, value_rows;
  if (!bl_mul_u64(cache_heads, context, &key_rows) ||
      !bl_mul_u64(cache_heads, (uint64_t)c->head_dim, &value_rows))
    return bl_fail_memory(error, UINT64_MAX);
  const bl_array arrays[] = {
      {&s->vectors, vectors_size(s->model), 1},
      {&s->rope_cos, c->block.has_rope ? context : 0, turned / 2},
      {&s->rope_sin, c->block.has_rope ? context : 0, turned / 2},
      {&s->local_cos, c->local_theta != 0 ? context : 0, turned / 2},
      {&s->local_sin, c->local_theta != 0 ? context : 0, turned / 2},
      {&s->keys, key_rows, head},
      {&s->values, value_rows, (uint64_t)s->value_stride},
      {&s->queries, queries, head},
      {&s->scores, queries, context},
      {&s->query_work, threads, s->query_work_size},
      {&s->x, batch, (uint64_t)c->dim},
      {&s->h, batch, (uint64_t)c->dim},
      {&s->q, batch * q_heads, head},
      {&s->k, batch * kv_heads, head},
      {&s->v, batch * kv_heads, head},
      {&s->qkv, bl_model_tensor(s->model, BL_QKV, 0) ? batch : 0, (q_heads + 2 * kv_heads) * head},
      {&s->mixed, batch * q_heads, head},
      {&s->gate, batch, (uint64_t)c->ffn_dim},
      {&s->up, batch, (uint64_t)c->ffn_dim * (bl_model_tensor(s->model, BL_GATE_UP, 0) ? 2 : 1)},
      {&s->shares, experts_batch, (uint64_t)c->n_experts},
      {&s->expert_in, experts_batch, (uint64_t)c->dim},
      {&s->expert_out, experts_batch, (uint64_t)c->dim},
      {&s->expert_sum, experts_batch, (uint64_t)c->dim},
      {&s->logits, (uint64_t)s->n_logit_rows, (uint64_t)c->vocab_size},
      {&s->work, 1,
       work_floats(max_cols(s->model), s->n_batch, n_threads, s->model->recipe.activations)},
  };
  s->memory = bl_place_arrays(arrays, sizeof arrays / sizeof arrays[0], &s->memory_bytes);
  if (s->memory) return BL_OK;
  return bl_fail(error, BL_ERR_MEMORY,
                 "out of memory: a context of %d tokens needs %llu MB; ask for a shorter one",
                 s->n_context, (unsigned long long)(s->memory_bytes >> 20));
}

/* ---- weights -------------------------------------------------------------------------------- */

/* Decodes a vector to *next and moves *next behind it; NULL when the model has none. */
static const float *take_vector(const bl_model *model, bl_role role, int layer, float **next) {
  const bl_tensor *tensor = bl_model_tensor(model, role, layer);
  if (!tensor) return NULL;
  float *vector = *next;
  bl_tensor_decode_row(tensor, 0, vector);
  const bool adds_one = model->config.block.adds_one && bl_role_share(role) == BL_IN_OTHER;
  for (int64_t i = 0; adds_one && i < tensor->n_cols; i++) vector[i] += 1;
  *next += (tensor->n_cols + 15) / 16 * 16;
  return vector;
}

/* Looks up the matrices and decodes the vectors. */
static void take_weights(bl_session *s) {
  const bl_model *m = s->model;
  float *next = s->vectors;
  s->final_norm = take_vector(m, BL_FINAL_NORM, -1, &next);
  s->final_norm_bias = take_vector(m, BL_FINAL_NORM_BIAS, -1, &next);
  s->embed_norm = take_vector(m, BL_EMBED_NORM, -1, &next);
  s->embed_norm_bias = take_vector(m, BL_EMBED_NORM_BIAS, -1, &next);
  for (int l = 0; l < m->config.n_layers; l++) {
    s->layers[l] = (bl_layer){
        .qkv = bl_model_tensor(m, BL_QKV, l),
        .q = bl_model_tensor(m, BL_Q, l),
        .k = bl_model_tensor(m, BL_K, l),
        .v = bl_model_tensor(m, BL_V, l),
        .o = bl_model_tensor(m, BL_O, l),
        .gate_up = bl_model_tensor(m, BL_GATE_UP, l),
        .gate = bl_model_tensor(m, BL_GATE, l),
        .up = bl_model_tensor(m, BL_UP, l),
        .down = bl_model_tensor(m, BL_DOWN, l),
        .router = bl_model_tensor(m, BL_ROUTER, l),
        .expert_gate = bl_model_tensor(m, BL_EXPERT_GATE, l),
        .expert_up = bl_model_tensor(m, BL_EXPERT_UP, l),
        .expert_down = bl_model_tensor(m, BL_EXPERT_DOWN, l),
        .attn_norm = take_vector(m, BL_ATTN_NORM, l, &next),
        .ffn_norm = take_vector(m, BL_FFN_NORM, l, &next),
        .attn_norm_bias = take_vector(m, BL_ATTN_NORM_BIAS, l, &next),
        .ffn_norm_bias = take_vector(m, BL_FFN_NORM_BIAS, l, &next),
        .qkv_bias = take_vector(m, BL_QKV_BIAS, l, &next),
        .q_norm = take_vector(m, BL_Q_NORM, l, &next),
        .k_norm = take_vector(m, BL_K_NORM, l, &next),
        .attn_after = take_vector(m, BL_ATTN_AFTER, l, &next),
        .ffn_after = take_vector(m, BL_FFN_AFTER, l, &next),
        .q_bias = take_vector(m, BL_Q_BIAS, l, &next),
        .k_bias = take_vector(m, BL_K_BIAS, l, &next),
        .v_bias = take_vector(m, BL_V_BIAS, l, &next),
        .o_bias = take_vector(m, BL_O_BIAS, l, &next),
        .gate_bias = take_vector(m, BL_GATE_BIAS, l, &next),
        .up_bias = take_vector(m, BL_UP_BIAS, l, &next),
        .down_bias = take_vector(m, BL_DOWN_BIAS, l, &next),
    };
  }
}

/* The tables of rotary angles. */
static bl_code make_rope(bl_session *s, bl_error *error) {
  const bl_model *model = s->model;
  const bl_config *c = &model->config;
  float *factors = NULL;
  if (c->rope_scaling == BL_ROPE_LONG) {
    const size_t n_bytes = (size_t)c->rope_dim / 2 * sizeof *factors;
    factors = malloc(n_bytes);
    if (!factors) return bl_fail_memory(error, n_bytes);
    bl_code code = bl_config_rope_factors("config.json", model->config_json, c,
                                          s->n_context > c->rope_original_context, factors, error);
    if (code != BL_OK) {
      free(factors);
      return code;
    }
  }
  bl_rope_table(c, factors ? factors : model->rope_factors, s->n_context, s->rope_cos, s->rope_sin);
  free(factors);
  bl_config local = *c;
  local.rope_theta = c->local_theta;
  local.rope_scaling = BL_ROPE_PLAIN;
  local.rope_attention = 0;
  if (c->local_theta != 0)
    bl_rope_table(&local, NULL, s->n_context, s->local_cos, s->local_sin);
  else
    s->local_cos = s->local_sin = NULL;
  return BL_OK;
}

/* ---- the public functions ------------------------------------------------------------------- */

/* Reads the options into the session. */
static bl_code configure(bl_session *s, const bl_session_options *options, bool encodes,
                         bl_error *error) {
  const bl_config *config = &s->model->config;
  const char *reason = config->cannot_run;
  if (*reason)
    return bl_fail(error, BL_ERR_UNSUPPORTED, "%s: bitloss can convert the model, but not run it",
                   reason);
  bl_code code = bl_steps_find(config, encodes, &s->steps, error);
  if (code != BL_OK) return code;
  int limit = config->max_context - config->family->first_position;
  int n_context = options->n_context, n_batch = options->n_batch;
  if (n_context == 0) n_context = limit < BL_SESSION_CONTEXT ? limit : BL_SESSION_CONTEXT;
  if (n_batch == 0) n_batch = DEFAULT_BATCH;
  if (encodes) n_batch = n_context;
  if (n_context < 1 || n_context > limit)
    return bl_fail(error, BL_ERR_ARGUMENT, "the context is %d tokens, expected 1 to %d", n_context,
                   limit);
  if (n_batch < 1)
    return bl_fail(error, BL_ERR_ARGUMENT, "the batch is %d tokens, expected at least 1", n_batch);
  s->n_context = n_context;
  s->n_batch = n_batch < n_context ? n_batch : n_context;
  s->n_logit_rows = s->n_batch < MAX_LOGIT_ROWS ? s->n_batch : MAX_LOGIT_ROWS;
  if (encodes) s->n_logit_rows = 0;
  s->pool = options->pool;
  s->clock = options->clock;
  s->kernels = bl_kernels_find(options->kernels);
  if (!s->kernels)
    return bl_fail(error, BL_ERR_ARGUMENT, "there are no kernels '%.64s' on this machine",
                   options->kernels);
  return BL_OK;
}

bl_session *bl_session_new(const bl_model *model, const bl_session_options *options,
                           bl_error *error) {
  return bl_session_open(model, options, false, error);
}

bl_session *bl_session_open(const bl_model *model, const bl_session_options *options, bool encodes,
                            bl_error *error) {
  bl_session *s = calloc(1, sizeof *s);
  if (!s) {
    bl_fail_memory(error, sizeof *s);
    return NULL;
  }
  s->model = model;
  if (configure(s, options, encodes, error) != BL_OK) goto fail;
  s->layers = calloc((size_t)model->config.n_layers, sizeof *s->layers);
  if (!s->layers) {
    bl_fail_memory(error, (uint64_t)model->config.n_layers * sizeof *s->layers);
    goto fail;
  }
  if (allocate(s, error) != BL_OK) goto fail;
  take_weights(s);
  if (model->config.block.has_rope && make_rope(s, error) != BL_OK) goto fail;
  return s;

fail:
  bl_session_free(s);
  return NULL;
}

void bl_session_free(bl_session *session) {
  if (!session) return;
  bl_aligned_free(session->memory);
  free(session->layers);
  free(session);
}

const char *bl_session_kernels(const bl_session *session) {
  return bl_kernels_name(session->kernels);
}

int bl_session_position(const bl_session *session) {
  return session->position;
}

int bl_session_context(const bl_session *session) {
  return session->n_context;
}

uint64_t bl_session_memory(const bl_session *session) {
  uint64_t n_layers = (uint64_t)session->model->config.n_layers;
  return sizeof *session + n_layers * sizeof *session->layers + session->memory_bytes;
}

const char *bl_work_name(bl_work work) {
  static const char *const names[BL_N_WORK] = {"embedding", "projections", "attention",
                                               "ffn",       "output",      "other"};
  return names[work];
}

void bl_session_get_times(const bl_session *session, double seconds[BL_N_WORK]) {
  memcpy(seconds, session->seconds, sizeof session->seconds);
}

bl_code bl_session_truncate(bl_session *session, int position, bl_error *error) {
  if (position < 0 || position > session->position)
    return bl_fail(error, BL_ERR_ARGUMENT, "cannot go back to position %d: the session is at %d",
                   position, session->position);
  if (position < session->position) session->last_logits = NULL;
  session->position = position;
  return BL_OK;
}

/* Gives on_logits the logits of a batch of n_tokens that just went through, a few rows at a time.
 */
static bl_code report_logits(bl_session *s, int n_tokens, bl_logits_fn on_logits, void *context,
                             bl_error *error) {
  int64_t vocab_size = s->model->config.vocab_size;
  for (int first = 0; first < n_tokens; first += s->n_logit_rows) {
    int n = n_tokens - first < s->n_logit_rows ? n_tokens - first : s->n_logit_rows;
    bl_forward_logits(s, first, n);
    for (int i = 0; i < n; i++)
      if (!on_logits(context, s->position + first + i, s->logits + i * vocab_size))
        return bl_fail(error, BL_ERR_CANCELLED, "stopped at position %d", s->position + first + i);
    s->last_logits = s->logits + (n - 1) * vocab_size;
  }
  return BL_OK;
}

bl_code bl_session_eval(bl_session *session, const int32_t *ids, size_t n_ids,
                        bl_logits_fn on_logits, void *context, bl_error *error) {
  bl_session *s = session;
  int vocab_size = s->model->config.vocab_size, start = s->position;
  if (n_ids > (size_t)(s->n_context - s->position))
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "%zu tokens do not fit: the context holds %d, of which %d are taken", n_ids,
                   s->n_context, s->position);
  for (size_t i = 0; i < n_ids; i++)
    if (ids[i] < 0 || ids[i] >= vocab_size)
      return bl_fail(error, BL_ERR_ARGUMENT, "token %zu has id %d, expected 0 to %d", i, ids[i],
                     vocab_size - 1);

  for (int done = 0, n, n_all = (int)n_ids; done < n_all; done += n) {
    n = n_all - done < s->n_batch ? n_all - done : s->n_batch;
    s->last_logits = NULL;
    bl_forward(s, ids + done, n);
    if (on_logits) {
      bl_code code = report_logits(s, n, on_logits, context, error);
      if (code != BL_OK) {
        s->last_logits = NULL;
        s->position = start;
        return code;
      }
    } else if (done + n == n_all) {
      bl_forward_logits(s, n - 1, 1);
      s->last_logits = s->logits;
    }
    s->position += n;
  }
  return BL_OK;
}

const float *bl_session_logits(const bl_session *session) {
  return session->last_logits;
}
