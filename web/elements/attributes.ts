/** The element's attributes that say how it is shown and when it begins; those of the experiment itself
 * are settings (settings.ts). */
import type { Problem } from '../experiment/problem.ts';
import { presentId } from '../panels/ids.ts';
import { PANELS, type PanelRow } from '../panels/index.ts';
import { shorten } from './settings.ts';
import { heightOf, type LayoutName } from './words.ts';

/** As written; null where it is not. */
export type Layout = Record<LayoutName, string | null>;

const idsOf = (view: string) =>
  view
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')
    .map(presentId);

/** The panels of a view, in its order; all of them where it names none. */
export function panelsOf(view: string | null): readonly PanelRow[] {
  const rows = idsOf(view ?? '').flatMap((id) => PANELS.find((row) => row.id === id) ?? []);
  return rows.length > 0 ? [...new Set(rows)] : PANELS;
}

const refused = (name: string, value: string, expected: string, used: string): Problem => ({
  kind: 'link-setting',
  on: 'element',
  name,
  value: shorten(value),
  expected,
  used,
});

/** What was written and cannot be used. */
export function problemsOf({ view, loading, reveal, height }: Layout): Problem[] {
  const problems: Problem[] = [];
  const unknown = idsOf(view ?? '').filter((id) => !PANELS.some((row) => row.id === id));
  if (unknown.length > 0) {
    const names = shorten(unknown.join(', '));
    problems.push({ kind: 'link-panels', on: 'element', name: 'view', unknown: names });
  }
  if (loading !== null && !['lazy', 'eager'].includes(loading))
    problems.push(refused('loading', loading, 'lazy, eager', 'lazy'));
  if (reveal !== null && !['auto', 'manual'].includes(reveal))
    problems.push(refused('reveal', reveal, 'auto, manual', 'auto'));
  if (height !== null && heightOf(height) === null)
    problems.push(refused('height', height, '560, 80vh', ''));
  return problems;
}
