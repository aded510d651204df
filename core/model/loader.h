/* The loader's own state, shared by loader.c (the public functions, files and chunks) and
 * loader_tensors.c (what becomes of each tensor). */
#ifndef BL_MODEL_LOADER_H
#define BL_MODEL_LOADER_H

#include "format/index.h"
#include "model/convert.h"
#include "text/tokenizer.h"

/* The text files that only a loader needs; those that travel with the model are in its texts. */
typedef enum bl_text_file {
  BL_TEXT_CONFIG,
  BL_TEXT_TOKENIZER,
  BL_TEXT_SHARD_INDEX,
  BL_N_TEXT_FILES,
} bl_text_file;

/* What is being done with the bytes of the current entry. */
typedef enum bl_sink_kind {
  BL_SINK_SKIP,    /* nothing: the model does not need it */
  BL_SINK_CONVERT, /* rows through a bl_conversion */
  BL_SINK_COPY,    /* the bytes as they are: a part of a tensor, or rotary factors */
  BL_SINK_TORCH,   /* all of them together to bl_loader_take_torch */
  BL_SINK_TURN,    /* all of them, rows and columns exchanged, through a bl_conversion */
  BL_SINK_EXPERT,  /* the bytes as they are, to their place among those of the other experts */
} bl_sink_kind;

/* What an entry of a bitsandbytes or torchao checkpoint is that is not a part as it stands. */
typedef enum bl_torch_item {
  BL_TORCH_MAP, /* the values of NF4's codes, which must be those known here */
  BL_TORCH_NESTED_MAP,
  BL_TORCH_STATE,  /* JSON about the tensor */
  BL_TORCH_ZEROS,  /* zero points that must be 0 */
  BL_TORCH_TURNED, /* a part with rows and columns exchanged */
} bl_torch_item;

typedef struct bl_sink {
  bl_sink_kind kind;
  bool begun;         /* memory has been taken */
  bl_weight *weight;  /* what the bytes belong to; NULL for rotary factors */
  int part;           /* COPY and TORCH: which part of the weight */
  int expert;         /* EXPERT */
  bl_torch_item item; /* TORCH */
  bool can_stay;      /* a mapped file's bytes may be used in place */
  bl_conversion conversion;
  int64_t rows_done;
  uint8_t *carry;  /* CONVERT: a row that has begun to arrive; TORCH and TURN: the entry */
  uint8_t *turned; /* TURN: its rows as they are converted */
  size_t carry_size, row_bytes;
  uint8_t *copy_to;
  uint64_t copied;
} bl_sink;

/* A tensor of several parts arrives as several entries, in any order and from any file. */
typedef struct bl_arrival {
  bool parts[BL_MAX_PARTS];
  /* Of experts' matrices that come one by one: which have begun; NULL once all are there. */
  bool *experts; /* (n_experts) */
  int n_done;    /* those whose bytes have come */
} bl_arrival;

struct bl_loader {
  bl_load_options options;
  char *texts[BL_N_TEXT_FILES];
  size_t text_sizes[BL_N_TEXT_FILES];
  bl_model *model;      /* under construction */
  bl_arrival *arrivals; /* (capacity of model->weights) */
  int weight_capacity;
  int *places; /* (n_layers + 1, BL_N_ROLES): number of the weight there, from 1 on; 0: not yet */
  bool has_config, has_texts, failed;
  bl_mlx_layers mlx_layers;
  float *long_factors[2];   /* (rope_dim / 2) loader_rope.c: of a short context and of a long one */
  bool output_is_embedding; /* the one matrix of a tied model is stored as the output's */
  bool may_have_output; /* an output matrix may come, though the config says that there is none */
  uint64_t bytes_done;

  /* loader_parts.c */
  int n_shown;
  bl_index **shown;  /* the headers that were shown */
  int n_parts;       /* files that the model is split into, as one of them says; 0: none does */
  bool *parts;       /* (n_parts) which have come */
  char *part_name;   /* the name of one */
  int64_t n_tensors; /* in those that have come */

  /* The file being read. */
  bool in_file;
  char *file_name;
  uint64_t file_size, file_at; /* bytes of it taken so far */
  uint8_t *header;             /* its first bytes, until the index is known */
  size_t header_size, header_capacity;
  uint64_t header_needed;
  bl_index *index;
  int next_entry;
  bool in_entry;
  bl_sink sink;
};

/* Decides what becomes of an entry of loader->index and prepares loader->sink for it. */
bl_code bl_loader_open_entry(bl_loader *loader, const bl_entry *entry, bl_error *error);
/* Takes the entry's next bytes. With `mapped` they are the whole entry and outlive the model. */
bl_code bl_loader_feed_entry(bl_loader *loader, const uint8_t *bytes, size_t n_bytes, bool mapped,
                             bl_error *error);
void bl_loader_close_entry(bl_loader *loader);

/* Reads the config when the first weight file's index is known. */
bl_code bl_loader_read_config(bl_loader *loader, bl_error *error);
/* loader_parts.c: models in several files. Notes which part the file is that has just begun. */
bl_code bl_loader_take_part(bl_loader *loader, bool *is_part, bl_error *error);
/* Takes over the index of a header that was shown. */
bl_code bl_loader_take_header(bl_loader *loader, bl_index *index, bl_error *error);
/* The index of all files that were shown, with the metadata of the first; else that of this file.
 * The caller frees *entries. */
bl_code bl_loader_join_headers(const bl_loader *loader, bl_index *joined, bl_entry **entries,
                               bl_error *error);
/* Is there, in any header known so far, an output matrix? */
bool bl_loader_lists_output(const bl_loader *loader);
bool bl_loader_lists_embedding(const bl_loader *loader);
/* The name of the first part that has not come: false when all have, or there are none. */
bool bl_loader_missing_part(const bl_loader *loader, char *name, size_t name_size);
/* All parts of a split GGUF file must have come. */
bl_code bl_loader_check_parts(const bl_loader *loader, bl_error *error);
void bl_loader_free_parts(bl_loader *loader);

/* Are all tensors there, and all parts of each? As far as their entries have been opened. */
bl_code bl_loader_check_complete(bl_loader *loader, bl_error *error);
/* Once all files are in: completeness, requantization of tensors that came quantized in several
 * parts, order, lookup by role. */
bl_code bl_loader_complete_tensors(bl_loader *loader, bl_error *error);

/* loader_output.c: an output matrix that the config does not know of becomes one, or is dropped
 * where it is the embedding once more. */
bl_code bl_loader_settle_output(bl_loader *loader, bl_error *error);
/* The same where headers are all that is known: one of the embedding's shape and type is taken to
 * be the embedding. */
bl_code bl_loader_outline_output(bl_loader *loader, bl_error *error);

/* Is weight->hash wanted? */
bool bl_loader_hashes(const bl_loader *loader, const bl_weight *weight);

/* loader_torch.c: tensors that bitsandbytes and torchao quantized. Where the entry is a part of one
 * *taken becomes true and the sink is prepared. */
bl_code bl_loader_open_torch(bl_loader *loader, const bl_entry *entry, bool *taken,
                             bl_error *error);
/* Takes the whole entry that a TORCH sink has gathered. */
bl_code bl_loader_take_torch(bl_loader *loader, const bl_entry *entry, const uint8_t *bytes,
                             bl_error *error);

/* loader_rope.c: factors of the rotary frequencies, which GGUF has as tensors. *taken: the entry is
 * one of them. */
bl_code bl_loader_open_rope(bl_loader *loader, const bl_entry *entry, bool *taken, bl_error *error);
/* Once all are there they become what config.json says, as far as it can. */
bl_code bl_loader_settle_rope(bl_loader *loader, bl_error *error);

/* loader_experts.c: the matrix of one expert, which becomes rows of that of all; n_rows are all
 * experts'. */
bl_code bl_loader_open_expert(bl_loader *loader, const bl_entry *entry,
                              const bl_family_place *place, int64_t n_rows, int64_t n_cols,
                              bl_error *error);
/* Memory for its bytes. */
bl_code bl_loader_begin_expert(bl_loader *loader, const bl_entry *entry, bl_error *error);
/* Its bytes are there: after the last expert's the recipe is applied. */
bl_code bl_loader_end_expert(bl_loader *loader, bl_error *error);
/* Have all experts come, of each matrix? */
bl_code bl_loader_check_experts(const bl_loader *loader, bl_error *error);
void bl_loader_free_experts(bl_loader *loader);

/* loader_finish.c: makes model->by_role; applies the recipe to a tensor that is in memory as it was
 * stored; and says that a tensor is missing, and which file should have brought it. */
bl_code bl_loader_index_roles(bl_model *model, bl_error *error);
bl_code bl_loader_requantize(const bl_loader *loader, bl_weight *weight, bl_error *error);
bl_code bl_loader_fail_missing(const bl_loader *loader, const char *name, bl_error *error);

/* What the files of tensors share: the weight at a place, made when it is new (NULL: out of
 * memory); a tensor's shape, (n_cols) where n_rows is 1; and sentences. */
bl_weight *bl_loader_weight(bl_loader *loader, bl_role role, int layer, bool *is_new);
bool bl_entry_has_shape(const bl_entry *entry, int64_t n_rows, int64_t n_cols);
bl_code bl_loader_fail_shape(const bl_loader *loader, const bl_entry *entry, int64_t n_rows,
                             int64_t n_cols, bl_error *error);
bl_code bl_loader_fail_twice(const bl_loader *loader, const bl_entry *entry, bl_error *error);
bl_code bl_loader_fail_unknown(const bl_loader *loader, const bl_entry *entry, bl_error *error);

#endif
