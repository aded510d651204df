/* What the headers of a model's files tell without reading its weights. */
#ifndef BL_CLI_SUMMARY_H
#define BL_CLI_SUMMARY_H

#include "dictionary.h"
#include "files.h"

typedef struct cli_tensor {
  bl_index_tensor entry;
  bool is_part;         /* scales or biases of another tensor: counted there */
  bool is_codes;        /* it has such parts */
  bool is_left_out;     /* no model has it: counted nowhere */
  char *own_name;       /* what entry.name points to where the file has another; else NULL */
  int64_t own_dims[2];  /* the same for entry.dims */
  const char *file;     /* the name of the file it is in */
  char format[32];      /* "bf16", "q4_1", "affine:4:64" */
  int64_t n_params;     /* 0 for a part of another */
  uint64_t size_bytes;  /* with its scales and biases */
  bl_dtype param_dtype; /* in which a recipe would store its scales; NONE: not a matrix */
} cli_tensor;

typedef struct cli_summary {
  char architecture[64], name[128], container[16], stored_as[32];
  int64_t n_layers, dim, n_heads, n_kv_heads, ffn_dim, vocab_size, max_context; /* 0: unknown */
  int tied_output;                                                              /* -1: unknown */
  bool was_tied; /* config.json says that it is, but the files have an output matrix of its own */
  int64_t n_experts; /* of a layer */
  bool is_encoder;
  bool was_part; /* of a model that looks at images too, which is left out */
  bool has_tokenizer;
  char tokenizer_problem[512]; /* why it can't be read; "" when it can, or was not looked at */
  int64_t n_params;
  uint64_t size_bytes;
  double bits_per_weight;
  int n_tensors;
  cli_tensor *tensors; /* in the order of the files */
  int n_indexes;
  bl_index **indexes;
  bl_dtype cast; /* what convert casts to when it is not told */
} cli_summary;

/* summary_torch.c: joins what bitsandbytes or torchao stored of a matrix, as config.json says. */
void cli_join_torch(cli_summary *summary, const cli_source *source, const cJSON *config);

/* The tensors by name, to be searched; to be freed. */
cli_tensor **cli_sort_tensors(cli_summary *summary);

bool cli_summarize(cli_source *source, cli_summary *summary);
/* Reads the tokenizer, as loading the model would. What is wrong with it becomes summary's
 * tokenizer_problem. */
void cli_check_tokenizer(const cli_source *source, cli_summary *summary);
void cli_summary_free(cli_summary *summary);

typedef struct cli_cost {
  uint64_t size_bytes; /* of all tensors */
  double bits_per_weight;
  int64_t n_converted; /* weights that the recipe applies to */
  int64_t n_left;      /* those of n_misfits matrices that it was to apply to, of n_matrices */
  int n_misfits, n_matrices;
  char refusal[sizeof((bl_error *)0)->message]; /* why the model can't be given the recipe; "": it
                                                   can */
} cli_cost;

/* What the model's tensors take under a recipe, exactly, cast first as `bitloss convert` does.
 * Those that the recipe can't hold stay as they are. */
cli_cost cli_cost_of(const cli_summary *summary, const bl_recipe *recipe);

/* The float type that a conversion casts to when it is not told: config.json's "torch_dtype", as
 * mlx_lm does; f16 for GGUF, whose vectors are f32 whatever its matrices are. NONE: keep. */
bl_dtype cli_default_cast(const cli_source *source, const cJSON *config);

#endif
