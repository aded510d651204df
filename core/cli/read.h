/* Reading what someone names, whole: never more than a bound, and never waiting for a file that
 * nobody may ever write. */
#ifndef BL_CLI_READ_H
#define BL_CLI_READ_H

#include <stddef.h>
#include <stdint.h>

struct stat;

/* The most bytes that are read of each kind of file; what is longer is a mistake. */
#define CLI_MAX_TEXT ((uint64_t)1000000000)   /* texts, prompts and tasks to measure on */
#define CLI_MAX_PROMPT ((uint64_t)16000000)   /* a prompt: longer than any model's context */
#define CLI_MAX_CONFIG ((uint64_t)16000000)   /* a config.json or a training recipe */
#define CLI_MAX_BESIDE ((uint64_t)256000000)  /* a text beside a model's weights */
#define CLI_MAX_CORPUS ((uint64_t)4000000000) /* one file of a training run's texts */

/* A whole file, allocated, with a NUL behind it; NULL after saying why. "-", /dev/stdin and
 * /dev/fd/N, which a shell makes of <(…), are read from whatever they are; any other path must be
 * that of a regular file. Stops when the command is interrupted, without a word. */
char *cli_read_file(const char *path, uint64_t most, size_t *size);

/* What to call the file that a path names: "the standard input" for "-". */
const char *cli_file_name(const char *path);

/* Opens a regular file for reading, without waiting, and fills *info; -1 after saying why. */
int cli_open_file(const char *path, struct stat *info);

#endif
