/* What tests/golden/make_torch.py made: its weights, made again here, and its files. */
#ifndef BL_TESTS_TORCH_MATERIAL_H
#define BL_TESTS_TORCH_MATERIAL_H

#include "base/number.h"
#include "check.h"
#include "quant/tensor.h"

static inline uint64_t torch_fnv1a(uint64_t hash, const void *bytes, size_t n) {
  const uint8_t *byte = bytes;
  for (size_t i = 0; i < n; i++) hash = (hash ^ byte[i]) * 0x100000001b3u;
  return hash;
}
#define TORCH_FNV1A_START 0xcbf29ce484222325u

/* Of float32 values, each NaN taken as the same one. */
static inline uint64_t torch_hash_floats(const float *values, int64_t n) {
  uint64_t hash = TORCH_FNV1A_START;
  for (int64_t i = 0; i < n; i++) {
    uint32_t bits = isnan(values[i]) ? 0x7fc00000u : bl_f32_bits(values[i]);
    hash = torch_fnv1a(hash, &bits, sizeof bits);
  }
  return hash;
}

static inline void *torch_allocate(size_t n_bytes) {
  void *memory = malloc(n_bytes ? n_bytes : 1);
  if (!memory) exit(1);
  return memory;
}

/* NF4's values; kind 29 is made of the midpoints between them. */
static const float torch_nf4_values[16] = {
    -1.0f,         -0.69619280f, -0.52507305f, -0.39491749f, -0.28444138f, -0.18477343f,
    -0.091050036f, 0.0f,         0.079580300f, 0.16093020f,  0.24611230f,  0.33791524f,
    0.44070983f,   0.56261700f,  0.72295684f,  1.0f,
};

static inline float torch_midpoint(int64_t r) {
  float middle = (torch_nf4_values[r % 15] + torch_nf4_values[r % 15 + 1]) / 2;
  return bl_f32_from_bits(bl_f32_bits(middle) + (uint32_t)(r / 15 % 3 - 1));
}

/* As kind() of make_torch.py, one weight: i is its place, u, a and b uniform in [-1, 1), r has 24
 * random bits. */
static inline float torch_weight(int kind, bl_dtype dtype, int64_t i, float u, float a, float b,
                                 int64_t r) {
  const float sign = r % 2 == 0 ? 1 : -1, largest = dtype == BL_F16 ? 65504.0f : 3.0e38f;
  switch (kind) {
    case 0:
      return u;
    case 1:
      return u * a * b;
    case 2:
      return u * a * b * 0x1p-20f;
    case 3:
      return u * 0x1p12f;
    case 4:
      return u * 0x1p-130f;
    case 5:
      return u * 0x1p-16f;
    case 6:
      return 0;
    case 7:
      return sign * 0.0f;
    case 8:
      return 0.7f;
    case 9:
      return -3.25f;
    case 10:
      return 0.75f + u * 0.25f;
    case 11:
      return -0.75f + u * 0.25f;
    case 12:
      return 100 + u;
    case 13:
      return i % 41 == 7 ? 4 : u * a * 0.03125f;
    case 14:
      return i % 41 == 7 ? -4 : u * a * 0.03125f;
    case 15:
      return sign;
    case 16:
      return i % 32 == 3 ? 63.75f : (float)(r % 509 - 254) * 0.25f;
    case 17:
      return i % 32 == 0 ? 0 : i % 32 == 1 ? 15 : (float)(r % 31) * 0.5f;
    case 18:
      return sign * ldexpf(1, -(int)(r % 30));
    case 19:
      return ldexpf(u, -(int)(i / 64 % 24));
    case 20:
      return u * largest;
    case 21:
      return u * largest * 0.499f;
    case 22:
      return sign * largest;
    case 23:
      return u * 0x1p-17f;
    case 24:
      return u * 0x1p-21f * 0x1p-2f;
    case 25:
      return i == 5 ? NAN : u;
    case 26:
      return i == 5 ? INFINITY : u;
    case 27:
      return i == 70 ? -INFINITY : u;
    case 28:
      return NAN;
    default:
      return i % 64 == 9 ? sign : torch_midpoint(r);
  }
}

/* n weights, rounded to dtype. The generator's outputs are used one array after another: all u, all
 * r, all a, all b. */
static inline float *torch_make_weights(int kind, bl_dtype dtype, int64_t n) {
  float *weights = torch_allocate((size_t)n * sizeof *weights);
  const uint64_t increment = 0x9e3779b97f4a7c15u, seed = (uint64_t)(1000 * kind + (int)dtype);
  uint64_t u = seed, r = u + (uint64_t)n * increment, a = r + (uint64_t)n * increment,
           b = a + (uint64_t)n * increment;
  for (int64_t i = 0; i < n; i++) {
    int64_t bits = (int64_t)(check_random(&r) >> 40);
    float x = check_uniform(&u), y = check_uniform(&a), z = check_uniform(&b);
    weights[i] = torch_weight(kind, dtype, i, x, y, z, bits);
  }
  bl_round_to(dtype, weights, n);
  return weights;
}

/* The header of one tensor in a file. */
typedef struct torch_head {
  uint32_t kind, dtype, group, n_rows, n_cols;
  uint64_t hash; /* of the weights */
} torch_head;

static inline torch_head torch_read_head(const uint8_t **at) {
  torch_head head;
  memcpy(&head, *at, 20);
  memcpy(&head.hash, *at + 20, 8);
  *at += 28;
  return head;
}

static inline uint64_t torch_read_u64(const uint8_t **at) {
  uint64_t value;
  memcpy(&value, *at, sizeof value);
  *at += sizeof value;
  return value;
}

/* The file's bytes from its first tensor on; *n_tensors says how many there are. */
static inline uint8_t *torch_open(const char *path, uint32_t *n_tensors, const uint8_t **at,
                                  const uint8_t **end) {
  size_t size;
  uint8_t *file = check_read_file(path, &size);
  CHECK(size > 12 && memcmp(file, "BLTORCH1", 8) == 0);
  memcpy(n_tensors, file + 8, 4);
  *at = file + 12;
  *end = file + size;
  return file;
}

/* ---- encoding into guarded memory --------------------------------------------------------------
 */

enum { TORCH_GUARD = 64, TORCH_GUARD_BYTE = 0xa5 };

/* An encoded tensor, its parts at odd addresses between guard bytes. */
typedef struct torch_encoded {
  bl_tensor tensor;
  uint8_t *memory[BL_MAX_PARTS];
} torch_encoded;

static inline bl_format torch_format(const char *name, int bits, int group, bl_dtype dtype) {
  const bl_codec *codec = bl_codec_find(name, strlen(name));
  CHECK_MSG(codec, "no codec %s", name);
  if (!codec) exit(1);
  return (bl_format){codec, codec->bits ? bits : codec->fixed_bits,
                     codec->groups ? group : codec->fixed_group, dtype};
}

static inline torch_encoded torch_encode(bl_format format, const float *weights, int64_t n_rows,
                                         int64_t n_cols) {
  torch_encoded e = {.tensor = bl_tensor_make(format, n_rows, n_cols)};
  uint8_t *parts[BL_MAX_PARTS] = {NULL};
  for (int p = 0; p < format.codec->n_parts; p++) {
    size_t size = bl_tensor_part_bytes(&e.tensor, p) + 2 * TORCH_GUARD + 1;
    e.memory[p] = torch_allocate(size);
    memset(e.memory[p], TORCH_GUARD_BYTE, size);
    parts[p] = e.memory[p] + TORCH_GUARD + 1;
    e.tensor.parts[p] = parts[p];
  }
  if (format.codec->encode_tensor) {
    format.codec->encode_tensor(&format, weights, n_rows, n_cols, parts);
  } else {
    for (int64_t r = 0; r < n_rows; r++)
      bl_tensor_encode_row(&e.tensor, parts, r, weights + r * n_cols);
  }
  return e;
}

static inline bool torch_guards_intact(const torch_encoded *e) {
  for (int p = 0; p < e->tensor.format.codec->n_parts; p++) {
    size_t size = bl_tensor_part_bytes(&e->tensor, p);
    for (int i = 0; i <= TORCH_GUARD; i++)
      if (e->memory[p][i] != TORCH_GUARD_BYTE) return false;
    for (size_t i = 0; i < TORCH_GUARD; i++)
      if (e->memory[p][TORCH_GUARD + 1 + size + i] != TORCH_GUARD_BYTE) return false;
  }
  return true;
}

static inline void torch_encoded_free(torch_encoded *e) {
  for (int p = 0; p < e->tensor.format.codec->n_parts; p++) free(e->memory[p]);
}

/* All of the tensor in float32, then rounded to the type of its weights; F32: not rounded. */
static inline float *torch_decode(const bl_tensor *tensor, bl_dtype rounded_to) {
  int64_t n = tensor->n_rows * tensor->n_cols;
  float *values = torch_allocate((size_t)n * sizeof *values);
  for (int64_t r = 0; r < tensor->n_rows; r++)
    bl_tensor_decode_row(tensor, r, values + r * tensor->n_cols);
  bl_round_to(rounded_to, values, n);
  return values;
}

/* How many of n numbers differ, all NaNs being the same. */
static inline int64_t torch_count_different(const void *ours, const void *theirs, int64_t n,
                                            bl_dtype dtype) {
  int64_t different = 0;
  const size_t size = bl_dtype_size(dtype);
  for (int64_t i = 0; i < n; i++) {
    float x, y;
    bl_to_f32(dtype, (const uint8_t *)ours + (size_t)i * size, 1, &x);
    bl_to_f32(dtype, (const uint8_t *)theirs + (size_t)i * size, 1, &y);
    different += bl_f32_bits(x) != bl_f32_bits(y) && !(isnan(x) && isnan(y));
  }
  return different;
}

static inline int64_t torch_count_bytes(const uint8_t *ours, const uint8_t *theirs, int64_t n) {
  int64_t different = 0;
  for (int64_t i = 0; i < n; i++) different += ours[i] != theirs[i];
  return different;
}

/* ---- comparing a whole file --------------------------------------------------------------------
 */

typedef struct torch_counts {
  int64_t codes, codes_different, params, params_different, decoded_different;
} torch_counts;

/* Compares an encoded tensor's parts and decoded values with what is at *at, moves *at past it and
 * adds to the counts. */
typedef void (*torch_compare_fn)(const torch_encoded *e, const torch_head *head, const uint8_t **at,
                                 torch_counts *counts);

/* Encodes every tensor of a file with the codec `name` and compares. */
static inline void torch_check_file(const char *path, const char *name, uint32_t at_least,
                                    torch_compare_fn compare) {
  uint32_t n_tensors;
  const uint8_t *at, *end;
  uint8_t *file = torch_open(path, &n_tensors, &at, &end);
  CHECK(n_tensors >= at_least);
  torch_counts counts = {0};
  for (uint32_t t = 0; t < n_tensors; t++) {
    torch_head head = torch_read_head(&at);
    int64_t n = (int64_t)head.n_rows * head.n_cols;
    float *weights = torch_make_weights((int)head.kind, (bl_dtype)head.dtype, n);
    CHECK_MSG(torch_hash_floats(weights, n) == head.hash, "the weights of kind %u", head.kind);
    bl_format format = torch_format(name, 4, (int)head.group, (bl_dtype)head.dtype);
    torch_encoded e = torch_encode(format, weights, head.n_rows, head.n_cols);
    torch_counts before = counts;
    compare(&e, &head, &at, &counts);
    CHECK_MSG(counts.codes_different == before.codes_different &&
                  counts.params_different == before.params_different &&
                  counts.decoded_different == before.decoded_different,
              "kind %u in %s, group %u", head.kind, bl_dtype_name((bl_dtype)head.dtype),
              head.group);
    CHECK(torch_guards_intact(&e));
    torch_encoded_free(&e);
    free(weights);
  }
  CHECK(at == end);
  printf(
      "    %s: %u tensors; mismatches: %lld of %lld codes, %lld of %lld scales and zeros, %lld "
      "tensors decoded\n",
      name, n_tensors, (long long)counts.codes_different, (long long)counts.codes,
      (long long)counts.params_different, (long long)counts.params,
      (long long)counts.decoded_different);
  CHECK(counts.codes > 0 && counts.params > 0);
  free(file);
}

/* Compares n bytes of codes of part p. */
static inline void torch_compare_codes(const torch_encoded *e, int p, int64_t n, const uint8_t **at,
                                       torch_counts *counts) {
  counts->codes += n;
  counts->codes_different += torch_count_bytes(e->tensor.parts[p], *at, n);
  *at += n;
}

/* Compares n numbers of part p. */
static inline void torch_compare_params(const torch_encoded *e, int p, int64_t n, bl_dtype dtype,
                                        const uint8_t **at, torch_counts *counts) {
  counts->params += n;
  counts->params_different += torch_count_different(e->tensor.parts[p], *at, n, dtype);
  *at += (size_t)n * bl_dtype_size(dtype);
}

static inline void torch_compare_decoded(const torch_encoded *e, bl_dtype rounded_to,
                                         const uint8_t **at, torch_counts *counts) {
  float *values = torch_decode(&e->tensor, rounded_to);
  uint64_t hash = torch_hash_floats(values, e->tensor.n_rows * e->tensor.n_cols);
  counts->decoded_different += hash != torch_read_u64(at);
  free(values);
}

/* The tensors of large.bin that were encoded as `their_name`: one hash of all parts, and one of the
 * decoded values where has_decoded. */
static inline void torch_check_large(const char *their_name, const char *name, bool has_decoded) {
  uint32_t n_tensors;
  const uint8_t *at, *end;
  uint8_t *file = torch_open(BL_GOLDEN "/torch/large.bin", &n_tensors, &at, &end);
  int n_checked = 0, mismatches = 0;
  int64_t n_weights = 0;
  for (uint32_t t = 0; t < n_tensors; t++) {
    const char *tensor_name = (const char *)at;
    at += 16;
    torch_head head = torch_read_head(&at);
    uint64_t encoded = torch_read_u64(&at), decoded = torch_read_u64(&at);
    if (strcmp(tensor_name, their_name) != 0) continue;
    int64_t n = (int64_t)head.n_rows * head.n_cols;
    bl_dtype dtype = (bl_dtype)head.dtype;
    float *weights = torch_make_weights((int)head.kind, dtype, n);
    CHECK(torch_hash_floats(weights, n) == head.hash);
    bl_format format = torch_format(name, 4, (int)head.group, dtype);
    torch_encoded e = torch_encode(format, weights, head.n_rows, head.n_cols);
    uint64_t hash = TORCH_FNV1A_START;
    for (int p = 0; p < e.tensor.format.codec->n_parts; p++)
      hash = torch_fnv1a(hash, e.tensor.parts[p], bl_tensor_part_bytes(&e.tensor, p));
    mismatches += hash != encoded;
    if (has_decoded) {
      float *values = torch_decode(&e.tensor, format.codec->uses_dtype ? dtype : BL_F32);
      mismatches += torch_hash_floats(values, n) != decoded;
      free(values);
    }
    n_checked++;
    n_weights += n;
    torch_encoded_free(&e);
    free(weights);
  }
  CHECK(at == end);
  printf("    %s: %d large matrices, %lld weights, %d mismatches\n", name, n_checked,
         (long long)n_weights, mismatches);
  CHECK(n_checked >= 6);
  CHECK(mismatches == 0);
  free(file);
}

#endif
