/** The lanes of an experiment: which there are, what recipe each has, and the runner that keeps its worker
 * in step. */
import type { CalibrationText } from '../../wasm/methods.ts';
import type { Container } from '../../wasm/types.ts';
import { addressName, modelName } from './address.ts';
import type { Host } from './host.ts';
import { LaneRunner, problemOf } from './lane_runner.ts';
import { mayHaveMethods, type Methods } from './methods.ts';
import { fileNameFor, suggestRecipe } from './recipe.ts';
import {
  entryOf,
  N_LANES_AT_FIRST,
  newLane,
  NOT_MEASURED,
  VARIANT_IDS,
  type AppState,
  type Lane,
  type LaneId,
  type RunRequest,
  type Store,
} from './state.ts';

/** A control that is being moved settles for this long before its lane reads a large model again. */
const REQUANTIZE_DELAY_MS = 80;

/** Of a lane whose codes are chosen anew under the same recipe. */
const UNKNOWN = { text: NOT_MEASURED, skills: NOT_MEASURED, answers: [] } as const;

export class Lanes {
  readonly #runners = new Map<LaneId, LaneRunner>();
  readonly #requantizeTimers = new Map<LaneId, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly store: Store<AppState>,
    private readonly host: Host,
    private readonly methods: Methods,
  ) {}

  /** Lanes are part of the link. */
  #change(patch: Pick<AppState, 'lanes'>): void {
    this.store.update(patch);
    this.host.settingsChanged(this.store.state);
  }

  /** As many variants as there are recipes. */
  setRecipes(recipes: readonly string[]): void {
    const variants = () => this.store.state.lanes.slice(1);
    for (const lane of variants().slice(recipes.length)) this.remove(lane.id);
    for (const [i, recipe] of recipes.entries()) {
      const lane = variants()[i];
      if (!lane) this.add(recipe, 1 + i >= N_LANES_AT_FIRST);
      else if (lane.recipe !== recipe) this.setRecipe(lane.id, recipe);
    }
  }

  runner(id: LaneId): LaneRunner {
    let runner = this.#runners.get(id);
    if (!runner) {
      const { engines, openSink } = this.host;
      runner = new LaneRunner(id, this.store, engines, this.methods, openSink);
      this.#runners.set(id, runner);
    }
    return runner;
  }

  /** Makes the lane what its recipe says, and lets it answer what is asked now. */
  load(id: LaneId): void {
    const { model, request, lanes } = this.store.state;
    if (!model || lanes.find((lane) => lane.id === id)?.isAsleep) return;
    const runner = this.runner(id);
    runner.answer(request);
    void runner.load(model.files);
  }

  setRecipe(id: LaneId, recipe: string): void {
    this.#change({
      lanes: this.store.state.lanes.map((lane) =>
        lane.id === id ? { ...lane, recipe, problem: null, draft: null } : lane,
      ),
    });
    clearTimeout(this.#requantizeTimers.get(id));
    const { model } = this.store.state;
    const delay = model && this.runner(id).keeps(model.files) ? 0 : REQUANTIZE_DELAY_MS;
    this.#requantizeTimers.set(
      id,
      setTimeout(() => this.load(id), delay),
    );
  }

  /** A runner whose engine can be asked, where there is one. */
  #ready(): LaneRunner {
    const lane = this.store.state.lanes.find(({ figures }) => figures);
    return this.runner(lane?.id ?? 'reference');
  }

  /** A recipe in the reader's own words: taken when the core accepts it, else its sentence is shown
   * beside it and the lane goes on as it was. */
  async write(id: LaneId, written: string): Promise<void> {
    const text = written.trim();
    try {
      const parsed = mayHaveMethods(text)
        ? this.methods.parse(text)
        : this.#ready().parseRecipe(text);
      this.setRecipe(id, await parsed);
    } catch (error) {
      const draft = { text, problem: problemOf(error) };
      this.store.update({
        lanes: this.store.state.lanes.map((lane) => (lane.id === id ? { ...lane, draft } : lane)),
      });
    }
  }

  /** Gives up the recipe that is being applied; the lane goes on as it was. */
  stopLoad(id: LaneId): void {
    const recipe = this.runner(id).stopLoad();
    if (recipe === null) return;
    const { lanes } = this.store.state;
    this.#change({ lanes: lanes.map((lane) => (lane.id === id ? { ...lane, recipe } : lane)) });
  }

  /** What methods go by from now on: null is what comes with the model. Lanes that have any are made anew. */
  calibrateOn(calibration: CalibrationText | null): void {
    const isMeant = (lane: Lane) => mayHaveMethods(lane.recipe);
    const { lanes } = this.store.state;
    this.methods.forget();
    this.store.update({
      calibration,
      lanes: lanes.map((lane) => (isMeant(lane) ? { ...lane, ...UNKNOWN } : lane)),
    });
    for (const lane of lanes) if (isMeant(lane)) this.load(lane.id);
  }

  /** Is called by the list's name, or its own, where its files do not say. */
  async save(id: LaneId, container: Container): Promise<void> {
    const { model, lanes } = this.store.state;
    const figures = lanes.find((lane) => lane.id === id)?.figures;
    if (!model || !figures) return;
    const chosen = await this.methods.known(figures.info.recipe);
    await this.runner(id).save(
      {
        files: model.files,
        recipe: figures.recipe,
        chosen,
        name: entryOf(this.store.state)?.name ?? modelName(model.address),
      },
      container,
      fileNameFor(addressName(model.address), figures.info.recipe, container),
    );
  }

  /** Makes those that were not shown until now. */
  wake(): void {
    this.#wake(({ id }) => id !== 'reference');
  }

  /** Makes the reference of a large model. */
  wakeReference(): void {
    this.#wake(({ id }) => id === 'reference');
  }

  #wake(isMeant: (lane: Lane) => boolean): void {
    const { lanes } = this.store.state;
    const woken = lanes.filter((lane) => lane.isAsleep && isMeant(lane));
    this.store.update({
      lanes: lanes.map((lane) => (woken.includes(lane) ? { ...lane, isAsleep: false } : lane)),
    });
    for (const { id } of woken) this.load(id);
  }

  add(recipe?: string, isAsleep = false): void {
    const { lanes } = this.store.state;
    const id = VARIANT_IDS.find((free) => !lanes.some((lane) => lane.id === free));
    if (id) {
      this.#change({
        lanes: [
          ...lanes,
          newLane(id, recipe ?? suggestRecipe(lanes.map((lane) => lane.recipe)), isAsleep),
        ],
      });
      this.load(id);
    } else if (recipe !== undefined) {
      this.setRecipe(lanes.at(-1)!.id, recipe);
    }
  }

  remove(id: LaneId): void {
    const { lanes } = this.store.state;
    if (id === 'reference' || lanes.length <= 2) return;
    clearTimeout(this.#requantizeTimers.get(id));
    this.#runners.get(id)?.cancelSave();
    this.#runners.get(id)?.end();
    this.#change({ lanes: lanes.filter((lane) => lane.id !== id) });
  }

  /** All lanes write in answer to this; null lets them stop. */
  answer(request: RunRequest | null): void {
    for (const { id } of this.store.state.lanes) this.runner(id).answer(request);
  }

  /** Ends all workers but those that are writing files. */
  end(): void {
    for (const runner of this.#runners.values()) runner.end();
  }

  /** Ends these too, and what was about to be loaded. */
  endAll(): void {
    for (const timer of this.#requantizeTimers.values()) clearTimeout(timer);
    for (const runner of this.#runners.values()) runner.cancelSave();
    this.end();
  }
}
