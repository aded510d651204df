/* Configs for sizes in everyday words: those of published models, and a rule for all others. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

typedef struct shape {
  const char *size, *name, *type;
  int dim, n_layers, n_heads, n_kv_heads, head_dim, ffn_dim, vocab_size, max_context;
  int n_experts; /* 0: one feed-forward */
  bool tied_output;
} shape;

/* The sizes in the models' own config.json. */
static const shape published[] = {
    {"135M", "SmolLM2-135M", "llama", 576, 30, 9, 3, 64, 1536, 49152, 8192, 0, true},
    {"360M", "SmolLM2-360M", "llama", 960, 32, 15, 5, 64, 2560, 49152, 8192, 0, true},
    {"0.5B", "Qwen2.5-0.5B", "qwen2", 896, 24, 14, 2, 64, 4864, 151936, 32768, 0, true},
    {"0.6B", "Qwen3-0.6B", "qwen3", 1024, 28, 16, 8, 128, 3072, 151936, 40960, 0, true},
    {"1B", "Llama-3.2-1B", "llama", 2048, 16, 32, 8, 64, 8192, 128256, 131072, 0, true},
    {"1.1B", "TinyLlama-1.1B", "llama", 2048, 22, 32, 4, 64, 5632, 32000, 2048, 0, false},
    {"1.5B", "Qwen2.5-1.5B", "qwen2", 1536, 28, 12, 2, 128, 8960, 151936, 131072, 0, true},
    {"1.7B", "Qwen3-1.7B", "qwen3", 2048, 28, 16, 8, 128, 6144, 151936, 40960, 0, true},
    {"3B", "Llama-3.2-3B", "llama", 3072, 28, 24, 8, 128, 8192, 128256, 131072, 0, true},
    {"4B", "Qwen3-4B", "qwen3", 2560, 36, 32, 8, 128, 9728, 151936, 40960, 0, true},
    {"7B", "Llama-2-7B", "llama", 4096, 32, 32, 32, 128, 11008, 32000, 4096, 0, false},
    {"8B", "Llama-3.1-8B", "llama", 4096, 32, 32, 8, 128, 14336, 128256, 131072, 0, false},
    {"13B", "Llama-2-13B", "llama", 5120, 40, 40, 40, 128, 13824, 32000, 4096, 0, false},
    {"14B", "Qwen3-14B", "qwen3", 5120, 40, 40, 8, 128, 17408, 151936, 40960, 0, false},
    {"32B", "Qwen3-32B", "qwen3", 5120, 64, 64, 8, 128, 25600, 151936, 40960, 0, false},
    {"70B", "Llama-3.1-70B", "llama", 8192, 80, 64, 8, 128, 28672, 128256, 131072, 0, false},
    {"72B", "Qwen2.5-72B", "qwen2", 8192, 80, 64, 8, 128, 29568, 152064, 131072, 0, false},
    {"405B", "Llama-3.1-405B", "llama", 16384, 126, 128, 8, 128, 53248, 128256, 131072, 0, false},
    {"8x7B", "Mixtral-8x7B", "mixtral", 4096, 32, 32, 8, 128, 14336, 32000, 32768, 8, false},
    {"8x22B", "Mixtral-8x22B", "mixtral", 6144, 56, 48, 8, 128, 16384, 32000, 65536, 8, false},
};

/* ---- any other size ------------------------------------------------------------------------- */

#define LEAST 1e6
#define MOST 1e13
/* How far the rule may be from the parameters that were asked for, as a share of them. */
#define TOLERANCE 0.01

/* Parameters of a Llama of this shape: embedding, output, projections, norms. */
static double count(const shape *s) {
  double dim = s->dim, kv = (double)s->n_kv_heads * s->head_dim;
  double layer = 2 * dim * dim + 2 * dim * kv + 3 * dim * s->ffn_dim + 2 * dim;
  return (s->tied_output ? 1 : 2) * (double)s->vocab_size * dim + s->n_layers * layer + dim;
}

/* How far two lengths are apart, in proportion. */
static double apart(double a, double b) {
  return fabs(log(a / b));
}

/* The feed-forward, a multiple of `step`, with which the shape comes nearest to n_params; 0 when it
 * has more without one. */
static int fit_ffn(const shape *s, double n_params, int step) {
  shape bare = *s;
  bare.ffn_dim = 0;
  double left = n_params - count(&bare), per_step = step * 3.0 * s->dim * s->n_layers;
  double n = round(left / per_step);
  return n >= 1 && n <= (1 << 24) / step ? step * (int)n : 0;
}

/* The shape for any number of parameters: a Llama with heads of 128 (64 below 1B, 32 below 50M),
 * four of which share a key and value; as many layers as heads and a feed-forward of 8/3 of the
 * width, as in Llama 1 and 2, as nearly as the number of parameters is met within 1%; the
 * vocabulary of Llama 2 (4096 below 50M), embedding and output one matrix below 1B. Rows can be
 * divided by 256 (128 or 64 below 50M), as formats have such groups. */
static bool make_shape(double n_params, shape *best) {
  shape s = {.type = "llama", .max_context = 131072};
  s.head_dim = n_params >= 1e9 ? 128 : n_params >= 5e7 ? 64 : 32;
  s.vocab_size = n_params >= 5e7 ? 32000 : 4096;
  s.tied_output = n_params < 1e9;
  double least = INFINITY;
  for (s.n_kv_heads = 1; s.n_kv_heads <= 512; s.n_kv_heads++) {
    s.n_heads = 4 * s.n_kv_heads;
    s.dim = s.n_heads * s.head_dim;
    for (s.n_layers = 1; s.n_layers <= 4 * s.n_heads; s.n_layers++) {
      s.ffn_dim = fit_ffn(&s, n_params, n_params >= 5e7 ? 256 : 64);
      if (s.ffn_dim == 0) break;
      if (fabs(count(&s) / n_params - 1) > TOLERANCE) continue;
      double odd = apart(s.n_layers, s.n_heads) + apart(s.ffn_dim, s.dim * 8.0 / 3);
      if (odd >= least) continue;
      least = odd;
      *best = s;
    }
  }
  return isfinite(least);
}

/* ---- words ---------------------------------------------------------------------------------- */

static char upper(char c) {
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Are they the same but for the case of letters? */
static bool same_word(const char *a, const char *b) {
  for (; *a && upper(*a) == upper(*b); a++) b++;
  return *a == '\0' && *b == '\0';
}

/* Reads "7B", "1.5B", "135m" or a whole number of parameters; 0 for anything else. */
static double read_size(const char *size) {
  static const char letters[] = "KMBT";
  size_t n_digits = strspn(size, "0123456789."), n = strlen(size);
  char last = upper(size[n ? n - 1 : 0]);
  const char *letter = n ? strchr(letters, last) : NULL;
  char *end;
  if (n == 0 || n > 24 || size[0] == '.' || n_digits + (letter ? 1 : 0) != n) return 0;
  double x = strtod(size, &end);
  if ((size_t)(end - size) != n_digits) return 0;
  return letter ? x * pow(1000, (double)(letter - letters + 1)) : x;
}

static bl_code find_shape(const char *size, char *name, size_t name_size, shape *s,
                          bl_error *error) {
  for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
    if (!same_word(published[i].size, size) && !same_word(published[i].name, size)) continue;
    *s = published[i];
    snprintf(name, name_size, "%s", s->name);
    return BL_OK;
  }
  double n_params = read_size(size);
  if (n_params <= 0)
    return bl_fail(error, BL_ERR_ARGUMENT,
                   "'%.64s' is not a size, expected a number of parameters such as 135M, 1.5B, "
                   "70B or 8x7B",
                   size);
  if (n_params < LEAST || n_params > MOST || !make_shape(n_params, s))
    return bl_fail(error, BL_ERR_ARGUMENT, "the size is %.64s parameters, expected 1M to 10T",
                   size);
  snprintf(name, name_size, "a Llama of %.24s parameters", size);
  return BL_OK;
}

bl_code bl_budget_config(const char *size, char *config, size_t config_size, bl_error *error) {
  shape s = {0};
  char name[64], experts[48] = "";
  bl_code code = find_shape(size, name, sizeof name, &s, error);
  if (code != BL_OK) return code;
  if (s.n_experts) snprintf(experts, sizeof experts, "  \"num_local_experts\": %d,\n", s.n_experts);
  int n = snprintf(config, config_size,
                   "{\n  \"_name_or_path\": \"%s\",\n  \"model_type\": \"%s\",\n"
                   "  \"hidden_size\": %d,\n  \"num_hidden_layers\": %d,\n"
                   "  \"num_attention_heads\": %d,\n  \"num_key_value_heads\": %d,\n"
                   "  \"head_dim\": %d,\n  \"intermediate_size\": %d,\n%s  \"vocab_size\": %d,\n"
                   "  \"max_position_embeddings\": %d,\n  \"tie_word_embeddings\": %s,\n"
                   "  \"torch_dtype\": \"bfloat16\"\n}\n",
                   name, s.type, s.dim, s.n_layers, s.n_heads, s.n_kv_heads, s.head_dim, s.ffn_dim,
                   experts, s.vocab_size, s.max_context, s.tied_output ? "true" : "false");
  if (n > 0 && (size_t)n < config_size) return BL_OK;
  return bl_fail(error, BL_ERR_ARGUMENT, "the config takes %d bytes, %zu are there", n + 1,
                 config_size);
}
