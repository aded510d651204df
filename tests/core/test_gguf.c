/* GGUF headers: what the library lists, and files that break the rules. */
#include "check.h"
#include "format/index.h"
#include "format/index_build.h"
#include "listing.h"

static void golden_files_list_what_the_library_lists(void) {
  check_golden_listing("types.gguf");
  check_golden_listing("metadata.gguf");
  check_golden_listing("aligned.gguf");
  check_golden_listing("version2.gguf");
}

static bl_index *read_golden(const char *name) {
  char path[512];
  size_t size;
  bl_index *index = NULL;
  uint64_t n_needed;
  snprintf(path, sizeof path, "%s/format/%s", BL_GOLDEN, name);
  uint8_t *bytes = check_read_file(path, &size);
  CHECK_OK(parse_copy(name, bytes, size, size, &index, &n_needed, error));
  free(bytes);
  if (!index) exit(1);
  return index;
}

/* Values as tests/golden/make_format.py wrote them. */
static void metadata_keeps_every_kind_of_value(void) {
  bl_index *index = read_golden("metadata.gguf");
  const bl_meta *m = bl_index_meta(index, "u64");
  CHECK(m && m->kind == BL_META_INT && m->i == INT64_MAX);
  m = bl_index_meta(index, "i64");
  CHECK(m && m->kind == BL_META_INT && m->i == INT64_MIN);
  m = bl_index_meta(index, "f32");
  CHECK(m && m->kind == BL_META_FLOAT && m->f == (double)1e-5f);
  m = bl_index_meta(index, "f64");
  CHECK(m && m->kind == BL_META_FLOAT && m->f == 0.1);
  m = bl_index_meta(index, "bool.yes");
  CHECK(m && m->kind == BL_META_BOOL && m->i == 1);
  m = bl_index_meta(index, "string.fits");
  CHECK(m && m->kind == BL_META_STRING && m->s.size == 120);
  m = bl_index_meta(index, "");
  CHECK(m && m->s.size == 12 && memcmp(m->s.bytes, "an empty key", 12) == 0);

  m = bl_index_meta(index, "array.string");
  CHECK(m && m->kind == BL_META_ARRAY && m->item_kind == BL_META_STRING && m->n == 4);
  static const char *const strings[] = {"a", "", "Ġthe", "é"};
  for (int i = 0; m && i < 4; i++)
    CHECK(m->strings[i].size == strlen(strings[i]) &&
          memcmp(m->strings[i].bytes, strings[i], m->strings[i].size) == 0);
  m = bl_index_meta(index, "array.i32");
  CHECK(m && m->item_kind == BL_META_INT && m->n == 3);
  CHECK(m && m->ints[0] == -1 && m->ints[1] == 0 && m->ints[2] == 2147483647);
  m = bl_index_meta(index, "array.f32");
  CHECK(m && m->item_kind == BL_META_FLOAT && m->floats[0] == 0.5 && m->floats[1] == -2.25);
  m = bl_index_meta(index, "array.bool");
  CHECK(m && m->item_kind == BL_META_BOOL && m->ints[0] == 1 && m->ints[1] == 0);
  m = bl_index_meta(index, "array.u8");
  CHECK(m && m->ints[0] == 0 && m->ints[1] == 255);
  m = bl_index_meta(index, "array.i64");
  CHECK(m && m->ints[0] == -5);
  m = bl_index_meta(index, "array.f64");
  CHECK(m && m->floats[0] == 1e300);
  CHECK(bl_index_meta(index, "absent") == NULL);
  bl_index_free(index);
}

static void getters_leave_absent_values_and_name_wrong_ones(void) {
  bl_index *index = read_golden("metadata.gguf");
  bl_error found;
  int64_t i = 7;
  double f = 7;
  bool b = true;
  bl_str s = {"x", 1};
  CHECK_OK(bl_meta_int(index, "absent", 0, 1, &i, error));
  CHECK_OK(bl_meta_float(index, "absent", 0, 1, &f, error));
  CHECK_OK(bl_meta_bool(index, "absent", &b, error));
  CHECK_OK(bl_meta_string(index, "absent", &s, error));
  CHECK(i == 7 && f == 7 && b && s.size == 1);
  CHECK_OK(bl_meta_int(index, "i16", INT64_MIN, 0, &i, error));
  CHECK_OK(bl_meta_float(index, "f32.whole", 0, 1e6, &f, error));
  CHECK_OK(bl_meta_bool(index, "bool.no", &b, error));
  CHECK_OK(bl_meta_string(index, "general.architecture", &s, error));
  CHECK(i == -32768 && f == 500000 && !b && s.size == 5);
  CHECK_OK(bl_meta_float(index, "u8", 0, 1e6, &f, error)); /* a whole number is a number */
  CHECK(f == 255);

  CHECK(bl_meta_int(index, "u8", 0, 254, &i, &found) == BL_ERR_INPUT);
  CHECK(strcmp(found.message, "metadata.gguf: metadata 'u8' is 255, expected 0 to 254") == 0);
  CHECK(bl_meta_float(index, "f32.whole", 0, 1, &f, &found) == BL_ERR_INPUT);
  CHECK(strcmp(found.message, "metadata.gguf: metadata 'f32.whole' is 500000, expected 0 to 1") ==
        0);
  CHECK(bl_meta_int(index, "string", 0, 1, &i, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "'string' is a string, expected a whole number"));
  CHECK(bl_meta_int(index, "f64", 0, 1, &i, &found) == BL_ERR_INPUT);
  CHECK(bl_meta_float(index, "array.f32", 0, 1, &f, &found) == BL_ERR_INPUT);
  CHECK(strstr(found.message, "is an array, expected a number"));
  CHECK(bl_meta_bool(index, "u8", &b, &found) == BL_ERR_INPUT);
  CHECK(bl_meta_string(index, "bool.no", &s, &found) == BL_ERR_INPUT);
  CHECK(i == -32768 && f == 255 && !b && s.size == 5);
  bl_index_free(index);
}

static void types_with_a_codec_name_it(void) {
  static const struct {
    uint32_t number;
    const char *codec;
  } types[] = {{0, "f32"},   {1, "f16"},   {2, "q4_0"},    {3, "q4_1"},  {6, "q5_0"},
               {7, "q5_1"},  {8, "q8_0"},  {10, "q2_k"},   {11, "q3_k"}, {12, "q4_k"},
               {13, "q5_k"}, {14, "q6_k"}, {20, "iq4_nl"}, {30, "bf16"}, {39, "mxfp4_ggml"}};
  int n_codecs = 0;
  for (uint32_t number = 0; number < 64; number++) {
    const bl_type *type = bl_gguf_type(number);
    if (type && type->codec) n_codecs++;
  }
  CHECK(n_codecs == 15);
  for (int i = 0; i < 15; i++) {
    uint32_t number = 99;
    CHECK(strcmp(bl_gguf_type(types[i].number)->codec, types[i].codec) == 0);
    CHECK(bl_codec_find(types[i].codec, strlen(types[i].codec)) != NULL);
    CHECK(bl_gguf_type_of_codec(types[i].codec, &number) && number == types[i].number);
  }
  uint32_t number;
  CHECK(!bl_gguf_type_of_codec("affine", &number));
}

/* ---- files made here ----------------------------------------------------------------------- */

/* Grows as fields are put at its end. */
typedef struct file {
  uint8_t bytes[2048];
  size_t size;
} file;

static void put(file *f, int n_bytes, uint64_t value) {
  for (int i = 0; i < n_bytes; i++) f->bytes[f->size++] = (uint8_t)(value >> (8 * i));
}

static void put_bytes(file *f, const char *bytes, size_t n) {
  put(f, 8, n);
  memcpy(f->bytes + f->size, bytes, n);
  f->size += n;
}

static void put_text(file *f, const char *text) {
  put_bytes(f, text, strlen(text));
}

static file start(uint64_t n_tensors, uint64_t n_meta) {
  file f = {.size = 4};
  memcpy(f.bytes, "GGUF", 4);
  put(&f, 4, 3);
  put(&f, 8, n_tensors);
  put(&f, 8, n_meta);
  return f;
}

static void put_tensor(file *f, const char *name, int n_dims, const uint64_t *dims, uint32_t type,
                       uint64_t offset) {
  put_text(f, name);
  put(f, 4, (uint64_t)n_dims);
  for (int i = 0; i < n_dims; i++) put(f, 8, dims[i]);
  put(f, 4, type);
  put(f, 8, offset);
}

/* Pads to the data, and adds n bytes of it. */
static void put_data(file *f, size_t n) {
  f->size = (f->size + 31) / 32 * 32 + n;
}

static void refused_with(const char *label, const file *f, uint64_t file_size, bl_code code,
                         const char *a, const char *b, const char *c) {
  check_refused(label, f->bytes, f->size, file_size, code, (const char *[3]){a, b, c});
}

static void refused(const char *label, const file *f, const char *a, const char *b, const char *c) {
  refused_with(label, f, f->size, BL_ERR_INPUT, a, b, c);
}

static void other_versions_and_byte_orders_are_unsupported(void) {
  static const struct {
    uint32_t version;
    const char *words[2];
  } cases[] = {{0, {"is 0", "2 or 3"}},
               {1, {"is 1", "2 or 3"}},
               {4, {"is 4", "2 or 3"}},
               {0x03000000, {"is 50331648", "big-endian"}},
               {0x02000000, {"2 or 3", "big-endian"}}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    file f = start(0, 0);
    f.size = 4;
    put(&f, 4, cases[i].version);
    f.size = 24;
    refused_with("version", &f, f.size, BL_ERR_UNSUPPORTED, "GGUF version", cases[i].words[0],
                 cases[i].words[1]);
  }
}

static void counts_that_the_file_cannot_hold_are_refused(void) {
  file f = start(1, 0);
  refused("1 tensor in 0 bytes", &f, "1 tensors", "0 bytes after it", NULL);
  f = start(0, 1);
  refused("1 entry in 0 bytes", &f, "1 metadata entries", "0 bytes after it", NULL);
  f = start(UINT64_MAX, 0);
  refused_with("2^64 tensors", &f, UINT64_MAX, BL_ERR_INPUT, "18446744073709551615 tensors", NULL,
               NULL);
  f = start(0, UINT64_MAX / 13 + 2);
  refused_with("overflow", &f, UINT64_MAX, BL_ERR_INPUT, "metadata entries", NULL, NULL);
  f = start(1u << 31, 0);
  refused_with("2^31 tensors", &f, UINT64_MAX, BL_ERR_INPUT, "2147483648 tensors", NULL, NULL);
  f = start(0, 0);
  f.size = 20;
  refused("half a header", &f, "truncated", "the header", "20");
}

/* In a file that is large enough for the count, the header would still be absurd. */
static void a_header_of_more_than_a_gigabyte_is_refused(void) {
  file f = start(0, 1);
  put_text(&f, "key");
  put(&f, 4, 9);
  put(&f, 4, 8);
  put(&f, 8, (uint64_t)1 << 36);
  refused_with("2^36 strings", &f, (uint64_t)1 << 40, BL_ERR_INPUT,
               "'key' needs 549755813888 bytes", "header of at most 1073741824", NULL);
  f = start(1u << 30, 0);
  refused_with("2^30 tensors", &f, (uint64_t)1 << 40, BL_ERR_INPUT, "25769803776 bytes",
               "at most 1073741824", NULL);
}

/* A count alone makes no memory be taken: the bytes that its items need at least come first. */
static void counts_ask_for_the_bytes_of_their_items(void) {
  file f = start(0, 50000000);
  bl_index *index = NULL;
  uint64_t n_needed = 0;
  CHECK_OK(parse_copy("m", f.bytes, f.size, (uint64_t)1 << 40, &index, &n_needed, error));
  CHECK(!index && n_needed == 24 + 50000000u * 13u); /* key length, type, one byte */
  f = start(30000000, 0);
  CHECK_OK(parse_copy("m", f.bytes, f.size, (uint64_t)1 << 40, &index, &n_needed, error));
  CHECK(!index && n_needed == 24 + 30000000u * 24u); /* name length, dimensions, type, offset */
}

static void the_parser_asked_directly_refuses_another_magic(void) {
  file f = start(0, 0);
  f.bytes[0] = 'g';
  bl_index *index = NULL;
  uint64_t n_needed = 0;
  bl_error found = {0};
  CHECK(bl_gguf_parse("m", f.bytes, f.size, f.size, &index, &n_needed, &found) == BL_ERR_INPUT);
  CHECK(!index && strstr(found.message, "GGUF"));
}

/* A number that no int64 holds stops nobody who does not ask for it. */
static void metadata_above_int64_is_kept_as_text_and_refused_where_it_is_asked_for(void) {
  file f = start(0, 2);
  put_text(&f, "key");
  put(&f, 4, 10);
  put(&f, 8, UINT64_MAX);
  put_text(&f, "array");
  put(&f, 4, 9);
  put(&f, 4, 10);
  put(&f, 8, 2);
  put(&f, 8, (uint64_t)1 << 63);
  put(&f, 8, 7);
  bl_index *index = NULL;
  uint64_t n_needed;
  CHECK_OK(bl_index_parse("m.gguf", f.bytes, f.size, f.size, &index, &n_needed, error));
  if (!index) return;
  CHECK(strcmp(bl_index_meta(index, "key")->printed, "18446744073709551615") == 0);
  CHECK(bl_index_meta(index, "array")->ints[1] == 7);
  int64_t value = 3;
  bl_error found = {0};
  CHECK(bl_meta_int(index, "key", 0, INT64_MAX, &value, &found) == BL_ERR_INPUT && value == 3);
  CHECK(strstr(found.message, "'key' is 18446744073709551615, expected 0 to"));
  bl_index_free(index);
}

/* What a terminal would obey is shown as '?': each byte that is no UTF-8, C0 and C1 controls, marks
 * of direction. */
static void printed_metadata_holds_no_controls(void) {
  file f = start(0, 1);
  put_text(&f, "key");
  put(&f, 4, 8);
  put_text(&f,
           "a\x1b[2J \xc2\x9b"
           "31m \xe2\x80\xae"
           "b\xed\x95\x9c\xff\x7f");
  bl_index *index = NULL;
  uint64_t n_needed;
  CHECK_OK(bl_index_parse("m.gguf", f.bytes, f.size, f.size, &index, &n_needed, error));
  if (!index) return;
  const char *printed = bl_index_meta(index, "key")->printed;
  CHECK_MSG(strcmp(printed, "a?[2J ?31m ?b\xed\x95\x9c??") == 0, "%s", printed);
  bl_index_free(index);
}

static void malformed_metadata_is_refused(void) {
  file f = start(0, 1);
  put(&f, 8, 1000);
  put(&f, 8, 0);
  refused("key beyond the end", &f, "truncated: metadata entry 0", "1000 bytes", NULL);

  f = start(0, 1);
  put(&f, 8, UINT64_MAX);
  put(&f, 8, 0);
  refused("key of 2^64", &f, "truncated", "18446744073709551615 bytes", NULL);

  f = start(0, 1);
  put_text(&f, "a\xff");
  put(&f, 8, 0);
  refused("key not UTF-8", &f, "name of metadata entry 0", "'a?'", "UTF-8");

  f = start(0, 1);
  put_bytes(&f, "a\0b", 3);
  put(&f, 8, 0);
  refused("key with NUL", &f, "name of metadata entry 0", "NUL", NULL);

  f = start(0, 1);
  put_text(&f, "key");
  put(&f, 4, 13);
  put(&f, 8, 0);
  refused("type 13", &f, "metadata entry 0 'key'", "type 13", "0 to 12");

  f = start(0, 1);
  put_text(&f, "key");
  put(&f, 4, 10);
  put(&f, 4, 0);
  refused("u64 cut", &f, "truncated: metadata entry 0 'key'", "8 bytes", NULL);

  f = start(0, 1);
  put_text(&f, "key");
  put(&f, 4, 7);
  put(&f, 1, 2);
  refused("bool 2", &f, "'key' is 2", "0 or 1", NULL);

  f = start(0, 1);
  put_text(&f, "key");
  put(&f, 4, 8);
  put(&f, 8, 100);
  refused("string beyond the end", &f, "truncated", "'key'", "100 bytes");

  f = start(0, 2);
  for (int i = 0; i < 2; i++) {
    put_text(&f, "key");
    put(&f, 4, 0);
    put(&f, 1, 0);
  }
  refused("key twice", &f, "metadata 'key'", "twice", NULL);
}

static void malformed_arrays_are_refused(void) {
  static const struct {
    const char *label;
    uint32_t item_type;
    uint64_t n;
    const char *words[2];
  } cases[] = {
      {"item type 13", 13, 0, {"array of type 13", "expected numbers"}},
      {"bytes beyond the end", 0, 1000, {"truncated", "1000 bytes"}},
      {"strings beyond the end", 8, 100, {"truncated", "800 bytes"}},
      {"2^64 - 1 bytes", 0, UINT64_MAX, {"truncated", "18446744073709551615 bytes"}},
      {"a product that overflows", 10, UINT64_MAX / 8 + 2, {"truncated", "'key'"}},
      {"a bool of 9", 7, 1, {"'key' is 9", "0 or 1"}},
      {"a string that is cut", 8, 1, {"truncated", "9 bytes"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    file f = start(0, 1);
    put_text(&f, "key");
    put(&f, 4, 9);
    put(&f, 4, cases[i].item_type);
    put(&f, 8, cases[i].n);
    put(&f, 8, 9);
    refused(cases[i].label, &f, "'key'", cases[i].words[0], cases[i].words[1]);
  }
  file f = start(0, 1);
  put_text(&f, "key");
  put(&f, 4, 9);
  put(&f, 4, 9);
  put(&f, 8, 0);
  refused_with("array of arrays", &f, f.size, BL_ERR_UNSUPPORTED, "'key'", "array of type 9", NULL);
}

static void malformed_tensors_are_refused(void) {
  static const uint64_t one[4] = {1, 1, 1, 1};
  static const struct {
    const char *label;
    int n_dims;
    uint64_t dims[4];
    uint32_t type;
    uint64_t offset;
    const char *words[2];
  } cases[] = {
      {"type that was removed", 1, {32}, 4, 0, {"type is 4", "ggml"}},
      {"type 42", 1, {32}, 42, 0, {"type is 42", "ggml"}},
      {"type 2^32 - 1", 1, {32}, UINT32_MAX, 0, {"type is 4294967295", "ggml"}},
      {"row of half a block",
       2,
       {16, 2},
       2,
       0,
       {"row length is 16", "multiple of 32 for type Q4_0"}},
      {"row of 1.5 blocks", 2, {384, 2}, 14, 0, {"row length is 384", "multiple of 256"}},
      {"a scalar of blocks", 0, {0}, 2, 0, {"row length is 1", "multiple of 32"}},
      {"negative dimension",
       2,
       {1, UINT64_MAX},
       0,
       0,
       {"a dimension is 18446744073709551615", "2^63 - 1"}},
      {"elements overflow", 2, {(uint64_t)1 << 62, 4}, 0, 0, {"2^63", NULL}},
      {"bytes overflow", 1, {(uint64_t)1 << 62}, 0, 0, {"2^63", NULL}},
      {"data after the end", 1, {1}, 0, 64, {"offset 64", "do not fit"}},
      {"data across the end", 1, {17}, 0, 0, {"68 bytes", "do not fit"}},
      {"unaligned", 1, {1}, 0, 4, {"offset is 4", "multiple of 32"}},
      {"offset overflow", 1, {1}, 0, UINT64_MAX - 31, {"do not fit", NULL}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    file f = start(1, 0);
    put_tensor(&f, "w", cases[i].n_dims, cases[i].dims, cases[i].type, cases[i].offset);
    put_data(&f, 64);
    refused(cases[i].label, &f, "'w'", cases[i].words[0], cases[i].words[1]);
  }

  file f = start(1, 0);
  put_text(&f, "w");
  put(&f, 4, 5);
  for (int i = 0; i < 5; i++) put(&f, 8, 1);
  put(&f, 4, 0);
  put(&f, 8, 0);
  put_data(&f, 64);
  refused("five dimensions", &f, "'w'", "number of dimensions is 5", "at most 4");

  f = start(1, 0);
  put_tensor(&f, "w\x80", 1, one, 0, 0);
  put_data(&f, 64);
  refused("name not UTF-8", &f, "name of tensor 0", "'w?'", "UTF-8");

  f = start(2, 0);
  put_tensor(&f, "w", 1, one, 0, 0);
  put_tensor(&f, "w", 1, one, 0, 32);
  put_data(&f, 64);
  refused("name twice", &f, "tensor 'w'", "twice", NULL);

  f = start(2, 0);
  static const uint64_t nine[4] = {9};
  put_tensor(&f, "v", 1, nine, 0, 0);
  put_tensor(&f, "w", 1, one, 0, 32);
  put_data(&f, 64);
  refused("overlap", &f, "'w'", "inside tensor 'v'", NULL);

  f = start(1, 0);
  put_tensor(&f, "w", 1, one, 0, 0);
  refused("no data", &f, "'w'", "do not fit", NULL);
}

static void the_alignment_must_be_a_power_of_two(void) {
  static const struct {
    uint32_t type, alignment;
    const char *words[2];
  } cases[] = {{4, 0, {"is 0", "1 to"}},
               {4, 24, {"is 24", "power of two"}},
               {4, UINT32_MAX, {"is 4294967295", "1 to"}},
               {6, 0x42000000, {"a fraction", "a whole number"}}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    file f = start(0, 1);
    put_text(&f, "general.alignment");
    put(&f, 4, cases[i].type);
    put(&f, 4, cases[i].alignment);
    refused("alignment", &f, "'general.alignment'", cases[i].words[0], cases[i].words[1]);
  }
}

static void a_file_cut_anywhere_is_refused(void) {
  static const char *const names[] = {"types.gguf", "metadata.gguf", "aligned.gguf"};
  for (int k = 0; k < 3; k++) {
    char path[512];
    size_t size;
    snprintf(path, sizeof path, "%s/format/%s", BL_GOLDEN, names[k]);
    uint8_t *bytes = check_read_file(path, &size);
    bl_index *index = read_golden(names[k]);
    size_t end = index->data_start; /* what follows is only padding */
    if (index->n_entries > 0) {
      const bl_entry *last = &index->entries[index->n_entries - 1];
      end = last->offset + last->size_bytes;
    } else {
      while (end > size || bytes[end - 1] == 0) end--;
    }
    bl_index_free(index);
    for (size_t n = 0; n < end; n++)
      check_refused(names[k], bytes, n, n, BL_ERR_INPUT, (const char *[3]){NULL});
    free(bytes);
  }
}

/* The caller may follow n_needed alone: each request at least doubles, so that a header is parsed a
 * few times only, however large it is. */
static void following_n_needed_reads_a_large_header_in_few_steps(void) {
  enum { N = 150000 };
  size_t capacity = 64 + N * 16, at;
  uint8_t *bytes = malloc(capacity);
  if (!bytes) exit(1);
  file f = start(0, 1);
  put_text(&f, "tokens");
  put(&f, 4, 9);
  put(&f, 4, 8);
  put(&f, 8, N);
  memcpy(bytes, f.bytes, at = f.size);
  for (int i = 0; i < N; i++) {
    f.size = 0;
    char text[16];
    snprintf(text, sizeof text, "t%d", i);
    put_text(&f, text);
    memcpy(bytes + at, f.bytes, f.size);
    at += f.size;
  }
  bl_index *index = NULL;
  uint64_t n_needed = 0;
  int n_steps = 0;
  for (size_t n = 0; !index && n_steps < 64; n_steps++) {
    CHECK_OK(parse_copy("m", bytes, n, at, &index, &n_needed, error));
    if (index) break;
    CHECK(n_needed > n && (n_needed >= 2 * n || n_needed == at) && n_needed <= at);
    n = (size_t)n_needed;
  }
  free(bytes);
  CHECK(n_steps <= 12);
  if (!index) return;
  const bl_meta *tokens = bl_index_meta(index, "tokens");
  CHECK(tokens && tokens->n == N);
  for (int i = 0; tokens && i < N; i += 1009) {
    char text[16];
    int n = snprintf(text, sizeof text, "t%d", i);
    CHECK(tokens->strings[i].size == (size_t)n &&
          !memcmp(tokens->strings[i].bytes, text, (size_t)n));
  }
  bl_index_free(index);
}

int main(void) {
  RUN(golden_files_list_what_the_library_lists);
  RUN(metadata_keeps_every_kind_of_value);
  RUN(getters_leave_absent_values_and_name_wrong_ones);
  RUN(types_with_a_codec_name_it);
  RUN(other_versions_and_byte_orders_are_unsupported);
  RUN(counts_that_the_file_cannot_hold_are_refused);
  RUN(a_header_of_more_than_a_gigabyte_is_refused);
  RUN(counts_ask_for_the_bytes_of_their_items);
  RUN(the_parser_asked_directly_refuses_another_magic);
  RUN(metadata_above_int64_is_kept_as_text_and_refused_where_it_is_asked_for);
  RUN(printed_metadata_holds_no_controls);
  RUN(malformed_metadata_is_refused);
  RUN(malformed_arrays_are_refused);
  RUN(malformed_tensors_are_refused);
  RUN(the_alignment_must_be_a_power_of_two);
  RUN(a_file_cut_anywhere_is_refused);
  RUN(following_n_needed_reads_a_large_header_in_few_steps);
  return check_result();
}
