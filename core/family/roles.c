/* What follows from a tensor's role alone. */
#include "family/roles.h"

bool bl_role_quantizable(bl_role role) {
  switch (role) {
    case BL_EMBED:
    case BL_POSITIONS:
    case BL_TYPES:
    case BL_POOLER:
    case BL_HEAD_DENSE:
    case BL_CLASSIFIER:
    case BL_OUTPUT:
    case BL_QKV:
    case BL_Q:
    case BL_K:
    case BL_V:
    case BL_O:
    case BL_ROUTER:
    case BL_EXPERT_GATE:
    case BL_EXPERT_UP:
    case BL_EXPERT_DOWN:
    case BL_GATE_UP:
    case BL_GATE:
    case BL_UP:
    case BL_DOWN:
      return true;
    default:
      return false;
  }
}

static bool is_norm(bl_role role) {
  switch (role) {
    case BL_EMBED_NORM:
    case BL_EMBED_NORM_BIAS:
    case BL_FINAL_NORM:
    case BL_FINAL_NORM_BIAS:
    case BL_HEAD_NORM:
    case BL_HEAD_NORM_BIAS:
    case BL_ATTN_NORM:
    case BL_ATTN_NORM_BIAS:
    case BL_Q_NORM:
    case BL_K_NORM:
    case BL_ATTN_AFTER:
    case BL_FFN_AFTER:
    case BL_FFN_NORM:
    case BL_FFN_NORM_BIAS:
      return true;
    default:
      return false;
  }
}

bl_share_of_model bl_role_share(bl_role role) {
  if (is_norm(role)) return BL_IN_OTHER;
  if (role <= BL_TYPES) return BL_IN_EMBEDDING;
  if (role <= BL_OUTPUT) return BL_IN_OUTPUT;
  return role < BL_FFN_NORM ? BL_IN_ATTENTION : BL_IN_FFN;
}

bl_work bl_role_work(bl_role role) {
  static const bl_work works[BL_N_SHARES] = {
      [BL_IN_EMBEDDING] = BL_WORK_EMBEDDING,   [BL_IN_OUTPUT] = BL_WORK_OUTPUT,
      [BL_IN_ATTENTION] = BL_WORK_PROJECTIONS, [BL_IN_FFN] = BL_WORK_FFN,
      [BL_IN_OTHER] = BL_WORK_OTHER,
  };
  return works[bl_role_share(role)];
}
