/* Methods that learn, on the way of a command. */
#include "learn.h"

#include <stdio.h>

bool cli_learn_check(const bl_model *model, const bl_recipe *recipe) {
  bl_error error;
  return bl_learn_check(model, recipe, &error) == BL_OK || cli_fail("%s", error.message);
}

/* What there is to say beyond a bar: that it ended early, or was of no use. */
static void tell(const bl_learn_report *r, int64_t n_steps, const char *recipe) {
  if (r->n_steps < n_steps)
    cli_note(
        "%.96s: learning was stopped after step %lld of %lld; the model is as it was after "
        "step %lld",
        recipe, (long long)r->n_steps, (long long)n_steps, (long long)r->kept_step);
  else if (r->kept_step == 0)
    cli_note(
        "%.96s: learning made nothing better on the part of the text that was held out: the "
        "model is as it was before",
        recipe);
}

bool cli_learn(bl_model *model, const bl_model *reference, const bl_load_options *load,
               const cli_calibrate_settings *settings, const cli_calibration *calibration) {
  if (!bl_recipe_learns(&load->recipe)) return true;
  const bl_learn_options options = {.text = {.ids = calibration->ids,
                                             .n_ids = calibration->n_ids,
                                             .ends = calibration->ends,
                                             .n_documents = calibration->n_documents,
                                             .pool = load->pool},
                                    .between = calibration->between,
                                    .n_between = calibration->n_between,
                                    .n_steps = settings->steps,
                                    .seed = 1};
  char size[16], label[48];
  snprintf(label, sizeof label, "Learning, in %s",
           cli_size(bl_learn_bytes(reference, &options), size));
  cli_bar bar = {.label = label, .unit = "steps"};
  bl_learn_report report;
  bl_error error;
  cli_finish_first(true);
  bl_code code =
      bl_learn(model, reference, load->cast, &options, cli_bar_show, &bar, &report, &error);
  cli_finish_first(false);
  cli_progress_end();
  if (code != BL_OK) return cli_fail("%s", error.message);
  if (cli_interrupted() && !cli_take_interrupt()) return false;
  char recipe[BL_RECIPE_TEXT];
  bl_recipe_print(&load->recipe, recipe, sizeof recipe);
  tell(&report, settings->steps, recipe);
  return true;
}
