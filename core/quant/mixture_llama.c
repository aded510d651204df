/* llama.cpp's file types: a base format for most matrices, better ones for those that hurt most.
 *
 * The rules are those of llama_model_quantize without an importance matrix, as of llama.cpp 0.5.0
 * (llama_tensor_get_type in src/llama-quant.cpp), for models of one transformer block after
 * another, encoders and those with experts among them. In order:
 *
 *   1. The output matrix, or the embedding where it is the output matrix: Q6_K, but Q8_0 when the
 *      base is Q8_0 or its block does not divide a row.
 *   2. The value, down and attention output projections as the table below says; all else the base.
 *      In a model of 8 experts, as Mixtral's, key and value are Q8_0 and the attention's output
 * Q5_K where the table says so. The experts' down projections are down projections.
 *   3. Where the block of what was chosen does not divide a row: a format with blocks of 32 and
 * about as many bits; F16 where 32 does not divide the row either.
 *
 * A file type whose name a format has too ends in "_file" here. */
#include <string.h>

#include "quant/mixture.h"

/* When a projection gets more than the base. */
typedef enum condition {
  NEVER = 0,
  ALWAYS,
  IN_FIRST_2_LAYERS,
  IN_FIRST_4_LAYERS,
  IN_FIRST_16TH, /* of the layers */
  IN_FIRST_8TH,
  WHERE_MORE_BITS,       /* bl_mixture_more_bits */
  WITH_4_HEADS_A_KV_HEAD /* or more query heads share a key and value head */
} condition;

typedef struct projection {
  condition when;
  const char *format, *otherwise; /* NULL: the base */
} projection;

typedef struct file_rule {
  const char *base;
  projection attn_v, ffn_down, attn_output;
  bool spares_output; /* of attention, among 8 experts */
} file_rule;

#define FILE_TYPE(text, number, ...)           \
  {                                            \
      .name = text,                            \
      .family = "ggml",                        \
      .file_type = number,                     \
      .choose = choose,                        \
      .codecs = codecs,                        \
      .rule = &(const file_rule){__VA_ARGS__}, \
  }

static bl_mixture_choice choose(const bl_mixture *mixture, const bl_place *place, int64_t n_cols);
static const char *const codecs[] = {"q4_0", "q4_1", "q5_0", "q5_1", "q8_0",   "q2_k",
                                     "q3_k", "q4_k", "q5_k", "q6_k", "iq4_nl", NULL};

const bl_mixture bl_mixtures_llama[] = {
    FILE_TYPE("q2_k_file", 10, .base = "q2_k", .attn_v = {WITH_4_HEADS_A_KV_HEAD, "q4_k", "q3_k"},
              .ffn_down = {ALWAYS, "q3_k", NULL}, .attn_output = {ALWAYS, "q3_k", NULL},
              .spares_output = true),
    FILE_TYPE("q3_k_s", 11, .base = "q3_k", .spares_output = true),
    FILE_TYPE("q3_k_m", 12, .base = "q3_k", .attn_v = {IN_FIRST_2_LAYERS, "q5_k", "q4_k"},
              .ffn_down = {IN_FIRST_16TH, "q5_k", "q4_k"}, .attn_output = {ALWAYS, "q4_k", NULL},
              .spares_output = true),
    FILE_TYPE("q3_k_l", 13, .base = "q3_k", .attn_v = {ALWAYS, "q5_k", NULL},
              .ffn_down = {ALWAYS, "q5_k", NULL}, .attn_output = {ALWAYS, "q5_k", NULL}),
    FILE_TYPE("q4_k_s", 14, .base = "q4_k", .attn_v = {IN_FIRST_4_LAYERS, "q5_k", NULL},
              .ffn_down = {IN_FIRST_8TH, "q5_k", NULL}, .spares_output = true),
    FILE_TYPE("q4_k_m", 15, .base = "q4_k", .attn_v = {WHERE_MORE_BITS, "q6_k", NULL},
              .ffn_down = {WHERE_MORE_BITS, "q6_k", NULL}, .spares_output = true),
    FILE_TYPE("q5_k_s", 16, .base = "q5_k"),
    FILE_TYPE("q5_k_m", 17, .base = "q5_k", .attn_v = {WHERE_MORE_BITS, "q6_k", NULL},
              .ffn_down = {WHERE_MORE_BITS, "q6_k", NULL}),
    FILE_TYPE("q6_k_file", 18, .base = "q6_k"),
    FILE_TYPE("iq4_nl_file", 25, .base = "iq4_nl", .attn_v = {WITH_4_HEADS_A_KV_HEAD, "q5_k", NULL},
              .ffn_down = {IN_FIRST_8TH, "q5_k", NULL}, .spares_output = true),
    FILE_TYPE("q4_0_file", 2, .base = "q4_0"),
    FILE_TYPE("q4_1_file", 3, .base = "q4_1"),
    FILE_TYPE("q5_0_file", 8, .base = "q5_0"),
    FILE_TYPE("q5_1_file", 9, .base = "q5_1"),
    FILE_TYPE("q8_0_file", 7, .base = "q8_0"),
};
const int bl_n_mixtures_llama = sizeof bl_mixtures_llama / sizeof *bl_mixtures_llama;

/* Step 3. */
static const struct {
  const char *format, *instead;
} fallbacks[] = {
    {"q2_k", "q4_0"}, {"q3_k", "q4_0"}, {"q4_k", "q5_0"}, {"q5_k", "q5_1"}, {"q6_k", "q8_0"},
};
enum { N_FALLBACKS = sizeof fallbacks / sizeof *fallbacks };

static bool holds(condition when, const bl_place *place) {
  int layer = place->layer, n = place->n_layers;
  switch (when) {
    case NEVER:
      return false;
    case ALWAYS:
      return true;
    case IN_FIRST_2_LAYERS:
      return layer < 2;
    case IN_FIRST_4_LAYERS:
      return layer < 4;
    case IN_FIRST_16TH:
      return layer < n / 16;
    case IN_FIRST_8TH:
      return layer < n / 8;
    case WHERE_MORE_BITS:
      return bl_mixture_more_bits(layer, n);
    case WITH_4_HEADS_A_KV_HEAD:
      return place->n_heads / place->n_kv_heads >= 4;
  }
  return false;
}

static bool divides(const char *format, int64_t n_cols) {
  return n_cols % bl_codec_find(format, strlen(format))->fixed_group == 0;
}

static const char *choose_output(const file_rule *rule, int64_t n_cols) {
  bool is_q8_0 = strcmp(rule->base, "q8_0") == 0;
  return is_q8_0 || !divides(rule->base, n_cols) ? "q8_0" : "q6_k";
}

static const char *choose_projection(const file_rule *rule, const projection *p,
                                     const bl_place *place) {
  if (holds(p->when, place)) return p->format;
  return p->otherwise ? p->otherwise : rule->base;
}

/* Llama 2 70B and models of its shape: 8 heads share a value head, so it may be dear. */
static const char *choose_attn_v(const file_rule *rule, const bl_place *place) {
  const char *format = choose_projection(rule, &rule->attn_v, place);
  bool is_70b = place->n_layers == 80 && place->n_heads != place->n_kv_heads;
  bool is_low = strcmp(format, "q3_k") == 0 || strcmp(format, "q4_k") == 0;
  return is_70b && is_low ? "q5_k" : format;
}

/* What llama.cpp's names say of a matrix. Query, key and value in one matrix count as the value's.
 */
typedef enum part { REST, OUTPUT, ATTN_K, ATTN_V, FFN_DOWN, ATTN_OUTPUT } part;

static part part_of(const bl_place *place) {
  static const struct {
    const char *name;
    part part;
  } names[] = {{"v_proj", ATTN_V},
               {"down_proj", FFN_DOWN},
               {"o_proj", ATTN_OUTPUT},
               {"k_proj", ATTN_K},
               {"experts.w2", FFN_DOWN},
               {"attention.out_proj", ATTN_OUTPUT},
               {"c_attn", ATTN_V},
               {"mlp.c_proj", FFN_DOWN},
               {"attn.c_proj", ATTN_OUTPUT},
               {"self.value", ATTN_V},
               {"attention.output.dense", ATTN_OUTPUT},
               {"output.dense", FFN_DOWN},
               {"v_lin", ATTN_V},
               {"out_lin", ATTN_OUTPUT},
               {"lin2", FFN_DOWN}};
  static const char *const embeddings[] = {"embed_tokens", "wte", "word_embeddings"};
  if (!place->tied_output && bl_name_has(place->name, "lm_head")) return OUTPUT;
  for (size_t i = 0; place->tied_output && i < sizeof embeddings / sizeof *embeddings; i++)
    if (bl_name_has(place->name, embeddings[i])) return OUTPUT;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (bl_name_has(place->name, names[i].name)) return names[i].part;
  return REST;
}

/* The attention of a model of 8 experts, which is little beside them. */
static const char *choose_beside_experts(const file_rule *rule, part p) {
  if (p == ATTN_OUTPUT) return rule->spares_output ? "q5_k" : rule->base;
  return p == ATTN_K || p == ATTN_V ? "q8_0" : NULL;
}

static bl_mixture_choice choose(const bl_mixture *mixture, const bl_place *place, int64_t n_cols) {
  const file_rule *rule = mixture->rule;
  const char *format = rule->base;
  const part p = part_of(place);
  const char *beside = place->n_experts == 8 ? choose_beside_experts(rule, p) : NULL;
  switch (beside ? REST : p) {
    case OUTPUT:
      format = choose_output(rule, n_cols);
      break;
    case ATTN_V:
      format = choose_attn_v(rule, place);
      break;
    case FFN_DOWN:
      format = choose_projection(rule, &rule->ffn_down, place);
      break;
    case ATTN_OUTPUT:
      format = choose_projection(rule, &rule->attn_output, place);
      break;
    case ATTN_K:
    case REST:
      break;
  }
  if (beside) format = beside;

  for (int i = 0; i < N_FALLBACKS; i++) {
    if (strcmp(fallbacks[i].format, format) != 0 || divides(format, n_cols)) continue;
    format = divides(fallbacks[i].instead, n_cols) ? fallbacks[i].instead : "f16";
    break;
  }
  return (bl_mixture_choice){format, 0};
}
