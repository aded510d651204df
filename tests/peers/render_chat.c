/* render_chat TEMPLATE VARIABLES: prints what the core makes of a chat template file and a JSON
 * file of its variables, on a fixed date. An error is a line on stderr and the exit status 1. */
#include <stdio.h>
#include <stdlib.h>

#include "bitloss.h"

static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  char *bytes = NULL;
  *size = 0;
  if (!file) return NULL;
  for (size_t n = 1; n > 0; *size += n) {
    bytes = realloc(bytes, *size + 65536);
    if (!bytes) exit(2);
    n = fread(bytes + *size, 1, 65536, file);
  }
  fclose(file);
  return bytes;
}

int main(int argc, char **argv) {
  static const bl_date now = {2025, 7, 4, 9, 5, 6};
  bl_error error = {0};
  char *source, *variables, *text;
  size_t source_size, variables_size, size;
  if (argc != 3) return 2;
  source = read_file(argv[1], &source_size);
  variables = read_file(argv[2], &variables_size);
  if (!source || !variables) return 2;
  bl_code code =
      bl_chat_render(source, source_size, variables, variables_size, &now, &text, &size, &error);
  if (code == BL_OK) {
    fwrite(text, 1, size, stdout);
    free(text);
  } else {
    fprintf(stderr, "%s\n", error.message);
  }
  free(source);
  free(variables);
  return code == BL_OK ? 0 : 1;
}
