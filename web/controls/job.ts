/** Work of a panel that takes more than a moment: how far it is, how long it may still take, and how
 * to stop it. */
import {
  css,
  html,
  nothing,
  type LitElement,
  type ReactiveController,
  type TemplateResult,
} from 'lit';
import { problemOf } from '../experiment/lane_runner.ts';
import { N_TOGETHER } from '../../wasm/measure_types.ts';
import { isCancelled } from '../experiment/measure/client.ts';
import type { Problem } from '../experiment/problem.ts';

/** What the work is given: it tells how far it is, and looks whether it is still wanted. */
export interface JobWatch {
  readonly stopped: boolean;
  /** 0 to 1. */
  report(fraction: number): void;
}

/** Does the work for each item, as many at once as the worker takes together; `onFraction` gets 0 to 1
 * over all of them. Ends after the items that are under way when the watch is stopped. */
export async function inGroups<T>(
  items: readonly T[],
  watch: JobWatch,
  onFraction: (fraction: number) => void,
  work: (item: T, index: number, report: (fraction: number) => void) => Promise<void>,
): Promise<void> {
  const fractions = items.map(() => 0);
  for (let from = 0; from < items.length && !watch.stopped; from += N_TOGETHER) {
    const group = items.slice(from, from + N_TOGETHER).map(async (item, i) => {
      const index = from + i;
      const report = (fraction: number) => {
        fractions[index] = fraction;
        onFraction(fractions.reduce((sum, one) => sum + one, 0) / items.length);
      };
      await work(item, index, report);
      report(1);
    });
    await Promise.all(group);
  }
}

export class Job implements ReactiveController {
  problem: Problem | null = null;
  #running: { stopped: boolean; fraction: number; since: number } | null = null;
  /** What had the keyboard's focus when the work was started. */
  #startedFrom: HTMLElement | null = null;

  /** `onStop` ends what is under way elsewhere. */
  constructor(
    private readonly host: LitElement,
    private readonly onStop: () => void = () => {},
  ) {
    host.addController(this);
  }

  get running(): boolean {
    return this.#running !== null;
  }

  get fraction(): number {
    return this.#running?.fraction ?? 0;
  }

  /** From the time that the part so far has taken; null while that says too little. */
  get secondsLeft(): number | null {
    if (!this.#running || this.#running.fraction < 0.03) return null;
    const seconds = (performance.now() - this.#running.since) / 1000;
    return seconds < 1 ? null : (seconds * (1 - this.#running.fraction)) / this.#running.fraction;
  }

  /** Runs the work; work that runs already is stopped first. Resolves when it has ended, also when it
   * was stopped or failed: then `problem` says why. */
  async run(work: (watch: JobWatch) => Promise<void>): Promise<void> {
    this.stop();
    const running = { stopped: false, fraction: 0, since: performance.now() };
    this.#running = running;
    this.#startedFrom = this.#focused;
    this.problem = null;
    this.host.requestUpdate();
    const report = (fraction: number) => {
      running.fraction = fraction;
      if (this.#running === running) this.host.requestUpdate();
    };
    try {
      await work({
        get stopped() {
          return running.stopped;
        },
        report,
      });
    } catch (error) {
      if (!running.stopped && !isCancelled(error)) this.problem = problemOf(error);
    }
    if (this.#running === running) {
      this.#giveFocusBack();
      this.#running = null;
    }
    this.host.requestUpdate();
  }

  stop(): void {
    if (!this.#running) return;
    this.#giveFocusBack();
    this.#running.stopped = true;
    this.#running = null;
    this.onStop();
    this.host.requestUpdate();
  }

  get #focused(): HTMLElement | null {
    const { activeElement } = this.host.renderRoot as ShadowRoot;
    return activeElement instanceof HTMLElement ? activeElement : null;
  }

  /** The button that stops it is about to go. */
  #giveFocusBack(): void {
    if (this.#focused?.closest('.job')) this.#startedFrom?.focus({ preventScroll: true });
  }

  hostDisconnected(): void {
    this.stop();
  }
}

/** A bar, what is being done, and a button to stop; nothing while nothing runs. */
export function jobProgress(
  job: Job,
  label: string,
  stop: string,
  timeLeft: (seconds: number) => string,
): TemplateResult | typeof nothing {
  if (!job.running) return nothing;
  const { secondsLeft } = job;
  return html`<div class="job">
    <progress max="1" .value=${job.fraction} aria-label=${label}></progress>
    <span class="small muted number">${label}${secondsLeft === null ? '' : ` · ${timeLeft(secondsLeft)}`}</span>
    <button @click=${() => job.stop()}>${stop}</button>
  </div>`;
}

export const jobStyles = css`
  .job {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 14px;
    margin-top: 14px;
  }
  .job progress {
    flex: 1 1 160px;
    height: 8px;
    border: 0;
    border-radius: 4px;
    background: var(--track);
    accent-color: var(--ink);
    overflow: hidden;
    appearance: none;
  }
  .job progress::-webkit-progress-bar {
    background: var(--track);
  }
  .job progress::-webkit-progress-value {
    background: var(--ink);
  }
  .job progress::-moz-progress-bar {
    background: var(--ink);
  }
`;
