/* Codes of a few bits each, packed without gaps: one stream of bits, each code with its lowest bit
 * first. Here and not in a file of their own so that they are compiled into the loops that use
 * them.
 */
#ifndef BL_QUANT_BITS_H
#define BL_QUANT_BITS_H

#include <stdint.h>
#include <string.h>

/* Eight codes, one in each byte of x, to 8 * bits bits without gaps: first two codes close up in
 * each 16 bits, then four in each 32, then all eight. */
static inline uint64_t bl_close_gaps(uint64_t x, int bits) {
  x = (x & 0x00ff00ff00ff00ffu) | (x & 0xff00ff00ff00ff00u) >> (8 - bits);
  x = (x & 0x0000ffff0000ffffu) | (x & 0xffff0000ffff0000u) >> (16 - 2 * bits);
  return (x & 0x00000000ffffffffu) | (x & 0xffffffff00000000u) >> (32 - 4 * bits);
}

/* The reverse of bl_close_gaps; bits of x above 8 * bits are 0. */
static inline uint64_t bl_open_gaps(uint64_t x, int bits) {
  uint64_t four = ((uint64_t)1 << 4 * bits) - 1;
  uint64_t two = (((uint64_t)1 << 2 * bits) - 1) * 0x0000000100000001u;
  uint64_t one = (((uint64_t)1 << bits) - 1) * 0x0001000100010001u;
  x = (x & four) | (x & four << 4 * bits) << (32 - 4 * bits);
  x = (x & two) | (x & two << 2 * bits) << (16 - 2 * bits);
  return (x & one) | (x & one << bits) << (8 - bits);
}

static inline void bl_unpack_eights(const uint8_t *restrict packed, int n, int bits,
                                    uint8_t *restrict codes) {
  for (int i = 0; i < n; i += 8, packed += bits) {
    uint64_t x = 0;
    for (int k = 0; k < bits; k++) x |= (uint64_t)packed[k] << 8 * k;
    x = bl_open_gaps(x, bits);
    memcpy(codes + i, &x, 8);
  }
}

/* n codes of `bits` bits, 2 to 8, to n * bits / 8 bytes; n is a multiple of 8. Eight codes always
 * fill `bits` whole bytes. A whole word is written while there is room for it; what is too much of
 * it the next one covers. */
static inline void bl_pack_codes(const uint8_t *restrict codes, int n, int bits,
                                 uint8_t *restrict packed) {
  for (int left = n * bits / 8; left > 0; left -= bits, codes += 8, packed += bits) {
    uint64_t x;
    memcpy(&x, codes, 8);
    x = bl_close_gaps(x, bits);
    if (left >= 8)
      memcpy(packed, &x, 8);
    else
      memcpy(packed, &x, (size_t)bits);
  }
}

/* The reverse. Each case is compiled for its number of bits, with all shifts and masks known: rows
 * are decoded all the time. */
static inline void bl_unpack_codes(const uint8_t *packed, int n, int bits, uint8_t *codes) {
  switch (bits) {
    case 2:
      bl_unpack_eights(packed, n, 2, codes);
      break;
    case 3:
      bl_unpack_eights(packed, n, 3, codes);
      break;
    case 4:
      bl_unpack_eights(packed, n, 4, codes);
      break;
    case 5:
      bl_unpack_eights(packed, n, 5, codes);
      break;
    case 6:
      bl_unpack_eights(packed, n, 6, codes);
      break;
    case 7:
      bl_unpack_eights(packed, n, 7, codes);
      break;
    default:
      bl_unpack_eights(packed, n, 8, codes);
  }
}

#endif
