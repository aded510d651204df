/** What the figures of a lane come to, in one of the words of `Loss`. */
import type { Loss } from '../../wasm/measure_types.ts';
import { scoreKey, type Lane } from '../state.ts';

const SEVERITY: readonly Loss[] = ['none', 'small', 'large', 'broken'];

/** The worse of two kinds of measurement; one that says nothing gives way (`bl_loss_worst`). */
export function worstLoss(a: Loss, b: Loss): Loss {
  if (SEVERITY.includes(a) || SEVERITY.includes(b))
    return SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b;
  return a === 'unclear' ? a : b;
}

/** By the text and, where the recipe's own are known, by the answers to the questions. */
export function lossOf({ text, skills }: Pick<Lane, 'text' | 'skills'>): Loss {
  const onText = text.value?.loss ?? 'not measured';
  const answers = skills.isFresh ? skills.value?.get(scoreKey('all', 'all')) : null;
  return worstLoss(onText, answers?.paired?.loss ?? 'not measured');
}
