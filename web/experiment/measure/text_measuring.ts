/** Measures every lane's predictions on the evaluation text. A small model is measured by itself once
 * its lanes are idle; with a larger one the reader says so. A lane that is given another recipe is
 * measured anew, and what was under way for the old one is stopped. */
import { problemOf } from '../lane_runner.ts';
import {
  areIdle,
  isSmall,
  isStale,
  N_QUICK_TOKENS,
  type AppState,
  type Lane,
  type LaneId,
  type Measured,
  type Store,
} from '../state.ts';
import type { TextStats } from '../../../wasm/measure_types.ts';
import { isCancelled, type MeasureClient, type Session } from './client.ts';
import { beginning, type Tokens } from './texts.ts';

export class TextMeasuring {
  /** One for each lane, with what is being measured of it. */
  readonly #sessions = new Map<LaneId, Session>();
  readonly #current = new Map<LaneId, string>();
  /** Keys that the reader asked for, and keys that the reader stopped. */
  readonly #asked = new Set<string>();
  readonly #stopped = new Set<string>();
  /** What was measured last: the text cut up, and of which model and text that is. */
  #cutUp: { of: string; tokens: Tokens | null } = { of: '', tokens: null };

  constructor(
    private readonly store: Store<AppState>,
    private readonly client: MeasureClient,
  ) {
    store.subscribe(() => this.#update());
  }

  /** The reader wants this lane to be measured. */
  start(id: LaneId): void {
    const key = this.#keyOf(this.#lane(id));
    if (key === null) return;
    this.#stopped.delete(key);
    this.#asked.add(key);
    this.#set(id, { progress: 0, problem: null });
  }

  stop(id: LaneId): void {
    const { key } = this.#lane(id)?.text ?? { key: '' };
    this.#asked.delete(key);
    this.#stopped.add(key);
    void this.#sessions.get(id)?.stop();
    this.#set(id, { progress: null });
  }

  #lane(id: LaneId): Lane | undefined {
    return this.store.state.lanes.find((lane) => lane.id === id);
  }

  #set(id: LaneId, patch: Partial<Measured<TextStats>>): void {
    this.store.update({
      lanes: this.store.state.lanes.map((lane) =>
        lane.id === id ? { ...lane, text: { ...lane.text, ...patch } } : lane,
      ),
    });
  }

  /** What is to be measured of a lane; null when there is nothing yet. */
  #keyOf(lane: Lane | undefined): string | null {
    const { model, text, isWholeText } = this.store.state;
    if (!model || text.content === null || !lane?.figures || lane.id === 'reference') return null;
    if (lane.problem || isStale(lane) || !lane.figures.info.hasTokenizer) return null;
    return `${model.serial} ${text.serial} ${isWholeText} ${lane.figures.info.recipe}`;
  }

  #isWanted(key: string): boolean {
    return this.#asked.has(key) || (isSmall(this.store.state) && !this.#stopped.has(key));
  }

  #update(): void {
    const { lanes } = this.store.state;
    for (const [id, key] of this.#current) {
      if (this.#keyOf(this.#lane(id)) !== key) void this.#sessions.get(id)?.stop();
    }
    for (const lane of lanes) {
      // While there is nothing to measure, as without a text, the figures are those of something else.
      const key = this.#keyOf(lane) ?? '';
      if (key === lane.text.key) continue;
      // The listeners are called again, this one too: the others follow then.
      return this.#set(lane.id, {
        key,
        isFresh: false,
        problem: null,
        progress: key !== '' && this.#isWanted(key) ? 0 : null,
      });
    }
    const isIdle = areIdle(this.store.state);
    // All that wait at once: they go through the text together.
    for (const lane of lanes) {
      const key = this.#keyOf(lane);
      const isWaiting =
        lane.text.progress !== null && !lane.text.isFresh && !this.#current.has(lane.id);
      if (isWaiting && key !== null && (isIdle || this.#isAtHand(lane)))
        void this.#measure(lane, key);
    }
  }

  /** Somebody else has measured the same, or is about to: the lanes' writing is not slowed by asking. */
  #isAtHand({ figures }: Lane): boolean {
    const { model, text, isWholeText } = this.store.state;
    const { of, tokens } = this.#cutUp;
    if (!figures || !tokens || of !== `${model?.serial} ${text.serial} ${isWholeText}`)
      return false;
    return this.client.hasText(figures.info.recipe, tokens.ids, { ends: tokens.ends });
  }

  async #measure({ id, figures }: Lane, key: string): Promise<void> {
    this.#current.set(id, key);
    let session = this.#sessions.get(id);
    if (!session) this.#sessions.set(id, (session = this.client.session({ isUrgent: true })));
    const { model, text, isWholeText } = this.store.state;
    const show = (patch: Partial<Measured<TextStats>>) => {
      if (this.#lane(id)?.text.key === key) this.#set(id, patch);
    };
    let result: Partial<Measured<TextStats>> = { progress: null };
    try {
      const tokens = await session.tokenize(text.content!, text.documents);
      const { ids, ends } = beginning(tokens, isWholeText ? Infinity : N_QUICK_TOKENS);
      this.#cutUp = { of: `${model?.serial} ${text.serial} ${isWholeText}`, tokens: { ids, ends } };
      const { recipe } = figures!.info;
      const { stats } = await session.text(recipe, ids, { ends }, (progress) => show({ progress }));
      result = { value: stats, isFresh: true, progress: null };
    } catch (error) {
      if (!isCancelled(error)) result = { progress: null, problem: problemOf(error) };
    }
    this.#current.delete(id);
    show(result);
    // The lane may be waiting with another recipe.
    this.#update();
  }
}
