/* llama.cpp's importance matrices: for each matrix of a model, and each expert's where it has any,
 * the mean square of every element of the vectors that it was multiplied with over a text. Read and
 * written as its imatrix tool does, in GGUF and as the older ".dat". */
#ifndef BL_FORMAT_IMATRIX_H
#define BL_FORMAT_IMATRIX_H

#include "base/error.h"

typedef struct bl_imatrix_entry {
  const char *name;          /* the matrix's in GGUF: "blk.0.attn_q.weight" */
  int64_t n_cols, n_experts; /* n_experts: 1 for a matrix of no experts */
  /* (n_experts, n_cols). All 1 for an expert that no vector came to, as llama.cpp takes it. */
  const float *mean_squares;
  const float *counts; /* (n_experts): vectors; of a ".dat", chunks of text */
} bl_imatrix_entry;

typedef struct bl_imatrix {
  int n_entries;
  bl_imatrix_entry *entries;
  const char *dataset;            /* "" where it is not said */
  int64_t n_chunks, chunk_tokens; /* of the text; chunk_tokens 0 where it is not said */
  struct bl_arena *arena;         /* owns everything of one that was read */
} bl_imatrix;

/* Reads either kind of file, all of whose bytes are given. BL_ERR_INPUT for anything that is none,
 * or whose numbers are not finite or negative. Free with bl_imatrix_free. */
bl_code bl_imatrix_parse(const char *file_name, const void *bytes, size_t n_bytes,
                         bl_imatrix **imatrix, bl_error *error);
void bl_imatrix_free(bl_imatrix *imatrix);
/* NULL: there is none of that name. */
const bl_imatrix_entry *bl_imatrix_find(const bl_imatrix *imatrix, const char *name);

/* The bytes of a file, to be released with free. A ".dat" has no experts apart: theirs follow one
 * another. */
bl_code bl_imatrix_write_gguf(const bl_imatrix *imatrix, char **bytes, size_t *size,
                              bl_error *error);
bl_code bl_imatrix_write_dat(const bl_imatrix *imatrix, char **bytes, size_t *size,
                             bl_error *error);

#endif
