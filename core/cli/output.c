/* Writing a directory so that it is there complete or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

/* Makes the directories that lead to path[0, size), and sets *n_existing to how much of the path
 * was there before. */
static bool make_parents(char *path, size_t *n_existing) {
  *n_existing = 0;
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    bool made = mkdir(path, 0777) == 0;
    bool ok = made || errno == EEXIST;
    if (!ok) cli_fail("cannot make the directory %s: %s", path, strerror(errno));
    if (ok && !made) *n_existing = strlen(path);
    *slash = '/';
    if (!ok) return false;
  }
  return true;
}

bool cli_output_begin(cli_output *output, const char *path) {
  *output = (cli_output){.path = cli_copy(path), .n_existing = SIZE_MAX};
  size_t size = strlen(path);
  while (size > 1 && output->path[size - 1] == '/') output->path[--size] = 0;
  struct stat info;
  if (lstat(output->path, &info) == 0) {
    return cli_fail("%s already exists: remove it, or give another path", output->path);
  }
  if (errno != ENOENT) return cli_fail("cannot write %s: %s", output->path, strerror(errno));
  if (!make_parents(output->path, &output->n_existing)) return false;
  char *temporary = cli_print("%s.partial-XXXXXX", output->path);
  if (!mkdtemp(temporary)) {
    cli_fail("cannot write beside %s: %s", output->path, strerror(errno));
    free(temporary);
    return false;
  }
  output->temporary = temporary;
  mode_t mask = umask(0);
  umask(mask);
  chmod(temporary, 0777 & ~mask); /* mkdtemp makes a private one */
  return true;
}

/* Opens a new file in the directory; the name is the core's or one of ours. */
static int create(const cli_output *output, const char *name, char **path) {
  *path = cli_print("%s/%s", output->temporary, name);
  return open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

static bool write_all(int fd, const uint8_t *bytes, size_t n_bytes) {
  while (n_bytes > 0) {
    ssize_t n = write(fd, bytes, n_bytes);
    if (n < 0 && errno == EINTR && !cli_interrupted()) continue;
    if (n < 0) return false;
    bytes += n;
    n_bytes -= (size_t)n;
  }
  return true;
}

typedef struct writer {
  int fd, reason; /* errno of the write that failed, or 0 */
  uint64_t *done;
  uint8_t *buffer; /* gathers the small pieces of an export */
  size_t used;
} writer;

#define BUFFER_BYTES ((size_t)1 << 20)

static bool flush_writer(writer *w) {
  if (write_all(w->fd, w->buffer, w->used)) {
    w->used = 0;
    return true;
  }
  w->reason = errno;
  return false;
}

static bool receive(void *context, const void *bytes, size_t n_bytes) {
  writer *w = context;
  const uint8_t *from = bytes;
  *w->done += n_bytes;
  while (n_bytes > 0) {
    size_t n = BUFFER_BYTES - w->used < n_bytes ? BUFFER_BYTES - w->used : n_bytes;
    memcpy(w->buffer + w->used, from, n);
    w->used += n;
    from += n;
    n_bytes -= n;
    if (w->used == BUFFER_BYTES && !flush_writer(w)) return false;
    if (cli_interrupted()) return false;
  }
  cli_progress(*w->done);
  return true;
}

bool cli_output_export(cli_output *output, const bl_export *ex, int file, uint64_t *done) {
  bl_error error = {BL_OK, ""};
  char *path;
  writer w = {.done = done, .fd = create(output, bl_export_file_name(ex, file), &path)};
  bool ok = w.fd >= 0;
  if (!ok) w.reason = errno;
  if (ok) {
    w.buffer = cli_alloc(BUFFER_BYTES);
    ok = bl_export_write(ex, file, receive, &w, &error) == BL_OK && flush_writer(&w);
    if (close(w.fd) != 0 && ok) {
      w.reason = errno;
      ok = false;
    }
    free(w.buffer);
  }
  if (!ok && w.reason) cli_fail("cannot write %s: %s", path, strerror(w.reason));
  if (!ok && !w.reason && !cli_interrupted()) cli_fail("%s", error.message);
  free(path);
  return ok;
}

bool cli_output_copy(cli_output *output, const cli_source *source, const char *name) {
  char *from = cli_print("%s/%s", source->folder, name), *path = NULL;
  struct stat info;
  int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
  bool ok = true;
  if (in < 0) {
    ok = errno == ENOENT || cli_fail("cannot open %s: %s", from, strerror(errno));
    goto done;
  }
  if (fstat(in, &info) == 0 && !S_ISREG(info.st_mode)) goto done;
  out = create(output, name, &path);
  if (out < 0) {
    ok = errno == EEXIST || cli_fail("cannot write %s: %s", path, strerror(errno));
    goto done;
  }
  uint8_t buffer[1 << 16];
  ssize_t n;
  while ((n = read(in, buffer, sizeof buffer)) > 0 && write_all(out, buffer, (size_t)n)) continue;
  if (n < 0) ok = cli_fail("cannot read %s: %s", from, strerror(errno));
  if (n > 0) ok = cli_fail("cannot write %s: %s", path, strerror(errno));
done:
  if (in >= 0) close(in);
  if (out >= 0 && close(out) != 0 && ok)
    ok = cli_fail("cannot write %s: %s", path, strerror(errno));
  free(from);
  free(path);
  return ok;
}

bool cli_output_commit(cli_output *output) {
  if (cli_interrupted()) return false;
  if (rename(output->temporary, output->path) != 0) {
    return cli_fail("cannot rename %s to %s: %s", output->temporary, output->path, strerror(errno));
  }
  free(output->temporary);
  output->temporary = NULL;
  output->n_existing = SIZE_MAX;
  return true;
}

bool cli_output_commit_file(cli_output *output, const char *name) {
  if (cli_interrupted()) return false;
  char *file = cli_print("%s/%s", output->temporary, name);
  bool ok = rename(file, output->path) == 0 ||
            cli_fail("cannot rename %s to %s: %s", file, output->path, strerror(errno));
  free(file);
  if (ok) output->n_existing = SIZE_MAX; /* what is left of the directory goes at the end */
  return ok;
}

static void remove_temporary(const cli_output *output) {
  DIR *dir = opendir(output->temporary);
  for (struct dirent *entry; dir && (entry = readdir(dir));) {
    char *path = cli_print("%s/%s", output->temporary, entry->d_name);
    unlink(path); /* "." and ".." refuse */
    free(path);
  }
  if (dir) closedir(dir);
  rmdir(output->temporary);
}

/* Takes away the parents that were made for the output, innermost first. */
static void remove_parents(const cli_output *output) {
  char *path = cli_copy(output->path);
  for (char *slash = strrchr(path, '/'); slash && slash != path; slash = strrchr(path, '/')) {
    *slash = 0;
    if (strlen(path) <= output->n_existing || rmdir(path) != 0) break;
  }
  free(path);
}

void cli_output_end(cli_output *output) {
  if (output->temporary) remove_temporary(output);
  if (output->path && output->n_existing != SIZE_MAX) remove_parents(output);
  free(output->temporary);
  free(output->path);
  *output = (cli_output){0};
}
