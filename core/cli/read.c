/* Reading files that may be anything: up to a bound, and never waiting unasked. */
#include "read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* Read at once, so that an interruption is seen soon. */
#define SLICE_BYTES ((size_t)1 << 20)
/* A pipe into which nothing was written for so long is worth a word. */
#define PATIENCE_SECONDS 3.0
#define POLL_MILLISECONDS 100

static const char *kind_of(mode_t mode) {
  return S_ISDIR(mode)    ? "a directory"
         : S_ISFIFO(mode) ? "a pipe, into which nobody may ever write"
         : S_ISSOCK(mode) ? "a socket"
                          : "a device";
}

int cli_open_file(const char *path, struct stat *info) {
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, info) != 0) {
    cli_fail("cannot open %s: %s", *path ? path : "a file without a name", strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
  }
  if (S_ISREG(info->st_mode)) return fd;
  cli_fail("%s is %s, expected a regular file", path, kind_of(info->st_mode));
  close(fd);
  return -1;
}

/* The number of the open file that the path stands for: 0 for "-"; -1 for any other path. */
static int number_of(const char *path) {
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  if (strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0) return STDIN_FILENO;
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    size_t n = strlen(folders[i]);
    if (strncmp(path, folders[i], n) != 0) continue;
    size_t n_digits = strspn(path + n, "0123456789");
    if (n_digits > 0 && n_digits < 8 && !path[n + n_digits]) return atoi(path + n);
  }
  return -1;
}

/* Waits until there is something to read, or the end: false when the command was interrupted. */
static bool wait_for(int fd, const char *path, bool *told) {
  double started = cli_seconds();
  for (;;) {
    struct pollfd one = {.fd = fd, .events = POLLIN};
    int n = poll(&one, 1, POLL_MILLISECONDS);
    if (cli_interrupted()) return false;
    if (n > 0 || (n < 0 && errno != EINTR)) return true; /* read says what is wrong */
    if (*told || cli_seconds() - started < PATIENCE_SECONDS) continue;
    cli_note("waiting for %s; Ctrl-C stops", path);
    *told = true;
  }
}

static bool too_long(const char *path, uint64_t size, uint64_t most) {
  char found[16], bound[16];
  if (size > most)
    return cli_fail("%s is %s long, expected at most %s", path, cli_size(size, found),
                    cli_size(most, bound));
  return cli_fail("%s is longer than %s, the most that is read of it", path, cli_size(most, bound));
}

/* Reads to the end. `text` has room for `capacity` bytes, and grows. */
static bool read_all(int fd, const char *path, uint64_t most, bool waits, char **text,
                     size_t capacity, size_t *size) {
  bool told = false;
  for (;;) {
    if (*size + 1 >= capacity) *text = cli_grow(*text, capacity += capacity / 2 + SLICE_BYTES);
    if (waits && !wait_for(fd, path, &told)) return false;
    size_t room = capacity - *size - 1;
    ssize_t n = read(fd, *text + *size, room < SLICE_BYTES ? room : SLICE_BYTES);
    if (cli_interrupted()) return false;
    if (n < 0 && (errno == EINTR || (errno == EAGAIN && waits))) continue;
    if (n < 0) return cli_fail("cannot read %s: %s", path, strerror(errno));
    if (n == 0) return true;
    *size += (size_t)n;
    if (*size > most) return too_long(path, 0, most);
  }
}

const char *cli_file_name(const char *path) {
  return strcmp(path, "-") == 0 ? "the standard input" : path;
}

char *cli_read_file(const char *path, uint64_t most, size_t *size) {
  struct stat info;
  int number = number_of(path), fd = number < 0 ? cli_open_file(path, &info) : dup(number);
  path = cli_file_name(path);
  if (fd < 0 && number >= 0) cli_fail("cannot read %s: %s", path, strerror(errno));
  if (fd < 0) return NULL;
  bool ok =
      number < 0 || fstat(fd, &info) == 0 || cli_fail("cannot read %s: %s", path, strerror(errno));
  if (ok && S_ISDIR(info.st_mode)) ok = cli_fail("%s is a directory, expected a file", path);
  bool is_regular = ok && S_ISREG(info.st_mode);
  if (is_regular && (uint64_t)info.st_size > most)
    ok = too_long(path, (uint64_t)info.st_size, most);
  /* One more than there should be: the end is then seen without growing. */
  size_t capacity = is_regular && ok ? (size_t)info.st_size + 2 : (size_t)1 << 16;
  char *text = ok ? cli_grow(NULL, capacity) : NULL;
  *size = 0;
  ok = ok && read_all(fd, path, most, !is_regular, &text, capacity, size);
  close(fd);
  if (ok) {
    text[*size] = 0;
    return text;
  }
  free(text);
  return NULL;
}
