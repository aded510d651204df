/* Vectors of BL_LANES floats, in the vector types that gcc and clang share. The SIMD kernels are
 * written once, over these (lanes.h); a file for an instruction set defines BL_LANES as 4, 8 or 16
 * and BL_LOOKS_UP as 0 or 1, includes this, defines the few operations below that need its own
 * instructions, and includes lanes.h. */
#ifndef BL_KERNEL_LANES_TYPES_H
#define BL_KERNEL_LANES_TYPES_H

#include <stdint.h>
#include <string.h>

/* How many vectors there are registers for. */
#if BL_LANES == 16 || defined(__aarch64__)
#define BL_REGISTERS 32
#else
#define BL_REGISTERS 16
#endif

#define BL_INLINE static inline __attribute__((always_inline))

typedef float bl_vecf __attribute__((vector_size(4 * BL_LANES)));
typedef int32_t bl_veci __attribute__((vector_size(4 * BL_LANES)));
typedef uint32_t bl_vecu __attribute__((vector_size(4 * BL_LANES)));
typedef uint16_t bl_halves __attribute__((vector_size(2 * BL_LANES)));

/* 128 bits, the size that the layouts of codes are described in. */
typedef float bl_quadf __attribute__((vector_size(16)));
typedef uint32_t bl_quadu __attribute__((vector_size(16)));
typedef uint8_t bl_quadb __attribute__((vector_size(16)));

/* a * b + c, in one rounding or two */
BL_INLINE bl_vecf bl_madd(bl_vecf a, bl_vecf b, bl_vecf c);
/* f16 to float, exact */
BL_INLINE bl_vecf bl_from_f16(bl_halves h);
/* The same for 2 * BL_LANES neighbours at p, of any alignment */
BL_INLINE void bl_load_f16_pair(const uint8_t *p, bl_vecf v[2]);
#if BL_LOOKS_UP
/* Lane l gets the number whose bits are table[index[l] % 16]. Not in WebAssembly, where it would
 * take fourteen instructions: there such rows are decoded first. */
BL_INLINE bl_vecf bl_look_up(const uint32_t table[16], bl_vecu index);
#endif
/* Lane l gets p[lane[l]], for lane[l] < BL_LANES / 4; that many numbers are read at p. */
BL_INLINE bl_vecf bl_spread(const float *p, bl_vecu lane);

#endif
