/* bitloss tokenize: which tokens a text is made of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "completion.h"
#include "files.h"

typedef struct settings {
  cli_common common;
  const char *model, *text;
  bool ids, no_special;
} settings;

typedef struct tokens {
  const bl_tokenizer *tokenizer;
  int32_t *ids; /* (n) */
  size_t n, n_bytes;
} tokens;

/* A text in which a reader tells every byte apart: controls and bytes that are no characters by
 * their numbers. */
static char *shown(const char *bytes, size_t size) {
  char *text = cli_alloc(size * 6 + 1), *at = text;
  size_t length;
  for (size_t i = 0; i < size; i += length) {
    uint32_t code;
    length = cli_read_char(bytes + i, size - i, &code);
    if (code == '\n' || code == '\t' || code == '\r') {
      *at++ = '\\';
      *at++ = code == '\n' ? 'n' : code == '\t' ? 't' : 'r';
    } else if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code == 0xfffd && length == 1)) {
      for (size_t k = 0; k < length; k++)
        at += sprintf(at, "<%02X>", (unsigned)(unsigned char)bytes[i + k]);
    } else {
      memcpy(at, bytes + i, length);
      at += length;
    }
  }
  *at = 0;
  return text;
}

static void print_table(const tokens *t) {
  static const char *const headings[] = {"id", "token", "stands for"};
  cli_table table = {.n_columns = 3, .headings = headings, .align = "rll"};
  for (size_t i = 0; i < t->n; i++) {
    const char *piece, *bytes;
    size_t piece_size, size;
    char id[16], *quoted;
    bl_error error;
    bl_tokenizer_piece(t->tokenizer, t->ids[i], &piece, &piece_size);
    if (bl_tokenizer_bytes(t->tokenizer, t->ids[i], true, &bytes, &size, &error) != BL_OK) size = 0;
    snprintf(id, sizeof id, "%d", (int)t->ids[i]);
    char *token = shown(piece, piece_size), *text = shown(bytes, size);
    quoted = bl_tokenizer_is_special(t->tokenizer, t->ids[i]) ? cli_copy("(special)")
                                                              : cli_print("\"%s\"", text);
    cli_table_add(&table, (const char *const[]){id, token, quoted});
    free(token);
    free(text);
    free(quoted);
  }
  cli_table_print(&table);
  cli_table_free(&table);
  printf("\n%zu token%s", t->n, t->n == 1 ? "" : "s");
  if (t->n > 0)
    printf(" for %zu byte%s: %.2f bytes per token", t->n_bytes, t->n_bytes == 1 ? "" : "s",
           (double)t->n_bytes / (double)t->n);
  printf(" (%s, %d ids)\n", bl_tokenizer_kind(t->tokenizer), bl_tokenizer_size(t->tokenizer));
}

static void print_ids(const tokens *t) {
  for (size_t i = 0; i < t->n; i++) printf("%s%d", i ? " " : "", (int)t->ids[i]);
  printf("\n");
}

static void print_json(const settings *set, const tokens *t) {
  bl_json_writer writer = {.style = &cli_json_style}, *w = &writer;
  bl_json_open(w, NULL, '{');
  bl_json_put_string(w, "model", set->model);
  bl_json_put_string(w, "kind", bl_tokenizer_kind(t->tokenizer));
  bl_json_put_number(w, "vocabulary", bl_tokenizer_size(t->tokenizer));
  bl_json_put_number(w, "bytes", (double)t->n_bytes);
  cli_json_ids(w, "ids", t->ids, (int)t->n);
  bl_json_open(w, "tokens", '[');
  for (size_t i = 0; i < t->n; i++) {
    const char *bytes;
    size_t size;
    bl_error error;
    bl_json_open(w, NULL, '{');
    bl_json_put_number(w, "id", t->ids[i]);
    bl_tokenizer_piece(t->tokenizer, t->ids[i], &bytes, &size);
    bl_json_put_bytes(w, "piece", bytes, size);
    if (bl_tokenizer_bytes(t->tokenizer, t->ids[i], true, &bytes, &size, &error) != BL_OK) size = 0;
    bl_json_put_bytes(w, "text", bytes, size);
    bl_json_put_bool(w, "special", bl_tokenizer_is_special(t->tokenizer, t->ids[i]));
    bl_json_close(w, '}');
  }
  bl_json_close(w, ']');
  bl_json_close(w, '}');
  cli_json_print(w);
}

static cli_status run(const void *arguments) {
  const settings *set = arguments;
  if (set->ids && set->common.json) {
    cli_fail("--ids and --json are two ways to print: give one of them");
    return CLI_USAGE;
  }
  cli_catch_interrupts();
  size_t size;
  char *text = cli_read_prompt(set->text, &size);
  if (!text) return CLI_FAILED;
  bl_tokenizer *tokenizer = cli_open_tokenizer(set->model);
  tokens t = {.tokenizer = tokenizer, .n_bytes = size};
  if (tokenizer) t.ids = cli_text_ids(tokenizer, text, size, !set->no_special, &t.n);
  bool ok = t.ids != NULL;
  if (ok && set->common.json)
    print_json(set, &t);
  else if (ok && set->ids)
    print_ids(&t);
  else if (ok)
    print_table(&t);
  free(t.ids);
  bl_tokenizer_free(tokenizer);
  free(text);
  return ok ? CLI_OK : CLI_FAILED;
}

static const cli_option options[] = {
    {.name = "model",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, model),
     .value = "MODEL",
     .required = true,
     .help = "A model's directory, a .gguf file, or a tokenizer's file alone: tokenizer.json, "
             "vocab.txt, tokenizer.model. Weights are not read."},
    {.name = "text",
     .kind = CLI_TEXT,
     .offset = offsetof(settings, text),
     .value = "TEXT",
     .fallback = "-",
     .help = "The text; - reads it from the standard input, with the line's end that is there."},
    {.name = "ids",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, ids),
     .help = "Print the ids alone, on one line."},
    {.name = "no-special",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, no_special),
     .help =
         "Leave out the tokens that the tokenizer puts around every text, such as <s> or [CLS]. "
         "Special tokens written in the text are recognised all the same."},
    {.name = NULL}};

const cli_command cli_tokenize = {
    .name = "tokenize",
    .summary = "Show the tokens that a text is made of.",
    .usage = "--model MODEL [TEXT] [options]",
    .about =
        "A model reads and writes tokens: numbers, each of which stands for a piece of text. This "
        "prints them in order: the id, the token as the vocabulary spells it, and what it stands "
        "for. In byte-level vocabularies a space is spelled \xc4\xa0, in SentencePiece's "
        "\xe2\x96\x81; in WordPiece's, ## marks a piece that goes on with a word. The ids are "
        "those "
        "of Hugging Face's tokenizers.\n\n"
        "How many bytes a token stands for tells how well a tokenizer knows a language: a text "
        "that "
        "takes twice as many tokens costs twice the time and the memory.",
    .bare = "text",
    .options = options,
    .examples =
        "  bitloss tokenize --model SmolLM2-135M 'The sea is blue.'\n"
        "  bitloss tokenize --model tokenizer.json --ids '\xec\x95\x88\xeb\x85\x95'\n"
        "  bitloss tokenize --model chat.gguf --json - < ask.txt\n",
    .settings_size = sizeof(settings),
    .run = run,
};
