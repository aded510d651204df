/* The text that a model learns from, and the batches that are made of it. */
#ifndef BL_TRAIN_LEARN_TEXT_H
#define BL_TRAIN_LEARN_TEXT_H

#include "train/packing.h"

/* The two ways of reading, as in bl_learn_report. */
typedef enum bl_reading { BL_READ_APART, BL_READ_JOINED } bl_reading;

/* Documents that follow one another in an order, pass after pass. */
typedef struct bl_stream {
  const bl_train_document *documents;
  size_t n;
  size_t *order;    /* (n) */
  uint64_t seed;    /* of the next pass's order; 0: the order of the text */
  size_t next, at;  /* a document, in the order, and a token of it */
  size_t n_between; /* tokens still to come before it */
} bl_stream;

typedef struct bl_learn_text {
  const bl_learn_options *options; /* borrowed */
  int32_t n_vocab;
  int32_t bos; /* begins what is read joined; -1: nothing does */
  int n_context, n_sequences;
  bl_train_document *documents; /* (n_documents), then (n_held) that are held out */
  size_t n_documents, n_held;
  bl_train_packing packing; /* of this pass */
  size_t next_sequence;
  uint64_t pass;
  bl_stream joined;
  int32_t *ids, *targets, *starts; /* (n_sequences, n_context): a batch */
} bl_learn_text;

/* Checks and divides the text that the options name, for a text whose n_vocab and bos are set. To
 * be ended in any case. */
bl_code bl_learn_text_begin(bl_learn_text *text, const bl_learn_options *options, int max_context,
                            bl_error *error);
void bl_learn_text_end(bl_learn_text *text);
/* n_context and n_sequences alone. */
void bl_learn_text_sizes(bl_learn_text *text, const bl_learn_options *options, int max_context);

/* The next batch to learn from. */
bl_code bl_learn_text_next(bl_learn_text *text, bl_reading reading, bl_train_batch *batch,
                           bl_error *error);
/* Shows every batch of what is held out. */
typedef bl_code (*bl_batch_fn)(void *context, const bl_train_batch *batch, bl_error *error);
bl_code bl_learn_text_held(bl_learn_text *text, bl_reading reading, bl_batch_fn show, void *context,
                           bl_error *error);

#endif
