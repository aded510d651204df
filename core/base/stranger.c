/* Telling a Git LFS pointer, an archive and a web page by their first bytes. */
#include "base/stranger.h"

#include <string.h>

static bool begins_with(const char *bytes, size_t n_bytes, const char *start) {
  size_t n = strlen(start);
  return n <= n_bytes && memcmp(bytes, start, n) == 0;
}

/* After a byte order mark and spaces there is a tag. The length that safetensors begins with is
 * less than 2^32, so that its last four bytes are 0. */
static bool is_web_page(const char *text, size_t size) {
  size_t at = begins_with(text, size, "\xef\xbb\xbf") ? 3 : 0;
  while (at < size && text[at] && strchr(" \t\r\n\f", text[at])) at++;
  return at < size && text[at] == '<' && !memchr(text, 0, size < 8 ? size : 8);
}

bool bl_is_lfs_pointer(const void *bytes, size_t n_bytes) {
  return begins_with(bytes, n_bytes, "version https://git-lfs.github.com/");
}

const char *bl_stranger(const void *bytes, size_t n_bytes) {
  if (begins_with(bytes, n_bytes, "version "))
    return "a Git LFS pointer, which stands for a file that was not downloaded";
  if (begins_with(bytes, n_bytes, "PK\3\4")) return "a zip archive, such as PyTorch writes";
  return is_web_page(bytes, n_bytes) ? "a web page" : NULL;
}
