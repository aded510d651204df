/* The mixed recipes of mlx_lm, affine with few bits for most matrices and more for those that hurt
 * most: the value and down projections of some layers, and the output matrix. The embedding gets
 * few, also where it is the output matrix.
 *
 * The rule is that of mlx_lm 0.32 (mixed_quant_predicate_builder in convert.py). */
#include "quant/mixture.h"

typedef struct bits_rule {
  int low, high;
} bits_rule;

static bl_mixture_choice choose(const bl_mixture *mixture, const bl_place *place, int64_t n_cols) {
  (void)n_cols;
  const bits_rule *rule = mixture->rule;
  bool matters = bl_name_has(place->name, "v_proj") || bl_name_has(place->name, "down_proj");
  bool high = bl_name_has(place->name, "lm_head") ||
              (matters && bl_mixture_more_bits(place->layer, place->n_layers));
  return (bl_mixture_choice){"affine", high ? rule->high : rule->low};
}

static const char *const codecs[] = {"affine", NULL};

#define MIXED(text, low_bits, high_bits)               \
  {                                                    \
      .name = text,                                    \
      .family = "mlx",                                 \
      .has_group = true,                               \
      .choose = choose,                                \
      .codecs = codecs,                                \
      .rule = &(const bits_rule){low_bits, high_bits}, \
  }

const bl_mixture bl_mixtures_mlx[] = {
    MIXED("mixed_2_6", 2, 6),
    MIXED("mixed_3_4", 3, 4),
    MIXED("mixed_3_6", 3, 6),
    MIXED("mixed_4_6", 4, 6),
};
const int bl_n_mixtures_mlx = sizeof bl_mixtures_mlx / sizeof *bl_mixtures_mlx;
