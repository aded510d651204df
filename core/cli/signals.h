/* Signals: Ctrl-C and its like, mapped files that are cut short, limits. */
#ifndef BL_CLI_SIGNALS_H
#define BL_CLI_SIGNALS_H

#include <stddef.h>

/* A file that is mapped. When its pages can't be had any more, as after it was cut short, whoever
 * reads them gets SIGBUS: then the command says so in a sentence, removes what it had begun to
 * write, and ends with exit status 1. */
typedef struct cli_mapping cli_mapping;
/* The path is copied. NULL for want of memory never happens: the command has ended then. */
cli_mapping *cli_mapping_watch(const char *path, const void *bytes, size_t size);
void cli_mapping_forget(cli_mapping *mapping); /* before it is unmapped; accepts NULL */

#endif
