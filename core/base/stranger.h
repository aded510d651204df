/* Files that are often handed over in the place of others, known by their first bytes. */
#ifndef BL_BASE_STRANGER_H
#define BL_BASE_STRANGER_H

#include <stdbool.h>
#include <stddef.h>

/* "a Git LFS pointer, which stands for a file that was not downloaded"; NULL: none of those known.
 * Eight bytes suffice. */
const char *bl_stranger(const void *bytes, size_t n_bytes);

/* Does a text begin as a Git LFS pointer does, beyond doubt: also where any text may stand? */
bool bl_is_lfs_pointer(const void *bytes, size_t n_bytes);

#endif
