/* Which of several variants are beaten by none: the front of size against loss. */
#include "bitloss.h"

void bl_pareto_front(const double *size, const double *loss, int n, bool *on_front) {
  for (int i = 0; i < n; i++) {
    on_front[i] = loss[i] == loss[i];
    for (int j = 0; j < n && on_front[i]; j++) {
      bool as_good = size[j] <= size[i] && loss[j] <= loss[i];
      if (as_good && (size[j] < size[i] || loss[j] < loss[i])) on_front[i] = false;
    }
  }
}
