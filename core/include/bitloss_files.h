/* bitloss: looking into a weight file without loading it, and writing a model to files. Part of
 * bitloss.h. */
#ifndef BITLOSS_FILES_H
#define BITLOSS_FILES_H

#include "bitloss_base.h"
#include "bitloss_model.h"
#include "bitloss_text.h"

#ifdef __cplusplus
extern "C" {
#endif

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

#endif
