/* The shape of a transformer, from config.json or GGUF metadata, checked. */
#ifndef BL_MODEL_CONFIG_H
#define BL_MODEL_CONFIG_H

#include <cJSON.h>

#include "base/notes.h"
#include "family/family.h"
#include "format/index.h"
#include "model/texts.h"
#include "quant/codec.h"

typedef enum bl_rope_scaling {
  BL_ROPE_PLAIN,
  BL_ROPE_LINEAR,
  BL_ROPE_LLAMA3,
  BL_ROPE_YARN,
  BL_ROPE_LONG,    /* each frequency is divided by a factor of its own: bl_config_rope_factors */
  BL_ROPE_DYNAMIC, /* plain up to max_context, where sessions end */
} bl_rope_scaling;

/* transformers 5.23 only warns of a factor below 1, and llama.cpp does not mind it. */
#define BL_MIN_ROPE_FACTOR 1e-6

/* The settings of yarn beside factor and original context; a file need not name any. EXTRAPOLATION
 * is llama.cpp's, and not computed with. */
enum { BL_YARN_EXTRAPOLATION, BL_YARN_ATTENTION, BL_YARN_FAST, BL_YARN_SLOW, BL_N_YARN };

/* A library of torch's that quantized the matrices in the layers. torchao tells of each tensor what
 * it is. */
typedef enum bl_torch_method {
  BL_TORCH_NONE,
  BL_TORCH_NF4, /* bitsandbytes */
  BL_TORCH_NF4_DOUBLE,
  BL_TORCH_TORCHAO,
} bl_torch_method;

/* Above any size that is taken. */
#define BL_MAX_LAYERS 4096

/* Numbers that parts of a block are multiplied by, or held within; 0: they are not. */
typedef struct bl_scales {
  float embedding;
  float attention; /* scores; 0: 1 / sqrt(head_dim) */
  float residual;  /* what a block adds */
  float logits;
  float attention_cap, logits_cap; /* x becomes cap tanh(x / cap) */
} bl_scales;

typedef struct bl_config {
  const bl_family *family;
  char architecture[32]; /* the family's name */
  unsigned head;         /* which of the family's models it is */
  bl_block block;
  int32_t n_layers, dim, n_heads, n_kv_heads, head_dim, ffn_dim, vocab_size, max_context;
  int32_t n_experts, n_used_experts; /* in a layer, and of these those that a token goes through */
  bool normalizes_experts;           /* so that the shares of those used sum to 1 */
  int32_t dense_ffn_dim; /* of layers without experts, of which there are none; 0: ffn_dim */
  int32_t n_types, n_labels;
  double norm_eps, rope_theta;
  bl_rope_scaling rope_scaling;
  double rope_factor, rope_low_freq_factor, rope_high_freq_factor; /* LINEAR: factor; LLAMA3: all */
  double yarn[BL_N_YARN];        /* YARN: NAN where it is not named */
  int32_t rope_original_context; /* LLAMA3, YARN, LONG */
  int32_t rope_dim;              /* the first so many of a head are turned */
  double rope_attention;         /* YARN, LONG: cosines and sines are multiplied by it */
  bool tied_output;              /* the output matrix is the embedding */
  bool output_is_there;          /* though it is said to be the embedding, the files have one:
                                    loader_output.c finds out whether it is the same */
  bool was_tied; /* it was not: to a mixture the embedding is still that of a tied model */
  bool qkv_bias, o_bias, mlp_bias;
  bool qk_norm;          /* RMSNorm on each head's query and key (Qwen3) */
  bool interleaved_rope; /* the file's q and k rows are permuted for interleaved rotary embedding
                            (GGUF, llama); the loader undoes it, the model never sees it */
  /* MLX quantization found in the config; group 0: none. Single layers may have entries of their
   * own, see bl_mlx_layers. */
  int32_t mlx_group, mlx_bits;
  bl_torch_method torch_method;
  bl_dtype float_dtype; /* with a torch_method: of weights before they were quantized */
  /* Why the model can't be run, though it can be converted: a sentence; "" where it can. */
  char cannot_run[256];
  bool beyond_gguf;       /* for a reason that GGUF metadata has no words for */
  bl_documents documents; /* how texts to measure it on are divided */
  /* In the layers whose bit is set, attention of a token sees itself and the window - 1 before it;
   * 0: the whole context. */
  int32_t window;
  int32_t window_pattern; /* every so many layers one has none; 0: all have one */
  uint8_t windowed[BL_MAX_LAYERS / 8];
  uint8_t unturned[BL_MAX_LAYERS / 8]; /* layers without rotary positions */
  double local_theta; /* rope_theta of the layers that have a window; 0: the others' */
  double query_scale; /* query_pre_attn_scalar; 0: there is no such field */
  bl_scales scales;
} bl_config;

/* Where the config is of a model that looks at images too and has a language model of a family here
 * as a part, puts that part's config into its place, and notes that (kind "images-left-out";
 * `notes` may be NULL). Fails for want of memory only. */
bl_code bl_config_take_text(cJSON **json, bool *was_part, bl_notes *notes, bl_error *error);

bl_code bl_config_from_json(const char *file_name, const cJSON *json, bl_config *config,
                            bl_error *error);
/* The same for a conversion: what only matters to who runs the model is no error. It goes to
 * config->cannot_run, and as far as GGUF has words for it to the other fields. */
bl_code bl_config_to_convert(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error);
/* Only what decides which tensors there are, of what shapes and in which formats: also for a model
 * that bitloss can't run, because of its rotary scaling or its window of attention. */
bl_code bl_config_tensors_from_json(const char *file_name, const cJSON *json, bl_config *config,
                                    bl_error *error);
/* The factors (rope_dim / 2) of LONG, of a context longer than the original or not; BL_ERR_INPUT
 * where the config has no such list of positive numbers. */
bl_code bl_config_rope_factors(const char *file_name, const cJSON *json, const bl_config *config,
                               bool is_long, float *factors, bl_error *error);
/* Notes what bl_config_from_json passes over without an error: members of "rope_scaling",
 * "rope_parameters" and the config itself that contradict each other (kind "rope", the field), and
 * a "text_documents" that says nothing known (kind "text-documents"). */
bl_code bl_config_take_notes(const char *file_name, const cJSON *json, bl_notes *notes,
                             bl_error *error);
/* Has attention of this layer a window? */
static inline bool bl_config_windowed(const bl_config *config, int layer) {
  return config->windowed[layer / 8] >> layer % 8 & 1;
}
/* Gives it one. */
static inline void bl_config_set_windowed(bl_config *config, int layer) {
  config->windowed[layer / 8] |= (uint8_t)(1 << layer % 8);
}

/* The key, after the architecture's name, of one of yarn's settings in GGUF. */
const char *bl_yarn_gguf_key(int i);
/* What llama.cpp takes scores of a family with a query_scale to be divided by the root of. */
double bl_gguf_query_scale(const bl_config *config);
/* And of what norms add to their divisor. */
const char *bl_gguf_norm_key(const bl_config *config);
bl_code bl_config_from_gguf(const bl_index *index, bl_config *config, bl_error *error);

/* The general settings of an MLX config. The codec is NULL where there are none; param_dtype is
 * NONE, as the config does not tell. */
bl_code bl_config_mlx_general(const char *file_name, const cJSON *json, bl_format *format,
                              bl_error *error);

/* The entries of an MLX config, made to be looked up in. They borrow the JSON. */
typedef struct bl_mlx_layer {
  const cJSON *item;
  size_t place; /* among the others */
} bl_mlx_layer;

typedef struct bl_mlx_layers {
  char file_name[128];
  bl_format general;
  size_t n;
  bl_mlx_layer *list; /* (n) sorted by name */
} bl_mlx_layers;

bl_code bl_mlx_layers_make(const char *file_name, const cJSON *json, bl_mlx_layers *layers,
                           bl_error *error);
void bl_mlx_layers_free(bl_mlx_layers *layers);
/* The format of the module at `path` ("model.layers.0.mlp.down_proj"): its own entry if there is
 * one, else the general one. Its codec is NULL where the module is not quantized. */
bl_code bl_mlx_layers_find(const bl_mlx_layers *layers, const char *path, bl_format *format,
                           bl_error *error);

/* The method that a "quant_method" names, NF4 for either of bitsandbytes'; NONE for another. */
bl_torch_method bl_torch_method_find(const char *name);
/* Sets config->torch_method and float_dtype; refuses what bitsandbytes has beside NF4. */
bl_code bl_config_read_torch(const char *file_name, const cJSON *json, bl_config *config,
                             bl_error *error);

/* The config.json of an equivalent Hugging Face model, for a model read from GGUF. Free with
 * cJSON_Delete; fails for want of memory only. */
bl_code bl_config_to_json(const bl_config *config, const bl_tokenizer *tokenizer, cJSON **json,
                          bl_error *error);

/* Gives that config.json the names of classes, and a model read from GGUF sentence-transformers'
 * file where its vectors are not means of states. */
bl_code bl_config_gguf_labels(const bl_index *index, const bl_config *config, cJSON *json,
                              bl_error *error);
/* Is the key one that bl_tokenizer_to_gguf writes of WordPiece, and of no other? */
bool bl_gguf_key_of_words(const bl_index *index, const char *key);
bl_code bl_pooling_from_gguf(const bl_index *index, bl_texts *texts, bl_notes *notes,
                             bl_error *error);

/* GGUF keeps numbers such as 1e-5 in float32. The decimal number that was meant is the shortest
 * that rounds to it. */
double bl_plain_decimal(double x);

#endif
