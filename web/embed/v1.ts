/** What a page loads to have the elements, at a path that is kept for good (v1/bitloss.js): it defines
 * `<bitloss-playground>`, and a tag for each panel, `<bitloss-lanes>`. A page may run it more than once. */
import { FORMER_IDS, PANEL_IDS } from '../panels/ids.ts';
import { Shell } from './shell.ts';

function define(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

define('bitloss-playground', Shell);
for (const id of [...PANEL_IDS, ...Object.keys(FORMER_IDS)]) {
  define(
    `bitloss-${id}`,
    class extends Shell {
      static override readonly panel = id;
    },
  );
}
