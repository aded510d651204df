/** Tells a screen reader what happened: a model opened, a lane became ready, the texts are done, and
 * what was lost. What happens while one sentence is being told is told after it, all together. */
import { compareRuns } from '../experiment/agreement.ts';
import { relativeError } from '../format.ts';
import { messages, type Messages } from '../i18n/index.ts';
import { addressName } from '../experiment/address.ts';
import { lossOf } from '../experiment/measure/verdict.ts';
import { formatFor, laneName } from '../panels/panel.ts';
import {
  isSmall,
  factsOf,
  isStale,
  type AppState,
  type Figures,
  type Lane,
  type LaneId,
  type Run,
  type Store,
} from '../experiment/state.ts';
import type { TextStats } from '../../wasm/measure_types.ts';

/** For each character that is told, the next news waits this long, within these bounds: a screen reader
 * takes up what a live region shows with some delay, and misses what has been replaced by then. */
const MS_PER_CHAR = 40;
const LEAST_MS = 1500;
const MOST_MS = 5000;

export class Announcer {
  /** The latest news, for a live region, and how many there were: the same words may come again. */
  text = '';
  serial = 0;
  #isTelling = false;
  /** What was told last, of the model and of each lane. */
  #model = 0;
  readonly #figures = new Map<LaneId, Figures>();
  readonly #runs = new Map<LaneId, Run>();
  readonly #losses = new Map<LaneId, TextStats>();

  constructor(
    private readonly store: Store<AppState>,
    private readonly onChange: () => void,
  ) {
    store.subscribe(() => {
      if (!this.#isTelling) this.#tell();
    });
  }

  #tell(): void {
    const { state } = this.store;
    const t = messages[state.lang];
    const news = [
      ...this.#newModel(state, t),
      ...this.#newFigures(state, t),
      ...this.#newTexts(state, t),
      ...this.#newLosses(state, t),
    ];
    this.#isTelling = news.length > 0;
    if (!this.#isTelling) return;
    this.text = news.join(' ');
    this.serial++;
    this.onChange();
    const duration = Math.min(MOST_MS, Math.max(LEAST_MS, MS_PER_CHAR * this.text.length));
    setTimeout(() => this.#tell(), duration);
  }

  #newModel({ model, lanes }: AppState, t: Messages): string[] {
    const figures = factsOf(lanes);
    if (!model || !figures || model.serial === this.#model) return [];
    this.#model = model.serial;
    return [t.live.modelOpen(figures.info.name || addressName(model.address))];
  }

  #newFigures({ lanes, lang }: AppState, t: Messages): string[] {
    const [reference, ...variants] = lanes;
    const format = formatFor(lang);
    const isNew = (lane: Lane) =>
      lane.figures && !isStale(lane) && lane.figures !== this.#figures.get(lane.id);
    return variants.filter(isNew).map(({ id, figures }) => {
      const { info, error } = figures!;
      this.#figures.set(id, figures!);
      const share = info.sizeBytes / (reference?.figures?.info.sizeBytes ?? info.sourceBytes);
      return t.live.laneReady(
        laneName(t, id),
        format.bytes(info.sizeBytes),
        format.percent(share),
        format.percent(relativeError(error.snrDb)),
      );
    });
  }

  /** Once every lane that can has answered the request: of those that have written anew. */
  #newTexts({ lanes, request }: AppState, t: Messages): string[] {
    const hasAnswered = ({ run }: Lane) => run?.serial === request?.serial && run?.stop !== null;
    const isDone = (lane: Lane) => hasAnswered(lane) || lane.isAsleep || lane.problem !== null;
    if (!request || !lanes.every(isDone)) return [];
    const [reference, ...variants] = lanes;
    if (!reference?.run || reference.run.problem || !hasAnswered(reference)) return [];
    const isNew = ({ id, run }: Lane) => run && !run.problem && run !== this.#runs.get(id);
    const parts = variants
      .filter((lane) => hasAnswered(lane) && isNew(lane))
      .map(({ id, run }) => {
        this.#runs.set(id, run!);
        const agreement = compareRuns(reference.run!, run!);
        return agreement.kind === 'differs'
          ? t.live.laneDiffers(laneName(t, id), String(agreement.index + 1))
          : t.live.laneSame(laneName(t, id));
      });
    return parts.length > 0 ? [t.live.runDone(parts.join(' '))] : [];
  }

  /** Once no lane is being measured, or will be at once: of those that were measured anew. */
  #newLosses(state: AppState, t: Messages): string[] {
    const variants = state.lanes.slice(1).filter(({ isAsleep }) => !isAsleep);
    const isComing = (lane: Lane) => isSmall(state) && (!lane.figures || isStale(lane));
    const isDue = (lane: Lane) => lane.text.progress !== null || isComing(lane);
    if (variants.some((lane) => isDue(lane) && lane.problem === null)) return [];
    const isNew = ({ id, text }: Lane) =>
      text.isFresh && text.value !== null && text.value !== this.#losses.get(id);
    const parts = variants.filter(isNew).map((lane) => {
      this.#losses.set(lane.id, lane.text.value!);
      return t.live.laneLoss(laneName(t, lane.id), t.losses[lossOf(lane)]);
    });
    return parts.length > 0 ? [t.live.measured(parts.join(' '))] : [];
  }
}
