/* The table of mixtures, and what their rules share. */
#include "quant/mixture.h"

#include <string.h>

int bl_mixture_count(void) {
  return bl_n_mixtures_mlx + bl_n_mixtures_llama;
}

const bl_mixture *bl_mixture_at(int i) {
  return i < bl_n_mixtures_mlx ? &bl_mixtures_mlx[i] : &bl_mixtures_llama[i - bl_n_mixtures_mlx];
}

const bl_mixture *bl_mixture_find(const char *name, size_t name_size) {
  for (int i = 0; i < bl_mixture_count(); i++) {
    const bl_mixture *mixture = bl_mixture_at(i);
    if (strlen(mixture->name) == name_size && memcmp(mixture->name, name, name_size) == 0)
      return mixture;
  }
  return NULL;
}

bool bl_mixture_int8_activations(const bl_mixture *mixture) {
  bool all = true;
  for (const char *const *name = mixture->codecs; *name; name++)
    all = all && bl_codec_find(*name, strlen(*name))->int8_activations;
  return all;
}

bool bl_mixture_more_bits(int layer, int n_layers) {
  int eighth = n_layers / 8;
  return layer < eighth || layer >= 7 * n_layers / 8 || (layer - eighth) % 3 == 2;
}

bool bl_name_has(const char *name, const char *component) {
  size_t n = strlen(component);
  for (const char *at = name; at; at = strchr(at, '.')) {
    if (*at == '.') at++;
    if (strncmp(at, component, n) == 0 && (at[n] == '.' || at[n] == '\0')) return true;
  }
  return false;
}
