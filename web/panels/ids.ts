/** The panels' names, in the order in which they are drawn: in links, and in the tags that show one panel.
 * A list of its own because an embedding page defines the tags before any panel is loaded. */
export const PANEL_IDS = [
  'stage',
  'prompt',
  'lanes',
  'text',
  'compare',
  'words',
  'skills',
  'table',
  'tensors',
  'layers',
  'sweep',
  'sensitivity',
  'microscope',
  'numbers',
  'budget',
  'classify',
  'train',
  'ways',
] as const;
export type PanelId = (typeof PANEL_IDS)[number];

/** What panels were called before, in links and tags that others have written: these go on to work. */
export const FORMER_IDS: Readonly<Record<string, PanelId>> = { weights: 'microscope' };

/** The id of a panel that is named by it or by a former one. */
export const presentId = (id: string): string =>
  Object.hasOwn(FORMER_IDS, id) ? FORMER_IDS[id]! : id;
