/* What the figures allow to say, in words. The rules are in bitloss_measure.h and README.md. */
#include <math.h>
#include <string.h>

#include "bitloss.h"

/* Perplexity relative to the reference's. */
static const double PPL_UNSEEN = 1.01, PPL_LARGE = 1.05, PPL_BROKEN = 2;
/* KL divergence from the reference, nats for each token. */
static const double KL_UNSEEN = 0.01, KL_LARGE = 0.1, KL_BROKEN = 1;
/* Difference of accuracy. */
static const double TASK_LARGE = 0.05;

static bl_loss of_perplexity(bl_estimate ln_ratio) {
  double reach = BL_Z95 * ln_ratio.error;
  if (ln_ratio.value - reach > log(PPL_BROKEN)) return BL_LOSS_BROKEN;
  if (ln_ratio.value - reach > 0)
    return ln_ratio.value > log(PPL_LARGE) ? BL_LOSS_LARGE : BL_LOSS_SMALL;
  return ln_ratio.value + reach < log(PPL_UNSEEN) ? BL_LOSS_NONE : BL_LOSS_UNCLEAR;
}

/* A divergence is never below 0, so that it isn't 0 says little: what counts is how large it is. */
static bl_loss of_divergence(bl_estimate kl) {
  double reach = BL_Z95 * kl.error;
  if (kl.value - reach > KL_BROKEN) return BL_LOSS_BROKEN;
  if (kl.value - reach > KL_UNSEEN) return kl.value > KL_LARGE ? BL_LOSS_LARGE : BL_LOSS_SMALL;
  return kl.value + reach < KL_UNSEEN ? BL_LOSS_NONE : BL_LOSS_UNCLEAR;
}

bl_loss bl_loss_of_text(const bl_text_stats *stats) {
  if (stats->n < 1) return BL_LOSS_NOT_MEASURED;
  if (!isfinite(stats->ref_ppl.value)) return BL_LOSS_NOT_MEASURED; /* against what? */
  if (!isfinite(stats->ppl.value) || !isfinite(stats->kl_mean.value)) return BL_LOSS_BROKEN;
  /* The enumeration's order: what neither excludes is unclear, and a loss that one shows is one. */
  bl_loss by_ppl = of_perplexity(stats->ln_ratio), by_kl = of_divergence(stats->kl_mean);
  return by_ppl > by_kl ? by_ppl : by_kl;
}

bl_loss bl_loss_of_tasks(const bl_paired *paired, int64_t n_reference_right) {
  if (paired->n < 1) return BL_LOSS_NOT_MEASURED;
  switch (bl_paired_verdict(paired)) {
    case BL_VERDICT_SAME:
    case BL_VERDICT_BETTER:
      return BL_LOSS_NONE;
    case BL_VERDICT_UNCLEAR:
      return BL_LOSS_UNCLEAR;
    case BL_VERDICT_WORSE:
      break;
  }
  int64_t n_net = paired->n_lost - paired->n_gained;
  if (2 * n_net > n_reference_right) return BL_LOSS_BROKEN;
  return (double)n_net > TASK_LARGE * (double)paired->n ? BL_LOSS_LARGE : BL_LOSS_SMALL;
}

bl_loss bl_loss_of_model(const bl_model *model) {
  for (int i = 0; i < bl_model_n_notes(model); i++)
    if (strcmp(bl_model_note(model, i)->kind, "nothing-quantized") == 0)
      return BL_LOSS_NOT_QUANTIZED;
  return BL_LOSS_NOT_MEASURED;
}

bl_loss bl_loss_worst(bl_loss a, bl_loss b) {
  static const int weight[] = {
      [BL_LOSS_NOT_MEASURED] = 0,  [BL_LOSS_UNCLEAR] = 1, [BL_LOSS_NONE] = 2,
      [BL_LOSS_SMALL] = 3,         [BL_LOSS_LARGE] = 4,   [BL_LOSS_BROKEN] = 5,
      [BL_LOSS_NOT_QUANTIZED] = 6,
  };
  return weight[a] >= weight[b] ? a : b;
}

const char *bl_loss_words(bl_loss loss) {
  static const char *const words[] = {
      [BL_LOSS_NOT_MEASURED] = "not measured",
      [BL_LOSS_NONE] = "no measurable loss",
      [BL_LOSS_UNCLEAR] = "too little to tell",
      [BL_LOSS_SMALL] = "measurable, small",
      [BL_LOSS_LARGE] = "measurable, large",
      [BL_LOSS_BROKEN] = "broken",
      [BL_LOSS_NOT_QUANTIZED] = "nothing was quantized",
  };
  return words[loss];
}
