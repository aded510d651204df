/* llama.cpp's importance matrices as files of the command: --imatrix and --save-imatrix. */
#ifndef BL_CLI_IMATRIX_H
#define BL_CLI_IMATRIX_H

#include "bitloss.h"

/* What the file tells of what the model's matrices are multiplied with. Notes how many of them it
 * has nothing of; says why when that fails. Free with bl_statistics_free. */
bool cli_read_imatrix(const char *path, const bl_model *model, bl_statistics **statistics);
/* Writes the statistics to a file that is not there yet: a ".dat" where it is called so, else a
 * GGUF. `dataset` says on what they were gathered. Says why when that fails. */
bool cli_save_imatrix(const char *path, const bl_model *model, const bl_statistics *statistics,
                      const char *dataset);

#endif
