/* Families of models, each described once: what its config calls things, which tensors it has under
 * which names and in which shapes, and what its block does. Loader, exporters, budget and trainer
 * ask here; a new family is a file with its rows, and its line in table.c. */
#ifndef BL_FAMILY_FAMILY_H
#define BL_FAMILY_FAMILY_H

#include <stddef.h>
#include <stdint.h>

#include "family/roles.h"

/* ---- tensors -------------------------------------------------------------------------------- */

/* A number of rows or columns, as the config gives it. */
typedef enum bl_extent {
  BL_BY_ONE,
  BL_BY_DIM,
  BL_BY_QKV, /* query, key and value, one below the other */
  BL_BY_Q,
  BL_BY_KV,
  BL_BY_HEAD, /* one head's */
  BL_BY_FFN,
  BL_BY_GATE_UP, /* gate and up, one below the other */
  BL_BY_VOCAB,
  BL_BY_CONTEXT,
  BL_BY_TYPES,
  BL_BY_EXPERTS,
  BL_BY_LABELS,
  BL_N_EXTENTS
} bl_extent;

/* What decides whether a model has a tensor. First, what the model is made for: one of the six. */
enum {
  BL_HEAD_NONE = 1, /* the body alone, whose names have no prefix */
  BL_HEAD_LANGUAGE = 2,
  BL_HEAD_MASKED = 4,
  BL_HEAD_SEQUENCE = 8,
  BL_HEAD_TOKENS = 16,
  BL_HEAD_SPANS = 32,
  BL_HEADS = 63,
  /* Then flags of the config, all of which must hold. */
  BL_UNTIED = 64, /* the output matrix is not the embedding */
  BL_WITH_QKV_BIAS = 128,
  BL_WITH_O_BIAS = 256,
  BL_WITH_MLP_BIAS = 512,
  BL_WITH_QK_NORM = 1024,
  /* Of an entry alone: it does not belong to the body, whose names have the family's prefix. */
  BL_OUTSIDE = 1 << 15,
  /* And: on Hugging Face its matrix lies (in, out), as GPT-2's Conv1D has it. */
  BL_TURNED = 1 << 14,
};

/* A module: its weight, its bias or both. Names are without ".weight" and ".bias"; '#' stands for
 * the layer's number and '@' for the expert's. A name with '@' is of a file that has the matrices
 * of a layer's experts one by one; in a model they lie one below the other in one, as in MLX
 * directories, where it is called switch_mlp.gate_proj, .up_proj or .down_proj, and in GGUF. */
typedef struct bl_family_entry {
  const char *hf, *gguf;    /* GGUF's is NULL where llama.cpp has none */
  uint8_t weight, bias;     /* bl_role; BL_NO_ROLE: it has none */
  uint8_t n_rows, n_cols;   /* bl_extent of the weight, (out, in); a vector is one row */
  uint16_t when, bias_when; /* 0: always */
} bl_family_entry;

/* ---- what a block does ---------------------------------------------------------------------- */

typedef enum bl_norm {
  BL_NORM_RMS,
  BL_NORM_LAYER, /* with mean and bias */
} bl_norm;

typedef enum bl_activation {
  BL_SILU,
  BL_GELU_TANH, /* approximated */
  BL_GELU_ERF,
  BL_RELU,
} bl_activation;

typedef struct bl_block {
  bl_norm norm;
  bool norm_after;       /* of the stream with the block's output added, and not of what it reads */
  bool is_encoder;       /* every token looks at all others: no key-value cache */
  bool has_rope;         /* positions are turned in, and not learned */
  bool is_gated;         /* down(act(gate x) * up x), and not down(act(up x)) */
  bool adds_one;         /* norms multiply by 1 + weight; in GGUF the 1 is in the weight */
  bool scales_embedding; /* by sqrt(dim) */
  bool has_multipliers;  /* bl_scales that the config names */
  bool skips_rope;       /* in some layers */
  bool joins_heads;      /* norms of query and key go over all heads together */
  bool has_experts;      /* of which a router chooses some for each token: experts.h */
  bl_activation activation;
} bl_block;

/* ---- a family ------------------------------------------------------------------------------- */

/* What config.json calls them; NULL where it has no such field. */
typedef struct bl_config_fields {
  const char *dim, *n_layers, *n_heads, *n_kv_heads, *head_dim, *ffn_dim, *max_context,
      *old_context, /* says the same as max_context; mlx_lm asks for it */
      *norm_eps, *activation;
} bl_config_fields;

/* Of a family whose blocks have experts. */
typedef struct bl_expert_fields {
  const char *n, *n_used; /* how many there are in a layer, and how many a token goes through */
  int32_t default_n, default_used;
  const char *normalizes; /* are the shares of those used made to sum to 1? NULL: always */
} bl_expert_fields;

/* A field that must be absent or have this value: bitloss does nothing else. */
typedef struct bl_expected_field {
  const char *name;
  bool value;
} bl_expected_field;

typedef struct bl_model_class {
  const char *name; /* as "architectures" has it */
  unsigned head;
} bl_model_class;

typedef struct bl_family {
  const char *name;   /* "model_type" */
  const char *gguf;   /* "general.architecture"; NULL: llama.cpp's is not read */
  const char *prefix; /* of names in the body on Hugging Face */
  bool is_part; /* of models that look at images too: its names may lie below "language_model." */
  const char *mlx_prefix; /* in an MLX directory, where nothing is turned; NULL: the same */
  bool may_be_bare;       /* files may leave the prefix out */
  bool old_norms; /* norms may have "gamma" and "beta" in the place of "weight" and "bias" */
  bl_config_fields fields;
  bl_expert_fields experts;
  int32_t default_context;   /* 0: required */
  int32_t first_position;    /* the row of the first position among those learned */
  int32_t default_head_dim;  /* 0: dim / n_heads */
  int32_t default_ffn;       /* times dim; 0: required */
  bool needs_kv_heads;       /* else one per head where they are not named */
  double default_rope_theta; /* 0: required */
  double default_norm_eps;   /* 0: required */
  bool any_class;            /* "architectures" does not matter: there is one kind of model */
  bool is_tied;              /* where the config does not say */
  bool has_qkv_bias;         /* whatever the config says, and then no other in attention */
  bool has_qk_norm;
  bool has_window;        /* sliding_window holds though use_sliding_window is not there */
  int32_t rope_pattern;   /* every so many layers one has no rotary positions; 0: all have them */
  int32_t window_pattern; /* every so many layers one has no window; 0: all have it */
  double default_local_theta; /* of the layers that have it; 0: theirs is the others' */
  double default_query_scale; /* scores are divided by its root; 0: by that of head_dim */
  double default_attention_cap, default_logits_cap; /* 0: none */
  int32_t wide_layers;   /* with so many of them llama.cpp takes dim / n_heads for query_scale */
  bool router_at_8_bits; /* under a recipe of one of MLX's modes, as mlx_lm has it */
  bool has_partial_rope; /* partial_rotary_factor of each head may be turned, and no more */
  bool interleaved_rope; /* in GGUF, rows of q and k are permuted */
  bl_block block;        /* its activation where the config does not say */
  const bl_expected_field *expected; /* ends with name NULL; NULL: none */
  const bl_model_class *models;      /* the first is what a config without "architectures" means */
  const bl_family_entry *entries; /* in the order in which mlx_lm lists them; ends with hf NULL */
  /* What files may have beside them that carries nothing: names in the body, and GGUF's; end with
   * NULL. */
  const char *const *ignored, *const *ignored_gguf;
} bl_family;

/* In the order in which they are listed in sentences; ends with NULL. A build may have some of them
 * only, and then says of the name of any other that another build knows. */
extern const bl_family *const bl_families[];
extern const bool bl_families_are_all;
extern const bl_family bl_family_llama;

/* By "model_type", or by GGUF's "general.architecture"; NULL: there is none. */
const bl_family *bl_family_find(const char *name);
const bl_family *bl_family_find_gguf(const char *name, size_t name_size);

/* "llama, mistral or qwen2": all names, or GGUF's. */
void bl_family_names(bool gguf, char *text, size_t text_size);

/* ---- an entry's tensors --------------------------------------------------------------------- */

/* The entry that has this role in a model for which `has` holds; where none has, one of another
 * model of the family, or NULL. */
const bl_family_entry *bl_family_entry_of(const bl_family *family, unsigned has, bl_role role);
/* Does a model for which `has` holds have what is there under the condition `when`? */
bool bl_family_holds(unsigned when, unsigned has);

/* Where a name stands. */
typedef struct bl_family_place {
  const bl_family_entry *entry;
  bl_role role;
  int layer;   /* -1 outside the layers */
  int expert;  /* -1: the name is of all experts together, or of no expert */
  bool turned; /* in a file that has it under this name */
} bl_family_place;

/* Finds a name of GGUF's or of Hugging Face's. */
bool bl_family_find_name(const bl_family *family, bool is_gguf, const char *name,
                         bl_family_place *place);

/* part.c: a name without what a larger model puts before it, "language_model.model.norm" being
 * "model.norm"; or, of "model.language_model.norm", what is in the body, else NULL. And whether a
 * name is of what a larger model has beside its language model. */
const char *bl_family_part_name(const bl_family *family, const char *name, const char **in_body);
bool bl_family_is_of_whole(const bl_family *family, const char *name);

/* Is it one of a tensor that may be in a file and carries nothing that the model needs, such as
 * precomputed rotary frequencies? */
bool bl_family_ignores(const bl_family *family, bool is_gguf, const char *name);

/* Writes the name of an entry's weight or bias with a prefix before it, unless it is outside the
 * body; for GGUF the prefix is NULL. Expert -1 stands for all together. */
void bl_family_print_name(const bl_family_entry *entry, const char *prefix, bool is_bias, int layer,
                          int expert, char *name, size_t name_size);
/* The same as an MLX directory has it. */
void bl_family_print_mlx_name(const bl_family_entry *entry, const char *prefix, bool is_bias,
                              int layer, char *name, size_t name_size);

#endif
