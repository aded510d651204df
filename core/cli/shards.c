/* Models in numbered files, "model-00001-of-00002.safetensors" or ".gguf": any of them stands for
 * all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"

/* A name taken apart. */
typedef struct part {
  int stem; /* characters before "-00001-of-00002" */
  long number, count;
  const char *end; /* ".safetensors" or ".gguf" */
} part;

static bool read_part(const char *name, part *p) {
  const char *dot = strrchr(name, '.');
  if (!dot || dot - name < 15) return false;
  const char *at = dot - 15;
  for (int i = 0; i < 15; i++) {
    const char pattern = "-00000-of-00000"[i];
    const bool is_digit = at[i] >= '0' && at[i] <= '9';
    if (pattern == '0' ? !is_digit : at[i] != pattern) return false;
  }
  *p = (part){(int)(at - name), strtol(at + 1, NULL, 10), strtol(at + 10, NULL, 10), dot};
  return p->number >= 1 && p->number <= p->count && p->count > 1;
}

bool cli_part_of(const char *name, const char *other) {
  part a, b;
  return read_part(name, &a) && read_part(other, &b) && a.count == b.count && a.stem == b.stem &&
         strncmp(name, other, (size_t)a.stem) == 0 && strcmp(a.end, b.end) == 0;
}

bool cli_source_add_parts(cli_source *source, const char *name) {
  part p;
  if (!read_part(name, &p)) return false;
  source->n_parts = p.count;
  for (long i = 1; i <= p.count; i++) {
    struct stat info;
    char *part_name = cli_print("%.*s-%05ld-of-%05ld%s", p.stem, name, i, p.count, p.end);
    char *path = cli_print("%s/%s", source->folder, part_name);
    const bool is_there = stat(path, &info) == 0;
    free(path);
    if (is_there && !cli_source_add(source, part_name)) return false;
    if (is_there || source->missing_part) {
      free(part_name);
    } else {
      source->missing_part = part_name;
    }
  }
  return true;
}
