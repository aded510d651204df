/* The progress bar. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli.h"

#define DELAY_SECONDS 0.4 /* work shorter than this shows nothing */
#define DRAW_SECONDS 0.1

static struct {
  char label[128]; /* as it can be shown: it may be a file's name */
  const char *unit;
  uint64_t total;
  double started, drawn_at;
  bool enabled, drawn;
} bar;

void cli_progress_start(const char *label, const char *unit, uint64_t total) {
  cli_progress_end();
  bl_copy_sentence(bar.label, sizeof bar.label, "%s", label);
  bar.unit = unit;
  bar.total = total;
  bar.started = cli_seconds();
  bar.drawn_at = 0;
  bar.enabled = total > 0 && cli_is_terminal(STDERR_FILENO);
}

/* "12 s", "3 min 05 s", "2 h 10 min" */
static void print_duration(char *text, size_t text_size, double seconds) {
  if (seconds < 1) seconds = 1;
  if (seconds > 359999) seconds = 359999;
  int s = (int)(seconds + 0.5);
  if (s < 60) {
    snprintf(text, text_size, "%d s", s);
  } else if (s < 3600) {
    snprintf(text, text_size, "%d min %02d s", s / 60, s % 60);
  } else {
    snprintf(text, text_size, "%d h %02d min", s / 3600, s / 60 % 60);
  }
}

static void print_amount(char *text, size_t text_size, const char *unit, uint64_t amount) {
  char size[16];
  if (strcmp(unit, "B") == 0) {
    snprintf(text, text_size, "%s", cli_size(amount, size));
  } else {
    snprintf(text, text_size, "%llu", (unsigned long long)amount);
  }
}

/* The bar proper, `n_cells` columns: a heavy line over a light one, in half cells. */
static void print_bar(char *text, size_t text_size, double share, int n_cells) {
  static const char *const lines[] = {"─", "╸", "━"}, *const plain[] = {".", "-", "#"};
  const char *const *cells = cli_is_utf8() ? lines : plain;
  int n_halves = (int)(share * 2 * n_cells);
  size_t size = 0;
  for (int i = 0; i < n_cells && size + 4 < text_size; i++) {
    int left = n_halves - 2 * i;
    const char *cell = cells[left >= 2 ? 2 : left == 1 ? 1 : 0];
    size_t n = strlen(cell);
    memcpy(text + size, cell, n);
    size += n;
  }
  text[size] = 0;
}

void cli_progress_line(char *text, size_t text_size, const char *label, const char *unit,
                       uint64_t done, uint64_t total, double elapsed, int width) {
  double share = total ? (double)done / (double)total : 0;
  if (share > 1) share = 1;
  double rate = elapsed > 0 ? (double)done / elapsed : 0;
  char amount[32], whole[32], speed[32], left[32], parts[4][256];
  print_amount(amount, sizeof amount, unit, done);
  print_amount(whole, sizeof whole, unit, total);
  print_amount(speed, sizeof speed, unit, (uint64_t)rate);
  print_duration(left, sizeof left, rate > 0 ? (double)(total - done) / rate : 0);
  bool bytes = strcmp(unit, "B") == 0;

  /* What stands right of the bar, from the fullest to the barest. */
  int percent = (int)(share * 100);
  snprintf(parts[0], sizeof parts[0], " %3d%%  %s of %s%s%s  %s%s%s/s  %s left", percent, amount,
           whole, bytes ? "" : " ", bytes ? "" : unit, speed, bytes ? "" : " ", bytes ? "" : unit,
           left);
  snprintf(parts[1], sizeof parts[1], " %3d%%  %s%s%s/s  %s left", percent, speed, bytes ? "" : " ",
           bytes ? "" : unit, left);
  snprintf(parts[2], sizeof parts[2], " %3d%%  %s left", percent, left);
  snprintf(parts[3], sizeof parts[3], " %3d%%", percent);

  const int least_bar[4] = {16, 10, 6, 0};
  int label_width = cli_text_width(label, strlen(label)) + 1;
  for (int i = 0; i < 4; i++) {
    int room = width - 1 - label_width - (int)strlen(parts[i]);
    if (room < least_bar[i] && i < 3) continue;
    char cells[3 * 48];
    print_bar(cells, sizeof cells, share, room < 0 ? 0 : room > 40 ? 40 : room);
    if (room < 0) {
      snprintf(text, text_size, "%.*s", width > 1 ? width - 1 : 0, parts[3]);
    } else {
      snprintf(text, text_size, "%s %s%s", label, cells, parts[i]);
    }
    return;
  }
}

/* One write for the whole line, over the old one: nothing flickers. */
void cli_progress(uint64_t done) {
  if (!bar.enabled) return;
  double now = cli_seconds();
  if (now - bar.started < DELAY_SECONDS || now - bar.drawn_at < DRAW_SECONDS) return;
  if (done > bar.total) done = bar.total;
  char line[512], out[544];
  cli_progress_line(line, sizeof line, bar.label, bar.unit, done, bar.total, now - bar.started,
                    cli_width(STDERR_FILENO));
  int n = snprintf(out, sizeof out, "\r%s\033[K", line);
  if (n > 0 && write(STDERR_FILENO, out, (size_t)n) < 0) bar.enabled = false;
  bar.drawn = true;
  bar.drawn_at = now;
}

void cli_progress_end(void) {
  static const char erase[] = "\r\033[K";
  if (bar.drawn && write(STDERR_FILENO, erase, sizeof erase - 1) < 0) bar.drawn = false;
  bar.drawn = bar.enabled = false;
}

bool cli_bar_show(void *context, int64_t n_done, int64_t n_total) {
  cli_bar *b = context;
  if (!b->is_started) cli_progress_start(b->label, b->unit, (uint64_t)n_total);
  b->is_started = true;
  cli_progress((uint64_t)n_done);
  return !cli_interrupted();
}

bool cli_bar_end(bl_code code, const bl_error *error) {
  cli_progress_end();
  if (cli_interrupted()) return false;
  return code == BL_OK || cli_fail("%s", error->message);
}
