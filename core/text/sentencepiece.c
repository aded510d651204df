/* Protocol buffers as far as tokenizer.model needs them: a message is a row of fields, each a
 * number, four or eight bytes, or a length and as many bytes. */
#include "text/sentencepiece.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* What is left of a message. */
typedef struct message {
  const uint8_t *at;
  size_t left;
  bool broken;
} message;

/* One field of it. */
typedef struct field {
  uint32_t number;
  uint64_t value; /* of a number or of fixed bytes */
  bl_span bytes;  /* of one with a length */
} field;

static uint64_t read_varint(message *m) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (m->left == 0) break;
    uint8_t byte = *m->at++;
    m->left--;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  m->broken = true;
  return 0;
}

static bl_span read_bytes(message *m, uint64_t n) {
  bl_span span = {(const char *)m->at, (size_t)n};
  if (n > m->left) {
    m->broken = true;
    return (bl_span){0};
  }
  m->at += n;
  m->left -= (size_t)n;
  return span;
}

static uint64_t read_fixed(message *m, size_t n) {
  bl_span span = read_bytes(m, n);
  uint64_t value = 0;
  for (size_t i = span.size; i > 0; i--) value = value << 8 | (uint8_t)span.bytes[i - 1];
  return value;
}

/* The next field; false at the end, and where the message is broken. */
static bool next_field(message *m, field *f) {
  if (m->broken || m->left == 0) return false;
  uint64_t key = read_varint(m);
  *f = (field){.number = (uint32_t)(key >> 3)};
  switch (key & 7) {
    case 0:
      f->value = read_varint(m);
      break;
    case 1:
      f->value = read_fixed(m, 8);
      break;
    case 2:
      f->bytes = read_bytes(m, read_varint(m));
      break;
    case 5:
      f->value = read_fixed(m, 4);
      break;
    default:
      m->broken = true; /* groups, which the format does not have */
  }
  if (key >> 3 == 0 || key >> 3 > 0x1fffffff) m->broken = true;
  return !m->broken;
}

static message message_of(bl_span bytes) {
  return (message){(const uint8_t *)bytes.bytes, bytes.size, false};
}

static bool read_piece(bl_span bytes, bl_sp_piece *piece) {
  message m = message_of(bytes);
  field f;
  *piece = (bl_sp_piece){.type = BL_PIECE_NORMAL};
  while (next_field(&m, &f)) {
    uint32_t bits = (uint32_t)f.value;
    if (f.number == 1) piece->text = f.bytes;
    if (f.number == 2) memcpy(&piece->score, &bits, 4);
    if (f.number == 3) piece->type = (int32_t)bits;
  }
  /* NaN and infinite scores compare with nothing. */
  bool is_finite = piece->score - piece->score == 0;
  return !m.broken && is_finite && bl_utf8_is_valid(piece->text.bytes, piece->text.size);
}

static bool read_trainer(bl_span bytes, bl_sentencepiece *model) {
  message m = message_of(bytes);
  field f;
  while (next_field(&m, &f)) {
    int32_t number = (int32_t)(uint32_t)f.value;
    switch (f.number) {
      case 3:
        model->model_type = number;
        break;
      case 35:
        model->byte_fallback = f.value != 0;
        break;
      case 40:
        model->unknown = number;
        break;
      case 41:
        model->bos = number;
        break;
      case 42:
        model->eos = number;
        break;
      case 43:
        model->pad = number;
        break;
      case 45:
        model->unknown_text = f.bytes;
        break;
      case 46:
        model->bos_text = f.bytes;
        break;
      case 47:
        model->eos_text = f.bytes;
        break;
      case 48:
        model->pad_text = f.bytes;
        break;
      default:
        break;
    }
  }
  return !m.broken;
}

static bool read_normalizer(bl_span bytes, bl_sentencepiece *model) {
  message m = message_of(bytes);
  field f;
  while (next_field(&m, &f)) {
    if (f.number == 2) model->charsmap = f.bytes;
    if (f.number == 3) model->adds_prefix = f.value != 0;
    if (f.number == 4) model->trims = f.value != 0;
    if (f.number == 5) model->escapes = f.value != 0;
  }
  return !m.broken;
}

static bl_span span_of(const char *text) {
  return (bl_span){text, strlen(text)};
}

bl_code bl_sentencepiece_read(bl_sentencepiece *model, const char *file, const char *bytes,
                              size_t size, bl_error *error) {
  *model = (bl_sentencepiece){.model_type = 1,
                              .adds_prefix = true,
                              .trims = true,
                              .escapes = true,
                              .bos = 1,
                              .eos = 2,
                              .pad = -1,
                              .unknown_text = span_of("<unk>"),
                              .bos_text = span_of("<s>"),
                              .eos_text = span_of("</s>"),
                              .pad_text = span_of("<pad>")};
  message m = message_of((bl_span){bytes, size});
  field f;
  bool is_sound = true;
  while (is_sound && next_field(&m, &f)) {
    if (f.number == 1) {
      void *pieces = model->pieces;
      bl_code code =
          bl_grow(&pieces, &model->capacity, model->n_pieces + 1, sizeof *model->pieces, error);
      model->pieces = pieces;
      if (code) return code;
      is_sound = read_piece(f.bytes, &model->pieces[model->n_pieces++]);
    }
    if (f.number == 2) is_sound = read_trainer(f.bytes, model);
    if (f.number == 3) is_sound = read_normalizer(f.bytes, model);
  }
  if (!is_sound || m.broken || model->n_pieces == 0)
    return bl_fail(error, BL_ERR_INPUT, "%s: not a model of SentencePiece", file);
  const bl_span texts[] = {model->unknown_text, model->bos_text, model->eos_text, model->pad_text};
  for (int i = 0; i < 4; i++)
    if (!bl_utf8_is_valid(texts[i].bytes, texts[i].size))
      return bl_fail(error, BL_ERR_INPUT, "%s: the name of a special token is not UTF-8", file);
  if (model->unknown < 0 || (size_t)model->unknown >= model->n_pieces)
    return bl_fail(error, BL_ERR_INPUT, "%s: unk_id is %d, but there are %zu pieces", file,
                   (int)model->unknown, model->n_pieces);
  if (model->model_type != 1 && model->model_type != 2)
    return bl_fail(error, BL_ERR_UNSUPPORTED,
                   "%s: model_type %d is not supported, expected 1 (unigram) or 2 (BPE)", file,
                   (int)model->model_type);
  return BL_OK;
}

void bl_sentencepiece_free(bl_sentencepiece *model) {
  free(model->pieces);
  *model = (bl_sentencepiece){0};
}
