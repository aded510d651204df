/* How a vector of lanes meets the codes of each format.
 *
 * A unit is 32 weights. Four lanes hold it: each lane gets the bits of eight codes, so that code j
 * of all lanes is one mask (at most one shift more) away, and stays where it lies: the value is
 * then code * 2^e with e known, and the activations carry the 2^-e, which is exact. The order in
 * which lane l and step j visit the 32 weights follows the format's packing, and the activations
 * are put into that order once for all rows. A vector of BL_LANES lanes holds BL_LANES / 4 units.
 */
#ifndef BL_KERNEL_LANES_CODES_H
#define BL_KERNEL_LANES_CODES_H

#include "base/number.h"
#include "kernel/kernel_table.h"
#include "quant/codec.h"

enum { UNITS = BL_LANES / 4 };

/* How the 32 codes of a unit are packed; 2 to 8 are bits in MLX's stream of them. */
enum packing {
  PACKED_2 = 2,
  PACKED_3 = 3,
  PACKED_4 = 4,
  PACKED_5 = 5,
  PACKED_6 = 6,
  PACKED_8 = 8,
  PACKED_SIGNED_8,
  PACKED_1_AND_4, /* GGML's q5: 32 fifth bits, then 32 nibbles */
  /* Codes of 4 bits to be looked up, as lookup.h has them, with a scale for 32 or more of them. */
  PACKED_LOOKUP,
  PACKED_LOOKUP_HIGH_FIRST,
  PACKED_LOOKUP_16, /* with a scale for every 16 */
};

/* Which weight of its unit lane l meets at step j. */
enum order {
  ORDER_EIGHTS,  /* 8 l + j: eight neighbours share a lane */
  ORDER_BYTES,   /* 4 l + j for j < 4, then 16 + 4 l + j - 4 */
  ORDER_NIBBLES, /* 4 l + j / 2, and 16 more for odd j: GGML's low and high nibbles */
};

/* ---- codes in the words of a lane --------------------------------------------------------- */

BL_INLINE bool code_is_looked_up(enum packing p) {
  return p >= PACKED_LOOKUP;
}

/* Bits that a code takes in its word. */
BL_INLINE int code_bits(enum packing p) {
  return p >= PACKED_8 ? 8 : (int)p;
}

/* Whether code j lies in the second word of its lane, and its lowest bit there. */
BL_INLINE bool code_in_b(enum packing p, int j) {
  return (p == PACKED_5 && j >= 6) || (p == PACKED_6 && j >= 5) || (p >= PACKED_8 && j >= 4);
}
BL_INLINE int code_bit(enum packing p, int j) {
  if (p >= PACKED_8) return 8 * (j & 3);
  return (int)p * j - (code_in_b(p, j) ? (p == PACKED_5 ? 8 : 16) : 0);
}

/* A code that reaches the sign bit is moved down by one, because words are converted as signed
 * numbers; signed codes are moved to the top of the word for the same reason. */
BL_INLINE bool code_at_top(enum packing p, int j) {
  return p != PACKED_SIGNED_8 && code_bit(p, j) + code_bits(p) == 32;
}

/* The exponent e of what code_value gives: code * 2^e. */
BL_INLINE int code_exponent(enum packing p, int j) {
  if (code_is_looked_up(p)) return 0;
  return p == PACKED_SIGNED_8 ? 24 : code_bit(p, j) - code_at_top(p, j);
}

BL_INLINE uint32_t code_mask(enum packing p, int j) {
  return ((1u << code_bits(p)) - 1) << code_exponent(p, j);
}

/* Code j of every lane times 2^e, from the lanes' words a and b and the masks of all steps; or the
 * number that it stands for, from those in place of the masks. */
BL_INLINE bl_vecf code_value(enum packing p, int j, const uint32_t *mask, bl_vecu a, bl_vecu b) {
#if BL_LOOKS_UP
  if (code_is_looked_up(p))
    return bl_look_up(mask, a >> 4 * (p == PACKED_LOOKUP_HIGH_FIRST ? j ^ 1 : j));
#endif
  bl_veci word = (bl_veci)(code_in_b(p, j) ? b : a);
  int bit = code_bit(p, j);
  if (p == PACKED_SIGNED_8) {
    if (bit < 24) word <<= 24 - bit;
    if (bit > 0) word &= (int32_t)mask[j];
  } else {
    if (code_at_top(p, j)) word >>= 1;
    word &= (int32_t)mask[j];
  }
  return __builtin_convertvector(word, bl_vecf);
}

/* ---- from memory to lanes ----------------------------------------------------------------- */

BL_INLINE uint32_t load_u32(const uint8_t *p) {
  uint32_t u;
  memcpy(&u, p, sizeof u);
  return u;
}

BL_INLINE bl_quadu load_quad(const uint8_t *p) {
  bl_quadu q;
  memcpy(&q, p, sizeof q);
  return q;
}

/* 16 where the bit of a byte's own place (0 to 7, twice) is set in it. */
BL_INLINE bl_quadb fifth_bits(bl_quadb bytes) {
  const bl_quadb place = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  return (bl_quadb)((bytes & place) == place) & 16;
}

/* Brings the bits of one unit at p into four lanes; reads exactly its bytes, from any address. */
BL_INLINE void load_unit(enum packing packing, const uint8_t *p, bl_quadu *a, bl_quadu *b) {
  typedef int32_t four_words __attribute__((vector_size(16)));
  *b = (bl_quadu){0};
  if (packing == PACKED_2) {
    /* Signed, or clang would know that words are not negative: see layout.mask. */
    typedef int16_t four_halves __attribute__((vector_size(8)));
    four_halves halves;
    memcpy(&halves, p, sizeof halves);
    *a = (bl_quadu) __builtin_convertvector(halves, four_words);
  } else if (packing == PACKED_3) {
    typedef uint64_t pair __attribute__((vector_size(16)));
    uint64_t low;
    memcpy(&low, p, sizeof low);
    bl_quadb bytes = (bl_quadb)(pair){low, load_u32(p + 8)};
    *a = (bl_quadu)__builtin_shufflevector(bytes, bytes, 0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9, 10,
                                           11, 12);
  } else if (packing == PACKED_4 || code_is_looked_up(packing)) {
    *a = load_quad(p);
  } else if (packing == PACKED_5) {
    bl_quadb low = (bl_quadb)load_quad(p), high = (bl_quadb)load_quad(p + 4);
    *a = (bl_quadu)__builtin_shufflevector(low, low, 0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, 12, 13,
                                           14, 15);
    *b = (bl_quadu)__builtin_shufflevector(high, high, 0, 1, 2, 3, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13,
                                           14, 15);
    (*a)[3] = load_u32(p + 15);
    (*b)[0] = load_u32(p + 1);
  } else if (packing == PACKED_6) {
    bl_quadb low = (bl_quadb)load_quad(p), high = (bl_quadb)load_quad(p + 8);
    *a = (bl_quadu)__builtin_shufflevector(low, low, 0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 14, 15, 12, 13,
                                           14, 15);
    *b = (bl_quadu)__builtin_shufflevector(high, high, 0, 1, 2, 3, 0, 1, 2, 3, 6, 7, 8, 9, 12, 13,
                                           14, 15);
    (*a)[3] = load_u32(p + 18);
    (*b)[0] = load_u32(p + 2);
  } else if (packing == PACKED_1_AND_4) {
    uint32_t fifths = load_u32(p), low_nibbles = 0x0f0f0f0f;
    __asm__("" : "+r"(low_nibbles)); /* hides the constant, as layout.mask does */
    bl_quadb bytes = (bl_quadb)(bl_quadu){fifths, fifths, fifths, fifths};
    bl_quadb first =
        __builtin_shufflevector(bytes, bytes, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
    bl_quadb second =
        __builtin_shufflevector(bytes, bytes, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
    bl_quadu nibbles = load_quad(p + 4);
    *a = (nibbles & low_nibbles) | (bl_quadu)fifth_bits(first);
    *b = ((bl_quadu)((four_words)nibbles >> 4) & low_nibbles) | (bl_quadu)fifth_bits(second);
  } else {
    *a = load_quad(p);
    *b = load_quad(p + 16);
  }
}

/* Four lanes and four lanes make a vector, and back with the quarters summed. */
#if BL_LANES == 4
BL_INLINE bl_vecu join_quads(const bl_quadu *q) {
  return q[0];
}
BL_INLINE bl_quadf fold_to_quad(bl_vecf v) {
  return v;
}
#elif BL_LANES == 8
BL_INLINE bl_vecu join_quads(const bl_quadu *q) {
  return __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7);
}
BL_INLINE bl_quadf fold_to_quad(bl_vecf v) {
  return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
}
#else
BL_INLINE bl_vecu join_quads(const bl_quadu *q) {
  typedef uint32_t half __attribute__((vector_size(32)));
  half low = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7);
  half high = __builtin_shufflevector(q[2], q[3], 0, 1, 2, 3, 4, 5, 6, 7);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
BL_INLINE bl_quadf fold_to_quad(bl_vecf v) {
  typedef float half __attribute__((vector_size(32)));
  half sum = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
             __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  return __builtin_shufflevector(sum, sum, 0, 1, 2, 3) +
         __builtin_shufflevector(sum, sum, 4, 5, 6, 7);
}
#endif

/* An initializer would do, but gcc makes a string instruction of it, which takes longer to start
 * than a short row takes to multiply. */
BL_INLINE void clear_rows(bl_vecf v[BL_SET_ROWS]) {
#pragma GCC unroll 4
  for (int r = 0; r < BL_SET_ROWS; r++) v[r] = (bl_vecf){0};
}

/* The sums over lanes of four vectors. */
BL_INLINE bl_quadf sum_lanes(const bl_vecf v[4]) {
  bl_quadf q[4];
  for (int i = 0; i < 4; i++) q[i] = fold_to_quad(v[i]);
  bl_quadf ab = __builtin_shufflevector(q[0], q[1], 0, 4, 1, 5) +
                __builtin_shufflevector(q[0], q[1], 2, 6, 3, 7);
  bl_quadf cd = __builtin_shufflevector(q[2], q[3], 0, 4, 1, 5) +
                __builtin_shufflevector(q[2], q[3], 2, 6, 3, 7);
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

BL_INLINE float sum_lanes_of_one(bl_vecf v) {
  bl_vecf four[4] = {v};
  return sum_lanes(four)[0];
}

/* The words of UNITS units, of which n_present are there. Lanes past those repeat the first unit;
 * what they meet is zero. */
BL_INLINE void load_units(enum packing packing, const uint8_t *codes, size_t unit_bytes,
                          int n_present, bl_vecu *a, bl_vecu *b) {
  bl_quadu qa[UNITS], qb[UNITS];
  for (int i = 0; i < UNITS; i++)
    load_unit(packing, codes + (i < n_present ? (size_t)i * unit_bytes : 0), &qa[i], &qb[i]);
  *a = join_quads(qa);
  *b = join_quads(qb);
}

/* Writes the transpose of four rows of four, `stride` floats apart, to dst[0], dst[step], … */
static inline void transpose(const float *src, int64_t stride, bl_quadf scale[4], float *dst,
                             int64_t step) {
  bl_quadf r[4];
  for (int i = 0; i < 4; i++) memcpy(&r[i], src + i * stride, sizeof r[i]);
  bl_quadf ab = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
  bl_quadf ab2 = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
  bl_quadf cd = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
  bl_quadf cd2 = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  r[0] = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) * scale[0];
  r[1] = __builtin_shufflevector(ab, cd, 2, 3, 6, 7) * scale[1];
  r[2] = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5) * scale[2];
  r[3] = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7) * scale[3];
  for (int i = 0; i < 4; i++) memcpy(dst + i * step, &r[i], sizeof r[i]);
}

/* BL_LANES numbers of `dtype`, `stride` bytes apart. */
BL_INLINE bl_vecf load_floats(bl_dtype dtype, const uint8_t *p, size_t stride) {
  if (dtype == BL_F32) {
    bl_vecf v;
    memcpy(&v, p, sizeof v);
    return v;
  }
  bl_halves h = {0};
  if (stride == 2) {
    memcpy(&h, p, sizeof h);
  } else {
    for (int i = 0; i < BL_LANES; i++) {
      uint16_t half;
      memcpy(&half, p + (size_t)i * stride, 2);
      h[i] = half;
    }
  }
  if (dtype == BL_F16) return bl_from_f16(h);
  return (bl_vecf)(__builtin_convertvector(h, bl_vecu) << 16);
}

/* 2 * BL_LANES neighbours of `dtype`. */
BL_INLINE void load_float_pair(bl_dtype dtype, const uint8_t *p, bl_vecf v[2]) {
  size_t size = bl_dtype_size(dtype);
  if (dtype == BL_F16) {
    bl_load_f16_pair(p, v);
  } else {
    v[0] = load_floats(dtype, p, size);
    v[1] = load_floats(dtype, p + BL_LANES * size, size);
  }
}

#endif
