/* The directory of a training run. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "begun.h"
#include "read.h"
#include "train.h"

static const char log_head[] =
    "step,tokens,loss,smoothed_loss,validation_loss,learning_rate,gradient_norm,seconds\n";

/* ---- files ---------------------------------------------------------------------------------- */

/* A file being written, and the errno of what failed. */
typedef struct sink {
  FILE *file;
  int reason;
} sink;

static bool write_bytes(void *context, const void *bytes, size_t n_bytes) {
  sink *s = context;
  if (fwrite(bytes, 1, n_bytes, s->file) == n_bytes) return true;
  s->reason = errno;
  return false;
}

/* What a file is written from: a text, or the trainer. */
typedef struct content {
  const char *text;
  size_t size;
  const bl_trainer *trainer;
  bool as_checkpoint; /* else as weights */
} content;

static bool write_content(sink *s, const content *c, bl_error *error) {
  if (!c->trainer) return write_bytes(s, c->text, c->size);
  if (c->as_checkpoint) return bl_trainer_save(c->trainer, write_bytes, s, error) == BL_OK;
  return bl_trainer_export(c->trainer, BL_BF16, write_bytes, s, error) == BL_OK;
}

/* To be called before a path is made; NULL when it is there, or there is a checkpoint already. */
static cli_begun *prepare(const cli_run *run, const char *path) {
  enum { CAPACITY = sizeof run->begun / sizeof *run->begun };
  bool is_new = run->n_begun >= 0 && run->n_begun < CAPACITY && access(path, F_OK) != 0;
  return is_new ? cli_begun_prepare(path) : NULL;
}

static void start(cli_run *run, cli_begun *begun, const char *path) {
  cli_begun_start(begun, path);
  if (begun) run->begun[run->n_begun++] = begun;
}

/* From now on everything stays. */
static void keep(cli_run *run) {
  for (int i = 0; i < run->n_begun; i++) cli_begun_finish(run->begun[i]);
  run->n_begun = -1;
}

/* Writes FOLDER/NAME so that it is there complete or as it was. The run's folder is ours alone, so
 * the name beside it is too; what a killed run left there is written over. */
static bool write_file(cli_run *run, const char *name, const content *c) {
  bl_error error = {0};
  char *path = cli_print("%s/%s", run->folder, name), *partial = cli_print("%s.partial", path);
  cli_begun *begun = cli_begun_prepare(partial), *named = prepare(run, path);
  int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0666);
  sink s = {.file = fd < 0 ? NULL : fdopen(fd, "wb")};
  if (!s.file) s.reason = errno;
  if (fd >= 0) cli_begun_start(begun, partial);
  if (fd >= 0 && !s.file) close(fd);
  bool ok = s.file && write_content(&s, c, &error);
  if (ok && (fflush(s.file) != 0 || fsync(fd) != 0)) {
    s.reason = errno;
    ok = false;
  }
  if (s.file && fclose(s.file) != 0 && ok) {
    s.reason = errno;
    ok = false;
  }
  if (ok && rename(partial, path) != 0) {
    s.reason = errno;
    ok = false;
  }
  if (!ok && fd >= 0) unlink(partial);
  if (ok) start(run, named, path);
  if (!ok) cli_fail("cannot write %s: %s", path, s.reason ? strerror(s.reason) : error.message);
  cli_begun_finish(begun);
  free(path);
  free(partial);
  return ok;
}

/* What a model's folder says beside what a run writes itself: chat template, settings, names. */
static bool write_origin(cli_run *run) {
  static const char *const own[] = {"config.json", "tokenizer.json",
                                    "model.safetensors.index.json"};
  bool ok = true;
  for (int i = 0; ok && run->origin && i < run->origin->n_texts; i++) {
    const cli_file *text = &run->origin->texts[i];
    bool is_left_out = !cli_is_of_model(run->origin, text->path);
    for (size_t j = 0; j < sizeof own / sizeof *own; j++)
      is_left_out = is_left_out || strcmp(text->name, own[j]) == 0;
    if (!is_left_out)
      ok = write_file(run, text->name,
                      &(content){.text = (const char *)text->bytes, .size = (size_t)text->size});
  }
  return ok;
}

bool cli_run_save(cli_run *run, const bl_trainer *trainer, const cli_train_recipe *recipe) {
  const struct {
    const char *name;
    content content;
  } files[] = {
      {"config.json", {.text = recipe->config, .size = recipe->config_size}},
      {"tokenizer.json", {.text = recipe->tokenizer, .size = recipe->tokenizer_size}},
      {"model.safetensors", {.trainer = trainer}},
      {"checkpoint.bin", {.trainer = trainer, .as_checkpoint = true}},
  };
  bool ok = write_origin(run);
  for (size_t i = 0; ok && i < sizeof files / sizeof *files; i++)
    ok = write_file(run, files[i].name, &files[i].content);
  if (ok) keep(run);
  return ok;
}

/* ---- the log -------------------------------------------------------------------------------- */

/* Cuts off what was logged after the checkpoint, and reads off how long training had taken. */
static bool rewind_log(cli_run *run, const char *path, int64_t step) {
  size_t size;
  if (access(path, F_OK) != 0) return true;
  char *text = cli_read_file(path, CLI_MAX_TEXT, &size);
  if (!text) return false;
  char *line = strchr(text, '\n');
  line = line ? line + 1 : text + size;
  for (char *end; *line && (end = strchr(line, '\n')) && strtoll(line, NULL, 10) <= step;
       line = end + 1) {
    char *last = end;
    while (last > line && last[-1] != ',') last--;
    run->seconds = strtod(last, NULL);
  }
  bool ok = write_file(run, "log.csv", &(content){.text = text, .size = (size_t)(line - text)});
  free(text);
  return ok;
}

static bool open_log(cli_run *run, int64_t step) {
  char *path = cli_print("%s/log.csv", run->folder);
  bool ok = step == 0
                ? write_file(run, "log.csv", &(content){log_head, sizeof log_head - 1, NULL, 0})
                : rewind_log(run, path, step);
  if (ok) run->log = fopen(path, "a");
  if (ok && !run->log) ok = cli_fail("cannot write %s: %s", path, strerror(errno));
  free(path);
  return ok;
}

bool cli_run_log(cli_run *run, const cli_log_row *row) {
  FILE *log = run->log;
  fprintf(log, "%lld,%lld,%.6f,%.6f,", (long long)row->step, (long long)row->tokens, row->loss,
          row->smoothed_loss);
  if (!isnan(row->validation_loss)) fprintf(log, "%.6f", row->validation_loss);
  fprintf(log, ",%.6g,%.5g,%.1f\n", row->learning_rate, row->gradient_norm, row->seconds);
  return fflush(log) == 0 || cli_fail("cannot write %s/log.csv: %s", run->folder, strerror(errno));
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static bool restore(const cli_run *run, const char *path, bl_trainer *trainer) {
  bl_error error;
  size_t size;
  if (access(path, F_OK) != 0)
    return cli_fail("%s holds no checkpoint.bin to resume: leave out --resume to begin",
                    run->folder);
  /* Three numbers for each parameter, and what goes before them. */
  uint64_t most = 12 * (uint64_t)bl_trainer_n_params(trainer) + 4096;
  char *bytes = cli_read_file(path, most, &size);
  if (!bytes) return false;
  bool ok = bl_trainer_restore(trainer, bytes, size, &error) == BL_OK ||
            cli_fail("%s: %s", path, error.message);
  free(bytes);
  return ok;
}

/* Two runs in one folder would write over each other's files. */
static bool lock_folder(cli_run *run) {
  bool in_use;
  run->lock = cli_lock_folder(run->folder, &in_use);
  return !in_use || cli_fail("another run is training in %s", run->folder);
}

bool cli_run_begin(cli_run *run, const char *folder, bool resume, bl_trainer *trainer) {
  *run = (cli_run){.folder = cli_copy(folder), .lock = -1};
  size_t size = strlen(folder);
  while (size > 1 && run->folder[size - 1] == '/') run->folder[--size] = 0;
  char *path = cli_print("%s/checkpoint.bin", run->folder);
  bool ok = true;
  if (!resume && access(path, F_OK) != 0) {
    cli_begun *begun = prepare(run, run->folder);
    bool made = mkdir(run->folder, 0777) == 0;
    if (made) start(run, begun, run->folder);
    if (!made && errno != EEXIST)
      ok = cli_fail("cannot make the directory %s: %s", run->folder, strerror(errno));
  }
  ok = ok && lock_folder(run);
  if (ok && resume) {
    ok = restore(run, path, trainer);
    keep(run);
  } else if (ok && access(path, F_OK) == 0) {
    ok = cli_fail("%s holds a run already: --resume goes on with it, or give another --out",
                  run->folder);
  }
  ok = ok && open_log(run, bl_trainer_n_steps_done(trainer));
  free(path);
  return ok;
}

void cli_run_end(cli_run *run) {
  if (run->log) fclose(run->log);
  if (run->lock >= 0) close(run->lock);
  free(run->folder);
  *run = (cli_run){.lock = -1};
}
