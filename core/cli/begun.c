/* What has been begun and must not stay: the list of it, leftovers of killed runs, and the last
 * step. */
#if defined(__linux__)
#define _GNU_SOURCE /* renameat2's number, flock */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE /* flock, renamex_np */
#endif

#include "begun.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "cli.h"

/* ---- what is to be removed ------------------------------------------------------------------ */

/* They are few, and a handler may be reading them: none is ever freed. */
struct cli_begun {
  cli_begun *next;
  volatile sig_atomic_t is_finished;
  char path[];
};

static cli_begun *volatile latest;

cli_begun *cli_begun_prepare(const char *path) {
  if (!latest) atexit(cli_begun_remove);
  size_t size = strlen(path) + 1;
  cli_begun *new = cli_alloc(sizeof *new + size);
  new->next = latest;
  new->is_finished = 1;
  memcpy(new->path, path, size);
  latest = new;
  return new;
}

void cli_begun_start(cli_begun *begun, const char *path) {
  if (!begun) return;
  memcpy(begun->path, path, strlen(begun->path));
  begun->is_finished = 0;
}

void cli_begun_finish(cli_begun *begun) {
  if (begun) begun->is_finished = 1;
}

void cli_begun_remove(void) {
  for (cli_begun *b = latest; b; b = b->next) {
    if (b->is_finished) continue;
    b->is_finished = 1;
    if (unlink(b->path) != 0) rmdir(b->path);
  }
}

/* ---- leftovers ------------------------------------------------------------------------------ */

bool cli_lock(int fd) {
  return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static int open_locked(const char *path, int flags, bool *in_use) {
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags);
  *in_use = false;
  if (fd < 0) return -1;
  if (cli_lock(fd)) {
    struct stat opened, named; /* its owner may have renamed or removed it before we had the lock */
    if (fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino &&
        opened.st_dev == named.st_dev)
      return fd;
  } else {
    *in_use = errno == EWOULDBLOCK;
  }
  close(fd);
  return -1;
}

int cli_lock_folder(const char *path, bool *in_use) {
  return open_locked(path, O_DIRECTORY, in_use);
}

/* The names in a directory that is open, "." and ".." apart; false when one is not a regular file.
 * Calls take for each, unless it is NULL; adds up sizes. */
static bool each_file(int folder, bool (*take)(int folder, const char *name), uint64_t *n_bytes) {
  int copy = dup(folder);
  DIR *dir = copy < 0 ? NULL : fdopendir(copy);
  if (!dir) {
    if (copy >= 0) close(copy);
    return false;
  }
  rewinddir(dir);
  bool ok = true;
  *n_bytes = 0;
  for (struct dirent *entry; ok && (entry = readdir(dir));) {
    struct stat info;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    ok = fstatat(folder, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
         (!take || take(folder, entry->d_name));
    if (ok) *n_bytes += (uint64_t)info.st_size;
  }
  closedir(dir);
  return ok;
}

static bool remove_file(int folder, const char *name) {
  return unlinkat(folder, name, 0) == 0;
}

/* What mkdtemp may put for its six X. */
static bool is_own_ending(const char *text) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return strlen(text) == 6 && strspn(text, letters) == 6;
}

static void remove_leftover(const char *path, const char *target) {
  struct stat info;
  if (lstat(path, &info) != 0 || info.st_uid != geteuid()) return;
  bool in_use, is_folder = S_ISDIR(info.st_mode);
  if (!is_folder && !S_ISREG(info.st_mode)) return;
  int fd = open_locked(path, is_folder ? O_DIRECTORY : 0, &in_use);
  if (fd < 0) {
    if (in_use && is_folder)
      cli_note("another run is writing %s too; the first to be done has it", target);
    return;
  }
  char size[16];
  uint64_t n_bytes = (uint64_t)info.st_size;
  bool removed = is_folder ? each_file(fd, NULL, &n_bytes) &&
                                 each_file(fd, remove_file, &n_bytes) && rmdir(path) == 0
                           : unlink(path) == 0;
  if (removed) {
    cli_note("removed %s, which a run that was killed had left (%s)", path,
             cli_size(n_bytes, size));
  } else {
    cli_note("%s looks like what a run that was killed had left; it was not removed", path);
  }
  close(fd);
}

void cli_remove_leftovers(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  char *folder =
      slash ? cli_print("%.*s", slash == path ? 1 : (int)(slash - path), path) : cli_copy(".");
  char *start = cli_print("%s.partial-", name);
  DIR *dir = opendir(folder);
  if (!dir && errno == ENOMEM) cli_die("cannot open %s: %s", folder, strerror(errno));
  for (struct dirent *entry; dir && (entry = readdir(dir));) {
    if (strncmp(entry->d_name, start, strlen(start)) != 0 ||
        !is_own_ending(entry->d_name + strlen(start)))
      continue;
    char *found = cli_print("%s.partial-%s", path, entry->d_name + strlen(start));
    remove_leftover(found, path);
    free(found);
  }
  if (dir) closedir(dir);
  free(folder);
  free(start);
}

/* ---- the last step -------------------------------------------------------------------------- */

/* The system's own rename that replaces nothing: 0, or -1 with errno; ENOSYS where it has none. */
static int rename_new(const char *from, const char *path) {
#if defined(SYS_renameat2)
  enum { RENAME_NEW_ONLY = 1 }; /* RENAME_NOREPLACE */
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, path, RENAME_NEW_ONLY);
#elif defined(RENAME_EXCL)
  return renamex_np(from, path, RENAME_EXCL);
#else
  (void)from;
  (void)path;
  errno = ENOSYS;
  return -1;
#endif
}

bool cli_place(const char *from, const char *path, bool is_folder) {
  if (rename_new(from, path) == 0) return true;
  bool knows_how = errno != ENOSYS && errno != EINVAL && errno != ENOTSUP && errno != EPERM;
  if (knows_how) return false;
  /* Elsewhere the name is taken first, by something empty that only we can have made, which rename
   * then replaces. */
  int fd =
      is_folder ? mkdir(path, 0777) : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return false;
  if (!is_folder) close(fd);
  if (rename(from, path) == 0) return true;
  int reason = errno == ENOTEMPTY ? EEXIST : errno;
  if (reason != EEXIST && (is_folder ? rmdir(path) : unlink(path)) != 0) reason = errno;
  errno = reason;
  return false;
}
