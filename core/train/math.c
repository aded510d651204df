/* Which instruction set the arithmetic of training is run with. */
#include "train/math.h"

#include <string.h>

const bl_math *bl_math_find(const char *name) {
  const bl_math *best = bl_math_portable();
  const bl_math *found = name && strcmp(name, best->name) == 0 ? best : NULL;
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
  const bl_math *offers[] = {has_avx2 ? bl_math_avx2() : NULL,
                             has_avx512 ? bl_math_avx512() : NULL};
  for (int i = 0; i < 2; i++) {
    if (!offers[i]) continue;
    best = offers[i];
    if (name && strcmp(name, best->name) == 0) found = best;
  }
  if (name && strcmp(name, "amx") == 0) return bl_math_amx();
#endif
  return name ? found : best;
}
