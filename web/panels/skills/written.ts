/** What lanes wrote where they are wrong: they are asked again, one answer after another, for what the
 * reader looks at, and what they wrote is kept. A right answer needs no asking: it is the same text. */
import type { Task } from '../../../wasm/measure_types.ts';
import { problemOf } from '../../experiment/lane_runner.ts';
import { Cache } from '../../experiment/measure/cache.ts';
import { isCancelled, type MeasureClient, type Session } from '../../experiment/measure/client.ts';
import type { Problem } from '../../experiment/problem.ts';

/** Answers that are kept; each is a line. */
const N_KEPT = 4096;

export interface Wanted {
  recipe: string;
  task: Task;
}

const keyOf = ({ recipe, task }: Wanted) => `${recipe} ${task.id}`;

export class WrittenAnswers {
  readonly #known = new Cache<string>(N_KEPT);
  /** Without the client until the first is asked for. */
  #session: Session | null = null;
  #wanted: readonly Wanted[] = [];
  #isBusy = false;
  /** Of which model what is known is. */
  #serial = 0;
  problem: Problem | null = null;

  constructor(
    private readonly client: () => Pick<MeasureClient, 'session'>,
    private readonly onChange: () => void,
  ) {}

  /** undefined while it is not known. */
  get(wanted: Wanted): string | undefined {
    return this.#known.get(keyOf(wanted));
  }

  /** These of the model are asked for, as far as they are not known, and no others any more. */
  want(serial: number, wanted: readonly Wanted[]): void {
    if (serial !== this.#serial) {
      this.#serial = serial;
      this.#known.clear();
      this.problem = null;
    }
    const isOther = wanted.map(keyOf).join('\n') !== this.#wanted.map(keyOf).join('\n');
    if (isOther) this.problem = null;
    this.#wanted = wanted;
    if (!this.#isBusy) void this.#run();
  }

  stop(): void {
    this.#wanted = [];
    void this.#session?.stop();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    const next = () => this.#wanted.find((one) => this.get(one) === undefined);
    for (let one = next(); one && !this.problem; one = next()) {
      const serial = this.#serial;
      try {
        this.#session ??= this.client().session({ isUrgent: true });
        const text = await this.#session.written(one.recipe, one.task);
        if (serial === this.#serial) this.#known.set(keyOf(one), text);
      } catch (error) {
        // Cancelled with a model that is no more, or because nobody looks any more.
        if (isCancelled(error) && serial === this.#serial) break;
        if (!isCancelled(error)) this.problem = problemOf(error);
      }
      this.onChange();
    }
    this.#isBusy = false;
  }
}
