/** Every panel of an experiment, a row for each, in the order in which they are drawn. A new panel is a
 * folder, a row and an id (ids.ts): the folder's element.ts defines `<bitloss-panel-ID>` and exports `draw`, which hands it
 * what it shows; its heading.ts is what it is called, also where its code is not there yet. */
import type { TemplateResult } from 'lit';
import type { MeasureClient } from '../experiment/measure/client.ts';
import {
  entryOf,
  factsOf,
  N_LANES_AT_FIRST,
  type AppState,
  type Lang,
  type OpenModel,
} from '../experiment/state.ts';
import { heading as budget } from './budget/heading.ts';
import { heading as classify } from './classify/heading.ts';
import { heading as compare } from './compare/heading.ts';
import type { PanelId } from './ids.ts';
import { heading as lanes } from './lanes/heading.ts';
import { heading as layers } from './layers/heading.ts';
import { heading as microscope } from './microscope/heading.ts';
import { heading as numbers } from './numbers/heading.ts';
import { heading as prompt } from './prompt/heading.ts';
import { heading as sensitivity } from './sensitivity/heading.ts';
import { heading as skills } from './skills/heading.ts';
import { heading as stage } from './stage/heading.ts';
import { heading as sweep } from './sweep/heading.ts';
import { heading as table } from './table/heading.ts';
import { heading as tensors } from './tensors/heading.ts';
import { heading as text } from './text/heading.ts';
import { heading as train } from './train/heading.ts';
import { heading as ways } from './ways/heading.ts';
import { heading as words } from './words/heading.ts';

/** What a panel is drawn from. */
export interface PanelContext {
  state: AppState;
  model: OpenModel;
  /** A panel takes a session of it once, in its first update, not at each drawing. */
  measuring: MeasureClient;
  /** The URL of the folder that holds models/. */
  base: string;
  /** Can this panel be shown beside it? A panel that leads to another says `show-panel`. */
  canShow: (panel: string) => boolean;
}

/** What a panel's module has for the page; loading it defines the panel's elements. */
export interface PanelModule {
  draw(context: PanelContext): TemplateResult;
}

/** What a model must have for a panel to be of use: a tokenizer, or questions that it can be asked. */
export type Need = 'tokenizer' | 'questions';

export interface PanelRow {
  /** In links, and in the tag's name. */
  id: PanelId;
  heading: Record<Lang, string>;
  /** 'fold': a box that its heading folds away; 'open' is one that is not folded at first. The others
   * show their heading themselves. */
  frame: 'plain' | 'box' | 'fold' | 'open';
  needs: readonly Need[];
  /** So many lanes at most are shown in it; those after them are not made until another panel shows them. */
  nLanes?: typeof N_LANES_AT_FIRST;
  /** It is drawn where no model is open, too: from the state and the base alone. */
  standsAlone?: true;
  load: () => Promise<PanelModule>;
}

export const PANELS: readonly PanelRow[] = [
  {
    id: 'stage',
    heading: stage,
    frame: 'plain',
    needs: [],
    nLanes: N_LANES_AT_FIRST,
    load: () => import('./stage/element.ts'),
  },
  {
    id: 'prompt',
    heading: prompt,
    frame: 'plain',
    needs: ['tokenizer'],
    load: () => import('./prompt/element.ts'),
  },
  {
    id: 'lanes',
    heading: lanes,
    frame: 'plain',
    needs: [],
    load: () => import('./lanes/element.ts'),
  },
  {
    id: 'text',
    heading: text,
    frame: 'plain',
    needs: ['tokenizer'],
    load: () => import('./text/element.ts'),
  },
  {
    id: 'compare',
    heading: compare,
    frame: 'box',
    needs: [],
    load: () => import('./compare/element.ts'),
  },
  {
    id: 'words',
    heading: words,
    frame: 'open',
    needs: ['tokenizer'],
    load: () => import('./words/element.ts'),
  },
  {
    id: 'skills',
    heading: skills,
    frame: 'open',
    needs: ['questions'],
    load: () => import('./skills/element.ts'),
  },
  {
    id: 'table',
    heading: table,
    frame: 'fold',
    needs: [],
    load: () => import('./table/element.ts'),
  },
  {
    id: 'tensors',
    heading: tensors,
    frame: 'box',
    needs: [],
    load: () => import('./tensors/element.ts'),
  },
  {
    id: 'layers',
    heading: layers,
    frame: 'fold',
    needs: ['tokenizer'],
    load: () => import('./layers/element.ts'),
  },
  {
    id: 'sweep',
    heading: sweep,
    frame: 'fold',
    needs: [],
    load: () => import('./sweep/element.ts'),
  },
  {
    id: 'sensitivity',
    heading: sensitivity,
    frame: 'fold',
    needs: [],
    load: () => import('./sensitivity/element.ts'),
  },
  {
    id: 'microscope',
    heading: microscope,
    frame: 'fold',
    needs: [],
    load: () => import('./microscope/element.ts'),
  },
  {
    id: 'numbers',
    heading: numbers,
    frame: 'fold',
    needs: [],
    standsAlone: true,
    load: () => import('./numbers/element.ts'),
  },
  {
    id: 'budget',
    heading: budget,
    frame: 'fold',
    needs: [],
    load: () => import('./budget/element.ts'),
  },
  {
    id: 'classify',
    heading: classify,
    frame: 'fold',
    needs: [],
    standsAlone: true,
    load: () => import('./classify/element.ts'),
  },
  {
    id: 'train',
    heading: train,
    frame: 'fold',
    needs: [],
    standsAlone: true,
    load: () => import('./train/element.ts'),
  },
  {
    id: 'ways',
    heading: ways,
    frame: 'fold',
    needs: ['tokenizer'],
    load: () => import('./ways/element.ts'),
  },
];

const isFold = ({ frame }: PanelRow) => frame === 'fold' || frame === 'open';

/** Where all panels are shown, those below the stage are folded away together under this id. */
export const BENCH = 'bench';

/** The ids of what can be folded away, and of what is not at first. */
export const FOLDS: readonly string[] = [BENCH, ...PANELS.filter(isFold).map(({ id }) => id)];
export const OPEN_AT_FIRST: readonly string[] = PANELS.filter(({ frame }) => frame === 'open').map(
  ({ id }) => id,
);

/** Has the open model what the panel needs? */
export function isOfUse({ needs }: PanelRow, state: AppState): boolean {
  const has: Record<Need, boolean> = {
    tokenizer: factsOf(state.lanes)?.info.hasTokenizer ?? false,
    questions: entryOf(state)?.questions !== undefined,
  };
  return needs.every((need) => has[need]);
}
