/* Reading tokenizer.model, a file of SentencePiece: protocol buffers, message ModelProto of
 * sentencepiece_model.proto (sentencepiece 0.2.3). */
#ifndef BL_TEXT_SENTENCEPIECE_H
#define BL_TEXT_SENTENCEPIECE_H

#include "text/buffer.h"

typedef enum bl_piece_type {
  BL_PIECE_NORMAL = 1,
  BL_PIECE_UNKNOWN,
  BL_PIECE_CONTROL,
  BL_PIECE_USER_DEFINED,
  BL_PIECE_UNUSED,
  BL_PIECE_BYTE,
} bl_piece_type;

/* Texts lie in the file. */
typedef struct bl_span {
  const char *bytes;
  size_t size;
} bl_span;

typedef struct bl_sp_piece {
  bl_span text;
  float score;
  int32_t type;
} bl_sp_piece;

typedef struct bl_sentencepiece {
  bl_sp_piece *pieces; /* (n_pieces) */
  size_t n_pieces, capacity;
  int32_t model_type; /* 1: unigram, 2: BPE */
  bool byte_fallback, adds_prefix, trims, escapes;
  int32_t unknown, bos, eos, pad; /* -1: none */
  bl_span unknown_text, bos_text, eos_text, pad_text;
  bl_span charsmap;
} bl_sentencepiece;

/* Reads the file, whose bytes must stay. It takes no more memory than four times the file. Free
 * with bl_sentencepiece_free, also after an error. */
bl_code bl_sentencepiece_read(bl_sentencepiece *model, const char *file, const char *bytes,
                              size_t size, bl_error *error);
void bl_sentencepiece_free(bl_sentencepiece *model);

#endif
