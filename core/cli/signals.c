/* What the command does on a signal. Handlers run on any thread, at any moment: they call only what
 * POSIX lets them (write, stat, unlink, rmdir, _exit …), on what was made ready before. */
#if defined(__linux__)
#define _GNU_SOURCE /* sigaction's si_addr, setitimer */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE /* setitimer */
#endif

#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "begun.h"
#include "cli.h"

/* ---- interruptions -------------------------------------------------------------------------- */

/* Work looks for the mark between its pieces. One whose pieces are long, such as a text of many
 * megabytes that is cut into tokens, is not waited for longer than this. */
#define GRACE_MICROSECONDS 700000

static volatile sig_atomic_t caught_signal, is_saving;

static void arm_deadline(void) {
  struct itimerval deadline = {.it_value = {.tv_usec = GRACE_MICROSECONDS}};
  setitimer(ITIMER_REAL, &deadline, NULL);
}

static void remember(int number) {
  int reason = errno;
  if (!caught_signal) arm_deadline();
  caught_signal = number;
  errno = reason;
}

/* Ends the process as the caught signal does, and removes what it had begun to write. */
static void end_late(int number) {
  (void)number;
  if (!caught_signal) return;
  if (is_saving) {
    arm_deadline();
    return;
  }
  cli_progress_end();
  cli_begun_remove();
  signal(caught_signal, SIG_DFL);
  kill(getpid(), caught_signal);
}

static void handle(int signal_number, void (*handler)(int),
                   void (*with_info)(int, siginfo_t *, void *)) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  if (with_info) {
    action.sa_sigaction = with_info;
    action.sa_flags = SA_SIGINFO;
  } else {
    action.sa_handler = handler;
  }
  sigemptyset(&action.sa_mask);
  sigaction(signal_number, &action, NULL);
}

void cli_catch_interrupts(void) {
  handle(SIGALRM, end_late, NULL);
  handle(SIGINT, remember, NULL);
  handle(SIGTERM, remember, NULL);
  struct sigaction hangup; /* which nohup has us ignore */
  if (sigaction(SIGHUP, NULL, &hangup) != 0 || hangup.sa_handler != SIG_IGN)
    handle(SIGHUP, remember, NULL);
}

bool cli_interrupted(void) {
  return caught_signal != 0;
}

bool cli_take_interrupt(void) {
  if (caught_signal != SIGINT) return false;
  struct itimerval never = {0};
  setitimer(ITIMER_REAL, &never, NULL);
  caught_signal = 0;
  return true;
}

void cli_finish_first(bool saving) {
  is_saving = saving;
}

void cli_die_if_interrupted(void) {
  if (!caught_signal) return;
  signal(caught_signal, SIG_DFL);
  raise(caught_signal);
}

/* ---- mapped files --------------------------------------------------------------------------- */

struct cli_mapping {
  const uint8_t *bytes;
  size_t size;
  char *path;
  char *is_shorter, *is_lost; /* sentences */
  cli_mapping *next;
};

static cli_mapping *volatile mappings;
static atomic_flag is_told = ATOMIC_FLAG_INIT;

cli_mapping *cli_mapping_watch(const char *path, const void *bytes, size_t size) {
  cli_mapping *new = cli_alloc(sizeof *new);
  char *shown = cli_plain_copy(path);
  *new = (cli_mapping){
      .bytes = bytes,
      .size = size,
      .path = cli_copy(path),
      .is_shorter = cli_print("bitloss: %s became shorter while it was read\n", shown),
      .is_lost = cli_print("bitloss: cannot read %s: its disk or its network failed\n", shown),
      .next = mappings};
  free(shown);
  mappings = new;
  return new;
}

void cli_mapping_forget(cli_mapping *mapping) {
  if (!mapping) return;
  if (mappings == mapping) {
    mappings = mapping->next;
  } else {
    cli_mapping *before = mappings;
    while (before->next != mapping) before = before->next;
    before->next = mapping->next;
  }
  free(mapping->path);
  free(mapping->is_shorter);
  free(mapping->is_lost);
  free(mapping);
}

/* A read of a map that failed. Anywhere else it is a fault of the program's own: it happens again
 * on return, and ends the process as such. */
static void lose_map(int number, siginfo_t *info, void *context) {
  (void)context;
  const uint8_t *at = info->si_addr;
  const cli_mapping *mapping = mappings;
  while (mapping && (at < mapping->bytes || at >= mapping->bytes + mapping->size))
    mapping = mapping->next;
  if (!mapping) {
    signal(number, SIG_DFL);
    return;
  }
  while (atomic_flag_test_and_set(&is_told)) pause(); /* another thread is ending the process */
  struct stat now;
  bool is_shorter = stat(mapping->path, &now) != 0 || (uint64_t)now.st_size < mapping->size;
  const char *sentence = is_shorter ? mapping->is_shorter : mapping->is_lost;
  cli_progress_end();
  if (write(STDERR_FILENO, sentence, strlen(sentence)) < 0) _exit(CLI_FAILED);
  cli_begun_remove();
  _exit(CLI_FAILED);
}

void cli_catch_faults(void) {
  signal(SIGPIPE, SIG_DFL); /* a reader that goes away ends the command quietly */
#if defined(SIGXFSZ)
  signal(SIGXFSZ, SIG_IGN); /* writing beyond a limit is then an error like any other */
#endif
  handle(SIGBUS, NULL, lose_map);
#if defined(__APPLE__)
  handle(SIGSEGV, NULL, lose_map); /* which some of its versions send instead */
#endif
}
