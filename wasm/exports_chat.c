/* Rendering chat templates, for JavaScript; the conventions are those of exports.c. Only the full
 * module has this (wasm/build.mjs): it needs no model, but the texts that bw_model_text gives of
 * one. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "exports.h"

static char *text; /* the last that was rendered */

static bl_code render(const char *source, const char *config, const char *map,
                      const bl_message *messages, int n_messages, const bl_date *now) {
  char *variables = NULL;
  size_t size = 0;
  bl_code code =
      bl_chat_variables(config, map, messages, n_messages, true, &variables, &size, &bw_last_error);
  if (code == BL_OK)
    code =
        bl_chat_render(source, strlen(source), variables, size, now, &text, &size, &bw_last_error);
  free(variables);
  if (code != BL_OK || strlen(text) == size) return code;
  return bl_fail(&bw_last_error, BL_ERR_INPUT, "the chat template writes a NUL character");
}

/* A prompt as a user's turn, after a system prompt unless that is empty; the two files of the model
 * may be NULL. The text is valid until the next call; NULL and an error where the template fails.
 */
EXPORT(bw_chat_render)
const char *bw_chat_render(const char *source, const char *config, const char *map,
                           const char *system, size_t system_size, const char *prompt,
                           size_t prompt_size, int year, int month, int day, int hour, int minute,
                           int second) {
  const bl_message messages[] = {{"system", system, system_size}, {"user", prompt, prompt_size}};
  const int skipped = system_size == 0;
  const bl_date now = {year, month, day, hour, minute, second};
  free(text);
  text = NULL;
  return render(source, config, map, messages + skipped, 2 - skipped, &now) == BL_OK ? text : NULL;
}
