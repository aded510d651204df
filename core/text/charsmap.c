/* The normalizer Precompiled: SentencePiece's character map, a double-array trie from beginnings of
 * texts to what they become, as the crate spm_precompiled 0.1 and `tokenizers` 0.23.3 read it. */
#include "text/charsmap.h"

#include <string.h>

#include "text/characters.h"

/* A map is a size in bytes, a trie of that size, and texts that end with NUL, all little-endian. */
typedef struct charsmap {
  const char *units;
  size_t n_units;
  const char *texts;
  size_t texts_size;
} charsmap;

static uint32_t read_u32(const char *bytes) {
  const uint8_t *b = (const uint8_t *)bytes;
  return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static bool open_map(const char *bytes, size_t size, charsmap *map) {
  if (size < 4) return false;
  size_t trie = read_u32(bytes);
  if (trie > size - 4 || trie < 4 || trie % 4) return false;
  *map = (charsmap){bytes + 4, trie / 4, bytes + 4 + trie, size - 4 - trie};
  return true;
}

bool bl_charsmap_is_valid(const char *bytes, size_t size) {
  charsmap map;
  return open_map(bytes, size, &map);
}

static size_t offset_of(uint32_t unit) {
  return (size_t)(unit >> 10) << ((unit & 1u << 9) >> 6);
}

/* What the shortest key that `key` begins with becomes, or NULL. */
static const char *find(const charsmap *map, const char *key, size_t size, size_t *found_size) {
  size_t at = offset_of(read_u32(map->units));
  for (size_t i = 0; i < size && key[i]; i++) {
    at ^= (uint8_t)key[i];
    if (at >= map->n_units) return NULL;
    uint32_t unit = read_u32(map->units + 4 * at);
    if ((unit & (1u << 31 | 0xff)) != (uint8_t)key[i]) return NULL;
    at ^= offset_of(unit);
    if (!(unit >> 8 & 1)) continue;
    if (at >= map->n_units) return NULL;
    size_t place = read_u32(map->units + 4 * at) & 0x7fffffff;
    if (place > map->texts_size) return NULL;
    const char *text = map->texts + place, *end = memchr(text, 0, map->texts_size - place);
    *found_size = end ? (size_t)(end - text) : map->texts_size - place;
    return text;
  }
  return NULL;
}

bl_code bl_rewrite_by_charsmap(const bl_text_step *step, const char *text, size_t size,
                               bl_buffer *out, size_t limit, bl_error *error) {
  charsmap map;
  if (!open_map(step->text, step->text_size, &map))
    return bl_append_within(out, text, size, limit, error);
  bl_code code = BL_OK;
  size_t length, n, cluster;
  for (size_t at = 0; !code && at < size; at += cluster) {
    cluster = bl_cluster_size(text + at, size - at);
    const char *whole = cluster < 6 ? find(&map, text + at, cluster, &n) : NULL;
    if (whole) {
      code = bl_append_within(out, whole, n, limit, error);
      continue;
    }
    for (size_t i = at; !code && i < at + cluster; i += length) {
      bl_utf8_decode(text, size, i, &length);
      const char *part = find(&map, text + i, length, &n);
      code = part ? bl_append_within(out, part, n, limit, error)
                  : bl_append_within(out, text + i, length, limit, error);
    }
  }
  return code;
}
