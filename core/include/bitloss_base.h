/* bitloss: errors, notes, threads and small things that front ends share. Part of bitloss.h. */
#ifndef BITLOSS_BASE_H
#define BITLOSS_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BL_VERSION "0.1.0"

/* ---- errors ------------------------------------------------------------------------------- */

typedef enum bl_code {
  BL_OK = 0,
  BL_ERR_MEMORY,      /* an allocation failed */
  BL_ERR_INPUT,       /* a file or a text is malformed */
  BL_ERR_UNSUPPORTED, /* well formed, but not something bitloss can do */
  BL_ERR_ARGUMENT,    /* the caller asked for something impossible */
  BL_ERR_CANCELLED,   /* a callback asked to stop */
  BL_ERR_RECIPE,      /* a text is no recipe, or none for this model; begins "recipe" */
  BL_ERR_NOT_FINITE,  /* a weight, or what a model computed of them, is not a finite number */
  BL_ERR_ELSEWHERE,   /* this build lacks what the file needs, and another one has it */
} bl_code;

/* The sentence names the file, the field, what was found and what was expected. It is there as a
 * whole, in English, and apart: which sentence it is, printf's format, and what stands at its
 * conversions, so that a front end can say the same in another language. */
typedef struct bl_error {
  bl_code code;
  char message[512];
  const char *format; /* static: names the kind of error */
  char fields[512];   /* BL_FIELD_END after each; where they do not fit, some are cut or missing */
} bl_error;

#define BL_FIELD_END '\x1f'

/* A remark that stops nothing: what was done otherwise than the files or the caller say, or left
 * out. Loading and exporting gather them; whoever asked for the work shows every one. */
typedef struct bl_note {
  const char *kind;  /* which remark, as a name that stays: "nothing-quantized" */
  char subject[136]; /* the tensor, field or file that it is about, or "" */
  int64_t count;     /* how many of something; 0 where nothing is counted */
  char message[512]; /* the sentence, in English */
} bl_note;

/* ---- small things that front ends share ------------------------------------------------------ */

/* splitmix64 (Steele, Lea and Flood, 2014): moves `state`, which may begin as any seed, and returns
 * 64 random bits, the same on every target. */
uint64_t bl_random(uint64_t *state);

/* Letters to insert, leave out, replace or swap with a neighbour to make one name of the other
 * (optimal string alignment). Names longer than 48 bytes are as far apart as that. */
int bl_name_distance(const char *a, size_t a_size, const char *b, size_t b_size);

/* Where one document of a text ends and the next begins. */
typedef enum bl_documents {
  BL_DOCUMENTS_WHOLE, /* nowhere: the text is one */
  BL_DOCUMENTS_LINES, /* each line is one */
  BL_DOCUMENTS_BLANK, /* a blank line is between two */
} bl_documents;

/* ---- threads ------------------------------------------------------------------------------ */

/* A fixed set of worker threads. Every function that takes a pool accepts NULL: the work is then
 * done on the calling thread, which is also what builds without threads do. */
typedef struct bl_pool bl_pool;
bl_pool *bl_pool_new(int n_threads); /* NULL when threads are not available */
void bl_pool_free(bl_pool *pool);
int bl_pool_threads(const bl_pool *pool); /* 1 for NULL */

#ifdef __cplusplus
}
#endif

#endif
