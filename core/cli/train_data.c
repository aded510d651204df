/* The text files of a training run as tokens. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "begun.h"
#include "read.h"
#include "train.h"

/* Text that is encoded at once, in bytes, cut after a document. */
#define SLICE_BYTES ((size_t)1 << 18)

/* What reading takes: the tokenizer, and the text of the token that ends a document. */
typedef struct reader {
  bl_tokenizer *tokenizer;
  uint64_t fingerprint; /* of tokenizer.json */
  const char *end;
  size_t end_size;
  int32_t end_id;
} reader;

/* FNV-1a (Fowler, Noll, Vo), to tell one tokenizer.json from another. */
static uint64_t fingerprint(const char *text, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ (uint8_t)text[i]) * 0x100000001b3u;
  return hash;
}

static bool open_reader(reader *r, const cli_train_recipe *recipe) {
  bl_error error;
  *r = (reader){.fingerprint = fingerprint(recipe->tokenizer, recipe->tokenizer_size),
                .end_id = recipe->end};
  if (bl_tokenizer_from_json(recipe->tokenizer, recipe->tokenizer_size, NULL, 0, NULL, 0,
                             &r->tokenizer, &error) != BL_OK ||
      bl_tokenizer_bytes(r->tokenizer, recipe->end, true, &r->end, &r->end_size, &error) != BL_OK) {
    return cli_fail("%s", error.message);
  }
  if (r->end_size == 0)
    return cli_fail("config.json: token %d ends no document: it has no text", recipe->end);
  if (bl_tokenizer_size(r->tokenizer) > 1 << 16) {
    return cli_fail("tokenizer.json has %d tokens, expected at most 65536",
                    bl_tokenizer_size(r->tokenizer));
  }
  return true;
}

/* ---- tokens --------------------------------------------------------------------------------- */

static void reserve(cli_corpus *corpus, uint64_t n_more) {
  if (corpus->n_ids + n_more <= corpus->capacity) return;
  corpus->capacity = (corpus->n_ids + n_more) * 3 / 2;
  corpus->ids = cli_grow(corpus->ids, (size_t)corpus->capacity * sizeof *corpus->ids);
}

/* Where the document that goes past text[size] at most ends. */
static size_t slice_end(const reader *r, const char *text, size_t size, size_t from) {
  size_t at = from + SLICE_BYTES < size ? from + SLICE_BYTES : size;
  for (; at + r->end_size <= size; at++) {
    if (memcmp(text + at, r->end, r->end_size) == 0) return at + r->end_size;
  }
  return size;
}

static bool encode(const reader *r, const char *path, const char *text, size_t size,
                   cli_corpus *corpus) {
  bl_error error;
  int32_t *ids = NULL;
  size_t capacity = 0, n = 0;
  bool ok = true;
  cli_progress_start("Reading", "B", size);
  for (size_t at = 0; ok && at < size;) {
    size_t end = slice_end(r, text, size, at);
    if (capacity < end - at) ids = cli_grow(ids, (capacity = end - at) * sizeof *ids);
    ok = bl_tokenizer_encode(r->tokenizer, text + at, end - at, false, ids, capacity, &n, &error) ==
             BL_OK ||
         cli_fail("%s: %s", path, error.message);
    ok = ok && (n <= capacity || cli_fail("%s: a text gives more tokens than it has bytes", path));
    ok = ok && !cli_interrupted();
    if (!ok) break;
    reserve(corpus, n);
    for (size_t i = 0; i < n; i++) corpus->ids[corpus->n_ids++] = (uint16_t)ids[i];
    cli_progress(at = end);
  }
  cli_progress_end();
  free(ids);
  return ok;
}

/* ---- earlier results ------------------------------------------------------------------------ */

/* Begins NAME.txt.ids: which text and which tokenizer it is of. */
typedef struct cache_header {
  char magic[8];
  uint64_t tokenizer, text_size, text_seconds, text_nanoseconds, n_ids;
} cache_header;

static cache_header make_header(const reader *r, const struct stat *text) {
  cache_header h = {.tokenizer = r->fingerprint,
                    .text_size = (uint64_t)text->st_size,
                    .text_seconds = (uint64_t)text->st_mtim.tv_sec,
                    .text_nanoseconds = (uint64_t)text->st_mtim.tv_nsec};
  memcpy(h.magic, "blids001", sizeof h.magic);
  return h;
}

/* A file that may be there, for reading; NULL when it is not a regular one. */
static FILE *open_cache(const char *path) {
  struct stat info;
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  bool ok = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  FILE *file = ok ? fdopen(fd, "rb") : NULL;
  if (fd >= 0 && !file) close(fd);
  return file;
}

/* Appends the ids of an earlier run, if they are of this text. */
static bool take_cache(const char *path, const cache_header *want, cli_corpus *corpus) {
  FILE *file = open_cache(path);
  if (!file) return false;
  cache_header h;
  bool ok = fread(&h, sizeof h, 1, file) == 1 &&
            memcmp(&h, want, offsetof(cache_header, n_ids)) == 0 && h.n_ids <= h.text_size;
  if (ok) {
    reserve(corpus, h.n_ids);
    ok = fread(corpus->ids + corpus->n_ids, sizeof *corpus->ids, (size_t)h.n_ids, file) == h.n_ids;
  }
  if (ok) corpus->n_ids += h.n_ids;
  fclose(file);
  return ok;
}

/* A folder that can't be written only costs time. */
static void put_cache(const char *path, cache_header header, const uint16_t *ids, uint64_t n) {
  cli_remove_leftovers(path);
  char *partial = cli_print("%s.partial-XXXXXX", path);
  cli_begun *begun = cli_begun_prepare(partial);
  int fd = mkstemp(partial); /* a name of its own: another run may be making the same tokens */
  if (fd >= 0) cli_begun_start(begun, partial);
  FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
  header.n_ids = n;
  mode_t mask = umask(0);
  umask(mask);
  bool ok = file && cli_lock(fd) && fchmod(fd, 0666 & ~mask) == 0 &&
            fwrite(&header, sizeof header, 1, file) == 1 &&
            fwrite(ids, sizeof *ids, (size_t)n, file) == n;
  if (file && fclose(file) != 0) ok = false;
  if (!ok || rename(partial, path) != 0) {
    if (fd >= 0) unlink(partial);
    cli_note("the tokens could not be kept in %s, so the next run makes them again", path);
  }
  cli_begun_finish(begun);
  free(partial);
}

/* ---- documents ------------------------------------------------------------------------------ */

/* Cuts tokens [first, n_ids) into documents. */
static void cut(cli_corpus *corpus, uint64_t first, int32_t end_id) {
  bl_train_document document;
  while (bl_train_next_document(corpus->ids, corpus->n_ids, end_id, &first, &document)) {
    if (corpus->n_documents == corpus->document_capacity) {
      corpus->document_capacity = corpus->document_capacity * 3 / 2 + 1024;
      corpus->documents =
          cli_grow(corpus->documents, corpus->document_capacity * sizeof *corpus->documents);
    }
    corpus->documents[corpus->n_documents++] = document;
  }
}

static bool read_text(const reader *r, const char *path, cli_corpus *corpus) {
  struct stat info;
  uint64_t first = corpus->n_ids;
  if (stat(path, &info) != 0) return cli_fail("cannot open %s: %s", path, strerror(errno));
  char *cache = cli_print("%s.ids", path);
  cache_header header = make_header(r, &info);
  bool ok = true;
  if (!take_cache(cache, &header, corpus)) {
    size_t size;
    char *text = cli_read_file(path, CLI_MAX_CORPUS, &size);
    ok = text && encode(r, path, text, size, corpus);
    if (ok) put_cache(cache, header, corpus->ids + first, corpus->n_ids - first);
    free(text);
  }
  if (ok) cut(corpus, first, r->end_id);
  free(cache);
  return ok;
}

/* ---- the folder ----------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of the folder's .txt files, sorted. */
static char **list_texts(const char *folder, int *n) {
  char **names = NULL;
  *n = 0;
  DIR *dir = opendir(folder);
  if (!dir) cli_fail("cannot open %s: %s", folder, strerror(errno));
  for (struct dirent *entry; dir && (entry = readdir(dir));) {
    size_t size = strlen(entry->d_name);
    if (size <= 4 || strcmp(entry->d_name + size - 4, ".txt") != 0) continue;
    names = cli_grow(names, ((size_t)*n + 1) * sizeof *names);
    names[(*n)++] = cli_copy(entry->d_name);
  }
  if (dir && *n == 0) cli_fail("%s holds no text files: expected NAME.txt", folder);
  if (dir) closedir(dir);
  if (*n > 0) qsort(names, (size_t)*n, sizeof *names, compare_names);
  return names;
}

bool cli_corpus_read(cli_corpus *corpus, const char *folder, const cli_train_recipe *recipe) {
  *corpus = (cli_corpus){0};
  reader r = {0};
  int n;
  char **names = list_texts(folder, &n);
  bool ok = names && open_reader(&r, recipe);
  for (int i = 0; ok && i < n; i++) {
    size_t before = corpus->n_documents;
    char *path = cli_print("%s/%s", folder, names[i]);
    ok = read_text(&r, path, corpus);
    free(path);
    corpus->n_held_out = corpus->n_documents - before;
  }
  if (n == 1) corpus->n_held_out = corpus->n_documents / 20 + 1;
  if (ok && (corpus->n_held_out == 0 || corpus->n_held_out >= corpus->n_documents)) {
    ok = cli_fail("%s holds %zu documents, expected some to train on and some to hold out", folder,
                  corpus->n_documents);
  }
  if (ok) corpus->n_documents -= corpus->n_held_out;
  for (int i = 0; i < n; i++) free(names[i]);
  bl_tokenizer_free(r.tokenizer);
  free(names);
  return ok;
}

void cli_corpus_free(cli_corpus *corpus) {
  free(corpus->ids);
  free(corpus->documents);
  *corpus = (cli_corpus){0};
}
