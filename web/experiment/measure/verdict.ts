/** What the figures of a lane come to, in one of the words of `Loss`. */
import type { Loss } from '../../../wasm/measure_types.ts';
import type { Note } from '../../../wasm/types.ts';
import { scoreKey, type Lane } from '../state.ts';

/** From the least: what can be said of a recipe. */
export const SEVERITY: readonly Loss[] = [
  'not quantized',
  'none',
  'unclear',
  'small',
  'large',
  'broken',
];

/** Does a measurement say by itself what was lost? */
const isVerdict = (loss: Loss) => ['none', 'small', 'large', 'broken'].includes(loss);

/** The worse of two kinds of measurement; one that says nothing gives way (`bl_loss_worst`). */
export function worstLoss(a: Loss, b: Loss): Loss {
  if (isVerdict(a) !== isVerdict(b)) return isVerdict(a) ? a : b;
  return SEVERITY.indexOf(a) > SEVERITY.indexOf(b) ? a : b;
}

/** Did the recipe change nothing, as its blocks divide no matrix's rows (`bl_loss_of_model`)? */
export const isUntouched = (notes: readonly Note[] | undefined): boolean =>
  notes?.some(({ kind }) => kind === 'nothing-quantized') ?? false;

/** By the text and, where the recipe's own are known, by the answers to the questions. */
export function lossOf({
  text,
  skills,
  figures,
}: Pick<Lane, 'text' | 'skills'> & Partial<Pick<Lane, 'figures'>>): Loss {
  if (isUntouched(figures?.info.notes)) return 'not quantized';
  const onText = text.value?.loss ?? 'not measured';
  const answers = skills.isFresh ? skills.value?.get(scoreKey('all', 'all')) : null;
  return worstLoss(onText, answers?.paired?.loss ?? 'not measured');
}
