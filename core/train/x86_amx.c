/* Products of bfloat16 factors summed in float32, by the tiles of AMX; everything else as in
 * AVX-512. A factor keeps 8 significant bits, so gradients differ from those of float32 by a few
 * parts in a thousand: the recipe asks for this. Called only where the CPU and the system have it.
 *
 * A tile is 16 rows of 64 bytes. A left factor's tile is 16 rows of 32 numbers; a right factor's is
 * 16 rows of 16 pairs, the numbers of two rows one after the other; their product is 16 by 16
 * floats. (Intel's instruction set reference, TDPBF16PS.) */
#define _GNU_SOURCE /* syscall */
#include "train/kernels.h"

#if defined(__AMX_TILE__) && defined(__AMX_BF16__) && defined(__AVX512BF16__) && \
    defined(__linux__) && defined(__x86_64__)

#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BL_LANES 16
#define BL_MATH_NAME "amx"
#include "train/vector.h"

#include "train/gemm_amx.h"
#include "train/rows.h"

/* Linux gives the tiles to a process that asks for them: ARCH_REQ_XCOMP_PERM for XTILEDATA. */
static bool is_granted(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const bl_train_kernels *bl_train_kernels_amx(void) {
  __builtin_cpu_init();
  bool has = __builtin_cpu_supports("amx-bf16") && __builtin_cpu_supports("amx-tile") &&
             __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has && is_granted() ? &lanes_math : NULL;
}

#else

const bl_train_kernels *bl_train_kernels_amx(void) {
  return NULL;
}

#endif
