/* The directory of a training run. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "train.h"

static const char log_head[] =
    "step,tokens,loss,smoothed_loss,validation_loss,learning_rate,gradient_norm,seconds\n";

/* ---- files ---------------------------------------------------------------------------------- */

static bool write_bytes(void *context, const void *bytes, size_t n_bytes) {
  return fwrite(bytes, 1, n_bytes, context) == n_bytes;
}

/* What a file is written from: a text, or the trainer. */
typedef struct content {
  const char *text;
  size_t size;
  const bl_trainer *trainer;
  bool as_checkpoint; /* else as weights */
} content;

/* Writes FOLDER/NAME so that it is there complete or as it was. */
static bool write_file(const cli_run *run, const char *name, const content *c) {
  bl_error error = {BL_OK, ""};
  char *path = cli_print("%s/%s", run->folder, name), *partial = cli_print("%s.partial", path);
  FILE *file = fopen(partial, "wb");
  bool ok = file != NULL;
  if (ok && c->text) ok = write_bytes(file, c->text, c->size);
  if (ok && c->trainer && c->as_checkpoint)
    ok = bl_trainer_save(c->trainer, write_bytes, file, &error) == BL_OK;
  if (ok && c->trainer && !c->as_checkpoint)
    ok = bl_trainer_export(c->trainer, BL_BF16, write_bytes, file, &error) == BL_OK;
  ok = ok && fflush(file) == 0 && fsync(fileno(file)) == 0;
  int reason = errno;
  if (file && fclose(file) != 0 && ok) {
    reason = errno;
    ok = false;
  }
  if (ok && rename(partial, path) != 0) {
    reason = errno;
    ok = false;
  }
  if (!ok) {
    unlink(partial);
    cli_fail("cannot write %s: %s", path, strerror(reason));
  }
  free(path);
  free(partial);
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
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof files / sizeof *files; i++)
    ok = write_file(run, files[i].name, &files[i].content);
  return ok;
}

/* ---- the log -------------------------------------------------------------------------------- */

/* Cuts off what was logged after the checkpoint, and reads off how long training had taken. */
static bool rewind_log(cli_run *run, const char *path, int64_t step) {
  size_t size;
  if (access(path, F_OK) != 0) return true;
  char *text = cli_read_file(path, &size);
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
  char *bytes = cli_read_file(path, &size);
  if (!bytes) return false;
  bool ok = bl_trainer_restore(trainer, bytes, size, &error) == BL_OK ||
            cli_fail("%s: %s", path, error.message);
  free(bytes);
  return ok;
}

bool cli_run_begin(cli_run *run, const char *folder, bool resume, bl_trainer *trainer) {
  *run = (cli_run){.folder = cli_copy(folder)};
  size_t size = strlen(folder);
  while (size > 1 && run->folder[size - 1] == '/') run->folder[--size] = 0;
  char *path = cli_print("%s/checkpoint.bin", run->folder);
  bool ok = true;
  if (resume) {
    ok = restore(run, path, trainer);
  } else if (access(path, F_OK) == 0) {
    ok = cli_fail("%s holds a run already: --resume goes on with it, or give another --out",
                  run->folder);
  } else if (mkdir(run->folder, 0777) != 0 && errno != EEXIST) {
    ok = cli_fail("cannot make the directory %s: %s", run->folder, strerror(errno));
  }
  ok = ok && open_log(run, bl_trainer_n_steps_done(trainer));
  free(path);
  return ok;
}

void cli_run_end(cli_run *run) {
  if (run->log) fclose(run->log);
  free(run->folder);
  *run = (cli_run){0};
}
