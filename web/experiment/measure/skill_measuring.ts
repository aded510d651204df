/** Lets every lane answer the questions that its model can be asked once the reader wants it, a few of each kind at
 * a time and lane by lane, so that the table fills evenly. What was answered is kept for when a recipe
 * comes back. The lanes are compared over the questions that all of them have answered. */
import type { Task } from '../../../wasm/measure_types.ts';
import { problemOf } from '../lane_runner.ts';
import type { ListedQuestions } from '../../source/listed.ts';
import {
  areIdle,
  entryOf,
  isStale,
  scoreKey,
  type AppState,
  type Lane,
  type LaneId,
  type Lang,
  type Measured,
  type Score,
  type SkillScores,
  type Store,
} from '../state.ts';
import { isCancelled, type MeasureClient, type Session } from './client.ts';
import { fetchQuestions, nQuestionsFor } from './questions.ts';

/** Questions of each skill and language that a lane answers before the next lane's turn. */
const N_PER_TURN = 2;

export class SkillMeasuring {
  readonly #session: Session;
  /** Right or wrong, by model and recipe, for the first so many questions of the list. */
  readonly #answers = new Map<string, boolean[]>();
  #isFetching = false;
  #isBusy = false;
  /** The model that the reader has asked about. */
  #asked = 0;
  /** What is shown of each lane: whose answers, to how many questions, beside whose. */
  readonly #scored = new Map<LaneId, string>();
  /** Over how many questions the lanes are compared now, and which lanes these are. */
  #nCompared = 0;
  #compared = '';
  /** Questions that each lane is to answer, and what that number was worked out from. */
  #nWanted = 0;
  #counted: Pick<AppState, 'questions' | 'nQuestions'> = { questions: null, nQuestions: 0 };

  /** `base` is the folder that holds models/. */
  constructor(
    private readonly store: Store<AppState>,
    private readonly client: MeasureClient,
    private readonly base: string,
  ) {
    this.#session = this.client.session();
    store.subscribe(() => this.#update());
  }

  start(nQuestions: number): void {
    this.#asked = this.store.state.model?.serial ?? 0;
    this.#isFetching = false;
    // What could not be done is tried again.
    const lanes = this.store.state.lanes.map((lane) => ({
      ...lane,
      skills: { ...lane.skills, problem: null },
    }));
    this.store.update({ nQuestions, lanes });
    this.#showProgress();
  }

  stop(): void {
    this.#asked = 0;
    void this.#session.stop();
    this.#showProgress();
    void this.#scoreAll();
  }

  #isWanted(): boolean {
    return this.#listed() !== undefined && this.store.state.model?.serial === this.#asked;
  }

  /** What the list says can be asked of the model. */
  #listed(): ListedQuestions | undefined {
    return entryOf(this.store.state)?.questions;
  }

  /** null while the lane has no model that could answer. */
  #keyOf(lane: Lane): string | null {
    const { model } = this.store.state;
    if (!model || !lane.figures || lane.problem || isStale(lane)) return null;
    return `${model.serial} ${lane.figures.info.recipe}`;
  }

  #answersOf(lane: Lane): boolean[] {
    return this.#answers.get(this.#keyOf(lane) ?? '') ?? [];
  }

  #set(id: LaneId, patch: Partial<Measured<SkillScores>>): void {
    this.store.update({
      lanes: this.store.state.lanes.map((lane) =>
        lane.id === id ? { ...lane, skills: { ...lane.skills, ...patch } } : lane,
      ),
    });
  }

  #update(): void {
    const { questions, nQuestions, lanes } = this.store.state;
    if (
      questions &&
      (questions !== this.#counted.questions || nQuestions !== this.#counted.nQuestions)
    ) {
      this.#counted = { questions, nQuestions };
      this.#nWanted = nQuestionsFor(questions, nQuestions);
    }
    // Also while nothing is asked: what another recipe answered must not pass for this one's.
    for (const lane of lanes) {
      const key = this.#keyOf(lane);
      if (key === null || key === lane.skills.key) continue;
      // The listeners are called again, this one too: the others follow then.
      this.#set(lane.id, { key, isFresh: false, problem: null, progress: this.#progressOf(lane) });
      void this.#scoreAll();
      return;
    }
    // The one that had answered least may have been removed.
    const compared = lanes.map(({ id }) => id).join();
    if (compared !== this.#compared) {
      this.#compared = compared;
      void this.#scoreAll();
    }
    if (!this.#isWanted()) return;
    if (!questions) return void this.#fetch();
    if (!this.#isBusy && areIdle(this.store.state)) void this.#turn();
  }

  #progressOf(lane: Lane): number | null {
    if (this.#nWanted === 0) return null;
    const share = this.#answersOf(lane).length / this.#nWanted;
    return this.#isWanted() && share < 1 ? share : null;
  }

  #showProgress(): void {
    const lanes = this.store.state.lanes.map((lane) => ({
      ...lane,
      skills: { ...lane.skills, progress: lane.skills.problem ? null : this.#progressOf(lane) },
    }));
    this.store.update({ lanes });
  }

  async #fetch(): Promise<void> {
    const listed = this.#listed();
    if (this.#isFetching || !listed) return;
    this.#isFetching = true;
    try {
      const questions = await fetchQuestions(listed, this.base, new AbortController().signal);
      this.#isFetching = false;
      if (this.#listed() !== listed) return;
      this.store.update({ questions });
      this.#showProgress();
    } catch (error) {
      // What is not there now will not be there at the next change of the page either.
      this.#set('reference', { problem: problemOf(error) });
    }
  }

  /** Asks the lane that has answered least; on a tie the reference first, so that every answer of a
   * variant has the reference's beside it. */
  async #turn(): Promise<void> {
    const { questions } = this.store.state;
    const { skills = [], langs = [] } = this.#listed() ?? {};
    const waiting = this.store.state.lanes
      .filter((lane) => this.#keyOf(lane) !== null && !lane.skills.problem)
      .filter((lane) => this.#answersOf(lane).length < this.#nWanted);
    const [lane] = waiting.sort((a, b) => this.#answersOf(a).length - this.#answersOf(b).length);
    if (!questions) return;
    if (!lane) {
      // All is answered. Another recipe's answers are another question to the reader.
      this.#asked = 0;
      return;
    }
    const key = this.#keyOf(lane)!;
    const before = this.#answersOf(lane);
    const end = Math.min(this.#nWanted, before.length + N_PER_TURN * skills.length * langs.length);
    const batch = questions.slice(before.length, end);
    this.#isBusy = true;
    try {
      const right = await this.#session.tasks(lane.figures!.info.recipe, batch, () => {});
      this.#answers.set(key, [...before, ...right]);
      await this.#scoreAll();
    } catch (error) {
      if (!isCancelled(error)) this.#set(lane.id, { progress: null, problem: problemOf(error) });
    }
    this.#isBusy = false;
    this.#update();
  }

  /** Works out the scores of the lanes that have answered, over the questions that all of these have
   * answered, and shows those that have changed. */
  async #scoreAll(): Promise<void> {
    const { questions, lanes } = this.store.state;
    const nOf = (lane: Lane) => this.#answersOf(lane).length;
    // One that is still behind joins the others when it is level with them.
    const isBehind = (lane: Lane) =>
      this.#progressOf(lane) !== null && nOf(lane) < this.#nCompared && !lane.skills.problem;
    const answered = lanes.filter((lane) => nOf(lane) > 0 && !isBehind(lane));
    const n = answered.length > 0 ? Math.min(...answered.map(nOf)) : 0;
    this.#nCompared = n;
    if (!questions || n === 0) return;
    const reference = this.#answersOf(lanes[0]!).slice(0, n);
    for (const lane of answered) {
      const key = this.#keyOf(lane)!;
      const what = `${key} ${n} ${reference.length}`;
      if (lane.skills.isFresh && this.#scored.get(lane.id) === what) continue;
      await this.#score(lane, key, what, this.#answersOf(lane).slice(0, n), reference);
    }
  }

  async #score(
    { id }: Lane,
    key: string,
    what: string,
    answers: readonly boolean[],
    reference: readonly boolean[],
  ): Promise<void> {
    const { questions } = this.store.state;
    try {
      const other = id === 'reference' ? null : reference;
      const value = await score(this.#session, questions!, answers, other);
      const lane = this.store.state.lanes.find((one) => one.id === id);
      if (!lane || this.#keyOf(lane) !== key) return;
      this.#scored.set(id, what);
      const skills = { ...lane.skills, value, isFresh: true, progress: this.#progressOf(lane) };
      this.store.update({
        lanes: this.store.state.lanes.map((one) =>
          one.id === id ? { ...one, skills, answers } : one,
        ),
      });
    } catch (error) {
      if (!isCancelled(error)) this.#set(id, { problem: problemOf(error) });
    }
  }
}

/** The scores of each skill, in each language and in both, and of everything. */
export async function score(
  session: Pick<Session, 'share' | 'paired'>,
  questions: readonly Task[],
  answers: readonly boolean[],
  reference: readonly boolean[] | null,
): Promise<SkillScores> {
  const cells = new Map<string, { own: boolean[]; other: boolean[] }>();
  for (const [i, isRight] of answers.entries()) {
    const { skill, lang } = questions[i]!;
    for (const key of [skill, 'all'].flatMap((name) => [
      scoreKey(name, lang as Lang),
      scoreKey(name, 'all'),
    ])) {
      let cell = cells.get(key);
      if (!cell) cells.set(key, (cell = { own: [], other: [] }));
      cell.own.push(isRight);
      if (reference && i < reference.length) cell.other.push(reference[i]!);
    }
  }
  const scores = await Promise.all(
    [...cells].map(async ([key, { own, other }]): Promise<[string, Score]> => {
      const share = await session.share(own.filter(Boolean).length, own.length);
      const isComparable = other.length === own.length;
      return [
        key,
        { share, n: own.length, paired: isComparable ? await session.paired(other, own) : null },
      ];
    }),
  );
  return new Map(scores);
}
