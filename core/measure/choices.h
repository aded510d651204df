/* How likely a model finds each of several answers. */
#ifndef BL_MEASURE_CHOICES_H
#define BL_MEASURE_CHOICES_H

#include "bitloss.h"

/* Fills sums (n_choices) with each choice's sum of log-probabilities after the prompt; NaN where
 * the logits are. The session's context holds the prompt and the longest choice; what it held
 * before is forgotten. */
bl_code bl_choice_sums(bl_session *session, const bl_choice_task *task, double *sums,
                       bl_error *error);

/* The index of the greatest sum, the first on a tie; -1 when none is a number. With `by_byte` a sum
 * is divided by the bytes of its choice, without the white space before it. */
int bl_choice_pick(const bl_choice_task *task, const double *sums, bool by_byte);

#endif
