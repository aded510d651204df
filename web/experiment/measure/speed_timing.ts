/** Times how fast each lane writes: one lane after another, while nothing else is being done. */
import {
  areIdle,
  isStale,
  type AppState,
  type Lane,
  type LaneId,
  type Measured,
  type Store,
} from '../state.ts';
import type { MeasureClient } from './client.ts';
import type { Speed } from './speed.ts';

export class SpeedTiming {
  #isBusy = false;

  /** `time` gives null when too little can be written, undefined when something else was asked for. */
  constructor(
    private readonly store: Store<AppState>,
    private readonly client: Pick<MeasureClient, 'whenIdle'>,
    private readonly time: (id: LaneId, prompt: string) => Promise<Speed | null | undefined>,
  ) {
    store.subscribe(() => this.#update());
  }

  /** '' while there is nothing that could be timed. */
  #keyOf(lane: Lane): string {
    const { model } = this.store.state;
    if (!model || !lane.figures?.info.hasTokenizer || lane.problem || isStale(lane)) return '';
    return `${model.serial} ${lane.figures.info.recipe}`;
  }

  #set(id: LaneId, patch: Partial<Measured<Speed>>): void {
    this.store.update({
      lanes: this.store.state.lanes.map((lane) =>
        lane.id === id ? { ...lane, speed: { ...lane.speed, ...patch } } : lane,
      ),
    });
  }

  /** What the reader asked for, or waits for, comes first. */
  #isQuiet(): boolean {
    const { state } = this.store;
    const isMeasured = ({ text, skills }: Lane) =>
      text.progress === null && skills.progress === null;
    return state.request !== null && areIdle(state) && state.lanes.every(isMeasured);
  }

  #update(): void {
    for (const lane of this.store.state.lanes) {
      const key = this.#keyOf(lane);
      if (key === lane.speed.key) continue;
      // The listeners are called again, this one too: the others follow then.
      return this.#set(lane.id, { key, value: null, isFresh: false });
    }
    if (!this.#isBusy && this.#next()) void this.#timeNext();
  }

  #next(): Lane | undefined {
    if (!this.#isQuiet()) return undefined;
    return this.store.state.lanes.find(({ speed }) => speed.key !== '' && !speed.isFresh);
  }

  async #timeNext(): Promise<void> {
    this.#isBusy = true;
    await this.client.whenIdle();
    const lane = this.#next();
    const { request } = this.store.state;
    if (lane && request) {
      const { key } = lane.speed;
      const value = await this.time(lane.id, request.prompt);
      const now = this.store.state.lanes.find(({ id }) => id === lane.id);
      this.#isBusy = false;
      if (value !== undefined && now?.speed.key === key)
        return this.#set(lane.id, { value, isFresh: true });
    }
    this.#isBusy = false;
  }
}
