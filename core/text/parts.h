/* What a tokenizer consists of, for the files that make one and the files that use it. */
#ifndef BL_TEXT_PARTS_H
#define BL_TEXT_PARTS_H

#include "base/notes.h"
#include "text/added.h"
#include "text/bpe.h"
#include "text/kind.h"
#include "text/steps.h"
#include "text/tokenizer.h"

/* How the bytes of a token follow from its name in the vocabulary. */
typedef struct bl_decoding bl_decoding;
struct bl_decoding {
  bool byte_level;        /* each character stands for one byte */
  bool byte_fallback;     /* <0xNN> is that byte */
  bl_text_steps rewrites; /* before that: replacements, such as "▁" by a space */
  /* In the place of all that, what a token has in a text, the first one apart; or NULL. */
  bl_code (*piece)(const bl_decoding *decoding, const char *text, size_t size, bl_buffer *out,
                   bl_error *error);
  bl_buffer prefix;      /* WordPiece: what a token that goes on with a word begins with */
  bool cleans_up;        /* WordPiece: no space before punctuation */
  size_t strip_start;    /* so many strip_char go from the beginning of the output … */
  bool strip_first_only; /* … but no further than the first token's */
  char strip_char;
};

enum { BL_MAX_PRE_PATTERNS = 4 };

/* What a name under tokenizer.ggml.pre stands for: the patterns that split text, one after the
 * other (llama.cpp, src/llama-vocab.cpp, llm_tokenizer_bpe). */
typedef struct bl_pre_tokenizer {
  const char *name;
  const char *patterns[BL_MAX_PRE_PATTERNS]; /* up to the first NULL */
  bool ignore_merges, add_bos;
} bl_pre_tokenizer;

/* Of those that do the same, the first has the name that llama.cpp's converter writes. */
extern const bl_pre_tokenizer bl_pre_tokenizers[];
extern const int bl_n_pre_tokenizers;

/* Does a token of a GGUF with this text end what a model writes, whatever the metadata says? */
bool bl_gguf_text_ends(bl_str text);

/* tokenizer.ggml.token_type */
typedef enum bl_token_type {
  BL_TOKEN_NORMAL = 1,
  BL_TOKEN_UNKNOWN,
  BL_TOKEN_CONTROL,
  BL_TOKEN_USER_DEFINED,
  BL_TOKEN_UNUSED,
  BL_TOKEN_BYTE,
} bl_token_type;

/* What a tokenizer that was read from GGUF needs to be written again, as tokenizer.json or GGUF. */
typedef struct bl_gguf_origin {
  bool is_bpe;                 /* byte-level, with these split patterns */
  const char *const *patterns; /* (n_patterns) static */
  int n_patterns;
  const char *pre; /* the patterns' name; static */
  bool adds_space; /* SentencePiece: a space goes before every text */
  int32_t *types;  /* (n_ids) or NULL */
  float *scores;   /* (n_ids), SentencePiece only */
} bl_gguf_origin;

enum { BL_FIRST_TEXT = -1, BL_SECOND_TEXT = -2 };

struct bl_tokenizer {
  bl_vocab vocab; /* the model's tokens and the added ones */
  const bl_kind *kind;
  bl_bpe bpe;                /* of the kind BPE */
  void *model;               /* of the others, or NULL: what each keeps */
  bool byte_level;           /* words are encoded with one character for each of their bytes */
  bl_added_set added;        /* looked for in the text as it is */
  bl_added_set added_normal; /* looked for in the normalized text */
  bl_text_steps normalize, split;
  bl_ids before, after; /* put around every text */
  /* What two texts become: ids, and where the texts go BL_FIRST_TEXT and BL_SECOND_TEXT, each with
   * its type. Empty: nothing is known of pairs. */
  bl_ids pair, pair_types;
  bl_decoding decoding;
  size_t n_ids;        /* highest id + 1 */
  uint8_t *is_special; /* (n_ids) */
  uint8_t *is_end;     /* (n_ids) */
  bl_ids far_ends;     /* ids beyond n_ids that end a text all the same */
  bl_buffer decoded;   /* bytes of all ids, one after the other */
  bl_token *places;    /* (n_ids) in `decoded`; size 0 where an id has no token */
  bl_buffer source;    /* tokenizer.json as it was read */
  bl_special_ids special;
  bl_gguf_origin origin;
  bl_notes notes; /* until bl_tokenizer_take_notes */
  size_t budget;  /* the bytes that steps may still make of tokens while it is made */
};

/* Appends the characters that stand for these bytes in a byte-level vocabulary. */
bl_code bl_byte_level_append(bl_buffer *out, const char *bytes, size_t size, bl_error *error);

/* The pattern that GPT-2 splits text with, and ByteLevel by default. */
extern const char bl_gpt2_pattern[];
/* What the pre-tokenizer Digits cuts at: \p{N} with the numbers of Unicode 17.0, as it asks another
 * library than patterns do. */
extern const char bl_digits_pattern[];

/* Adds an added token under its id: gives the id its text unless the text has that id already, and
 * files it with those to be looked for. `file` and errors as in the loaders. Called before
 * bl_tokenizer_seal. */
bl_code bl_tokenizer_add_token(bl_tokenizer *tokenizer, const char *file,
                               const bl_added_token *token, bl_error *error);

/* Works out what follows from the parts: sorted added tokens, decoded bytes, sizes. */
bl_code bl_tokenizer_seal(bl_tokenizer *tokenizer, bl_error *error);

/* tokenizer_pipeline.c: the members normalizer, pre_tokenizer and decoder of tokenizer.json, and
 * then its post_processor, which may name added tokens. */
struct cJSON;
bl_code bl_pipeline_read_steps(bl_tokenizer *tokenizer, const char *file, const struct cJSON *root,
                               bl_error *error);
bl_code bl_pipeline_read_ends(bl_tokenizer *tokenizer, const char *file, const struct cJSON *root,
                              bl_error *error);

/* tokenizer_specials.c: what tokenizer_config.json and generation_config.json say of tokens that
 * begin or end a text. Of a file that is no JSON object only a note remains. */
bl_code bl_tokenizer_read_config(bl_tokenizer *tokenizer, const char *text, size_t size,
                                 bl_error *error);
bl_code bl_tokenizer_read_generation(bl_tokenizer *tokenizer, const char *text, size_t size,
                                     bl_error *error);

#endif
