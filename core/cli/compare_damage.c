/* Lanes whose weights or logits are not finite: such a lane is broken and the others stand, unless
 * it is the reference, beside which none can be judged. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

static bool has_note(const bl_model *model, const bl_note *note) {
  for (int i = 0; i < bl_model_n_notes(model); i++) {
    const bl_note *other = bl_model_note(model, i);
    if (strcmp(other->kind, note->kind) == 0 && strcmp(other->subject, note->subject) == 0)
      return true;
  }
  return false;
}

static bool is_damage(const bl_note *note) {
  return strcmp(note->kind, "not-finite") == 0 || strcmp(note->kind, "lost-weights") == 0;
}

void cli_lane_fail(cli_lane *lane, const char *sentence) {
  if (!lane->problem) lane->problem = cli_copy(sentence);
}

void cli_lane_take_notes(const cli_comparison *c, cli_lane *lane, const bl_model *model) {
  for (int i = 0; i < bl_model_n_notes(model); i++) {
    const bl_note *note = bl_model_note(model, i);
    const bool is_shared = has_note(c->reference, note);
    if (is_damage(note) && !is_shared) cli_lane_fail(lane, note->message);
    /* Those of a model as it is stored were said when it was loaded. */
    if (lane->is_stored || is_shared || has_note(lane->base, note)) continue;
    lane->notes = cli_grow(lane->notes, ((size_t)lane->n_notes + 1) * sizeof *lane->notes);
    lane->notes[lane->n_notes++] = *note;
    if (is_damage(note))
      cli_note("%s: %s", lane->name, note->message);
    else
      cli_note("%s", note->message); /* begins with the recipe */
  }
  lane->loss = lane->is_stored ? BL_LOSS_NOT_MEASURED : bl_loss_of_model(model);
}

void cli_lane_judge(const cli_comparison *c, cli_lane *lane) {
  const cli_lane *reference = &c->lanes[0];
  if (c->eval.n && !isfinite(lane->text.ppl.value))
    cli_lane_fail(lane, "on the text its logits are not numbers");
  if (cli_is_reference(c, lane)) {
    if (lane->problem)
      cli_note("%s, which is the reference, can't be compared with: %s",
               c->against ? c->set->against : c->set->model, lane->problem);
    return;
  }
  if (lane->loss == BL_LOSS_NOT_QUANTIZED) return;
  if (reference->problem) return;
  if (lane->problem) {
    lane->loss = BL_LOSS_BROKEN;
    cli_note("%s is broken: %s", lane->name, lane->problem);
    return;
  }
  if (c->eval.n) lane->loss = bl_loss_of_text(&lane->text);
  if (!c->tasks.n && !c->labels.n) return;
  int64_t n_right = reference->labels.n_right;
  if (c->tasks.n)
    n_right = llround(cli_tasks_accuracy(&c->tasks, reference->is_right).value * c->tasks.n);
  bl_loss loss = bl_loss_of_tasks(&lane->paired, n_right);
  lane->loss = bl_loss_worst(lane->loss, loss);
}

bool cli_lane_has_verdict(const cli_comparison *c, const cli_lane *lane) {
  return !cli_is_reference(c, lane) &&
         (c->eval.n || c->tasks.n || c->labels.n || lane->loss != BL_LOSS_NOT_MEASURED);
}

bool cli_lanes_have_verdict(const cli_comparison *c) {
  for (int i = 1; i < c->n_lanes; i++)
    if (cli_lane_has_verdict(c, &c->lanes[i])) return true;
  return false;
}
