/* From ids to text, as they come. */
#include <stdlib.h>
#include <string.h>

#include "text/parts.h"

struct bl_decoder {
  const bl_tokenizer *tokenizer;
  bool keep_special;
  size_t to_strip; /* how many leading spaces may still go */
  char held[4];    /* the beginning of an unfinished character */
  size_t n_held;
  bl_buffer raw, text;
};

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

bl_decoder *bl_decoder_new(const bl_tokenizer *tokenizer, bool keep_special, bl_error *error) {
  bl_decoder *decoder = calloc(1, sizeof *decoder);
  if (!decoder) {
    bl_fail_memory(error, sizeof *decoder);
    return NULL;
  }
  decoder->tokenizer = tokenizer;
  decoder->keep_special = keep_special;
  decoder->to_strip = tokenizer->decoding.strip_start;
  return decoder;
}

void bl_decoder_free(bl_decoder *decoder) {
  if (!decoder) return;
  bl_buffer_free(&decoder->raw);
  bl_buffer_free(&decoder->text);
  free(decoder);
}

/* Appends `bytes` to the text, with U+FFFD for what is not UTF-8, and holds an unfinished character
 * at the end back. */
static bl_code append_text(bl_decoder *d, const char *bytes, size_t size, bl_error *error) {
  bl_code code = BL_OK;
  size_t length;
  for (size_t at = 0; !code && at < size; at += length) {
    if (bl_utf8_missing(bytes + at, size - at) > 0) {
      d->n_held = size - at;
      memcpy(d->held, bytes + at, d->n_held);
      break;
    }
    uint32_t cp = bl_utf8_decode(bytes, size, at, &length);
    code = cp == BL_BAD_UTF8 ? bl_buffer_append(&d->text, replacement, 3, error)
                             : bl_buffer_append(&d->text, bytes + at, length, error);
  }
  return code;
}

/* WordPiece: is it a token that goes on with a word? A text's first one shows so. */
static bool begins_inside(const bl_tokenizer *tokenizer, int32_t id) {
  const bl_buffer *prefix = &tokenizer->decoding.prefix;
  const char *piece;
  size_t size;
  bl_tokenizer_piece(tokenizer, id, &piece, &size);
  return prefix->size > 0 && size >= prefix->size && !memcmp(piece, prefix->bytes, prefix->size);
}

bl_code bl_decoder_push(bl_decoder *decoder, int32_t id, const char **text, size_t *text_size,
                        bl_error *error) {
  bl_decoder *d = decoder;
  const bl_decoding *decoding = &d->tokenizer->decoding;
  const char *bytes;
  size_t size;
  bl_code code = bl_tokenizer_bytes(d->tokenizer, id, d->keep_special, &bytes, &size, error);
  if (code) return code;
  d->text.size = 0;
  if (size > 0) {
    size_t n = 0;
    bool is_first = d->to_strip > 0;
    while (n < size && n < d->to_strip && bytes[n] == decoding->strip_char) n++;
    d->to_strip = n < size || decoding->strip_first_only ? 0 : d->to_strip - n;
    d->raw.size = 0;
    code = bl_buffer_append(&d->raw, d->held, d->n_held, error);
    if (!code && is_first && begins_inside(d->tokenizer, id))
      code = bl_buffer_append(&d->raw, decoding->prefix.bytes, decoding->prefix.size, error);
    if (!code) code = bl_buffer_append(&d->raw, bytes + n, size - n, error);
    d->n_held = 0;
    if (!code) code = append_text(d, d->raw.bytes, d->raw.size, error);
    if (code) return code;
  }
  *text = d->text.size ? d->text.bytes : "";
  *text_size = d->text.size;
  return BL_OK;
}

void bl_decoder_flush(bl_decoder *decoder, const char **text, size_t *text_size) {
  *text = decoder->n_held ? replacement : "";
  *text_size = decoder->n_held ? 3 : 0;
  decoder->n_held = 0;
}
