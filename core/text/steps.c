/* The steps before a model, run one after another over the pieces of a text. */
#include "text/steps.h"

#include <stdlib.h>
#include <string.h>

/* How many characters a pattern may look at for each byte of text. A pattern that makes sense needs
 * two or three; one that was made to be slow must not stop the program. */
enum { STEPS_PER_BYTE = 200 };

static void free_step(bl_text_step *step) {
  bl_pattern_free(step->pattern);
  free(step->text);
}

bl_code bl_text_steps_add(bl_text_steps *steps, bl_text_step step, bl_error *error) {
  void *items = steps->steps;
  bl_code code = BL_OK;
  if (steps->n == BL_MAX_STEPS)
    code =
        bl_fail(error, BL_ERR_UNSUPPORTED,
                "tokenizer.json: more than %d steps of one kind are not supported", BL_MAX_STEPS);
  if (!code) code = bl_grow(&items, &steps->capacity, steps->n + 1, sizeof step, error);
  steps->steps = items;
  if (code)
    free_step(&step);
  else
    steps->steps[steps->n++] = step;
  return code;
}

void bl_text_steps_free(bl_text_steps *steps) {
  for (size_t i = 0; i < steps->n; i++) free_step(&steps->steps[i]);
  free(steps->steps);
  *steps = (bl_text_steps){0};
}

void bl_pieces_free(bl_pieces *pieces) {
  bl_buffer_free(&pieces->text);
  free(pieces->pieces);
  *pieces = (bl_pieces){0};
}

/* Empty pieces are left out: no later step makes anything of them. */
static bl_code add_piece(bl_pieces *pieces, size_t start, size_t end, bl_error *error) {
  if (start == end) return BL_OK;
  void *items = pieces->pieces;
  bl_code code = bl_grow(&items, &pieces->capacity, pieces->n + 1, sizeof *pieces->pieces, error);
  pieces->pieces = items;
  if (!code) pieces->pieces[pieces->n++] = (bl_piece){start, end};
  return code;
}

bl_code bl_pieces_set(bl_pieces *pieces, const char *text, size_t size, size_t n_first,
                      bl_error *error) {
  pieces->n = 0;
  pieces->text.size = 0;
  pieces->n_first = n_first;
  bl_code code = bl_buffer_append(&pieces->text, text, size, error);
  return code ? code : add_piece(pieces, 0, size, error);
}

bl_code bl_append_within(bl_buffer *out, const char *bytes, size_t n, size_t limit,
                         bl_error *error) {
  if (n > limit || out->size > limit - n)
    return bl_fail(
        error, BL_ERR_UNSUPPORTED,
        "tokenizer.json: its steps make more of a text than the %zu bytes that it may become",
        limit);
  return bl_buffer_append(out, bytes, n, error);
}

static bl_code too_slow(bl_error *error) {
  return bl_fail(error, BL_ERR_UNSUPPORTED,
                 "the tokenizer's split pattern takes too long on this text");
}

/* A search for matches in one piece. */
typedef struct search {
  const bl_text_step *step;
  const char *text;
  size_t size;
  uint64_t n_steps, max_steps;
} search;

static search search_in(const bl_text_step *step, const char *text, size_t size) {
  return (search){step, text, size, 0, 1000 + (uint64_t)size * STEPS_PER_BYTE};
}

/* The next match from *start on; without one, *start and *end become the piece's end. */
static bl_code next_match(search *s, size_t *start, size_t *end, bool *found, bl_error *error) {
  const bl_text_step *step = s->step;
  *found = step->find ? step->find(step, s->text, s->size, start, end)
                      : bl_pattern_find(step->pattern, s->text, s->size, start, end, &s->n_steps,
                                        s->max_steps);
  if (!*found) *start = *end = s->size;
  return !*found && s->n_steps > s->max_steps ? too_slow(error) : BL_OK;
}

/* Of the text's first n_first bytes come the first *n_first_out of what is appended: an inserted
 * text counts with the last character that it replaces, as in `tokenizers`. */
static bl_code replace_matches(const bl_text_step *step, const char *text, size_t size,
                               size_t n_first, bl_buffer *out, size_t limit, size_t *n_first_out,
                               bl_error *error) {
  search s = search_in(step, text, size);
  bl_code code = BL_OK;
  bool found = true;
  size_t begin = out->size;
  for (size_t done = 0, end; !code && found; done = end) {
    size_t start = done;
    code = next_match(&s, &start, &end, &found, error);
    if (!code && done < n_first)
      *n_first_out = out->size - begin + (start < n_first ? start : n_first) - done;
    if (!code) code = bl_append_within(out, text + done, start - done, limit, error);
    if (code || !found) break;
    size_t last = end;
    while (last > start && bl_utf8_goes_on(text[--last])) continue;
    code = bl_append_within(out, step->text, step->text_size, limit, error);
    if (last < n_first) *n_first_out = out->size - begin;
  }
  return code;
}

/* Rewrites a piece by the step's function. */
static bl_code rewrite_piece(const bl_text_step *step, const char *text, size_t size,
                             size_t n_first, bl_buffer *out, size_t limit, size_t *n_first_out,
                             bl_error *error) {
  size_t start = out->size, length;
  bl_code code = n_first ? step->rewrite(step, text, n_first, out, limit, error) : BL_OK;
  *n_first_out = out->size - start;
  out->size = start;
  if (!code) code = step->rewrite(step, text, size, out, limit, error);
  if (code || *n_first_out > 0 || n_first == 0 || !step->keeps_first || out->size == start)
    return code;
  bl_utf8_decode(out->bytes, out->size, start, &length);
  *n_first_out = length;
  return BL_OK;
}

static bl_code prepend(const bl_text_step *step, const char *text, size_t size, size_t n_first,
                       bl_buffer *out, size_t limit, size_t *n_first_out, bl_error *error) {
  bool there = step->unless_there && size >= step->text_size &&
               memcmp(text, step->text, step->text_size) == 0;
  bool wanted = !there && (!step->only_first || n_first > 0);
  bl_code code = wanted ? bl_append_within(out, step->text, step->text_size, limit, error) : BL_OK;
  *n_first_out = n_first > 0 ? n_first + (wanted ? step->text_size : 0) : 0;
  return code ? code : bl_append_within(out, text, size, limit, error);
}

/* Rewrites each piece, into a new text. */
static bl_code rewrite(const bl_text_step *step, bl_pieces *pieces, size_t limit, bl_error *error) {
  bl_pieces out = {0};
  bl_code code = bl_buffer_reserve(&out.text, pieces->text.size, error);
  for (size_t i = 0; !code && i < pieces->n; i++) {
    bl_piece piece = pieces->pieces[i];
    const char *text = pieces->text.bytes + piece.start;
    size_t size = piece.end - piece.start, start = out.text.size, n_first_out = 0;
    size_t last = piece.end < pieces->n_first ? piece.end : pieces->n_first;
    size_t n_first = last > piece.start ? last - piece.start : 0;
    if (step->action == BL_DO_REWRITE)
      code = rewrite_piece(step, text, size, n_first, &out.text, limit, &n_first_out, error);
    else if (step->action == BL_DO_REPLACE)
      code = replace_matches(step, text, size, n_first, &out.text, limit, &n_first_out, error);
    else
      code = prepend(step, text, size, n_first, &out.text, limit, &n_first_out, error);
    if (n_first_out > 0) out.n_first = start + n_first_out;
    if (!code) code = add_piece(&out, start, out.text.size, error);
  }
  if (code) {
    bl_pieces_free(&out);
    return code;
  }
  bl_pieces_free(pieces);
  *pieces = out;
  return BL_OK;
}

/* Cuts the piece [begin, end) of `pieces` and adds the parts to `out`, whose text is the same. */
static bl_code split_piece(const bl_text_step *step, const bl_pieces *pieces, size_t begin,
                           size_t end, bl_pieces *out, bl_error *error) {
  search s = search_in(step, pieces->text.bytes + begin, end - begin);
  size_t pending = 0; /* where the part that is still open begins */
  bool found = true;
  bl_code code = BL_OK;
  for (size_t done = 0, match_end; !code && found; done = match_end) {
    size_t start = done;
    code = next_match(&s, &start, &match_end, &found, error);
    if (code) break;
    bool between = start > done || !found, keep_between = true, keep_match = true;
    switch (step->split) {
      case BL_SPLIT_MERGED_WITH_PREVIOUS:
        /* A second match in a row stands alone, as after the end of its predecessor's piece. */
        code = add_piece(out, begin + pending, begin + match_end, error);
        pending = match_end;
        continue;
      case BL_SPLIT_MERGED_WITH_NEXT:
        code = add_piece(out, begin + pending, begin + start, error);
        pending = start;
        continue;
      case BL_SPLIT_CONTIGUOUS:
        if (!between) continue;
        code = add_piece(out, begin + pending, begin + done, error);
        if (!code) code = add_piece(out, begin + done, begin + start, error);
        pending = start;
        continue;
      case BL_SPLIT_REMOVED:
        keep_match = false;
        break;
      case BL_SPLIT_INVERTED:
        keep_between = false;
        break;
      case BL_SPLIT_ISOLATED:
        break;
    }
    if (between && keep_between) code = add_piece(out, begin + done, begin + start, error);
    if (!code && found && keep_match)
      code = add_piece(out, begin + start, begin + match_end, error);
  }
  return code;
}

static bl_code split(const bl_text_step *step, bl_pieces *pieces, bl_error *error) {
  bl_pieces out = {0};
  bl_code code = BL_OK;
  for (size_t i = 0; !code && i < pieces->n; i++) {
    bl_piece piece = pieces->pieces[i];
    code = split_piece(step, pieces, piece.start, piece.end, &out, error);
  }
  if (code) {
    bl_pieces_free(&out);
    return code;
  }
  free(pieces->pieces);
  pieces->pieces = out.pieces;
  pieces->n = out.n;
  pieces->capacity = out.capacity;
  return BL_OK;
}

size_t bl_text_steps_budget(const bl_text_steps *steps, size_t size) {
  for (size_t i = 0; i < steps->n; i++) size += steps->steps[i].text_size;
  return size > SIZE_MAX / BL_MAX_GROWTH ? SIZE_MAX : size * BL_MAX_GROWTH;
}

bl_code bl_text_steps_apply(const bl_text_steps *steps, bl_pieces *pieces, size_t *budget,
                            bl_error *error) {
  bl_code code = BL_OK;
  for (size_t i = 0; !code && i < steps->n && pieces->n > 0; i++) {
    const bl_text_step *step = &steps->steps[i];
    code = step->action == BL_DO_SPLIT ? split(step, pieces, error)
                                       : rewrite(step, pieces, *budget, error);
  }
  *budget -= pieces->text.size < *budget ? pieces->text.size : *budget;
  return code;
}
