/* Texts and their numbers: of many names, which has been there before, without looking through
 * them all. */
#ifndef BL_CLI_DICTIONARY_H
#define BL_CLI_DICTIONARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cli_word {
  char *text; /* with a NUL behind it; it may hold others */
  size_t size;
  uint64_t hash;
} cli_word;

/* Zero-initialise before first use. Numbers go from 0 on in the order in which texts came. */
typedef struct cli_dictionary {
  int n;
  cli_word *words; /* (n) */
  int *slots;      /* (n_slots), a power of two: a word's number, or -1 */
  size_t n_slots;
  uint64_t seed; /* of the hashes, so that no file can be made to be slow */
} cli_dictionary;

/* The text's number; -1 when it is not there. */
int cli_dictionary_find(const cli_dictionary *dictionary, const char *text, size_t size);
/* The same, and adds it (as a copy) when it is not there: it then has the number that was n. */
int cli_dictionary_add(cli_dictionary *dictionary, const char *text, size_t size);
void cli_dictionary_free(cli_dictionary *dictionary);

#endif
