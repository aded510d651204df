/* Sets of characters, lower case, the rarer normalization forms and grapheme clusters, by the
 * tables of characters_tables.c. */
#include "text/characters.h"

uint32_t bl_char_sets(uint32_t cp) {
  if (cp > 0x10ffff) return 0;
  uint32_t start;
  return bl_char_kinds[bl_char_values[bl_find_last(&bl_char_starts, cp, &start)]];
}

/* The character in lower case, where that is one character. */
static uint32_t lower_of(uint32_t cp) {
  if (cp < 0x80) return cp - 'A' < 26 ? cp + 32 : cp;
  int low = 0, high = bl_n_lower_runs;
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (bl_lower_runs[middle].first <= cp)
      low = middle;
    else
      high = middle;
  }
  const bl_lower_run *run = &bl_lower_runs[low];
  bool is_in = cp >= run->first && cp <= run->last && (cp - run->first) % (uint32_t)run->step == 0;
  return is_in ? (uint32_t)((int32_t)cp + run->distance) : cp;
}

bl_code bl_lower_append(bl_buffer *out, uint32_t cp, bl_error *error) {
  if (cp == 0x130) return bl_buffer_append(out, "i\xcc\x87", 3, error);
  return bl_utf8_append(out, lower_of(cp), error);
}

static const char *compat(uint32_t cp) {
  uint32_t found;
  if (cp < 0xa0) return NULL;
  int row = bl_find_last(&bl_compat_chars, cp, &found);
  return found == cp ? (const char *)bl_compat_texts + bl_compat_places[row] : NULL;
}

const bl_normal_form bl_nfd = {false, 0xc3, 0xc0, NULL};
const bl_normal_form bl_nfkc = {true, 0xc2, 0x80, compat};
const bl_normal_form bl_nfkd = {false, 0xc2, 0x80, compat};

/* ---- grapheme clusters (UAX #29) ---- */

typedef enum syllable { NO_JAMO, JAMO_L, JAMO_V, JAMO_T, JAMO_LV, JAMO_LVT } syllable;

static syllable syllable_of(uint32_t cp) {
  if (cp - 0xac00 < 11172) return (cp - 0xac00) % 28 ? JAMO_LVT : JAMO_LV;
  if (cp - 0x1100 < 0x60 || cp - 0xa960 < 0x1d) return JAMO_L;
  if (cp - 0x1160 < 0x48 || cp - 0xd7b0 < 0x17) return JAMO_V;
  return cp - 0x11a8 < 0x58 || cp - 0xd7cb < 0x31 ? JAMO_T : NO_JAMO;
}

static bool makes_syllable(uint32_t before, uint32_t after) {
  syllable a = syllable_of(before), b = syllable_of(after);
  if (a == NO_JAMO || b == NO_JAMO) return false;
  if (a == JAMO_L) return b != JAMO_T;
  if (a == JAMO_LV || a == JAMO_V) return b == JAMO_V || b == JAMO_T;
  return b == JAMO_T;
}

size_t bl_cluster_size(const char *text, size_t size) {
  size_t length, end;
  uint32_t before = bl_utf8_decode(text, size, 0, &length);
  if (before == '\r' && size > 1 && text[1] == '\n') return 2;
  uint32_t sets = before < 0x80 ? 0 : bl_char_sets(before);
  bool is_alone = before < ' ' || before == 0x7f || (sets & BL_CHAR_ALONE);
  for (end = length; !is_alone && end < size; end += length) {
    uint8_t next = (uint8_t)text[end];
    if (next < 0x80 && !(sets & BL_CHAR_JOINS_AFTER)) break;
    uint32_t cp = bl_utf8_decode(text, size, end, &length), own = bl_char_sets(cp);
    bool joins =
        (own & BL_CHAR_JOINS_BEFORE) || makes_syllable(before, cp) ||
        ((sets & BL_CHAR_JOINS_AFTER) && !(own & BL_CHAR_ALONE) && cp >= ' ' && cp != 0x7f);
    if (!joins) break;
    before = cp;
    sets = own;
  }
  return end;
}
