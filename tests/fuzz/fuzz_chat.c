/* Any text as a chat template, then a NUL byte, then its variables as JSON. What is rendered is
 * UTF-8 and no longer than the bounds allow; what is not has a sentence. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "bitloss.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool fact) {
  if (!fact) abort();
}

/* A copy in an allocation of the exact size, so that a read past it is seen. */
static char *copy_of(const void *bytes, size_t size) {
  char *copy = malloc(size ? size : 1);
  demand(copy != NULL);
  if (size) memcpy(copy, bytes, size);
  return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char usual[] =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"a, \xec\x95\x88 b\"}], \"n\": 3}";
  static const bl_date now = {2025, 7, 4, 9, 5, 6};
  const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
  size_t n_source = nul ? (size_t)(nul - data) : size;
  size_t n_variables = nul ? size - n_source - 1 : sizeof usual - 1;
  char *source = copy_of(data, n_source);
  char *variables = copy_of(nul ? (const void *)(nul + 1) : usual, n_variables);
  char *text = NULL;
  size_t n_text = 0;
  bl_error error = {0};
  bl_code code =
      bl_chat_render(source, n_source, variables, n_variables, &now, &text, &n_text, &error);
  demand((code == BL_OK) == (text != NULL) && (code == BL_OK || error.message[0]));
  if (text) {
    demand(text[n_text] == '\0' && bl_utf8_is_valid(text, n_text));
    demand(n_text <= (16u << 20) + 256 * size + 256 * sizeof usual);
  }
  free(text);
  free(source);
  free(variables);
  return 0;
}
