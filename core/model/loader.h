/* The loader's own state, shared by loader.c (the public functions, files and chunks) and
 * loader_tensors.c (what becomes of each tensor). */
#ifndef BL_MODEL_LOADER_H
#define BL_MODEL_LOADER_H

#include "model/convert.h"
#include "quant/recipe.h"
#include "text/tokenizer.h"

/* The small text files a loader remembers. */
typedef enum bl_text_file {
  BL_TEXT_CONFIG,
  BL_TEXT_TOKENIZER,
  BL_TEXT_TOKENIZER_CONFIG,
  BL_TEXT_GENERATION_CONFIG,
  BL_TEXT_SHARD_INDEX,
  BL_N_TEXT_FILES,
} bl_text_file;

/* What is being done with the bytes of the current entry. */
typedef enum bl_sink_kind {
  BL_SINK_SKIP,    /* nothing: the model does not need it */
  BL_SINK_CONVERT, /* rows through a bl_conversion */
  BL_SINK_COPY,    /* the bytes as they are: a part of an MLX tensor, or rotary factors */
} bl_sink_kind;

typedef struct bl_sink {
  bl_sink_kind kind;
  bool begun;        /* memory has been taken */
  bl_weight *weight; /* what the bytes belong to; NULL for rotary factors */
  int part;          /* COPY: which part of the weight */
  bool can_stay;     /* a mapped file's bytes may be used in place */
  bool as_column;    /* CONVERT: a vector whose elements are permuted, one to a row */
  bl_conversion conversion;
  int64_t rows_done;
  uint8_t *carry; /* a row that has begun to arrive */
  size_t carry_size, row_bytes;
  uint8_t *copy_to;
  uint64_t copied;
} bl_sink;

/* An MLX tensor arrives as up to three entries, in any order and from any file. */
typedef struct bl_arrival {
  bool parts[BL_MAX_PARTS];
} bl_arrival;

struct bl_loader {
  bl_load_options options;
  char *texts[BL_N_TEXT_FILES];
  size_t text_sizes[BL_N_TEXT_FILES];
  bl_model *model;      /* under construction */
  bl_arrival *arrivals; /* (capacity of model->weights) */
  int weight_capacity;
  bool has_config, failed;
  uint64_t bytes_done;

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
/* Once all files are in: completeness, requantization of MLX tensors, order, lookup by role. */
bl_code bl_loader_complete_tensors(bl_loader *loader, bl_error *error);


/* Where a tensor of this name stands, for the recipe; the name is borrowed. */
bl_place bl_loader_place(const bl_loader *loader, const char *name, int layer);
/* Once the config is known: every rule of the recipe must match a matrix of the model. One that
 * matches none is a typing error, better told before gigabytes are read than ignored. */
bl_code bl_loader_check_rules(const bl_loader *loader, bl_error *error);

#endif
