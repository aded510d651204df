/* llama.cpp's importance matrices as files of the command. */
#define _XOPEN_SOURCE 700 /* mkstemp */
#include "imatrix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "begun.h"
#include "cli.h"
#include "read.h"

/* Of a 405B model with experts a matrix takes about 2 GB. */
#define MOST_BYTES (UINT64_C(8) << 30)

bool cli_read_imatrix(const char *path, const bl_model *model, bl_statistics **statistics) {
  bl_error error;
  size_t size;
  int n_missing = 0;
  char *bytes = cli_read_file(path, MOST_BYTES, &size);
  if (!bytes) return false;
  const char *name = cli_file_name(path);
  bl_code code =
      bl_statistics_from_imatrix(model, name, bytes, size, statistics, &n_missing, &error);
  free(bytes);
  if (code != BL_OK) return cli_fail("%s", error.message);
  if (n_missing > 0)
    cli_note("%s has nothing of %d of the matrices, whose columns count all the same", name,
             n_missing);
  return true;
}

/* A file that is there whole, under a name that nothing has, or not at all. */
static bool write_new(const char *path, const char *bytes, size_t size) {
  cli_remove_leftovers(path);
  char *partial = cli_print("%s.partial-XXXXXX", path);
  cli_begun *begun = cli_begun_prepare(partial);
  const int fd = mkstemp(partial);
  if (fd >= 0) cli_begun_start(begun, partial);
  FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
  const mode_t mask = umask(0);
  umask(mask);
  bool ok = file && cli_lock(fd) && fchmod(fd, 0666 & ~mask) == 0 &&
            fwrite(bytes, 1, size, file) == size && fflush(file) == 0 &&
            cli_place(partial, path, false);
  if (!ok) cli_fail("cannot write %s: %s", path, strerror(errno));
  if (file) fclose(file);
  if (!ok && fd >= 0) unlink(partial);
  cli_begun_finish(begun);
  free(partial);
  return ok;
}

bool cli_save_imatrix(const char *path, const bl_model *model, const bl_statistics *statistics,
                      const char *dataset) {
  static const char dat[] = ".dat";
  const size_t n = strlen(path), n_dat = sizeof dat - 1;
  const bool as_dat = n > n_dat && strcmp(path + n - n_dat, dat) == 0;
  bl_error error;
  char *bytes = NULL;
  size_t size = 0;
  if (bl_statistics_to_imatrix(statistics, model, dataset, as_dat, &bytes, &size, &error) != BL_OK)
    return cli_fail("%s", error.message);
  const bool ok = write_new(path, bytes, size);
  free(bytes);
  return ok;
}
