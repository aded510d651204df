/* Which instruction set the arithmetic of training is run with. */
#include "train/kernels.h"

#include <string.h>

const bl_train_kernels *bl_train_kernels_find(const char *name) {
  const bl_train_kernels *best = bl_train_kernels_portable();
  const bl_train_kernels *found = name && strcmp(name, best->name) == 0 ? best : NULL;
#if defined(__x86_64__)
  __builtin_cpu_init();
  bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
  const bl_train_kernels *offers[] = {has_avx2 ? bl_train_kernels_avx2() : NULL,
                                      has_avx512 ? bl_train_kernels_avx512() : NULL};
  for (int i = 0; i < 2; i++) {
    if (!offers[i]) continue;
    best = offers[i];
    if (name && strcmp(name, best->name) == 0) found = best;
  }
  if (name && strcmp(name, "amx") == 0) return bl_train_kernels_amx();
#endif
  return name ? found : best;
}
