/* Runs a fuzz target without libFuzzer: each seed file as it is, then N mutations of them. The same
 * seed gives the same inputs on every machine.
 *
 *   drive -runs 20000 -seed 1 seed-file...
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_INPUT_BYTES 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
  uint8_t *bytes;
  size_t size;
} input;

/* splitmix64 */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t n) {
  return n ? (size_t)(next_random(state) % n) : 0;
}

static input read_seed(const char *path) {
  input seed = {malloc(MAX_INPUT_BYTES), 0};
  FILE *file = fopen(path, "rb");
  if (!file || !seed.bytes) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(2);
  }
  seed.size = fread(seed.bytes, 1, MAX_INPUT_BYTES, file);
  fclose(file);
  return seed;
}

/* Opens a gap of n bytes at `at`, or closes one. */
static void move_tail(input *in, size_t at, size_t n, bool open) {
  if (open && in->size + n <= MAX_INPUT_BYTES) {
    memmove(in->bytes + at + n, in->bytes + at, in->size - at);
    in->size += n;
  } else if (!open) {
    if (n > in->size - at) n = in->size - at;
    memmove(in->bytes + at, in->bytes + at + n, in->size - at - n);
    in->size -= n;
  }
}

/* One small change. Whole numbers that formats choke on are put in as often as random bits. */
static void mutate(input *in, const input *other, uint64_t *random) {
  static const uint64_t numbers[] = {0,           1,           2,         0x7f,
                                     0x80,        0xff,        0xffff,    0x7fffffff,
                                     0x80000000u, 0xffffffffu, INT64_MAX, (uint64_t)1 << 63,
                                     UINT64_MAX};
  static const char pieces[][8] = {"{",  "}",       "[", "]",   ",",    ":", "\"",
                                   "\\", "\\u0000", "-", "1e9", "null", " ", "\xff"};
  size_t at = below(random, in->size), n = 1 + below(random, 16);
  switch (in->size ? next_random(random) % 8 : 5) {
    case 0: /* flip a bit */
      in->bytes[at] ^= (uint8_t)(1u << below(random, 8));
      break;
    case 1:
      in->bytes[at] = (uint8_t)next_random(random);
      break;
    case 2: { /* a little-endian number of 1, 2, 4 or 8 bytes */
      uint64_t x = numbers[below(random, sizeof numbers / sizeof *numbers)] + below(random, 3) - 1;
      for (size_t i = 0, size = (size_t)1 << below(random, 4); i < size && at + i < in->size; i++)
        in->bytes[at + i] = (uint8_t)(x >> (8 * i));
      break;
    }
    case 3:
      move_tail(in, at, n, false);
      break;
    case 4: /* repeat what is there */
      move_tail(in, at, n, true);
      break;
    case 5: { /* a piece of text */
      const char *piece = pieces[below(random, sizeof pieces / sizeof *pieces)];
      size_t length = strlen(piece);
      if (in->size + length > MAX_INPUT_BYTES) break;
      move_tail(in, at, length, true);
      memcpy(in->bytes + at, piece, length);
      break;
    }
    case 6: /* cut */
      in->size = at;
      break;
    case 7: { /* copy from another seed */
      size_t from = below(random, other->size), length = 1 + below(random, 64);
      for (size_t i = 0; i < length && from + i < other->size && at + i < in->size; i++)
        in->bytes[at + i] = other->bytes[from + i];
      break;
    }
  }
}

/* Hands the target an allocation of the exact size, so that a read past it is seen. */
static void run_once(const input *in) {
  uint8_t *copy = malloc(in->size ? in->size : 1);
  if (!copy) exit(2);
  memcpy(copy, in->bytes, in->size);
  LLVMFuzzerTestOneInput(copy, in->size);
  free(copy);
}

int main(int argc, char **argv) {
  unsigned long long n_runs = 10000, random_seed = 1;
  input *seeds = calloc((size_t)argc, sizeof *seeds);
  size_t n_seeds = 0;
  if (!seeds) return 2;
  for (int i = 1; i < argc; i++) {
    bool has_value = i + 1 < argc;
    if (strcmp(argv[i], "-runs") == 0 && has_value)
      n_runs = strtoull(argv[++i], NULL, 10);
    else if (strcmp(argv[i], "-seed") == 0 && has_value)
      random_seed = strtoull(argv[++i], NULL, 10);
    else
      seeds[n_seeds++] = read_seed(argv[i]);
  }
  if (n_seeds == 0) {
    fprintf(stderr, "usage: %s [-runs N] [-seed S] seed-file…\n", argv[0]);
    return 2;
  }

  for (size_t i = 0; i < n_seeds; i++) run_once(&seeds[i]);
  uint64_t random = random_seed;
  input in = {malloc(MAX_INPUT_BYTES), 0};
  if (!in.bytes) return 2;
  for (unsigned long long run = 0; run < n_runs; run++) {
    const input *seed = &seeds[below(&random, n_seeds)];
    memcpy(in.bytes, seed->bytes, in.size = seed->size);
    for (size_t k = 1 + below(&random, 6); k-- > 0;)
      mutate(&in, &seeds[below(&random, n_seeds)], &random);
    run_once(&in);
  }
  printf("%zu seeds and %llu mutations of them: nothing broke\n", n_seeds, n_runs);
  for (size_t i = 0; i < n_seeds; i++) free(seeds[i].bytes);
  free(seeds);
  free(in.bytes);
  return 0;
}
