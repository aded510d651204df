/* Writing a directory, or one file, so that it is there complete or not at all. */
#define _XOPEN_SOURCE 700 /* realpath */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/stranger.h"
#include "begun.h"
#include "files.h"
#include "read.h"

/* Makes the directories that lead to the path. */
static bool make_parents(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    cli_begun *begun = cli_begun_prepare(path);
    bool made = mkdir(path, 0777) == 0;
    bool ok = made || errno == EEXIST;
    if (made) cli_begun_start(begun, path);
    if (!ok) cli_fail("cannot make the directory %s: %s", path, strerror(errno));
    *slash = '/';
    if (!ok) return false;
  }
  return true;
}

/* Makes a directory beside the path and locks it. Another run that is looking for leftovers may
 * take it for one before it is locked: then there is a next one. */
static bool make_temporary(cli_output *output) {
  bool in_use = true;
  for (int tries = 0; in_use && tries < 16; tries++) {
    char *temporary = cli_print("%s.partial-XXXXXX", output->path);
    cli_begun *begun = cli_begun_prepare(temporary);
    if (!mkdtemp(temporary)) {
      cli_fail("cannot write beside %s: %s", output->path, strerror(errno));
      free(temporary);
      return false;
    }
    mode_t mask = umask(0);
    umask(mask);
    chmod(temporary, 0777 & ~mask); /* mkdtemp makes a private one */
    output->lock = cli_lock_folder(temporary, &in_use);
    in_use = in_use || (output->lock < 0 && access(temporary, F_OK) != 0);
    if (!in_use) {
      cli_begun_start(begun, temporary);
      output->temporary = temporary;
      return true;
    }
    free(temporary);
  }
  return cli_fail("cannot write beside %s: others take its temporary directories away",
                  output->path);
}

bool cli_output_begin(cli_output *output, const char *path) {
  *output = (cli_output){.path = cli_copy(path)};
  size_t size = strlen(path);
  while (size > 1 && output->path[size - 1] == '/') output->path[--size] = 0;
  struct stat info;
  if (lstat(output->path, &info) == 0) {
    return cli_fail("%s already exists: remove it, or give another path", output->path);
  }
  if (errno != ENOENT) return cli_fail("cannot write %s: %s", output->path, strerror(errno));
  if (!make_parents(output->path)) return false;
  cli_remove_leftovers(output->path);
  return make_temporary(output);
}

/* Opens a new file in the directory, or in a folder within it; the name is the core's or one of
 * ours. */
static int create(const cli_output *output, const char *name, char **path) {
  const char *slash = strchr(name, '/');
  *path = cli_print("%s/%s", output->temporary, name);
  if (slash) {
    char *folder = cli_print("%s/%.*s", output->temporary, (int)(slash - name), name);
    cli_begun *made = cli_begun_prepare(folder);
    if (mkdir(folder, 0777) == 0) cli_begun_start(made, folder); /* else what follows fails too */
    free(folder);
  }
  cli_begun *begun = cli_begun_prepare(*path);
  int fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd >= 0) cli_begun_start(begun, *path);
  return fd;
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
  bl_error error = {0};
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

/* ---- side files ----------------------------------------------------------------------------- */

static bool is_within(const char *path, const char *folder) {
  size_t n = strlen(folder);
  return strncmp(path, folder, n) == 0 && (path[n] == '/' || (n && folder[n - 1] == '/'));
}

/* Cuts the last part off a path: "/a/b" -> "/a". */
static bool to_parent(char *path) {
  char *slash = strrchr(path, '/');
  if (!slash || slash == path) return false;
  *slash = 0;
  return true;
}

static bool ends_with_part(const char *path, const char *part) {
  const char *slash = strrchr(path, '/');
  return slash && strcmp(slash + 1, part) == 0;
}

/* The path without links, to be freed; NULL where it leads nowhere. */
static char *resolve(const char *path) {
  char *real = realpath(path, NULL);
  if (!real && errno == ENOMEM) cli_die("cannot open %s: %s", path, strerror(errno));
  return real;
}

/* Where the hub's cache keeps what a folder links to: models--ORG--NAME/blobs, when the folder is
 * models--ORG--NAME/snapshots/REVISION, or when its weights are links into such a place, as older
 * versions made them for --local-dir. NULL when neither; free it. */
static char *find_blobs(const cli_source *source, const char *real_folder) {
  char *repository = cli_copy(real_folder);
  bool is_snapshot =
      to_parent(repository) && ends_with_part(repository, "snapshots") && to_parent(repository);
  char *blobs = is_snapshot ? cli_print("%s/blobs", repository) : NULL;
  free(repository);
  if (blobs) return blobs;
  char *weights = source->n_weights ? resolve(source->weights[0].path) : NULL;
  if (weights && !is_within(weights, real_folder) && to_parent(weights) &&
      ends_with_part(weights, "blobs")) {
    char *above = cli_copy(weights);
    const char *slash = to_parent(above) ? strrchr(above, '/') : NULL;
    if (slash && strncmp(slash + 1, "models--", 8) == 0) blobs = cli_copy(weights);
    free(above);
  }
  free(weights);
  return blobs;
}

/* Where the file really is, when that is a place of the model's; else NULL. A link may lead
 * anywhere, and what it leads to would go wherever the output goes. Free it. */
static char *find_real(const cli_source *source, const char *path) {
  char *real = resolve(path), *folder = resolve(source->folder);
  char *blobs = folder ? find_blobs(source, folder) : NULL;
  bool ok = real && folder && (is_within(real, folder) || (blobs && is_within(real, blobs)));
  free(folder);
  free(blobs);
  if (ok) return real;
  free(real);
  return NULL;
}

bool cli_is_of_model(const cli_source *source, const char *path) {
  char *real = find_real(source, path);
  free(real);
  return real != NULL;
}

/* Opens the file for reading; -1 when it is to be left out, with *ok saying whether that is fine.
 */
static int open_side_file(const cli_source *source, const char *from, bool *ok) {
  struct stat info;
  *ok = true;
  if (lstat(from, &info) != 0) {
    *ok = errno == ENOENT || errno == ENOTDIR ||
          cli_fail("cannot open %s: %s", from, strerror(errno));
    return -1;
  }
  char *real = find_real(source, from);
  bool is_regular = real && lstat(real, &info) == 0 && S_ISREG(info.st_mode);
  int in = is_regular ? cli_open_file(real, &info) : -1;
  if (!real)
    cli_note("%s is a link that leads out of the model's folder: it was not copied", from);
  else if (!is_regular)
    cli_note("%s is not a regular file: it was not copied", from);
  else
    *ok = in >= 0;
  free(real);
  return in;
}

/* Is what the file holds not what it is called? Then that is told, and it is left out. */
static bool is_stranger(int in, const char *from) {
  char start[16];
  ssize_t n = pread(in, start, sizeof start, 0);
  const char *stranger = n > 0 ? bl_stranger(start, (size_t)n) : NULL;
  if (stranger) cli_note("%s is %s: it was not copied", from, stranger);
  return stranger != NULL;
}

bool cli_output_copy(cli_output *output, const cli_source *source, const char *name) {
  char *from = cli_print("%s/%s", source->folder, name), *path = NULL;
  bool ok;
  int in = open_side_file(source, from, &ok), out = -1;
  if (in < 0 || is_stranger(in, from)) goto done;
  out = create(output, name, &path);
  if (out < 0) {
    ok = errno == EEXIST || cli_fail("cannot write %s: %s", path, strerror(errno));
    goto done;
  }
  uint8_t buffer[1 << 16];
  uint64_t n_copied = 0;
  ssize_t n;
  while ((n = read(in, buffer, sizeof buffer)) > 0 && write_all(out, buffer, (size_t)n) &&
         !cli_interrupted() && (n_copied += (uint64_t)n) <= CLI_MAX_BESIDE)
    continue;
  ok = !cli_interrupted();
  if (ok && n < 0) ok = cli_fail("cannot read %s: %s", from, strerror(errno));
  if (ok && n_copied > CLI_MAX_BESIDE)
    ok = cli_fail("%s is longer than %llu MB, expected a text beside a model", from,
                  (unsigned long long)(CLI_MAX_BESIDE / 1000000));
  if (ok && n > 0) ok = cli_fail("cannot write %s: %s", path, strerror(errno));
done:
  if (in >= 0) close(in);
  if (out >= 0 && close(out) != 0 && ok)
    ok = cli_fail("cannot write %s: %s", path, strerror(errno));
  free(from);
  free(path);
  return ok;
}

/* ---- the end -------------------------------------------------------------------------------- */

static bool place(const char *from, const cli_output *output, bool is_folder) {
  if (cli_interrupted()) return false;
  if (cli_place(from, output->path, is_folder)) return true;
  if (errno == EEXIST)
    return cli_fail("%s was made by someone else meanwhile: it stays as it is, nothing was written",
                    output->path);
  return cli_fail("cannot rename %s to %s: %s", from, output->path, strerror(errno));
}

bool cli_output_commit(cli_output *output) {
  return place(output->temporary, output, true);
}

bool cli_output_commit_file(cli_output *output, const char *name) {
  char *file = cli_print("%s/%s", output->temporary, name);
  bool ok = place(file, output, false);
  free(file);
  return ok;
}

void cli_output_end(cli_output *output) {
  cli_begun_remove(); /* after a commit it finds nothing left to remove but an emptied directory */
  if (output->temporary && output->lock >= 0) close(output->lock);
  free(output->temporary);
  free(output->path);
  *output = (cli_output){0};
}
