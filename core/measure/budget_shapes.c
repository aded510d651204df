/* The tensors of the families that bitloss can count. Those whose block is Llama's are known from
 * core/model; the others' names and shapes are below, as transformers 5.23 saves them. */
#include "measure/budget_shapes.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/config_check.h"

#define MAX_EXPERTS 256

/* ---- families ------------------------------------------------------------------------------- */

typedef enum size {
  ONE,
  DIM,
  Q_AND_KV, /* query, key and value in one matrix */
  Q,
  KV,
  FFN,
  VOCAB,
  CONTEXT,
  TYPES,
  EXPERTS,
  LABELS,
  N_SIZES
} size;

/* What a model of a family is made for. */
enum { BARE = 1, LANGUAGE = 2, MASKED = 4, SEQUENCE = 8, TOKENS = 16, SPANS = 32, MODELS = 63 };
/* And of a module: it does not belong to the body, whose names have the family's prefix; it is
 * there only where the output matrix is not the embedding. */
enum { OUTSIDE = 64, UNTIED = 128 };

/* What a module holds. */
typedef enum module {
  MATRIX, /* an embedding, or a linear layer without a bias */
  LINEAR, /* with one */
  NORM,   /* a weight and a bias */
  SCALE,  /* a norm without a bias */
  BIAS,   /* nothing else */
} module;

typedef struct entry {
  const char *name; /* of the module; '#' stands for the layer's number and '@' for the expert's */
  module module;
  bl_share_of_model share;
  size n_rows, n_cols;
  unsigned when; /* the models that have it, 0 for all; OUTSIDE, UNTIED */
} entry;

typedef struct model_name {
  const char *name;
  unsigned head;
} model_name;

struct bl_family {
  const char *name, *prefix; /* of names in the body, unless the model is BARE */
  const char *dim, *n_layers, *n_heads, *n_kv_heads, *ffn_dim, *max_context; /* fields */
  bool is_encoder, is_tied, has_rope;
  int ffn_default;          /* times dim; 0: required */
  const model_name *models; /* the first is what a config without "architectures" means */
  const entry *entries;
};

static const entry mixtral_entries[] = {
    {"embed_tokens", MATRIX, BL_IN_EMBEDDING, VOCAB, DIM, 0},
    {"layers.#.input_layernorm", SCALE, BL_IN_OTHER, ONE, DIM, 0},
    {"layers.#.self_attn.q_proj", MATRIX, BL_IN_ATTENTION, Q, DIM, 0},
    {"layers.#.self_attn.k_proj", MATRIX, BL_IN_ATTENTION, KV, DIM, 0},
    {"layers.#.self_attn.v_proj", MATRIX, BL_IN_ATTENTION, KV, DIM, 0},
    {"layers.#.self_attn.o_proj", MATRIX, BL_IN_ATTENTION, DIM, Q, 0},
    {"layers.#.post_attention_layernorm", SCALE, BL_IN_OTHER, ONE, DIM, 0},
    {"layers.#.block_sparse_moe.gate", MATRIX, BL_IN_FFN, EXPERTS, DIM, 0},
    {"layers.#.block_sparse_moe.experts.@.w1", MATRIX, BL_IN_FFN, FFN, DIM, 0},
    {"layers.#.block_sparse_moe.experts.@.w2", MATRIX, BL_IN_FFN, DIM, FFN, 0},
    {"layers.#.block_sparse_moe.experts.@.w3", MATRIX, BL_IN_FFN, FFN, DIM, 0},
    {"norm", SCALE, BL_IN_OTHER, ONE, DIM, 0},
    {"lm_head", MATRIX, BL_IN_OUTPUT, VOCAB, DIM, LANGUAGE | OUTSIDE | UNTIED},
    {NULL, 0, 0, 0, 0, 0},
};

static const entry gpt2_entries[] = {
    {"wte", MATRIX, BL_IN_EMBEDDING, VOCAB, DIM, 0},
    {"wpe", MATRIX, BL_IN_EMBEDDING, CONTEXT, DIM, 0},
    {"h.#.ln_1", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"h.#.attn.c_attn", LINEAR, BL_IN_ATTENTION, Q_AND_KV, DIM, 0},
    {"h.#.attn.c_proj", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"h.#.ln_2", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"h.#.mlp.c_fc", LINEAR, BL_IN_FFN, FFN, DIM, 0},
    {"h.#.mlp.c_proj", LINEAR, BL_IN_FFN, DIM, FFN, 0},
    {"ln_f", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"lm_head", MATRIX, BL_IN_OUTPUT, VOCAB, DIM, LANGUAGE | OUTSIDE | UNTIED},
    {NULL, 0, 0, 0, 0, 0},
};

static const entry bert_entries[] = {
    {"embeddings.word_embeddings", MATRIX, BL_IN_EMBEDDING, VOCAB, DIM, 0},
    {"embeddings.position_embeddings", MATRIX, BL_IN_EMBEDDING, CONTEXT, DIM, 0},
    {"embeddings.token_type_embeddings", MATRIX, BL_IN_EMBEDDING, TYPES, DIM, 0},
    {"embeddings.LayerNorm", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"encoder.layer.#.attention.self.query", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"encoder.layer.#.attention.self.key", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"encoder.layer.#.attention.self.value", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"encoder.layer.#.attention.output.dense", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"encoder.layer.#.attention.output.LayerNorm", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"encoder.layer.#.intermediate.dense", LINEAR, BL_IN_FFN, FFN, DIM, 0},
    {"encoder.layer.#.output.dense", LINEAR, BL_IN_FFN, DIM, FFN, 0},
    {"encoder.layer.#.output.LayerNorm", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"pooler.dense", LINEAR, BL_IN_OUTPUT, DIM, DIM, BARE | SEQUENCE},
    {"cls.predictions", BIAS, BL_IN_OUTPUT, ONE, VOCAB, MASKED | OUTSIDE},
    {"cls.predictions.transform.dense", LINEAR, BL_IN_OUTPUT, DIM, DIM, MASKED | OUTSIDE},
    {"cls.predictions.transform.LayerNorm", NORM, BL_IN_OTHER, ONE, DIM, MASKED | OUTSIDE},
    {"cls.predictions.decoder", MATRIX, BL_IN_OUTPUT, VOCAB, DIM, MASKED | OUTSIDE | UNTIED},
    {"classifier", LINEAR, BL_IN_OUTPUT, LABELS, DIM, SEQUENCE | TOKENS | OUTSIDE},
    {"qa_outputs", LINEAR, BL_IN_OUTPUT, LABELS, DIM, SPANS | OUTSIDE},
    {NULL, 0, 0, 0, 0, 0},
};

static const entry distilbert_entries[] = {
    {"embeddings.word_embeddings", MATRIX, BL_IN_EMBEDDING, VOCAB, DIM, 0},
    {"embeddings.position_embeddings", MATRIX, BL_IN_EMBEDDING, CONTEXT, DIM, 0},
    {"embeddings.LayerNorm", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"transformer.layer.#.attention.q_lin", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"transformer.layer.#.attention.k_lin", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"transformer.layer.#.attention.v_lin", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"transformer.layer.#.attention.out_lin", LINEAR, BL_IN_ATTENTION, DIM, DIM, 0},
    {"transformer.layer.#.sa_layer_norm", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"transformer.layer.#.ffn.lin1", LINEAR, BL_IN_FFN, FFN, DIM, 0},
    {"transformer.layer.#.ffn.lin2", LINEAR, BL_IN_FFN, DIM, FFN, 0},
    {"transformer.layer.#.output_layer_norm", NORM, BL_IN_OTHER, ONE, DIM, 0},
    {"vocab_transform", LINEAR, BL_IN_OUTPUT, DIM, DIM, MASKED | OUTSIDE},
    {"vocab_layer_norm", NORM, BL_IN_OTHER, ONE, DIM, MASKED | OUTSIDE},
    {"vocab_projector", MATRIX, BL_IN_OUTPUT, VOCAB, DIM, MASKED | OUTSIDE | UNTIED},
    {"vocab_projector", BIAS, BL_IN_OUTPUT, ONE, VOCAB, MASKED | OUTSIDE},
    {"pre_classifier", LINEAR, BL_IN_OUTPUT, DIM, DIM, SEQUENCE | OUTSIDE},
    {"classifier", LINEAR, BL_IN_OUTPUT, LABELS, DIM, SEQUENCE | TOKENS | OUTSIDE},
    {"qa_outputs", LINEAR, BL_IN_OUTPUT, LABELS, DIM, SPANS | OUTSIDE},
    {NULL, 0, 0, 0, 0, 0},
};

static const bl_family families[] = {
    {.name = "mixtral",
     .prefix = "model.",
     .dim = "hidden_size",
     .n_layers = "num_hidden_layers",
     .n_heads = "num_attention_heads",
     .n_kv_heads = "num_key_value_heads",
     .ffn_dim = "intermediate_size",
     .max_context = "max_position_embeddings",
     .has_rope = true,
     .models = (const model_name[]){{"MixtralForCausalLM", LANGUAGE}, {NULL, 0}},
     .entries = mixtral_entries},
    {.name = "gpt2",
     .prefix = "transformer.",
     .dim = "n_embd",
     .n_layers = "n_layer",
     .n_heads = "n_head",
     .ffn_dim = "n_inner",
     .max_context = "n_positions",
     .is_tied = true,
     .ffn_default = 4,
     .models = (const model_name[]){{"GPT2LMHeadModel", LANGUAGE}, {"GPT2Model", BARE}, {NULL, 0}},
     .entries = gpt2_entries},
    {.name = "bert",
     .prefix = "bert.",
     .dim = "hidden_size",
     .n_layers = "num_hidden_layers",
     .n_heads = "num_attention_heads",
     .ffn_dim = "intermediate_size",
     .max_context = "max_position_embeddings",
     .is_encoder = true,
     .is_tied = true,
     .models = (const model_name[]){{"BertModel", BARE},
                                    {"BertForMaskedLM", MASKED},
                                    {"BertForSequenceClassification", SEQUENCE},
                                    {"BertForTokenClassification", TOKENS},
                                    {"BertForQuestionAnswering", SPANS},
                                    {NULL, 0}},
     .entries = bert_entries},
    {.name = "distilbert",
     .prefix = "distilbert.",
     .dim = "dim",
     .n_layers = "n_layers",
     .n_heads = "n_heads",
     .ffn_dim = "hidden_dim",
     .max_context = "max_position_embeddings",
     .is_encoder = true,
     .is_tied = true,
     .models = (const model_name[]){{"DistilBertModel", BARE},
                                    {"DistilBertForMaskedLM", MASKED},
                                    {"DistilBertForSequenceClassification", SEQUENCE},
                                    {"DistilBertForTokenClassification", TOKENS},
                                    {"DistilBertForQuestionAnswering", SPANS},
                                    {NULL, 0}},
     .entries = distilbert_entries},
};

/* ---- reading -------------------------------------------------------------------------------- */

static bl_code read_count(const char *file_name, const cJSON *json, const char *key, int64_t max,
                          int32_t *value, bl_error *error) {
  int64_t x = *value;
  bl_code code = bl_json_int(file_name, json, key, 1, max, &x, error);
  if (code) return code;
  if (x == 0)
    return bl_fail(error, BL_ERR_INPUT,
                   "%.128s: field '%s' is missing, expected a whole number from 1 to %lld",
                   file_name, key, (long long)max);
  *value = (int32_t)x;
  return BL_OK;
}

/* Sizes that the model of this family must state, and those that have a default. */
static bl_code read_sizes(const char *file_name, bl_architecture *a, bl_error *error) {
  const bl_family *f = a->family;
  const cJSON *json = a->json;
  bl_config *c = &a->config;
  bl_code code = read_count(file_name, json, f->dim, BL_MAX_DIM, &c->dim, error);
  if (!code) code = read_count(file_name, json, f->n_layers, BL_MAX_LAYERS, &c->n_layers, error);
  if (!code) code = read_count(file_name, json, f->n_heads, BL_MAX_HEADS, &c->n_heads, error);
  if (!code) code = read_count(file_name, json, "vocab_size", BL_MAX_VOCAB, &c->vocab_size, error);
  if (!code)
    code = read_count(file_name, json, f->max_context, BL_MAX_CONTEXT, &c->max_context, error);
  if (code) return code;
  c->ffn_dim = f->ffn_default * c->dim;
  c->n_kv_heads = c->n_heads;
  code = read_count(file_name, json, f->ffn_dim, BL_MAX_FFN, &c->ffn_dim, error);
  if (!code && f->n_kv_heads)
    code = read_count(file_name, json, f->n_kv_heads, BL_MAX_HEADS, &c->n_kv_heads, error);
  int64_t head_dim = 0;
  if (!code && f->n_kv_heads)
    code = bl_json_int(file_name, json, "head_dim", 1, BL_MAX_HEAD_DIM, &head_dim, error);
  if (code) return code;
  if (head_dim == 0 && c->dim % c->n_heads != 0)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field '%s' is %d, expected a multiple of %s (%d)",
                   file_name, f->dim, c->dim, f->n_heads, c->n_heads);
  c->head_dim = head_dim ? (int32_t)head_dim : c->dim / c->n_heads;
  const bl_shape_fields fields = {f->n_heads, f->n_kv_heads ? f->n_kv_heads : f->n_heads,
                                  "head_dim"};
  return bl_config_check_heads(file_name, c, &fields, error);
}

/* How many classes a head tells apart: as many as have labels. */
static bl_code read_labels(const char *file_name, bl_architecture *a, bl_error *error) {
  const cJSON *labels = bl_json_member(a->json, "id2label");
  int n = cJSON_IsObject(labels) ? cJSON_GetArraySize(labels) : 0;
  a->n_labels = n > 0 ? n : 2;
  return n > 0 ? BL_OK
               : read_count(file_name, a->json, "num_labels", BL_MAX_VOCAB, &a->n_labels, error);
}

/* "GPT2LMHeadModel or GPT2Model" */
static void list_models(const model_name *models, char *text, size_t text_size) {
  size_t n = 0;
  for (int i = 0; models[i].name && n < text_size; i++) {
    const char *separator = i == 0 ? "" : models[i + 1].name ? ", " : " or ";
    n += (size_t)snprintf(text + n, text_size - n, "%s%s", separator, models[i].name);
  }
}

/* Which of the family's models it is: the first name in "architectures" says. */
static bl_code read_head(const char *file_name, bl_architecture *a, bl_error *error) {
  const model_name *models = a->family->models;
  const cJSON *list = bl_json_member(a->json, "architectures");
  const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(list, 0));
  a->head = models[0].head;
  if (!list) return BL_OK;
  for (int i = 0; name && models[i].name; i++) {
    a->head = models[i].head;
    if (strcmp(models[i].name, name) == 0) return BL_OK;
  }
  char expected[256];
  list_models(models, expected, sizeof expected);
  return bl_fail(error, BL_ERR_UNSUPPORTED, "%.128s: field 'architectures' is '%.64s', expected %s",
                 file_name, name ? name : "", expected);
}

static bl_code read_family(const char *file_name, bl_architecture *a, bl_error *error) {
  snprintf(a->config.architecture, sizeof a->config.architecture, "%s", a->family->name);
  a->config.tied_output = a->family->is_tied;
  a->is_encoder = a->family->is_encoder;
  a->has_rope = a->family->has_rope;
  a->n_experts = 8;
  a->n_types = 2;
  for (int i = 0; i < 2; i++) {
    const char *field = i == 0 ? "quantization" : "quantization_config";
    const cJSON *settings = bl_json_member(a->json, field);
    bool is_empty = cJSON_IsObject(settings) && !settings->child;
    if (settings && !is_empty)
      return bl_fail(error, BL_ERR_UNSUPPORTED,
                     "%.128s: field '%s' is there, expected the config of a %s model that is not "
                     "quantized",
                     file_name, field, a->family->name);
  }
  bl_code code = read_sizes(file_name, a, error);
  if (!code) code = read_head(file_name, a, error);
  if (!code)
    code = bl_json_bool(file_name, a->json, "tie_word_embeddings", &a->config.tied_output, error);
  if (!code)
    code = read_count(file_name, a->json, "num_local_experts", MAX_EXPERTS, &a->n_experts, error);
  if (!code)
    code = read_count(file_name, a->json, "type_vocab_size", BL_MAX_VOCAB, &a->n_types, error);
  return code ? code : read_labels(file_name, a, error);
}

static const bl_family *find_family(const char *name) {
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    if (strcmp(families[i].name, name) == 0) return &families[i];
  return NULL;
}

static bl_code read_dtype(const char *file_name, bl_architecture *a, bl_error *error) {
  const char *name = "bfloat16";
  bl_code code = bl_json_string(file_name, a->json, "torch_dtype", &name, error);
  if (!code) code = bl_json_string(file_name, a->json, "dtype", &name, error);
  if (code || bl_dtype_parse(name, &a->dtype)) return code;
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "%.128s: field 'torch_dtype' is '%.64s', expected float32, float16 or bfloat16",
                 file_name, name);
}

bl_code bl_architecture_read(const char *file_name, const cJSON *json,
                             bl_architecture *architecture, bl_error *error) {
  static const char *const llamas[] = {"llama", "mistral", "qwen2", "qwen3"};
  bl_architecture a = {.json = json, .has_rope = true};
  const char *type = NULL;
  bool is_llama = false;
  if (!cJSON_IsObject(json))
    return bl_fail(error, BL_ERR_INPUT, "%.128s: the text is not a JSON object", file_name);
  bl_code code = bl_json_string(file_name, json, "model_type", &type, error);
  if (code) return code;
  if (!type)
    return bl_fail(error, BL_ERR_INPUT, "%.128s: field 'model_type' is missing", file_name);
  for (size_t i = 0; i < sizeof llamas / sizeof *llamas; i++)
    is_llama = is_llama || strcmp(llamas[i], type) == 0;
  a.family = find_family(type);
  if (!is_llama && !a.family)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%.128s: field 'model_type' is '%.64s', expected llama, mistral, mixtral, "
                   "qwen2, qwen3, gpt2, bert or distilbert",
                   file_name, type);
  code = is_llama ? bl_config_tensors_from_json(file_name, json, &a.config, error)
                  : read_family(file_name, &a, error);
  if (code == BL_OK && is_llama) code = bl_mlx_layers_make(file_name, json, &a.mlx_layers, error);
  if (!code) code = read_dtype(file_name, &a, error);
  if (!code) *architecture = a;
  if (code) bl_architecture_free(&a);
  return code;
}

void bl_architecture_free(bl_architecture *architecture) {
  bl_mlx_layers_free(&architecture->mlx_layers);
}

/* ---- Llama's block -------------------------------------------------------------------------- */

static bl_share_of_model share_of(bl_role role) {
  switch (role) {
    case BL_EMBED:
      return BL_IN_EMBEDDING;
    case BL_OUTPUT:
      return BL_IN_OUTPUT;
    case BL_Q:
    case BL_K:
    case BL_V:
    case BL_O:
    case BL_Q_BIAS:
    case BL_K_BIAS:
    case BL_V_BIAS:
    case BL_O_BIAS:
      return BL_IN_ATTENTION;
    case BL_GATE:
    case BL_UP:
    case BL_DOWN:
    case BL_GATE_BIAS:
    case BL_UP_BIAS:
    case BL_DOWN_BIAS:
      return BL_IN_FFN;
    default:
      return BL_IN_OTHER;
  }
}

/* The tensors of one layer, or with -1 those outside the layers from role `first` on. */
static bool each_role(const bl_config *config, int layer, bl_role first, bl_role end,
                      bl_shape_fn take, void *context) {
  for (int r = (int)first; r < (int)end; r++) {
    bl_role role = (bl_role)r;
    bl_shape shape = {.share = share_of(role),
                      .role = role,
                      .layer = layer,
                      .is_matrix = bl_role_quantizable(role)};
    if (!bl_role_shape(config, role, &shape.n_rows, &shape.n_cols)) continue;
    bl_role_name(role, layer, shape.name, sizeof shape.name);
    if (!take(context, &shape)) return false;
  }
  return true;
}

static bool each_of_llama(const bl_config *config, bl_shape_fn take, void *context) {
  if (!each_role(config, -1, BL_EMBED, BL_FINAL_NORM, take, context)) return false;
  for (int layer = 0; layer < config->n_layers; layer++)
    if (!each_role(config, layer, BL_ATTN_NORM, BL_N_ROLES, take, context)) return false;
  return each_role(config, -1, BL_FINAL_NORM, BL_ATTN_NORM, take, context);
}

/* ---- the other families --------------------------------------------------------------------- */

static int64_t size_of(const bl_architecture *a, size s) {
  const bl_config *c = &a->config;
  int64_t q = (int64_t)c->n_heads * c->head_dim, kv = (int64_t)c->n_kv_heads * c->head_dim;
  const int64_t sizes[N_SIZES] = {
      [ONE] = 1,
      [DIM] = c->dim,
      [Q_AND_KV] = q + 2 * kv,
      [Q] = q,
      [KV] = kv,
      [FFN] = c->ffn_dim,
      [VOCAB] = c->vocab_size,
      [CONTEXT] = c->max_context,
      [TYPES] = a->n_types,
      [EXPERTS] = a->n_experts,
      [LABELS] = a->n_labels,
  };
  return sizes[s];
}

static bool is_there(const bl_architecture *a, const entry *e) {
  unsigned models = e->when & MODELS;
  return (models == 0 || (models & a->head)) && !((e->when & UNTIED) && a->config.tied_output);
}

/* Writes the module's name; returns its length. */
static int print_name(const bl_architecture *a, const entry *e, int layer, int expert, char *name,
                      size_t name_size) {
  bool has_prefix = !(e->when & OUTSIDE) && a->head != BARE;
  size_t n = (size_t)snprintf(name, name_size, "%s", has_prefix ? a->family->prefix : "");
  for (const char *c = e->name; *c && n < name_size; c++) {
    if (*c == '#' || *c == '@')
      n += (size_t)snprintf(name + n, name_size - n, "%d", *c == '#' ? layer : expert);
    else
      n += (size_t)snprintf(name + n, name_size - n, "%c", *c);
  }
  return (int)n;
}

/* The tensors of one module. */
static bool each_of_module(const bl_architecture *a, const entry *e, int layer, int expert,
                           bl_shape_fn take, void *context) {
  bl_shape shape = {.share = e->share,
                    .role = BL_N_ROLES,
                    .layer = layer,
                    .is_matrix = e->module == MATRIX || e->module == LINEAR,
                    .n_rows = size_of(a, e->n_rows),
                    .n_cols = size_of(a, e->n_cols)};
  int n = print_name(a, e, layer, expert, shape.name, sizeof shape.name - sizeof ".weight");
  if (e->module != BIAS) {
    snprintf(shape.name + n, sizeof ".weight", ".weight");
    if (!take(context, &shape)) return false;
  }
  if (e->module == MATRIX || e->module == SCALE) return true;
  snprintf(shape.name + n, sizeof ".weight", ".bias");
  if (e->module == LINEAR) shape.n_cols = shape.n_rows;
  shape.n_rows = 1;
  shape.is_matrix = false;
  return take(context, &shape);
}

static bool each_of_entry(const bl_architecture *a, const entry *e, int layer, bl_shape_fn take,
                          void *context) {
  int n_experts = strchr(e->name, '@') ? a->n_experts : 1;
  if (!is_there(a, e)) return true;
  for (int expert = 0; expert < n_experts; expert++)
    if (!each_of_module(a, e, layer, expert, take, context)) return false;
  return true;
}

bool bl_architecture_each(const bl_architecture *architecture, bl_shape_fn take, void *context) {
  const bl_architecture *a = architecture;
  if (!a->family) return each_of_llama(&a->config, take, context);
  const entry *e = a->family->entries;
  for (; e->name && !strchr(e->name, '#'); e++)
    if (!each_of_entry(a, e, -1, take, context)) return false;
  const entry *first = e;
  for (int layer = 0; layer < a->config.n_layers; layer++)
    for (e = first; strchr(e->name, '#'); e++)
      if (!each_of_entry(a, e, layer, take, context)) return false;
  for (; e->name; e++)
    if (!each_of_entry(a, e, -1, take, context)) return false;
  return true;
}
