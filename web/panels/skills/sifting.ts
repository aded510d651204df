/** Which of thousands of questions are listed, and which of these are in sight. */
import type { Task } from '../../../wasm/measure_types.ts';
import type { Skill } from '../../experiment/measure/questions.ts';
import type { Lane, Lang } from '../../experiment/state.ts';

/** Questions of a page. */
export const PER_PAGE = 8;

/** Indices of a skill's questions in a language, among the first `n`. */
export function listedOf(
  tasks: readonly Task[],
  n: number,
  skill: Skill | 'all',
  of: Lang | 'all',
): number[] {
  const found: number[] = [];
  for (const [i, task] of tasks.entries()) {
    if (i >= n) break;
    if ((skill === 'all' || task.skill === skill) && (of === 'all' || task.lang === of))
      found.push(i);
  }
  return found;
}

/** Is one lane right where another is wrong? */
export function areApart(lanes: readonly Pick<Lane, 'answers'>[], index: number): boolean {
  return lanes.some(({ answers }) => answers[index] !== lanes[0]!.answers[index]);
}

/** What is in sight on a page, counted from 0; one beyond the last is the last. `first` counts from 1, and
 * is 0 where there is nothing. */
export function pageOf(
  listed: readonly number[],
  wanted: number,
): { shown: readonly number[]; first: number; page: number; nPages: number } {
  const nPages = Math.max(1, Math.ceil(listed.length / PER_PAGE));
  const page = Math.min(wanted, nPages - 1);
  const shown = listed.slice(page * PER_PAGE, (page + 1) * PER_PAGE);
  return { shown, first: shown.length > 0 ? page * PER_PAGE + 1 : 0, page, nPages };
}
