/* Which of several names was meant: the one with the smallest edit distance. */
#include "base/nearest.h"

#include <string.h>

#include "bitloss.h"

enum { LONGEST = 48 };

static int least(int a, int b) {
  return a < b ? a : b;
}

/* Levenshtein's table, three rows of it, in which a swap of neighbours counts once. */
int bl_name_distance(const char *a, size_t n, const char *b, size_t m) {
  if (n > LONGEST || m > LONGEST) return LONGEST;
  int rows[3][LONGEST + 1]; /* of the table: this one, the last, the one before */
  int *row = rows[0], *last = rows[1], *before = rows[2];
  for (size_t j = 0; j <= m; j++) row[j] = (int)j;
  for (size_t i = 1; i <= n; i++) {
    int *oldest = before;
    before = last;
    last = row;
    row = oldest;
    row[0] = (int)i;
    for (size_t j = 1; j <= m; j++) {
      int replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = least(replaced, 1 + least(last[j], row[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = least(row[j], before[j - 2] + 1);
    }
  }
  return row[m];
}

void bl_nearest_offer(bl_nearest *nearest, const char *name) {
  size_t n = nearest->wanted_size, m = strlen(name);
  if (n < 2 || n > LONGEST || m > LONGEST) return;
  int found = bl_name_distance(nearest->wanted, n, name, m);
  int allowed = nearest->name ? nearest->distance - 1 : n <= 5 ? 1 : 2;
  if (found > allowed) return;
  nearest->name = name;
  nearest->distance = found;
}
