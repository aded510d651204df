/* A loaded model: config, tensors, tokenizer. */
#ifndef BL_MODEL_MODEL_H
#define BL_MODEL_MODEL_H

#include "base/notes.h"
#include "model/chat_templates.h"
#include "model/config.h"
#include "model/names.h"
#include "quant/finite.h"
#include "quant/weight_error.h"

typedef struct bl_weight {
  bl_tensor tensor;
  bl_role role;
  int layer;  /* -1 outside the layers */
  char *name; /* Hugging Face's */
  bl_format source_format;
  uint64_t source_bytes;
  bool converted;      /* the recipe changed it */
  bl_error_sums error; /* n is 0 when not measured */
  uint64_t hash;   /* of the weights as they were read, for the embedding and the output matrix of a
                      model whose config says that they are one */
  int64_t n_sound; /* weights kept as stored that were seen to be finite when they came */
  /* How many experts' matrices the files have one by one, and which of them, counted from 1, the
   * first weight that is not finite is in: not_finite is then of that one alone. */
  int n_singles, flawed_single;
  bl_flaw not_finite;           /* weights that were not finite when they were read */
  bl_flaw lost;                 /* weights that were, and that the recipe's format can't hold */
  bl_flaw vanished;             /* weights in groups that are too small for it */
  uint8_t *owned[BL_MAX_PARTS]; /* bl_aligned_alloc; NULL for a part in the caller's mapped file */
} bl_weight;

struct bl_model {
  /* Of a variant: the model that it was made from. Names, config_json, tokenizer, texts, templates,
   * origin and rope_factors are that one's, as are the parts of tensors that are not `owned`. */
  const bl_model *reference;
  bl_config config;
  bl_recipe recipe;
  char calibration[160]; /* what the statistics for the recipe's methods were gathered on, or "" */
  char learned[160];     /* what methods that learn have gained, or "" */
  char *name;
  const char *container;   /* "safetensors", "mlx" or "gguf" */
  bl_tokenizer *tokenizer; /* NULL when the files had none */
  cJSON *config_json;      /* as read, or made from GGUF metadata; for export */
  bl_texts texts;          /* the small files that travel with it */
  bl_chat_templates templates;
  bl_gguf_header origin; /* read from GGUF: metadata that goes into another such file as it is */
  float *rope_factors;   /* (rope_dim / 2): divides each rotary frequency; NULL when absent */
  bl_notes notes;        /* of a variant: its own */
  int n_weights;
  bl_weight *weights;
  const bl_weight **by_role; /* (n_layers + 1, BL_N_ROLES): row 0 is outside the layers, row l + 1
                                is layer l; NULL where the model has none. BL_OUTPUT is never NULL:
                                when tied it is the embedding */
};

/* The tensor for a role, or NULL. */
const bl_tensor *bl_model_tensor(const bl_model *model, bl_role role, int layer);

#endif
