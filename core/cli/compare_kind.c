/* What can be measured of which model: encoders read whole texts, others continue them. */
#include "compare.h"

/* An option that was given and that an encoder has no use for, or NULL. */
static const char *find_continuing(const cli_compare_settings *set) {
  return set->text      ? "--text"
         : set->tasks   ? "--tasks"
         : set->prompt  ? "--prompt"
         : set->prompts ? "--prompts"
         : set->layers  ? "--layers"
                        : NULL;
}

bool cli_check_kind(const cli_comparison *c) {
  const cli_compare_settings *set = c->set;
  bl_model_info info;
  bl_model_get_info(c->model, &info);
  if (!info.is_encoder)
    return !set->labels ||
           cli_fail(
               "%s is a %s model, which continues texts: --labels needs a classifier (bert, "
               "distilbert or roberta for sequence classification)",
               set->model, info.architecture);
  const char *option = find_continuing(set);
  if (option)
    return cli_fail(
        "%s is a %s model, which reads whole texts and continues none: %s is not for "
        "it, --labels FILE is",
        set->model, info.architecture, option);
  return !set->cost || set->labels ||
         cli_fail(
             "%s is a %s model, whose time is that of labelling texts: --cost needs --labels "
             "FILE",
             set->model, info.architecture);
}
