/* bitloss: number formats, and the recipes that say which tensor gets which. Part of bitloss.h. */
#ifndef BITLOSS_RECIPE_H
#define BITLOSS_RECIPE_H

#include "bitloss_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A float type in which unquantized tensors, scales and biases are stored. */
typedef enum bl_dtype { BL_DTYPE_NONE = 0, BL_F32, BL_F16, BL_BF16 } bl_dtype;
const char *bl_dtype_name(bl_dtype dtype);              /* "f32", "f16", "bf16", "none" */
bool bl_dtype_parse(const char *name, bl_dtype *dtype); /* also "float32", "float16", "bfloat16" */

/* Are activations kept in floats (the default), or rounded to int8 while the model runs? By scales
 * that are found then, from the very numbers ("dynamic"); or by one for each matrix, found before
 * on a text that the model read ("static"): from a histogram of what was seen there, without
 * outliers where that loses less, or from the least and the greatest number. */
typedef enum bl_activations {
  BL_ACTIVATIONS_FLOAT,
  BL_ACTIVATIONS_INT8,
  BL_ACTIVATIONS_HISTOGRAM,
  BL_ACTIVATIONS_MINMAX,
} bl_activations;
static inline bool bl_activations_static(bl_activations activations) {
  return activations >= BL_ACTIVATIONS_HISTOGRAM;
}

/* An exception from a recipe: what happens to the tensors whose name a pattern matches. */
typedef struct bl_recipe_rule {
  char pattern[48];
  const struct bl_codec *codec; /* NULL: they stay as they are */
  int bits, group;
  uint32_t methods; /* as in bl_recipe */
} bl_recipe_rule;

#define BL_RECIPE_RULES 64

/* What to do to a model's weights. One grammar for the terminal, the page's URL and the element's
 * attributes; upper and lower case are the same:
 *
 *   recipe  = base [ "@" MODE ] { "/" PATTERN "=" "reference" | format }
 *   MODE    = "float" | "int8" | "static" [ ":minmax" | ":histogram" ]      of activations
 *   base    = "reference" | MIXTURE [ ":" GROUP ] { "+" METHOD } | format
 *   format  = NAME [ ":" BITS ] [ ":" GROUP ] { "+" METHOD }    those settings that the format has
 *
 * "affine:4:64" stores every matrix so; "reference" leaves all as they are; a mixture such as
 * "mixed_3_6" or "q4_k_m" gives each matrix a format by its place in the model. A PATTERN of
 * letters, digits, '_', '-', '.' and '*' matches a tensor when it is one or more whole components
 * of its Hugging Face name without ".weight": "v_proj" and "layers.0" match
 * model.layers.0.self_attn.v_proj; "layers.0" does not match layer 10; '*' stands for any text.
 * The last of several rules that match holds, and "PATTERN=reference" leaves a tensor alone. Codes
 * are those that the format's owner rounds to, or where methods are named those that they choose,
 * one after another: "affine:4:64+search+gptq". A rule's format has its own methods, and none of
 * the base's. A recipe is a value: copy it freely. */
typedef struct bl_recipe {
  const struct bl_codec *codec;     /* NULL for "reference" and for a mixture */
  const struct bl_mixture *mixture; /* NULL for a single format */
  int bits;                         /* bits per code; 0 where there is no choice */
  int group;                        /* weights that share a scale; 0 where there is no choice */
  uint32_t methods;                 /* bit i: row i of the table of methods; 0: rounding */
  bl_activations activations;
  int n_rules;
  bl_recipe_rule rules[BL_RECIPE_RULES];
} bl_recipe;

/* Bytes that hold the text of any recipe, with its NUL. */
#define BL_RECIPE_TEXT 8192

bl_code bl_recipe_parse(const char *text, bl_recipe *recipe, bl_error *error);
/* Writes the canonical text of the recipe, NUL-terminated; returns its length. */
size_t bl_recipe_print(const bl_recipe *recipe, char *text, size_t text_size);
/* Does it leave every tensor of every model as it is? */
bool bl_recipe_is_reference(const bl_recipe *recipe);
/* Exact bits per weight of a tensor that the recipe applies to, scales and biases counted, when
 * scales are stored in `param_dtype`. 4-bit codes in groups of 64 with 16-bit scales: 4.5.
 * 0 where it depends on the model: for "reference", a mixture, and a recipe with rules. */
double bl_recipe_bits_per_weight(const bl_recipe *recipe, bl_dtype param_dtype);

/* What recipes go by, besides a matrix's name; 0 or NULL where it is not known. */
typedef struct bl_outline {
  const char *architecture; /* as the container calls it: "qwen3_moe", or "qwen3moe" in GGUF */
  int64_t n_layers, n_heads, n_kv_heads, n_experts;
  bool tied_output; /* also of an encoder, which has no output matrix */
} bl_outline;

/* Exact bytes of a matrix (n_rows, n_cols) under the recipe when scales are stored in param_dtype,
 * and 0 where the recipe leaves it as it is. The name is that of its container, Hugging Face's or
 * GGUF's. */
uint64_t bl_recipe_bytes(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                         int64_t n_rows, int64_t n_cols, bl_dtype param_dtype);

/* BL_ERR_RECIPE, and why, where a model with that matrix can't be given the recipe. */
bl_code bl_recipe_check_name(const bl_recipe *recipe, const char *name, bl_error *error);

/* Has the recipe a format for that matrix, whose groups do not divide its rows? */
bool bl_recipe_misfits_name(const bl_recipe *recipe, const bl_outline *outline, const char *name,
                            int64_t n_rows, int64_t n_cols);

/* What a model can be written as: an MLX directory, a GGUF file, a directory for transformers. */
enum { BL_HOLDS_MLX = 1, BL_HOLDS_GGUF = 2, BL_HOLDS_TORCH = 4 };

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
  bool int8_activations, static_activations; /* "@int8" is possible, "@static" */
  unsigned containers; /* BL_HOLDS_MLX and so on, of what can hold matrices in it; 0: none can */
  int fixed_bits;      /* of a code; 0 where they are a setting, and for a mixture */
  /* What the 2^bits codes stand for before they are scaled, where that is the same for all groups:
   * evenly spaced numbers, perhaps without the lowest; or `levels` (n_levels), rising. */
  bool even_levels, lowest_unused;
  int n_levels;
  float levels[256];
} bl_recipe_kind;

int bl_recipe_kind_count(void);
void bl_recipe_kind_get(int i, bl_recipe_kind *kind); /* 0 <= i < count */

/* What has to be known of the vectors that a matrix is multiplied with, its input: bits. */
typedef enum bl_needs {
  BL_NEEDS_NOTHING = 0,
  BL_NEEDS_MEAN_SQUARES = 1, /* of each of the input's elements */
  BL_NEEDS_HESSIAN = 3,      /* and the mean product of each two of them */
  BL_NEEDS_RANGES = 4,       /* of all of the input's elements together: static activations */
} bl_needs;
bl_needs bl_recipe_needs(const bl_recipe *recipe);
/* Has it a method that learns? Then the model that it makes is to be given to bl_learn
 * (bitloss_train.h). */
bool bl_recipe_learns(const bl_recipe *recipe);

/* The methods that may follow a format, for menus and help, in the order in which they are written.
 */
typedef struct bl_method_info {
  const char *name, *summary; /* a sentence in English */
  bl_needs needs;
  bool learns; /* from the predictions of the whole model on a text */
} bl_method_info;
int bl_method_count(void);
void bl_method_get(int i, bl_method_info *info); /* 0 <= i < count */

#ifdef __cplusplus
}
#endif

#endif
