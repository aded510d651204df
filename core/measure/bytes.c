/* Where a model's bytes go. */
#include "model/model.h"

void bl_model_get_bytes(const bl_model *model, bl_byte_split *split) {
  *split = (bl_byte_split){0};
  for (int i = 0; i < model->n_weights; i++) {
    const bl_tensor *tensor = &model->weights[i].tensor;
    bl_format_split(&tensor->format, tensor->n_rows, tensor->n_cols, split);
  }
}
