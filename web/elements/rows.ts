/** Which panels an element draws at a moment, and what they need. `view` is the attribute. */
import type { AppState } from '../experiment/state.ts';
import { BENCH, type PanelRow } from '../panels/index.ts';
import { panelsOf } from './attributes.ts';

export const standsAlone = (row: PanelRow): boolean => row.standsAlone === true;

/** Where all panels are shown, are those below the stage, too, or folded away? */
export const isBenchShown = (state: AppState | undefined): boolean =>
  state?.openPanels.includes(BENCH) ?? false;

/** Those that are not folded away; where all are shown, the stage comes first. */
function unfolded(view: string | null, state: AppState | undefined): readonly PanelRow[] {
  const rows = panelsOf(view);
  return view !== null || isBenchShown(state) ? rows : rows.slice(0, 1);
}

/** Those that are to be drawn now. Without a model they are the ones that need none; on a page with all
 * panels, which are about to come with it, only once no model is on its way. */
export function rowsOf(view: string | null, state: AppState | undefined): readonly PanelRow[] {
  const rows = unfolded(view, state);
  if (state?.model) return rows;
  const isComing = !state?.listed || ['fetching', 'reading'].includes(state.opening.kind);
  return view === null && isComing ? [] : rows.filter(standsAlone);
}

/** Does a panel show lanes that are still asleep? */
export function wantsLanes(view: string | null, state: AppState | undefined): boolean {
  const isAsleep = state?.lanes.some(({ id, isAsleep }) => isAsleep && id !== 'reference') ?? false;
  return isAsleep && unfolded(view, state).some(({ nLanes }) => nLanes === undefined);
}

/** Is there no panel that a model would be of use to? */
export const needsNoModel = (view: string | null): boolean => panelsOf(view).every(standsAlone);
