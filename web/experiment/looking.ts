/** Looks at models before they are downloaded, one at a time: what is open stays so. */
import { ChoiceNeeded } from '../source/hub.ts';
import type { ListedModel } from '../source/listed.ts';
import { problemOf } from './lane_runner.ts';
import type { AppState, ModelAddress, Opening, Store } from './state.ts';

export class Looking {
  /** Ends the present look. */
  #current: AbortController | null = null;

  /** `base` is the URL of the folder that holds models/. */
  constructor(
    private readonly store: Store<AppState>,
    private readonly base: string,
  ) {}

  /** `listed` is the address's entry in the site's own list, where it has one. */
  async look(address: ModelAddress, listed: ListedModel | undefined): Promise<void> {
    this.end();
    const look = new AbortController();
    this.#current = look;
    const { signal } = look;
    const show = (opening: Opening) => {
      if (!signal.aborted) this.store.update({ opening });
    };
    show({ kind: 'looking', address });
    const own = this.store.state.lanes.slice(1).map(({ recipe }) => recipe);
    try {
      const { lookAt } = await import('../source/look.ts');
      show({
        kind: 'looked',
        address,
        look: await lookAt(address, listed, this.base, own, signal),
      });
    } catch (error) {
      show(endOf(error, address, true));
    }
    // Of requests that failed together the others go on.
    look.abort();
  }

  /** Nothing of it is wanted any more, nor is word of it. */
  end(): void {
    this.#current?.abort();
    this.#current = null;
  }
}

/** What an error makes of an opening, or of a look: there may be several models at the address. */
export function endOf(error: unknown, address: ModelAddress | null, isLook: boolean): Opening {
  if (error instanceof ChoiceNeeded && address)
    return { kind: 'choosing', address, choices: error.choices, isLook };
  const problem = problemOf(error);
  const isCrash = problem.kind === 'crash';
  return { kind: 'failed', problem: isCrash ? { ...problem, kind: 'open-crash' } : problem };
}
