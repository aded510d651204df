/* A test is a function that CHECKs facts; a test program runs a list of them and prints one line
 * for each. The first failed fact of a test is reported with its place, and the program exits 1. */
#ifndef BL_TESTS_CHECK_H
#define BL_TESTS_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failures;
static bool check_failed_here;

#define CHECK(fact) CHECK_MSG(fact, "%s", #fact)
#define CHECK_MSG(fact, ...)                             \
  do {                                                   \
    if (!(fact) && !check_failed_here) {                 \
      check_failed_here = true;                          \
      printf("    %s:%d: not so: ", __FILE__, __LINE__); \
      printf(__VA_ARGS__);                               \
      printf("\n");                                      \
    }                                                    \
  } while (0)
#define CHECK_OK(call)                                                         \
  do {                                                                         \
    bl_error check_error = {0};                                                \
    bl_error *error = &check_error;                                            \
    bl_code check_code = (call);                                               \
    CHECK_MSG(check_code == BL_OK, "%s gave: %s", #call, check_error.message); \
  } while (0)

/* RUN(name) calls test function `name`; its words are read off the name. */
#define RUN(name) check_run(#name, name)
static void check_run(const char *name, void (*test)(void)) {
  check_failed_here = false;
  test();
  printf("%s ", check_failed_here ? "not ok" : "ok");
  for (const char *c = name; *c; c++) putchar(*c == '_' ? ' ' : *c);
  putchar('\n');
  fflush(stdout);
  if (check_failed_here) check_failures++;
}

/* The last line of main. */
static inline int check_result(void) {
  return check_failures ? 1 : 0;
}

/* A whole file, allocated; exits when it can't be read. */
static inline uint8_t *check_read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    printf("    cannot read %s\n", path);
    exit(1);
  }
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(*size + 1);
  if (!bytes || fread(bytes, 1, *size, file) != *size) exit(1);
  bytes[*size] = 0;
  fclose(file);
  return bytes;
}

/* A small generator for test data: splitmix64. */
static inline uint64_t check_random(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}
static inline float check_uniform(uint64_t *state) { /* in [-1, 1) */
  return (float)(int32_t)(check_random(state) >> 32) * 0x1p-31f;
}

#endif
