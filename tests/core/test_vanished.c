/* Weights that vanish as their whole group is too small for a format: counted in a note. */
#include "damaged_model.h"
#include "quant/finite.h"

/* A group whose weights all have one magnitude: 2^-k, which every type holds. */
static damaged shrink(const char *tensor, int row, float value) {
  damaged d = damage(tensor, 0, 0);
  uint8_t *group = d.bytes + place_of(&d, tensor) + 4 * (size_t)(128 * row);
  for (int k = 0; k < 128; k++) {
    const float w = k % 2 ? -value : value;
    memcpy(group + 4 * (size_t)k, &w, sizeof w);
  }
  return d;
}

/* An f16 of 2^-25 or less is 0, which is the scale where the weights are that times the format's
 * steps; from about four times that on, half of a weight is left at least. */
static void a_group_too_small_for_a_scale_leaves_a_note_of_how_many_vanish(void) {
  static const struct {
    const char *recipe;
    float vanishes, stays;
  } cases[] = {
      {"f16", 0x1p-26f, 0x1p-23f},
      {"q4_0", 7 * 0x1p-25f, 32 * 0x1p-24f},
      {"q4_1", 0x1p-26f, 60 * 0x1p-24f},
      {"q5_0", 15 * 0x1p-25f, 64 * 0x1p-24f},
      {"q5_1", 0x1p-26f, 120 * 0x1p-24f},
      {"q8_0", 126 * 0x1p-25f, 500 * 0x1p-24f},
      {"iq4_nl", 100 * 0x1p-25f, 500 * 0x1p-24f},
      {"nvfp4", 5.9f * 0x1p-10f, 0x1p-6f},
      {"affine:4:64", 0x1p-26f, 0x1p-15f},
      {"int8", 0x1p-25f, 0x1p-15f},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int stays = 0; stays < 2; stays++) {
      const float value = stays ? cases[i].stays : cases[i].vanishes;
      const damaged d = shrink(up, 5, value);
      for (size_t piece = 0; piece <= 1001; piece += piece ? 1 : 1000) { /* also with measuring */
        bl_model *model = NULL;
        CHECK_OK(load(&d, cases[i].recipe, BL_NOT_FINITE_AS_STORED, piece, &model, error));
        CHECK_MSG(bl_model_n_notes(model) == !stays, "%s, %g: %d notes", cases[i].recipe,
                  (double)value, bl_model_n_notes(model));
        if (!stays && bl_model_n_notes(model) == 1) {
          const bl_note *note = bl_model_note(model, 0);
          CHECK(strcmp(note->kind, "vanished-weights") == 0 && strcmp(note->subject, up) == 0);
          CHECK_MSG(note->count == 128, "%s: %s", cases[i].recipe, note->message);
          CHECK_MSG(strstr(note->message, "128 weights of tensor 'model.layers.1.mlp.up_proj") &&
                        strstr(note->message, "at [5, 0]") &&
                        strstr(note->message, cases[i].recipe),
                    "%s", note->message);
        }
        bl_model_free(model);
      }
      free(d.bytes);
    }
  }
}

/* The largest weight of a block is the f16 scale times these steps. */
static void so_does_a_block_of_256(void) {
  static const struct {
    const char *recipe;
    float steps;
  } cases[] = {
      {"q2_k", 15 * 3}, {"q3_k", 32 * 4}, {"q4_k", 63 * 15}, {"q5_k", 63 * 31}, {"q6_k", 128 * 32}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const bl_codec *codec = bl_codec_find(cases[i].recipe, strlen(cases[i].recipe));
    const bl_format format = {codec, codec->fixed_bits, codec->fixed_group, BL_DTYPE_NONE};
    bl_tensor tensor = bl_tensor_make(format, 1, 256);
    for (int stays = 0; stays < 2; stays++) {
      uint8_t bytes[512], *parts[BL_MAX_PARTS] = {bytes};
      float weights[256], decoded[256];
      for (int k = 0; k < 256; k++)
        weights[k] = (k % 16 == 0 ? 1 : 0.9f) * cases[i].steps * (stays ? 0x1p-20f : 0x1p-27f);
      tensor.parts[0] = bytes;
      bl_tensor_encode_row(&tensor, parts, 0, weights);
      bl_tensor_decode_row(&tensor, 0, decoded);
      const float smallest = bl_smallest_kept(&format, BL_DTYPE_NONE);
      const bool is_small = bl_has_small_groups(&format, weights, 256, smallest);
      const bl_flaw flaw = bl_find_vanished(&format, weights, decoded, 256, 0, smallest);
      CHECK_MSG(is_small == !stays && flaw.n == (stays ? 0 : 256), "%s: %d, %lld", cases[i].recipe,
                is_small, (long long)flaw.n);
    }
  }
}

static void a_variant_counts_what_vanishes_of_all_its_tensors(void) {
  const damaged d = shrink(up, 5, 0x1p-30f);
  bl_model *model = NULL, *variant = NULL;
  CHECK_OK(load(&d, "reference", BL_NOT_FINITE_AS_STORED, 0, &model, error));
  CHECK(bl_model_n_notes(model) == 0);
  bl_load_options options = {.cast = BL_F16};
  CHECK_OK(bl_recipe_parse("affine:4:64", &options.recipe, error));
  CHECK_OK(bl_model_variant(model, &options, NULL, NULL, &variant, error));
  CHECK(bl_model_n_notes(variant) == 1 && bl_model_note(variant, 0)->count == 128);
  bl_model_free(variant);
  bl_model_free(model);
  free(d.bytes);
}

static void zeros_vanish_from_nothing(void) {
  const damaged d = shrink(up, 5, 0);
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_model *model = NULL;
    bl_recipe_kind_get(i, &kind);
    CHECK_OK(load(&d, kind.name, BL_NOT_FINITE_AS_STORED, 0, &model, error));
    for (int k = 0; model && k < bl_model_n_notes(model); k++)
      CHECK_MSG(strcmp(bl_model_note(model, k)->kind, "vanished-weights") != 0, "%s", kind.name);
    bl_model_free(model);
  }
  free(d.bytes);
}

int main(void) {
  RUN(a_group_too_small_for_a_scale_leaves_a_note_of_how_many_vanish);
  RUN(so_does_a_block_of_256);
  RUN(a_variant_counts_what_vanishes_of_all_its_tensors);
  RUN(zeros_vanish_from_nothing);
  return check_result();
}
