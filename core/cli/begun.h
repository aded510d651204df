/* What has been begun and must not stay if it does not come to its end: temporary files, the
 * directories that hold them, leftovers of runs that were killed, and the step that makes a
 * finished file or directory appear under its name. */
#ifndef BL_CLI_BEGUN_H
#define BL_CLI_BEGUN_H

#include <stdbool.h>

/* A path that is removed when the process ends, however it does (but for SIGKILL and the like),
 * before it was finished. */
typedef struct cli_begun cli_begun;
/* To be called before the path is made, so that nothing can fail between the two. */
cli_begun *cli_begun_prepare(const char *path);
/* It has been made, as `path`, which is as long as the one before. Accepts NULL, as the next. */
void cli_begun_start(cli_begun *begun, const char *path);
void cli_begun_finish(cli_begun *begun); /* it has gone where it belongs, or was removed */
/* Removes what is not finished, the latest first; directories only when they are empty. A signal
 * handler may call it. */
void cli_begun_remove(void);

/* Marks an open file as in use for as long as it stays open; false when another run has. */
bool cli_lock(int fd);
/* Opens a directory and marks it as in use for as long as it stays open: no other run gets it then.
 * -1 when it is in use, is not there, or can't be marked; *in_use tells the first. */
int cli_lock_folder(const char *path, bool *in_use);

/* Removes, with a note, the directories and files PATH.partial-XXXXXX of runs that were killed.
 * Directories that others are writing are told of. */
void cli_remove_leftovers(const char *path);

/* Renames a file or a directory of ours to a path where nothing is: when there is something, also
 * since a moment ago, nothing is done and errno is EEXIST. */
bool cli_place(const char *from, const char *path, bool is_folder);

#endif
