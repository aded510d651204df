/* Encodes many texts with a tokenizer and times it, for bench_tokenizer.py, which compares ids
 * and speed with Hugging Face's `tokenizers`.
 *
 *     bench_tokenizer TOKENIZER TEXTS RESULTS [ROUNDS]
 *
 * TOKENIZER is a tokenizer.json, a .gguf file, or a folder with one of the older files.
 * TEXTS holds for each text its size (uint32, little-endian) and its bytes; RESULTS gets for each
 * the number of ids (uint32), the ids (int32), and size and bytes of what they decode to, special
 * tokens left out. Prints the seconds of the fastest of ROUNDS rounds of encoding all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bitloss.h"

static void die(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static char *read_all(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) die(path);
  long end = ftell(file);
  rewind(file);
  char *bytes = malloc((size_t)end + 1);
  if (!bytes || fread(bytes, 1, (size_t)end, file) != (size_t)end) die(path);
  fclose(file);
  *size = (size_t)end;
  return bytes;
}

static bl_vocab_file read_beside(const char *folder, const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) return (bl_vocab_file){0};
  fclose(file);
  size_t size;
  char *bytes = read_all(path, &size);
  return (bl_vocab_file){bytes, size};
}

static bl_code open_folder(const char *folder, bl_tokenizer **tokenizer, bl_error *error) {
  bl_vocab_files files = {
      .vocab = read_beside(folder, "vocab.json"),
      .merges = read_beside(folder, "merges.txt"),
      .words = read_beside(folder, "vocab.txt"),
      .pieces = read_beside(folder, "tokenizer.model"),
      .config = read_beside(folder, "tokenizer_config.json"),
      .map = read_beside(folder, "special_tokens_map.json"),
  };
  char *text = NULL;
  size_t size = 0;
  bl_code code = bl_tokenizer_json_from_vocab(&files, &text, &size, error);
  if (code == BL_OK)
    code = bl_tokenizer_from_json(text, size, files.config.bytes, files.config.size, NULL, 0,
                                  tokenizer, error);
  free(text);
  return code;
}

static bl_code open_gguf(const char *bytes, size_t size, bl_tokenizer **tokenizer,
                         bl_error *error) {
  bl_index *index = NULL;
  uint64_t n_needed;
  bl_code code =
      bl_index_parse("file", (const uint8_t *)bytes, size, size, &index, &n_needed, error);
  if (code == BL_OK) code = bl_tokenizer_from_gguf(index, tokenizer, error);
  bl_index_free(index);
  return code;
}

static bool ends_with(const char *text, const char *end) {
  size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static bl_code open_tokenizer(const char *path, bl_tokenizer **tokenizer, bl_error *error) {
  size_t size;
  if (!ends_with(path, ".json") && !ends_with(path, ".gguf"))
    return open_folder(path, tokenizer, error);
  char *bytes = read_all(path, &size);
  bl_code code = ends_with(path, ".gguf")
                     ? open_gguf(bytes, size, tokenizer, error)
                     : bl_tokenizer_from_json(bytes, size, NULL, 0, NULL, 0, tokenizer, error);
  free(bytes);
  return code;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void write_decoded(const bl_tokenizer *tokenizer, const int32_t *ids, size_t n, FILE *out) {
  static char text[1 << 22];
  size_t size = 0;
  bl_error error;
  bl_decoder *decoder = bl_decoder_new(tokenizer, false, &error);
  const char *part;
  size_t part_size;
  for (size_t i = 0; i <= n; i++) {
    if (i == n)
      bl_decoder_flush(decoder, &part, &part_size);
    else if (bl_decoder_push(decoder, ids[i], &part, &part_size, &error))
      die(error.message);
    if (size + part_size > sizeof text) die("a text is too long");
    memcpy(text + size, part, part_size);
    size += part_size;
  }
  bl_decoder_free(decoder);
  uint32_t count = (uint32_t)size;
  fwrite(&count, 4, 1, out);
  fwrite(text, 1, size, out);
}

/* Encodes all texts; writes what comes of them where there is a file. Returns the number of ids. */
static size_t encode_all(const bl_tokenizer *tokenizer, const char *texts, size_t size, FILE *out) {
  static int32_t ids[1 << 20];
  size_t total = 0, n = 0;
  bl_error error;
  for (size_t at = 0; at + 4 <= size;) {
    uint32_t length;
    memcpy(&length, texts + at, 4);
    if (bl_tokenizer_encode(tokenizer, texts + at + 4, length, true, ids, 1 << 20, &n, &error))
      die(error.message);
    at += 4 + length;
    total += n;
    if (!out) continue;
    uint32_t count = (uint32_t)n;
    fwrite(&count, 4, 1, out);
    fwrite(ids, 4, n, out);
    write_decoded(tokenizer, ids, n, out);
  }
  return total;
}

int main(int argc, char **argv) {
  if (argc < 4) die("expected TOKENIZER TEXTS RESULTS [ROUNDS]");
  size_t size;
  char *texts = read_all(argv[2], &size);
  bl_tokenizer *tokenizer = NULL;
  bl_error error;
  double start = now();
  if (open_tokenizer(argv[1], &tokenizer, &error)) die(error.message);
  double load = now() - start, best = 1e9;
  FILE *out = fopen(argv[3], "wb");
  if (!out) die(argv[3]);
  size_t n_ids = encode_all(tokenizer, texts, size, out);
  fclose(out);
  for (int round = argc > 4 ? atoi(argv[4]) : 0; round > 0; round--) {
    start = now();
    encode_all(tokenizer, texts, size, NULL);
    if (now() - start < best) best = now() - start;
  }
  printf("{\"ids\": %zu, \"load_seconds\": %.4f, \"seconds\": %.6f}\n", n_ids, load, best);
  bl_tokenizer_free(tokenizer);
  free(texts);
  return 0;
}
