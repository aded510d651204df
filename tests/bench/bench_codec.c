/* How fast each format encodes and decodes, on one thread: millions of weights a second, the best
 * of several rounds over a matrix of the size of a small model's largest.
 *
 *     bench_codec [rows cols]
 *
 * bench_codec_mlx.py measures mlx.core.quantize in the same way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "quant/tensor.h"

enum { ROUNDS = 7 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *allocate(size_t n_bytes) {
  void *memory = calloc(1, n_bytes);
  if (!memory) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return memory;
}

/* Sums of uniform numbers, near enough to the bell shape of real weights. */
static float *make_weights(int64_t n) {
  float *weights = allocate((size_t)n * sizeof *weights);
  uint32_t state = 1;
  for (int64_t i = 0; i < n; i++) {
    float sum = 0;
    for (int k = 0; k < 4; k++) {
      state = state * 1664525u + 1013904223u;
      sum += (float)(state >> 8) * 0x1p-24f - 0.5f;
    }
    weights[i] = 0.05f * sum;
  }
  return weights;
}

/* Prints one line: encoding (where the format can) and decoding of the whole matrix. */
static void bench(bl_format format, const float *weights, int64_t n_rows, int64_t n_cols) {
  bl_tensor tensor = bl_tensor_make(format, n_rows, n_cols);
  uint8_t *parts[BL_MAX_PARTS] = {NULL};
  for (int p = 0; p < format.codec->n_parts; p++) {
    parts[p] = allocate(bl_tensor_part_bytes(&tensor, p));
    tensor.parts[p] = parts[p];
  }
  float *row = allocate((size_t)n_cols * sizeof *row);
  double encode_s = 1e9, decode_s = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double start = now();
    if (format.codec->encode_tensor)
      format.codec->encode_tensor(&format, weights, n_rows, n_cols, parts);
    for (int64_t r = 0; format.codec->encode_row && r < n_rows; r++)
      bl_tensor_encode_row(&tensor, parts, r, weights + r * n_cols);
    double middle = now();
    for (int64_t r = 0; r < n_rows; r++) bl_tensor_decode_row(&tensor, r, row);
    double end = now();
    if (middle - start < encode_s) encode_s = middle - start;
    if (end - middle < decode_s) decode_s = end - middle;
  }
  char name[32], encoded[16] = "-";
  double millions = (double)(n_rows * n_cols) * 1e-6;
  bl_format_print(&format, name, sizeof name);
  if (bl_codec_encodes(format.codec))
    snprintf(encoded, sizeof encoded, "%.0f", millions / encode_s);
  printf("%-14s %-5s %10s %10.0f\n", name, bl_dtype_name(format.param_dtype), encoded,
         millions / decode_s);
  for (int p = 0; p < format.codec->n_parts; p++) free(parts[p]);
  free(row);
}

int main(int argc, char **argv) {
  int64_t n_rows = argc == 3 ? atoll(argv[1]) : 4096, n_cols = argc == 3 ? atoll(argv[2]) : 2048;
  if (n_rows < 1 || n_cols < 256 || n_cols % 256 != 0) {
    fprintf(stderr, "usage: bench_codec [rows cols], cols a multiple of 256\n");
    return 1;
  }
  float *weights = make_weights(n_rows * n_cols);
  printf("%lld x %lld, millions of weights a second\n", (long long)n_rows, (long long)n_cols);
  printf("%-14s %-5s %10s %10s\n", "format", "param", "encode", "decode");
  const bl_codec *affine = bl_codec_find("affine", strlen("affine"));
  for (int bits = 2; bits <= 8; bits++) {
    for (int group = 32; group <= 128; group *= 2)
      if (bl_codec_takes(affine, bits, group))
        bench((bl_format){affine, bits, group, BL_F32}, weights, n_rows, n_cols);
  }
  bench((bl_format){affine, 4, 64, BL_F16}, weights, n_rows, n_cols);
  bench((bl_format){affine, 4, 64, BL_BF16}, weights, n_rows, n_cols);
  for (int i = 0; i < bl_codec_count(); i++) {
    const bl_codec *codec = bl_codec_at(i);
    if (bl_codec_has_settings(codec)) continue;
    bench((bl_format){codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE}, weights, n_rows,
          n_cols);
  }
  free(weights);
  return 0;
}
