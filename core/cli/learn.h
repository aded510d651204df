/* Methods that learn, on the way of a command. */
#ifndef BL_CLI_LEARN_H
#define BL_CLI_LEARN_H

#include "calibrate.h"

/* Refuses a model that can't learn what the recipe asks for; before any work. */
bool cli_learn_check(const bl_model *model, const bl_recipe *recipe);
/* Lets a model learn what its recipe says, from the model that it was made from, with a progress
 * bar; does nothing where the recipe doesn't learn. Ctrl-C ends learning alone: what was reached is
 * kept, and told. Says why when it fails. */
bool cli_learn(bl_model *model, const bl_model *reference, const bl_load_options *load,
               const cli_calibrate_settings *settings, const cli_calibration *calibration);

#endif
