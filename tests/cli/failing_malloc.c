/* An allocator that fails at the n-th call, to be preloaded into the command, for memory.test.mjs.
 *
 * The process never gets to main itself: it reads lines from file descriptor 3,
 *
 *     N ALL FOLDER
 *
 * and for each forks a child that goes on to main in FOLDER, with its output in FOLDER/../out and
 * FOLDER/../err, where allocation N fails, and with ALL = 1 also every later one (N = 0: none).
 * Then it writes to file descriptor 4 how the child ended (its exit status, or minus the signal)
 * and how many allocations it made. A fork takes a tenth of the time of a start. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* glibc's own; where they are missing this does not link, and the test is skipped. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_long *n_calls; /* shared with the parent; NULL outside of children */
static long failing;
static int and_later;

static int fails(void) {
  if (!n_calls) return 0;
  long n = atomic_fetch_add(n_calls, 1) + 1;
  int result = failing > 0 && (n == failing || (and_later && n > failing));
  if (result) errno = ENOMEM;
  return result;
}

void *malloc(size_t size) {
  return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size) {
  return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *block, size_t size) {
  return fails() ? NULL : __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
  return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  void *made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *block = made;
  return 0;
}

static void redirect(const char *folder, const char *name, int fd) {
  char path[512];
  snprintf(path, sizeof path, "%s/../%s", folder, name);
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (file < 0 || dup2(file, fd) < 0) _exit(126);
  close(file);
}

/* In the child; returns to go on to main. */
static void begin(const char *folder, long n, int all, atomic_long *counter) {
  close(3);
  close(4);
  redirect(folder, "out", STDOUT_FILENO);
  redirect(folder, "err", STDERR_FILENO);
  if (chdir(folder) != 0) _exit(126);
  failing = n;
  and_later = all;
  n_calls = counter;
}

__attribute__((constructor)) static void serve(void) {
  atomic_long *counter =
      mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  FILE *requests = fdopen(3, "r");
  char line[512], folder[400];
  if (!requests || counter == MAP_FAILED) _exit(126);
  while (fgets(line, sizeof line, requests)) {
    long n;
    int all, status;
    if (sscanf(line, "%ld %d %399s", &n, &all, folder) != 3) _exit(126);
    atomic_store(counter, 0);
    pid_t child = fork();
    if (child == 0) {
      begin(folder, n, all, counter);
      return;
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) _exit(126);
    int end = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    dprintf(4, "%d %ld\n", end, atomic_load(counter));
  }
  _exit(0);
}
