/** Measures the stops of the slider, those that are wanted first, and keeps what was measured: a sweep
 * waits for nothing that is known. Each figure comes from the measuring worker as the other panels' do:
 * the text's beginning in one pass, and the questions a few at a time, so that the stop that the slider is
 * moved to has its turn soon. */
import type { Task } from '../../../wasm/measure_types.ts';
import type { Documents } from '../../../wasm/types.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { isCancelled, type MeasureClient, type Session } from '../../experiment/measure/client.ts';
import { beginning } from '../../experiment/measure/texts.ts';
import type { Problem } from '../../experiment/problem.ts';
import { N_QUICK_TOKENS } from '../../experiment/state.ts';
import type { Answers, Point } from './findings.ts';
import { roundsOf, type Kind, type Questions } from './questions.ts';
import { recipeFor, ROUNDED, WIDTHS, type Width } from './widths.ts';

/** Questions of one call; a multiple of the kinds. */
const N_PER_CALL = 6;

/** What is measured: all figures are forgotten with it. */
export interface Subject {
  /** Tells apart model, text and questions. */
  key: string;
  text: string;
  documents: Documents;
  /** The stops' texts are read together: where a model is large that saves running the reference for each,
   * and where it is small that is not done anyway. */
  isTogether: boolean;
  /** null for a model that has none. */
  questions: Questions | null;
}

interface Known {
  point: Point;
  /** Right or wrong, for the first so many of the questions asked. */
  right: boolean[];
  /** Over how many of these the answers were compared. */
  nCompared: number;
  /** Answers that were written out, by the questions' ids, and those that are being written. */
  written: Map<string, string>;
  writing: Set<string>;
}

export class StageMeasuring {
  #subject: Subject | null = null;
  readonly #known = new Map<Width, Known>();
  /** In this order; what is not here waits. */
  #wanted: readonly Width[] = [];
  #isBusy = false;
  readonly #session: Session;
  /** For what the reader looks at. */
  readonly #urgent: Session;
  problem: Problem | null = null;

  constructor(
    client: MeasureClient,
    private readonly onChange: () => void,
  ) {
    this.#session = client.session();
    this.#urgent = client.session({ isUrgent: true });
  }

  get subject(): Subject | null {
    return this.#subject;
  }

  /** null stops, and forgets. */
  use(subject: Subject | null): void {
    if (subject?.key === this.#subject?.key) return;
    this.#subject = subject;
    this.#known.clear();
    this.problem = null;
    this.#stopSessions();
    void this.#run();
  }

  /** These are measured, in this order, as far as they are not known. */
  want(widths: readonly Width[]): void {
    if (widths.join() === this.#wanted.join()) return;
    this.#wanted = widths;
    void this.#run();
  }

  /** Nothing more is measured until something else is wanted. */
  stop(): void {
    this.#wanted = [];
    this.#stopSessions();
  }

  #stopSessions(): void {
    void this.#session.stop();
    void this.#urgent.stop();
  }

  /** What could not be done is tried again. */
  retry(): void {
    this.problem = null;
    void this.#run();
  }

  point(width: Width): Point {
    return this.#known.get(width)?.point ?? emptyPoint(width);
  }

  /** What a stop writes in answer to one of the questions that are shown; null until that is known. */
  written(width: Width, task: Task): string | null {
    return this.#known.get(width)?.written.get(task.id) ?? null;
  }

  /** Lets a stop write its answer. */
  async write(width: Width, task: Task): Promise<void> {
    const subject = this.#subject;
    const { written, writing } = this.#entry(width);
    if (written.has(task.id) || writing.has(task.id)) return;
    writing.add(task.id);
    try {
      const text = await this.#urgent.written(recipeFor(width), task);
      if (this.#subject === subject) written.set(task.id, text);
    } catch (error) {
      if (!isCancelled(error) && this.#subject === subject) this.problem = problemOf(error);
    }
    writing.delete(task.id);
    this.onChange();
  }

  /** 0 to 1: how much of what can be known of a width is. */
  progress(width: Width): number {
    if (!this.#subject) return 0;
    const { questions } = this.#subject;
    const known = this.#known.get(width);
    const text = width === 16 || known?.point.text ? 1 : 0;
    if (!questions) return text;
    const first = roundsOf(questions)[0] ?? 0;
    const nAnswered = (of: Known | undefined) => Math.min(first, of?.right.length ?? 0);
    const answered = first ? (nAnswered(known) + nAnswered(this.#known.get(16))) / first : 2;
    return 0.2 * text + 0.4 * answered;
  }

  /** Enough is known to say something: the first round of questions is answered. */
  isComplete(width: Width): boolean {
    const { text, answers } = this.point(width);
    const isAsked = (this.#subject?.questions?.asked.length ?? 0) > 0;
    return (width === 16 || text !== null) && (!isAsked || answers !== null);
  }

  #entry(width: Width): Known {
    let known = this.#known.get(width);
    if (!known) {
      const answers = { right: [], nCompared: 0, written: new Map(), writing: new Set<string>() };
      this.#known.set(width, (known = { point: emptyPoint(width), ...answers }));
    }
    return known;
  }

  async #run(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (;;) {
      const subject = this.#subject;
      const step = subject && !this.problem ? this.#nextStep(subject) : null;
      if (!step) break;
      try {
        await step();
      } catch (error) {
        // Another subject, or the reader's word, ended it.
        if (!isCancelled(error) && this.#subject === subject) this.problem = problemOf(error);
      }
      this.onChange();
    }
    this.#isBusy = false;
    this.onChange();
  }

  /** First the texts and the questions that are shown, then all of one round, then the next. The reference
   * answers first, so that every answer has one beside it. */
  #nextStep(subject: Subject): (() => Promise<void>) | null {
    const { questions } = subject;
    for (const end of questions ? [0, ...roundsOf(questions)] : [0]) {
      for (const width of this.#wanted) {
        const known = this.#entry(width);
        if (width !== 16 && !known.point.text) return () => this.#readText(width, subject);
        if (questions && known.point.shown.size < questions.shown.length)
          return () => this.#askShown(subject, questions, known);
        if (!questions || known.nCompared >= end) continue;
        const reference = this.#entry(16);
        const isBehind = reference.nCompared < end && reference.right.length <= known.right.length;
        return () => this.#ask(subject, questions, isBehind ? reference : known, end);
      }
    }
    return null;
  }

  /** The very first stop alone, as the learner looks at it; then, of a large model, all others together. */
  async #readText(first: Width, subject: Subject): Promise<void> {
    const unread = this.#wanted.filter((width) => width !== 16 && !this.#entry(width).point.text);
    const isFirst = ROUNDED.every((width) => !this.#entry(width).point.text);
    const widths = isFirst || !subject.isTogether ? [first] : unread;
    const session = first === this.#wanted[0] ? this.#urgent : this.#session;
    const tokens = await session.tokenize(subject.text, subject.documents);
    const { ids, ends } = beginning(tokens, N_QUICK_TOKENS);
    await Promise.all(
      widths.map(async (width) => {
        const { stats } = await session.text(recipeFor(width), ids, { ends }, () => {});
        if (this.#subject !== subject) return;
        const known = this.#entry(width);
        known.point = { ...known.point, text: stats };
        this.onChange();
      }),
    );
  }

  async #askShown(subject: Subject, { shown }: Questions, known: Known): Promise<void> {
    const right = await this.#session.tasks(recipeFor(known.point.width), shown, () => {});
    if (this.#subject !== subject) return;
    const answered = new Map(shown.map(({ id }, i) => [id, right[i]!]));
    known.point = { ...known.point, shown: answered };
  }

  async #ask(subject: Subject, questions: Questions, known: Known, end: number): Promise<void> {
    const { width } = known.point;
    const recipe = recipeFor(width);
    const from = known.right.length;
    const batch = questions.asked.slice(from, Math.min(end, from + N_PER_CALL));
    if (batch.length > 0) {
      const right = await this.#session.tasks(recipe, batch, () => {});
      if (this.#subject !== subject) return;
      known.right = [...known.right, ...right];
    }
    if (known.right.length < end) return;
    const reference = width === 16 ? null : this.#entry(16).right.slice(0, end);
    const answers = await this.#compare(questions.asked, known.right, reference);
    if (this.#subject !== subject) return;
    known.point = { ...known.point, answers };
    known.nCompared = end;
  }

  async #compare(
    tasks: readonly Task[],
    right: readonly boolean[],
    reference: readonly boolean[] | null,
  ): Promise<Answers> {
    const kinds = new Map<Kind, { nRight: number; n: number }>();
    for (const [i, isRight] of right.entries()) {
      const kind = tasks[i]!.skill as Kind;
      const { nRight, n } = kinds.get(kind) ?? { nRight: 0, n: 0 };
      kinds.set(kind, { nRight: nRight + Number(isRight), n: n + 1 });
    }
    const [share, paired] = await Promise.all([
      this.#session.share(right.filter(Boolean).length, right.length),
      reference ? this.#session.paired(reference, right) : null,
    ]);
    return { share, paired, kinds };
  }
}

function emptyPoint(width: Width): Point {
  return { width, text: null, answers: null, shown: new Map() };
}

/** All stops, from the most bits down. */
export function allPoints(measuring: StageMeasuring): Point[] {
  return WIDTHS.map((width) => measuring.point(width));
}
