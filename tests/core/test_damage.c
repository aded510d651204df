/* Weights that are not finite, however a model comes in: refused by name, or told of. */
#include "damaged_model.h"
#include "quant/finite.h"

static void every_format_refuses_by_name_how_many_and_where(void) {
  static const char sentence[] =
      "tensor 'model.layers.1.mlp.up_proj.weight' has 3 weights that are "
      "not finite, the first of them NaN at [1, 2]";
  const damaged d = damage(up, 3, NAN);
  for (int i = 0; i < bl_recipe_kind_count(); i++) {
    bl_recipe_kind kind;
    bl_recipe_kind_get(i, &kind);
    for (size_t piece = 0; piece <= 1000; piece += 1000) {
      bl_model *model = NULL;
      bl_error error = {0};
      bl_code code = load(&d, kind.name, BL_NOT_FINITE_AS_STORED, piece, &model, &error);
      CHECK_MSG(code == BL_ERR_NOT_FINITE, "%s", kind.name);
      CHECK_MSG(strcmp(error.message, sentence) == 0, "%s: %s", kind.name, error.message);
      bl_model_free(model);
    }
  }
  free(d.bytes);
}

static void as_stored_it_loads_with_a_note_and_so_its_variants_are_refused(void) {
  const damaged d = damage(up, 2, INFINITY);
  for (size_t piece = 0; piece <= 1000; piece += 1000) {
    bl_model *model = NULL, *variant = NULL;
    bl_error error = {0};
    CHECK_OK(load(&d, "reference", BL_NOT_FINITE_AS_STORED, piece, &model, error));
    CHECK(bl_model_n_notes(model) == 1);
    const bl_note *note = bl_model_note(model, 0);
    CHECK(strcmp(note->kind, "not-finite") == 0 && note->count == 2);
    CHECK(strcmp(note->subject, up) == 0 && strstr(note->message, "infinity at [1, 2]"));
    bl_load_options options = {0};
    CHECK_OK(bl_recipe_parse("affine:4:64", &options.recipe, error));
    CHECK(bl_model_variant(model, &options, NULL, NULL, &variant, &error) == BL_ERR_NOT_FINITE);
    CHECK(strstr(error.message, up));
    /* Also where the recipe leaves the damaged tensor as it is. */
    CHECK_OK(bl_recipe_parse("reference/layers.0=affine:4:64", &options.recipe, error));
    CHECK(bl_model_variant(model, &options, NULL, NULL, &variant, &error) == BL_ERR_NOT_FINITE);
    options.not_finite = BL_NOT_FINITE_ANYWHERE;
    CHECK_OK(bl_model_variant(model, &options, NULL, NULL, &variant, error));
    CHECK(bl_model_n_notes(variant) == 1);
    bl_model_free(variant);
    bl_model_free(model);
    CHECK(load(&d, "reference", BL_NOT_FINITE_NEVER, piece, &model, &error) == BL_ERR_NOT_FINITE);
  }
  free(d.bytes);
}

/* The bound of each format follows from its scale: f16 rounds to infinity from 65520 on. */
static void a_weight_beyond_a_format_is_refused_in_row_formats_and_whole_ones(void) {
  static const struct {
    const char *recipe;
    float holds, lost; /* 0: no finite one is */
  } cases[] = {
      {"f16", 65519, 65520},     {"q4_0", 5.2e5f, 5.3e5f},  {"q8_0", 8.3e6f, 8.4e6f},
      {"nvfp4", 2780, 2800},     {"nvfp4_tensor", 1e9f, 0}, {"mxfp4", 1e30f, 0},
      {"affine:4:64", 1e30f, 0}, {"int8", 1e30f, 0},        {"qint8", 1e30f, 0},
      {"nf4", 1e30f, 0},         {"bf16", 3.3e38f, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    for (int lost = 0; lost < 2; lost++) {
      bl_model *model = NULL;
      bl_error error = {0};
      if (lost && cases[i].lost == 0) continue;
      const damaged d = damage(up, 1, lost ? cases[i].lost : cases[i].holds);
      for (size_t piece = 1000; piece < 1002; piece++) { /* with and without measuring */
        bl_code code = load(&d, cases[i].recipe, BL_NOT_FINITE_AS_STORED, piece, &model, &error);
        CHECK_MSG(code == (lost ? BL_ERR_NOT_FINITE : BL_OK), "%s, %g: %s", cases[i].recipe,
                  (double)(lost ? cases[i].lost : cases[i].holds), error.message);
        if (lost) CHECK(strstr(error.message, "more than") && strstr(error.message, "[1, 2]"));
        if (!lost) CHECK(bl_model_n_notes(model) == 0);
        if (!lost) bl_model_free(model);
      }
      free(d.bytes);
    }
  }
}

static void a_cast_of_a_vector_is_looked_at(void) {
  const damaged d = damage("model.norm.weight", 0, 0);
  bl_index *index = NULL;
  uint64_t n_needed;
  CHECK_OK(bl_index_parse("m", d.bytes, d.size, d.size, &index, &n_needed, error));
  for (int i = 0; index && i < bl_index_n_tensors(index); i++) {
    bl_index_tensor t;
    const float large = 7e4f;
    bl_index_get_tensor(index, i, &t);
    if (strcmp(t.name, "model.norm.weight") == 0) memcpy(d.bytes + t.offset + 4 * 7, &large, 4);
  }
  bl_index_free(index);
  bl_load_options options = {.cast = BL_F16};
  bl_error error = {0};
  bl_loader *loader = bl_loader_new(&options, NULL);
  CHECK_OK(golden_add_texts(loader, "tiny_llama", error));
  CHECK(golden_push(loader, "model.safetensors", d.bytes, d.size, 0, &error) == BL_ERR_NOT_FINITE);
  CHECK_MSG(
      strstr(error.message, "'model.norm.weight' has a weight of 70000 at [7], more than f16"),
      "%s", error.message);
  bl_loader_free(loader);
  free(d.bytes);
}

static void nothing_quantized_is_a_note_and_a_verdict(void) {
  bl_model *model = NULL, *variant = NULL;
  CHECK_OK(golden_load("tiny_llama", "q4_k", &model, error));
  CHECK(bl_model_n_notes(model) == 1);
  CHECK(strcmp(bl_model_note(model, 0)->kind, "nothing-quantized") == 0);
  CHECK(bl_model_note(model, 0)->count == 15);
  CHECK(bl_loss_of_model(model) == BL_LOSS_NOT_QUANTIZED);
  bl_model_free(model);
  CHECK_OK(golden_load("tiny_llama", "reference", &model, error));
  bl_load_options options = {0};
  CHECK_OK(bl_recipe_parse("q4_k/layers.0=q4_0", &options.recipe, error));
  CHECK_OK(bl_model_variant(model, &options, NULL, NULL, &variant, error));
  CHECK(bl_model_n_notes(variant) == 1 && bl_model_note(variant, 0)->count == 8);
  CHECK(strcmp(bl_model_note(variant, 0)->kind, "left-alone") == 0);
  CHECK(bl_loss_of_model(variant) == BL_LOSS_NOT_MEASURED);
  CHECK(bl_loss_worst(BL_LOSS_BROKEN, BL_LOSS_NOT_QUANTIZED) == BL_LOSS_NOT_QUANTIZED);
  bl_model_free(variant);
  bl_model_free(model);
}

int main(void) {
  RUN(every_format_refuses_by_name_how_many_and_where);
  RUN(as_stored_it_loads_with_a_note_and_so_its_variants_are_refused);
  RUN(a_weight_beyond_a_format_is_refused_in_row_formats_and_whole_ones);
  RUN(a_cast_of_a_vector_is_looked_at);
  RUN(nothing_quantized_is_a_note_and_a_verdict);
  return check_result();
}
