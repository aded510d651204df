/* The standard output. What a command prints is held back until the command has come to its end, so
 * that one that fails prints nothing but its sentence; only what is to be seen as it comes goes out
 * before. A write that failed is told with its own reason, and once. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli.h"

/* Longer output goes out in parts of this size. */
static char held_back[1 << 20];
static int reason; /* errno of the write that failed, or 0 */
static bool is_told;

void cli_stdout_begin(void) {
  /* What is closed stays unusable: else a file of ours would get its number, and the text. */
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0) open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  setvbuf(stdout, held_back, _IOFBF, sizeof held_back);
}

/* Says what went wrong, if anything did. */
static bool check(bool ok) {
  if (!ok && !reason) reason = errno;
  if (!reason && !ferror(stdout)) return true;
  if (!is_told && reason) cli_fail("cannot write to the standard output: %s", strerror(reason));
  if (!is_told && !reason) cli_fail("cannot write to the standard output");
  is_told = true;
  return false;
}

bool cli_stdout_push(void) {
  return !is_told && check(fflush(stdout) == 0);
}

void cli_stdout_watch(void) {
  if (ferror(stdout) && !reason) reason = errno;
}

bool cli_stdout_end(bool succeeded) {
  if (succeeded && cli_stdout_push()) return check(close(STDOUT_FILENO) == 0);
  close(STDOUT_FILENO); /* what was held back goes nowhere */
  return false;
}

void cli_write_char(const char *text, size_t size, uint32_t code) {
  if (code == 0xfffd)
    fputs("\xef\xbf\xbd", stdout);
  else if (!bl_is_control(code))
    fwrite(text, 1, size, stdout);
}

void cli_write_text(const char *text, size_t size) {
  if (!isatty(STDOUT_FILENO)) {
    fwrite(text, 1, size, stdout);
    return;
  }
  for (size_t i = 0; i < size;) {
    uint32_t code;
    size_t n = cli_read_char(text + i, size - i, &code);
    if (code == '\n' || code == '\t')
      putchar((int)code);
    else
      cli_write_char(text + i, n, code);
    i += n;
  }
}
