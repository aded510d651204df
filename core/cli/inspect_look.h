/* What inspect finds out beside the headers' plain facts. */
#ifndef BL_CLI_INSPECT_LOOK_H
#define BL_CLI_INSPECT_LOOK_H

#include "summary.h"

typedef struct cli_look {
  bool can_load;
  bl_error reason; /* why not */
  bool can_cost;   /* sizes under recipes mean something: it loads, or would beside a config.json */
  bool is_unread;  /* weights lie in types that stand for none here: they can't be counted */
  bool was_read;   /* every weight was looked at */
  int n_notes;
  char **notes; /* what is to be said of the files, a sentence each */
} cli_look;

/* Weights are read when `reads`, or when the files are not larger than so much: it takes a tenth of
 * a second. On an interruption returns false. */
#define CLI_LOOK_BYTES ((uint64_t)1 << 30)
bool cli_look_at(cli_source *source, const cli_summary *summary, bool reads, cli_look *look);
void cli_look_free(cli_look *look);

#endif
