/* tokenizer.json for a tokenizer that was read from GGUF. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/parts.h"

/* Text being written: after an error nothing more is. */
typedef struct writer {
  bl_buffer out;
  bl_code code;
  bl_error *error;
} writer;

static void put(writer *w, const char *text) {
  if (!w->code) w->code = bl_buffer_print(&w->out, text, w->error);
}

static void put_id(writer *w, int32_t id) {
  char text[16];
  snprintf(text, sizeof text, "%d", (int)id);
  put(w, text);
}

/* A JSON string; `text` is UTF-8. */
static void put_string(writer *w, const char *text, size_t size) {
  put(w, "\"");
  for (size_t i = 0; !w->code && i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    char escape[8] = {(char)c, 0};
    if (c == '"' || c == '\\')
      snprintf(escape, sizeof escape, "\\%c", c);
    else if (c < 0x20)
      snprintf(escape, sizeof escape, "\\u%04x", c);
    if (!w->code) w->code = bl_buffer_append(&w->out, escape, strlen(escape), w->error);
  }
  put(w, "\"");
}

static void put_token(writer *w, const bl_vocab *vocab, int32_t id) {
  bl_token t = vocab->tokens[id];
  put_string(w, vocab->bytes.bytes + t.at, t.size);
}

static int by_id(const void *a, const void *b) {
  const bl_added_token *x = a, *y = b;
  return (x->id > y->id) - (x->id < y->id);
}

static void put_added_tokens(writer *w, const bl_tokenizer *t) {
  size_t n = t->added.n;
  bl_added_token *tokens = malloc((n + 1) * sizeof *tokens);
  if (!tokens) {
    w->code = bl_fail_memory(w->error, (n + 1) * sizeof *tokens);
    return;
  }
  if (n) memcpy(tokens, t->added.tokens, n * sizeof *tokens);
  qsort(tokens, n, sizeof *tokens, by_id);
  put(w, "  \"added_tokens\": [");
  for (size_t i = 0; i < n; i++) {
    put(w, i ? ",\n    {\"id\": " : "\n    {\"id\": ");
    put_id(w, tokens[i].id);
    put(w, ", \"content\": ");
    put_string(w, tokens[i].text, tokens[i].size);
    put(w,
        ", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, ");
    put(w, tokens[i].special ? "\"special\": true}" : "\"special\": false}");
  }
  put(w, n ? "\n  ],\n" : "],\n");
  free(tokens);
}

static const char byte_level[] =
    "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, "
    "\"use_regex\": false}";

static void put_byte_level_steps(writer *w, const bl_tokenizer *t) {
  put(w,
      "  \"normalizer\": null,\n  \"pre_tokenizer\": {\"type\": \"Sequence\", "
      "\"pretokenizers\": [\n");
  for (int i = 0; i < t->origin.n_patterns; i++) {
    put(w, "    {\"type\": \"Split\", \"pattern\": {\"Regex\": ");
    put_string(w, t->origin.patterns[i], strlen(t->origin.patterns[i]));
    put(w, "}, \"behavior\": \"Isolated\", \"invert\": false},\n");
  }
  put(w, "    ");
  put(w, byte_level);
  put(w, "\n  ]},\n  \"decoder\": ");
  put(w, byte_level);
  put(w, ",\n");
}

static void put_sentencepiece_steps(writer *w, const bl_tokenizer *t) {
  put(w, "  \"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [\n");
  if (t->origin.adds_space) put(w, "    {\"type\": \"Prepend\", \"prepend\": \"\xe2\x96\x81\"},\n");
  put(w,
      "    {\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, "
      "\"content\": \"\xe2\x96\x81\"}\n  ]},\n");
  put(w,
      "  \"pre_tokenizer\": null,\n  \"decoder\": {\"type\": \"Sequence\", \"decoders\": [\n"
      "    {\"type\": \"Replace\", \"pattern\": {\"String\": \"\xe2\x96\x81\"}, "
      "\"content\": \" \"},\n"
      "    {\"type\": \"ByteFallback\"},\n    {\"type\": \"Fuse\"}");
  if (t->origin.adds_space)
    put(w, ",\n    {\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}");
  put(w, "\n  ]},\n");
}

static void put_template_tokens(writer *w, const bl_tokenizer *t, const bl_ids *ids,
                                const char *type_id) {
  for (size_t i = 0; i < ids->n; i++) {
    put(w, "{\"SpecialToken\": {\"id\": ");
    put_token(w, &t->vocab, ids->ids[i]);
    put(w, ", \"type_id\": ");
    put(w, type_id);
    put(w, "}}, ");
  }
}

/* One text of a template: what goes before it, itself, what goes after it. */
static void put_template_text(writer *w, const bl_tokenizer *t, const char *text,
                              const char *type_id) {
  put_template_tokens(w, t, &t->before, type_id);
  put(w, "{\"Sequence\": {\"id\": \"");
  put(w, text);
  put(w, "\", \"type_id\": ");
  put(w, type_id);
  put(w, "}}, ");
  put_template_tokens(w, t, &t->after, type_id);
  if (!w->code) w->out.size -= 2; /* the last comma and space */
}

static void put_post_processor(writer *w, const bl_tokenizer *t) {
  put(w, "  \"post_processor\": ");
  if (t->before.n + t->after.n == 0) {
    put(w, "null,\n");
    return;
  }
  put(w, "{\"type\": \"TemplateProcessing\", \"single\": [");
  put_template_text(w, t, "A", "0");
  put(w, "], \"pair\": [");
  put_template_text(w, t, "A", "0");
  put(w, ", ");
  put_template_text(w, t, "B", "1");
  put(w, "],\n    \"special_tokens\": {");
  const bl_ids *lists[] = {&t->before, &t->after};
  bool first = true;
  for (int list = 0; list < 2; list++)
    for (size_t i = 0; i < lists[list]->n; i++) {
      int32_t id = lists[list]->ids[i];
      if (list == 1 && t->before.n && t->before.ids[0] == id) continue;
      put(w, first ? "" : ", ");
      first = false;
      put_token(w, &t->vocab, id);
      put(w, ": {\"id\": ");
      put_token(w, &t->vocab, id);
      put(w, ", \"ids\": [");
      put_id(w, id);
      put(w, "], \"tokens\": [");
      put_token(w, &t->vocab, id);
      put(w, "]}");
    }
  put(w, "}},\n");
}

static void put_merges(writer *w, const bl_bpe *bpe, const bl_vocab *vocab) {
  size_t n = bpe->n_merges;
  bl_merge *merges = NULL;
  if (!w->code) w->code = bl_bpe_list_merges(bpe, &merges, w->error);
  if (w->code) return;
  put(w, "    \"merges\": [");
  for (size_t i = 0; i < n; i++) {
    put(w, i ? ",\n      [" : "\n      [");
    put_token(w, vocab, (int32_t)(merges[i].pair >> 32));
    put(w, ", ");
    put_token(w, vocab, (int32_t)(merges[i].pair & 0xffffffffu));
    put(w, "]");
  }
  put(w, n ? "\n    ]\n" : "]\n");
  free(merges);
}

static void put_model(writer *w, const bl_tokenizer *t) {
  const bl_bpe *bpe = &t->bpe;
  const bl_vocab *vocab = &t->vocab;
  put(w, "  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": ");
  if (bpe->unknown >= 0)
    put_token(w, vocab, bpe->unknown);
  else
    put(w, "null");
  put(w, ",\n    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n");
  put(w, bpe->fuse_unknown ? "    \"fuse_unk\": true,\n" : "    \"fuse_unk\": false,\n");
  put(w, bpe->byte_fallback ? "    \"byte_fallback\": true,\n" : "    \"byte_fallback\": false,\n");
  put(w, bpe->ignore_merges ? "    \"ignore_merges\": true,\n" : "    \"ignore_merges\": false,\n");
  put(w, "    \"vocab\": {");
  bool first = true;
  for (size_t id = 0; id < vocab->n_tokens; id++) {
    bl_token token = vocab->tokens[id];
    /* Of two ids with one text only the one that is found can be written. */
    if (bl_vocab_find(vocab, vocab->bytes.bytes + token.at, token.size) != (int32_t)id) continue;
    put(w, first ? "\n      " : ",\n      ");
    first = false;
    put_token(w, vocab, (int32_t)id);
    put(w, ": ");
    put_id(w, (int32_t)id);
  }
  put(w, first ? "},\n" : "\n    },\n");
  put_merges(w, bpe, vocab);
  put(w, "  }\n");
}

bl_code bl_tokenizer_to_json(const bl_tokenizer *tokenizer, char **text, size_t *text_size,
                             bl_error *error) {
  writer w = {.error = error};
  if (tokenizer->source.size > 0) {
    w.code = bl_buffer_append(&w.out, tokenizer->source.bytes, tokenizer->source.size, error);
  } else {
    put(&w, "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n");
    put_added_tokens(&w, tokenizer);
    if (tokenizer->origin.is_bpe)
      put_byte_level_steps(&w, tokenizer);
    else
      put_sentencepiece_steps(&w, tokenizer);
    put_post_processor(&w, tokenizer);
    put_model(&w, tokenizer);
    put(&w, "}\n");
  }
  if (w.code) {
    bl_buffer_free(&w.out);
    return w.code;
  }
  *text = w.out.bytes;
  *text_size = w.out.size;
  return BL_OK;
}
