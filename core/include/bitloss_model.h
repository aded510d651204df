/* bitloss: reading a model, and what can be asked of one. Part of bitloss.h. */
#ifndef BITLOSS_MODEL_H
#define BITLOSS_MODEL_H

#include "bitloss_base.h"
#include "bitloss_recipe.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading a model ---------------------------------------------------------------------- */

/* A loader takes the files of one model, in any chunking, and makes a bl_model of them. Each
 * tensor is converted row by row as its bytes arrive, so that the originals are never resident:
 *
 *   loader = bl_loader_new(&options)
 *   bl_loader_add_text(loader, "config.json", …)         a GGUF file carries both of these itself
 *   bl_loader_add_text(loader, "tokenizer.json", …)
 *   for each weight file:
 *     bl_loader_begin_file(loader, "model.safetensors", size)
 *     bl_loader_push(loader, bytes, n)  …
 *     bl_loader_end_file(loader)                         the parts of a split file likewise
 *   bl_loader_finish(loader, &model)
 *
 * After an error the loader can only be freed. */
typedef struct bl_loader bl_loader;
typedef struct bl_model bl_model;

/* May weights be NaN or infinite? Every tensor is looked at, vectors too; one that the recipe or
 * the cast changes before and after: what its format can't hold (f16 ends at 65504, and so do most
 * scales) is as bad as what is not finite to begin with. Where they may not, the first such tensor
 * is refused by its name, how many and where, with BL_ERR_NOT_FINITE; where they may, each leaves a
 * note of the kind "not-finite" or "lost-weights". Weights that become 0, or are off by half or
 * more, as their whole group is too small for the format, stop nothing: one note of the kind
 * "vanished-weights" counts them. */
typedef enum bl_not_finite {
  BL_NOT_FINITE_AS_STORED, /* only in a model that neither a recipe nor a cast changes */
  BL_NOT_FINITE_NEVER,
  BL_NOT_FINITE_ANYWHERE,
} bl_not_finite;

/* What was seen of the vectors that a model's matrices are multiplied with, for methods that need
 * it: bitloss_measure.h makes it. */
typedef struct bl_statistics bl_statistics;

typedef struct bl_load_options {
  bl_recipe recipe; /* zero: reference */
  bl_dtype cast;    /* cast every float tensor to this first, as mlx_lm --dtype; NONE: keep */
  bool measure;     /* compare each converted tensor with its original */
  bl_not_finite not_finite;
  bl_pool *pool;    /* borrowed until bl_loader_finish returns */
  const char *name; /* what the model is called where its files do not say, or NULL; borrowed too */
  const bl_statistics *statistics; /* of the same model, for the recipe's methods; NULL: there are
                                      none; borrowed too */
  bool learns;             /* bl_learn follows: else a recipe with methods that learn is refused */
  const char *calibration; /* what they were gathered on, for whoever is told how the codes were
                              chosen: "65,536 tokens of stories.txt"; NULL: nothing is told */
  const uint8_t *codes;    /* for bl_model_variant alone: what bl_variant_write wrote, which the
                              variant's codes are copied from; NULL: they are made. n_codes bytes */
  size_t n_codes;
} bl_load_options;

bl_loader *bl_loader_new(const bl_load_options *options, bl_error *error);
void bl_loader_free(bl_loader *loader);

/* The names of the text files that a loader has a use for, in a list that ends with NULL; further
 * chat templates are additional_chat_templates/NAME.jinja. */
const char *const *bl_loader_text_names(void);
/* Adds one of them, before the first weight file begins; others are ignored. The text is copied,
 * and read with that file's header, so that what is wrong with it is told before its weights come.
 * All but config.json and the files of the tokenizer and the shards travel with the model: what it
 * is exported as has them, or says what they say. Those that a GGUF file is given beside it are
 * ignored too: it carries its own. */
bl_code bl_loader_add_text(bl_loader *loader, const char *file_name, const char *text,
                           size_t text_size, bl_error *error);

/* Shows the loader the header of a weight file before the first file begins. Where a model has
 * several files it then knows of all their tensors from the start; GGUF's parts may come in any
 * order only so. `bytes` is the file's beginning; where more of it is needed *n_needed is not 0 but
 * a number of bytes that will suffice or bring it closer, and nothing has been taken. */
bl_code bl_loader_show_header(bl_loader *loader, const char *file_name, const void *bytes,
                              size_t n_bytes, uint64_t file_size, uint64_t *n_needed,
                              bl_error *error);
/* Would the files whose headers were shown load, as far as headers tell? The error is the one that
 * loading them would end with. The loader can then only be freed. */
bl_code bl_loader_check(bl_loader *loader, bl_error *error);
/* After that: the bytes of all weights of the model that it would be, under the recipe. */
uint64_t bl_loader_planned_bytes(const bl_loader *loader);
/* Checks the same, and tells what the model would be: *outline is the loader's, and has no weights.
 * bl_model_get_info, its notes, bl_model_cannot_run and bl_budget_of_model may be asked of it. An
 * output matrix that may turn out to be the embedding once more is counted. */
bl_code bl_loader_outline(bl_loader *loader, const bl_model **outline, bl_error *error);

/* Announces a weight file; whether it is safetensors or GGUF is read off its first bytes. */
bl_code bl_loader_begin_file(bl_loader *loader, const char *file_name, uint64_t file_size,
                             bl_error *error);
bl_code bl_loader_push(bl_loader *loader, const void *bytes, size_t n_bytes, bl_error *error);
bl_code bl_loader_end_file(bl_loader *loader, bl_error *error);

/* Adds a whole weight file that is in memory or mapped. Tensors that need no conversion are used in
 * place, so the bytes must outlive the model. */
bl_code bl_loader_add_file(bl_loader *loader, const char *file_name, const void *bytes,
                           uint64_t file_size, bl_error *error);

/* Checks that the model is complete and consistent, and hands it over; the loader is left empty. */
bl_code bl_loader_finish(bl_loader *loader, bl_model **model, bl_error *error);

/* A variant of a model that is loaded: what a loader given the same options and the model's files
 * would make, when the model itself was loaded as it was stored and without a cast. Tensors that
 * the recipe leaves alone, and the tokenizer, are shared: `reference` must outlive the variant.
 * on_progress, unless NULL, is told how many of the model's weights are done; false stops with
 * BL_ERR_CANCELLED. */
typedef bool (*bl_progress_fn)(void *context, int64_t n_done, int64_t n_total);
bl_code bl_model_variant(const bl_model *reference, const bl_load_options *options,
                         bl_progress_fn on_progress, void *context, bl_model **variant,
                         bl_error *error);

/* The codes that a variant has of its own, as bytes: of the same reference and recipe, with or
 * without its methods, they make the same variant once more, in a moment and without what the
 * methods went by. */
uint64_t bl_variant_bytes(const bl_model *variant);
void bl_variant_write(const bl_model *variant, uint8_t *bytes); /* (bl_variant_bytes) */

/* How far the loader is: bytes taken so far, all files together, and the tensor it is in ("" when
 * between tensors). */
uint64_t bl_loader_bytes_done(const bl_loader *loader);
const char *bl_loader_tensor_name(const bl_loader *loader);

/* ---- a model ------------------------------------------------------------------------------ */

void bl_model_free(bl_model *model);

/* What is to be said of how the model was read, or of what a variant's recipe did. */
int bl_model_n_notes(const bl_model *model);
const bl_note *bl_model_note(const bl_model *model, int i); /* 0 <= i < n */

typedef struct bl_model_info {
  const char *architecture; /* "llama" */
  const char *name;         /* from the file, or "" */
  const char *container;    /* "safetensors", "mlx" or "gguf" */
  const char *stored_as;    /* the format that most weights were read from: "bf16", "q4_1", … */
  bool already_quantized;   /* most weights were read from fewer than 16 bits */
  char recipe[BL_RECIPE_TEXT];
  int n_layers, dim, n_heads, n_kv_heads, head_dim, ffn_dim, vocab_size, max_context;
  bool tied_output; /* the output matrix is the embedding */
  bool is_encoder;  /* it reads whole texts and continues none */
  bool has_tokenizer;
  bl_documents documents; /* how the texts that it is measured on are divided: what its config.json
                             says as "text_documents", else WHOLE */
  int64_t n_params;       /* weights, each counted once */
  uint64_t source_bytes;  /* tensor bytes as read */
  uint64_t size_bytes;    /* tensor bytes under the recipe, scales and biases counted */
  double bits_per_weight; /* 8 * size_bytes / n_params */
  int n_tensors;
} bl_model_info;
void bl_model_get_info(const bl_model *model, bl_model_info *info);

/* Why a model can't be run, though it can be converted: a sentence; "" where it can. */
const char *bl_model_cannot_run(const bl_model *model);

/* The error of converted weights w' against the originals w. */
typedef struct bl_weight_error {
  int64_t n;      /* weights compared; 0 when not measured or left alone */
  double rmse;    /* sqrt(mean (w' - w)^2) */
  double snr_db;  /* 10 log10(sum w^2 / sum (w' - w)^2); INFINITY when there is no error */
  double max_abs; /* max |w' - w| */
  double cosine;  /* sum w w' / sqrt(sum w^2 * sum w'^2); 1 when both are all zero, 0 when
                     one is */
} bl_weight_error;

/* What a session's time goes into. */
typedef enum bl_work {
  BL_WORK_EMBEDDING,   /* looking tokens up */
  BL_WORK_PROJECTIONS, /* the matrices of attention: q, k, v, o */
  BL_WORK_ATTENTION,   /* queries over keys and values; grows with the context */
  BL_WORK_FFN,         /* gate, up, down, and what lies between them */
  BL_WORK_OUTPUT,      /* the output matrix: logits */
  BL_WORK_OTHER,       /* norms, rotary positions, residual sums */
  BL_N_WORK,
} bl_work;
const char *bl_work_name(bl_work work); /* "embedding", "projections", … */

typedef struct bl_tensor_info {
  const char *name;       /* Hugging Face's name, whatever the container */
  char kind[24];          /* of a matrix: "q_proj", "mlp.c_proj", "embed_tokens"; "" of a vector */
  int layer;              /* -1 outside the layers */
  bl_work work;           /* the kind of work that reads it */
  char format[32];        /* "affine:4:64", "q4_1", "bf16", … */
  char source_format[32]; /* as it was read */
  int64_t n_rows, n_cols; /* a vector is one row */
  uint64_t size_bytes, source_bytes;
  bool converted; /* the recipe changed it */
  bl_weight_error error;
} bl_tensor_info;
bl_code bl_model_get_tensor(const bl_model *model, int index, bl_tensor_info *info,
                            bl_error *error);

/* Over all tensors that the recipe changed. */
void bl_model_get_error(const bl_model *model, bl_weight_error *error);

/* Decodes rows [first_row, first_row + n_rows) of a tensor into values (n_rows, n_cols). */
bl_code bl_model_decode_rows(const bl_model *model, int tensor, int64_t first_row, int64_t n_rows,
                             float *values, bl_error *error);

#ifdef __cplusplus
}
#endif

#endif
