/* Which of several names was meant? */
#ifndef BL_BASE_NEAREST_H
#define BL_BASE_NEAREST_H

#include <stddef.h>

/* Names are offered one after another; `name` is then the one with the fewest letters inserted,
 * left out, replaced or swapped with a neighbour: at most one in a word of up to five letters, two
 * in a longer one. NULL: none is that near. The first wins a tie. */
typedef struct bl_nearest {
  const char *wanted;
  size_t wanted_size;
  const char *name;
  int distance; /* of `name` */
} bl_nearest;

void bl_nearest_offer(bl_nearest *nearest, const char *name);

#endif
