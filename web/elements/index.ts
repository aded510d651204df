/** Registers the elements: the playground, and one for each panel, `<bitloss-lanes>`, which is a playground
 * that shows this panel alone unless its `view` says more. */
import { FORMER_IDS } from '../panels/ids.ts';
import { PANELS } from '../panels/index.ts';
import { Playground } from './playground.ts';

/** A page may run the script more than once. */
function register(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

register('bitloss-playground', Playground);
for (const id of [...PANELS.map(({ id }) => id), ...Object.keys(FORMER_IDS)]) {
  register(
    `bitloss-${id}`,
    class extends Playground {
      override get shownPanels() {
        return this.view ?? id;
      }
    },
  );
}

export { Playground };
