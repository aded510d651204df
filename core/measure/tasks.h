/* Recognising an answer while it is being written. */
#ifndef BL_MEASURE_TASKS_H
#define BL_MEASURE_TASKS_H

#include "bitloss.h"

typedef enum bl_match_state {
  BL_MATCH_OPEN, /* may still become right */
  BL_MATCH_RIGHT,
  BL_MATCH_WRONG,
} bl_match_state;

/* Starts as {answer, answer_size}. Borrows the answer. */
typedef struct bl_match {
  const char *answer;
  size_t answer_size, n_matched;
  bl_match_state state;
} bl_match;

/* Takes the next piece of the text, of any size; once the state is not open, nothing changes it. */
bl_match_state bl_match_push(bl_match *match, const char *text, size_t text_size);
/* The text is over: settles a state that is still open. */
bl_match_state bl_match_end(bl_match *match);

#endif
