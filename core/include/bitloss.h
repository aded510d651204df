/* bitloss: quantize a language model, measure what was lost, and let it speak.
 *
 * This is the public interface of the core, the only header that others include; it brings in
 * bitloss_measure.h and bitloss_train.h. Conventions, for every function in the three:
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BL_VERSION "0.1.0"

/* ---- errors ------------------------------------------------------------------------------- */

typedef enum bl_code {
  BL_OK = 0,
  BL_ERR_MEMORY,      /* an allocation failed */
  BL_ERR_INPUT,       /* a file or a text is malformed */
  BL_ERR_UNSUPPORTED, /* well formed, but not something bitloss can do */
  BL_ERR_ARGUMENT,    /* the caller asked for something impossible */
  BL_ERR_CANCELLED,   /* a callback asked to stop */
  BL_ERR_RECIPE,      /* a text is no recipe, or none for this model; begins "recipe" */
  BL_ERR_NOT_FINITE,  /* a weight, or what a model computed of them, is not a finite number */
} bl_code;

/* The sentence names the file, the field, what was found and what was expected. */
typedef struct bl_error {
  bl_code code;
  char message[512];
} bl_error;

/* A remark that stops nothing: what was done otherwise than the files or the caller say, or left
 * out. Loading and exporting gather them; whoever asked for the work shows every one. */
typedef struct bl_note {
  const char *kind;  /* which remark, as a name that stays: "nothing-quantized" */
  char subject[136]; /* the tensor, field or file that it is about, or "" */
  int64_t count;     /* how many of something; 0 where nothing is counted */
  char message[512]; /* the sentence, in English */
} bl_note;

/* ---- small things that front ends share ------------------------------------------------------ */

/* splitmix64 (Steele, Lea and Flood, 2014): moves `state`, which may begin as any seed, and returns
 * 64 random bits, the same on every target. */
uint64_t bl_random(uint64_t *state);

/* Letters to insert, leave out, replace or swap with a neighbour to make one name of the other
 * (optimal string alignment). Names longer than 48 bytes are as far apart as that. */
int bl_name_distance(const char *a, size_t a_size, const char *b, size_t b_size);

/* Where one document of a text ends and the next begins. */
typedef enum bl_documents {
  BL_DOCUMENTS_WHOLE, /* nowhere: the text is one */
  BL_DOCUMENTS_LINES, /* each line is one */
  BL_DOCUMENTS_BLANK, /* a blank line is between two */
} bl_documents;

/* ---- threads ------------------------------------------------------------------------------ */

/* A fixed set of worker threads. Every function that takes a pool accepts NULL: the work is then
 * done on the calling thread, which is also what builds without threads do. */
typedef struct bl_pool bl_pool;
bl_pool *bl_pool_new(int n_threads); /* NULL when threads are not available */
void bl_pool_free(bl_pool *pool);
int bl_pool_threads(const bl_pool *pool); /* 1 for NULL */

/* ---- number formats and recipes ----------------------------------------------------------- */

/* A float type in which unquantized tensors, scales and biases are stored. */
typedef enum bl_dtype { BL_DTYPE_NONE = 0, BL_F32, BL_F16, BL_BF16 } bl_dtype;
const char *bl_dtype_name(bl_dtype dtype);              /* "f32", "f16", "bf16", "none" */
bool bl_dtype_parse(const char *name, bl_dtype *dtype); /* also "float32", "float16", "bfloat16" */

/* Are activations kept in floats (the default), or rounded to int8 while the model runs? */
typedef enum bl_activations { BL_ACTIVATIONS_FLOAT, BL_ACTIVATIONS_INT8 } bl_activations;

/* An exception from a recipe: what happens to the tensors whose name a pattern matches. */
typedef struct bl_recipe_rule {
  char pattern[48];
  const struct bl_codec *codec; /* NULL: they stay as they are */
  int bits, group;
} bl_recipe_rule;

#define BL_RECIPE_RULES 64

/* What to do to a model's weights. One grammar for the terminal, the page's URL and the element's
 * attributes; upper and lower case are the same:
 *
 *   recipe  = base [ "@int8" | "@float" ] { "/" PATTERN "=" format }
 *   base    = "reference" | MIXTURE [ ":" GROUP ] | format
 *   format  = NAME [ ":" BITS ] [ ":" GROUP ]         those settings that the format has
 *
 * "affine:4:64" stores every matrix so; "reference" leaves all as they are; a mixture such as
 * "mixed_3_6" or "q4_k_m" gives each matrix a format by its place in the model. A PATTERN of
 * letters, digits, '_', '-', '.' and '*' matches a tensor when it is one or more whole components
 * of its Hugging Face name without ".weight": "v_proj" and "layers.0" match
 * model.layers.0.self_attn.v_proj; "layers.0" does not match layer 10; '*' stands for any text.
 * The last of several rules that match holds, and "PATTERN=reference" leaves a tensor alone. A
 * recipe is a value: copy it freely. */
typedef struct bl_recipe {
  const struct bl_codec *codec;     /* NULL for "reference" and for a mixture */
  const struct bl_mixture *mixture; /* NULL for a single format */
  int bits;                         /* bits per code; 0 where there is no choice */
  int group;                        /* weights that share a scale; 0 where there is no choice */
  bl_activations activations;
  int n_rules;
  bl_recipe_rule rules[BL_RECIPE_RULES];
} bl_recipe;

/* Bytes that hold the text of any recipe, with its NUL. */
#define BL_RECIPE_TEXT 5120

bl_code bl_recipe_parse(const char *text, bl_recipe *recipe, bl_error *error);
/* Writes the canonical text of the recipe, NUL-terminated; returns its length. */
size_t bl_recipe_print(const bl_recipe *recipe, char *text, size_t text_size);
/* Does it leave every tensor of every model as it is? */
bool bl_recipe_is_reference(const bl_recipe *recipe);
/* Exact bits per weight of a tensor that the recipe applies to, scales and biases counted, when
 * scales are stored in `param_dtype`. 4-bit codes in groups of 64 with 16-bit scales: 4.5.
 * 0 where it depends on the model: for "reference", a mixture, and a recipe with rules. */
double bl_recipe_bits_per_weight(const bl_recipe *recipe, bl_dtype param_dtype);

/* What mixtures go by, besides a matrix's name; 0 where it is not known. */
typedef struct bl_outline {
  int64_t n_layers, n_heads, n_kv_heads;
  bool tied_output;
} bl_outline;

/* Exact bytes of a matrix (n_rows, n_cols) under the recipe when scales are stored in param_dtype,
 * and 0 where the recipe leaves it as it is. The name is that of its container, Hugging Face's or
 * GGUF's. */
uint64_t bl_recipe_bytes(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                         int64_t n_rows, int64_t n_cols, bl_dtype param_dtype);

/* Has the recipe a format for that matrix, whose groups do not divide its rows? */
bool bl_recipe_misfits_name(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                            int64_t n_rows, int64_t n_cols);

/* The names that a recipe may begin with, "reference" apart, for menus and help: formats, then
 * mixtures. */
typedef struct bl_recipe_kind {
  const char *name;
  const char *family;              /* "float", "mlx", "ggml", "torch", "bitsandbytes" or "plain" */
  int bits[8], groups[8];          /* the settings that may follow, n_bits and n_groups of them */
  int n_bits, n_groups;            /* 0: there is no such setting */
  int default_bits, default_group; /* 0 where there is no such setting */
  double bits_per_weight;          /* by default, with 16-bit scales; 0 for a mixture */
  bool is_mixture;
  bool int8_activations; /* "@int8" is possible */
} bl_recipe_kind;

int bl_recipe_kind_count(void);
void bl_recipe_kind_get(int i, bl_recipe_kind *kind); /* 0 <= i < count */

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

typedef struct bl_load_options {
  bl_recipe recipe; /* zero: reference */
  bl_dtype cast;    /* cast every float tensor to this first, as mlx_lm --dtype; NONE: keep */
  bool measure;     /* compare each converted tensor with its original */
  bl_not_finite not_finite;
  bl_pool *pool;    /* borrowed until bl_loader_finish returns */
  const char *name; /* what the model is called where its files do not say, or NULL; borrowed too */
} bl_load_options;

bl_loader *bl_loader_new(const bl_load_options *options, bl_error *error);
void bl_loader_free(bl_loader *loader);

/* The names of the text files that a loader has a use for, in a list that ends with NULL; further
 * chat templates are additional_chat_templates/NAME.jinja. */
const char *const *bl_loader_text_names(void);
/* Adds one of them; others are ignored. The text is copied. All but config.json and the files of
 * the tokenizer and the shards travel with the model: what it is exported as has them, or says what
 * they say. Those that a GGUF file is given beside it are ignored too: it carries its own. */
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

/* The error of converted weights w' against the originals w. */
typedef struct bl_weight_error {
  int64_t n;      /* weights compared; 0 when not measured or left alone */
  double rmse;    /* sqrt(mean (w' - w)^2) */
  double snr_db;  /* 10 log10(sum w^2 / sum (w' - w)^2); INFINITY when there is no error */
  double max_abs; /* max |w' - w| */
  double cosine;  /* sum w w' / sqrt(sum w^2 * sum w'^2); 1 when both are all zero, 0 when
                     one is */
} bl_weight_error;

typedef struct bl_tensor_info {
  const char *name;       /* Hugging Face's name, whatever the container */
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

/* ---- text --------------------------------------------------------------------------------- */

typedef struct bl_tokenizer bl_tokenizer;
/* The model's tokenizer; NULL when its files had none. */
const bl_tokenizer *bl_model_tokenizer(const bl_model *model);

/* Do the model's files have a template for chats, which a prompt is meant to be written in? */
bool bl_model_has_chat_template(const bl_model *model);

/* One of its own, from the text of tokenizer.json; `config` (tokenizer_config.json) and
 * `generation` (generation_config.json) may be NULL: they name the end-of-text tokens. Copies what
 * it needs. */
bl_code bl_tokenizer_from_json(const char *text, size_t text_size, const char *config,
                               size_t config_size, const char *generation, size_t generation_size,
                               bl_tokenizer **tokenizer, bl_error *error);
/* The older files of a byte-level BPE tokenizer; those after the first two may be missing (NULL).
 */
typedef struct bl_vocab_file {
  const char *bytes;
  size_t size;
} bl_vocab_file;
typedef struct bl_vocab_files {
  bl_vocab_file vocab, merges;      /* vocab.json, merges.txt */
  bl_vocab_file config, added, map; /* tokenizer_config.json, added_tokens.json,
                                       special_tokens_map.json */
  const char *model_type;           /* of config.json; may be NULL */
} bl_vocab_files;
/* The text of an equivalent tokenizer.json, allocated with malloc. BL_ERR_UNSUPPORTED where the
 * tokenizer is another than GPT2Tokenizer and Qwen2Tokenizer. */
bl_code bl_tokenizer_json_from_vocab(const bl_vocab_files *files, char **text, size_t *text_size,
                                     bl_error *error);
void bl_tokenizer_free(bl_tokenizer *tokenizer); /* one made so, not a model's */

/* Encodes text. Special tokens written in the text ("<|im_end|>") are recognised; those that the
 * tokenizer puts around every text (such as BOS) are added when add_special is true. Writes at most
 * `capacity` ids; *n_ids is the number the text needs, which may be larger. */
bl_code bl_tokenizer_encode(const bl_tokenizer *tokenizer, const char *text, size_t text_size,
                            bool add_special, int32_t *ids, size_t capacity, size_t *n_ids,
                            bl_error *error);
/* Encodes a prompt: as bl_tokenizer_encode does with add_special, but adds nothing to one that
 * begins with the text of the token that begins texts (BOS), such as a chat template written out
 * (mlx_lm 0.32, generate.py). */
bl_code bl_tokenizer_encode_prompt(const bl_tokenizer *tokenizer, const char *text,
                                   size_t text_size, int32_t *ids, size_t capacity, size_t *n_ids,
                                   bl_error *error);
int bl_tokenizer_size(const bl_tokenizer *tokenizer);
/* The bytes that one id stands for; special tokens give "" unless keep_special. They may be a part
 * of a UTF-8 sequence: use a bl_decoder to stream. */
bl_code bl_tokenizer_bytes(const bl_tokenizer *tokenizer, int32_t id, bool keep_special,
                           const char **bytes, size_t *n_bytes, bl_error *error);
bool bl_tokenizer_is_end(const bl_tokenizer *tokenizer, int32_t id); /* an end-of-text token */

/* Turns ids into text as they come. Never gives out a broken UTF-8 sequence: an unfinished one is
 * held back until it is complete; bytes that can't become valid give U+FFFD. */
typedef struct bl_decoder bl_decoder;
bl_decoder *bl_decoder_new(const bl_tokenizer *tokenizer, bool keep_special, bl_error *error);
void bl_decoder_free(bl_decoder *decoder);
/* The text that this id completes (may be empty); valid until the next call. */
bl_code bl_decoder_push(bl_decoder *decoder, int32_t id, const char **text, size_t *text_size,
                        bl_error *error);
/* What is left at the end: U+FFFD for an unfinished sequence, else empty. */
void bl_decoder_flush(bl_decoder *decoder, const char **text, size_t *text_size);

/* ---- running a model ---------------------------------------------------------------------- */

/* A session is one conversation with a model: its key-value cache and its work space. */
typedef struct bl_session bl_session;

/* Seconds on a clock that never goes back. The core has none of its own. */
typedef double (*bl_clock_fn)(void);

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

/* Positions of a session's cache that are taken unless others are asked for: memory for more is
 * rarely wanted unasked. */
#define BL_SESSION_CONTEXT 4096

typedef struct bl_session_options {
  int n_context;       /* positions in the cache; 0: the model's own limit, at most
                          BL_SESSION_CONTEXT */
  int n_batch;         /* tokens of a prompt that go through together; 0: 64 */
  const char *kernels; /* "scalar", or NULL for the best this machine runs */
  bl_pool *pool;       /* borrowed for the session's life */
  bl_clock_fn clock;   /* times the kinds of work, for bl_session_get_times; NULL: not */
} bl_session_options;

bl_session *bl_session_new(const bl_model *model, const bl_session_options *options,
                           bl_error *error);
void bl_session_free(bl_session *session);
const char *bl_session_kernels(const bl_session *session); /* the name of the kernels in use */
int bl_session_position(const bl_session *session);        /* tokens in the cache */
int bl_session_context(const bl_session *session);         /* positions in the cache */
uint64_t bl_session_memory(const bl_session *session);     /* bytes: cache and work space */
/* Seconds spent in each kind of work since the session was made; all 0 without a clock. */
void bl_session_get_times(const bl_session *session, double seconds[BL_N_WORK]);
/* Forgets all positions from `position` on. */
bl_code bl_session_truncate(bl_session *session, int position, bl_error *error);

/* Receives logits (vocab_size) for the token at `position`; false stops with BL_ERR_CANCELLED. */
typedef bool (*bl_logits_fn)(void *context, int position, const float *logits);

/* Runs tokens through the model, after those already in the cache, in batches of n_batch. With
 * on_logits NULL only the last token's logits are computed and kept for bl_session_logits. After an
 * error the session is at the position where it was before. */
bl_code bl_session_eval(bl_session *session, const int32_t *ids, size_t n_ids,
                        bl_logits_fn on_logits, void *context, bl_error *error);
/* (vocab_size), after the last token; NULL when there are none: nothing was run since the session
 * was made or truncated, or it was stopped halfway. */
const float *bl_session_logits(const bl_session *session);

/* How the next token is chosen. Filters apply in this order: top_k, top_p, min_p, then temperature
 * and a seeded draw. temperature 0 is greedy: the most likely token, the lowest id on a tie. */
typedef struct bl_sampling {
  float temperature; /* 0: greedy */
  int top_k;         /* 0: off */
  float top_p;       /* 0 or 1: off */
  float min_p;       /* 0: off; else keep p >= min_p * p_max */
  uint64_t seed;
} bl_sampling;

/* One prompt being continued, a step at a time, so that the caller can show progress and stop at
 * any moment. Borrows the session and the model's tokenizer. */
typedef struct bl_generation bl_generation;

typedef enum bl_step_kind {
  BL_STEP_PROMPT, /* a batch of the prompt went through */
  BL_STEP_TOKEN,  /* one new token */
  BL_STEP_DONE,   /* ended; text holds what the decoder still held */
} bl_step_kind;

typedef enum bl_stop_reason {
  BL_STOP_NONE,
  BL_STOP_END,     /* the model wrote an end-of-text token */
  BL_STOP_LENGTH,  /* max_tokens were written */
  BL_STOP_CONTEXT, /* the cache is full */
} bl_stop_reason;

typedef struct bl_step {
  bl_step_kind kind;
  int n_done, n_total; /* prompt tokens so far and in all; for a token, how many were written */
  int32_t id;          /* the token, for BL_STEP_TOKEN */
  float probability;   /* of that token under the model, before any filter */
  const char *text;    /* whole UTF-8 characters that became complete; valid until next step */
  size_t text_size;
  bl_stop_reason stop; /* for BL_STEP_DONE */
} bl_step;

/* Starts at the session's position 0: earlier content is forgotten. */
bl_generation *bl_generation_new(bl_session *session, const char *prompt, size_t prompt_size,
                                 const bl_sampling *sampling, int max_tokens, bl_error *error);
/* The same for a prompt that bl_tokenizer_encode_prompt has made ids of; they are copied. */
bl_generation *bl_generation_from_ids(bl_session *session, const int32_t *ids, size_t n_ids,
                                      const bl_sampling *sampling, int max_tokens, bl_error *error);
void bl_generation_free(bl_generation *generation);
bl_code bl_generation_step(bl_generation *generation, bl_step *step, bl_error *error);

/* ---- looking into a file without loading it ------------------------------------------------- */

/* The header of a safetensors or GGUF file. */
typedef struct bl_index bl_index;

/* Parses the header at the start of `bytes`. When more bytes are needed it returns BL_OK with
 * *index NULL and *n_needed set to a number of bytes that will suffice or bring it closer. */
bl_code bl_index_parse(const char *file_name, const void *bytes, size_t n_bytes, uint64_t file_size,
                       bl_index **index, uint64_t *n_needed, bl_error *error);
void bl_index_free(bl_index *index);
const char *bl_index_container(const bl_index *index); /* "safetensors" or "gguf" */
int bl_index_n_tensors(const bl_index *index);

typedef struct bl_index_tensor {
  const char *name; /* as in the file */
  const char *type; /* "F32", "BF16", "U32", "Q4_1", … as the container calls it */
  int n_dims;
  const int64_t *dims; /* outermost first, for both containers */
  uint64_t offset;     /* from the start of the file */
  uint64_t size_bytes;
} bl_index_tensor;
void bl_index_get_tensor(const bl_index *index, int i, bl_index_tensor *tensor);

/* Reads a tensor, whose bytes these are, and counts its numbers that are not finite: *n is -1 for a
 * type that stands for no floats by itself. *first is the index of one of them, in the tensor as it
 * lies. */
bl_code bl_index_count_not_finite(const bl_index *index, int i, const void *bytes, bl_pool *pool,
                                  int64_t *n, int64_t *first, bl_error *error);

/* Metadata as text: key and a short printed value; arrays as their type and length. */
int bl_index_n_metadata(const bl_index *index);
void bl_index_get_metadata(const bl_index *index, int i, const char **key, const char **value);

/* The tokenizer of a GGUF file's metadata (tokenizer.ggml.*), to be freed; NULL when it has none.
 */
bl_code bl_tokenizer_from_gguf(const bl_index *index, bl_tokenizer **tokenizer, bl_error *error);

/* ---- writing a model ------------------------------------------------------------------------ */

/* An export lists the files that hold a model and streams each of them. Borrows the model. */
typedef struct bl_export bl_export;

/* As an MLX directory: the bytes are those that mlx_lm.convert writes for the same model and
 * settings. */
bl_export *bl_export_mlx_new(const bl_model *model, bl_error *error);

/* What mlx_lm's options leave in config.json beside a mixture (its --quant-predicate), though they
 * change no weight. */
typedef struct bl_mlx_options {
  int general_bits;   /* --q-bits; 0: its default, 4 */
  bool group_unnamed; /* no --q-group-size: the layers' group sizes are written as null */
} bl_mlx_options;
bl_export *bl_export_mlx_with(const bl_model *model, const bl_mlx_options *options,
                              bl_error *error);

/* As a directory that transformers loads: floats, or nf4 and nf4_double as bitsandbytes stores
 * them, or int8 and int4 as torchao does, for the matrices in the layers. The embedding and the
 * output matrix have no such form: they are written as floats, with the values that they have
 * after the recipe. Any other format is refused. */
bl_export *bl_export_torch_new(const bl_model *model, bl_error *error);

/* As one file, model.gguf, that llama.cpp loads: metadata and tensors as its convert_hf_to_gguf.py
 * writes them, with the tokenizer inside. Tensors keep their type, but for vectors, which become
 * F32; one whose format GGUF has no type for is refused, and so is a tokenizer that llama.cpp
 * would not do the same with. */
bl_export *bl_export_gguf_new(const bl_model *model, bl_error *error);
void bl_export_free(bl_export *ex);
int bl_export_n_files(const bl_export *ex);
const char *bl_export_file_name(const bl_export *ex, int file);
uint64_t bl_export_file_size(const bl_export *ex, int file);
/* What of the model the container does not hold, or holds otherwise. */
int bl_export_n_notes(const bl_export *ex);
const bl_note *bl_export_note(const bl_export *ex, int i); /* 0 <= i < n */
/* Receives the file's bytes in order; false stops with BL_ERR_CANCELLED. */
typedef bool (*bl_write_fn)(void *context, const void *bytes, size_t n_bytes);
bl_code bl_export_write(const bl_export *ex, int file, bl_write_fn write, void *context,
                        bl_error *error);

#ifdef __cplusplus
}
#endif

#include "bitloss_measure.h"
#include "bitloss_train.h"

#endif
