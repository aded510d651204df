/** What a panel may ask for. Panels send these up as one kind of event; `Experiment` carries them out, and the new state flows back down. */
import type { CalibrationText } from '../../wasm/methods.ts';
import type { Container } from '../../wasm/types.ts';
import type { LabelledLane } from '../panels/classify/rows.ts';
import type { PickedFile } from '../source/files.ts';
import type { LaneId, Lang, ModelAddress, Sampling, Swept, TextId, Theme } from './state.ts';

export type Action =
  | { type: 'open-files'; files: Promise<PickedFile[]> }
  | { type: 'open-address'; text: string }
  | { type: 'open-listed'; id: string }
  | { type: 'accept-asked' }
  /** What an address would cost, before it is downloaded; a text is what the reader wrote. */
  | { type: 'look'; at: ModelAddress | string }
  /** One of several models that an address stands for. */
  | { type: 'open-choice'; address: ModelAddress }
  | { type: 'cancel-opening' }
  /** Of the models that the browser keeps; null: all. */
  | { type: 'delete-kept'; key: string | null }
  | { type: 'set-recipe'; lane: LaneId; recipe: string }
  | { type: 'write-recipe'; lane: LaneId; text: string }
  | { type: 'retry-lane'; lane: LaneId }
  /** The recipe that is being applied is given up. */
  | { type: 'stop-lane'; lane: LaneId }
  /** What methods go by; null: what comes with the model. */
  | { type: 'set-calibration'; text: CalibrationText | null }
  | { type: 'save'; lane: LaneId; container: Container }
  | { type: 'cancel-save'; lane: LaneId }
  /** With the recipe, or one that no lane has; where no lane is free, the last gets the recipe. */
  /** A panel is shown that shows all lanes. */
  | { type: 'wake-lanes' }
  /** It sleeps where the model is large: see Opener. */
  | { type: 'wake-reference' }
  | { type: 'add-lane'; recipe?: string }
  | { type: 'remove-lane'; lane: LaneId }
  | { type: 'set-prompt'; text: string }
  /** The prompt is continued as it is, not put into the model's chat template. */
  | { type: 'set-raw'; isRaw: boolean }
  | { type: 'set-system'; text: string }
  | { type: 'set-sampling'; sampling: Partial<Sampling> }
  | { type: 'run' }
  | { type: 'stop' }
  | { type: 'set-text'; text: TextId }
  | { type: 'set-own-text'; content: string }
  | { type: 'set-text-length'; isWhole: boolean }
  | { type: 'measure-text'; lane: LaneId }
  | { type: 'stop-text'; lane: LaneId }
  /** Questions of each skill and language, of all lanes; Infinity for all. */
  | { type: 'measure-skills'; nQuestions: number }
  | { type: 'stop-skills' }
  /** What a sweep of the open model has measured, for the other panels. */
  | { type: 'keep-swept'; swept: readonly Swept[] }
  | { type: 'set-panel'; panel: string; isOpen: boolean }
  /** Opens a panel, and goes there. */
  | { type: 'show-panel'; panel: string }
  /** Opens the weights panel on a lane's tensor. */
  | { type: 'look-at'; lane: LaneId; tensor: string }
  | { type: 'set-lang'; lang: Lang }
  | { type: 'set-theme'; theme: Theme }
  | { type: 'dismiss-link-problems' }
  /** What a learner guessed, and what turned out, in the panel's own terms; the page around is told. */
  | { type: 'predict'; guess: unknown; truth: unknown }
  /** How the versions of a classifier did on labelled texts; the page around is told. */
  | { type: 'tell-labels'; lanes: readonly LabelledLane[] };

export const ACTION_EVENT = 'bitloss-action';

export function send(from: HTMLElement, action: Action): void {
  from.dispatchEvent(
    new CustomEvent<Action>(ACTION_EVENT, { detail: action, bubbles: true, composed: true }),
  );
}
