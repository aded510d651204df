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
  'weights',
  'numbers',
  'budget',
] as const;
export type PanelId = (typeof PANEL_IDS)[number];
