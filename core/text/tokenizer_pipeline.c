/* The members normalizer, pre_tokenizer, post_processor and decoder of tokenizer.json. */
#include <stdlib.h>
#include <string.h>

#include "text/pipeline.h"

enum { MAX_NESTING = 8, MAX_TEMPLATE_IDS = 100000 };
static const char metaspace[] = "\xe2\x96\x81"; /* U+2581, which stands for a space */

bl_code bl_pipeline_type(const bl_pipeline *r, const char *what, const cJSON *object,
                         const char **type) {
  *type = NULL;
  bl_code code = bl_json_string(r->file, object, "type", type, r->error);
  if (!code && !*type)
    code = bl_fail(r->error, BL_ERR_INPUT, "%s: %s has no field 'type'", r->file, what);
  return code;
}

bl_code bl_pipeline_unsupported(const bl_pipeline *r, const char *what, const char *type) {
  return bl_fail(r->error, BL_ERR_UNSUPPORTED, "%s: %s '%.64s' is not supported", r->file, what,
                 type);
}

bl_code bl_pipeline_string(const bl_pipeline *r, const cJSON *object, const char *key,
                           const char **value) {
  *value = NULL;
  bl_code code = bl_json_string(r->file, object, key, value, r->error);
  if (!code && !*value)
    code = bl_fail(r->error, BL_ERR_INPUT, "%s: field '%s' is missing, expected a string", r->file,
                   key);
  return code;
}

/* Calls `each` for the items of a Sequence's list. */
typedef bl_code (*item_fn)(const bl_pipeline *r, const cJSON *item, int depth);
static bl_code for_each(const bl_pipeline *r, const cJSON *object, const char *key, int depth,
                        item_fn each) {
  const cJSON *list = bl_json_member(object, key), *item;
  if (!cJSON_IsArray(list))
    return bl_fail(r->error, BL_ERR_INPUT, "%s: field '%s' of a Sequence is not a list", r->file,
                   key);
  if (depth == MAX_NESTING)
    return bl_fail(r->error, BL_ERR_UNSUPPORTED, "%s: '%s' are nested more than %d deep", r->file,
                   key, MAX_NESTING);
  bl_code code = BL_OK;
  cJSON_ArrayForEach(item, list) {
    code = each(r, item, depth + 1);
    if (code) break;
  }
  return code;
}

static const bl_pipeline_row *find_row(const char *part, const char *type) {
  const bl_pipeline_row *row = bl_pipeline_rows;
  while (row->part && (strcmp(row->part, part) || strcmp(row->type, type))) row++;
  return row->part ? row : NULL;
}

/* Reads what the table of rarer parts has. */
static bl_code read_more(const bl_pipeline *r, const char *part, const cJSON *object,
                         const char *type) {
  const bl_pipeline_row *row = find_row(part, type);
  return row ? row->read(r, object) : bl_no_such_part(r->file, part, type, r->error);
}

/* ---- steps ---- */

static bl_code copy_text(const bl_pipeline *r, bl_text_step *step, const char *text) {
  step->text_size = strlen(text);
  step->text = malloc(step->text_size + 1);
  if (!step->text) return bl_fail_memory(r->error, step->text_size + 1);
  memcpy(step->text, text, step->text_size + 1);
  return BL_OK;
}

/* A pattern is {"String": …} or {"Regex": …}. */
static bl_code get_pattern(const bl_pipeline *r, const cJSON *object, bl_pattern **pattern) {
  const cJSON *item = bl_json_member(object, "pattern");
  const char *literal = NULL, *regex = NULL;
  bl_code code = bl_json_string(r->file, item, "String", &literal, r->error);
  if (!code) code = bl_json_string(r->file, item, "Regex", &regex, r->error);
  if (code) return code;
  if (literal) return bl_pattern_literal(r->file, literal, strlen(literal), pattern, r->error);
  if (regex) return bl_pattern_new(r->file, regex, strlen(regex), pattern, r->error);
  return bl_fail(r->error, BL_ERR_INPUT,
                 "%s: field 'pattern' is not {\"String\": …} or {\"Regex\": …}", r->file);
}

bl_code bl_pipeline_replace(const bl_pipeline *r, bl_text_steps *steps, const cJSON *object) {
  bl_text_step step = {.action = BL_DO_REPLACE};
  const char *content;
  bl_code code = bl_pipeline_string(r, object, "content", &content);
  if (code) return code;
  const char *regex =
      cJSON_GetStringValue(bl_json_member(bl_json_member(object, "pattern"), "Regex"));
  const bl_pipeline_row *row = regex ? find_row("replace", regex) : NULL;
  if (row && steps == &r->tokenizer->normalize) return row->read(r, object);
  code = get_pattern(r, object, &step.pattern);
  if (!code && (code = copy_text(r, &step, content))) bl_pattern_free(step.pattern);
  return code ? code : bl_text_steps_add(steps, step, r->error);
}

static bl_code add_literal_replace(const bl_pipeline *r, bl_text_steps *steps, const char *from,
                                   const char *to) {
  bl_text_step step = {.action = BL_DO_REPLACE};
  bl_code code = bl_pattern_literal(r->file, from, strlen(from), &step.pattern, r->error);
  if (!code && (code = copy_text(r, &step, to))) bl_pattern_free(step.pattern);
  return code ? code : bl_text_steps_add(steps, step, r->error);
}

static bl_code add_prepend(const bl_pipeline *r, bl_text_steps *steps, const char *text,
                           bool unless_there, bool only_first) {
  bl_text_step step = {
      .action = BL_DO_PREPEND, .unless_there = unless_there, .only_first = only_first};
  bl_code code = copy_text(r, &step, text);
  return code ? code : bl_text_steps_add(steps, step, r->error);
}

static bl_code add_split(const bl_pipeline *r, const char *regex, bl_split how) {
  bl_text_step step = {.action = BL_DO_SPLIT, .split = how};
  bl_code code = bl_pattern_new(r->file, regex, strlen(regex), &step.pattern, r->error);
  return code ? code : bl_text_steps_add(&r->tokenizer->split, step, r->error);
}

/* ---- normalizer ---- */

static bl_code read_normalizer(const bl_pipeline *r, const cJSON *object, int depth) {
  const char *type, *text;
  bl_text_steps *steps = &r->tokenizer->normalize;
  bl_code code = bl_pipeline_type(r, "a normalizer", object, &type);
  if (code) return code;
  if (strcmp(type, "Sequence") == 0)
    return for_each(r, object, "normalizers", depth, read_normalizer);
  if (strcmp(type, "Replace") == 0) return bl_pipeline_replace(r, steps, object);
  if (strcmp(type, "Prepend") == 0) {
    code = bl_pipeline_string(r, object, "prepend", &text);
    return code ? code : add_prepend(r, steps, text, false, false);
  }
  return read_more(r, "normalizer", object, type);
}

/* ---- pre_tokenizer ---- */

/* U+11DE0 to U+11DE9 and U+16FF4 to U+16FF6 are of Unicode 17.0. */
#define DIGITS "[\\p{N}\xf0\x91\xb7\xa0-\xf0\x91\xb7\xa9\xf0\x96\xbf\xb4-\xf0\x96\xbf\xb6]"
const char bl_digits_pattern[] = DIGITS;

static bl_code read_byte_level(const bl_pipeline *r, const cJSON *object) {
  bool prefix = true, regex = true;
  bl_code code = bl_json_bool(r->file, object, "add_prefix_space", &prefix, r->error);
  if (!code) code = bl_json_bool(r->file, object, "use_regex", &regex, r->error);
  if (!code && prefix) code = add_prepend(r, &r->tokenizer->split, " ", true, false);
  if (!code && regex) code = add_split(r, bl_gpt2_pattern, BL_SPLIT_ISOLATED);
  r->tokenizer->byte_level = true;
  return code;
}

bl_code bl_pipeline_behavior(const bl_pipeline *r, const char *behavior, bool invert,
                             bl_split *split) {
  static const char *const names[] = {[BL_SPLIT_ISOLATED] = "Isolated",
                                      [BL_SPLIT_REMOVED] = "Removed",
                                      [BL_SPLIT_INVERTED] = "",
                                      [BL_SPLIT_MERGED_WITH_PREVIOUS] = "MergedWithPrevious",
                                      [BL_SPLIT_MERGED_WITH_NEXT] = "MergedWithNext",
                                      [BL_SPLIT_CONTIGUOUS] = "Contiguous"};
  int i = 0;
  while (i <= BL_SPLIT_CONTIGUOUS && strcmp(behavior, names[i])) i++;
  /* What is between matches isolated is the same as the matches isolated. */
  if (i > BL_SPLIT_CONTIGUOUS || (invert && i != BL_SPLIT_REMOVED && i != BL_SPLIT_ISOLATED))
    return bl_pipeline_unsupported(r, invert ? "inverted split behavior" : "split behavior",
                                   behavior);
  *split = invert && i == BL_SPLIT_REMOVED ? BL_SPLIT_INVERTED : (bl_split)i;
  return BL_OK;
}

static bl_code read_split(const bl_pipeline *r, const cJSON *object) {
  bl_text_step step = {.action = BL_DO_SPLIT};
  const char *behavior;
  bool invert = false;
  bl_code code = bl_pipeline_string(r, object, "behavior", &behavior);
  if (!code) code = bl_json_bool(r->file, object, "invert", &invert, r->error);
  if (code) return code;
  code = bl_pipeline_behavior(r, behavior, invert, &step.split);
  if (code) return code;
  code = get_pattern(r, object, &step.pattern);
  return code ? code : bl_text_steps_add(&r->tokenizer->split, step, r->error);
}

/* "always", "first" or "never"; files from before 2024 say add_prefix_space instead. */
static bl_code read_prepend_scheme(const bl_pipeline *r, const cJSON *object, const char **scheme) {
  bool prefix = true;
  *scheme = NULL;
  bl_code code = bl_json_bool(r->file, object, "add_prefix_space", &prefix, r->error);
  if (!code) code = bl_json_string(r->file, object, "prepend_scheme", scheme, r->error);
  if (code) return code;
  if (!*scheme) *scheme = prefix ? "always" : "never";
  if (strcmp(*scheme, "always") && strcmp(*scheme, "first") && strcmp(*scheme, "never"))
    return bl_pipeline_unsupported(r, "prepend_scheme", *scheme);
  return BL_OK;
}

static bl_code read_metaspace(const bl_pipeline *r, const cJSON *object) {
  const char *scheme, *mark = metaspace;
  bool cut = true;
  bl_text_steps *steps = &r->tokenizer->split;
  bl_code code = read_prepend_scheme(r, object, &scheme);
  if (!code) code = bl_json_string(r->file, object, "replacement", &mark, r->error);
  if (!code) code = bl_json_bool(r->file, object, "split", &cut, r->error);
  if (!code) code = add_literal_replace(r, steps, " ", mark);
  if (!code && strcmp(scheme, "never"))
    code = add_prepend(r, steps, mark, true, strcmp(scheme, "first") == 0);
  if (code || !cut) return code;
  bl_text_step step = {.action = BL_DO_SPLIT, .split = BL_SPLIT_MERGED_WITH_NEXT};
  code = bl_pattern_literal(r->file, mark, strlen(mark), &step.pattern, r->error);
  return code ? code : bl_text_steps_add(steps, step, r->error);
}

static bl_code read_pre_tokenizer(const bl_pipeline *r, const cJSON *object, int depth) {
  const char *type;
  bl_code code = bl_pipeline_type(r, "a pre_tokenizer", object, &type);
  if (code) return code;
  if (strcmp(type, "Sequence") == 0)
    return for_each(r, object, "pretokenizers", depth, read_pre_tokenizer);
  if (r->tokenizer->byte_level)
    return bl_fail(r->error, BL_ERR_UNSUPPORTED,
                   "%s: pre_tokenizer '%.64s' after ByteLevel is not supported", r->file, type);
  if (strcmp(type, "ByteLevel") == 0) return read_byte_level(r, object);
  if (strcmp(type, "Split") == 0) return read_split(r, object);
  if (strcmp(type, "Metaspace") == 0) return read_metaspace(r, object);
  if (strcmp(type, "Digits") == 0) {
    bool individual = false;
    code = bl_json_bool(r->file, object, "individual_digits", &individual, r->error);
    return code ? code
                : add_split(r, individual ? bl_digits_pattern : DIGITS "+", BL_SPLIT_ISOLATED);
  }
  return read_more(r, "pre_tokenizer", object, type);
}

/* ---- post_processor ---- */

/* The special tokens of a template, by name. */
typedef struct named_token {
  const char *name;
  size_t at; /* its place in the file */
  const cJSON *member;
} named_token;

typedef struct named_tokens {
  named_token *list; /* (n) each name once */
  size_t n;
} named_tokens;

static int by_name(const void *a, const void *b) {
  const named_token *x = a, *y = b;
  return strcmp(x->name, y->name);
}

static int by_name_and_place(const void *a, const void *b) {
  const named_token *x = a, *y = b;
  int order = by_name(a, b);
  return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* Of several with one name the last counts, as in Python. */
static bl_code sort_tokens(const bl_pipeline *r, const cJSON *object, named_tokens *tokens) {
  const cJSON *members = bl_json_member(object, "special_tokens"), *item;
  size_t n = 0, kept = 0, most = (size_t)cJSON_GetArraySize(members) + 1;
  named_token *list = tokens->list = calloc(most, sizeof *list);
  if (!list) return bl_fail_memory(r->error, most * sizeof *list);
  cJSON_ArrayForEach(item, members) {
    if (item->string) list[n] = (named_token){item->string, n, item}, n++;
  }
  qsort(list, n, sizeof *list, by_name_and_place);
  for (size_t i = 0; i < n; i++) {
    if (kept > 0 && by_name(&list[kept - 1], &list[i]) == 0) kept--;
    list[kept++] = list[i];
  }
  tokens->n = kept;
  return BL_OK;
}

/* Appends the ids that a template's special token stands for. */
static bl_code add_template_ids(const bl_pipeline *r, const named_tokens *tokens,
                                const cJSON *token, bl_ids *ids) {
  const char *name;
  bl_code code = bl_pipeline_string(r, token, "id", &name);
  if (code) return code;
  const named_token key = {.name = name};
  const named_token *found = bsearch(&key, tokens->list, tokens->n, sizeof key, by_name);
  const cJSON *list = bl_json_member(found ? found->member : NULL, "ids"), *item;
  if (!cJSON_IsArray(list))
    return bl_fail(r->error, BL_ERR_INPUT,
                   "%s: post_processor uses '%.64s', whose ids are not in special_tokens", r->file,
                   name);
  cJSON_ArrayForEach(item, list) {
    double id = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (!(id >= 0 && id < 0x1p31) || id != (double)(int32_t)id)
      return bl_fail(r->error, BL_ERR_INPUT, "%s: post_processor gives '%.64s' no token's id",
                     r->file, name);
    if (!bl_vocab_has(&r->tokenizer->vocab, (int32_t)id)) /* taken as it is, as by `tokenizers` */
      code = bl_note_add(&r->tokenizer->notes, r->error, "template-id", name, (int64_t)id,
                         "%s: post_processor gives '%.64s' id %d, which no token has", r->file,
                         name, (int)id);
    if (code) return code;
    if (ids->n == MAX_TEMPLATE_IDS)
      return bl_fail(r->error, BL_ERR_UNSUPPORTED,
                     "%s: post_processor puts more than %d tokens on one side of a text", r->file,
                     MAX_TEMPLATE_IDS);
    code = bl_ids_append(ids, (int32_t)id, r->error);
    if (code) return code;
  }
  return BL_OK;
}

static bl_code read_single(const bl_pipeline *r, const cJSON *single, const named_tokens *tokens) {
  const cJSON *item;
  bool seen_text = false;
  bl_code code = BL_OK;
  cJSON_ArrayForEach(item, single) {
    const cJSON *token = bl_json_member(item, "SpecialToken");
    bl_ids *ids = seen_text ? &r->tokenizer->after : &r->tokenizer->before;
    if (token)
      code = add_template_ids(r, tokens, token, ids);
    else if (bl_json_member(item, "Sequence") && !seen_text)
      seen_text = true;
    else
      return bl_pipeline_unsupported(r, "post_processor", "TemplateProcessing with this 'single'");
    if (code) return code;
  }
  return seen_text
             ? BL_OK
             : bl_pipeline_unsupported(r, "post_processor", "TemplateProcessing without text");
}

static bl_code read_template(const bl_pipeline *r, const cJSON *object) {
  const cJSON *single = bl_json_member(object, "single");
  named_tokens tokens = {0};
  if (!cJSON_IsArray(single))
    return bl_fail(r->error, BL_ERR_INPUT, "%s: post_processor has no list 'single'", r->file);
  bl_code code = sort_tokens(r, object, &tokens);
  if (!code) code = read_single(r, single, &tokens);
  const bl_pipeline_row *pairs = find_row("pair", "TemplateProcessing");
  if (!code && pairs) code = pairs->read(r, object);
  free(tokens.list);
  return code;
}

static bl_code read_post_processor(const bl_pipeline *r, const cJSON *object, int depth) {
  const char *type;
  bl_code code = bl_pipeline_type(r, "a post_processor", object, &type);
  if (code) return code;
  if (strcmp(type, "Sequence") == 0)
    return for_each(r, object, "processors", depth, read_post_processor);
  if (strcmp(type, "ByteLevel") == 0) return BL_OK; /* changes offsets only */
  if (strcmp(type, "TemplateProcessing") == 0) return read_template(r, object);
  return read_more(r, "post_processor", object, type);
}

/* ---- decoder ---- */

static bl_code read_strip(const bl_pipeline *r, const cJSON *object) {
  const char *content;
  int64_t start = 0, stop = 0;
  bl_decoding *decoding = &r->tokenizer->decoding;
  bl_code code = bl_pipeline_string(r, object, "content", &content);
  if (!code) code = bl_json_int(r->file, object, "start", 0, INT32_MAX, &start, r->error);
  if (!code) code = bl_json_int(r->file, object, "stop", 0, INT32_MAX, &stop, r->error);
  if (code) return code;
  if (stop != 0 || strlen(content) != 1)
    return bl_pipeline_unsupported(r, "decoder", "Strip at the end");
  decoding->strip_start = (size_t)start;
  decoding->strip_char = content[0];
  return BL_OK;
}

static bl_code read_metaspace_decoder(const bl_pipeline *r, const cJSON *object) {
  const char *scheme, *mark = metaspace;
  bl_decoding *decoding = &r->tokenizer->decoding;
  bl_code code = read_prepend_scheme(r, object, &scheme);
  if (!code) code = bl_json_string(r->file, object, "replacement", &mark, r->error);
  if (!code) code = add_literal_replace(r, &decoding->rewrites, mark, " ");
  if (code || strcmp(scheme, "never") == 0) return code;
  decoding->strip_start = SIZE_MAX;
  decoding->strip_first_only = true;
  decoding->strip_char = ' ';
  return BL_OK;
}

static bl_code read_decoder(const bl_pipeline *r, const cJSON *object, int depth) {
  const char *type;
  bl_decoding *decoding = &r->tokenizer->decoding;
  bl_code code = bl_pipeline_type(r, "a decoder", object, &type);
  if (code) return code;
  if (strcmp(type, "Sequence") == 0) return for_each(r, object, "decoders", depth, read_decoder);
  if (strcmp(type, "Replace") == 0) return bl_pipeline_replace(r, &decoding->rewrites, object);
  if (strcmp(type, "Metaspace") == 0) return read_metaspace_decoder(r, object);
  if (strcmp(type, "Strip") == 0) return read_strip(r, object);
  if (strcmp(type, "ByteLevel") == 0)
    decoding->byte_level = true;
  else if (strcmp(type, "ByteFallback") == 0)
    decoding->byte_fallback = true;
  else if (strcmp(type, "Fuse") != 0)
    return read_more(r, "decoder", object, type);
  return BL_OK;
}

typedef struct part {
  const char *key;
  item_fn read;
} part;

static bl_code read_parts(const bl_pipeline *r, const cJSON *root, const part *parts, int n_parts) {
  bl_code code = BL_OK;
  for (int i = 0; !code && i < n_parts; i++) {
    const cJSON *object = bl_json_member(root, parts[i].key);
    if (object) code = parts[i].read(r, object, 0);
  }
  return code;
}

bl_code bl_pipeline_read_steps(bl_tokenizer *tokenizer, const char *file, const cJSON *root,
                               bl_error *error) {
  static const part parts[] = {{"normalizer", read_normalizer},
                               {"pre_tokenizer", read_pre_tokenizer},
                               {"decoder", read_decoder}};
  return read_parts(&(bl_pipeline){tokenizer, file, error}, root, parts, 3);
}

bl_code bl_pipeline_read_ends(bl_tokenizer *tokenizer, const char *file, const cJSON *root,
                              bl_error *error) {
  static const part parts[] = {{"post_processor", read_post_processor}};
  return read_parts(&(bl_pipeline){tokenizer, file, error}, root, parts, 1);
}
