/* A model's tokenizer from files that are older than tokenizer.json, for JavaScript; the
 * conventions are those of exports.c. Only the full module has this (wasm/build.mjs). */
#include <string.h>

#include "exports.h"

static bl_vocab_files files;

/* Forgets all files. */
EXPORT(bw_vocab_begin) void bw_vocab_begin(void) {
  files = (bl_vocab_files){0};
}

/* Takes one of the files, by its name; its bytes are borrowed until bw_loader_add_vocab. */
EXPORT(bw_vocab_file) void bw_vocab_file(const char *name, const char *bytes, size_t size) {
  const struct {
    const char *name;
    bl_vocab_file *file;
  } all[] = {{"vocab.json", &files.vocab},
             {"merges.txt", &files.merges},
             {"vocab.txt", &files.words},
             {"sentencepiece.bpe.model", &files.pieces},
             {"spiece.model", &files.pieces},
             {"tokenizer.model", &files.pieces},
             {"tokenizer_config.json", &files.config},
             {"added_tokens.json", &files.added},
             {"special_tokens_map.json", &files.map}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].name, name) == 0) *all[i].file = (bl_vocab_file){bytes, size};
}

/* Gives the loader the tokenizer that the files make, before its weights. */
EXPORT(bw_loader_add_vocab) int bw_loader_add_vocab(bl_loader *loader) {
  return (int)bl_loader_add_vocab(loader, &files, &bw_last_error);
}
