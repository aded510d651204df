/* What reads a calibration text, whatever for, asks of it. */
#ifndef BL_MEASURE_CALIBRATE_H
#define BL_MEASURE_CALIBRATE_H

#include "bitloss_measure.h"

/* Are all tokens of the vocabulary, and do documents end within the text, one after another? */
bl_code bl_calibration_check(const bl_calibration *text, int32_t n_vocab, bl_error *error);

#endif
