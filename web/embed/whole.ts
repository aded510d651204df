/** The experiment that a shell holds, under a name of its own: what a page writes is the shell's tag. */
import { Playground } from '../elements/playground.ts';

class HeldPlayground extends Playground {}
const NAME = 'bitloss-experiment';
if (!customElements.get(NAME)) customElements.define(NAME, HeldPlayground);

export const makeExperiment = (): Playground =>
  document.createElement(NAME) as unknown as HeldPlayground;
