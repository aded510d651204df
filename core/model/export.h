/* What exports of every kind have in common: a list of files, each of which begins with a text or a
 * header that is held in memory and goes on with arrays that are streamed from the model. */
#ifndef BL_MODEL_EXPORT_H
#define BL_MODEL_EXPORT_H

#include "model/model.h"

/* One array of a file. */
typedef struct bl_export_array {
  char name[136];
  const char *dtype; /* safetensors: "U32", "BF16" … */
  uint32_t type;     /* GGUF: ggml's number */
  int n_dims;
  int64_t dims[3];         /* outermost first */
  const uint8_t *bytes;    /* written as they are; NULL: the tensor's are, row by row, or, for a */
  const bl_tensor *tensor; /* vector (n_dims 1), its elements as float32 */
  bl_dtype decode_to;      /* not NONE: the tensor's rows are decoded and written in this type */
  uint8_t *owned;          /* what `bytes` points to where the export made them, else NULL */
  int64_t rows_per_head;   /* > 0: rows or elements go into the order that GGUF has for interleaved
                              rotary embedding */
  float more;              /* is added to a vector's elements */
  int64_t first_row;       /* with decode_to: the rows before it are left out */
  bool turned; /* rows and columns exchanged: what is written has the tensor's columns as its rows,
                  decoded to decode_to */
  uint64_t size_bytes;
  uint32_t padding; /* zeros after it */
  int shard;        /* the file that it is in; files without arrays have shard -1 */
} bl_export_array;

typedef struct bl_export_file {
  char name[136];
  char *text; /* the whole file, or a header that arrays follow */
  size_t text_size;
  int shard; /* whose arrays follow; -1: none */
  uint64_t size_bytes;
} bl_export_file;

struct bl_export {
  const bl_model *model;
  int n_arrays, n_shards, n_files;
  bl_export_array *arrays;
  bl_export_file *files;
  bl_notes notes;
  float *rope_factors; /* GGUF: (rope_dim / 2), or NULL */
};

/* Where the array is of experts' matrices, which lie below one another, gives each of them its own
 * place in the first dimension. */
void bl_export_part_experts(const bl_export *ex, const bl_weight *weight, bl_export_array *array);

/* Appends a file; its arrays are listed already. Takes the text over, which was allocated with
 * malloc; NULL means that there was no memory for it. */
bl_code bl_export_add_file(bl_export *ex, const char *name, char *text, size_t text_size, int shard,
                           bl_error *error);

#endif
