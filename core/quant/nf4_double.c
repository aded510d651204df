/* NF4 with double quantization: the codes of nf4.c, but their scales are themselves quantized, from
 * 32 bits each to about 8. A weight costs 4 + 8 / 64 bits, and its share of a float32 for 256
 * blocks: 4.127 in all, where nf4 costs 4.5.
 *
 * All blocks of the matrix are counted in one sequence, row after row. With absmax[b] the largest
 * magnitude in block b:
 *
 *   1. The absmax of a matrix differ little from one another, so only their differences from the
 *      mean are worth storing: offset = mean of all absmax, r[b] = absmax[b] - offset.
 *   2. Each run of 256 blocks has one float32 scale, nested[run] = max |r[b]|.
 *   3. r[b] / nested[run], from -1 to 1, becomes one of 256 codes of a "dynamic map".
 *
 *     absmax'[b] = map[code[b]] * nested[b / 256] + offset
 *
 * The dynamic map has values of every magnitude from 1 down to 5.5e-7, 127 of each sign, and 0 and
 * 1. The magnitudes lie in seven decades; the k-th, k = 0 … 6, from 10^(k - 7) to 10^(k - 6), is
 * cut into 2^k equal intervals, and their middles are its values: 64 values from .1 to 1, 32 from
 * .01 to .1, … So 0 is exact, and small numbers have their leading digit kept, large ones two
 * (Dettmers 2015, "8-bit approximations for parallelism in deep learning").
 *
 * The bytes written here are those of bitsandbytes 0.50.2 on the CPU, functional.quantize_4bit with
 * compress_statistics=True, for f32, f16 and bf16, and decoded values those of dequantize_4bit in
 * float32. Three of its details are not in the definition:
 *
 *   - The mean is torch.mean's, whose last bit depends on the order of the sum. Ours is that of
 *     torch 2.15 on x86-64 with one thread: see mean_absmax. (With several threads torch sums
 * pieces of more than 32768 blocks apart; a GPU has yet another order. Their offsets may differ
 * from this one in the last bit.)
 *   - A code is not that of the map's value nearest to z = r * (1 / nested), but of the one nearest
 *     to a grid point next to z, of 65536 from -1 to 1. About one code in a thousand is a neighbour
 *     of the nearest; z = 0 has code 131, value 2.1e-5, and not 127.
 *   - Where nested is 0, with one block or equal ones, z isn't a number, and the codes are 0.
 *
 * Not a number. A NaN in the matrix makes the offset NaN, an infinity makes it infinite: either way
 * no weight decodes to a finite one. As in bitsandbytes all codes of absmax are then 0, and nested
 * is 0 in the first case and infinite in the second. */
#include "quant/codec.h"
#include "quant/nf4.h"

/* The parts, as named in the codec below. The last two belong to the matrix as a whole. */
enum { CODES, ABSMAX, NESTED, OFFSET };

enum { RUN = 256 }; /* blocks that share a nested scale */

/* ---- the dynamic map ------------------------------------------------------------------------ */

/* Where the k-th interval of a decade that is cut into n begins, the decade scaled to .1 … 1:
 * torch.linspace(.1, 1, n + 1), which counts from the nearer end, each point rounded once. */
static float interval_start(int k, int n) {
  const float first = 0.1f, step = (1 - first) / (float)n;
  if (k < (n + 1) / 2) return (float)((double)first + (double)step * k);
  return (float)(1 - (double)step * (n - k));
}

float bl_nf4_dynamic_value(int code) {
  static const float decades[7] = {1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1};
  if (code == 127) return 0;
  if (code == 255) return 1;
  int rank = code > 127 ? code - 127 : 127 - code; /* 1 to 127, by magnitude */
  int decade = 0;
  while (rank >> (decade + 1)) decade++;
  int n = 1 << decade, k = rank - n;
  float middle = (interval_start(k, n) + interval_start(k + 1, n)) / 2;
  return code > 127 ? decades[decade] * middle : -(decades[decade] * middle);
}

static void make_dynamic_map(float map[256]) {
  for (int code = 0; code < 256; code++) map[code] = bl_nf4_dynamic_value(code);
}

/* The code of z, which is clamped to [-1, 1]; 0 for NaN. */
static int dynamic_code(const float map[256], float z) {
  if (z != z) return 0;
  z = z < -1 ? -1 : z > 1 ? 1 : z;
  int point = (int)((z + 1) * 32767.5f + 0.5f);
  float x = (float)(2.0 * point / 65535 - 1);
  int below = 0, above = 255; /* map[below] <= x < map[above], but at the ends */
  while (above - below > 1) {
    int middle = (below + above) / 2;
    if (map[middle] <= x)
      below = middle;
    else
      above = middle;
  }
  return x - map[below] <= map[above] - x ? below : above;
}

/* ---- the scales of all blocks ---------------------------------------------------------------- */

/* While a matrix is encoded, the place of block b's codes holds its absmax as a float32 until they
 * are written: 32 bytes that are there anyway. */
static float load_absmax(const uint8_t *codes, size_t b) {
  float absmax;
  memcpy(&absmax, codes + b * BL_NF4_BLOCK_BYTES, sizeof absmax);
  return absmax;
}

/* torch.mean of n float32 on x86-64, whose vectors hold 8: row i is elements 32 i to 32 i + 31,
 * each of which has its own partial sum. To keep these exact they are moved up a level every 2^p
 * rows, up another every 2^2p rows, and so on, so that small numbers are not added to large sums.
 * At the end levels are added to the lowest, then elements 8 apart, then what is left over. */
static float mean_absmax(const uint8_t *codes, size_t n) {
  enum { LEVELS = 4, VECTOR = 8, ROW = 4 * VECTOR };
  const size_t n_rows = n / ROW, n_vectors = n / VECTOR;
  unsigned log2_rows = 0; /* rounded up */
  while (((size_t)1 << log2_rows) < n_rows) log2_rows++;
  const unsigned power = log2_rows / LEVELS > 4 ? log2_rows / LEVELS : 4;
  const size_t mask = ((size_t)1 << power) - 1;

  float sums[LEVELS][ROW] = {{0}};
  for (size_t i = 0; i < n_rows; i++) {
    for (size_t k = 0; k < ROW; k++) sums[0][k] += load_absmax(codes, i * ROW + k);
    for (unsigned level = 1; level < LEVELS; level++) {
      if ((i + 1) & mask << (level - 1) * power) break;
      for (int k = 0; k < ROW; k++) {
        sums[level][k] += sums[level - 1][k];
        sums[level - 1][k] = 0;
      }
    }
  }
  for (int level = 1; level < LEVELS; level++)
    for (int k = 0; k < ROW; k++) sums[0][k] += sums[level][k];
  for (size_t v = n_rows * 4; v < n_vectors; v++)
    for (size_t k = 0; k < VECTOR; k++) sums[0][k] += load_absmax(codes, v * VECTOR + k);
  for (int k = VECTOR; k < ROW; k++) sums[0][k % VECTOR] += sums[0][k];

  float sum = 0;
  for (size_t b = n_vectors * VECTOR; b < n; b++) sum += load_absmax(codes, b);
  for (int k = 0; k < VECTOR; k++) sum += sums[0][k];
  float mean = sum / (float)n;
  return mean == mean ? mean : NAN; /* one NaN on every target */
}

/* Steps 2 and 3 above for the blocks of one run, b to end - 1. Returns its nested scale. */
static float encode_run(const float map[256], const uint8_t *codes, size_t b, size_t end,
                        float offset, uint8_t *absmax_codes) {
  float r[RUN];
  size_t n = end - b;
  for (size_t i = 0; i < n; i++) r[i] = load_absmax(codes, b + i) - offset;
  float nested = 0;
  for (size_t i = 0; i < n; i++) nested = fabsf(r[i]) > nested ? fabsf(r[i]) : nested;
  float reciprocal = 1 / nested;
  for (size_t i = 0; i < n; i++)
    absmax_codes[b + i] = (uint8_t)dynamic_code(map, r[i] * reciprocal);
  return nested;
}

/* ---- the matrix ------------------------------------------------------------------------------ */

static size_t row_bytes(const bl_format *format, int part, int64_t n_cols) {
  (void)format;
  size_t n_blocks = (size_t)(n_cols / BL_NF4_BLOCK);
  return part == CODES ? n_blocks * BL_NF4_BLOCK_BYTES : part == ABSMAX ? n_blocks : 0;
}

static size_t shared_bytes(const bl_format *format, int part, int64_t n_rows, int64_t n_cols) {
  (void)format;
  uint64_t n_blocks = (uint64_t)n_rows * (uint64_t)(n_cols / BL_NF4_BLOCK);
  if (part == NESTED) return (size_t)((n_blocks + RUN - 1) / RUN * sizeof(float));
  return part == OFFSET ? sizeof(float) : 0;
}

static void encode_tensor(const bl_format *format, const float *src, int64_t n_rows, int64_t n_cols,
                          uint8_t *const *parts) {
  (void)format;
  const size_t n_blocks = (size_t)n_rows * (size_t)(n_cols / BL_NF4_BLOCK);
  uint8_t *codes = parts[CODES];
  for (size_t b = 0; b < n_blocks; b++) {
    float absmax = bl_max_abs(src + b * BL_NF4_BLOCK, BL_NF4_BLOCK);
    memcpy(codes + b * BL_NF4_BLOCK_BYTES, &absmax, sizeof absmax);
  }
  float map[256];
  make_dynamic_map(map);
  float offset = mean_absmax(codes, n_blocks);
  memcpy(parts[OFFSET], &offset, sizeof offset);
  for (size_t b = 0; b < n_blocks; b += RUN) {
    size_t end = b + RUN < n_blocks ? b + RUN : n_blocks;
    float nested = encode_run(map, codes, b, end, offset, parts[ABSMAX]);
    memcpy(parts[NESTED] + b / RUN * sizeof nested, &nested, sizeof nested);
  }
  for (size_t b = 0; b < n_blocks; b++)
    bl_nf4_encode_block(src + b * BL_NF4_BLOCK, load_absmax(codes, b),
                        codes + b * BL_NF4_BLOCK_BYTES);
}

static void decode_block(const uint8_t packed[BL_NF4_BLOCK_BYTES], float absmax,
                         float weights[BL_NF4_BLOCK]) {
  for (int i = 0; i < BL_NF4_BLOCK_BYTES; i++) {
    weights[2 * i] = bl_nf4_values[packed[i] >> 4] * absmax;
    weights[2 * i + 1] = bl_nf4_values[packed[i] & 15] * absmax;
  }
}

static void decode_tensor_row(const bl_format *format, const uint8_t *const *parts, int64_t row,
                              int64_t n_cols, float *dst) {
  (void)format;
  const size_t n = (size_t)(n_cols / BL_NF4_BLOCK), first = (size_t)row * n;
  float offset;
  memcpy(&offset, parts[OFFSET], sizeof offset);
  for (size_t i = 0; i < n; i++) {
    size_t b = first + i;
    float nested;
    memcpy(&nested, parts[NESTED] + b / RUN * sizeof nested, sizeof nested);
    float absmax = bl_nf4_dynamic_value(parts[ABSMAX][b]) * nested + offset;
    decode_block(parts[CODES] + b * BL_NF4_BLOCK_BYTES, absmax, dst + i * BL_NF4_BLOCK);
  }
}

static float level(int code) {
  return bl_nf4_values[code];
}

const bl_codec bl_codec_nf4_double = {
    .name = "nf4_double",
    .family = "bitsandbytes",
    .containers = BL_HOLDS_TORCH,
    .level = level,
    .n_parts = 4,
    .part_names = {"weight", "weight.absmax", "weight.nested_absmax", "weight.nested_offset"},
    .fixed_bits = 4,
    .fixed_group = BL_NF4_BLOCK,
    .row_bytes = row_bytes,
    .shared_bytes = shared_bytes,
    .encode_tensor = encode_tensor,
    .decode_tensor_row = decode_tensor_row,
    .unpack_codes = bl_nf4_unpack_codes,
};
