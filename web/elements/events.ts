/** Tells the page around what happens in an experiment: a model is open, how far work is, the table of
 * figures once nothing is under way, and what went wrong. */
import { describe, type Problem } from '../experiment/problem.ts';
import { areIdle, factsOf, type AppState, type LaneId, type Store } from '../experiment/state.ts';
import { messages } from '../i18n/index.ts';
import type { LabelledLane } from '../panels/classify/rows.ts';
import { settingWords } from './settings.ts';
import { tableOf, type Table } from './table.ts';

export interface EventDetails {
  /** A model is open; the settings in words, as `getState` gives them. */
  'bitloss-ready': Record<string, string>;
  /** `fraction` is 0 to 1, null where it cannot be told; 'idle' once nothing is under way any more. */
  'bitloss-progress': {
    work: 'download' | 'read' | 'quantize' | 'measure' | 'idle';
    fraction: number | null;
  };
  'bitloss-result': Table;
  /** Of the panel `classify`: every version of its classifier on the held-out texts, once all are measured. */
  'bitloss-labels': { lanes: readonly LabelledLane[] };
  /** What a learner guessed, and what turned out. */
  'bitloss-predict': { guess: unknown; truth: unknown };
  /** `code` is a word for programs, `message` a sentence in the reader's language. */
  'bitloss-error': { code: string; message: string; lane: LaneId | null };
}
export type EventName = keyof EventDetails;
export type Tell = <N extends EventName>(name: N, detail: EventDetails[N]) => void;

export class EventTeller {
  #model = 0;
  #progress = '';
  #result = '';
  /** Those that were told already and are still there. */
  #problems: ReadonlySet<Problem> = new Set();

  constructor(
    private readonly store: Store<AppState>,
    private readonly tell: Tell,
  ) {
    store.subscribe(() => this.#update());
  }

  #update(): void {
    const { state } = this.store;
    if (state.model && factsOf(state.lanes) && state.model.serial !== this.#model) {
      this.#model = state.model.serial;
      this.tell('bitloss-ready', Object.fromEntries(settingWords(state)));
    }
    this.#tellProgress(state);
    this.#tellProblems(state);
    this.#tellResult(state);
  }

  #tellProgress(state: AppState): void {
    const progress = progressOf(state);
    const key = JSON.stringify(progress);
    if (key === this.#progress || (this.#progress === '' && progress.work === 'idle')) return;
    this.#progress = key;
    this.tell('bitloss-progress', progress);
  }

  #tellProblems(state: AppState): void {
    const before = this.#problems;
    const now = problemsOf(state);
    this.#problems = new Set(now.map(([problem]) => problem));
    for (const [problem, lane] of now) {
      if (before.has(problem)) continue;
      const message = describe(messages[state.lang], problem);
      this.tell('bitloss-error', { code: problem.kind, message, lane });
    }
  }

  /** Not while there is more to come. */
  #tellResult(state: AppState): void {
    if (!areIdle(state) || progressOf(state).work !== 'idle') return;
    const table = tableOf(state);
    const key = JSON.stringify(table);
    if (!table || key === this.#result) return;
    this.#result = key;
    this.tell('bitloss-result', table);
  }
}

function progressOf({ opening, lanes }: AppState): EventDetails['bitloss-progress'] {
  if (opening.kind === 'fetching') {
    const { bytesDone, bytesTotal } = opening;
    return { work: 'download', fraction: bytesTotal > 0 ? bytesDone / bytesTotal : null };
  }
  if (opening.kind === 'reading') return { work: 'read', fraction: opening.fraction };
  const mean = (fractions: (number | null)[]) =>
    fractions.some((one) => one !== null)
      ? fractions.reduce<number>((sum, one) => sum + (one ?? 1), 0) / fractions.length
      : null;
  const quantized = mean(lanes.map(({ progress }) => progress));
  if (quantized !== null) return { work: 'quantize', fraction: quantized };
  const measured = mean(lanes.flatMap(({ text, skills }) => [text.progress, skills.progress]));
  if (measured !== null) return { work: 'measure', fraction: measured };
  return { work: 'idle', fraction: null };
}

function problemsOf({ opening, text, lanes, linkProblems }: AppState): [Problem, LaneId | null][] {
  const general = [
    opening.kind === 'failed' ? opening.problem : null,
    text.problem,
    ...linkProblems,
  ];
  const ofLanes = lanes.flatMap(({ id, problem, draft, run, saving, text, skills }) =>
    [
      problem,
      draft?.problem,
      run?.problem,
      saving?.kind === 'failed' ? saving.problem : null,
      text.problem,
      skills.problem,
    ].map((one): [Problem | null | undefined, LaneId | null] => [one, id]),
  );
  const all = [
    ...general.map((one): [Problem | null | undefined, LaneId | null] => [one, null]),
    ...ofLanes,
  ];
  return all.filter((entry): entry is [Problem, LaneId | null] => Boolean(entry[0]));
}
