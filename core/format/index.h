/* The header of a weight file, safetensors or GGUF, checked against the file's size: every range it
 * lists lies inside the file and matches its tensor's shape and type. */
#ifndef BL_FORMAT_INDEX_H
#define BL_FORMAT_INDEX_H

#include "base/error.h"
#include "quant/codec.h"

#define BL_MAX_DIMS 4

/* How a container stores an element, or a block of elements. */
typedef struct bl_type {
  const char *name;    /* as the container calls it: "BF16", "U32", "Q4_1" */
  int64_t block_len;   /* elements per block; 1 for plain types */
  int64_t block_bytes; /* bytes per block */
  const char *codec;   /* the codec that decodes it ("bf16", "q4_1"), or NULL */
} bl_type;

typedef struct bl_entry {
  const char *name; /* as in the file */
  const bl_type *type;
  int n_dims;                /* 0 is a scalar, with one element */
  int64_t dims[BL_MAX_DIMS]; /* outermost first */
  uint64_t offset;           /* from the start of the file */
  uint64_t size_bytes;
} bl_entry;

typedef enum bl_container { BL_SAFETENSORS, BL_GGUF } bl_container;

/* A metadata value. Arrays keep their elements: strings in `strings`, numbers in `numbers`. */
typedef enum bl_meta_kind {
  BL_META_INT,
  BL_META_FLOAT,
  BL_META_BOOL,
  BL_META_STRING,
  BL_META_ARRAY
} bl_meta_kind;

typedef struct bl_str {
  const char *bytes; /* not NUL-terminated */
  size_t size;
} bl_str;

typedef struct bl_meta {
  const char *key; /* NUL-terminated */
  bl_meta_kind kind;
  int64_t i;              /* INT (INT64_MAX for one above it), BOOL as 0 or 1 */
  bool is_above;          /* INT: above INT64_MAX, which bl_meta_int refuses */
  double f;               /* FLOAT */
  bl_str s;               /* STRING */
  bl_meta_kind item_kind; /* ARRAY: kind of its items; arrays of arrays are refused */
  uint64_t n;             /* ARRAY */
  const bl_str *strings;  /* (n) when item_kind is STRING */
  const int64_t *ints;    /* (n) when item_kind is INT or BOOL */
  const double *floats;   /* (n) when item_kind is FLOAT */
  const char *printed;    /* short text of the value, for inspect */
} bl_meta;

struct bl_index {
  char *file_name;
  bl_container container;
  int n_entries;
  bl_entry *entries; /* in order of offset */
  int n_meta;
  bl_meta *meta;          /* safetensors: __metadata__, all strings */
  uint64_t data_start;    /* from the start of the file */
  struct bl_arena *arena; /* owns everything the index points to: it does not refer to the input */
};

const bl_meta *bl_index_meta(const bl_index *index, const char *key); /* NULL: absent */

/* The two parsers behind bl_index_parse, which tells them apart by the magic. Same contract. */
bl_code bl_safetensors_parse(const char *file_name, const uint8_t *bytes, size_t n_bytes,
                             uint64_t file_size, bl_index **index, uint64_t *n_needed,
                             bl_error *error);
bl_code bl_gguf_parse(const char *file_name, const uint8_t *bytes, size_t n_bytes,
                      uint64_t file_size, bl_index **index, uint64_t *n_needed, bl_error *error);

/* Typed getters for GGUF metadata, same contract as the ones in base/json.h: absent leaves *value;
 * wrong type or out of range is an error that names the file and the key. */
bl_code bl_meta_int(const bl_index *index, const char *key, int64_t min, int64_t max,
                    int64_t *value, bl_error *error);
bl_code bl_meta_float(const bl_index *index, const char *key, double min, double max, double *value,
                      bl_error *error);
bl_code bl_meta_bool(const bl_index *index, const char *key, bool *value, bl_error *error);
bl_code bl_meta_string(const bl_index *index, const char *key, bl_str *value, bl_error *error);

#endif
